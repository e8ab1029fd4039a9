/**
 * Sources, whatever their kind, as files: Blobs, or bytes that can be read once.
 *
 * A Blob is not read here where it can be handed to the worker, which reads it by slices, so that the page's thread
 * never touches the bytes. Everything else is read on the caller's side and sent in chunks of its own memory: a caller's
 * buffers are copied, never detached.
 */
import { bytesOf } from './buffers.js';
import { AnalyzerError } from './errors.js';
import { CHUNK_BYTES, joined } from './reading/chunks.js';
import { filesOfHandle, filesOfList } from './reading/folder.js';
import { isZip } from './reading/zip-mark.js';
import { recordsToCsv } from './records.js';

/** UTF-16 units of a string encoded at once. */
const TEXT_UNITS = 1 << 18;

/** @typedef {import('./reading/reader.js').SourceFile} SourceFile */

/**
 * @typedef {object} OpenedSource
 * @property {SourceFile[] | Promise<SourceFile[]>} files promised only where a folder has to be walked
 * @property {Record<string, unknown>} fixed ingest options that the kind of source decides
 */

/**
 * Opens a source for one reading.
 * @param {unknown} source
 * @returns {OpenedSource}
 * @throws {AnalyzerError} `options` when it is of no kind that can be read, `source-failed` when it is in use
 */
export function openSource(source) {
  const given = /** @type {any} */ (source);
  if (isHandle(given)) return { files: filesOfHandle(given), fixed: {} };
  if (isFileList(given)) return { files: filesOfList(given), fixed: {} };
  if (Array.isArray(given) && given.length > 0) {
    if (given.every(isBlob)) return { files: given.map((blob) => openFile(blob, nameOf(blob))), fixed: {} };
    if (given.every(isHandle)) {
      return { files: Promise.all(given.map(filesOfHandle)).then((folders) => folders.flat()), fixed: {} };
    }
    if (given.every(isNamed)) return { files: given.map(({ name, source: own }) => openFile(own, name)), fixed: {} };
  }
  if (typeof given === 'string') return fromText(cutText(given));
  const file = openBytes(given, nameOf(given));
  if (file) return { files: [file], fixed: {} };
  if (typeof given?.[Symbol.iterator] === 'function') {
    const { files, fixed } = fromText(recordsToCsv(given));
    return { files, fixed: { ...fixed, delimiter: ',', header: true } };
  }
  throw noSource('source', given);
}

/**
 * Whether a source is one record: a plain object that is no file with its name.
 * @param {any} given
 */
export function isRecord(given) {
  if (given === null || typeof given !== 'object' || Object.prototype.toString.call(given) !== '[object Object]') return false;
  const isSource = [Symbol.iterator, Symbol.asyncIterator, 'getReader', 'getFile', 'values'].some((key) => typeof given[key] === 'function');
  return !isSource;
}

/**
 * @param {string} what
 * @param {unknown} given
 */
function noSource(what, given) {
  return new AnalyzerError(
    'options',
    `${what}: expected a File, Blob, ReadableStream, ArrayBuffer, Uint8Array, CSV text or records, several files or a ` +
      `folder, found ${given === null ? 'null' : typeof given}`,
  );
}

/**
 * @param {any} given
 * @param {string} name
 * @returns {SourceFile}
 */
function openFile(given, name) {
  const file = openBytes(given, name);
  if (!file) throw noSource(`source of ${name}`, given);
  return file;
}

/**
 * @param {any} given
 * @param {string} name
 * @returns {SourceFile | null} null when these are no bytes
 */
function openBytes(given, name) {
  if (isBlob(given)) return { name, blob: given };
  if (ArrayBuffer.isView(given) || isBuffer(given)) return fromBytes(bytesOf(given), name);
  if (typeof given?.getReader === 'function') return { name, reader: fromStream(given) };
  if (typeof given?.[Symbol.asyncIterator] === 'function') return { name, reader: fromAsyncIterable(given) };
  return null;
}

