/** Numbers and moments as text. Moments are as their clock shows them (`clock.js`), so everything is read as UTC. */
import { dayText } from '../../clock.js';

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const count = (value) => integer.format(value);
export const percent = (share) => `${precise.format(share * 100)} %`;

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** `23:10` of hours. */
function clock(hours) {
  const minutes = ((Math.round(hours * 60) % 1440) + 1440) % 1440;
  const two = (n) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Seconds of the units of time. */
const SECONDS = { d: 86_400, h: 3600, min: 60, s: 1 };

/** In the largest unit of which it is one or more, as the engine's sentences write it. */
function inUnit(value, unit) {
  const secs = Math.abs(value) * SECONDS[unit];
  const fitting = secs > 0 ? (Object.keys(SECONDS).find((name) => secs >= SECONDS[name]) ?? 's') : unit;
  return [fitting === unit ? value : (value * SECONDS[unit]) / SECONDS[fitting], fitting === 'd' ? 'days' : fitting];
}

/**
 * Three significant digits. With the unit `%` it is a share of 1, with `date` and `date without year` days since 1970, with `yes/no` 1 for yes, with
 * `clock` hours of a day, with `weekday` days from Monday.
 */
export function number(given, ofUnit = '') {
  const [value, unit] = inUnit(given, ofUnit);
  if (unit === '%') return percent(value);
  if (unit === 'date' || unit === 'date without year') return day(Math.round(value) * 86_400_000, unit !== 'date');
  if (unit === 'yes/no') return value === 0 ? 'no' : value === 1 ? 'yes' : percent(value);
  if (unit === 'clock') return clock(value);
  if (unit === 'weekday') return WEEKDAYS.at(Math.round(value) % 7) ?? '';
  const text = Math.abs(value) >= 1000 ? integer.format(value) : precise.format(value);
  return unit ? `${text} ${text === '1' && unit === 'days' ? 'day' : unit}` : text;
}

/** With its sign, to so many decimals, or with three significant digits. */
export const signed = (value, decimals) =>
  `${value >= 0 ? '+' : '−'}${decimals === undefined ? number(Math.abs(value)) : Math.abs(value).toFixed(decimals)}`;

/** `2024-03-02 14:05`, or `Mar 2 14:05` where the source names no year; the seconds only where asked for. */
export const moment = (ms, withSeconds = false, noYear = false) =>
  `${day(ms, noYear)} ${new Date(ms).toISOString().slice(11, withSeconds ? 19 : 16)}`;

/** `2024-03-02`, or `Mar 2` where the source names no year; nothing beyond what a calendar holds. */
export const day = (ms, noYear = false) => (Math.abs(ms) <= 8.64e15 ? dayText(ms, noYear) : '');

/** From one moment to the next, that one left out; where times are days alone, by its first and last day. */
export function span(fromMs, toMs, hasClock, noYear) {
  if (hasClock) return `${moment(fromMs, false, noYear)} to ${moment(toMs, false, noYear)}`;
  const [first, last] = [day(fromMs, noYear), day(toMs - 1, noYear)];
  return first === last ? first : `${first} to ${last}`;
}

/** At most `length` characters: names in logs can be of any length. */
export const short = (text, length = 28) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
