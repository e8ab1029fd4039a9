/**
 * Names in a result: on their way from the engine one text and where each ends in it, strings once they are asked for. Of
 * millions of users, strings made in the worker would be there three times: in it, in the message, and where it is read.
 */

/** Names decoded at once. */
const BLOCK_NAMES = 4096;

/**
 * @typedef {object} PackedNames
 * @property {Uint8Array} text UTF-8
 * @property {Uint32Array} ends byte of the text at which each name ends
 */

/**
 * @param {PackedNames} names
 * @returns {string[]}
 */
export function unpacked({ text, ends }) {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** @type {string[]} */
  const names = [];
  let at = 0;
  for (let first = 0; first < ends.length; first += BLOCK_NAMES) {
    const last = Math.min(first + BLOCK_NAMES, ends.length);
    const block = decoder.decode(text.subarray(at, ends[last - 1]));
    for (let name = first, start = 0, end = 0; name < last; name += 1, start = end) {
      for (; at < ends[name]; at += 1) end += unitsOf(text[at]);
      names.push(block.slice(start, end));
    }
  }
  return names;
}

/**
 * How many units of UTF-16 come of a byte of UTF-8, those of a character counted at its first.
 * @param {number} byte
 */
function unitsOf(byte) {
  if ((byte & 0xc0) === 0x80) return 0;
  return byte >= 0xf0 ? 2 : 1;
}

/**
 * Makes an analysis have the names of its subjects and entities when they are asked for; where rows are subjects, those
 * are one array.
 * @template {{ subjects: any, entities?: any }} A
 * @param {A} analysis as the engine gives it
 * @returns {A}
 */
export function withNames(analysis) {
  const { subjects, entities } = analysis;
  whenAsked(analysis, 'subjects', () => unpacked(subjects));
  whenAsked(analysis, 'entities', () => (entities ? unpacked(entities) : analysis.subjects));
  return analysis;
}

/**
 * @param {object} owner
 * @param {string} name of a property
 * @param {() => unknown} make its value, once
 */
function whenAsked(owner, name, make) {
  Object.defineProperty(owner, name, {
    get() {
      const value = make();
      Object.defineProperty(owner, name, { value, writable: true });
      return value;
    },
    enumerable: true,
    configurable: true,
  });
}
