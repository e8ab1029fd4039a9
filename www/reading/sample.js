/**
 * The beginning of a source, unpacked, and how much text the whole of it seems to be: what an estimate rests on.
 */
import { SourceReader } from './reader.js';

/** Bytes of text that are shown to the engine. */
const SAMPLE_BYTES = 1 << 20;
/** Bytes of text by which the ratio of an archive is measured: what is read ahead of it then counts little. */
const RATIO_BYTES = 4 << 20;

/**
 * @typedef {object} SourceSample
 * @property {Uint8Array<ArrayBuffer>} bytes the first ones of the text of the first file
 * @property {boolean} isWhole whether they are all there is
 * @property {number} sourceBytes size of the source as it lies
 * @property {number} textBytes size of its text; of an archive judged by its beginning
 * @property {boolean} compressed
 * @property {string} name of the first file, empty where it has none
 */

/**
 * @param {import('./reader.js').SourceFile[]} files all of known size
 * @param {{ maxExpansion?: number, encoding?: string }} options
 * @returns {Promise<SourceSample>}
 */
export async function sampleOf(files, options) {
  const reader = new SourceReader(files, options);
  try {
    const file = await reader.next();
    /** @type {Uint8Array[]} */
    const parts = [];
    let nBytes = 0;
    let ended = file === null;
    while (file && !ended && nBytes < (reader.isVerbatim ? SAMPLE_BYTES : RATIO_BYTES)) {
      const chunk = await file.read();
      if (!chunk) ended = true;
      else {
        parts.push(nBytes < SAMPLE_BYTES ? chunk.subarray(0, SAMPLE_BYTES - nBytes) : chunk.subarray(0, 0));
        nBytes += chunk.length;
      }
    }
    const { isVerbatim, isCompressed, readBytes } = reader;
    const sourceBytes = reader.totalBytes ?? readBytes;
    const hasMore = !ended || (await reader.next()) !== null;
    const judged = readBytes > 0 ? Math.round((sourceBytes / readBytes) * nBytes) : 0;
    return {
      bytes: joinedBytes(parts),
      isWhole: !hasMore && nBytes <= SAMPLE_BYTES,
      sourceBytes,
      textBytes: hasMore ? (isVerbatim ? sourceBytes : Math.max(judged, nBytes)) : nBytes,
      compressed: isCompressed,
      name: file?.name ?? '',
    };
  } finally {
    reader.cancel();
  }
}

/** @param {Uint8Array[]} parts */
function joinedBytes(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
