// The real engine in Node: in a worker and in place, on good input and bad.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipOf } from './archives.mjs';
import { fingerprint } from './fingerprint.js';
import { AnalyzerError, ERROR_CODES, analyze, open, packageUrl } from './package.mjs';

const rejectsWith = (promise, code) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof AnalyzerError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });

/** A generated log, and how it is analysed. */
async function sampleOf(options) {
  const analyzer = await open();
  try {
    return await analyzer.sample(options);
  } finally {
    analyzer.dispose();
  }
}

test('the golden analysis, in a worker and in place', async () => {
  const golden = JSON.parse(await readFile(new URL('../golden/analysis.json', import.meta.url), 'utf8'));
  for (const workers of [1, 0]) assert.deepEqual(await fingerprint(open, golden, { workers }), golden, `workers ${workers}`);
});

test('every kind of source gives the same table', async () => {
  const { bytes } = await sampleOf({ name: 'web-sessions', users: 20, days: 5 });
  const text = new TextDecoder().decode(bytes);
  const [header, ...lines] = text.trimEnd().split('\n').map((line) => line.split(','));
  const records = lines.map((line) => Object.fromEntries(line.map((cell, i) => [header[i], cell])));
  const analyzer = await open();
  const folder = await mkdtemp(join(tmpdir(), 'isoscope-source-'));
  const file = join(folder, 'log.csv');
  await writeFile(file, bytes);
  const { memoryBytes, bytes: nBytes, ...expected } = await analyzer.ingest(bytes);
  for (const [kind, source] of [
    ['text', text],
    ['Blob', new Blob([bytes])],
    ['File', new File([bytes], 'log.csv')],
    ['ArrayBuffer', bytes.slice().buffer],
    ['stream', new Blob([bytes]).stream()],
    ['records', records],
    ['a file as Blob', await openAsBlob(file)],
    ['a file as Node stream', createReadStream(file)],
  ]) {
    const { memoryBytes: memory, bytes: n, ...table } = await analyzer.ingest(source);
    assert.equal(table.files[0].name, kind === 'File' ? 'log.csv' : '');
    assert.deepEqual({ ...table, files: [{ ...table.files[0], name: '' }] }, expected, kind);
  }
  analyzer.dispose();
  await rm(folder, { recursive: true });
});

test('the planted users are found', async () => {
  const sample = await sampleOf({ name: 'office-activity', users: 200, seed: 3 });
  const { ranking } = await analyze(sample.bytes, { recipe: 'activity', contamination: sample.planted.length / 200 });
  const found = ranking.filter(({ name }) => sample.planted.includes(name)).length;
  assert.ok(found >= sample.planted.length * 0.75, `${found} of ${sample.planted.length}`);
});

test('progress comes while it works, and names its stages', async () => {
  const { bytes } = await sampleOf({ name: 'office-activity', users: 300 });
  const analyzer = await open();
  const stages = new Set();
  analyzer.on('progress', (progress) => {
    stages.add(progress.stage);
    if (progress.stage === 'ingest') assert.ok(progress.bytes <= bytes.length && progress.totalBytes === bytes.length);
    else assert.ok(progress.done >= 0 && typeof progress.total === 'number');
  });
  await analyzer.ingest(bytes);
  await analyzer.analyze({ recipe: 'user-day', parameters: { trees: 400 } });
  assert.ok(stages.has('ingest') && stages.size >= 2, [...stages].join());
  analyzer.dispose();
});

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52);
const gzip = Uint8Array.of(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3);
const bzip2 = Buffer.from('BZh91AY&SY\0\0\0\0', 'latin1');
for (const [what, source, code] of [
  ['an empty file', '', 'empty-source'],
  ['no records', [], 'empty-source'],
  ['a header alone', 'user,time,action\n', 'no-records'],
  ['a picture', png, 'not-text'],
  ['a torn gzip', gzip, 'archive-damaged'],
  ['another archive', bzip2, 'not-text'],
  ['20,000 columns', `${Array.from({ length: 20_000 }, (_, i) => `c${i}`).join()}\n1\n`, 'too-many-columns'],
]) {
  test(`${what} is refused as ${code}, and the table before it stays`, async () => {
    const analyzer = await open();
    const { rows } = await analyzer.ingest('user,time\nanna,2026-01-05 10:00\nbo,2026-01-05 11:00\n');
    await rejectsWith(analyzer.ingest(source), code);
    assert.equal((await analyzer.summary()).rows, rows);
    analyzer.dispose();
  });
}

test('a line without an end is refused where it starts, in bounded memory', async () => {
  const analyzer = await open();
  const chunk = new Uint8Array(1 << 20).fill(120);
  let sent = 0;
  const line = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(sent === 1 ? new TextEncoder().encode('user,time\n') : chunk.slice());
      if (sent > 2048) controller.close();
    },
  });
  await assert.rejects(analyzer.ingest(line), (error) => {
    assert.equal(error.code, 'record-too-long', error.message);
    assert.deepEqual(error.position, { record: 1, line: 2, byte: 10 });
    return true;
  });
  assert.ok(sent < 256, `${sent} MiB were read before it was refused`);
  assert.ok((await analyzer.memoryBytes()) < 256 << 20);
  analyzer.dispose();
});

