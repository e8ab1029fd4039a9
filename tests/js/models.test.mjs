// Models in files, in the real engine: saved, loaded, applied to a record, a batch, a file and a stream.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { holdsTo, open, packageUrl } from './package.mjs';

const TEAMS = ['Sales', 'Research', 'Finance'];
const records = Array.from({ length: 80 }, (_, i) => ({
  name: `employee ${i}`,
  team: TEAMS[i % 3],
  years: (i * 7) % 20,
  salary: i === 41 ? 25_000.5 : 2500 + ((i * 7) % 20) * 150 + ((i * 37) % 100) * 1.25,
  hired: new Date(Date.UTC(2010 + (i % 14), i % 12, 1 + (i % 28))),
}));

let analyzer;
let analysis;
let bytes;

before(async () => {
  analyzer = await open({ workers: 1 });
  await analyzer.ingest(records);
  analysis = await analyzer.analyze({ recipe: 'table', parameters: { trees: 40 } });
  bytes = await analyzer.save();
});
after(() => analyzer?.dispose());

/** An analyzer that knows nothing but the model. */
async function withModel(work) {
  const other = await open({ workers: 1 });
  try {
    return await work(other, await other.load(bytes));
  } finally {
    other.dispose();
  }
}

test('a model says what it is, as declared', () =>
  withModel(async (other, info) => {
    await holdsTo('ModelInfo', info);
    for (const field of info.fields) await holdsTo('ModelField', field);
    assert.deepEqual(await other.model(), info);
    assert.equal(info.rows, 80);
    assert.deepEqual(info.fields.find(({ name }) => name === 'team').labels, [...TEAMS].sort());
    assert.deepEqual(await other.save(), bytes);
  }));

test('one record, a batch, a file and a stream are scored alike', () =>
  withModel(async (other) => {
    const batch = await other.predict(records);
    assert.deepEqual(batch.scores, analysis.scores);
    assert.deepEqual(batch.flags, analysis.flags);
    assert.equal(batch.top.length, records.length, 'every row of a small batch is explained');
    for (const name of ['probability', 'confidence', 'percentile']) assert.ok(batch[name] instanceof Float64Array, name);
    // Where flags begin lies between the rows flagged and the others, in each figure.
    for (const name of ['probability', 'percentile']) {
      const of = (flag) => batch[name].filter((_, row) => batch.flags[row] === flag);
      assert.ok(Math.max(...of(0)) <= batch.flagsFrom[name] && batch.flagsFrom[name] <= Math.min(...of(1)), name);
    }
    assert.equal(analysis.flagsFrom, undefined, 'its own rows are those fitted to');
    const one = await other.predict(records[41]);
    assert.equal(one.scores[0], analysis.scores[41]);
    assert.equal(one.flags[0], 1);
    assert.equal(one.percentile[0], 1);
    assert.match(one.top[0].sentence, /salary/);
    const text = ['team,salary,years,hired', ...records.map(({ team, salary, years, hired }) => [team, salary, years, hired.toISOString()].join(','))].join('\n');
    const blob = new Blob([text]);
    for (const source of [blob, blob.stream(), text]) assert.deepEqual((await other.predict(source)).scores, analysis.scores);
    await assert.rejects(other.summary(), { code: 'not-ready' });
  }));

test('a prediction leaves table and analysis alone, unless it is kept', async () => {
  const before = await analyzer.summary();
  const seen = [];
  const remove = analyzer.on('progress', (detail) => seen.push(detail.stage));
  await analyzer.predict(records.slice(0, 3));
  remove();
  assert.ok(seen.includes('ingest'), String(seen));
  assert.deepEqual(await analyzer.summary(), before);
  assert.equal((await analyzer.explain(79)).row, 79);
  await withModel(async (other) => {
    const kept = await other.predict(records.slice(0, 3), { keep: true });
    assert.equal((await other.summary()).rows, 3);
    assert.deepEqual((await other.explain(2)).score, kept.scores[2]);
    assert.equal((await other.model()).rows, 80);
  });
});

test('what was learned is saved with the model, and answers', async () => {
  const learned = await analyzer.learn({ target: { column: 'team' }, model: 'forest', forest: { trees: 20 }, resamples: 0 });
  const other = await open({ workers: 1 });
  try {
    const info = await other.load(await analyzer.save());
    await holdsTo('ModelInfo', info);
    assert.deepEqual([info.learned.model, info.learned.rows, info.learned.classes], ['forest', learned.trainRows, [...TEAMS].sort()]);
    assert.equal(info.learned.metrics.accuracy, learned.classEvaluation.accuracy);
    const batch = await other.predict(records);
    assert.deepEqual(batch.learned.predictions, learned.predictions);
    assert.deepEqual(batch.learned.probabilities, learned.probabilities);
    assert.deepEqual(batch.learned.target, { column: 'team' });
    const one = await other.predict(records[5], { keep: true });
    assert.deepEqual(one.learned.probabilities, learned.probabilities.slice(5 * TEAMS.length, 6 * TEAMS.length));
    const explained = await other.explainLearned(0);
    assert.equal(explained.class, one.learned.classes[one.learned.predictions[0]]);
  } finally {
    other.dispose();
  }
});

