import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool, joinPool } from '../../www/pool.js';
import { SLICE_BYTES, SliceReader, TASKS } from '../../www/slices.js';

const turn = () => new Promise((go) => setImmediate(go));
/** Waits until it is so; a test that waits in vain is ended by the runner. */
async function until(isSo) {
  while (!isSo()) await turn();
}

const N_SLICES = 10;
const SIZE = (N_SLICES - 1) * SLICE_BYTES + 1000;
/** A file whose bytes tell their slice. */
const blob = new Blob(Array.from({ length: N_SLICES }, (_, i) => new Uint8Array(i < N_SLICES - 1 ? SLICE_BYTES : 1000).fill(i)));

/** A stand-in for engine and job: notes who read which bytes, and checks that they come in order and once. */
function host({ takes = () => true } = {}) {
  const state = { at: 0, isCurrent: true, own: [], early: [], taken: [], refused: [] };
  return {
    state,
    schema: () => Uint8Array.of(1),
    isCurrent: () => state.isCurrent,
    stateless: {
      beginSlice: (options, schema, from) => {
        const at = from / SLICE_BYTES;
        let nBytes = 0;
        state.early.push(at);
        return {
          push: (bytes) => {
            assert.ok(bytes.every((byte) => byte === at));
            nBytes += bytes.length;
          },
          finish: () => ({ start: from + 10, end: from + nBytes - 7, records: new Uint8Array(nBytes - 17).fill(at) }),
        };
      },
    },
    push: async (bytes) => {
      if (bytes.length > 0) assert.equal(bytes[0], Math.floor(state.at / SLICE_BYTES));
      if (bytes.length > 1000) state.own.push(bytes[0]);
      state.at += bytes.length;
      await turn();
      return state.isCurrent;
    },
    absorb: (records) => {
      assert.equal(records[0], Math.floor(state.at / SLICE_BYTES));
      if (!takes(records[0])) {
        state.refused.push(records[0]);
        return false;
      }
      state.taken.push(records[0]);
      state.at += records.length;
      return true;
    },
  };
}

/** What a member gives of a slice: 10 bytes before its first record, 7 behind its last. */
function slice({ from, to }) {
  const bytes = new Uint8Array(to - from).fill(from / SLICE_BYTES);
  return { start: from + 10, head: bytes.slice(0, 10), records: bytes.slice(17), tail: bytes.slice(0, 7) };
}

/** A pool of members that do `work`. */
function fakePool(size, work) {
  const given = [];
  let nBusy = 0;
  const pool = {
    size,
    given,
    most: 0,
    get isFree() {
      return nBusy < size * 2;
    },
    async run(name, params) {
      assert.equal(name, 'readSlice');
      given.push(params.from / SLICE_BYTES);
      nBusy += 1;
      try {
        await turn();
        return await work(params);
      } finally {
        nBusy -= 1;
      }
    },
  };
  return pool;
}

const read = (pool, own) => new SliceReader({ name: 'log.csv', blob, options: {} }, pool, own).read();

for (const nMembers of [1, 2, 7]) {
  test(`every byte is read once and in order, ${nMembers} beside the first`, async () => {
    const own = host();
    const pool = fakePool(nMembers, slice);
    assert.equal(await read(pool, own), true);
    assert.equal(own.state.at, SIZE);
    assert.deepEqual(own.state.taken, [...pool.given, ...own.state.early].sort((a, b) => a - b));
    assert.ok(pool.given.length >= 3, `${pool.given}`);
  });
}

test('while a member is slow, the first reads slices that come later', async () => {
  const own = host();
  const pool = fakePool(1, async (params) => {
    await until(() => own.state.early.length > 0);
    return slice(params);
  });
  assert.equal(await read(pool, own), true);
  assert.equal(own.state.at, SIZE);
  assert.ok(own.state.early.every((at) => own.state.taken.includes(at)));
  assert.deepEqual(pool.given.filter((at) => own.state.early.includes(at)), []);
});

