// Work before anybody asks for anything: that it gives way, and that nothing of it stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dispatcher } from '../../www/dispatcher.js';
import { serve } from '../../www/server.js';
import { IDLE_MS, warmUp } from '../../www/warm-up.js';
import { FakeEngine, trap } from './fakes.mjs';
import { open } from './package.mjs';

const turn = () => new Promise((go) => setImmediate(go));

/** A dispatcher that warms up with an engine beside its own. */
function setUp(beside = new FakeEngine()) {
  const posts = [];
  const engine = new FakeEngine();
  const dispatcher = new Dispatcher(engine, (message) => posts.push(message), {}, { pause: turn });
  return { dispatcher, engine, beside, posts, warmed: dispatcher.warmUp(warmUp(() => beside)) };
}

test('it reads and analyses logs from begin to end with an engine that is freed', async () => {
  const { beside, engine, posts, warmed } = setUp();
  await warmed;
  const times = (method) => beside.calls.filter((call) => call === method).length;
  assert.ok(times('beginFinish') > 10);
  assert.equal(times('beginAnalysis'), times('beginFinish'));
  assert.ok(beside.freed);
  assert.deepEqual([engine.calls, posts], [[], []]);
});

for (const [method, params] of [['ingest', { options: {} }], ['analyze', {}], ['profile', {}]]) {
  test(`it ends when ${method} is asked for, and before that lets short calls in`, async () => {
    const { dispatcher, beside, posts, warmed } = setUp();
    await turn();
    dispatcher.receive({ id: 1, method: 'suggest' });
    assert.equal(posts[0].id, 1);
    await turn();
    await turn();
    assert.equal(beside.freed, false);
    const nBefore = beside.calls.length;
    dispatcher.receive({ id: 2, method, params });
    await warmed;
    assert.ok(beside.freed);
    assert.equal(beside.calls.length, nBefore);
  });
}

test('it does not begin when something was asked for at once', async () => {
  const dispatcher = new Dispatcher(new FakeEngine(), () => {}, {}, { pause: turn });
  dispatcher.receive({ id: 1, method: 'ingest', params: { options: {} } });
  await dispatcher.warmUp(warmUp(() => assert.fail('an engine was made')));
});

test('it ends when the dispatcher is closed', async () => {
  const { dispatcher, beside, warmed } = setUp();
  await turn();
  dispatcher.close();
  await warmed;
  assert.ok(beside.freed);
});

test('a trap in it is one of the engine, for they share their memory', async () => {
  const beside = new FakeEngine();
  beside.failures.stepAnalysis = trap();
  const { posts, warmed } = setUp(beside);
  await warmed;
  assert.equal(posts[0].fatal.code, 'worker-failed');
});

for (const warm of [true, false]) {
  test(`a server warms up when told: ${warm}`, async () => {
    const beside = new FakeEngine();
    const load = async () => ({ engine: new FakeEngine(), makeEngine: () => beside, stateless: {}, version: '' });
    const server = serve(() => {}, load);
    server.receive({ id: 1, method: 'init', params: { wasm: null, warm } });
    await sleep(IDLE_MS + 50);
    server.close();
    assert.equal(beside.calls.length > 0, warm);
  });
}

test('the real engine: no table, no memory to speak of, and the same table as without', async () => {
  const log = 'user,time,n\n' + Array.from({ length: 500 }, (_, i) => `u${i % 40},2025-01-01T00:00:00Z,${i}\n`).join('');
  const [warm, cold] = [await open({ warm: true }), await open()];
  const coldBytes = await cold.memoryBytes();
  // It grows as logs are read: so it is seen to run, and to end.
  let bytes = 0;
  for (let round = 0; round < 100 && bytes <= coldBytes; round += 1) {
    await sleep(50);
    bytes = await warm.memoryBytes();
  }
  assert.ok(bytes > coldBytes, 'it ran');
  await assert.rejects(warm.summary(), { code: 'not-ready' });
  await sleep(500);
  assert.ok((await warm.memoryBytes()) < coldBytes + (8 << 20), `${await warm.memoryBytes()}`);
  const [{ memoryBytes: a, ...ofWarm }, { memoryBytes: b, ...ofCold }] = [await warm.ingest(log), await cold.ingest(log)];
  assert.deepEqual(ofWarm, ofCold);
  warm.dispose();
  cold.dispose();
});
