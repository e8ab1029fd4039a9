#!/usr/bin/env node
/**
 * `isoscope analyze FILE...`, `tune FILE...`, `predict FILE...`, `inspect MODEL`, `profile FILE...` and `sample NAME`. Files
 * are streamed, never read whole.
 */
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { EXPLAINING, agreementText, cautionsText, explainRows, explainedRows, explainedText, explainingOptions } from './cli-explain.js';
import { HELP } from './cli-help.js';
import { LEARNING, LEARNT, learnedText, learningOptions } from './cli-learn.js';
import { PLANNING, TUNING, planFile, planOf, tuningOf } from './cli-plan.js';
import { openOperands } from './cli-source.js';
import { AnalyzerError, open } from './node.js';
import { modelText } from './model-text.js';
import { profileReport } from './profile-report.js';
import { errorLine, estimateText, jsonText, plantedLine, profileText, progressLine, rankedTable, tuningText } from './report.js';

/** Options that say how a source is read. */
const READING = {
  format: { type: 'string' },
  delimiter: { type: 'string' },
  encoding: { type: 'string' },
  'time-zone': { type: 'string' },
  'day-first': { type: 'string', multiple: true },
  'month-first': { type: 'string', multiple: true },
  header: { type: 'boolean' },
  'no-header': { type: 'boolean' },
  type: { type: 'string', multiple: true },
  columns: { type: 'string' },
  missing: { type: 'string', multiple: true },
  aggregate: { type: 'boolean' },
  'max-rows': { type: 'string', number: true },
  sample: { type: 'string', number: true, share: true },
  'sample-by': { type: 'string' },
  'sample-seed': { type: 'string', number: true },
  'max-expansion': { type: 'string', number: true },
};

