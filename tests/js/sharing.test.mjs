// Rows given away and taken back, by a stand-in for the engine that knows which rows it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool, joinPool } from '../../www/pool.js';
import { RowSharing, measureRows } from '../../www/sharing.js';
import { runSteps } from '../../www/stepping.js';

const turn = () => new Promise((go) => setImmediate(go));

/** An engine with rows to measure, each a number whose value is its square. A millisecond passes for each that it measures. */
function rowEngine(nRows) {
  const engine = {
    ms: 0,
    untouched: [0, nRows],
    away: new Map(),
    back: [],
    values: new Float64Array(nRows),
    nModels: 0,
    rowsLeft: () => engine.untouched[1] - engine.untouched[0] + engine.back.reduce((sum, [from, to]) => sum + to - from, 0),
    sharedModel: () => (engine.nModels++ === 0 ? Uint8Array.of(2) : undefined),
    giveRows(n) {
      const [from, to] = engine.untouched;
      const start = Math.max(from, to - n);
      if (start === to || engine.nModels === 0) return undefined;
      engine.untouched = [from, start];
      engine.away.set(start, to);
      return { start, rows: Float64Array.from({ length: to - start }, (_, i) => start + i) };
    },
    takeValues(start, values) {
      const end = engine.away.get(start);
      assert.ok(end !== undefined, `${start} was not given away`);
      engine.away.delete(start);
      if (values) engine.values.set(values, start);
      else engine.back.push([start, end]);
    },
    /** Measures some rows; false when all are measured. */
    step() {
      if (engine.untouched[0] === engine.untouched[1]) engine.untouched = engine.back.pop() ?? engine.untouched;
      const [from, to] = engine.untouched;
      const end = Math.min(to, from + 12);
      for (let row = from; row < end; row += 1) engine.values[row] = row ** 2;
      engine.untouched = [end, to];
      engine.ms += end - from;
      return engine.rowsLeft() > 0 || engine.away.size > 0;
    },
  };
  return engine;
}

const makeScorer = ([power]) => ({ measure: (rows) => rows.map((row) => row ** power), free() {} });

/** A pool of members in this thread, each doing tasks by `work` before the scorer, if that is given. */
async function poolOf(nMembers, work = async () => {}) {
  const pool = new Pool();
  for (let member = 0; member < nMembers; member += 1) {
    const { port1, port2 } = new MessageChannel();
    pool.add(member, port1);
    const task = measureRows();
    const tasks = { measureRows: async (engine, params) => ((await work(member)) ?? task(engine, params)) };
    await joinPool(port2, async () => ({ stateless: { makeScorer } }), null, tasks);
  }
  while (pool.size < nMembers) await turn();
  return pool;
}

/** Measures all rows with a pool; how often there was nothing to do but wait. */
async function measureAll(engine, pool, { isUnderWay = () => true, grow = () => {} } = {}) {
  const now = () => engine.ms;
  const sharing = new RowSharing(engine, { pool, now, grow, isUnderWay });
  let nWaits = 0;
  const pause = () => {
    if (engine.rowsLeft() === 0) nWaits += 1;
    return turn();
  };
  const step = () => (engine.step() ? {} : undefined);
  const isWhole = await runSteps(step, { post: () => {}, pause, now, isUnderWay, sharing });
  return { nWaits, isWhole };
}

const squares = (nRows) => Float64Array.from({ length: nRows }, (_, row) => row ** 2);

for (const nMembers of [0, 1, 2, 5]) {
  test(`every row has its value, with ${nMembers} beside the first`, async () => {
    const engine = rowEngine(3_000);
    const pool = await poolOf(nMembers);
    await measureAll(engine, pool);
    assert.deepEqual(engine.values, squares(3_000));
    if (nMembers > 0) assert.ok(engine.ms < 2_500, `${engine.ms} rows by the first alone`);
    else assert.equal(engine.ms, 3_000);
    pool.close();
  });
}

test('what members fail at the first does', async () => {
  const engine = rowEngine(3_000);
  let nTasks = 0;
  const pool = await poolOf(2, async () => {
    nTasks += 1;
    if (nTasks % 2 === 1) throw new Error('no');
  });
  await measureAll(engine, pool);
  assert.deepEqual(engine.values, squares(3_000));
  assert.ok(nTasks >= 4, `${nTasks}`);
  pool.close();
});

test('a member that dies with rows is done without', async () => {
  const engine = rowEngine(3_000);
  const pool = await poolOf(2, (member) => (member === 1 ? new Promise(() => {}) : undefined));
  const dying = setInterval(() => engine.rowsLeft() === 0 && pool.lose(1), 1);
  const { nWaits } = await measureAll(engine, pool);
  clearInterval(dying);
  assert.deepEqual(engine.values, squares(3_000));
  assert.ok(nWaits > 0);
  pool.close();
});

test('after a cancel no answer reaches the engine', async () => {
  const engine = rowEngine(3_000);
  let answer;
  const late = new Promise((go) => (answer = go));
  const pool = await poolOf(1, () => late);
  let isUnderWay = true;
  const measuring = measureAll(engine, pool, { isUnderWay: () => isUnderWay });
  while (engine.away.size === 0) await turn();
  isUnderWay = false;
  engine.takeValues = () => assert.fail('the rows are of an analysis that is no more');
  answer();
  assert.equal((await measuring).isWhole, false);
  await turn();
  pool.close();
});

test('of many rows members get some before one is measured, of an own model each time', async () => {
  const engine = rowEngine(20_000);
  const pool = await poolOf(1);
  const sharing = new RowSharing(engine, { pool, now: () => (engine.ms += 1), grow: () => {}, isUnderWay: () => true });
  assert.ok(sharing.wantsTurn);
  await sharing.turn();
  assert.deepEqual([...engine.away], [[19_000, 20_000], [18_000, 19_000]]);
  assert.ok(!sharing.wantsTurn);
  pool.close();
});

test('little work is not shared, and much of it starts workers once', async () => {
  const little = rowEngine(30);
  const pool = await poolOf(1);
  await measureAll(little, pool);
  assert.equal(little.nModels, 0);
  pool.close();
  let nGrown = 0;
  await measureAll(rowEngine(3_000), new Pool(), { grow: () => (nGrown += 1) });
  assert.equal(nGrown, 1);
});

test('what the engine throws at an answer ends the work', async () => {
  const engine = rowEngine(3_000);
  const pool = await poolOf(1);
  engine.takeValues = () => {
    throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  };
  await assert.rejects(measureAll(engine, pool), { name: 'RuntimeError' });
  pool.close();
});

test('a member makes a scorer once for each model and frees the one before', async () => {
  const log = [];
  const engine = {
    makeScorer: ([id]) => {
      log.push(`make ${id}`);
      return { measure: (rows) => rows.map((row) => row * id), free: () => log.push(`free ${id}`) };
    },
  };
  const task = measureRows();
  const model = (id) => ({ id, bytes: new Blob([Uint8Array.of(id)]) });
  const measured = await Promise.all([1, 1, 2, 2, 3].map((id) => task(engine, { model: model(id), rows: Float64Array.of(10) })));
  assert.deepEqual(measured.map(({ result }) => result[0]), [10, 10, 20, 20, 30]);
  assert.deepEqual(log.filter((line) => line.startsWith('make')), ['make 1', 'make 2', 'make 3']);
  assert.deepEqual(log.filter((line) => line.startsWith('free')), ['free 1', 'free 2']);
});
