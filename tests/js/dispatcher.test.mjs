import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dispatcher } from '../../www/dispatcher.js';
import { serve } from '../../www/server.js';
import { FakeEngine, trap } from './fakes.mjs';

/** A dispatcher over a fake engine, its posts, and a clock and a pause under the test's hand. */
function setUp(engine = new FakeEngine(), { msPerLook = 0 } = {}) {
  const posts = [];
  const transfers = [];
  const clock = { ms: 0 };
  const paused = [];
  const dispatcher = new Dispatcher(
    engine,
    (message, transfer) => {
      posts.push(message);
      transfers.push(transfer);
    },
    { beginSlice: () => assert.fail('nothing here is large enough for slices') },
    { now: () => (clock.ms += msPerLook), pause: () => new Promise((go) => paused.push(go)) },
  );
  /** Lets jobs run on until none waits. */
  const settle = async () => {
    for (let i = 0; i < 100; i += 1) {
      await new Promise((go) => setImmediate(go));
      paused.shift()?.();
    }
  };
  return { dispatcher, engine, posts, transfers, clock, paused, settle };
}

const answers = (posts, id) => posts.filter((post) => post.id === id && !('ack' in post));

test('a short call is answered with the engine its result', () => {
  const { dispatcher, posts } = setUp();
  dispatcher.receive({ id: 1, method: 'explain', params: { row: 3 } });
  assert.deepEqual(posts, [{ id: 1, result: { method: 'explain', params: { row: 3 } } }]);
});

test('an unknown method is refused, also one of the engine that is not public', () => {
  const { dispatcher, posts, engine } = setUp();
  for (const method of ['toString', 'beginIngest', 'stepAnalysis', undefined]) dispatcher.receive({ id: 1, method });
  assert.deepEqual(posts.map((post) => post.error.code), Array(4).fill('options'));
  assert.deepEqual(engine.calls, []);
});

test('chunks are acknowledged, the end answers with the summary and tells findings', async () => {
  const { dispatcher, posts, settle, engine } = setUp();
  dispatcher.receive({ id: 1, method: 'ingest', params: { options: { delimiter: ';' }, totalBytes: 8 } });
  dispatcher.receive({ id: 1, chunk: Buffer.from('a;b\n') });
  dispatcher.receive({ id: 1, chunk: Buffer.from('1;2\n') });
  dispatcher.receive({ id: 1, end: true });
  await settle();
  assert.deepEqual(engine.options, { delimiter: ';', totalBytes: 8 });
  assert.deepEqual(posts.filter((post) => 'ack' in post), [{ id: 1, ack: 4 }, { id: 1, ack: 4 }]);
  assert.equal(answers(posts, 1)[0].result.text, 'a;b\n1;2\n');
  assert.deepEqual(posts.at(-1), { event: 'finding', detail: engine.table.findings[0] });
});

test('a Blob is read to its end, in order, over several slices', async () => {
  const { dispatcher, posts, settle, engine } = setUp();
  // Only the amount matters to a fake that would be slow byte by byte.
  let bytes = 0;
  const firsts = [];
  engine.push = (piece) => {
    firsts.push(piece[0]);
    bytes += piece.length;
    return { bytes, rows: 0 };
  };
  engine.bytes = [97];
  const parts = [new Uint8Array(16 << 20).fill(1), new Uint8Array(16 << 20).fill(2), new Uint8Array(5).fill(3)];
  dispatcher.receive({ id: 4, method: 'ingest', params: { options: {}, files: [{ name: '', blob: new Blob(parts) }], totalBytes: (32 << 20) + 5 } });
  engine.bytes = [97];
  await settle();
  assert.equal(answers(posts, 4).length, 1);
  assert.equal(bytes, (32 << 20) + 5);
  assert.deepEqual(firsts, [...Array(16).fill(1), ...Array(16).fill(2), 3]);
});

test('progress of an ingest: sizes, speed, time left, no more than 20 a second', () => {
  const { dispatcher, posts, clock } = setUp();
  dispatcher.receive({ id: 1, method: 'ingest', params: { options: {}, totalBytes: 400 } });
  for (let i = 0; i < 100; i += 1) {
    clock.ms += 10;
    dispatcher.receive({ id: 1, chunk: Buffer.from('ab,\n') });
  }
  const progress = posts.filter((post) => post.event === 'progress').map((post) => post.detail);
  assert.equal(progress.length, 21);
  assert.deepEqual(progress.at(-1), { stage: 'ingest', bytes: 400, rows: 100, memoryBytes: 65536, rowsPerSecond: 100, totalBytes: 400, secondsLeft: 0 });
  const { bytes, rows, secondsLeft } = progress[5];
  assert.deepEqual({ bytes, rows }, { bytes: 104, rows: 26 });
  assert.ok(Math.abs(secondsLeft - 0.74) < 1e-9, `${secondsLeft}`);
});

