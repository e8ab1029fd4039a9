// What crosses the worker's border, pinned: kinds of arrays, absent instead of null, spelling of enums, fields.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { holdsTo, open } from './package.mjs';

let analyzer;
let sample;
let table;
let analysis;

before(async () => {
  analyzer = await open();
  sample = await analyzer.sample({ name: 'office-activity', users: 60, days: 14 });
  table = await analyzer.ingest(sample.bytes);
  analysis = await analyzer.analyze({ recipe: 'user-day', contamination: 0.05, parameters: { trees: 50 } });
});
after(() => analyzer?.dispose());

test('a sample', async () => {
  await holdsTo('SampleFile', sample);
  assert.ok(sample.bytes instanceof Uint8Array);
  assert.match(sample.name, /\.csv$/);
  assert.ok(sample.planted.length > 0);
  assert.match(new TextDecoder().decode(sample.bytes.subarray(0, 100)), /^user_id,timestamp,action/);
});

test('a table in short', async () => {
  await holdsTo('TableSummary', table);
  for (const column of table.columns) await holdsTo('ColumnSummary', column);
  assert.equal(table.bytes, sample.bytes.length);
  assert.deepEqual(table.columns.map(({ name }) => name), ['user_id', 'timestamp', 'action']);
  assert.deepEqual(await analyzer.summary(), table);
  assert.equal(typeof table.rows, 'number');
});

test('a table explored', async () => {
  const profile = await analyzer.profile();
  await holdsTo('Profile', profile);
  for (const column of profile.columns) await holdsTo('ColumnReport', column);
  await holdsTo('MissingMatrix', profile.missing);
  await holdsTo('Correlations', profile.correlations);
  await holdsTo('OverTime', profile.overTime);
  for (const distribution of profile.perEntity) await holdsTo('EntityDistribution', distribution);
  assert.equal(profile.overTime.counts.reduce((sum, n) => sum + n, 0), table.rows);
  assert.deepEqual(profile.perEntity.map(({ entity, of }) => [entity, of]), [['user_id', undefined], ['user_id', 'action']]);
  assert.deepEqual(await analyzer.profile({ time: 'timestamp', entity: 'user_id' }), profile);
  await assert.rejects(analyzer.profile({ time: 'action' }), { code: 'wrong-type' });
  await assert.rejects(analyzer.profile({ when: 'action' }), { code: 'options' });
});

test('a suggestion', async () => {
  const suggestion = await analyzer.suggest();
  const { reasons, questions, ...plan } = suggestion;
  await holdsTo('Plan', plan);
  await holdsTo('Parameters', plan.parameters);
  assert.deepEqual({ ...plan.roles }, { entity: 'user_id', time: 'timestamp', action: 'action' });
  assert.ok(['activity', 'user-day'].includes(plan.recipe));
  assert.equal(plan.detector, 'iforest');
  assert.ok(reasons.every(({ role, column, reason }) => role && column && reason));
  assert.ok(Array.isArray(questions));
  const again = await analyzer.analyze({ ...suggestion, recipe: 'user-day', contamination: 0.05, parameters: { trees: 50 } });
  assert.deepEqual(again.scores, analysis.scores, 'a suggestion is a plan');
});

test('a formula', async () => {
  const rate = await analyzer.checkFormula("share(action = 'login') * 100");
  await holdsTo('FormulaCheck', rate);
  for (const value of rate.preview) await holdsTo('FormulaValue', value);
  assert.deepEqual([rate.ok, rate.type, rate.aggregates, rate.columns, rate.previewRows], [true, 'number', true, ['action'], table.rows]);
  const hours = await analyzer.checkFormula('hour(timestamp)', { entity: 'user_id', time: 'timestamp' });
  assert.deepEqual(hours.preview.map(({ of }) => of), ['row 1', 'row 2', 'row 3', 'row 4', 'row 5']);

  const wrong = await analyzer.checkFormula("'😀' = acton");
  await holdsTo('FormulaCheck', wrong);
  await holdsTo('FormulaMistake', wrong.error);
  const { start, end } = wrong.error;
  assert.deepEqual([wrong.ok, "'😀' = acton".slice(start, end), wrong.error.found], [false, 'acton', '"acton" (did you mean "action"?)']);
  await assert.rejects(analyzer.checkFormula('count()', { entity: 'nobody' }), { code: 'no-such-column' });

  const functions = await analyzer.formulaFunctions();
  for (const known of functions) await holdsTo('FormulaFunction', known);
  assert.ok(functions.some(({ name, aggregate }) => name === 'share' && aggregate));
});

