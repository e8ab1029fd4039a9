/**
 * What the command line says about an analysis, as a plan.
 */
import { readFile } from 'node:fs/promises';
import { AnalyzerError } from './node.js';

/** Options of `analyze` that shape the plan; `type` and `multiple` as node:util has them, `number` marks those to be parsed. */
export const PLANNING = {
  plan: { type: 'string' },
  recipe: { type: 'string' },
  role: { type: 'string', multiple: true },
  treat: { type: 'string', multiple: true },
  param: { type: 'string', multiple: true },
  feature: { type: 'string', multiple: true },
  omit: { type: 'string', multiple: true },
  novelty: { type: 'boolean' },
  'no-novelty': { type: 'boolean' },
  prepare: { type: 'string', multiple: true },
  rule: { type: 'string', multiple: true },
  'at-least': { type: 'string', number: true },
  detector: { type: 'string' },
  label: { type: 'string' },
  contamination: { type: 'string', number: true, share: true },
  budget: { type: 'string', number: true },
  'alerts-per-day': { type: 'string', number: true },
  cost: { type: 'string' },
  seed: { type: 'string', number: true },
};

/**
 * @param {string} option
 * @param {string} expected
 * @param {string} found
 */
export function refused(option, expected, found) {
  return new AnalyzerError('options', `--${option}: expected ${expected}, found "${found}"; see isoscope --help`);
}

/**
 * `name=value` pairs, cut at the first equals sign.
 * @param {string} option
 * @param {string[]} given
 */
function pairs(option, given = []) {
  return given.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw refused(option, 'NAME=VALUE', pair);
    return /** @type {[string, string]} */ ([pair.slice(0, at).trim(), pair.slice(at + 1).trim()]);
  });
}

/** @param {string} name `night-start-hour` is `nightStartHour` */
const camelCase = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());

/**
 * What a value is: a number, true or false, a list where there are commas, else text.
 * @param {string} text
 * @returns {unknown}
 */
