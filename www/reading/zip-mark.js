/**
 * How a zip is told by its first bytes; apart from `zip.js`, which is loaded only when there is one.
 */

/** @param {Uint8Array | null} bytes the first ones of a source */
export function isZip(bytes) {
  if (bytes === null || bytes.length < 4 || bytes[0] !== 0x50 || bytes[1] !== 0x4b) return false;
  const [, , third, fourth] = bytes;
  // A file, an empty zip, a zip in several parts.
  return (third === 3 && fourth === 4) || (third === 5 && fourth === 6) || (third === 7 && fourth === 8);
}