test('an own feature', async () => {
  const ownFeatures = [{ name: 'late', formula: 'count(hour(timestamp) >= 18)', unit: '' }];
  const fresh = await open();
  await fresh.ingest(sample.bytes);
  const own = await fresh.analyze({ recipe: 'user-day', parameters: { trees: 20 }, ownFeatures });
  assert.equal(own.features.at(-1), 'late');
  assert.deepEqual(own.plan.ownFeatures.map(({ name, formula }) => ({ name, formula })), [{ name: 'late', formula: ownFeatures[0].formula }]);
  const refused = fresh.analyze({ ownFeatures: [{ name: 'late', formula: 'count(hour(timestmp) >= 18)' }] });
  await assert.rejects(refused, (error) => error.code === 'formula' && /"late".*character 12.*"timestamp"\?/s.test(error.message));
  fresh.dispose();
});

test('an analysis', async () => {
  await holdsTo('Analysis', analysis);
  const nRows = analysis.entities.length;
  for (const [key, kind] of [
    ['scores', Float64Array],
    ['flags', Uint8Array],
    ['severity', Uint8Array],
    ['subjectOfRow', Uint32Array],
  ]) {
    assert.ok(analysis[key] instanceof kind, `${key} is a ${kind.name}`);
    assert.equal(analysis[key].length, nRows);
  }
  assert.ok(analysis.scores.every(Number.isFinite));
  analysis.flags.forEach((flag, row) => {
    assert.equal(flag, analysis.scores[row] > analysis.threshold ? 1 : 0);
    assert.equal(analysis.severity[row] > 0, flag === 1);
  });
  assert.equal('metrics' in analysis, false, 'absent without a label');
  assert.equal(analysis.plan.recipe, 'user-day');
  assert.equal(analysis.unit, 'day');
  for (const feature of analysis.featureInfo) await holdsTo('Feature', feature);
  assert.equal(analysis.features.length, analysis.featureInfo.length);
  assert.match(analysis.entities[0], /^\S+ \d{4}-\d\d-\d\d$/);
  for (const ranked of analysis.ranking) await holdsTo('Ranked', ranked);
  assert.equal(analysis.flaggedSubjects, analysis.ranking.length);
  assert.equal(Object.getPrototypeOf(analysis.timings), Object.prototype, 'an object, not a Map');
});

test('an explanation adds up to its score', async () => {
  for (const explanation of [...analysis.top.slice(0, 5), await analyzer.explain(0)]) {
    await holdsTo('Explanation', explanation);
    const sum = explanation.contributions.reduce((total, part) => total + part.contribution, explanation.base);
    assert.ok(Math.abs(sum - explanation.score) < 1e-9, `${sum} is not ${explanation.score}`);
    assert.equal(explanation.score, analysis.scores[explanation.row]);
    assert.equal(explanation.entity, analysis.entities[explanation.row]);
    assert.ok(Array.isArray(explanation.evidence) && explanation.evidence.every(Number.isInteger));
  }
});