/** Options of each command; `type` and `multiple` as node:util has them, `number` marks those to be parsed. */
const COMMANDS = {
  analyze: {
    ...READING,
    ...PLANNING,
    ...LEARNING,
    ...EXPLAINING,
    estimate: { type: 'boolean' },
    'explain-global': { type: 'boolean' },
    'features-csv': { type: 'string' },
    'detector-onnx': { type: 'string' },
    save: { type: 'string' },
    json: { type: 'boolean' },
  },
  tune: {
    ...READING,
    ...PLANNING,
    ...TUNING,
    ...LEARNT,
    json: { type: 'boolean' },
  },
  predict: {
    ...READING,
    ...EXPLAINING,
    model: { type: 'string' },
    csv: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  inspect: { json: { type: 'boolean' } },
  profile: {
    ...READING,
    estimate: { type: 'boolean' },
    html: { type: 'string' },
    json: { type: 'boolean' },
    time: { type: 'string' },
    entity: { type: 'string' },
  },
  sample: {
    users: { type: 'string', number: true },
    days: { type: 'string', number: true },
    seed: { type: 'string', number: true },
    output: { type: 'string', short: 'o' },
  },
};

/** @param {string[]} args */
async function run(args) {
  const [command, ...rest] = args;
  if (command === undefined || command === '--help' || command === '-h' || command === 'help') return print(HELP);
  if (command === '--version' || command === '-v') return print(`${await packageVersion()}\n`);
  if (!isCommand(command)) {
    throw usage(`command: expected analyze, tune, predict, inspect, profile or sample, found "${command}"`);
  }
  if (rest.includes('--help') || rest.includes('-h')) return print(HELP);
  const { operands, options } = parse(command, rest);
  if (command === 'sample') return writeSample(operands[0], options);
  if (command === 'tune') return tuneFiles(operands, options);
  if (command === 'inspect') return inspectModel(operands[0], options);
  if (command === 'predict') return predictFiles(operands, options);
  return command === 'analyze' ? analyzeFiles(operands, options) : profileFiles(operands, options);
}

/**
 * @param {string} command
 * @returns {command is keyof typeof COMMANDS}
 */
const isCommand = (command) => Object.hasOwn(COMMANDS, command);

/** Commands with one operand, and what it is. @type {Record<string, string>} */
const ONE = { sample: 'NAME', inspect: 'MODEL' };

/**
 * @param {keyof typeof COMMANDS} command
 * @param {string[]} args
 */
function parse(command, args) {
  const known = /** @type {Record<string, { type: 'string' | 'boolean', number?: boolean, share?: boolean }>} */ (COMMANDS[command]);
  let parsed;
  try {
    parsed = parseArgs({ args, options: known, allowPositionals: true });
  } catch (cause) {
    throw usage(/** @type {Error} */ (cause).message);
  }
  const { positionals, values } = parsed;
  if (command in ONE ? positionals.length !== 1 : positionals.length === 0) {
    throw usage(`${command} needs ${command in ONE ? `one ${ONE[command]}` : 'a FILE'}, found ${positionals.length || 'none'}`);
  }
  /** @type {Record<string, any>} */
  const options = {};
  for (const [name, value] of Object.entries(values)) {
    options[name] = known[name].number ? numberOf(String(value), known[name].share) : value;
    if (Number.isNaN(options[name])) throw usage(`--${name}: expected a number, found "${value}"`);
  }
  return { operands: positionals, options };
}

/**
 * @param {string} text a number, or, where it is a share, so many in 100 as `5%`
 * @param {boolean} [isShare]
 */
const numberOf = (text, isShare) => (isShare && /^[\d.]+ *%$/.test(text) ? Number(text.slice(0, -1)) / 100 : Number(text));

/** @param {string} what */
function usage(what) {
  return new AnalyzerError('options', `${what.replace(/\.$/, '')}; see isoscope --help`);
}

/**
 * A character, or its name: `tab`, or the number of its byte as `0x01`.
 * @param {string | undefined} given
 */
function delimiterOption(given) {
  const [, byte] = /^(?:0|\\)x([0-7][0-9a-f])$/i.exec(given ?? '') ?? [];
  if (byte) return String.fromCharCode(Number.parseInt(byte, 16));
  return given === 'tab' || given === '\\t' ? '\t' : given;
}

/**
 * Takes the options of reading out of those of a command.
 * @param {Record<string, any>} options
 * @returns {{ reading: Record<string, any>, rest: Record<string, any> }}
 */
function readingOptions(options) {
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !(name in READING)));
  const { format, delimiter, encoding, header, columns, missing, aggregate } = options;
  if (header && options['no-header']) throw usage('--header, --no-header: expected one of them, found both');
  const dates = [
    ...(options['day-first'] ?? []).map((/** @type {string} */ column) => [column, 'day-first']),
    ...(options['month-first'] ?? []).map((/** @type {string} */ column) => [column, 'month-first']),
  ];
  const all = {
    format,
    delimiter: delimiterOption(delimiter),
    encoding,
    timeZone: options['time-zone'],
    dates: dates.length > 0 ? Object.fromEntries(dates) : undefined,
    header: options['no-header'] ? false : header,
    types: options.type && Object.fromEntries(options.type.map(typeOption)),
    columns: columns?.split(','),
    missing,
    aggregate,
    maxRows: options['max-rows'],
    sample: sampleOption(options),
    maxExpansion: options['max-expansion'],
  };
  return { reading: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)), rest };
}

/**
 * @param {string} given
 * @returns {[string, string]} column and type; the column's name may have a "=" itself
 */
function typeOption(given) {
  const at = given.lastIndexOf('=');
  if (at < 1) throw usage(`--type: expected COLUMN=TYPE, found "${given}"`);
  return [given.slice(0, at), given.slice(at + 1)];
}

/** @param {Record<string, any>} options */
function sampleOption({ sample: share, 'sample-by': by, 'sample-seed': seed }) {
  if (share !== undefined) return { share, ...(by === undefined ? {} : { by }), ...(seed === undefined ? {} : { seed }) };
  if (by !== undefined || seed !== undefined) throw usage('--sample-by, --sample-seed: expected --sample X as well');
  return undefined;
}

/**
 * Does something with an analyzer and the source that operands name, showing progress where somebody looks, and prints
 * what it gives.
 * @param {string[]} operands
 * @param {(analyzer: import('./analyzer.js').Analyzer, source: unknown) => Promise<string | Uint8Array | undefined>} work
 */
async function withSource(operands, work) {
  const { source, close } = await openOperands(operands);
  const analyzer = await open();
  const shows = process.stderr.isTTY;
  if (shows) analyzer.on('progress', (detail) => process.stderr.write(`\r${progressLine(detail)}\x1b[K`));
  let content;
  try {
    content = await work(analyzer, source);
  } finally {
    if (shows) process.stderr.write('\r\x1b[K');
    analyzer.dispose();
    await close();
  }
  if (content !== undefined) await print(content);
}

/**
 * @param {string[]} operands
 * @param {Record<string, any>} options
 */