test('making the table gives way between slices, and a cancel then leaves the earlier one', async () => {
  const engine = new FakeEngine();
  engine.finishSteps = 10;
  const { dispatcher, posts, settle, paused } = setUp(engine, { msPerLook: 5 });
  const read = (id) => {
    dispatcher.receive({ id, method: 'ingest', params: { options: {} } });
    dispatcher.receive({ id, chunk: Buffer.from(`${id}\n`) });
    dispatcher.receive({ id, end: true });
  };
  read(1);
  assert.equal(paused.length, 1, 'the first slice ends before the table is whole');
  await settle();
  assert.equal(answers(posts, 1)[0].result.text, '1\n');
  assert.ok(posts.some(({ event, detail }) => event === 'progress' && detail.stage === 'finish' && detail.total === 10));
  read(2);
  dispatcher.receive({ id: 3, method: 'summary' });
  dispatcher.receive({ cancel: 2 });
  await settle();
  assert.equal(answers(posts, 2)[0].error.code, 'aborted');
  assert.equal(answers(posts, 3)[0].result.text, '1\n');
  assert.equal(engine.calls.filter((call) => call === 'cancelIngest').length, 1);
});

test('an analysis gives way between slices and answers once', async () => {
  const engine = new FakeEngine();
  engine.steps = 10;
  const { dispatcher, posts, settle, paused, transfers } = setUp(engine, { msPerLook: 5 });
  dispatcher.receive({ id: 1, method: 'analyze', params: { seed: 7 } });
  assert.equal(paused.length, 1, 'the first slice ends before the job does');
  dispatcher.receive({ id: 2, method: 'explain', params: { row: 0 } });
  assert.equal(answers(posts, 2).length, 1, 'a short call is heard in between');
  await settle();
  assert.deepEqual(engine.plan, { seed: 7 });
  assert.equal(answers(posts, 1).length, 1);
  const at = posts.findIndex((post) => post.id === 1);
  const { scores, subjects, members, metrics } = posts[at].result;
  const arrays = [scores, subjects.text, subjects.ends, members[0].scores, metrics.curves.roc];
  assert.deepEqual(transfers[at], arrays.map(({ buffer }) => buffer));
  assert.deepEqual(posts.find((post) => post.event === 'progress').detail, { stage: 'fit', done: 3, total: 10 });
});

test('a cancel ends the job it names and no other', async () => {
  const { dispatcher, posts, settle, engine } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'analyze', params: {} });
  dispatcher.receive({ cancel: 99 });
  assert.equal(engine.calls.includes('cancelAnalysis'), false);
  dispatcher.receive({ cancel: 1 });
  await settle();
  assert.equal(engine.calls.filter((call) => call === 'cancelAnalysis').length, 1);
  assert.deepEqual(answers(posts, 1).map((post) => post.error.code), ['aborted']);
  dispatcher.receive({ id: 2, method: 'analyze', params: {} });
  await settle();
  assert.ok(answers(posts, 2)[0].result);
});

test('a newer ingest takes the place of the one under way', async () => {
  const { dispatcher, posts, settle } = setUp();
  dispatcher.receive({ id: 1, method: 'ingest', params: { options: {} } });
  dispatcher.receive({ id: 1, chunk: Buffer.from('old\n') });
  dispatcher.receive({ id: 2, method: 'ingest', params: { options: {} } });
  dispatcher.receive({ id: 1, chunk: Buffer.from('late\n') });
  dispatcher.receive({ id: 2, chunk: Buffer.from('new\n') });
  dispatcher.receive({ id: 1, end: true });
  dispatcher.receive({ id: 2, end: true });
  await settle();
  assert.deepEqual(answers(posts, 1).map((post) => post.error.code), ['aborted']);
  assert.equal(answers(posts, 2)[0].result.text, 'new\n');
});

test('an ingest ends an analysis under way, an analysis during an ingest is busy', async () => {
  const { dispatcher, posts, settle } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'analyze', params: {} });
  dispatcher.receive({ id: 2, method: 'ingest', params: { options: {} } });
  dispatcher.receive({ id: 3, method: 'analyze', params: {} });
  dispatcher.receive({ id: 2, chunk: Buffer.from('a\n') });
  dispatcher.receive({ id: 2, end: true });
  await settle();
  assert.equal(answers(posts, 1)[0].error.code, 'aborted');
  assert.equal(answers(posts, 3)[0].error.code, 'busy');
  assert.equal(answers(posts, 2)[0].result.rows, 1);
});

