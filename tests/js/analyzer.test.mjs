import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Analyzer } from '../../www/analyzer.js';
import { AnalyzerError } from '../../www/errors.js';
import { FakeEngine, channelTransport, openFake, trap } from './fakes.mjs';

const rejectsWith = (promise, code) => assert.rejects(promise, (error) => error instanceof AnalyzerError && error.code === code);
const log = 'user,time\nanna,1\nbo,2\n';
const endless = () => new ReadableStream({ pull: () => new Promise(() => {}) });

test('the class has every method of the types, and no other', async () => {
  const types = await readFile(new URL('../../www/index.d.ts', import.meta.url), 'utf8');
  const body = types.match(/export interface Analyzer \{([\s\S]*?)\n\}/)[1];
  const declared = new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map((match) => match[1]));
  const own = Object.getOwnPropertyNames(Analyzer.prototype).filter((name) => name !== 'constructor');
  assert.deepEqual(own.toSorted(), [...declared].toSorted());
  assert.ok(['version', 'on', 'ingest', 'suggest', 'analyze', 'explain', 'evaluate', 'dispose'].every((name) => declared.has(name)));
});

for (const [name, source] of [
  ['text', log],
  ['bytes', new TextEncoder().encode(log)],
  ['a Blob', new Blob([log])],
  ['a stream', new Blob([log]).stream()],
  ['records', [{ user: 'anna', time: 1 }, { user: 'bo', time: 2 }]],
]) {
  test(`${name} arrives whole`, async () => {
    const { analyzer } = await openFake();
    assert.equal((await analyzer.ingest(source)).text, log);
    analyzer.dispose();
  });
}

test('a module that the worker cannot read ends open(), and a later unreadable message ends what is pending', async () => {
  const refused = channelTransport(new FakeEngine());
  refused.post = () => refused.garble();
  await assert.rejects(Analyzer.start({ transport: refused, wasm: 'wasm' }), { code: 'worker-failed', message: /wasm-unsafe-eval/ });

  const { analyzer, transport } = await openFake();
  transport.hang();
  const pending = rejectsWith(analyzer.suggest(), 'worker-failed');
  transport.garble();
  await pending;
});