test('the smallest change to normal', async () => {
  const [{ row }] = analysis.ranking;
  const change = await analyzer.counterfactual(row);
  await holdsTo('Counterfactual', change);
  for (const one of change.changes) await holdsTo('FeatureChange', one);
  assert.equal(change.isEnough, change.score <= analysis.threshold);
  assert.match(change.sentence, /^Would /);
  const normal = analysis.flags.indexOf(0);
  assert.deepEqual((await analyzer.counterfactual(normal)).changes, []);
  await assert.rejects(analyzer.counterfactual(1e9), { code: 'no-such-row' });
});

test('a look at all rows', async () => {
  const global = await analyzer.globalExplanation({ rows: 100, features: 3 });
  await holdsTo('GlobalExplanation', global);
  for (const weight of global.features) await holdsTo('FeatureWeight', weight);
  await holdsTo('Beeswarm', global.beeswarm);
  const { features, rows, contributions, quantiles } = global.beeswarm;
  assert.deepEqual(features, global.features.slice(0, 3).map(({ feature }) => feature));
  assert.deepEqual([rows.length, contributions.length, quantiles.length], [100, 300, 300]);
  assert.ok(rows instanceof Uint32Array && contributions instanceof Float64Array && quantiles instanceof Float64Array);
  const { contributions: own } = await analyzer.explain(rows[0]);
  assert.equal(own.find(({ feature }) => feature === features[0]).contribution, contributions[0]);
  await assert.rejects(analyzer.globalExplanation({ rows: 0 }), { code: 'parameter' });
  await assert.rejects(analyzer.globalExplanation({ colour: 'red' }), { code: 'options' });
});

test('an evaluation against labels given', async () => {
  const labels = analysis.flags;
  const evaluation = await analyzer.evaluate({ labels });
  await holdsTo('Evaluation', evaluation);
  assert.ok(evaluation.curves.roc instanceof Float64Array && evaluation.curves.pr instanceof Float64Array);
  assert.deepEqual(
    [evaluation.precision, evaluation.recall, evaluation.f1, evaluation.accuracy, evaluation.rocAuc],
    [1, 1, 1, 1, 1],
  );
  assert.deepEqual(Object.keys(evaluation.confusion).toSorted(), ['fn', 'fp', 'tn', 'tp']);
  const oneClass = await analyzer.evaluate({ labels: new Uint8Array(labels.length) });
  assert.ok(Number.isNaN(oneClass.rocAuc), 'NaN stays NaN');
  await assert.rejects(analyzer.evaluate(), { code: 'labels' });
});

test('a moved threshold', async () => {
  const moved = await analyzer.setThreshold({ budget: 7 });
  await holdsTo('ThresholdView', moved);
  assert.ok(moved.flags instanceof Uint8Array && moved.severity instanceof Uint8Array);
  assert.ok(moved.flags.reduce((sum, flag) => sum + flag, 0) <= 7);
  const back = await analyzer.setThreshold({ threshold: analysis.threshold });
  assert.deepEqual(back.flags, analysis.flags);
  await holdsTo('MovedRows', back.appeared);
  assert.deepEqual([back.appeared, back.disappeared], [moved.disappeared, moved.appeared]);
  const daily = await analyzer.setThreshold({ alertsPerDay: 0.5 });
  await analyzer.setThreshold({ threshold: analysis.threshold });
  assert.ok(daily.flags.some((flag) => flag === 1));
  await assert.rejects(analyzer.setThreshold({ missCost: 5 }), { code: 'labels' });
  await assert.rejects(analyzer.setThreshold({ budget: 1, missCost: 5 }), { code: 'options' });
});

