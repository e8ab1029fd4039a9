/**
 * What the command line prints, as text.
 */
import { dayText } from './clock.js';
import { rowsInWords } from './units.js';

const SEVERITY = ['none', 'low', 'medium', 'high'];
/** Entities listed; the rest is in `--json`. */
const N_LISTED = 20;
/** Findings of one kind listed: a table with many columns may have one for each. */
const N_OF_A_KIND = 3;
/** Raw records shown per finding, and characters of each. */
const N_PLACES = 2;
const MAX_RAW = 160;

/**
 * The analysis as JSON: typed arrays as arrays, numbers that JSON cannot hold (NaN) as null.
 * @param {object} analysis
 */
export function jsonText(analysis) {
  return `${JSON.stringify(analysis, (_key, value) => (ArrayBuffer.isView(value) ? Array.from(/** @type {any} */ (value)) : value), 2)}\n`;
}

/**
 * A ranked table for people.
 * @param {any} table TableSummary
 * @param {any} analysis Analysis
 * @param {number} [width] of the terminal; not known when piped
 */
export function rankedTable(table, analysis, width) {
  const { plan, ranking, flaggedSubjects, flags, threshold, metrics } = analysis;
  const nFlags = flags.reduce((/** @type {number} */ sum, /** @type {number} */ flag) => sum + flag, 0);
  const lines = [
    `${counted(table.rows, 'rows')}, ${counted(flags.length, rowsInWords(analysis))}, ` +
      `${count(nFlags)} flagged (score above ${threshold.toFixed(4)}); recipe ${plan.recipe}, detector ${[plan.detector].flat().join(', ')}, seed ${plan.seed}`,
  ];
  lines.push(...readingLines(table), ...questionLines(table));
  lines.push(...findingsLines([...table.findings, ...analysis.findings], table.files));
  if (ranking.length > 0) {
    const nameWidth = Math.min(32, Math.max(4, ...ranking.slice(0, N_LISTED).map((/** @type {any} */ r) => r.name.length)));
    lines.push('', `${'#'.padStart(3)}  severity  score   ${'who'.padEnd(nameWidth)}  why`);
    ranking.slice(0, N_LISTED).forEach((/** @type {any} */ { severity, score, name, sentence }, /** @type {number} */ i) => {
      const head = `${String(i + 1).padStart(3)}  ${SEVERITY[severity].padEnd(8)}  ${score.toFixed(4)}  ${printable(name).slice(0, nameWidth).padEnd(nameWidth)}  `;
      lines.push(head + wrapped(printable(sentence), head.length, width));
    });
    if (flaggedSubjects > N_LISTED) lines.push(`     and ${count(flaggedSubjects - N_LISTED)} more; see --json`);
  }
  if (metrics) {
    const told = ['precision', 'recall', 'f1', 'rocAuc', 'prAuc'].filter((key) => Number.isFinite(metrics[key]));
    const measures = told.map((key) => `${key} ${metrics[key].toFixed(4)}`).join(', ');
    const lacking = told.includes('rocAuc') ? '' : 'all rows have the same label, so no curve can be judged';
    lines.push('', `against ${printable(plan.label)}: ${[measures, lacking].filter(Boolean).join('; ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * How the source became rows: what went in, what was kept, what was left out.
 * @param {any} table TableSummary
 */
function readingLines({ records, rows, setAside, aggregated, files, format, encoding, skipped }) {
  const from = files.length > 1 ? ` from ${count(files.length)} files` : '';
  const kept = aggregated === undefined ? `${count(rows)} kept` : `${count(aggregated)} added up into ${count(rows)} rows`;
  return [
    `read: ${counted(records, 'records')}${from} (${format}, ${encoding}), ${kept}, ${count(setAside)} set aside`,
    ...skippedLines({ skipped }),
  ];
}

/**
 * So many, in words: `1 row`, `2 rows`.
 * @param {number} n
 * @param {string} plural
 */
function counted(n, plural) {
  return `${count(n)} ${n === 1 ? plural.replace(/s$/, '') : plural}`;
}

/**
 * What only the user can know, and the options that say it.
 * @param {any} table TableSummary
 * @returns {string[]}
 */
function questionLines({ questions }) {
  return questions.map((/** @type {import('./ingest.js').TableQuestion} */ { column, examples, dayFirst, monthFirst, assumed }) => {
    const [example, day, month] = [examples, dayFirst, monthFirst].map(([first]) => printable(first));
    const name = printable(column);
    return (
      `question: does the day or the month come first in "${name}"? "${example}" is ${day} or ${month}; it was read ${assumed}. ` +
      `Say so: --day-first "${name}" or --month-first "${name}"`
    );
  });
}

/**
 * Files of the source that are no logs.
 * @param {any} table TableSummary
 * @returns {string[]}
 */
function skippedLines({ skipped }) {
  return skipped.map((/** @type {any} */ { name, reason }) => `left out: ${printable(name)}: ${reason}`);
}

/**
 * Findings kind by kind, in the order in which kinds first come; of many of a kind the first few.
 * @param {any[]} findings
 * @param {any[]} files of the source
 */
function findingsLines(findings, files) {
  const kinds = new Map();
  for (const finding of findings) {
    if (kinds.has(finding.code)) kinds.get(finding.code).push(finding);
    else kinds.set(finding.code, [finding]);
  }
  return [...kinds].flatMap(([code, ofKind]) => {
    const nMore = ofKind.length - N_OF_A_KIND;
    const more = nMore > 0 ? [`note: ${code}, ${count(nMore)} more of this kind; see --json`] : [];
    return [...ofKind.slice(0, N_OF_A_KIND).flatMap((/** @type {any} */ finding) => findingLines(finding, files)), ...more];
  });
}

/**
 * A finding, and the first records it is about as they stand in the source.
 * @param {any} finding
 * @param {any[]} files of the source
 */
function findingLines({ code, count: n, message, action, places = [] }, files) {
  const shown = places.slice(0, N_PLACES).map((/** @type {any} */ { file = 0, text, ...at }) => {
    const name = files.length > 1 ? `${printable(files[file].name)}, ` : '';
    return `      ${name}${lineOrRecord(at)}${text ? `: ${cut(printable(text))}` : ''}`;
  });
  return [`note: ${code} x ${count(n)}${action ? ` (${action})` : ''}: ${printable(message)}`, ...shown];
}

/**
 * Where a record stands, by its line where that is known.
 * @param {{ line: number, record: number }} position
 */
export function lineOrRecord({ line, record }) {
  return line > 0 ? `line ${count(line)}` : `record ${count(record)}`;
}

/**
 * What reading a source would take, for people.
 * @param {any} estimate SourceEstimate
 */
export function estimateText({ rows, peakBytes, seconds, isWhole, format, encoding, columns, compressed, sourceBytes, textBytes, fits, memoryBudget, choices }) {
  const about = isWhole ? '' : 'about ';
  const size = compressed ? `${megabytes(sourceBytes)} packed, about ${megabytes(textBytes)} of text` : megabytes(sourceBytes);
  const lines = [
    `${size}, ${format}, ${encoding}: ${about}${count(rows)} rows, ${count(columns.length)} columns`,
    `reading takes about ${seconds < 1 ? 'a second' : `${Math.ceil(seconds)} seconds`} and at most ${megabytes(peakBytes)} of memory`,
    ...columns.map((/** @type {any} */ { name, type, bytes }) => `  ${printable(name)}  ${type}  ${megabytes(bytes)}`),
  ];
  if (!fits) lines.push(`that is more than the ${megabytes(memoryBudget)} there are; to choose from:`);
  for (const { kind, options, rows: kept, bytes } of choices) {
    if (kind === 'aggregate') {
      lines.push('  one row per user, added up while reading, --aggregate');
      continue;
    }
    const how =
      kind === 'columns'
        ? `fewer columns, --columns ${options.columns.map(printable).join(',')}`
        : `a sample, --sample ${options.sample.share}`;
    lines.push(`  ${how}: ${count(kept)} rows, ${megabytes(bytes)}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * A profile for people: one line a column.
 * @param {import('./profile.js').Profile} profile
 * @param {any} table TableSummary
 */
export function profileText(profile, table) {
  const kept =
    table.aggregated === undefined
      ? `${count(table.rows)} rows kept`
      : `${count(table.aggregated)} added up into ${count(table.rows)} rows`;
  const lines = [`${count(table.records)} records in: ${kept}, ${count(table.setAside)} set aside`];
  lines.push(...skippedLines(table), ...findingsLines(table.findings, table.files), ...questionLines(table));
  const width = Math.min(32, Math.max(6, ...profile.columns.map(({ name }) => name.length)));
  lines.push('', `${'column'.padEnd(width)}  ${'type'.padEnd(10)}  ${'missing'.padStart(11)}  ${'distinct'.padStart(11)}  values`);
  for (const { name, type, missing, distinct, numbers, times, top } of profile.columns) {
    const values = numbers
      ? numbersText(numbers)
      : times
        ? [times.firstMs, times.lastMs].map((ms) => moment(ms, times.noYear)).join(' to ')
        : top.slice(0, 3).map(({ value, count: n }) => `${printable(value).slice(0, 40)} (${count(n)})`).join(', ');
    const head = `${printable(name).slice(0, width).padEnd(width)}  ${type.padEnd(10)}  ${count(missing).padStart(11)}  ${count(distinct).padStart(11)}`;
    lines.push(`${head}  ${values}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

/**
 * A number with no more digits than it has: those of a 19-digit identifier would be made up from the 16th on.
 * @param {number} value
 */
function whole(value) {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? value.toExponential(5) : String(value);
}

/** @param {import('./profile.js').NumberReport} numbers */
function numbersText({ min, max, mean, deviation, lowerQuartile, median, upperQuartile }) {
  const short = (/** @type {number} */ value) => whole(Number(value.toPrecision(6)));
  const spread = deviation === undefined || deviation === null ? '' : `, deviation ${short(deviation)}`;
  return `${whole(min)} to ${whole(max)}, mean ${short(mean)}${spread}, quartiles ${[lowerQuartile, median, upperQuartile].map(short).join(', ')}`;
}

/**
 * A search for parameters, for people: one line a candidate, best first.
 * @param {import('./tuning.js').Tuning} tuning
 */
export function tuningText({ basis, metric, folds, rows, candidates, unchanged, plan, learn, notes }) {
  const lines = [
    `${count(candidates.length)} candidates judged by ${basis}: ${metric} over ${folds} ${basis === 'labels' || learn ? 'folds' : 'fits'} ` +
      `of ${count(rows)} rows; ${learn ? `${learn.model} learns ${JSON.stringify(learn.target)}, ` : ''}detector ${[plan.detector].flat().join(', ')}, seed ${plan.seed}`,
    '',
    `${'#'.padStart(4)}  ${'score'.padEnd(7)}  ${'+-'.padEnd(6)}  parameters`,
  ];
  candidates.forEach(({ parameters, score, deviation, failed, stability, agreement, found }, place) => {
    const given = Object.entries(parameters).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ');
    const parts = [
      place === unchanged ? `the ${learn ? 'options' : 'plan'} as ${learn ? 'they are' : 'it is'}` : given,
      ...(stability === undefined || agreement === undefined ? [] : [`stability ${stability.toFixed(3)}, agreement ${agreement.toFixed(3)}`]),
      ...(found ? [Object.entries(found).map(([what, share]) => `${what} ${Math.round(100 * share)} %`).join(', ')] : []),
      ...(failed === undefined ? [] : [`failed: ${printable(failed)}`]),
    ];
    const figures = [(score?.toFixed(4) ?? '').padEnd(7), (deviation?.toFixed(4) ?? '').padEnd(6)];
    lines.push(`${String(place + 1).padStart(4)}  ${figures.join('  ')}  ${parts.join('; ')}`.trimEnd());
  });
  lines.push('', ...notes.map((note) => `note: ${printable(note)}`));
  lines.push('to use the best: --json > FILE here, then analyze --plan FILE');
  return `${lines.map(withoutControls).join('\n')}\n`;
}

/**
 * @param {number} ms
 * @param {boolean} [noYear]
 */
function moment(ms, noYear) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return `${ms} ms`;
  const [, clock] = date.toISOString().split('T');
  return `${dayText(ms, noYear)} ${clock.slice(0, 8)}`;
}

/**
 * One line of progress.
 * @param {any} detail
 */
export function progressLine({ stage, bytes, totalBytes, rows, memoryBytes, done, total }) {
  if (stage !== 'ingest') return `${stage === 'finish' ? 'summing up' : stage} ${total > 0 ? `${Math.floor((100 * done) / total)} %` : ''}`;
  const share = totalBytes > 0 ? `, ${Math.floor((100 * bytes) / totalBytes)} %` : '';
  return `reading: ${count(rows)} rows, ${megabytes(bytes)}${share}, ${megabytes(memoryBytes)} of memory`;
}

/**
 * One line for a failure.
 * @param {{ code: string, message: string }} error
 */
export function errorLine({ code, message }) {
  return `isoscope: ${code}: ${printable(message)}\n`;
}

/**
 * One line about a sample that was written.
 * @param {string} file
 * @param {number} bytes
 * @param {string[]} planted
 */
export function plantedLine(file, bytes, planted) {
  const names = planted.slice(0, N_LISTED).join(' ') + (planted.length > N_LISTED ? ' ...' : '');
  return `${file}: ${count(bytes)} bytes, anomalies planted in ${count(planted.length)} users: ${names}\n`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return bytes < 1e6 ? `${count(Math.ceil(bytes / 1e3))} kB` : `${count(Math.round(bytes / 1e6))} MB`;
}

/** @param {string} text */
function cut(text) {
  return text.length > MAX_RAW ? `${text.slice(0, MAX_RAW)}...` : text;
}

/** @param {number} n */
function count(n) {
  return n.toLocaleString('en-US');
}

/**
 * Text without control characters: a log may hold escape sequences that would steer the terminal.
 * @param {string} text of one line
 */
export function withoutControls(text) {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}

/** @param {string} text as a part of a line */
function printable(text) {
  return withoutControls(text.replace(/\s+/g, ' '));
}

/**
 * @param {string} text
 * @param {number} indent
 * @param {number} [width]
 */
function wrapped(text, indent, width) {
  if (!width || width - indent < 24) return text;
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line && line.length + 1 + word.length > width - indent) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