async function analyzeFiles(operands, options) {
  const { reading, rest } = readingOptions(options);
  const saved = await planFile(rest.plan);
  const { learning, files, rest: beside } = await learningOptions(rest, saved.learn);
  const { explaining, rest: others } = explainingOptions(beside);
  const { json, estimate, 'explain-global': isGlobal, 'features-csv': featuresPath, 'detector-onnx': onnxPath, save: modelPath, ...planning } = others;
  if (isGlobal && !json) throw usage('--explain-global: expected --json as well');
  return withSource(operands, async (analyzer, source) => {
    if (estimate) return estimated(analyzer, source, reading, json);
    const table = await analyzer.ingest(source, reading);
    const analysis = await analyzer.analyze(await planOf(planning, saved.plan, analyzer));
    /** @type {unknown} */
    let failure;
    // What cannot be learned takes nothing from what was analysed: that is printed, then why.
    const learned = learning && (await analyzer.learn(learning).catch((error) => void (failure = error)));
    if (isGlobal) analysis.global = await analyzer.globalExplanation();
    if (featuresPath !== undefined) await save('features-csv', featuresPath, (await analyzer.export('features')).bytes);
    if (onnxPath !== undefined) await save('detector-onnx', onnxPath, (await analyzer.export('detector-onnx')).bytes);
    if (modelPath !== undefined) await save('save', modelPath, await analyzer.save());
    if (learned) for (const { option, path, kind } of files) await save(option, path, (await analyzer.export(kind)).bytes);
    const { data, text, failure: unexplained } = await reasons(analyzer, analysis, explaining, Boolean(learned));
    const content = json
      ? jsonText({ ...analysis, ...(learned ? { learned } : {}), ...data, table })
      : rankedTable(table, analysis, process.stdout.columns) + (learned ? learnedText(learned) : '') + text;
    return contentBefore(failure ?? unexplained, content);
  });
}

/**
 * What is printed; before it fails, where it does.
 * @param {unknown} failure
 * @param {string} content
 */
async function contentBefore(failure, content) {
  if (failure === undefined) return content;
  await print(content);
  throw failure;
}

/**
 * What is said of an analysis beside its ranking: how far the detectors of an ensemble agree, and the rows that were asked
 * for, explained; or why these were not.
 * @param {import('./analyzer.js').Analyzer} analyzer
 * @param {any} analysis Analysis
 * @param {{ names: string[], top: number } | undefined} explaining
 * @param {boolean} isLearned whether there is a learned model
 */
async function reasons(analyzer, analysis, explaining, isLearned) {
  const agreement = analysis.members && (await analyzer.agreement());
  /** @type {unknown} */
  let failure;
  /** @param {{ names: string[], top: number }} asked */
  const explain = async (asked) => explainRows(analyzer, explainedRows(analysis, asked), isLearned);
  const explained = explaining && (await explain(explaining).catch((error) => void (failure = error)));
  return {
    failure,
    data: { ...(agreement ? { agreement } : {}), ...(explained ? { explained } : {}) },
    text: (agreement ? agreementText(agreement) : '') + (explained ? explainedText(explained) : ''),
  };
}

/**
 * What reading a source would take, as it is printed.
 * @param {import('./analyzer.js').Analyzer} analyzer
 * @param {unknown} source
 * @param {Record<string, any>} reading
 * @param {boolean} [isJson]
 */
async function estimated(analyzer, source, reading, isJson) {
  const estimate = await analyzer.estimate(source, reading);
  return isJson ? jsonText(estimate) : estimateText(estimate);
}

/**
 * Loads the model that an option or operand names.
 * @param {import('./analyzer.js').Analyzer} analyzer
 * @param {string} path
 */
async function loadModel(analyzer, path) {
  let bytes;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code, message } = /** @type {any} */ (cause);
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new AnalyzerError('source-failed', `${path} cannot be read: ${why}`, { cause });
  }
  return analyzer.load(bytes);
}

/**
 * @param {string[]} operands
 * @param {Record<string, any>} options
 */
