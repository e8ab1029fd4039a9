/**
 * Why rows have their scores, from the command line: what is asked, and what is printed of it.
 */
import { AnalyzerError } from './node.js';
import { withoutControls } from './report.js';

/** Options of `analyze` and of `predict`; `type` and `multiple` as node:util has them, `number` marks those to be parsed. */
export const EXPLAINING = {
  explain: { type: 'string', multiple: true },
  'explain-top': { type: 'string', number: true },
};

/** Contributions listed; the rest is added up, and in `--json`. */
const N_LISTED = 10;
/** Rows that are not flagged and of which a model cannot judge something, listed. */
const N_CAUTIONS = 10;

/**
 * @typedef {import('./explanation.js').Explanation} Explanation
 * @typedef {import('./explanation.js').Counterfactual} Counterfactual
 * @typedef {import('./learning.js').LearnedExplanation} LearnedExplanation
 * @typedef {{ explanation: Explanation, counterfactual: Counterfactual, learned?: LearnedExplanation }} Explained
 */

/**
 * Takes the options of explaining out of those of a command.
 * @param {Record<string, any>} options
 * @returns {{ explaining: { names: string[], top: number } | undefined, rest: Record<string, any> }}
 */
export function explainingOptions({ explain: names, 'explain-top': top, ...rest }) {
  if (top !== undefined && (!Number.isInteger(top) || top < 1)) {
    throw refused('explain-top', 'a number of rows, 1 or more', String(top));
  }
  const isAsked = names !== undefined || top !== undefined;
  return { explaining: isAsked ? { names: names ?? [], top: top ?? 0 } : undefined, rest };
}

/**
 * @param {string} option
 * @param {string} expected
 * @param {string} found
 */
function refused(option, expected, found) {
  return new AnalyzerError('options', `--${option}: expected ${expected}, found "${found}"; see isoscope --help`);
}

/**
 * The rows that are asked for: those named, then the most abnormal ones; none twice.
 * @param {any} analysis Analysis
 * @param {{ names: string[], top: number }} asked
 * @returns {number[]}
 */
export function explainedRows({ entities, subjects, subjectOfRow, scores }, { names, top }) {
  /** @param {(row: number) => boolean} isIt @returns {number} the first of its most abnormal rows, -1 where there is none */
  const worst = (isIt) => scores.reduce((/** @type {number} */ best, /** @type {number} */ score, /** @type {number} */ row) => (isIt(row) && (best < 0 || score > scores[best]) ? row : best), -1);
  const rows = names.map((name) => {
    const own = worst((row) => entities[row] === name);
    const subject = subjects.indexOf(name);
    const row = own < 0 && subject >= 0 ? worst((place) => subjectOfRow[place] === subject) : own;
    if (row < 0) throw refused('explain', `a row or a user by name, as "${entities[worst(() => true)]}"`, name);
    return row;
  });
  if (top > 0) {
    const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
    rows.push(...order.slice(0, top));
  }
  return [...new Set(rows)];
}

/**
 * Rows explained by all that there is: the detector, the smallest change to normal, and what was learned.
 * @param {import('./analyzer.js').Analyzer} analyzer
 * @param {number[]} rows
 * @param {boolean} isLearned whether there is a learned model
 * @returns {Promise<Explained[]>}
 */
export async function explainRows(analyzer, rows, isLearned) {
  const explained = [];
  for (const row of rows) {
    const explanation = await analyzer.explain(row);
    const counterfactual = await analyzer.counterfactual(row);
    explained.push({ explanation, counterfactual, ...(isLearned ? { learned: await analyzer.explainLearned(row) } : {}) });
  }
  return explained;
}

/** @param {number} value */
const figure = (value) => value.toFixed(4);
/** @param {number} value */
const signed = (value) => (value < 0 ? '' : '+') + figure(value);

/**
 * What contributions add up to, the largest in size first.
 * @param {{ base: number, score: number, contributions: { feature: string, value: number, text?: string, typical?: number, typicalText?: string, contribution: number }[] }} explanation
 * @returns {string[]}
 */