test('a slice that the first cannot read early it reads in its turn; a trap is told', async () => {
  let thrown = { name: 'AnalyzerError', code: 'record-too-long', message: 'long' };
  const own = host();
  let nTried = 0;
  let nFreed = 0;
  own.stateless.beginSlice = () => ({
    push: () => {
      nTried += 1;
      throw thrown;
    },
    free: () => (nFreed += 1),
  });
  const slow = () => fakePool(1, async (params) => {
    await until(() => nTried > 0);
    return slice(params);
  });
  assert.equal(await read(slow(), own), true);
  assert.equal(own.state.at, SIZE);
  assert.ok(nTried > 0);
  assert.equal(nFreed, nTried);
  thrown = Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  own.state.at = nTried = nFreed = 0;
  await assert.rejects(read(slow(), own), { name: 'RuntimeError' });
  assert.deepEqual([nTried, nFreed], [1, 0]);
});

test('without anybody to help, one reads it all', async () => {
  const own = host();
  assert.equal(await read(fakePool(0, slice), own), true);
  assert.equal(own.state.at, SIZE);
});

test('a slice that is refused is read from where it was thought to start', async () => {
  const own = host({ takes: (at) => at % 4 !== 0 });
  assert.equal(await read(fakePool(2, slice), own), true);
  assert.equal(own.state.at, SIZE);
  assert.ok(own.state.refused.length > 0);
});

test('after enough slices in vain none is given any more', async () => {
  const own = host({ takes: () => false });
  const large = new Blob(Array(5).fill(blob.slice(0, (N_SLICES - 1) * SLICE_BYTES)));
  own.push = async () => true;
  own.absorb = () => false;
  const pool = fakePool(2, slice);
  assert.equal(await new SliceReader({ name: '', blob: large, options: {} }, pool, own).read(), true);
  const inVain = [...pool.given, ...own.state.early];
  assert.ok(inVain.length >= 8 && inVain.length < 20, `${inVain}`);
});

