/**
 * Bytes as they cross the worker's border: looked at, and handed over.
 */

/** @param {ArrayBufferView | ArrayBuffer} given */
export function bytesOf(given) {
  return ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : new Uint8Array(given);
}

/**
 * The buffers of typed arrays in a result, at most three objects or lists deep.
 * @param {any} value
 * @returns {ArrayBuffer[]}
 */
export function buffersOf(value, depth = 0) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  if (value === null || typeof value !== 'object' || depth > 2) return [];
  // Of long lists most hold text or numbers.
  if (Array.isArray(value) && typeof value[0] !== 'object') return [];
  return Object.values(value).flatMap((part) => buffersOf(part, depth + 1));
}
