// One worker and several in Node, on a file that is read in slices, and on rows that are scored side by side.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { open, packageUrl } from './package.mjs';
import { DiskFile } from '../../www/disk-file.js';
import { linesLog, readWith, slicesLog } from './slices-log.js';

const log = slicesLog();
let expected;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isoscope-workers-'));
  expected = await readWith(open, log, { workers: 1 });
});
after(() => rm(folder, { recursive: true }));

/** A worker that tells when it joins a pool, and then does as `then` says. */
async function telling(then) {
  const file = join(folder, `${Math.random()}.mjs`);
  await writeFile(
    file,
    // The worker listens first, or its first message would be lost.
    `await import(${JSON.stringify(new URL('node-worker.js', packageUrl).href)});
     const { parentPort } = await import('node:worker_threads');
     parentPort.on('message', ({ join }) => {
       if (!join) return;
       const told = new BroadcastChannel('isoscope-test');
       told.postMessage('joined');
       told.close();
       ${then}
     });`,
  );
  return pathToFileURL(file);
}

async function joined(then, workers, source = log) {
  let n = 0;
  const channel = new BroadcastChannel('isoscope-test');
  channel.onmessage = () => (n += 1);
  const result = await readWith(open, source, { workers, workerUrl: await telling(then) });
  channel.close();
  return { n, result };
}

test('the log is large enough', () => {
  assert.ok(log.size > 33 << 20, `${log.size}`);
});

for (const format of ['json', 'access']) {
  test(`two and three workers make of lines (${format}) what one makes of them`, async () => {
    const lines = linesLog(format);
    assert.ok(lines.size > 33 << 20, `${lines.size}`);
    const one = await readWith(open, lines, { workers: 1 });
    const { table } = JSON.parse(one);
    assert.deepEqual([table.format, table.setAside], [format === 'json' ? 'json-lines' : 'combined-log', 11]);
    for (const workers of [2, 3]) {
      const { n, result } = await joined('', workers, lines);
      assert.equal(n, workers - 1);
      assert.equal(result, one);
    }
  });
}

for (const workers of [2, 4]) {
  test(`${workers} workers make of a file what one makes of it`, async () => {
    const { n, result } = await joined('', workers);
    assert.equal(n, workers - 1);
    assert.equal(result, expected);
  });
}

test('a file on disk is read by several workers, as it is by one', async () => {
  const path = join(folder, 'log.csv');
  await writeFile(path, log.stream());
  const opened = await DiskFile.open(path);
  // As the log in memory, which has no name either.
  const file = new DiskFile({ ...opened, name: '' });
  try {
    assert.equal(await readWith(open, file, { workers: 1 }), expected);
    const tells = `
      const post = join.postMessage.bind(join);
      join.postMessage = (message, transfer) => {
        if (message.result?.records?.length > 0) {
          const told = new BroadcastChannel('isoscope-test');
          told.postMessage('read');
          told.close();
        }
        post(message, transfer);
      };`;
    const { n, result } = await joined(tells, 3, file);
    assert.ok(n > 2, `${n} slices`);
    assert.equal(result, expected);
  } finally {
    await file.close();
  }
});

test('workers that die on the way are done without', async () => {
  const { n, result } = await joined('setTimeout(() => process.exit(3), 150);', 3);
  assert.equal(n, 2);
  assert.equal(result, expected);
});

test('an ingest that is aborted while others read leaves the table before it', async () => {
  const analyzer = await open({ workers: 3 });
  await analyzer.ingest('user,n\na,1\nb,2\n');
  const abort = new AbortController();
  const stop = analyzer.on('progress', ({ bytes }) => bytes > 8 << 20 && abort.abort());
  await assert.rejects(analyzer.ingest(log, { signal: abort.signal }), { code: 'aborted' });
  stop();
  assert.equal((await analyzer.summary()).rows, 2);
  assert.equal((await analyzer.ingest(log)).rows, 460_001);
  analyzer.dispose();
});

