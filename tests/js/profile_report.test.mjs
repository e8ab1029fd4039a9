import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileReport } from '../../www/profile-report.js';

const HOSTILE = `</style><script>alert(1)</script>"'><img src=x onerror=alert(1)>&\u0000\u001b[31m`;

/** A profile of `n` columns, every text of it given. */
function profileOf(n, text) {
  const names = Array.from({ length: n }, (_, at) => `${text}${at}`);
  const square = names.map(() => names.map((_, at) => (at % 3 ? (at % 2 ? -1 : 1) / (at + 1) : undefined)));
  const numbers = { mean: 1.5, deviation: 0.5, min: 1, lowerQuartile: 1, median: 1.5, upperQuartile: 2, max: 2 };
  const histogram = { edges: Array.from({ length: 51 }, (_, at) => at), counts: Array.from({ length: 50 }, (_, at) => at * 7) };
  const columns = names.map((name, at) => ({
    name,
    type: at % 2 ? 'category' : 'float',
    missing: at,
    distinct: 2,
    top: at % 2 ? Array.from({ length: 10 }, (_, rank) => ({ value: text, count: 10 - rank })) : [],
    ...(at % 2 ? {} : { numbers, histogram }),
  }));
  const shares = Array.from({ length: 100 }, (_, block) => names.map((_, at) => ((block * at) % 7) / 7));
  const profile = {
    rows: 1000,
    columns,
    missing: { columns: names, blockRows: 10, shares },
    correlations: { numeric: names, pearson: square, spearman: square, categories: names, cramersV: square, leftOut: text },
    overTime: { column: text, step: '1 hour', edgesMs: Array.from({ length: 201 }, (_, at) => at * 3.6e6), counts: Array(200).fill(5), zoned: true },
    perEntity: [{ entity: text, of: text, atLeast: [1, 2], entities: [3, 4], max: 5 }],
  };
  const finding = { code: 'bad-number', count: 3, message: text, action: 'set-aside', places: [{ record: 1, line: 2, byte: 3, text }] };
  const table = { rows: 1000, records: 1003, setAside: 3, bytes: 5000, format: 'delimited', encoding: 'utf-8', files: [{ name: text }], findings: [finding] };
  return [profile, table];
}

const EMPTY = [
  {
    rows: 0,
    columns: [{ name: 'a', type: 'category', missing: 0, distinct: 0, top: [] }],
    missing: { columns: [], blockRows: 1, shares: [] },
    correlations: { numeric: [], pearson: [], spearman: [], categories: [], cramersV: [], leftOut: '' },
    perEntity: [],
  },
  { rows: 0, records: 0, setAside: 0, bytes: 2, encoding: 'utf-8', files: [], findings: [] },
];

test('text of a log stays text', () => {
  const html = profileReport(...profileOf(4, HOSTILE));
  const plain = profileReport(...profileOf(4, 'x'));
  const tags = (page) => [...page.matchAll(/<\/?[a-z][^>]*>/gi)].map(([tag]) => tag.replace(/title="[^"]*"/, 'title'));
  assert.deepEqual(tags(html), tags(plain), 'whatever the text, the same elements');
  assert.ok(html.includes('&#60;script&#62;'));
  assert.doesNotMatch(html, /[\u0000\u001b]/);
});

test('no script, nothing from elsewhere, no style beside the one sheet', () => {
  const html = profileReport(...profileOf(4, 'x'));
  assert.doesNotMatch(html, /<script|<link|<img|<iframe|\bon\w+=|\bstyle="|\bsrc=|href=|url\(|@import|https?:/i);
  assert.match(html, /default-src 'none'; style-src 'unsafe-inline'/);
});

test('its parts, in order', () => {
  const html = profileReport(...profileOf(3, 'x'));
  assert.deepEqual(
    [...html.matchAll(/<h[123]>(.*?)<\/h[123]>/g)].map(([, heading]) => heading.replace(/<\/?bdi>/g, '')),
    ['x', 'What was odd', 'Rows over time', 'Columns', 'x0', 'x1', 'x2', 'Missing values', 'How columns hang together', 'Pearson', 'Spearman', 'Cramér’s V', 'Per entity', 'x'],
  );
  assert.match(html, /records in<\/dt><dd>1,003<.*rows kept<\/dt><dd>1,000<.*set aside<\/dt><dd>3</);
  assert.match(html, /<pre><small>line 2<\/small> <bdi>x<\/bdi><\/pre>/);
  assert.match(html, /<td>–<td class=n3>-0\.50<td class=p2>0\.33/);
});

test('of several files, places say which, and files that were left out are listed', () => {
  const [profile, table] = profileOf(1, 'x');
  const place = { ...table.findings[0].places[0], file: 1 };
  const several = {
    ...table,
    files: [{ name: 'a.csv' }, { name: 'b<b>.csv' }],
    findings: [{ ...table.findings[0], places: [place] }],
    skipped: [{ name: 'p.png', reason: 'by its name no text' }],
  };
  const html = profileReport(profile, several);
  assert.match(html, /<small>b&#60;b&#62;\.csv, line 2<\/small>/);
  assert.match(html, /<h2>Files left out<\/h2><p><bdi>p\.png<\/bdi>/);
});

test('an empty table leaves out what it does not have', () => {
  const html = profileReport(...EMPTY);
  assert.deepEqual([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading), ['What was odd', 'Columns', 'Missing values']);
  assert.doesNotMatch(html, /NaN|undefined|Infinity|null/);
});

test('small: twenty columns in less than 100 kB', () => {
  const size = Buffer.byteLength(profileReport(...profileOf(20, 'some_column_name_')));
  assert.ok(size < 100_000, `${size} bytes`);
});
