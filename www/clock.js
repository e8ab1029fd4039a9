/**
 * What a clock shows. Charts draw times as their clock shows them; the engine counts moments.
 *
 * A shown time is milliseconds since 1970-01-01T00:00 of that clock, so that whatever formats UTC formats it.
 */
import { zoneOf } from './timezone.js';

/**
 * @typedef {object} Clock
 * @property {(ms: number) => number} local what it shows at a moment
 * @property {(shown: number) => number} utc a moment at which it shows that
 * @property {(fromMs: number, toMs: number) => [number, number][]} pieces the spans between which it is not moved
 */

/**
 * A clock that shows moments as they are: the file's own, or UTC.
 * @type {Clock}
 */
const OWN = { local: (ms) => ms, utc: (shown) => shown, pieces: (fromMs, toMs) => [[fromMs, toMs]] };

/**
 * The clock of a zone, or the file's own.
 * @param {string | null | undefined} timeZone as `Europe/Berlin`
 * @returns {Clock}
 */
export function clockOf(timeZone) {
  if (!timeZone) return OWN;
  const { transitions } = zoneOf(timeZone);
  const offsetMs = (/** @type {number} */ ms) => {
    let [low, high] = [0, transitions.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (transitions[middle][0] <= ms) low = middle;
      else high = middle;
    }
    return transitions[low][1] * 1_000;
  };
  return {
    local: (ms) => ms + offsetMs(ms),
    utc: (shown) => shown - offsetMs(shown - offsetMs(shown)),
    pieces: (fromMs, toMs) => {
      const moves = transitions.map(([ms]) => ms).filter((ms) => ms > fromMs && ms < toMs);
      const ends = [fromMs, ...moves, toMs];
      return ends.slice(1).map((end, i) => /** @type {[number, number]} */ ([ends[i], end]));
    },
  };
}

const withoutYear = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

/**
 * `2024-03-02`, or `Mar 2` where the source names no year.
 * @param {number} shown
 * @param {boolean} [noYear]
 */
export const dayText = (shown, noYear) => (noYear ? withoutYear.format(shown) : new Date(shown).toISOString().slice(0, 10));
