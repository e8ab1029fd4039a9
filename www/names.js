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
    const bytes = text.subarray(at, ends[last - 1]);
    const block = decoder.decode(bytes);
    const unitsOf = block.length === bytes.length ? nBytes : nUnits;
    for (let name = first, start = 0; name < last; name += 1) {
      const end = start + unitsOf(text, at, ends[name]);
      names.push(block.slice(start, end));
      start = end;
      at = ends[name];
    }
  }
  return names;
}

/**
 * Units of UTF-16 in some UTF-8 where all of it is ASCII.
 * @param {Uint8Array} _text
 * @param {number} from
 * @param {number} to
 */
const nBytes = (_text, from, to) => to - from;

/**
 * Units of UTF-16 in some UTF-8, those of a character counted at its first byte.
 * @param {Uint8Array} text
 * @param {number} from
 * @param {number} to
 */
function nUnits(text, from, to) {
  let n = 0;
  for (let at = from; at < to; at += 1) if ((text[at] & 0xc0) !== 0x80) n += text[at] >= 0xf0 ? 2 : 1;
  return n;
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
  /** @type {{ value: unknown } | undefined} */
  let made;
  Object.defineProperty(owner, name, {
    get: () => (made ??= { value: make() }).value,
    set(value) { made = { value }; },
    enumerable: true,
    configurable: true,
  });
}
