/**
 * A table's profile as one HTML file to send: no script, nothing fetched, a policy that allows neither. Every text that
 * comes from a log is escaped here, at the one place where it becomes HTML, and stands in `bdi`, so that a value's writing
 * direction stays its own.
 *
 * @typedef {import('./profile.js').Profile} Profile
 * @typedef {import('./profile.js').ColumnReport} ColumnReport
 */

import { clockOf, dayText } from './clock.js';

/** Findings shown with their first lines. */
const MAX_PLACES = 3;
const STYLE = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5c6675;--line:#dfe3e8;--back:#fff;--card:#f6f7f9;--bar:#2f6f9f;--warm:#b4552d}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#98a3b3;--line:#323a46;--back:#15191f;--card:#1c2128;--bar:#6cb0e0;--warm:#e08b5f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:2rem 1.25rem 4rem;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2.5rem 0 .75rem}h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
p{margin:.25rem 0}.soft,small,figcaption,th{color:var(--soft)}small,figcaption{font-size:.8rem}
.facts{display:flex;flex-wrap:wrap;gap:.5rem 2.25rem;margin:1.25rem 0 0}.facts div{display:flex;flex-direction:column-reverse}
dt{color:var(--soft);font-size:.8rem}dd{margin:0;font-variant-numeric:tabular-nums}.facts dd{font-size:1.25rem;font-weight:600}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;break-inside:avoid;min-width:0}
.card dl{display:grid;grid-template-columns:repeat(3,1fr);gap:.4rem .75rem;margin:.6rem 0}
figure{margin:.6rem 0 0}figcaption{display:flex;justify-content:space-between;gap:1rem}
svg{display:block;width:100%;fill:var(--bar)}.hist{height:3.5rem}.wide{height:7rem}.bar{height:.3rem}.strip{height:1rem;background:var(--card);border:1px solid var(--line)}.strip path{fill:var(--warm)}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th{font-weight:500;text-align:left}
.top{width:100%;table-layout:fixed;margin-top:.5rem;font-size:.85rem}.top td{padding:.1rem 0;vertical-align:bottom;overflow-wrap:anywhere}.top td+td{width:5rem;text-align:right;padding-left:.5rem}
.heat{font-size:.75rem}.heat th{padding:.15rem .4rem;max-width:9rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.heat td{padding:.2rem .25rem;text-align:center;min-width:2.4rem;border:1px solid var(--back)}
.missing{width:100%;table-layout:fixed}.missing th{width:30%;padding-right:.75rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:.4rem 0 1rem}pre{margin:.4rem 0 0;padding:.5rem .6rem;background:var(--back);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.78rem}
.list{display:grid;gap:.75rem}footer{margin-top:3rem;color:var(--soft);font-size:.8rem}
${[1, 2, 3, 4, 5].map((n) => `.p${n}{background:color-mix(in srgb,var(--bar) ${n * 14}%,transparent)}.n${n}{background:color-mix(in srgb,var(--warm) ${n * 14}%,transparent)}`).join('')}
@media print{body{max-width:none;padding:0;font-size:11px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}h2{break-after:avoid}}
`;

/**
 * @param {Profile} profile
 * @param {any} table TableSummary
 * @param {{ title?: string }} [options] the title is the file's name when not given
 * @returns {string}
 */
export function profileReport(profile, table, { title } = {}) {
  const names = (table.files ?? []).map((/** @type {any} */ file) => file.name).filter(Boolean);
  const heading = title || (names.length === 1 ? names[0] : names.length > 1 ? `${names[0]} and ${names.length - 1} more files` : 'Profile');
  const sections = [
    accounting(profile, table),
    section('What was odd', findings(table.findings ?? [], table.files ?? [])),
    section('Files left out', skipped(table.skipped ?? [])),
    section('Rows over time', overTime(profile.overTime, table.timeZone)),
    section('Columns', `<div class="cards">${profile.columns.map((column) => columnCard(column, profile.rows, table.timeZone)).join('')}</div>`),
    section('Missing values', missing(profile)),
    correlations(profile.correlations),
    section('Per entity', perEntity(profile.perEntity)),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><title>${escaped(heading)}: profile</title><style>${STYLE}</style></head>
<body><header><p class="soft">Profile of</p><h1>${text(heading)}</h1></header>
${sections.join('\n')}
<footer>Made by Isoscope on the machine that read the log. The file holds values of the log: treat it as you treat the log.</footer></body></html>
`;
}

/**
 * @param {string} heading
 * @param {string} content
 */
function section(heading, content) {
  return content && `<section><h2>${heading}</h2>${content}</section>`;
}

/**
 * @param {Profile} profile
 * @param {any} table
 */
