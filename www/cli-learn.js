/**
 * Learning from the command line: what is asked, and what is printed of it.
 */
import { refused, values } from './cli-plan.js';

/** Options of `analyze` that learn from what was analysed; `type` and `multiple` as node:util has them. */
export const LEARNING = {
  learn: { type: 'string' },
  target: { type: 'string' },
  'learn-param': { type: 'string', multiple: true },
  'split-by': { type: 'string' },
  'test-share': { type: 'string', number: true },
  folds: { type: 'string', number: true },
  'class-weight': { type: 'string' },
};

const MODELS = ['logistic', 'forest', 'boosting'];
const TARGETS = ['flags', 'label', 'rules', 'rule-points'];
/** Features listed; the rest is in `--json`. */
const N_FEATURES = 10;

/**
 * Takes the options of learning out of those of a command.
 * @param {Record<string, any>} options
 * @returns {{ learning: Record<string, any> | undefined, rest: Record<string, any> }}
 */
export function learningOptions(options) {
  const { learn, target, 'learn-param': parameters, 'split-by': by, 'test-share': testShare, folds, 'class-weight': classWeight, ...rest } = options;
  if (learn === undefined) {
    const [lone] = Object.keys(LEARNING).filter((name) => options[name] !== undefined);
    if (lone !== undefined) throw refused(lone, 'a model to learn with, by --learn', String(options[lone]));
    return { learning: undefined, rest };
  }
  if (!MODELS.includes(learn)) throw refused('learn', MODELS.join(', '), learn);
  const split = Object.fromEntries(Object.entries({ by, testShare, folds }).filter(([, value]) => value !== undefined));
  const learning = {
    model: learn,
    [learn]: values('learn-param', parameters) ?? {},
    // What is none of the words is a column, also one that is called as a word where it is written with "column:".
    ...(target === undefined ? {} : { target: TARGETS.includes(target) ? target : { column: target.replace(/^column:/, '') } }),
    ...(classWeight === undefined ? {} : { classWeight }),
    split,
  };
  return { learning, rest };
}

/** @param {number} value */
const figure = (value) => (Number.isFinite(value) ? value.toFixed(4) : '-');

/**
 * What was learned, for people.
 * @param {any} learned Learned
 */
export function learnedText(learned) {
  const { model, target, task, classes, splitBy, trainRows, testRows, folds, summary, importance, leaks, notes } = learned;
  const judged = learned.evaluation ?? learned.classEvaluation ?? learned.regression;
  const names = {
    binary: ['rocAuc', 'prAuc', 'accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1', 'mcc'],
    classes: ['rocAuc', 'accuracy', 'balancedAccuracy', 'macroF1', 'weightedF1'],
    regression: ['mse', 'rmse', 'mae', 'r2'],
  }[/** @type {'binary' | 'classes' | 'regression'} */ (task)];
  const what = typeof target === 'string' ? target : `column ${target.column}`;
  const lines = [
    '',
    `${model} learned ${what} from ${trainRows} rows, judged on ${testRows} held out by ${splitBy}${folds.length > 0 ? ` in ${folds.length} folds` : ''}`,
  ];
  if (classes.length > 0) {
    lines.push(`  classes: ${classes.map((/** @type {any} */ { name, train, test }) => `${name} (${train} learned, ${test} held out)`).join(', ')}`);
  }
  for (const name of names) {
    const interval = judged.intervals?.[name];
    const spread = summary[name];
    lines.push(
      `  ${name.padEnd(17)} ${figure(judged[name]).padStart(9)}` +
        (interval ? `   95 % interval ${interval.map(figure).join(' to ')}` : '') +
        (spread ? `   folds ${figure(spread.mean)} ± ${figure(spread.deviation)}` : ''),
    );
  }
  if (learned.evaluation) {
    const { tp, fp, tn, fn } = learned.evaluation.confusion;
    lines.push(`  found ${tp}, missed ${fn}, false alarms ${fp}, rightly left ${tn}; Brier score ${figure(learned.evaluation.calibration.brier)}`);
  }
  if (learned.outOfBag !== undefined) lines.push(`  out-of-bag score ${figure(learned.outOfBag)}`);
  lines.push(`  what ${importance.measure} loses when a feature's values change places (and ${importance.kind}):`);
  for (const { feature, permutation, deviation, model: own } of importance.features.slice(0, N_FEATURES)) {
    const lost = permutation === undefined ? '-' : `${figure(permutation)} ± ${figure(deviation)}`;
    lines.push(`    ${lost.padEnd(19)} (${figure(own)})  ${feature}`);
  }
  for (const { message } of leaks) lines.push(`  leak: ${message}`);
  for (const note of notes) lines.push(`  note: ${note}`);
  return `${lines.join('\n')}\n`;
}
