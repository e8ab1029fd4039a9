#!/usr/bin/env node
/**
 * `isoscope analyze FILE` and `isoscope sample NAME`. Files are streamed, never read whole.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AnalyzerError, open } from './node.js';
import { errorLine, jsonText, plantedLine, progressLine, rankedTable } from './report.js';

const HELP = `isoscope: who behaved strangely in a log, and why. Nothing leaves this machine.

  isoscope analyze FILE [options]    reads a CSV log ("-" for standard input) and ranks what is abnormal
      --recipe R           activity (one row per user) or user-day; guessed when not given
      --detector D         iforest
      --label COLUMN       column that holds the truth; scores are judged against it, never fitted to it
      --contamination X    expected share of abnormal rows, above 0 to 0.5
      --seed N             seed of everything random
      --json               the whole analysis as JSON

  isoscope sample NAME [options]     writes a generated log with planted anomalies
      NAME                 office-activity, web-sessions or logins
      --users N  --days N  --seed N
      --output FILE        instead of standard output

  isoscope --help | --version

Errors are one line on standard error, "isoscope: CODE: what, where, what to do", with exit status 1.
`;

/** Options of each command; `type` as node:util has it, `number` marks those to be parsed. */
const COMMANDS = {
  analyze: {
    recipe: { type: 'string' },
    detector: { type: 'string' },
    label: { type: 'string' },
    contamination: { type: 'string', number: true },
    seed: { type: 'string', number: true },
    json: { type: 'boolean' },
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
  if (command !== 'analyze' && command !== 'sample') {
    throw usage(`command: expected analyze or sample, found "${command}"`);
  }
  if (rest.includes('--help') || rest.includes('-h')) return print(HELP);
  const { operand, options } = parse(command, rest);
  return command === 'analyze' ? analyzeFile(operand, options) : writeSample(operand, options);
}

/**
 * @param {'analyze' | 'sample'} command
 * @param {string[]} args
 */
function parse(command, args) {
  const known = /** @type {Record<string, { type: 'string' | 'boolean', number?: boolean }>} */ (COMMANDS[command]);
  let parsed;
  try {
    parsed = parseArgs({ args, options: known, allowPositionals: true });
  } catch (cause) {
    throw usage(/** @type {Error} */ (cause).message);
  }
  const { positionals, values } = parsed;
  if (positionals.length !== 1) {
    throw usage(`${command} needs one ${command === 'analyze' ? 'FILE' : 'NAME'}, found ${positionals.length}`);
  }
  /** @type {Record<string, any>} */
  const options = {};
  for (const [name, value] of Object.entries(values)) {
    options[name] = known[name].number ? Number(value) : value;
    if (Number.isNaN(options[name])) throw usage(`--${name}: expected a number, found "${value}"`);
  }
  return { operand: positionals[0], options };
}

/** @param {string} what */
function usage(what) {
  return new AnalyzerError('options', `${what.replace(/\.$/, '')}; see isoscope --help`);
}

/**
 * @param {string} file
 * @param {{ json?: boolean }} options the rest of them is a plan
 */
async function analyzeFile(file, { json, ...plan }) {
  const source = await openFile(file);
  const analyzer = await open();
  try {
    const shows = process.stderr.isTTY;
    if (shows) {
      analyzer.on('progress', (detail) => process.stderr.write(`\r${progressLine({ ...detail, ...source.size })}\x1b[K`));
    }
    const table = await analyzer.ingest(source.stream).catch((error) => {
      throw error.code === 'source-failed' ? unreadable(file, error.cause ?? error) : error;
    });
    const analysis = await analyzer.analyze(plan);
    if (shows) process.stderr.write('\r\x1b[K');
    await print(json ? jsonText(analysis) : rankedTable(table, analysis, process.stdout.columns));
  } finally {
    analyzer.dispose();
  }
}

/** @param {string} file */
async function openFile(file) {
  if (file === '-') return { stream: process.stdin, size: {} };
  try {
    const about = await stat(file);
    if (about.isDirectory()) throw new Error('it is a folder');
    return {
      stream: createReadStream(file, { highWaterMark: 1 << 20 }),
      size: about.isFile() ? { totalBytes: about.size } : {},
    };
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/**
 * @param {string} file
 * @param {any} cause
 */
function unreadable(file, cause) {
  const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
  return new AnalyzerError('source-failed', `${file} cannot be read: ${why}`, { cause });
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
