/**
 * What reading a source would take, from its beginning, and what to choose where memory will not do.
 */
import { AnalyzerError } from './errors.js';
import { engineOptions } from './ingest-job.js';
import { sampleOf } from './reading/sample.js';

/**
 * Memory an ingest may take before it counts as too much, bytes. An engine can hold 4 GiB, as any 32-bit wasm; what is
 * left is for reading, for the analysis, and for what browsers take away below that.
 */
export const MEMORY_BUDGET_BYTES = 2.5e9;

/**
 * @typedef {object} EstimateParams
 * @property {import('./reading/reader.js').SourceFile[]} [files] to be looked into here
 * @property {import('./reading/sample.js').SourceSample} [sample] what the caller saw of them
 * @property {number} [memoryBudget]
 * @property {Record<string, any>} options of an ingest
 */

/**
 * What reading a source will take.
 * @param {import('./engine.js').Engine} engine
 * @param {EstimateParams} params
 * @param {() => number} now milliseconds
 */
export async function estimateSource(engine, { files, sample, memoryBudget, options }, now) {
  const begin = sample ?? (await sampleOf(files ?? [], options));
  const about = { options: engineOptions(options), totalBytes: begin.textBytes, isWhole: begin.isWhole };
  let own;
  let sampleSecs = Infinity;
  // The first time the code is still cold; the faster of two is what the rest will go at.
  for (let round = 0; round < 2; round += 1) {
    const startedMs = now();
    own = engine.estimate(begin.bytes, about);
    sampleSecs = Math.min(sampleSecs, (now() - startedMs) / 1000);
  }
  return completed(own, begin, { sampleSecs, memoryBudget: memoryBudget ?? undefined });
}

/**
 * Adds to the engine's estimate what it cannot know.
 * @param {any} own the engine's
 * @param {import('./reading/sample.js').SourceSample} sample
 * @param {{ sampleSecs: number, memoryBudget?: number }} measured `sampleSecs`: what the engine took for the sample
 */
function completed(own, sample, { sampleSecs, memoryBudget = MEMORY_BUDGET_BYTES }) {
  if (!(typeof memoryBudget === 'number' && memoryBudget > 0)) {
    throw new AnalyzerError('options', `memoryBudget: expected bytes, a number above 0, found ${String(memoryBudget)}`);
  }
  const { canAggregate, ...estimate } = own;
  const fits = own.peakBytes <= memoryBudget;
  return {
    ...estimate,
    sourceBytes: sample.sourceBytes,
    textBytes: sample.textBytes,
    compressed: sample.compressed,
    // The rest is taken to be like the sample.
    seconds: sample.bytes.length > 0 ? (sampleSecs / sample.bytes.length) * sample.textBytes : 0,
    memoryBudget,
    fits,
    choices: fits ? [] : [fewerColumns(own, memoryBudget), canAggregate && addedUp(own), rowSample(own, memoryBudget)].filter(Boolean),
  };
}

/**
 * The largest columns left out, those of times last, until the rest fits. Columns that are one time together stay together.
 * @param {any} own
 * @param {number} memoryBudget
 */
function fewerColumns({ columns, rows, peakBytes, tableBytes }, memoryBudget) {
  const overhead = tableBytes > 0 ? peakBytes / tableBytes : 1;
  const byWeight = together(columns).sort((a, b) => Number(a.isTime) - Number(b.isTime) || b.bytes - a.bytes);
  let bytes = peakBytes;
  const left = new Set();
  for (const group of byWeight) {
    if (bytes <= memoryBudget) break;
    for (const name of group.names) left.add(name);
    bytes -= group.bytes * overhead;
  }
  const kept = columns.filter((/** @type {any} */ { name }) => !left.has(name)).map((/** @type {any} */ { name }) => name);
  if (bytes > memoryBudget || kept.length < 2) return null;
  return { kind: 'columns', options: { columns: kept }, rows, bytes: Math.round(bytes) };
}

/**
 * Columns of their own, and those of which times are made with these.
 * @param {any[]} columns
 * @returns {{ names: string[], bytes: number, isTime: boolean }[]}
 */
function together(columns) {
  const groups = columns
    .filter(({ joinedOf }) => joinedOf)
    .map(({ name, joinedOf }) => new Set([name, ...joinedOf]));
  const isIn = (/** @type {any} */ { name }) => groups.some((group) => group.has(name));
  const alone = columns.filter((column) => !isIn(column)).map(({ name }) => new Set([name]));
  return [...groups, ...alone].map((names) => {
    const own = columns.filter(({ name }) => names.has(name));
    const bytes = own.reduce((sum, column) => sum + column.bytes, 0);
    return { names: [...names], bytes, isTime: own.some(({ type }) => type === 'timestamp') };
  });
}

/**
 * One row per user. How many users there are, and with them the memory, cannot be told from the beginning.
 * @param {any} own
 */
function addedUp({ rows }) {
  return { kind: 'aggregate', options: { aggregate: true }, rows };
}

/**
 * A share of the rows, in whole percents, a tenth below what would just fit.
 * @param {any} own
 * @param {number} memoryBudget
 */
function rowSample({ rows, peakBytes }, memoryBudget) {
  const share = Math.floor((memoryBudget / peakBytes) * 90) / 100;
  if (share <= 0) return null;
  return {
    kind: 'sample',
    options: { sample: { share, seed: 0 } },
    rows: Math.round(rows * share),
    bytes: Math.round(peakBytes * share),
  };
}

/**
 * What to say when memory ran out in the middle of reading: how far it came, what the whole would take, what to choose.
 * @param {{ rows: number, readBytes: number, totalBytes?: number, memoryBytes: number }} reached
 */
export function outOfMemory({ rows, readBytes, totalBytes, memoryBytes }) {
  const share = totalBytes ? readBytes / totalBytes : 0;
  const mb = (/** @type {number} */ bytes) => `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
  const far =
    share > 0 && share < 1
      ? `, ${Math.round(share * 100)} % of the source; all of it would take about ${mb(memoryBytes / share)}`
      : '';
  const sample = share > 0 && share < 1 ? `a sample of the rows (sample: { share: ${(Math.floor(share * 80) / 100).toFixed(2)} })` : 'a sample of the rows (sample)';
  return (
    `memory ran out at ${mb(memoryBytes)}, after ${rows.toLocaleString('en-US')} rows${far}. Open a new analyzer and read ` +
    `fewer columns (columns), one row per user (aggregate) or ${sample}; estimate() says beforehand what each would take`
  );
}