async function predictFiles(operands, options) {
  const { reading, rest: beside } = readingOptions(options);
  const { explaining, rest } = explainingOptions(beside);
  const { model, json, csv } = rest;
  if (model === undefined) throw usage('predict needs --model FILE, as analyze --save FILE writes it');
  if (json && csv) throw usage('--json, --csv: expected one of them, found both');
  if (explaining && csv) throw usage('--explain, --explain-top: expected text or --json, found --csv');
  return withSource(operands, async (analyzer, source) => {
    await loadModel(analyzer, model);
    const analysis = await analyzer.predict(source, { ...reading, keep: true });
    if (csv) return (await analyzer.export('results')).bytes;
    const table = await analyzer.summary();
    const { data, text, failure } = await reasons(analyzer, analysis, explaining, analysis.learned !== undefined);
    // What was odd in reading is among the findings of the prediction.
    const content = json
      ? jsonText({ ...analysis, ...data, table })
      : rankedTable({ ...table, findings: [] }, analysis, process.stdout.columns) + cautionsText(analysis) + text;
    return contentBefore(failure, content);
  });
}

/**
 * @param {string} path
 * @param {{ json?: boolean }} options
 */
async function inspectModel(path, { json }) {
  const analyzer = await open();
  try {
    const info = await loadModel(analyzer, path);
    await print(json ? jsonText(info) : modelText(info));
  } finally {
    analyzer.dispose();
  }
}

/**
 * @param {string[]} operands
 * @param {Record<string, any>} options
 */
async function tuneFiles(operands, options) {
  const { reading, rest } = readingOptions(options);
  // Folds are those of the search.
  const { folds, ...asked } = rest;
  const { learning, rest: planning } = await learningOptions(asked);
  const saved = await planFile(planning.plan);
  return withSource(operands, async (analyzer, source) => {
    await analyzer.ingest(source, reading);
    const plan = await planOf(planning, saved.plan, analyzer);
    if (learning) await analyzer.analyze(plan);
    const tuning = await analyzer.tune({ ...tuningOf({ ...planning, folds }), ...(learning ? { learn: learning } : { plan }) });
    return rest.json ? jsonText(tuning) : tuningText(tuning);
  });
}

/**
 * @param {string[]} operands
 * @param {Record<string, any>} options
 */
async function profileFiles(operands, options) {
  const { reading, rest } = readingOptions(options);
  const { json, html, estimate, ...columns } = rest;
  return withSource(operands, async (analyzer, source) => {
    if (estimate) return estimated(analyzer, source, reading, json);
    const table = await analyzer.ingest(source, reading);
    const profile = await analyzer.profile(columns);
    if (html !== undefined) {
      const page = profileReport(profile, table, operands.length === 1 && operands[0] !== '-' ? { title: basename(operands[0]) } : {});
      await save('html', html, page);
    }
    if (json) return jsonText({ ...profile, table });
    return html === undefined ? profileText(profile, table) : undefined;
  });
}

/**
 * @param {string} name
 * @param {{ output?: string }} options the rest of them shape the sample
 */
async function writeSample(name, { output, ...shape }) {
  const analyzer = await open();
  try {
    const { bytes, planted } = await analyzer.sample({ name, ...shape });
    await (output === undefined ? print(bytes) : write(createWriteStream(output), bytes));
    if (output !== undefined) {
      process.stderr.write(plantedLine(output, bytes.length, planted));
    }
  } catch (cause) {
    if (/** @type {any} */ (cause).syscall === undefined) throw cause;
    const { message } = /** @type {Error} */ (cause);
    throw new AnalyzerError('options', `--output ${output}: cannot be written: ${message}`, { cause });
  } finally {
    analyzer.dispose();
  }
}

async function packageVersion() {
  return JSON.parse(await readFile(new URL('./package.json', import.meta.url), 'utf8')).version;
}

/** @param {string | Uint8Array} content */
function print(content) {
  return write(process.stdout, content, false);
}

/**
 * Writes the file that an option names.
 * @param {string} option
 * @param {string} path
 * @param {string | Uint8Array} content
 */
async function save(option, path, content) {
  await write(createWriteStream(path), content).catch((cause) => {
    throw new AnalyzerError('options', `--${option} ${path}: cannot be written: ${cause.message}`, { cause });
  });
}

/**
 * @param {NodeJS.WritableStream} stream
 * @param {string | Uint8Array} content
 * @returns {Promise<void>}
 */
function write(stream, content, ends = true) {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.write(content, (error) => {
      if (error) reject(error);
      else if (ends) stream.end(() => resolve());
      else resolve();
    });
  });
}

run(process.argv.slice(2)).catch((error) => {
  // The reader of a pipe may leave early (`| head`); that is no failure.
  if (error.code === 'EPIPE') return;
  process.stderr.write(errorLine(AnalyzerError.from(error)));
  process.exitCode = 1;
});