function sumLines({ base, score, contributions }) {
  const order = [...contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const shown = order.slice(0, N_LISTED).filter(({ contribution }) => contribution !== 0);
  const rest = order.slice(shown.length);
  const others = rest.reduce((sum, { contribution }) => sum + contribution, 0);
  return [
    `    ${figure(base).padStart(9)}  the average row`,
    ...shown.map(({ feature, value, text, typical, typicalText, contribution }) => {
      const usual = typical === undefined ? '' : `, typically ${said(typical, typicalText)}`;
      return `    ${signed(contribution).padStart(9)}  ${feature}: ${said(value, text)}${usual}`;
    }),
    ...(rest.length > 0 ? [`    ${signed(others).padStart(9)}  ${rest.length} other${rest.length > 1 ? 's' : ''}`] : []),
    `    ${figure(score).padStart(9)}  in all`,
  ];
}

/**
 * @param {number} value
 * @param {string} [text]
 */
const said = (value, text) => text ?? (Number.isNaN(value) ? 'missing' : String(Number(value.toPrecision(6))));

/** Of the learned model's scores. */
const UNITS = { 'log-odds': 'log-odds', probability: 'probabilities', value: 'units of the target' };

/**
 * Explained rows for people.
 * @param {Explained[]} explained
 * @returns {string}
 */
export function explainedText(explained) {
  const lines = explained.flatMap(({ explanation, counterfactual, learned }) => [
    '',
    `${explanation.entity}: ${explanation.sentence}`,
    ...(explanation.members ? [`  by itself: ${explanation.members.map(({ name, score }) => `${name} ${figure(score)}`).join(', ')}`] : []),
    ...(explanation.rules ?? []).map((rule) => `  rule: ${rule}`),
    '  its score:',
    ...sumLines(explanation),
    `  smallest change: ${counterfactual.sentence}`,
    ...(learned ? [`  learned model: ${learned.sentence}`, `  its score, in ${UNITS[learned.unit]}:`, ...sumLines(learned)] : []),
  ]);
  return `${lines.map(withoutControls).join('\n')}\n`;
}

/**
 * What a model cannot judge of rows that are not flagged and so are in no list, as far as they are explained, for people.
 * @param {any} analysis Analysis, of a prediction
 */
export function cautionsText({ top, flags }) {
  const lines = top
    .filter((/** @type {Explanation} */ { row, caution }) => caution !== undefined && flags[row] === 0)
    .map((/** @type {Explanation} */ { entity, caution }) => withoutControls(`not flagged, but: ${entity}: ${caution}`));
  const nMore = lines.length - N_CAUTIONS;
  const more = nMore > 0 ? [`and ${nMore} more; see --json or --csv`] : [];
  return lines.length > 0 ? `\n${[...lines.slice(0, N_CAUTIONS), ...more].join('\n')}\n` : '';
}

/**
 * How far the detectors of an ensemble agree, for people.
 * @param {import('./index.js').Agreement} agreement
 */
export function agreementText({ members, budget, spearman, overlap, votes }) {
  const width = Math.max(...members.map((name) => name.length)) * 2 + 2;
  const pairs = members.flatMap((a, i) =>
    members.slice(i + 1).map((b, j) => {
      const other = i + 1 + j;
      return `  ${`${a}, ${b}`.padEnd(width)}  ${spearman[i][other].toFixed(2).padStart(5)}  ${overlap[i][other]}`;
    }),
  );
  const flaggedBy = (/** @type {number} */ n) => votes.reduce((sum, vote) => sum + (vote === n ? 1 : 0), 0);
  const counts = members.map((_, i) => `${flaggedBy(i + 1)} by ${i + 1 === members.length ? `all ${i + 1}` : i + 1}`).reverse();
  return `${[
    '',
    `how far the detectors agree, each flagging its ${budget} most abnormal rows: rank correlation, rows that both flag`,
    ...pairs,
    `  rows flagged: ${counts.join(', ')}`,
  ].join('\n')}\n`;
}