function accounting(profile, table) {
  const { records, setAside = records - (table.aggregated ?? table.rows) } = table;
  const facts = [
    ['records in', count(records)],
    ...(table.aggregated === undefined ? [] : [['added up', count(table.aggregated)]]),
    [table.aggregated === undefined ? 'rows kept' : 'rows', count(table.rows)],
    ['set aside', count(setAside)],
    ['columns', count(profile.columns.length)],
    ['read', bytes(table.bytes)],
    ['format', escaped([table.format, table.encoding].filter(Boolean).join(', '))],
  ];
  return `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

/** @param {{ name: string, reason: string }[]} files */
function skipped(files) {
  return files.map(({ name, reason }) => `<p>${text(name)}: <span class="soft">${text(reason)}</span></p>`).join('');
}

/**
 * @param {any[]} list
 * @param {any[]} files of the source
 */
function findings(list, files) {
  if (list.length === 0) return '<p class="soft">Nothing: every record was read as it stands.</p>';
  const one = (/** @type {any} */ { count: n, message, action, places = [] }) => {
    const lines = places.slice(0, MAX_PLACES).filter((/** @type {any} */ place) => place.text);
    const raw = lines.map((/** @type {any} */ { file = 0, line, record, text: line_ }) => {
      const name = files.length > 1 ? `${escaped(files[file].name)}, ` : '';
      const where = `${name}${line > 0 ? `line ${count(line)}` : `record ${count(record)}`}`;
      return `<pre><small>${where}</small> ${text(line_)}</pre>`;
    });
    return `<div class="card"><p><b>${count(n)}×</b> ${text(message)}</p>${action ? `<small>${escaped(action.replace('-', ' '))}</small>` : ''}${raw.join('')}</div>`;
  };
  return `<div class="list">${list.map(one).join('')}</div>`;
}

/**
 * @param {Profile['overTime']} over
 * @param {string} [timeZone]
 */
function overTime(over, timeZone) {
  if (!over) return '';
  const local = (/** @type {number} */ ms) => moment(clockOf(timeZone).local(ms), over.noYear);
  const last = over.edgesMs.length - 1;
  const caption = `<figcaption><span>${local(over.edgesMs[0])}</span><span>${text(over.column)}, ${escaped(over.step)} a bar, at most ${count(Math.max(...over.counts))} rows${timeZone ? `, ${escaped(timeZone)}` : over.zoned ? ', UTC' : ''}</span><span>${local(over.edgesMs[last])}</span></figcaption>`;
  return `<figure>${bars(over.counts, 'wide')}${caption}</figure>`;
}

/**
 * @param {ColumnReport} column
 * @param {number} rows
 * @param {string} [timeZone]
 */
function columnCard(column, rows, timeZone) {
  const local = (/** @type {number} */ ms) => moment(clockOf(timeZone).local(ms), column.times?.noYear);
  const { numbers, times, histogram } = column;
  const facts = [
    ['missing', rows > 0 && column.missing > 0 ? `${count(column.missing)} (${share(column.missing / rows)})` : '0'],
    ['distinct', count(column.distinct)],
  ];
  if (numbers) {
    facts.push(
      ['mean', number(numbers.mean)],
      ['deviation', numbers.deviation === undefined || numbers.deviation === null ? '–' : number(numbers.deviation)],
      ['median', number(numbers.median)],
      ['quartiles', `${number(numbers.lowerQuartile)} – ${number(numbers.upperQuartile)}`],
    );
  }
  const [low, high] = numbers ? [number(numbers.min), number(numbers.max)] : times ? [local(times.firstMs), local(times.lastMs)] : ['', ''];
  const drawn = histogram ? `<figure>${bars(histogram.counts, 'hist')}<figcaption><span>${low}</span><span>${high}</span></figcaption></figure>` : '';
  const most = numbers || times ? '' : topValues(column.top);
  return `<article class="card"><h3>${text(column.name)}</h3><small>${escaped(column.type)}</small><dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>${drawn}${most}</article>`;
}

/** @param {ColumnReport['top']} top */
function topValues(top) {
  if (top.length === 0) return '';
  const row = (/** @type {{ value: string, count: number }} */ { value, count: n }) =>
    `<tr><td>${value === '' ? '<i>empty</i>' : text(value)}${bar(n / top[0].count)}</td><td>${count(n)}</td></tr>`;
  return `<table class="top">${top.map(row).join('')}</table>`;
}

/** @param {Profile} profile */
function missing({ missing: { columns, blockRows, shares } }) {
  if (columns.length === 0) return '<p class="soft">None: every row has a value in every column.</p>';
  const strip = (/** @type {number} */ column) => {
    // A block's share is the height of its bar.
    const path = shares.map((block, at) => (block[column] > 0 ? `M${at} 1h1v-${round(block[column])}h-1z` : '')).join('');
    return `<svg class="strip" viewBox="0 0 ${shares.length} 1" preserveAspectRatio="none" aria-hidden="true"><path d="${path}"/></svg>`;
  };
  const rows = columns.map((name, at) => `<tr><th>${text(name)}</th><td>${strip(at)}</td></tr>`);
  return `<table class="missing">${rows.join('')}</table><small>From the first row to the last, ${count(blockRows)} rows a bar; a full bar is a block without a value.</small>`;
}

/** @param {Profile['correlations']} found */
function correlations({ numeric, pearson, spearman, categories, cramersV, leftOut }) {
  const parts = [
    numeric.length > 1 ? `<h3>Pearson</h3>${heat(numeric, pearson)}<h3>Spearman</h3>${heat(numeric, spearman)}` : '',
    categories.length > 1 ? `<h3>Cramér’s V</h3>${heat(categories, cramersV)}` : '',
  ];
  const maps = parts.join('');
  return section('How columns hang together', maps && maps + (leftOut ? `<p><small>${text(leftOut)}</small></p>` : ''));
}

/**
 * @param {string[]} names
 * @param {(number | null | undefined)[][]} matrix
 */
function heat(names, matrix) {
  // Hundreds of cells: end tags and quotes that HTML does not ask for are left out.
  const cell = (/** @type {number | null | undefined} */ value) => {
    if (value === null || value === undefined) return '<td>–';
    const shade = Math.round(Math.abs(value) * 5);
    return `<td${shade > 0 ? ` class=${value < 0 ? 'n' : 'p'}${shade}` : ''}>${value.toFixed(2).replace(/^-0\.00$/, '0.00')}`;
  };
  const head = names.map((name) => `<th scope="col" title="${escaped(name)}">${text(name)}</th>`).join('');
  const rows = names.map((name, at) => `<tr><th scope="row" title="${escaped(name)}">${text(name)}</th>${matrix[at].map(cell).join('')}`);
  return `<div class="scroll"><table class="heat"><tr><td></td>${head}</tr>${rows.join('')}</table></div>`;
}

/** @param {Profile['perEntity']} list */
function perEntity(list) {
  if (list.length === 0) return '';
  const one = (/** @type {Profile['perEntity'][number]} */ { entity, of, atLeast, entities, max }) => {
    const most = Math.max(...entities);
    const range = (/** @type {number} */ at) => {
      const end = at + 1 < atLeast.length ? atLeast[at + 1] - 1 : Math.max(max, atLeast[at]);
      return end > atLeast[at] ? `${count(atLeast[at])} – ${count(end)}` : count(end);
    };
    const row = (/** @type {number} */ n, /** @type {number} */ at) => (n > 0 ? `<tr><td>${range(at)}${bar(n / most)}</td><td>${count(n)}</td></tr>` : '');
    return `<article class="card"><h3>${of === undefined || of === null ? 'rows' : text(of)}</h3><small>per ${text(entity)}, at most ${count(max)}</small><table class="top">${entities.map(row).join('')}</table></article>`;
  };
  return `<div class="cards">${list.map(one).join('')}</div>`;
}

/**
 * Bars of equal width, as one path.
 * @param {number[]} counts
 * @param {string} kind
 */
function bars(counts, kind) {
  const most = Math.max(...counts, 1);
  const gap = counts.length > 60 ? 1 : 0.9;
  // A count above none is seen.
  const path = counts.map((n, at) => (n > 0 ? `M${at} 100h${gap}v-${round(Math.max((100 * n) / most, 1))}h-${gap}z` : '')).join('');
  return `<svg class="${kind}" viewBox="0 0 ${counts.length} 100" preserveAspectRatio="none" aria-hidden="true"><path d="${path}"/></svg>`;
}

/** @param {number} part */
function bar(part) {
  return `<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><path d="M0 0h${round(100 * part)}v1H0z"/></svg>`;
}

/**
 * Text of the log, or with text of the log in it.
 * @param {unknown} value
 */
function text(value) {
  return `<bdi>${escaped(value)}</bdi>`;
}

/** @param {unknown} value */
function escaped(value) {
  return String(value)
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/(?![\t\n])\p{Cc}/gu, '\uFFFD');
}

/** @param {number} n */
function count(n) {
  return n.toLocaleString('en-US');
}

/** @param {number} value */
function number(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return value.toExponential(3);
  return value.toLocaleString('en-US', size >= 1e5 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 5 });
}

/** @param {number} part */
function share(part) {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
}

/** @param {number} n */
function bytes(n) {
  return n >= 1e6 ? `${(n / 1e6).toFixed(1)} MB` : n >= 1e3 ? `${(n / 1e3).toFixed(1)} kB` : `${n} bytes`;
}

/**
 * @param {number} ms
 * @param {boolean} [noYear]
 */
function moment(ms, noYear) {
  const date = new Date(ms);
  // Beyond what a Date can hold, the number itself.
  if (Number.isNaN(date.getTime())) return `${ms} ms`;
  const [, clock] = date.toISOString().split('T');
  return `${dayText(ms, noYear)} ${clock.replace(/(:00)?\.000Z$/, '').replace(/Z$/, '')}`;
}

/** @param {number} value */
function round(value) {
  return String(Math.round(value * 1000) / 1000).replace(/^0\./, '.');
}
