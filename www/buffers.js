/**
 * Bytes as they cross the worker's border: looked at, and handed over.
 */

/** @param {Uint8Array | ArrayBuffer} given */
export function bytesOf(given) {
  return ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : new Uint8Array(given);
}

/**
 * The buffers of typed arrays in a result, at most two objects deep. Those in lists (the scores of an ensemble's members)
 * are copied.
 * @param {any} value
 * @returns {ArrayBuffer[]}
 */
export function buffersOf(value, depth = 0) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  if (value === null || typeof value !== 'object' || Array.isArray(value) || depth > 2) return [];
  return Object.values(value).flatMap((part) => buffersOf(part, depth + 1));
}