test('a large source is sent with no more than two chunks ahead', async () => {
  const engine = new FakeEngine();
  let pulled = 0;
  let pushed = 0;
  let most = 0;
  engine.push = (chunk) => {
    pushed += chunk.length;
    return { bytes: pushed, rows: 1 };
  };
  const { analyzer } = await openFake(engine);
  const stream = new ReadableStream(
    {
      pull(controller) {
        pulled += 1 << 20;
        most = Math.max(most, pulled - pushed);
        controller.enqueue(new Uint8Array(1 << 20));
        if (pulled === 40 << 20) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  // The fake makes its table of what it wrote down itself.
  engine.call = (({ method }) => (method === 'summary' ? { rows: 1, findings: [] } : undefined));
  await analyzer.ingest(stream);
  assert.equal(pushed, 40 << 20);
  assert.ok(most <= 4 << 20, `${most} bytes were ahead`);
  analyzer.dispose();
});

test('events reach their listeners until they are removed', async () => {
  const { analyzer } = await openFake();
  const heard = [];
  const remove = analyzer.on('finding', ({ code }) => heard.push(code));
  analyzer.on('progress', ({ stage }) => heard.push(stage));
  await analyzer.ingest(log);
  await analyzer.summary();
  assert.deepEqual(heard, ['ingest', 'short-record']);
  remove();
  await analyzer.ingest(log);
  await analyzer.summary();
  assert.deepEqual(heard, ['ingest', 'short-record', 'ingest']);
  assert.throws(() => analyzer.on('finished', () => {}), { code: 'options' });
  assert.throws(() => analyzer.on('progress', null), { code: 'options' });
  analyzer.dispose();
});

test('a suggestion can be given back as a plan', async () => {
  const { analyzer, engine } = await openFake();
  await analyzer.analyze({ recipe: 'activity', detector: 'iforest', reasons: [], questions: [], seed: 3 });
  assert.deepEqual(engine.plan, { recipe: 'activity', detector: 'iforest', seed: 3 });
  analyzer.dispose();
});

test('an error of the engine is an AnalyzerError here', async () => {
  const { analyzer, engine } = await openFake();
  const position = { record: 1, line: 2, byte: 9 };
  engine.failures.push = { name: 'AnalyzerError', code: 'record-too-long', message: 'too long', position };
  await assert.rejects(analyzer.ingest(log), (error) => error instanceof AnalyzerError && error.position.byte === 9);
  analyzer.dispose();
});

test('an abort rejects at once, releases the source, and leaves the analyzer usable', async () => {
  const { analyzer, engine } = await openFake();
  await analyzer.ingest(log);
  const controller = new AbortController();
  let cancelled = false;
  const source = new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => (cancelled = true) });
  const ingest = analyzer.ingest(source, { signal: controller.signal });
  controller.abort(new Error('the user left'));
  await assert.rejects(ingest, (error) => error.code === 'aborted' && error.cause.message === 'the user left');
  assert.equal(cancelled, true);
  assert.equal((await analyzer.summary()).text, log, 'the earlier table is still there');
  assert.ok(engine.calls.includes('cancelIngest'));
  assert.equal((await analyzer.ingest('a\n1\n')).text, 'a\n1\n');
  analyzer.dispose();
});

test('every call can be aborted, also when the worker says nothing', async () => {
  const { analyzer, transport } = await openFake();
  transport.hang();
  const controller = new AbortController();
  setMaxListeners(20, controller.signal);
  const call = { signal: controller.signal };
  const calls = [
    analyzer.ingest(new Blob([log]), call),
    analyzer.ingest(endless(), call),
    analyzer.summary(call),
    analyzer.suggest(call),
    analyzer.checkFormula('count()', call),
    analyzer.formulaFunctions(call),
    analyzer.analyze({}, call),
    analyzer.tune({}, call),
    analyzer.setThreshold({ budget: 1 }, call),
    analyzer.explain(0, call),
    analyzer.evaluate({}, call),
    analyzer.learn({}, call),
    analyzer.explainLearned(0, call),
    analyzer.density({}, call),
    analyzer.timeline(0, call),
    analyzer.distribution(0, call),
    analyzer.rows([0], call),
    analyzer.export('json', call),
    analyzer.sample({ name: 'logins' }, call),
    analyzer.memoryBytes(call),
  ];
  controller.abort();
  await Promise.all(calls.map((promise) => rejectsWith(promise, 'aborted')));
  await rejectsWith(analyzer.summary(call), 'aborted');
  analyzer.dispose();
});

test('a second ingest takes the place of the first', async () => {
  const { analyzer } = await openFake();
  let cancelled = false;
  const first = analyzer.ingest(new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => (cancelled = true) }));
  const second = analyzer.ingest(log);
  await rejectsWith(first, 'aborted');
  assert.equal((await second).text, log);
  assert.equal(cancelled, true);
  analyzer.dispose();
});

test('a second ingest that fails keeps the first table', async () => {
  const { analyzer } = await openFake();
  await analyzer.ingest(log);
  await rejectsWith(analyzer.ingest(''), 'empty-source');
  assert.equal((await analyzer.summary()).text, log);
  analyzer.dispose();
});

test('a source that breaks off rejects with its cause', async () => {
  const { analyzer } = await openFake();
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(new Error('the cable was pulled'));
    },
  });
  await assert.rejects(analyzer.ingest(broken), (error) => error.code === 'source-failed' && /cable/.test(error.message) && /cable/.test(error.cause.message));
  await rejectsWith(analyzer.ingest([{ a: 1 }, 'x']), 'options');
  assert.equal((await analyzer.ingest(log)).text, log);
  analyzer.dispose();
});

