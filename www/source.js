/**
 * Sources of bytes, whatever their kind, as chunks that can be transferred to a worker.
 *
 * A Blob is not read here where it can be handed to the worker, which reads it by slices, so that the page's thread
 * never touches the bytes. Everything else is read on the caller's side and sent in chunks of its own memory: a caller's
 * buffers are copied, never detached.
 */
import { AnalyzerError } from './errors.js';
import { recordsToCsv } from './records.js';

/** Bytes per chunk sent to a worker. */
const CHUNK_BYTES = 1 << 20;
/** UTF-16 units of a string encoded at once. */
const TEXT_UNITS = 1 << 18;

/**
 * @typedef {object} OpenedSource
 * @property {Blob} [blob] set when the worker reads the source itself; then `read` gives nothing
 * @property {number} [totalBytes] size, where it is known beforehand
 * @property {Record<string, unknown>} fixed ingest options that the kind of source decides
 * @property {() => Promise<Uint8Array<ArrayBuffer> | null>} read the next chunk in memory of its own; null at the end
 * @property {(reason?: unknown) => void} cancel releases the source; a pending `read` then ends
 */

/**
 * Opens a source for one reading.
 * @param {unknown} source
 * @param {{ canSendBlobs: boolean }} transport
 * @returns {OpenedSource}
 * @throws {AnalyzerError} `options` when it is of no kind that can be read, `source-failed` when it is in use
 */
export function openSource(source, { canSendBlobs }) {
  const given = /** @type {any} */ (source);
  if (typeof given === 'string') return fromTexts(cutText(given));
  if (isBlob(given)) {
    if (!canSendBlobs) return { ...fromStream(given.stream()), totalBytes: given.size };
    return { blob: given, totalBytes: given.size, fixed: {}, read: async () => null, cancel() {} };
  }
  if (ArrayBuffer.isView(given)) return fromBytes(asBytes(given));
  if (isBuffer(given)) return fromBytes(new Uint8Array(given));
  if (typeof given?.getReader === 'function') return fromStream(given);
  if (typeof given?.[Symbol.asyncIterator] === 'function') return fromAsyncIterable(given);
  if (typeof given?.[Symbol.iterator] === 'function') {
    const opened = fromTexts(recordsToCsv(given));
    return { ...opened, fixed: { ...opened.fixed, delimiter: ',', header: true } };
  }
  throw new AnalyzerError(
    'options',
    'source: expected a File, Blob, ReadableStream, ArrayBuffer, Uint8Array, CSV text or records, ' +
      `found ${given === null ? 'null' : typeof given}`,
  );
}

/** @param {any} value also one of another realm (an iframe's) */
function isBlob(value) {
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

/** @param {any} value */
function isBuffer(value) {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

/** @param {ArrayBufferView} view */
function asBytes(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * @param {Uint8Array} bytes
 * @returns {OpenedSource}
 */
function fromBytes(bytes) {
  let at = 0;
  return {
    totalBytes: bytes.length,
    fixed: {},
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
  };
}

/**
 * @param {Iterator<string>} texts
 * @returns {OpenedSource}
 */
function fromTexts(texts) {
  const encoder = new TextEncoder();
  return {
    fixed: { encoding: 'utf-8' },
    async read() {
      const { done, value } = texts.next();
      return done ? null : encoder.encode(value);
    },
    cancel() {
      texts.return?.();
    },
  };
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
 * @returns {OpenedSource}
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
    () => reader.read(),
    // Cancelling an errored stream rejects with the error that its reader is told anyway.
    (reason) => reader.cancel(reason).catch(() => {}),
  );
}

/**
 * @param {AsyncIterable<unknown>} iterable
 * @returns {OpenedSource}
 */
function fromAsyncIterable(iterable) {
  const iterator = iterable[Symbol.asyncIterator]();
  return joined(
    () => iterator.next(),
    // As above: the failure of a source nobody reads any more is not news.
    () => iterator.return?.()?.then(undefined, () => {}),
  );
}

/**
 * Joins the small chunks that streams give into large ones.
 * @param {() => Promise<{ done?: boolean, value?: unknown }>} next
 * @param {(reason?: unknown) => void} release
 * @returns {OpenedSource}
 */
function joined(next, release) {
  let rest = new Uint8Array(0);
  let nChunks = 0;
  let ended = false;
  return {
    fixed: {},
    async read() {
      const chunk = new Uint8Array(CHUNK_BYTES);
      let filled = 0;
      while (filled < CHUNK_BYTES) {
        if (rest.length === 0) {
          if (ended) break;
          const { done, value } = await next();
          if (done) {
            ended = true;
            break;
          }
          rest = chunkBytes(value, (nChunks += 1));
        }
        const part = rest.subarray(0, CHUNK_BYTES - filled);
        chunk.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
      return filled === 0 ? null : chunk.subarray(0, filled);
    },
    cancel(reason) {
      if (ended) return;
      ended = true;
      release(reason);
    },
  };
}

/**
 * @param {unknown} value
 * @param {number} nth which chunk, from 1
 * @returns {Uint8Array<ArrayBuffer>}
 */
function chunkBytes(value, nth) {
  if (ArrayBuffer.isView(value)) return /** @type {Uint8Array<ArrayBuffer>} */ (asBytes(value));
  if (isBuffer(value)) return new Uint8Array(/** @type {ArrayBuffer} */ (value));
  if (typeof value === 'string') return new TextEncoder().encode(value);
  throw new AnalyzerError('source-failed', `chunk ${nth} of the stream: expected Uint8Array, found ${typeof value}`);
}
