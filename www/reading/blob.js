/**
 * Bytes of a Blob, by slices, the next one being read while one is used. What the disk refuses becomes an error that
 * says where and what to do.
 */
import { AnalyzerError } from '../errors.js';

/**
 * Bytes read at once from a Blob that is read as it is: 1 MiB slices read at a third of the speed of 16 MiB ones. Those that
 * were used wait for the collector, some hundred MB of a fast reading. To detach them (`ArrayBuffer.transfer`) frees nothing,
 * as the browser holds them too, and V8 no longer sees what waits: 400 MB more were measured at the peak.
 */
export const READ_BYTES = 16 << 20;
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
    const { name: kind, message } = /** @type {Error} */ (thrown);
    throw unreadable(name, from, `${kind}: ${message}`, thrown);
  }
  if (bytes.length < to - from) {
    throw unreadable(name, from + bytes.length, `it ended there; it had ${blob.size} bytes when it was chosen`);
  }
  return bytes;
}

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
