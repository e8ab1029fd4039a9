/**
 * Records to CSV text, so that objects take the same road through the engine as a file does.
 */
import { AnalyzerError } from './errors.js';

/** UTF-16 units per piece of text. */
const PIECE_UNITS = 1 << 16;

/**
 * CSV text of records, in pieces. Columns are the union of the records' own keys in order of first appearance. Missing
 * keys, `null` and `undefined` are missing values; dates are written as ISO 8601, nested objects as JSON.
 * @param {Iterable<unknown>} records
 * @returns {Generator<string, void, undefined>}
 * @throws {AnalyzerError} `options` when an item is no object
 */
export function* recordsToCsv(records) {
  // Two passes, because a key may first appear in the last record.
  const all = /** @type {Record<string, unknown>[]} */ (Array.isArray(records) ? records : [...records]);
  const columns = columnsOf(all);
  if (columns.length === 0) return;
  let piece = lineOf(columns.map(quoteText));
  for (const record of all) {
    piece += lineOf(columns.map((column) => cellOf(record[column])));
    if (piece.length >= PIECE_UNITS) {
      yield piece;
      piece = '';
    }
  }
  if (piece) yield piece;
}

/** @param {Record<string, unknown>[]} records */
function columnsOf(records) {
  const columns = new Set();
  records.forEach((record, i) => {
    if (record === null || typeof record !== 'object' || ArrayBuffer.isView(record) || Array.isArray(record)) {
      const found = record === null ? 'null' : Array.isArray(record) ? 'an array' : typeof record;
      throw new AnalyzerError('options', `source: record ${i + 1} must be an object of column to value, found ${found}`);
    }
    for (const key of Object.keys(record)) columns.add(key);
  });
  return /** @type {string[]} */ ([...columns]);
}

/** @param {string[]} cells */
function lineOf(cells) {
  // A blank line is no record, so a lone missing value is written as an empty quoted field.
  return (cells.length === 1 && cells[0] === '' ? '""' : cells.join(',')) + '\n';
}

/** @param {unknown} value */
function cellOf(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return quoteText(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value === 'object') return quoteText(JSON.stringify(value) ?? '');
  return quoteText(String(value));
}

/** @param {string} text */
function quoteText(text) {
  return /[",\r\n]|^\s|\s$|^\uFEFF/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
