/**
 * The beginning of a source, unpacked, and how much text the whole of it seems to be: what an estimate rests on.
 */
import { SourceReader } from './reader.js';

/** Bytes of text that are shown to the engine. */
const SAMPLE_BYTES = 1 << 20;
/** Bytes read at once of an archive: few, as it is by them that it is measured how far it is packed. */
const MEASURED_READ_BYTES = 32 << 10;
/** How often an archive is read before its ratio is told, and bytes of text that are enough whatever it is. */
const RATIO_READS = 24;
const RATIO_BYTES = 48 << 20;
/** The same of text in another encoding, which takes about as many bytes everywhere. */
const TRANSCODED_BYTES = 4 << 20;

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
  const reader = new SourceReader(files, options, MEASURED_READ_BYTES);
  try {
    const file = await reader.next();
    /** @type {Uint8Array[]} */
    const parts = [];
    /** Bytes read of the source whenever they had become more, and of text until then. @type {[number, number][]} */
    const steps = [];
    const isEnough = () => {
      if (nBytes < SAMPLE_BYTES) return false;
      if (reader.isVerbatim || reader.declared.textBytes > 0) return true;
      return nBytes >= (reader.isCompressed ? RATIO_BYTES : TRANSCODED_BYTES) || steps.length > RATIO_READS;
    };
    let nBytes = 0;
    let ended = file === null;
    while (file && !ended && !isEnough()) {
      const chunk = await file.read();
      if (!chunk) ended = true;
      else {
        parts.push(nBytes < SAMPLE_BYTES ? chunk.subarray(0, SAMPLE_BYTES - nBytes) : chunk.subarray(0, 0));
        nBytes += chunk.length;
        if (reader.readBytes !== steps.at(-1)?.[0]) steps.push([reader.readBytes, nBytes]);
      }
    }
    const { isVerbatim, isCompressed, readBytes, declared } = reader;
    const sourceBytes = reader.totalBytes ?? readBytes;
    const hasMore = !ended || (await reader.next()) !== null;
    const expansion = declared.textBytes > 0 ? declared.textBytes / declared.packedBytes : expansionOf(steps);
    const judged = Math.round(sourceBytes * expansion);
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

/**
 * Bytes of text for each byte read, by what came out from the first time that more was read to the last: some is always
 * read ahead, and what that gives is not out yet.
 * @param {[number, number][]} steps
 */
function expansionOf(steps) {
  const [first, second] = steps;
  const last = steps.at(-1);
  if (!first || !last) return 0;
  const ofAll = last[1] / last[0];
  return last === second || last === first ? ofAll : Math.max(ofAll, (last[1] - second[1]) / (last[0] - second[0]));
}