test('dispose settles everything, twice is once, and later calls say so', async () => {
  const { analyzer } = await openFake();
  const pending = [analyzer.ingest(endless()), analyzer.analyze({}), analyzer.summary()];
  analyzer.dispose();
  analyzer.dispose();
  await Promise.all(pending.map((promise) => rejectsWith(promise, 'disposed')));
  await rejectsWith(analyzer.ingest(log), 'disposed');
  await rejectsWith(analyzer.suggest(), 'disposed');
});

test('a worker that dies settles everything', async () => {
  const { analyzer, transport } = await openFake();
  transport.hang();
  const pending = [analyzer.ingest(endless()), analyzer.ingest(new Blob([log])), analyzer.analyze({}), analyzer.explain(1)];
  // Let the sources be opened and their first messages go.
  await new Promise((go) => setImmediate(go));
  transport.die(new AnalyzerError('worker-failed', 'the worker failed: gone'));
  await Promise.all(pending.map((promise) => rejectsWith(promise, 'worker-failed')));
  await rejectsWith(analyzer.summary(), 'worker-failed');
});

test('an engine that traps settles everything', async () => {
  const { analyzer, engine } = await openFake();
  const reading = analyzer.ingest(endless());
  engine.failures.summary = trap();
  await Promise.all([rejectsWith(analyzer.summary(), 'worker-failed'), rejectsWith(reading, 'worker-failed')]);
  await rejectsWith(analyzer.suggest(), 'worker-failed');
});

test('arguments that cannot be cloned are refused', async () => {
  const { analyzer } = await openFake();
  await rejectsWith(analyzer.learn({ seed: () => 1 }), 'options');
  assert.ok(await analyzer.learn({ seed: 1 }));
  analyzer.dispose();
});

test('opening fails with the reason, and can be given up', async () => {
  const load = async () => {
    throw new AnalyzerError('unsupported', 'no SIMD here');
  };
  await rejectsWith(Analyzer.start({ transport: channelTransport(null, load), wasm: 'wasm' }), 'unsupported');
  const controller = new AbortController();
  const never = channelTransport(null, () => new Promise(() => {}));
  const opening = Analyzer.start({ transport: never, wasm: 'wasm' }, controller.signal);
  controller.abort();
  await rejectsWith(opening, 'aborted');
});

test('a listener that throws does not stop the others', async (t) => {
  const { analyzer } = await openFake();
  // What is thrown in a microtask would end the process as an uncaught error; here it is caught.
  const { queueMicrotask } = globalThis;
  const uncaught = [];
  t.mock.method(globalThis, 'queueMicrotask', (task) =>
    queueMicrotask(() => {
      try {
        task();
      } catch (error) {
        uncaught.push(error.message);
      }
    }),
  );
  const heard = [];
  analyzer.on('finding', () => {
    throw new Error('of the listener');
  });
  analyzer.on('finding', ({ code }) => heard.push(code));
  await analyzer.ingest(log);
  // Findings follow the table; the answer to a later call follows them.
  await analyzer.summary();
  assert.deepEqual(uncaught, ['of the listener']);
  assert.deepEqual(heard, ['short-record']);
  analyzer.dispose();
});

test('several files are begun one by one, by name, from both sides', async () => {
  for (const files of [
    [new File(['a\n1\n'], 'a.csv'), new File([], 'empty.csv'), new File(['a\n2\n'], 'b.csv')],
    [{ name: 'a.csv', source: new TextEncoder().encode('a\n1\n') }, { name: 'empty.csv', source: new Blob([]) }, { name: 'b.csv', source: new Blob(['a\n2\n']).stream() }],
  ]) {
    const { analyzer, engine } = await openFake();
    const summary = await analyzer.ingest(files);
    assert.deepEqual(engine.begun, ['a.csv', 'b.csv']);
    assert.equal(summary.text, 'a\n1\na\n2\n');
    assert.deepEqual(summary.skipped, [{ name: 'empty.csv', reason: 'empty' }]);
    assert.deepEqual(await analyzer.summary(), summary, 'what was left out is told again');
    analyzer.dispose();
  }
});