test('a search for parameters, with progress, and an abort that leaves the analysis', async () => {
  const told = [];
  const remove = analyzer.on('progress', (detail) => told.push(detail));
  // Enough work to be told of: a search of a few milliseconds has no progress.
  const plan = { ...analysis.plan, detector: 'iforest', parameters: { ...analysis.plan.parameters, trees: 500 } };
  const tuning = await analyzer.tune({ plan, space: { trees: [500, 2000] }, basis: 'planted', folds: 2 });
  remove();
  await holdsTo('Tuning', tuning);
  for (const candidate of tuning.candidates) await holdsTo('TuneCandidate', candidate);
  assert.deepEqual([tuning.candidates.length, tuning.metric, tuning.plan.detector], [2, 'average-precision', 'iforest']);
  assert.ok(told.length > 0 && told.every(({ stage }) => stage === 'tune'));
  assert.ok(told.every(({ done }, place) => place === 0 || done >= told[place - 1].done));

  const controller = new AbortController();
  const aborted = analyzer.tune({ plan, space: { trees: [100, 300, 900], detector: ['iforest'] } }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { code: 'aborted' });
  assert.equal((await analyzer.explain(0)).score, analysis.scores[0]);
  await assert.rejects(analyzer.tune({ space: { nonsense: [1] } }), { code: 'parameter' });
  await assert.rejects(analyzer.tune({ spaces: {} }), { code: 'options' });
  const given = { target: 'flags', model: 'forest', forest: { trees: 10 } };
  const learners = await analyzer.tune({ learn: given, space: { 'forest.maxDepth': [2, 0] }, folds: 2 });
  await holdsTo('Tuning', learners);
  assert.deepEqual([learners.basis, learners.candidates.length, learners.learn.forest.trees], ['target', 2, 10]);
  assert.deepEqual(learners.plan, analysis.plan);
});

test('an ensemble: its members, where they agree, and one name where there is one', async () => {
  const several = await open();
  await several.ingest(sample.bytes);
  const detector = ['iforest', 'knn', 'ecod'];
  const plan = { recipe: 'user-day', contamination: 0.05, detector, parameters: { trees: 50, ensemble: { combine: 'ranks' } } };
  const ensemble = await several.analyze(plan);
  await holdsTo('Analysis', ensemble);
  assert.deepEqual(ensemble.plan.detector, detector);
  assert.equal(ensemble.plan.parameters.ensemble.combine, 'ranks');
  assert.deepEqual(ensemble.members.map(({ name }) => name), detector);
  for (const { scores } of ensemble.members) {
    assert.ok(scores instanceof Float64Array && scores.every(Number.isFinite));
    assert.equal(scores.length, ensemble.scores.length);
  }
  assert.deepEqual(ensemble.members[0].scores, analysis.scores, 'a member scores as it does alone');
  for (const explanation of [...ensemble.top.slice(0, 3), await several.explain(0)]) {
    await holdsTo('Explanation', explanation);
    assert.deepEqual(explanation.members, ensemble.members.map(({ name, scores }) => ({ name, score: scores[explanation.row] })));
    const sum = explanation.contributions.reduce((total, part) => total + part.contribution, explanation.base);
    assert.ok(Math.abs(sum - explanation.score) < 1e-9, `${sum} is not ${explanation.score}`);
  }

  const agreement = await several.agreement({ budget: 10 });
  await holdsTo('Agreement', agreement);
  assert.deepEqual([agreement.members, agreement.budget], [detector, 10]);
  assert.ok(agreement.votes instanceof Uint8Array);
  assert.equal(agreement.votes.length, ensemble.scores.length);
  detector.forEach((_, a) => {
    assert.ok(agreement.overlap[a][a] > 0 && agreement.overlap[a][a] <= 10);
    detector.forEach((_, b) => {
      assert.equal(agreement.spearman[a][b], agreement.spearman[b][a]);
      assert.equal(agreement.overlap[a][b], agreement.overlap[b][a]);
    });
  });
  const nVotes = agreement.votes.reduce((sum, votes) => sum + votes, 0);
  assert.equal(nVotes, detector.reduce((sum, _, member) => sum + agreement.overlap[member][member], 0));
  assert.equal((await several.agreement()).budget, ensemble.flags.reduce((sum, flag) => sum + flag, 0));
  await assert.rejects(several.agreement({ budgets: 1 }), { code: 'options' });

  const alone = await several.analyze({ ...plan, detector: ['iforest'] });
  assert.equal(alone.plan.detector, 'iforest');
  assert.equal('members' in alone, false, 'absent where there is but one');
  await assert.rejects(several.agreement(), { code: 'parameter' });
  await assert.rejects(several.analyze({ ...plan, detector: ['iforest', 'iforest'] }), { code: 'options', message: /iforest twice/ });
  await assert.rejects(several.analyze({ ...plan, detector: ['iforest', 'rules'] }), { code: 'options', message: /rules among others/ });
  several.dispose();
});