test('hostile values go through, and exports neutralise them', async () => {
  const analyzer = await open();
  const names = ['<script>alert(1)</script>', '=cmd()', '@sum', '+1', '-1', 'a"b,c'];
  const records = names.flatMap((user, i) =>
    Array.from({ length: 10 }, (_, n) => ({ user, time: new Date(Date.UTC(2026, 0, 5 + n, 3 * i)), action: n % 2 ? 'a' : 'b' })),
  );
  await analyzer.ingest(records);
  const { subjects } = await analyzer.analyze({ recipe: 'activity', contamination: 0.4 });
  assert.deepEqual(subjects.toSorted(), names.toSorted());
  const csv = new TextDecoder().decode((await analyzer.export('results')).bytes);
  for (const line of csv.split(/\r?\n/).slice(1)) assert.doesNotMatch(line, /^"?[=@+-]/);
  analyzer.dispose();
});

test('an analysis is aborted while it works, and the analyzer works on', async () => {
  const { bytes } = await sampleOf({ name: 'office-activity', users: 500 });
  const analyzer = await open();
  await analyzer.ingest(bytes);
  const controller = new AbortController();
  let progressed = 0;
  analyzer.on('progress', () => {
    progressed += 1;
    controller.abort();
  });
  const started = performance.now();
  await rejectsWith(analyzer.analyze({ recipe: 'user-day', parameters: { trees: 10_000 } }, { signal: controller.signal }), 'aborted');
  const short = await analyzer.analyze({ recipe: 'activity', parameters: { trees: 10 } });
  assert.ok(progressed > 0 && short.scores.length === 500);
  assert.ok(performance.now() - started < 10_000);
  analyzer.dispose();
});

test('a second file dropped during the first takes its place', async () => {
  const { bytes } = await sampleOf({ name: 'office-activity', users: 1000, days: 60 });
  const analyzer = await open();
  const first = analyzer.ingest(new Blob([bytes, bytes, bytes]));
  const second = analyzer.ingest(new Blob(['user,time\nanna,2026-01-05 10:00\n']));
  await rejectsWith(first, 'aborted');
  assert.equal((await second).rows, 1);
  analyzer.dispose();
});

test('an analysis during an ingest is busy', async () => {
  const analyzer = await open();
  const reading = analyzer.ingest(new ReadableStream({ pull: () => new Promise(() => {}) }));
  await rejectsWith(analyzer.analyze(), 'busy');
  analyzer.dispose();
  await rejectsWith(reading, 'disposed');
});

test('memory does not grow over 50 rounds', async () => {
  const { bytes } = await sampleOf({ name: 'office-activity', users: 200 });
  const sizes = [];
  for (let round = 0; round < 50; round += 1) {
    // In place all rounds share one wasm memory: what a round did not give back would be seen in the next.
    const analyzer = await open({ workers: 0 });
    await analyzer.ingest(bytes);
    await analyzer.analyze({ recipe: 'activity', parameters: { trees: 5 } });
    sizes.push(await analyzer.memoryBytes());
    analyzer.dispose();
  }
  assert.equal(sizes.at(-1), sizes[4], sizes.join(' '));
});

test('50 tables opened and closed: memory is given back', async () => {
  // Large enough that each is worth a new worker, and one that small tables share.
  const row = 'user,2026-01-05 10:00:00,some text that is different in every row: ';
  const large = `user,time,note\n${Array.from({ length: 700_000 }, (_, i) => row + i).join('\n')}\n`;
  const analyzer = await open();
  const empty = await analyzer.memoryBytes();
  const held = [];
  for (let round = 0; round < 50; round += 1) {
    const table = await analyzer.ingest(round % 10 === 0 ? large : 'user,time\nanna,2026-01-05 10:00\n');
    if (round === 0) assert.ok((await analyzer.memoryBytes()) > 64 << 20, `${table.memoryBytes}`);
    await analyzer.close();
    await rejectsWith(analyzer.summary(), 'not-ready');
    held.push(await analyzer.memoryBytes());
  }
  assert.ok(Math.max(...held) < empty + (16 << 20), `${empty}: ${held.join(' ')}`);
  analyzer.dispose();
});

test('an estimate of a real file, and what came of it', async () => {
  const { bytes } = await sampleOf({ name: 'logins', users: 3000, days: 20 });
  const analyzer = await open();
  const estimate = await analyzer.estimate(new Blob([bytes]));
  const table = await analyzer.ingest(new Blob([bytes]));
  assert.ok(bytes.length > 4 << 20 && !estimate.isWhole, `${bytes.length}`);
  const near = (found, expected, factor) => assert.ok(found > expected / factor && found < expected * factor, `${found} for ${expected}`);
  near(estimate.rows, table.rows, 1.1);
  near(estimate.tableBytes, table.memoryBytes, 2);
  assert.ok(estimate.fits && estimate.seconds > 0);
  assert.deepEqual(estimate.columns.map(({ name }) => name), table.columns.map(({ name }) => name));
  const packed = await analyzer.estimate(new Blob([gzipSync(bytes)]));
  assert.equal(packed.compressed, true);
  near(packed.rows, table.rows, 1.3);
  const small = await analyzer.estimate('user,time\nanna,2026-01-05 10:00\n');
  assert.deepEqual([small.isWhole, small.rows], [true, 1]);
  const [columns, aggregate, sample] = (await analyzer.estimate(new Blob([bytes]), { memoryBudget: estimate.peakBytes / 1.5 })).choices;
  assert.deepEqual([columns.kind, aggregate.kind, sample.kind], ['columns', 'aggregate', 'sample']);
  // What is offered can be given to ingest as it is.
  for (const { options, rows } of [columns, sample]) near((await analyzer.ingest(bytes, options)).rows, rows, 1.2);
  near((await analyzer.ingest(bytes, aggregate.options)).aggregated, aggregate.rows, 1.2);
  analyzer.dispose();
});

test('archives, several files and what is broken, with the engine', async () => {
  const analyzer = await open();
  const log = (from, n) => `user,time\n${Array.from({ length: n }, (_, i) => `user${i % 7},2026-01-05 1${from}:00:${10 + (i % 50)}`).join('\n')}\n`;
  const zip = zipOf([
    { name: 'logs/b.csv.gz', content: gzipSync(log(1, 200)) },
    { name: 'logs/a.csv', content: log(0, 100) },
    { name: 'logs/readme.md', content: '# logs' },
  ]);
  const table = await analyzer.ingest(new Blob([zip]));
  assert.deepEqual([table.rows, table.records, table.setAside], [300, 300, 0]);
  assert.deepEqual(table.files.map(({ name, rows }) => [name, rows]), [['logs/a.csv', 100], ['logs/b.csv', 200]]);
  assert.deepEqual(table.skipped, [{ name: 'logs/readme.md', reason: 'by its name no log' }]);
  for (const [source, code] of [
    [[new File([log(0, 9)], 'a.csv'), new File(['colour;size\nred;1\nblue;2\n'], 'b.csv')], 'mixed-schemas'],
    [gzipSync(log(0, 9)).subarray(0, -3), 'archive-damaged'],
    [Buffer.concat([gzipSync(log(0, 9)), Buffer.from('more')]), 'archive-damaged'],
    [zip.subarray(0, -40), 'archive-damaged'],
    [zipOf([{ name: 'a.csv', content: 'x', bend: { flags: 1 } }]), 'archive-encrypted'],
    [zipOf([{ name: 'a.csv', content: 'x', bend: { method: 14 } }]), 'archive-unsupported'],
    [zipOf([{ name: 'a.png', content: 'x' }]), 'no-files'],
    [gzipSync(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')), 'not-text'],
  ]) {
    await rejectsWith(analyzer.ingest(source), code);
    assert.equal((await analyzer.summary()).rows, 300, `the earlier table is still there after ${code}`);
  }
  analyzer.dispose();
});

test('a worker that ends rejects what is pending', async () => {
  const { Worker } = await import('node:worker_threads');
  const terminated = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function post(...args) {
    terminated.push(this);
    return postMessage.apply(this, args);
  };
  try {
    const analyzer = await open();
    const reading = analyzer.ingest(new ReadableStream({ pull: () => new Promise(() => {}) }));
    await new Promise((go) => setImmediate(go));
    terminated.at(-1).terminate();
    await rejectsWith(reading, 'worker-failed');
    await rejectsWith(analyzer.suggest(), 'worker-failed');
    analyzer.dispose();
  } finally {
    Worker.prototype.postMessage = postMessage;
  }
});

test('opening with what is no wasm, or from nowhere, says so', async () => {
  await rejectsWith(open({ wasm: new Uint8Array([1, 2, 3]) }), 'worker-failed');
  await rejectsWith(open({ wasm: new URL('nowhere.wasm', import.meta.url) }), 'worker-failed');
  await rejectsWith(open({ workerUrl: new URL('nowhere.js', import.meta.url) }), 'worker-failed');
  await rejectsWith(open({ signal: AbortSignal.abort() }), 'aborted');
});

test('the codes are exported', () => {
  assert.ok(ERROR_CODES.includes('empty-source') && ERROR_CODES.includes('disposed'));
});

// Without these instructions V8 has no SIMD on x86, as an old browser has none.
const isX86 = process.arch === 'x64' || process.arch === 'ia32';
test('where wasm has no SIMD, the error names what is needed', { skip: isX86 ? false : 'V8 can go without SIMD only on x86' }, () => {
  const script = `
    const { open } = await import(${JSON.stringify(new URL('node.js', packageUrl).href)});
    for (const worker of [true, false]) {
      await open({ worker }).then(() => console.log('opened'), ({ name, code, message }) => console.log([name, code, message].join(' | ')));
    }`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-enable-sse4-1', '--input-type=module', '--eval', script], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 2, stdout);
  for (const line of lines) {
    assert.match(line, /^AnalyzerError \| unsupported \| the engine needs WebAssembly SIMD: Chrome or Edge 91, .*Node 16\.4, or newer$/);
  }
});
