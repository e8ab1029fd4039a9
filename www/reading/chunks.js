/**
 * Chunks of bytes on their way to the engine: pulled, never pushed, so that who reads decides how much is held.
 */

/** Bytes per chunk: enough that the cost per chunk does not count, little enough to be held several times over. */
export const CHUNK_BYTES = 1 << 20;

/**
 * A source of bytes, read once.
 * @typedef {object} ByteReader
 * @property {() => Promise<Uint8Array<ArrayBuffer> | null>} read the next chunk, of any size but none; null at the end
 * @property {(reason?: unknown) => void} cancel releases what it reads from; a pending `read` then ends
 */

/**
 * Joins small chunks into large ones and cuts larger ones, each in memory of its own.
 * @param {() => Promise<Uint8Array | null>} next
 * @param {(reason?: unknown) => void} release called by a `cancel` before the end
 * @returns {ByteReader}
 */
export function joined(next, release) {
  /** @type {Uint8Array} */
  let rest = new Uint8Array(0);
  let ended = false;
  return {
    async read() {
      const chunk = new Uint8Array(CHUNK_BYTES);
      let filled = 0;
      while (filled < CHUNK_BYTES) {
        if (rest.length === 0) {
          const bytes = ended ? null : await next();
          if (!bytes) {
            ended = true;
            break;
          }
          rest = bytes;
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
 * A reader whose next chunk can be looked at before it is read.
 * @param {ByteReader} reader
 * @returns {ByteReader & { peek: () => Promise<Uint8Array<ArrayBuffer> | null> }}
 */
export function peekable(reader) {
  /** @type {Promise<Uint8Array<ArrayBuffer> | null> | null} */
  let first = null;
  return {
    peek: () => (first ??= reader.read()),
    read() {
      const chunk = first ?? reader.read();
      first = null;
      return chunk;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
