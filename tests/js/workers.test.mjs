// One worker and several in Node, on a file that is read in slices.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { open, packageUrl } from './package.mjs';
import { readWith, slicesLog } from './slices-log.js';

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

async function joined(then, workers) {
  let n = 0;
  const channel = new BroadcastChannel('isoscope-test');
  channel.onmessage = () => (n += 1);
  const result = await readWith(open, log, { workers, workerUrl: await telling(then) });
  channel.close();
  return { n, result };
}

test('the log is large enough', () => {
  assert.ok(log.size > 33 << 20, `${log.size}`);
});

for (const workers of [2, 4]) {
  test(`${workers} workers make of a file what one makes of it`, async () => {
    const { n, result } = await joined('', workers);
    assert.equal(n, workers - 1);
    assert.equal(result, expected);
  });
}

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