test('a loaded model that is forgotten gives way to that of the analysis', async () => {
  const other = await open({ workers: 1 });
  try {
    await other.load(bytes);
    await other.unload();
    await assert.rejects(other.model(), { code: 'not-ready' });
    await other.ingest(records.slice(0, 40));
    await other.analyze({ recipe: 'table', parameters: { trees: 40 } });
    assert.equal((await other.load(bytes)).rows, 80);
    await other.unload();
    assert.equal((await other.model()).rows, 40);
  } finally {
    other.dispose();
  }
});

test('a call that names its model is answered by it, whatever is under way beside it', async () => {
  const other = await open({ workers: 1 });
  try {
    await other.ingest(records.slice(0, 40));
    await other.analyze({ recipe: 'table', parameters: { trees: 40 } });
    const one = { ...records[41] };
    const [byFile, ofAnalysis, ofFile, saved] = await Promise.all([
      other.predict(one, { use: bytes }),
      other.model({ use: null }),
      other.model({ use: bytes }),
      other.save({ use: null }),
      other.unload(),
    ]);
    assert.deepEqual([byFile.scores[0], ofAnalysis.rows, ofFile.rows], [analysis.scores[41], 40, 80]);
    assert.equal((await other.model({ use: saved })).rows, 40);
    // An analysis puts its own model into use as it ends, between any two calls.
    const asked = [];
    let isOver = false;
    const again = other.analyze({ recipe: 'table', parameters: { trees: 400 }, seed: 2 }).finally(() => (isOver = true));
    while (!isOver) {
      asked.push(other.model({ use: bytes }), other.model({ use: null }));
      await asked.at(-1);
    }
    await again;
    const rows = (await Promise.all(asked)).map((info) => info.rows);
    assert.ok(rows.length > 2);
    assert.deepEqual(new Set(rows.filter((_, i) => i % 2 === 0)), new Set([80]));
    assert.deepEqual(new Set(rows.filter((_, i) => i % 2 === 1)), new Set([40]));
    await assert.rejects(other.predict(one, { use: 'model.isoscope' }), { code: 'options' });
    await assert.rejects(other.predict(one, { use: bytes.slice(0, 100) }), { code: /^model-/ });
    assert.equal((await other.model()).rows, 40, 'what cannot be loaded leaves the model');
  } finally {
    other.dispose();
  }
});

test('what goes wrong has a code of its own, and the model stays', async () => {
  const empty = await open({ workers: 1 });
  try {
    await assert.rejects(empty.predict(records[0]), { code: 'not-ready' });
    await assert.rejects(empty.save(), { code: 'not-ready' });
  } finally {
    empty.dispose();
  }
  await withModel(async (other) => {
    const damaged = bytes.slice();
    damaged[damaged.length >> 1] ^= 1;
    const newer = bytes.slice();
    newer[8] = 9;
    for (const [file, code] of [
      [new TextEncoder().encode('user,time'), 'not-a-model'],
      [bytes.slice(0, 500), 'model-cut'],
      [damaged, 'model-damaged'],
      [newer, 'model-too-new'],
    ]) {
      await assert.rejects(other.load(file), { code });
    }
    await assert.rejects(other.load('bytes'), { code: 'options' });
    await assert.rejects(other.predict([{ team: 'Sales', pay: 3 }]), (error) => {
      assert.equal(error.code, 'other-columns');
      assert.match(error.message, /salary \(float\)/);
      return true;
    });
    assert.equal((await other.predict(records[0])).scores.length, 1);
  });
});

test('a prediction can be aborted', () =>
  withModel(async (other) => {
    const controller = new AbortController();
    const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new TextEncoder().encode('team,salary,years,hired\n'.repeat(100))) });
    const call = other.predict(endless, { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await assert.rejects(call, { code: 'aborted' });
    assert.equal((await other.predict(records[0])).scores.length, 1);
  }));

test('from a shell', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isoscope-'));
  const run = (...args) => spawnSync(process.execPath, [fileURLToPath(new URL('cli.js', packageUrl)), ...args], { cwd: folder, encoding: 'utf8' });
  try {
    const head = 'team,salary,years';
    const line = ({ team, salary, years }) => [team, salary, years].join(',');
    await writeFile(join(folder, 'staff.csv'), [head, ...records.map(line)].join('\n'));
    await writeFile(join(folder, 'new.csv'), `${head}\n${line(records[41])}\n`);
    const saved = run('analyze', 'staff.csv', '--recipe', 'table', '--save', 'staff.isoscope', '--json');
    assert.equal(saved.status, 0, saved.stderr);
    const { scores } = JSON.parse(saved.stdout);
    const scored = run('predict', 'new.csv', '--model', 'staff.isoscope', '--json');
    assert.equal(scored.status, 0, scored.stderr);
    assert.equal(JSON.parse(scored.stdout).scores[0], scores[41]);
    const csv = run('predict', 'new.csv', '--model', 'staff.isoscope', '--csv').stdout.trim().split(/\r?\n/);
    assert.equal(csv.length, 2);
    assert.match(csv[0], /"score","flag","severity","probability","confidence","percentile"/);
    const about = run('inspect', 'staff.isoscope');
    assert.match(about.stdout, /detector iforest[\s\S]*salary +float[\s\S]*25000\.5/);
    assert.match(run('predict', 'new.csv').stderr, /options: predict needs --model/);
    assert.match(run('predict', 'new.csv', '--model', 'new.csv').stderr, /not-a-model/);
    assert.match(run('inspect', 'none').stderr, /source-failed: none cannot be read: there is no such file/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
