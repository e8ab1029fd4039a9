/**
 * A bound on how far a compressed source may expand, so that a file made to fill the machine (a "zip bomb", up to
 * 1,032 times its size by deflate alone, more by nesting) ends with an error instead.
 */
import { AnalyzerError } from '../errors.js';

/** Times its size that a source may expand to. Logs that repeat themselves reach 20 to 60. */
export const MAX_EXPANSION = 250;
/** Expanded bytes that are let through whatever the ratio: small files of one line repeated are no attack. */
const FREE_BYTES = 256 << 20;

/** Counts what one stage of one source gives; a gzip inside a zip is a stage of its own. */
export class Expansion {
  #maxExpansion;
  #sourceBytes;
  #given = 0;

  /**
   * @param {number} maxExpansion
   * @param {() => number} sourceBytes size of the source as it lies, as far as it is known
   */
  constructor(maxExpansion, sourceBytes) {
    this.#maxExpansion = maxExpansion;
    this.#sourceBytes = sourceBytes;
  }

  /**
   * Takes note of bytes that were expanded.
   * @param {number} nBytes
   * @throws {AnalyzerError} `archive-expands` when they are too many
   */
  add(nBytes) {
    this.#given += nBytes;
    if (this.#given <= FREE_BYTES || this.#given <= this.#maxExpansion * this.#sourceBytes()) return;
    throw new AnalyzerError(
      'archive-expands',
      `the archive expands to more than ${this.#maxExpansion} times its ${this.#sourceBytes()} bytes ` +
        `(${this.#given} so far), which no log does: it may be made to fill the memory. If it is to be trusted, ` +
        'read it with a larger maxExpansion',
    );
  }
}

/**
 * @param {unknown} given
 * @throws {AnalyzerError} `options`
 */
export function checkedExpansion(given) {
  if (given === undefined || given === null) return MAX_EXPANSION;
  if (typeof given === 'number' && given >= 1) return given;
  throw new AnalyzerError('options', `maxExpansion: expected a number of at least 1, found ${String(given)}`);
}