test('a source that is broken leaves the earlier table, whoever reads it', async () => {
  const torn = gzipSync(log).subarray(0, -5);
  for (const source of [new Blob([torn]), torn, new Blob([torn]).stream()]) {
    const { analyzer, engine } = await openFake();
    await analyzer.ingest(log);
    await rejectsWith(analyzer.ingest(source), 'archive-damaged');
    assert.equal((await analyzer.summary()).text, log);
    assert.ok(engine.calls.includes('cancelIngest'));
    analyzer.dispose();
  }
});

test('progress of an archive counts the bytes of the archive', async () => {
  const packed = gzipSync(log.repeat(100));
  for (const source of [new Blob([packed]), packed]) {
    const { analyzer } = await openFake();
    const seen = [];
    analyzer.on('progress', (detail) => seen.push(detail));
    await analyzer.ingest(source);
    const { bytes, totalBytes, memoryBytes } = seen.at(-1);
    assert.deepEqual([bytes, totalBytes, memoryBytes], [packed.length, packed.length, 65536]);
    analyzer.dispose();
  }
});

test('encodings: the engine is told what it knows, the summary what was asked for', async () => {
  const { analyzer, engine } = await openFake();
  const summary = await analyzer.ingest(Buffer.from([0x82, 0xa0]), { encoding: 'Shift_JIS', maxExpansion: 300 });
  assert.deepEqual([engine.options, summary.encoding], [{ encoding: 'utf-8', totalBytes: 2 }, 'shift_jis']);
  await analyzer.ingest(log, { timeZone: 'Europe/Berlin' });
  assert.equal(engine.options.zone.name, 'Europe/Berlin');
  assert.ok(engine.options.zone.transitions.length > 100);
  await rejectsWith(analyzer.ingest(Buffer.from(log), { encoding: 'klingon' }), 'options');
  await rejectsWith(analyzer.ingest(new Blob([log]), { encoding: 'klingon' }), 'options');
  await rejectsWith(analyzer.ingest(log, { timeZone: 'Mars/Olympus' }), 'options');
  analyzer.dispose();
});

test('an estimate: the beginning is shown to the engine, nothing is changed', async () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => `user${(i * 7919) % 1009},${i}`).join('\n');
  const packed = gzipSync(rows);
  for (const [source, sourceBytes, compressed] of [
    [new Blob([rows]), rows.length, false],
    [new TextEncoder().encode(rows), rows.length, false],
    [rows, rows.length, false],
    [new Blob([packed]), packed.length, true],
    [packed, packed.length, true],
    [[new File([rows], 'a.csv')], rows.length, false],
  ]) {
    const { analyzer, engine } = await openFake();
    await analyzer.ingest(log);
    const estimate = await analyzer.estimate(source, { delimiter: ',' });
    const { text, about } = engine.estimated;
    assert.equal(text, rows.slice(0, 1 << 20));
    assert.deepEqual([about.options, about.isWhole], [{ delimiter: ',' }, false]);
    assert.deepEqual([estimate.sourceBytes, estimate.compressed, estimate.fits, estimate.choices], [sourceBytes, compressed, true, []]);
    assert.equal(estimate.textBytes, about.totalBytes);
    assert.ok(Math.abs(estimate.textBytes / rows.length - 1) < (compressed ? 0.2 : 1e-9), `${estimate.textBytes} of ${rows.length}`);
    assert.ok(estimate.seconds > 0 && Number.isFinite(estimate.seconds));
    assert.equal((await analyzer.summary()).text, log);
    analyzer.dispose();
  }
});