function valueOf(text) {
  if (text.includes(',')) return text.split(',').map((part) => valueOf(part.trim()));
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * Values by name; `iforest.max-features` is a value of `iforest`.
 * @param {string} option
 * @param {string[]} [given]
 * @param {string[]} lists names whose value is a list even when it is one
 * @returns {Record<string, unknown> | undefined}
 */
export function values(option, given, lists = []) {
  if (given === undefined) return undefined;
  /** @type {Map<string, unknown>} */
  const named = new Map();
  for (const [name, text] of pairs(option, given)) {
    const [key, ...within] = camelCase(name).split('.');
    const value = within.reduceRight((inner, part) => ({ [part]: inner }), valueOf(text));
    named.set(key, lists.includes(key) && !Array.isArray(value) ? [value] : both(named.get(key), value));
  }
  return Object.fromEntries(named);
}

/**
 * The second of two values, or both where they are values by name.
 * @param {any} first
 * @param {any} second
 * @returns {any}
 */
function both(first, second) {
  const isNamed = (/** @type {unknown} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isNamed(first) || !isNamed(second)) return second;
  return { ...first, ...Object.fromEntries(Object.entries(second).map(([key, value]) => [key, both(first[key], value)])) };
}

/** `column=drop`, `column=constant:0`; the column's name may have a "=" itself. */
const TREATMENT = /^(.+)=(?:(drop|mean|median|other)|constant:(.*))$/;

/**
 * @param {string} text
 * @returns {[string, string | { constant: string }]} column, and what becomes of it
 */
function treatmentOf(text) {
  const [, column, treatment, constant] = TREATMENT.exec(text) ?? [];
  if (column === undefined) throw refused('treat', 'COLUMN=drop, mean, median, other or constant:VALUE', text);
  return [column.trim(), treatment ?? { constant }];
}

/** `feature > above`, and `: points` where it gives other than one. */
const RULE = /^(.+?)\s*>\s*([^\s:]+)\s*(?::\s*(\S+))?$/;

/** @param {string} text */
function ruleOf(text) {
  const [, feature, above, points = '1'] = RULE.exec(text.trim()) ?? [];
  const rule = { feature, above: Number(above), points: Number(points) };
  if (feature === undefined || !Number.isFinite(rule.above) || !Number.isFinite(rule.points)) {
    throw refused('rule', 'FEATURE>NUMBER or FEATURE>NUMBER:POINTS', text);
  }
  return rule;
}

/** Options of `tune` beside those of the plan. */
export const TUNING = {
  try: { type: 'string', multiple: true },
  search: { type: 'string' },
  basis: { type: 'string' },
  metric: { type: 'string' },
  folds: { type: 'string', number: true },
  'max-candidates': { type: 'string', number: true },
  'judged-rows': { type: 'string', number: true },
};

/** `from..to`, `from..to:log` */
const RANGE = /^([^.:]+(?:\.\d+)?)\.\.([^:]+)(:log)?$/;

/**
 * What is tried of one parameter: values with commas between, `iforest+knn` for several detectors as one, or a range.
 * @param {string} text
 */
function triedOf(text) {
  const [, from, to, log] = RANGE.exec(text) ?? [];
  if (from !== undefined && Number.isFinite(Number(from)) && Number.isFinite(Number(to))) {
    const whole = Number.isInteger(Number(from)) && Number.isInteger(Number(to)) && ![from, to].some((end) => end.includes('.'));
    return { from: Number(from), to: Number(to), ...(log ? { log: true } : {}), ...(whole ? { whole: true } : {}) };
  }
  return text.split(',').map((part) => (part.includes('+') ? part.split('+').map((name) => name.trim()) : valueOf(part.trim())));
}

/**
 * The options of a search, without its plan.
 * @param {Record<string, any>} options
 */
export function tuningOf({ try: tried, search, basis, metric, folds, ...options }) {
  const space = tried && Object.fromEntries(pairs('try', tried).map(([name, text]) => [camelCase(name), triedOf(text)]));
  const own = { space, search, basis, metric, folds, maxCandidates: options['max-candidates'], maxRows: options['judged-rows'] };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}

/** @param {string | undefined} text `MISS:FALSE` */
function costOf(text) {
  if (text === undefined) return undefined;
  const [miss, falseAlarm, ...more] = text.split(':').map(Number);
  const areCosts = [miss, falseAlarm].every((cost) => Number.isFinite(cost) && cost > 0);
  if (!areCosts || more.length > 0) throw refused('cost', 'MISS:FALSE, two numbers above 0 of which the ratio counts, as 10:1', text);
  return { miss, falseAlarm };
}

/** @param {string | undefined} text one detector, several with commas between, or `recommended` */
function detectorsOf(text) {
  const names = text?.split(',').map((name) => name.trim());
  return names?.length === 1 ? names[0] : names;
}

/**
 * What the file of `--plan` holds: a plan alone, or an analysis or a search saved as JSON, with the plan in it and, where
 * it was searched how to learn, the best options of that.
 * @param {string | undefined} path
 * @returns {Promise<{ plan: Record<string, any>, learn?: Record<string, any> }>}
 */
export async function planFile(path) {
  if (path === undefined) return { plan: {} };
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AnalyzerError('source-failed', `--plan ${path} cannot be read: ${/** @type {Error} */ (cause).message}`, { cause });
  }
  try {
    const { plan, learn, ...bare } = JSON.parse(text);
    return { plan: plan ?? bare, learn };
  } catch (cause) {
    const { message } = /** @type {Error} */ (cause);
    throw new AnalyzerError('options', `--plan ${path}: expected JSON with a plan, found what cannot be read: ${message}`, { cause });
  }
}

/**
 * The plan that the options make of a file's; what neither says is suggested.
 * @param {Record<string, any>} options
 * @param {Record<string, any>} base the file's
 * @param {import('./analyzer.js').Analyzer} analyzer with a table, of which roles not named are as suggested
 * @returns {Promise<Record<string, any>>}
 */
export async function planOf(options, base, analyzer) {
  const { recipe, detector, label, contamination, budget, seed } = options;
  const merged = (/** @type {string} */ key, /** @type {object | undefined} */ given) =>
    given === undefined ? base[key] : both(base[key], given);
  const roles = options.role && Object.fromEntries(pairs('role', options.role));
  const features = pairs('feature', options.feature).map(([name, formula]) => ({ name, formula }));
  const rules = options.rule?.map(ruleOf) ?? base.rules?.rules;
  const atLeast = options['at-least'] ?? base.rules?.atLeast;
  if (options['at-least'] !== undefined && rules === undefined) {
    throw refused('at-least', 'rules that give points, by --rule', String(options['at-least']));
  }
  /** @type {object | undefined} */
  let novelty = base.novelty;
  if (options.novelty) novelty = { ...base.novelty, enabled: true };
  if (options['no-novelty']) novelty = { ...base.novelty, enabled: false };
  // A cut that is asked for takes the place of whichever the file has.
  const wishes = { contamination, budget, alertsPerDay: options['alerts-per-day'], cost: costOf(options.cost) };
  const isCut = Object.values(wishes).some((wish) => wish !== undefined);
  const cut = isCut ? { ...wishes, threshold: undefined, contamination: contamination ?? base.contamination } : {};
  const plan = {
    ...base,
    ...cut,
    recipe: recipe ?? base.recipe,
    detector: detectorsOf(detector) ?? base.detector,
    label: label ?? base.label,
    seed: seed ?? base.seed,
    roles: roles ? { ...(base.roles ?? (await analyzer.suggest()).roles), ...roles } : base.roles,
    treatments: merged('treatments', options.treat && Object.fromEntries(options.treat.map(treatmentOf))),
    parameters: merged('parameters', values('param', options.param, ['weekendDays'])),
    preparation: merged('preparation', values('prepare', options.prepare)),
    novelty,
    ownFeatures: features.length > 0 ? [...(base.ownFeatures ?? []), ...features] : base.ownFeatures,
    omitted: options.omit ? [...(base.omitted ?? []), ...options.omit] : base.omitted,
    rules: rules === undefined ? base.rules : { rules, ...(atLeast === undefined ? {} : { atLeast }) },
  };
  return Object.fromEntries(Object.entries(plan).filter(([, value]) => value !== undefined));
}
