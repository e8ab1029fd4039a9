/**
 * What the command line says of a saved model.
 */
import { dayText } from './clock.js';
import { withoutControls } from './report.js';
import { HELD_OUT } from './units.js';

/** Labels shown of a category. */
const N_LABELS = 8;

/** @param {number | undefined} value */
const number = (value) => (value === undefined ? '' : String(Number(value.toPrecision(6))));

/**
 * Rows of cells under each other.
 * @param {string[][]} rows
 */
function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd());
}

/**
 * @param {any} field
 */
function valuesOf({ type, min, max, noYear, labels, examples }) {
  if (labels) return labels.length > N_LABELS ? `${labels.slice(0, N_LABELS).join(', ')} and ${labels.length - N_LABELS} more` : labels.join(', ');
  if (min === undefined) return `such as ${examples.join(', ')}`;
  if (type === 'timestamp' && noYear) return `${dayText(min, true)} to ${dayText(max, true)}`;
  if (type === 'timestamp') return `${new Date(min).toISOString()} to ${new Date(max).toISOString()}`;
  return `${number(min)} to ${number(max)}`;
}

/**
 * Model information for people.
 * @param {any} info ModelInfo
 */
export function modelText(info) {
  const { plan, fields, features, metrics, learned, notes } = info;
  const lines = [
    `${info.createdBy}, format ${info.format}, schema ${info.schemaHash}`,
    `recipe ${plan.recipe}, detector ${info.detectors.join(', ')}, seed ${info.seed}; a row is a ${info.unit}`,
    `fitted to ${info.rows} rows of ${info.tableRows} records; threshold ${info.threshold.toFixed(4)}, ${info.flaggedRows} rows ` +
      `above it (${(100 * info.contamination).toFixed(2)} %)`,
  ];
  if (info.timeZone) lines.push(`time zone ${info.timeZone}`);
  if (metrics) {
    const shown = ['precision', 'recall', 'f1', 'rocAuc', 'prAuc'].filter((name) => name in metrics);
    lines.push(`against ${plan.label}: ${shown.map((name) => `${name} ${metrics[name].toFixed(4)}`).join(', ')}`);
  }
  if (learned) {
    const what = typeof learned.target === 'string' ? learned.target : learned.target.column;
    const shown = ['accuracy', 'f1', 'macroF1', 'rocAuc', 'prAuc', 'rmse', 'r2'].filter((name) => name in learned.metrics);
    lines.push(
      `${learned.model} learned ${what} from ${learned.rows} rows${learned.classes.length > 0 ? ` (${learned.classes.join(', ')})` : ''}; on ` +
        `${learned.heldOutRows} held out ${HELD_OUT[learned.splitBy]}: ${shown.map((name) => `${name} ${learned.metrics[name].toFixed(4)}`).join(', ')}`,
    );
  }
  lines.push('', 'columns that a file must have (those in brackets may be missing):');
  lines.push(
    ...aligned(
      fields.map((/** @type {any} */ field) => [
        field.required ? field.name : `[${field.name}]`,
        field.type,
        field.role ?? '',
        valuesOf(field),
      ]),
    ),
  );
  lines.push('', 'features: least, typical, greatest value of the rows fitted to');
  lines.push(
    ...aligned(
      features.map((/** @type {any} */ { name, labels, min, typical, max, unit, meaning }) => [
        name,
        labels ? '' : number(min),
        labels ? (labels[typical] ?? '') : number(typical),
        labels ? `${labels.length} values` : number(max),
        unit,
        meaning,
      ]),
    ),
  );
  if (notes.length > 0) lines.push('', ...notes.map((/** @type {string} */ note) => `note: ${note}`));
  return `${lines.map(withoutControls).join('\n')}\n`;
}