/** @param {any} value also one of another realm (an iframe's) */
function isBlob(value) {
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

/** @param {any} value */
function isFileList(value) {
  return Object.prototype.toString.call(value) === '[object FileList]';
}

/** @param {any} value */
function isHandle(value) {
  return typeof value?.getFile === 'function' || (value?.kind === 'directory' && typeof value.values === 'function');
}

/**
 * A file with its name. Its source is no text: records may have columns of these names.
 * @param {any} value
 */
function isNamed(value) {
  return (
    typeof value?.name === 'string' &&
    value.source !== null &&
    typeof value.source === 'object' &&
    Object.keys(value).length === 2
  );
}

/** @param {any} given */
function nameOf(given) {
  if (!isBlob(given)) return '';
  return given.webkitRelativePath || given.name || '';
}

/**
 * @param {any} value
 * @returns {value is ArrayBuffer}
 */
function isBuffer(value) {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 * @returns {SourceFile}
 */
function fromBytes(bytes, name) {
  // A zip is read from its end, which a Blob allows.
  if (isZip(bytes)) return { name, blob: new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]) };
  let at = 0;
  return {
    name,
    size: bytes.length,
    reader: {
      async read() {
        if (at >= bytes.length) return null;
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes.length - at));
        chunk.set(bytes.subarray(at, at + chunk.length));
        at += chunk.length;
        return chunk;
      },
      cancel() {
        at = bytes.length;
      },
    },
  };
}

/**
 * @param {Iterator<string>} texts
 * @returns {{ files: SourceFile[], fixed: Record<string, unknown> }}
 */
function fromText(texts) {
  const encoder = new TextEncoder();
  const reader = {
    async read() {
      const { done, value } = texts.next();
      return done ? null : encoder.encode(value);
    },
    cancel() {
      texts.return?.();
    },
  };
  return { files: [{ name: '', reader }], fixed: { encoding: 'utf-8' } };
}

/**
 * Pieces of a long text, cut where no character is torn.
 * @param {string} text
 */
function* cutText(text) {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + TEXT_UNITS, text.length);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last < 0xdc00) to -= 1;
    yield text.slice(from, to);
    from = to;
  }
}

/**
 * @param {ReadableStream<unknown>} stream
 * @returns {import('./reading/chunks.js').ByteReader}
 */
function fromStream(stream) {
  /** @type {ReadableStreamDefaultReader<unknown>} */
  let reader;
  try {
    reader = stream.getReader();
  } catch (cause) {
    throw new AnalyzerError('source-failed', 'the stream is being read by someone else (it is locked)', { cause });
  }
  return joined(
    chunksOf(() => reader.read()),
    // Cancelling an errored stream rejects with the error that its reader is told anyway.
    (reason) => reader.cancel(reason).catch(() => {}),
  );
}

/**
 * @param {AsyncIterable<unknown>} iterable
 * @returns {import('./reading/chunks.js').ByteReader}
 */
function fromAsyncIterable(iterable) {
  const iterator = iterable[Symbol.asyncIterator]();
  return joined(
    chunksOf(() => iterator.next()),
    // As above: the failure of a source nobody reads any more is not news.
    () => iterator.return?.()?.then(undefined, () => {}),
  );
}

/** @param {() => Promise<{ done?: boolean, value?: unknown }>} next */
function chunksOf(next) {
  let nChunks = 0;
  return async () => {
    const { done, value } = await next();
    return done ? null : chunkBytes(value, (nChunks += 1));
  };
}

/**
 * @param {unknown} value
 * @param {number} nth which chunk, from 1
 * @returns {Uint8Array<ArrayBuffer>}
 */
function chunkBytes(value, nth) {
  if (ArrayBuffer.isView(value) || isBuffer(value)) return /** @type {Uint8Array<ArrayBuffer>} */ (bytesOf(value));
  if (typeof value === 'string') return new TextEncoder().encode(value);
  throw new AnalyzerError('source-failed', `chunk ${nth} of the stream: expected Uint8Array, found ${typeof value}`);
}