test('slices that fail are read by the first worker, which meets the reason itself', async () => {
  const own = host();
  const pool = fakePool(2, async () => Promise.reject(new Error('gone')));
  assert.equal(await read(pool, own), true);
  assert.equal(own.state.at, SIZE);
  assert.deepEqual(own.state.taken, []);
  const gone = { size: SIZE, slice: () => ({ arrayBuffer: async () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) };
  const reading = new SliceReader({ name: 'log.csv', blob: gone, options: {} }, pool, host()).read();
  await assert.rejects(reading, { code: 'source-failed' });
});

test('what the engine refuses lets go of the file', async () => {
  const own = host();
  own.push = async () => Promise.reject(new Error('no text'));
  let nCancelled = 0;
  const pull = (controller) => controller.byobRequest.respond(1);
  const stream = () => new ReadableStream({ type: 'bytes', pull, cancel: () => (nCancelled += 1) });
  const refused = { size: SIZE, slice: () => ({ stream }) };
  await assert.rejects(new SliceReader({ name: '', blob: refused, options: {} }, fakePool(1, slice), own).read(), /no text/);
  assert.equal(nCancelled, 1);
});

test('a job that is ended gives no more slices', async () => {
  const own = host();
  const pool = fakePool(1, slice);
  const reading = read(pool, own);
  await until(() => own.state.taken.length > 0);
  own.state.isCurrent = false;
  const nGiven = pool.given.length;
  assert.equal(await reading, false);
  for (let i = 0; i < 20; i += 1) await turn();
  assert.equal(pool.given.length, nGiven);
});

test('what waits to be added is bounded', async () => {
  const own = host();
  let go;
  const held = new Promise((resolve) => (go = resolve));
  const { push } = own;
  own.push = async (bytes) => {
    await held;
    return push(bytes);
  };
  const pool = fakePool(1, slice);
  const reading = read(pool, own);
  for (let i = 0; i < 50; i += 1) await turn();
  assert.ok(pool.given.length <= 5, `${pool.given}`);
  go();
  assert.equal(await reading, true);
  assert.equal(own.state.at, SIZE);
});

test('a member reads a slice and sends what lies around its records', async () => {
  let text = '';
  const engine = {
    beginSlice: (options, schema, at) => {
      assert.deepEqual([options, schema[0], at], [{ header: true }, 5, 3]);
      return {
        push: (bytes) => (text += Buffer.from(bytes).toString()),
        finish: () => ({ start: 5, end: 8, records: Uint8Array.of(1, 2, 3) }),
      };
    },
  };
  const blob = new Blob(['0123456789']);
  const params = { name: '', blob, options: { header: true }, from: 3, to: 9, schema: Uint8Array.of(5) };
  const { result, transfer } = await TASKS.readSlice(engine, params);
  const { head, tail, records, start } = result;
  assert.deepEqual([start, Buffer.from(head).toString(), Buffer.from(tail).toString()], [5, '34', '8']);
  assert.equal(text, '345678');
  assert.deepEqual(transfer, [records.buffer, head.buffer, tail.buffer]);
});

/** A pool and the far ends of its members' ports. */
function pool(n, options) {
  const own = new Pool(options);
  const ports = Array.from({ length: n }, (_, id) => {
    const { port1, port2 } = new MessageChannel();
    own.add(id, port1);
    return port2;
  });
  return { pool: own, ports };
}

const echo = { echo: async (engine, params) => ({ result: { by: engine.name, params }, transfer: [] }) };
const loads = (name) => async () => ({ stateless: { name } });

test('members take tasks once they are ready, the idlest first', async (t) => {
  const { pool: own, ports } = pool(2);
  t.after(() => own.close());
  assert.deepEqual([own.isEmpty, own.size, own.isFree], [false, 0, false]);
  await assert.rejects(own.run('echo', {}), { code: 'worker-failed' });
  await joinPool(ports[0], loads('a'), null, echo);
  await joinPool(ports[1], loads('b'), null, echo);
  await until(() => own.size === 2);
  const answers = await Promise.all([own.run('echo', 1), own.run('echo', 2)]);
  assert.deepEqual(answers, [{ by: 'a', params: 1 }, { by: 'b', params: 2 }]);
  assert.equal(own.isFree, true);
});

test("a task's error is its own, and a trap ends the member", async (t) => {
  const { pool: own, ports } = pool(1);
  t.after(() => own.close());
  let thrown = { name: 'AnalyzerError', code: 'record-too-long', message: 'long' };
  await joinPool(ports[0], loads('a'), null, {
    fail: async () => {
      throw thrown;
    },
  });
  await until(() => own.size === 1);
  await assert.rejects(own.run('fail', {}), { code: 'record-too-long' });
  assert.equal(own.size, 1);
  thrown = Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  await assert.rejects(own.run('fail', {}), { code: 'internal' });
  assert.equal(own.size, 0);
});

test('a member that is lost, or says nothing any more, fails what it had to do', async (t) => {
  const { pool: own, ports } = pool(2, { stalledMs: 30 });
  t.after(() => own.close());
  for (const port of ports) port.postMessage({ ready: true });
  await until(() => own.size === 2);
  const tasks = [own.run('echo', {}), own.run('echo', {})].map((task) => task.catch(({ code }) => code));
  own.lose(0);
  own.lose(0);
  assert.equal(await tasks[0], 'worker-failed');
  assert.equal(own.size, 1);
  assert.equal(await tasks[1], 'worker-failed');
  assert.equal(own.isEmpty, true);
});

test('a member that cannot load the engine never joins', async (t) => {
  const { pool: own, ports } = pool(1);
  t.after(() => own.close());
  await assert.rejects(joinPool(ports[0], async () => Promise.reject(new Error('no SIMD')), null, echo));
  assert.equal(own.size, 0);
});