test('a forest of cuts across features, and of a draw of features', async () => {
  const planes = await open();
  await planes.ingest(sample.bytes);
  const plan = { recipe: 'user-day', contamination: 0.05, parameters: { trees: 50 } };
  const withForest = (iforest) => planes.analyze({ ...plan, parameters: { ...plan.parameters, iforest } });
  assert.deepEqual((await withForest({ maxFeatures: 1, extensionLevel: 0 })).scores, analysis.scores);
  for (const iforest of [{ maxFeatures: 0.5 }, { extensionLevel: 1 }]) {
    const { scores, plan } = await withForest(iforest);
    assert.deepEqual(plan.parameters.iforest, { maxFeatures: 1, extensionLevel: 0, ...iforest });
    assert.notDeepEqual(scores, analysis.scores);
  }
  await assert.rejects(withForest({ maxFeatures: 0 }), (error) => error.code === 'parameter' && /iforest\.maxFeatures/.test(error.message));
  planes.dispose();
});

test('learning, density, timeline, distribution, rows', async () => {
  const learned = await analyzer.learn();
  await holdsTo('Learned', learned);
  await holdsTo('Evaluation', learned.evaluation);
  await holdsTo('Calibration', learned.evaluation.calibration);
  for (const at of learned.evaluation.thresholds) await holdsTo('AtThreshold', at);
  await holdsTo('Importance', learned.importance);
  for (const leak of learned.leaks) await holdsTo('Leak', leak);
  assert.ok(learned.probabilities instanceof Float64Array && learned.evaluation.curves.roc instanceof Float64Array);
  assert.ok(learned.heldOut instanceof Uint8Array && learned.predictions.length === analysis.scores.length);
  const [tested, right] = [learned.evaluation.confusion, (row) => learned.actual[row] === learned.predictions[row]];
  const heldOut = [...learned.heldOut.keys()].filter((row) => learned.heldOut[row]);
  assert.equal(heldOut.filter(right).length, tested.tp + tested.tn, 'what rows are is told beside what is predicted of them');
  assert.equal(learned.linear[0].coefficients.length, learned.columns.length);
  assert.equal(learned.heldOut.reduce((sum, held) => sum + held, 0), learned.testRows);
  assert.ok(['prepare', 'fit', 'predict', 'judge'].every((stage) => learned.timings[stage] >= 0) && learned.timings.fit > 0);
  const [low, high] = learned.evaluation.intervals.rocAuc;
  assert.ok(low <= learned.evaluation.rocAuc && learned.evaluation.rocAuc <= high);
  const told = await analyzer.explainLearned(0);
  await holdsTo('LearnedExplanation', told);
  const sum = told.contributions.reduce((total, { contribution }) => total + contribution, told.base);
  assert.ok(Math.abs(sum - told.score) < 1e-9);
  await assert.rejects(analyzer.explainLearned(1e6), { code: 'no-such-row' });

  const density = await analyzer.density({ nTimes: 20, nLanes: 10 });
  await holdsTo('Density', density);
  assert.ok(density.counts instanceof Uint32Array && density.pointTimes instanceof Float64Array);
  assert.ok(density.pointLanes instanceof Uint32Array && density.pointSeverity instanceof Uint8Array);
  assert.equal(density.counts.length, 200);
  assert.equal(density.counts.reduce((sum, n) => sum + n, 0), density.events);
  assert.equal(density.events, table.rows);

  const timeline = await analyzer.timeline(0);
  await holdsTo('Timeline', timeline);
  assert.ok(timeline.times instanceof Float64Array && timeline.actions instanceof Uint32Array && timeline.tableRows instanceof Uint32Array);
  assert.equal(timeline.subject, analysis.subjects[0]);

  const distribution = await analyzer.distribution(0);
  await holdsTo('FeatureDistribution', distribution);
  assert.ok(distribution.edges instanceof Float64Array && distribution.normal instanceof Uint32Array && distribution.flagged instanceof Uint32Array);
  assert.equal(distribution.edges.length, distribution.normal.length + 1);

  const correlations = await analyzer.correlations();
  await holdsTo('FeatureCorrelations', correlations);
  const n = correlations.features.length;
  assert.equal(n, analysis.features.length);
  assert.ok(correlations.values instanceof Float64Array && correlations.values.length === n * n);
  for (let a = 0; a < n; a += 1) {
    const itself = correlations.values[a * n + a];
    assert.ok(itself === 1 || Number.isNaN(itself), 'with itself, unless it is constant');
    for (let b = 0; b < a; b += 1) {
      const value = correlations.values[a * n + b];
      assert.ok(Object.is(value, correlations.values[b * n + a]), 'the same both ways');
      assert.ok(Number.isNaN(value) || Math.abs(value) <= 1 + 1e-9);
    }
  }
  const all = await analyzer.rowsAbove(0, -1);
  assert.deepEqual({ ...all }, { rows: analysis.entities.length, missing: 0 });
  await assert.rejects(analyzer.rowsAbove(1e6, 0), { code: 'no-such-row' });

  const rows = await analyzer.rows(Uint32Array.of(0, 5));
  await holdsTo('RowsView', rows);
  assert.equal(rows.cells.length, 2);
  assert.ok(rows.cells.flat().every((cell) => typeof cell === 'string'));
});