test('an exploration goes beside an analysis, with progress of its own', async () => {
  const { dispatcher, posts, settle, engine } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'analyze', params: {} });
  dispatcher.receive({ id: 2, method: 'profile', params: { time: 't' } });
  await settle();
  assert.equal(answers(posts, 1)[0].result.findings.length, 0);
  assert.deepEqual(answers(posts, 2).map((post) => post.result), [{ rows: 3, of: { time: 't' } }]);
  assert.ok(posts.some((post) => post.detail?.stage === 'profile'));
  assert.ok(!engine.calls.includes('cancelAnalysis') && !engine.calls.includes('cancelProfile'));
});

test('an exploration ends by a cancel, by a newer one and with its table, and waits for no ingest', async () => {
  const { dispatcher, posts, settle, engine } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'profile', params: {} });
  dispatcher.receive({ cancel: 1 });
  dispatcher.receive({ id: 2, method: 'profile', params: {} });
  dispatcher.receive({ id: 3, method: 'profile', params: {} });
  dispatcher.receive({ id: 4, method: 'ingest', params: { options: {} } });
  dispatcher.receive({ id: 5, method: 'profile', params: {} });
  await settle();
  const codes = [1, 2, 3, 5].map((id) => answers(posts, id).map((post) => post.error.code));
  assert.deepEqual(codes, [['aborted'], ['aborted'], ['aborted'], ['busy']]);
  assert.equal(engine.calls.filter((call) => call === 'cancelProfile').length, 3);
  assert.ok(!engine.calls.includes('profile'));
});

test('an exploration ends when its table is closed', async () => {
  const { dispatcher, posts, settle } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'profile', params: {} });
  dispatcher.receive({ id: 2, method: 'closeTable' });
  await settle();
  assert.deepEqual(answers(posts, 1).map((post) => post.error.code), ['aborted']);
});

test('an exploration that fails is forgotten and the next one goes on', async () => {
  const engine = new FakeEngine();
  engine.failures.beginProfile = { name: 'AnalyzerError', code: 'no-such-column', message: 'there is no column' };
  const { dispatcher, posts, settle } = setUp(engine);
  dispatcher.receive({ id: 1, method: 'profile', params: {} });
  await settle();
  engine.failures = {};
  dispatcher.receive({ id: 2, method: 'profile', params: {} });
  await settle();
  assert.equal(answers(posts, 1)[0].error.code, 'no-such-column');
  assert.equal(answers(posts, 2)[0].result.rows, 3);
});

test('learning goes beside an exploration, with progress, and its arrays are handed over', async () => {
  const { dispatcher, posts, settle } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'profile', params: {} });
  dispatcher.receive({ id: 2, method: 'learn', params: { target: 'label' } });
  await settle();
  assert.equal(answers(posts, 1)[0].result.rows, 3);
  assert.equal(answers(posts, 2)[0].result.target, 'label');
  assert.ok(posts.some((post) => post.detail?.stage === 'learn'));
});

test('learning ends by a cancel, by a newer one, and with the analysis it is of', async () => {
  const { dispatcher, posts, settle, engine } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'learn', params: {} });
  dispatcher.receive({ cancel: 1 });
  dispatcher.receive({ id: 2, method: 'learn', params: {} });
  dispatcher.receive({ id: 3, method: 'learn', params: {} });
  engine.learnStepsLeft = Infinity;
  dispatcher.receive({ id: 4, method: 'analyze', params: {} });
  await settle();
  const codes = [1, 2, 3].map((id) => answers(posts, id).map((post) => post.error.code));
  assert.deepEqual(codes, [['aborted'], ['aborted'], ['aborted']]);
  assert.equal(answers(posts, 4)[0].result.findings.length, 0);
  assert.equal(engine.calls.filter((call) => call === 'cancelLearn').length, 3);
});

test('a look at all rows goes beside an exploration, in steps, and sends its arrays', async () => {
  const { dispatcher, posts, transfers, settle } = setUp(new FakeEngine(), { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'profile', params: {} });
  dispatcher.receive({ id: 2, method: 'globalExplanation', params: { rows: 9 } });
  await settle();
  assert.equal(answers(posts, 1)[0].result.rows, 3);
  const at = posts.findIndex((post) => post.id === 2);
  assert.deepEqual([...posts[at].result.beeswarm.rows], [1, 2]);
  assert.equal(transfers[at].length, 1);
  assert.ok(posts.some((post) => post.detail?.stage === 'global'));
});

test('a look at all rows ends with the flags that it is of', async () => {
  for (const [method, params] of [['analyze', {}], ['setThreshold', { budget: 3 }], ['closeTable', undefined]]) {
    const engine = new FakeEngine();
    // As many steps as no analysis has.
    engine.steps = 40;
    const { dispatcher, posts, settle } = setUp(engine, { msPerLook: 20 });
    dispatcher.receive({ id: 1, method: 'globalExplanation', params: {} });
    engine.steps = 2;
    dispatcher.receive({ id: 2, method, params });
    await settle();
    assert.deepEqual(answers(posts, 1).map((post) => post.error?.code), ['aborted'], method);
    assert.ok(engine.calls.includes('cancelGlobal'), method);
    assert.ok(answers(posts, 2)[0] && !answers(posts, 2)[0].error, method);
  }
});

