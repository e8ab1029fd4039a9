/**
 * A time zone by its IANA name, as the moments at which its clock was moved.
 *
 * The engine has no zone database; the browser and Node have one behind `Intl`, which tells what a clock shows at a
 * moment but not when it is moved. So the years are walked in steps short enough that no two moves fall into one, and
 * each move is found by halving, to the second.
 */
import { AnalyzerError } from './errors.js';

/** Moves are looked for from 1970 to 2100. */
const FIRST_MS = 0;
const LAST_MS = Date.UTC(2100, 0, 1);
/** The shortest time on record between two moves since 1970 is over two weeks. */
const STEP_MS = 8 * 86_400_000;

/**
 * @typedef {{ name: string, transitions: [utcMs: number, offsetSecs: number][] }} Zone each offset holds from its moment
 *   on, the first one before it too
 */

/** @type {Map<string, Zone>} */
const known = new Map();

/**
 * The zone of a name.
 * @param {unknown} name as `"Europe/Berlin"` or `"UTC"`
 * @returns {Zone}
 * @throws {AnalyzerError} `options` for a name that `Intl` does not know
 */
export function zoneOf(name) {
  const refuse = (/** @type {string} */ found, /** @type {unknown} */ cause) =>
    new AnalyzerError(
      'options',
      `timeZone: expected the name of a time zone such as "Europe/Berlin" or "UTC", found ${found}`,
      { cause },
    );
  if (typeof name !== 'string') throw refuse(name === null ? 'null' : typeof name, undefined);
  const found = known.get(name);
  if (found) return found;
  let format;
  try {
    // The era-free Gregorian calendar with Latin digits, whatever the user's locale.
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw refuse(`"${name}"`, cause);
  }
  const zone = { name, transitions: transitionsOf(format) };
  known.set(name, zone);
  return zone;
}

/** The zone that the machine's own clock is set to, as a name. */
export function ownZoneName() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * @param {Intl.DateTimeFormat} format
 * @returns {[number, number][]}
 */
function transitionsOf(format) {
  let offset = offsetAt(format, FIRST_MS);
  /** @type {[number, number][]} */
  const transitions = [[FIRST_MS, offset]];
  for (let start = FIRST_MS; start < LAST_MS; start += STEP_MS) {
    const end = Math.min(start + STEP_MS, LAST_MS);
    const after = offsetAt(format, end);
    if (after === offset) continue;
    let [before, from] = [start, end];
    while (from - before > 1_000) {
      const middle = Math.floor((before + from) / 2_000) * 1_000;
      if (offsetAt(format, middle) === offset) before = middle;
      else from = middle;
    }
    // A step may hold a move and a part of the next: what the clock shows right after the move counts.
    offset = offsetAt(format, from);
    transitions.push([from, offset]);
    if (offset !== after) start = from - STEP_MS;
  }
  return transitions;
}

/**
 * Seconds that the clock is ahead of UTC at a moment of whole seconds.
 * @param {Intl.DateTimeFormat} format
 * @param {number} ms
 */
function offsetAt(format, ms) {
  /** @type {Record<string, number>} */
  const at = {};
  let isBefore = false;
  for (const { type, value } of format.formatToParts(ms)) {
    if (type === 'era') isBefore = value.startsWith('B');
    else at[type] = Number(value);
  }
  const year = isBefore ? 1 - at.year : at.year;
  return (Date.UTC(year, at.month - 1, at.day, at.hour, at.minute, at.second) - ms) / 1_000;
}