test('exports', async () => {
  for (const kind of ['results', 'balanced', 'features', 'json', 'detector-onnx']) {
    const file = await analyzer.export(kind);
    await holdsTo('ExportFile', file);
    assert.ok(file.bytes instanceof Uint8Array && file.bytes.length > 0, kind);
    assert.match(file.name, { json: /\.json$/, 'detector-onnx': /\.onnx$/ }[kind] ?? /\.csv$/);
    if (kind === 'json') JSON.parse(new TextDecoder().decode(file.bytes));
  }
});

test('learned models go out as files and boosted trees come back', async () => {
  const other = await open();
  await other.ingest((await other.sample({ name: 'office-activity', users: 60, days: 10 })).bytes);
  await other.analyze({ recipe: 'user-day', contamination: 0.1 });
  for (const kind of ['onnx', 'xgboost-json', 'prepared']) await assert.rejects(other.export(kind), { code: 'not-ready' });
  const ours = await other.learn({ model: 'boosting', boosting: { trees: 8 } });
  const [onnx, trees, prepared] = await Promise.all(['onnx', 'xgboost-json', 'prepared'].map((kind) => other.export(kind)));
  for (const file of [onnx, trees, prepared]) await holdsTo('ExportFile', file);
  assert.deepEqual([onnx, trees, prepared].map(({ name }) => name.split('.')[1]), ['onnx', 'json', 'csv']);
  const text = new TextDecoder().decode(trees.bytes);
  assert.deepEqual(JSON.parse(text).learner.feature_names, ours.columns.map(({ name }) => name));
  assert.equal(new TextDecoder().decode(prepared.bytes).trimEnd().split('\n').length, ours.predictions.length + 1);
  const theirs = await other.learn({ xgboost: text });
  await holdsTo('Learned', theirs);
  const far = ours.probabilities.filter((p, row) => Math.abs(p - theirs.probabilities[row]) > 1e-5);
  assert.ok(far.length <= ours.probabilities.length / 100, `${far.length} rows`);
  await assert.rejects(other.learn({ xgboost: '{}' }), { code: 'wrong-format' });
  await assert.rejects(other.learn({ xgboost: text, target: 'flags', model: 'forest' }), { code: 'parameter' });
  other.dispose();
});

