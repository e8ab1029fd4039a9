/**
 * The ranked list of `<isoscope-analyzer>`: who, how severe, why, and on demand what each feature has to do with it.
 */
import { el } from './element-dom.js';

/** Shape and word for each severity, so that colour is never alone. */
const SEVERITY = [
  { name: 'none', shape: '○' },
  { name: 'low', shape: '■' },
  { name: 'medium', shape: '◆' },
  { name: 'high', shape: '▲' },
];
/** Entities shown at first and added by each press of the button. */
const PAGE = 50;

const decimals = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const contribution = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4, signDisplay: 'exceptZero' });

/** Shows the ranking of one analysis at a time. */
export class RankedList {
  root = el('div');

  /**
   * @param {any} analysis
   * @param {import('./analyzer.js').Analyzer} analyzer explains rows that the analysis did not
   */
  show(analysis, analyzer) {
    const explained = new Map(analysis.top.map((/** @type {any} */ why) => [why.row, why]));
    /** @param {number} row */
    const explain = async (row) => explained.get(row) ?? analyzer.explain(row);
    const list = el('ol', { part: 'list', 'aria-label': 'Flagged, most abnormal first' });
    const more = el('button', { type: 'button' }, 'Show more');
    let shown = 0;
    const addPage = () => {
      const page = analysis.ranking.slice(shown, shown + PAGE);
      list.append(...page.map((/** @type {any} */ ranked) => entry(ranked, explain)));
      shown += page.length;
      more.hidden = shown >= analysis.ranking.length;
    };
    more.addEventListener('click', addPage);
    addPage();
    this.root.replaceChildren(list, more);
  }
}

/**
 * @param {any} ranked
 * @param {(row: number) => Promise<any>} explain
 */
function entry({ name, row, score, severity, sentence }, explain) {
  const { name: word, shape } = SEVERITY[severity];
  const details = el(
    'details',
    { part: 'entity' },
    el(
      'summary',
      {},
      el('span', { class: word }, el('span', { 'aria-hidden': 'true' }, `${shape} `), word),
      el('span', { class: 'name' }, name),
      el('span', { class: 'score', 'aria-label': `score ${score.toFixed(3)}` }, score.toFixed(3)),
      el('span', { class: 'why' }, sentence),
    ),
  );
  details.addEventListener(
    'toggle',
    async () => {
      const body = el('div', { class: 'table' });
      details.append(body);
      try {
        body.append(contributionTable(await explain(row)));
      } catch (error) {
        body.append(el('p', { class: 'error' }, /** @type {Error} */ (error).message));
      }
    },
    { once: true },
  );
  return el('li', {}, details);
}

/** @param {any} explanation */
function contributionTable({ entity, base, score, contributions }) {
  const head = ['feature', 'value', 'typical', 'deviation (z)', 'share of score'].map((text) => el('th', { scope: 'col' }, text));
  const rows = contributions.map((/** @type {any} */ part) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, part.feature),
      ...[part.value, part.typical, part.z].map((value) => el('td', {}, decimals.format(value))),
      el('td', {}, contribution.format(part.contribution)),
    ),
  );
  return el(
    'table',
    {},
    el('caption', { class: 'quiet' }, `${entity}: ${base.toFixed(4)} for everyone and the shares below make ${score.toFixed(4)}`),
    el('thead', {}, el('tr', {}, ...head)),
    el('tbody', {}, ...rows),
  );
}
