/**
 * Learning from the command line: what is asked, and what is printed of it.
 */
import { readFile } from 'node:fs/promises';
import { refused, values } from './cli-plan.js';
import { withoutControls } from './report.js';
import { HELD_OUT } from './units.js';

/** What is learned: options of `analyze` and of `tune`; `type` and `multiple` as node:util has them. */
export const LEARNT = {
  learn: { type: 'string' },
  target: { type: 'string' },
  'learn-param': { type: 'string', multiple: true },
  'split-by': { type: 'string' },
  'class-weight': { type: 'string' },
};

/** Options of `analyze` that learn from what was analysed. */
export const LEARNING = {
  ...LEARNT,
  'test-share': { type: 'string', number: true, share: true },
  folds: { type: 'string', number: true },
  onnx: { type: 'string' },
  xgboost: { type: 'string' },
};

const MODELS = ['logistic', 'forest', 'boosting'];
const TARGETS = ['flags', 'label', 'rules', 'rule-points'];
/** Features listed; the rest is in `--json`. */
const N_FEATURES = 10;

/** Files of the learned model by the option that names them. @type {[string, string][]} */
const FILES = [
  ['onnx', 'onnx'],
  ['xgboost', 'xgboost-json'],
];

/**
 * Takes the options of learning out of those of a command.
 * @param {Record<string, any>} options
 * @param {Record<string, any>} [found] by a search: what is learned where the options say nothing else, unless they name
 *   another model
 * @returns {Promise<{ learning: Record<string, any> | undefined, files: { option: string, path: string, kind: string }[], rest: Record<string, any> }>}
 */
export async function learningOptions(options, found) {
  const { learn, target, 'learn-param': parameters, 'split-by': by, 'test-share': testShare, folds, 'class-weight': classWeight, onnx, xgboost, ...rest } = options;
  const base = learn === undefined || learn === found?.model ? found : undefined;
  const model = learn ?? base?.model;
  if (model === undefined) {
    const [lone] = Object.keys(LEARNING).filter((name) => options[name] !== undefined);
    if (lone !== undefined) throw refused(lone, 'a model to learn with, by --learn', String(options[lone]));
    return { learning: undefined, files: [], rest };
  }
  const isFile = model.endsWith('.json');
  if (!isFile && !MODELS.includes(model)) throw refused('learn', `${MODELS.join(', ')} or a .json of XGBoost`, model);
  if (isFile && parameters !== undefined) throw refused('learn-param', 'none, as the model of a file is whole', parameters.join(', '));
  const split = Object.fromEntries(Object.entries({ by, testShare, folds }).filter(([, value]) => value !== undefined));
  const learning = {
    ...base,
    ...(isFile ? { xgboost: await text(model) } : { model, [model]: { ...base?.[model], ...values('learn-param', parameters) } }),
    // What is none of the words is a column, also one that is called as a word where it is written with "column:".
    ...(target === undefined ? {} : { target: TARGETS.includes(target) ? target : { column: target.replace(/^column:/, '') } }),
    ...(classWeight === undefined ? {} : { classWeight: classWeightOf(classWeight) }),
    split: { ...base?.split, ...split },
  };
  const files = FILES.filter(([option]) => options[option] !== undefined).map(([option, kind]) => ({ option, path: options[option], kind }));
  return { learning, files, rest };
}

/** @param {string} given `balanced`, `none`, or a weight for classes as `fraud=5,normal=1` */
function classWeightOf(given) {
  if (given === 'balanced' || given === 'none') return given;
  const weights = given.split(',').map((pair) => {
    const at = pair.lastIndexOf('=');
    return /** @type {[string, number]} */ ([pair.slice(0, at).trim(), at < 1 ? Number.NaN : Number(pair.slice(at + 1))]);
  });
  if (weights.every(([, weight]) => weight > 0 && weight < Infinity)) return { given: Object.fromEntries(weights) };
  throw refused('class-weight', 'balanced, none, or a weight above 0 for classes, as fraud=5,normal=1', given);
}

/** @param {string} path */
async function text(path) {
  return readFile(path, 'utf8').catch((cause) => {
    throw refused('learn', 'a file that can be read', `${path}: ${cause.message}`);
  });
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
    `${model} learned ${what} from ${trainRows} rows, judged on ${testRows} held out ${HELD_OUT[splitBy]}${folds.length > 0 ? ` in ${folds.length} folds` : ''}`,
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
  return `${lines.map(withoutControls).join('\n')}\n`;
}