test('findings have a code, a count and a place', async () => {
  const other = await open();
  const heard = [];
  other.on('finding', (finding) => heard.push(finding));
  const rows = ['anna,2026-01-05 10:00:00', 'bo,2026-01-05 11:00:00,x,y', ...Array(20).fill('cy,2026-01-05 12:00:00,z')];
  const { findings } = await other.ingest(`user,time,action\n${rows.join('\n')}\n`);
  await other.summary();
  for (const finding of findings) await holdsTo('Finding', finding);
  assert.deepEqual(findings.map(({ code, count }) => [code, count]).toSorted(), [['duplicate-rows', 19], ['long-record', 1], ['short-record', 1]]);
  assert.deepEqual(findings.find(({ code }) => code === 'short-record').first, { record: 1, line: 2, byte: 17 });
  assert.deepEqual(heard, findings);
  other.dispose();
});

for (const [what, call, code] of [
  ['an option of the wrong type', () => analyzer.ingest('a\n1\n', { maxRows: 'all' }), 'options'],
  ['an unknown recipe', () => analyzer.analyze({ recipe: 'weekly' }), 'options'],
  ['a parameter of the wrong type', () => analyzer.analyze({ parameters: { trees: 'many' } }), 'options'],
  ['a parameter out of range', () => analyzer.analyze({ parameters: { trees: 0 } }), 'parameter'],
  ['a seed that no number holds exactly', () => analyzer.analyze({ seed: 2 ** 60 }), 'parameter'],
  ['a column that is not there', () => analyzer.analyze({ roles: { entity: 'nobody', time: 'timestamp' } }), 'no-such-column'],
  ['a role that is missing', () => analyzer.analyze({ roles: { entity: 'user_id' } }), 'missing-role'],
  ['a row past the end', () => analyzer.explain(1e9), 'no-such-row'],
  ['a row that is no number', () => analyzer.explain('first'), 'options'],
  ['an unknown file', () => analyzer.export('pdf'), 'options'],
  ['an unknown sample', () => analyzer.sample({ name: 'nothing' }), 'options'],
]) {
  test(`${what} is refused with code ${code}`, async () => {
    await assert.rejects(call(), (error) => {
      assert.equal(error.name, 'AnalyzerError');
      assert.equal(error.code, code, error.message);
      return true;
    });
  });
}

for (const [what, call] of [
  ['option', (fresh) => fresh.ingest('a\n1\n', { seperator: ';' })],
  ['part of a plan', (fresh) => fresh.ingest(sample.bytes).then(() => fresh.analyze({ sead: 5 }))],
  ['parameter', (fresh) => fresh.ingest(sample.bytes).then(() => fresh.analyze({ parameters: { tree: 5 } }))],
]) {
  test(`an unknown ${what} is refused`, async () => {
    const fresh = await open();
    try {
      await assert.rejects(call(fresh), { code: 'options' });
    } finally {
      fresh.dispose();
    }
  });
}

test('what needs a table or an analysis says what to call first', async () => {
  const fresh = await open();
  for (const call of [() => fresh.summary(), () => fresh.suggest(), () => fresh.analyze(), () => fresh.explain(0), () => fresh.export('json')]) {
    await assert.rejects(call(), (error) => error.code === 'not-ready' && /call \w+ first/.test(error.message));
  }
  fresh.dispose();
});

test('null for options is no options', async () => {
  const again = await analyzer.analyze(null);
  assert.equal(again.scores.length, again.entities.length);
  await assert.rejects(analyzer.evaluate(null), { code: 'labels' });
});
