/**
 * Bytes of a Blob: by slices, in memory of their own, the next one being read while one is used; or by a stream, in memory
 * that is used again. What the disk refuses becomes an error that says where and what to do.
 */
import { AnalyzerError } from '../errors.js';

/**
 * Bytes read at once from a Blob that is read as it is: 1 MiB slices read at a third of the speed of 16 MiB ones. Those that
 * were used wait for the collector, some hundred MB of a fast reading. To detach them (`ArrayBuffer.transfer`) frees nothing,
 * as the browser holds them too, and V8 no longer sees what waits: 400 MB more were measured at the peak.
 */
const READ_BYTES = 16 << 20;
/** Bytes of the memory that a stream fills. */
const STREAM_BYTES = 1 << 20;
/** Bytes read first, then each time as many as there were before, up to those: so there is something to do soon. */
const FIRST_BYTES = 1 << 20;

/**
 * @param {Blob} blob
 * @param {string} name of the file, empty where it has none
 * @param {{ from?: number, to?: number, sliceBytes?: number, onRead?: (nBytes: number) => void }} [part]
 * @returns {import('./chunks.js').ByteReader}
 */
export function blobReader(blob, name, { from = 0, to = blob.size, sliceBytes = READ_BYTES, onRead } = {}) {
  let at = from;
  /** @type {Promise<Uint8Array<ArrayBuffer>> | null} */
  let next = null;
  const ahead = () => {
    if (at >= to) return null;
    const end = Math.min(at + Math.min(Math.max(at - from, FIRST_BYTES), sliceBytes), to);
    const slice = readSlice(blob, name, at, end);
    // Awaited a slice later; without this a failure meanwhile would count as unhandled.
    slice.catch(() => {});
    at = end;
    return slice;
  };
  return {
    async read() {
      const slice = await (next ?? ahead());
      next = ahead();
      if (slice) onRead?.(slice.length);
      return slice;
    },
    cancel() {
      at = to;
      next = null;
    },
  };
}

/**
 * Bytes of a Blob as they lie, each chunk lent until the next is asked for.
 * @param {Blob} blob
 * @param {string} name of the file, empty where it has none
 * @param {{ from?: number, to?: number, onRead?: (nBytes: number) => void }} [part]
 * @returns {import('./chunks.js').ByteReader}
 */
export function lentChunks(blob, name, { from = 0, to = blob.size, onRead } = {}) {
  const stream = filling(blob.slice(from, to));
  if (!stream) return blobReader(blob, name, { from, to, onRead });
  let at = from;
  let memory = new ArrayBuffer(STREAM_BYTES);
  let isCancelled = false;
  return {
    async read() {
      const chunk = await filled(stream, new Uint8Array(memory), name, at);
      if (isCancelled) return null;
      if (!chunk) {
        ended(stream);
        if (at < to) throw endedAt(blob, name, at);
        return null;
      }
      memory = chunk.buffer;
      at += chunk.length;
      onRead?.(chunk.length);
      return chunk;
    },
    cancel(reason) {
      isCancelled = true;
      ended(stream, reason);
    },
  };
}

/**
 * The bytes from one place of a Blob to another.
 * @param {Blob} blob
 * @param {string} name
 * @param {number} from
 * @param {number} to
 * @throws {AnalyzerError} `source-failed` when they cannot be had
 */
export async function readSlice(blob, name, from, to) {
  let bytes;
  try {
    bytes = new Uint8Array(await blob.slice(from, to).arrayBuffer());
  } catch (thrown) {
    throw failedAt(name, from, thrown);
  }
  if (bytes.length < to - from) throw endedAt(blob, name, from + bytes.length);
  return bytes;
}

/**
 * The same bytes in memory that is there already, and a part of them as soon as it is read.
 * @param {Blob} blob
 * @param {string} name
 * @param {number} from
 * @param {number} to
 * @param {ArrayBuffer} memory which is the caller's no more
 * @param {(part: Uint8Array) => void} use
 * @returns {Promise<Uint8Array<ArrayBuffer>>} all of them, in that memory where a stream can fill it
 * @throws {AnalyzerError} `source-failed` when they cannot be had
 */
export async function readParts(blob, name, from, to, memory, use) {
  const stream = filling(blob.slice(from, to));
  if (!stream) {
    const bytes = await readSlice(blob, name, from, to);
    use(bytes);
    return bytes;
  }
  try {
    for (let at = from; at < to; ) {
      const part = await filled(stream, new Uint8Array(memory, at - from, to - at), name, at);
      if (!part) throw endedAt(blob, name, at);
      memory = part.buffer;
      at += part.length;
      use(part);
    }
    return new Uint8Array(memory, 0, to - from);
  } finally {
    ended(stream);
  }
}

/** Readers whose end nobody has seen: Chromium collects a stream that nothing but a pending read knows, which then never ends. */
const underWay = new Set();

/**
 * A reader that fills the memory it is given, again and again the same: a browser reads so as fast as by large slices or
 * faster, and nothing waits for its collector. To be {@link ended}.
 * @param {Blob} blob
 * @returns {ReadableStreamBYOBReader | null} null where its stream does not do so
 */
function filling(blob) {
  try {
    const stream = blob.stream().getReader({ mode: 'byob' });
    underWay.add(stream);
    return stream;
  } catch {
    return null;
  }
}

/**
 * Lets go of a stream, read to its end or not.
 * @param {ReadableStreamBYOBReader} stream
 * @param {unknown} [reason]
 */
function ended(stream, reason) {
  underWay.delete(stream);
  stream.cancel(reason).catch(() => {});
}

/**
 * @param {ReadableStreamBYOBReader} stream
 * @param {Uint8Array<ArrayBuffer>} view
 * @param {string} name
 * @param {number} at where in the file
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>} null at the end
 */
async function filled(stream, view, name, at) {
  try {
    const { value } = await stream.read(view);
    return value?.length ? value : null;
  } catch (thrown) {
    underWay.delete(stream);
    throw failedAt(name, at, thrown);
  }
}

/**
 * @param {string} name
 * @param {number} byte
 * @param {any} thrown
 */
const failedAt = (name, byte, thrown) => unreadable(name, byte, `${thrown.name}: ${thrown.message}`, thrown);

/**
 * @param {Blob} blob
 * @param {string} name
 * @param {number} byte
 */
const endedAt = (blob, name, byte) => unreadable(name, byte, `it ended there; it had ${blob.size} bytes when it was chosen`);

/**
 * @param {string} name
 * @param {number} byte
 * @param {string} why
 * @param {unknown} [cause]
 */
function unreadable(name, byte, why, cause) {
  return new AnalyzerError(
    'source-failed',
    `${name || 'the file'} could not be read past byte ${byte} (${why}); it may have been moved, changed or removed ` +
      'meanwhile, or its disk failed: choose it again',
    { cause },
  );
}