test('an estimate that does not fit offers what would', async () => {
  const { analyzer, engine } = await openFake();
  const source = new Blob(['x'.repeat(1000)]);
  const estimate = await analyzer.estimate(source, { memoryBudget: 1000 });
  assert.deepEqual([estimate.peakBytes, estimate.memoryBudget, estimate.fits], [2000, 1000, false]);
  assert.deepEqual(estimate.choices, [
    // The largest first, times last: user (600 of 2,000), then note (400).
    { kind: 'columns', options: { columns: ['at', 'n'] }, rows: 100, bytes: 1000 },
    { kind: 'sample', options: { sample: { share: 0.45, seed: 0 } }, rows: 45, bytes: 900 },
  ]);
  // A day without its time of day would be another time.
  engine.isApart = true;
  const chosen = async (memoryBudget) => (await analyzer.estimate(source, { memoryBudget })).choices[0].options.columns;
  assert.deepEqual(await chosen(1600), ['clock', 'date', 'note', 'date clock']);
  assert.deepEqual(await chosen(1200), ['clock', 'date', 'date clock']);
  engine.isApart = false;
  const tight = await analyzer.estimate(source, { memoryBudget: 300 });
  assert.deepEqual(tight.choices.map(({ kind }) => kind), ['sample']);
  engine.canAggregate = true;
  const { choices, ...withUsers } = await analyzer.estimate(source, { memoryBudget: 1000 });
  assert.deepEqual(choices.map(({ kind }) => kind), ['columns', 'aggregate', 'sample']);
  // How many users there are is not known, nor is the memory.
  assert.deepEqual(choices[1], { kind: 'aggregate', options: { aggregate: true }, rows: 100 });
  assert.equal('canAggregate' in withUsers, false);
  assert.ok((await analyzer.estimate(source)).fits, 'the budget is 2.5 GB when not given');
  await rejectsWith(analyzer.estimate(source, { memoryBudget: -1 }), 'options');
  analyzer.dispose();
});

test('an estimate does not eat a stream, and tells of what is broken', async () => {
  const { analyzer, engine } = await openFake();
  await rejectsWith(analyzer.estimate(new Blob([log]).stream()), 'options');
  await rejectsWith(analyzer.estimate([{ a: 1 }]), 'options');
  await rejectsWith(analyzer.estimate(new Blob([gzipSync(log).subarray(0, 20)])), 'archive-damaged');
  await rejectsWith(analyzer.estimate([]), 'options');
  engine.failures.estimate = { name: 'AnalyzerError', code: 'not-text', message: 'this is a picture' };
  await rejectsWith(analyzer.estimate(new Blob([log])), 'not-text');
  analyzer.dispose();
});

test('closing drops the table; a worker that holds much is replaced, listeners and calls go on', async () => {
  const { analyzer, engine, transport } = await openFake();
  let restarts = 0;
  const { restart } = transport;
  transport.restart = () => {
    restarts += 1;
    restart();
  };
  const seen = [];
  analyzer.on('finding', (finding) => seen.push(finding));
  await analyzer.ingest(log);
  await analyzer.close();
  assert.equal(restarts, 0);
  await rejectsWith(analyzer.summary(), 'not-ready');

  await analyzer.ingest(log);
  engine.heldBytes = 65 << 20;
  const under_way = rejectsWith(analyzer.ingest(endless()), 'aborted');
  const closing = analyzer.close();
  await Promise.all([closing, under_way]);
  assert.equal(restarts, 1);
  assert.equal((await analyzer.ingest(log)).text, log);
  await analyzer.summary();
  assert.equal(seen.length, 3);
  analyzer.dispose();
  await rejectsWith(analyzer.close(), 'disposed');
});

test('memory that runs out says how far it came and what to choose', async () => {
  const { analyzer, engine } = await openFake();
  const push = engine.push.bind(engine);
  engine.heldBytes = 3.9e9;
  let nPushes = 0;
  engine.push = (bytes) => {
    nPushes += 1;
    if (nPushes === 3) throw trap();
    return push(bytes.subarray(0, 1000));
  };
  engine.push = ((inner) => (bytes) => ({ ...inner(bytes), bytes: nPushes * (1 << 20) }))(engine.push);
  await assert.rejects(analyzer.ingest(new Blob(['x\n'.repeat(2 << 20)])), (error) => {
    assert.equal(error.code, 'worker-failed');
    assert.match(error.message, /memory ran out at 3,900 MB, after .* rows, 50 % of the source; .*about 7,800 MB.*share: 0\.40/);
    return true;
  });
});