test('an analyzer that is disposed while others read settles its call', async () => {
  const analyzer = await open({ workers: 3 });
  const reading = analyzer.ingest(log);
  analyzer.on('progress', () => analyzer.dispose());
  await assert.rejects(reading, { code: 'disposed' });
});

/** Rows of four numbers, some of them far from the others. Without chance. */
function rows(nRows) {
  const lines = Array.from({ length: nRows }, (_, i) => {
    const [a, b, c, d] = [7919, 104_729, 1_299_709, 15_485_863].map((prime) => ((i * prime) % 10_007) / 1000);
    return i % 211 === 0 ? `${a * 3},${b},${c * c},${d}` : `${a},${b},${c},${(a + d) / 2}`;
  });
  return new Blob([['a,b,c,d', ...lines].join('\n')]);
}

/** What an analysis says, and how many blocks the workers beside the first have measured for it. */
async function analysed(source, plan, { workers, then = '' }) {
  const worker = await telling(`
    const post = join.postMessage.bind(join);
    join.postMessage = (message, transfer) => {
      if (message.result instanceof Float64Array) {
        const told = new BroadcastChannel('isoscope-test');
        told.postMessage('measured');
        told.close();
        ${then}
      }
      post(message, transfer);
    };`);
  let nMeasured = 0;
  const channel = new BroadcastChannel('isoscope-test');
  channel.onmessage = ({ data }) => (nMeasured += data === 'measured' ? 1 : 0);
  const analyzer = await open({ workers, workerUrl: worker });
  try {
    await analyzer.ingest(source);
    const { timings, ...analysis } = await analyzer.analyze(plan);
    const result = JSON.stringify(analysis, (key, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value));
    const model = Buffer.from(await analyzer.save()).toString('base64');
    const prediction = await analyzer.predict(source);
    return { nMeasured, result, model, scores: Array.from(prediction.scores) };
  } finally {
    analyzer.dispose();
    channel.close();
  }
}

const forest = { recipe: 'table', detector: 'iforest', parameters: { trees: 400, top: 3 } };
const ensemble = { recipe: 'table', detector: ['iforest', 'knn', 'ecod'], parameters: { trees: 100, top: 3 } };
for (const [name, nRows, plan] of [['a forest', 100_000, forest], ['an ensemble', 20_000, ensemble]]) {
  test(`several workers score by ${name} what one scores`, async () => {
    const source = rows(nRows);
    const one = await analysed(source, plan, { workers: 1 });
    assert.equal(one.nMeasured, 0);
    for (const workers of [2, 3]) {
      const { nMeasured, ...several } = await analysed(source, plan, { workers });
      assert.ok(nMeasured > 2, `${nMeasured} blocks`);
      assert.deepEqual({ nMeasured: 0, ...several }, one);
    }
  });
}

test('scoring goes on without workers that die at it', async () => {
  const source = rows(100_000);
  const one = await analysed(source, forest, { workers: 1 });
  const { nMeasured, ...several } = await analysed(source, forest, { workers: 3, then: 'process.exit(3);' });
  assert.ok(nMeasured > 0);
  assert.deepEqual({ nMeasured: 0, ...several }, one);
});

test('an analysis that is aborted while others score leaves the one before it', async () => {
  const analyzer = await open({ workers: 3 });
  await analyzer.ingest(rows(100_000));
  const before = await analyzer.analyze({ ...forest, parameters: { trees: 10, top: 3 } });
  const abort = new AbortController();
  const stop = analyzer.on('progress', ({ stage, done }) => stage === 'score' && done > 30_000 && abort.abort());
  await assert.rejects(analyzer.analyze(forest, { signal: abort.signal }), { code: 'aborted' });
  stop();
  assert.deepEqual((await analyzer.explain(before.top[0].row)).score, before.top[0].score);
  const after = await analyzer.analyze({ ...forest, parameters: { trees: 10, top: 3 } });
  assert.deepEqual(after.scores, before.scores);
  analyzer.dispose();
});