test('a threshold that is refused leaves a look at all rows alone', async () => {
  const engine = new FakeEngine();
  engine.failures.setThreshold = { name: 'AnalyzerError', code: 'parameter', message: 'contamination is out of range' };
  const { dispatcher, posts, settle } = setUp(engine, { msPerLook: 20 });
  dispatcher.receive({ id: 1, method: 'globalExplanation', params: {} });
  dispatcher.receive({ id: 2, method: 'setThreshold', params: { contamination: 7 } });
  await settle();
  assert.equal(answers(posts, 2)[0].error.code, 'parameter');
  assert.ok(answers(posts, 1)[0].result);
});

for (const method of ['beginIngest', 'push', 'beginFinish', 'stepFinish']) {
  test(`an ingest that fails in ${method} is forgotten and the next one goes on`, async () => {
    const engine = new FakeEngine();
    engine.failures[method] = { name: 'AnalyzerError', code: 'not-text', message: 'this is a picture' };
    const { dispatcher, posts, settle } = setUp(engine);
    for (const id of [1, 2]) {
      dispatcher.receive({ id, method: 'ingest', params: { options: {} } });
      dispatcher.receive({ id, chunk: Buffer.from('a\n') });
      dispatcher.receive({ id, end: true });
      await settle();
      engine.failures = {};
    }
    assert.deepEqual(answers(posts, 1).map((post) => post.error.code), ['not-text']);
    assert.equal(engine.calls.filter((call) => call === 'cancelIngest').length, 1);
    assert.equal(answers(posts, 2)[0].result.rows, 1);
  });
}

test('a Blob that cannot be read says where and what to do', async () => {
  const { dispatcher, posts, settle } = setUp();
  const blob = { size: 10, slice: () => ({ arrayBuffer: async () => { throw new DOMException('gone', 'NotReadableError'); } }) };
  dispatcher.receive({ id: 1, method: 'ingest', params: { options: {}, files: [{ name: 'a.csv', blob }] } });
  await settle();
  const { code, message } = answers(posts, 1)[0].error;
  assert.equal(code, 'source-failed');
  assert.match(message, /^a\.csv .*byte 0 .*NotReadableError.*choose it again/);
});

test('an engine that traps is not asked again', async () => {
  const engine = new FakeEngine();
  engine.failures.stepAnalysis = trap();
  const { dispatcher, posts, settle } = setUp(engine);
  dispatcher.receive({ id: 1, method: 'analyze', params: {} });
  await settle();
  assert.equal(posts[0].fatal.code, 'worker-failed');
  const before = engine.calls.length;
  dispatcher.receive({ id: 2, method: 'summary' });
  assert.equal(answers(posts, 2)[0].error.code, 'worker-failed');
  assert.equal(engine.calls.length, before);
  dispatcher.close();
  assert.equal(engine.freed, false);
});

test('calls made before the engine is there are answered in order', async () => {
  const posts = [];
  let ready;
  const server = serve((message) => posts.push(message), () => new Promise((go) => (ready = go)));
  server.receive({ id: 1, method: 'init', params: { wasm: null } });
  server.receive({ id: 2, method: 'explain', params: { row: 1 } });
  server.receive({ id: 3, method: 'explain', params: { row: 2 } });
  assert.deepEqual(posts, []);
  ready({ engine: new FakeEngine(), version: '1.2.3' });
  await new Promise((go) => setImmediate(go));
  assert.deepEqual(posts.map((post) => post.id), [1, 2, 3]);
  assert.deepEqual(posts[0].result, { version: '1.2.3' });
});

test('without an engine every call is answered with the reason', async () => {
  const posts = [];
  const server = serve((message) => posts.push(message), async () => {
    throw { name: 'AnalyzerError', code: 'unsupported', message: 'no SIMD' };
  });
  server.receive({ id: 1, method: 'init', params: {} });
  server.receive({ id: 2, method: 'summary' });
  await new Promise((go) => setImmediate(go));
  server.receive({ id: 3, method: 'summary' });
  assert.deepEqual(posts.map((post) => [post.id, post.error.code]), [1, 2, 3].map((id) => [id, 'unsupported']));
});

test('closing frees the engine, also one that arrives later', async () => {
  const late = new FakeEngine();
  const server = serve(() => {}, async () => ({ engine: late, version: '' }));
  server.receive({ id: 1, method: 'init', params: {} });
  server.close();
  await new Promise((go) => setImmediate(go));
  assert.equal(late.freed, true);
});
