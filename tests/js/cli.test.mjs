// The command line on generated samples and on what it must refuse.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipOf } from './archives.mjs';
import { packageUrl } from './package.mjs';

const cli = fileURLToPath(new URL('cli.js', packageUrl));
let folder;
let log;

/** @returns {Promise<{ code: number, stdout: string, stderr: string }>} */
function isoscope(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { maxBuffer: 1 << 28, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isoscope-cli-'));
  log = join(folder, 'log.csv');
  const { code, stderr } = await isoscope('sample', 'office-activity', '--users', '80', '--days', '14', '--output', log);
  assert.equal(code, 0, stderr);
  await mkdir(join(folder, 'hollow'));
  await mkdir(join(folder, 'pictures'));
  for (const name of ['a.png', 'b.png']) await writeFile(join(folder, 'pictures', name), 'x');
  await writeFile(join(folder, 'other.csv'), 'colour,size\nred,1\n');
  assert.match(stderr, /anomalies planted in \d+ users: \S+/);
});
after(() => rm(folder, { recursive: true }));

test('a sample to standard output is the same as to a file', async () => {
  const { code, stdout, stderr } = await isoscope('sample', 'office-activity', '--users', '80', '--days', '14');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(stdout, await readFile(log, 'utf8'));
});

test('the table for people', async () => {
  const { code, stdout, stderr } = await isoscope('analyze', log, '--recipe', 'activity', '--contamination', '0.05');
  assert.deepEqual([code, stderr], [0, '']);
  const [head, ...lines] = stdout.split('\n');
  assert.match(head, /^[\d,]+ rows, 80 users, 4 flagged \(score above 0\.\d{4}\); recipe activity, detector iforest, seed \d+$/);
  const ranked = lines.filter((line) => /^ +\d+ {2}(low|medium|high)/.test(line));
  assert.equal(ranked.length, 4);
  assert.match(ranked[0], /^ {2}1 {2}(low|medium|high) +0\.\d{4} {2}\S+ +\S/);
});

test('a profile: for people, as JSON, as a page', async () => {
  const text = await isoscope('profile', log);
  assert.deepEqual([text.code, text.stderr], [0, '']);
  assert.match(text.stdout, /^[\d,]+ records in: [\d,]+ rows kept, 0 set aside\n/);
  assert.match(text.stdout, /^action +category +0 +\d+ {2}\w+ \([\d,]+\), /m);
  const both = await isoscope('profile', log, '--json', '--html', join(folder, 'profile.html'));
  const { rows, perEntity } = JSON.parse(both.stdout);
  assert.equal(perEntity[0].entities.reduce((sum, n) => sum + n, 0), 80);
  const html = await readFile(join(folder, 'profile.html'), 'utf8');
  assert.ok(html.includes('<bdi>log.csv</bdi>') && html.includes(rows.toLocaleString('en-US')));
  const refused = await isoscope('profile', log, '--html', join(folder, 'no', 'such', 'folder.html'));
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^isoscope: options: --html .*cannot be written/);
});

test('a profile says what was odd with its raw lines, what was left out, and what only the user knows', async () => {
  await mkdir(join(folder, 'mixed'), { recursive: true });
  const rows = Array.from({ length: 40 }, (_, i) => `-43244755833065919${10 + (i % 5)},0${1 + (i % 9)}/0${1 + (i % 7)}/2026 10:0${i % 10},${i}`);
  rows[20] = '7';
  await writeFile(join(folder, 'mixed', 'log.csv'), `user_id,time,n\n${rows.join('\n')}\n`);
  await writeFile(join(folder, 'mixed', '.DS_Store'), 'x');
  const { code, stdout, stderr } = await isoscope('profile', 'mixed');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^40 records in: 40 rows kept, 0 set aside\nleft out: mixed\/\.DS_Store: /);
  assert.match(stdout, /^note: short-record x 1 \(repaired\): .*\n {6}line 22: 7$/m);
  assert.match(stdout, /^question: .* first in "time"\? "08\/01\/2026 10:07" is .* Say so: --day-first "time" or --month-first "time"$/m);
  assert.match(stdout, /^n +integer .* 0 to 39, mean [\d.]+, deviation [\d.]+, quartiles [\d.]+, [\d.]+, [\d.]+$/m);
  // Digits that a float does not have are not made up.
  assert.match(stdout, /^user_id +integer .* -4\.32448e\+18 to /m);
  const { table, columns } = JSON.parse((await isoscope('profile', 'mixed', '--json')).stdout);
  assert.ok(columns[0].top.some(({ value }) => value === '-4324475583306591910'));
  assert.deepEqual([table.records, table.rows, table.setAside, table.skipped.length], [40, 40, 0, 1]);
  const short = table.findings.find((finding) => finding.code === 'short-record');
  assert.deepEqual([short.count, short.action, short.places[0].line, short.places[0].text], [1, 'repaired', 22, '7']);
  assert.equal(table.questions[0].column, 'time');
  const told = await isoscope('profile', 'mixed', '--day-first', 'time');
  assert.doesNotMatch(told.stdout, /^question/m);
});

test('columns are treated before anything is measured', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `user${i % 6},2026-01-${10 + (i % 20)} 0${i % 10}:00:00,${i % 4 ? i : ''},${i % 3 ? 'DE' : ''}`);
  await writeFile(join(folder, 'gaps.csv'), `user,time,bytes,country\n${rows.join('\n')}\n`);
  const treated = ['--treat', 'bytes=median', '--treat', 'country=constant:un=known'];
  const { code, stdout, stderr } = await isoscope('analyze', 'gaps.csv', '--recipe', 'activity', ...treated, '--json');
  assert.deepEqual([code, stderr], [0, '']);
  const { plan, findings, table } = JSON.parse(stdout);
  assert.deepEqual(plan.treatments, { bytes: 'median', country: { constant: 'un=known' } });
  const filled = findings.filter(({ code: kind }) => kind === 'filled-values').map(({ column, count }) => [column, count]);
  assert.deepEqual(filled.sort(), [['bytes', 15], ['country', 20]]);
  assert.equal(table.columns.find(({ name }) => name === 'bytes').missing, 15, 'the table stays as it is');
  await writeFile(join(folder, 'treated.json'), stdout);
  const again = await isoscope('analyze', 'gaps.csv', '--plan', 'treated.json', '--treat', 'bytes=drop', '--json');
  assert.deepEqual(JSON.parse(again.stdout).plan.treatments, { ...plan.treatments, bytes: 'drop' });
});

test('--json is an Analysis with plain arrays, and what was asked for', async () => {
  const { code, stdout } = await isoscope('analyze', log, '--recipe', 'user-day', '--seed', '7', '--contamination', '0.02', '--detector', 'iforest', '--json');
  assert.equal(code, 0);
  const { plan, scores, flags, severity, entities, top } = JSON.parse(stdout);
  assert.deepEqual([plan.recipe, plan.seed, plan.contamination], ['user-day', 7, 0.02]);
  for (const array of [scores, flags, severity]) assert.ok(Array.isArray(array) && array.length === entities.length);
  assert.ok(top[0].score === Math.max(...scores));
  const again = await isoscope('analyze', log, '--recipe', 'user-day', '--seed', '7', '--contamination', '0.02', '--json');
  assert.deepEqual(JSON.parse(again.stdout).scores, scores);
});

test('what is compared and measured: parameters, roles, features, rules, and the matrix as a file', async () => {
  const shaped = [
    ...['--recipe', 'user-day', '--param', 'period=week', '--param', 'night-start-hour=22', '--param', 'weekend-days=5'],
    ...['--role', 'entity=user_id', '--feature', "logins=count(action = 'login')", '--omit', 'actions_count'],
    ...['--prepare', 'scale=robust', '--budget', '3'],
    ...['--param', 'iforest.max-features=0.5', '--param', 'iforest.extension-level=1', '--param', 'ensemble.combine=ranks'],
  ];
  const { code, stdout, stderr } = await isoscope('analyze', log, ...shaped, '--features-csv', 'matrix.csv', '--json');
  assert.deepEqual([code, stderr], [0, '']);
  const { plan, unit, features, flags, entities } = JSON.parse(stdout);
  assert.deepEqual([plan.recipe, unit, plan.parameters.period, plan.parameters.nightStartHour], ['user-day', 'week', 'week', 22]);
  assert.deepEqual([plan.parameters.weekendDays, plan.omitted, plan.preparation.scale], [[5], ['actions_count'], 'robust']);
  assert.deepEqual(plan.parameters.iforest, { maxFeatures: 0.5, extensionLevel: 1 });
  assert.equal(plan.parameters.ensemble.combine, 'ranks');
  assert.equal(plan.roles.time, 'timestamp', 'roles that are not named stay as guessed');
  assert.ok(features.includes('logins'));
  assert.equal(flags.reduce((sum, flag) => sum + flag, 0), 3);
  const [header, ...rows] = (await readFile(join(folder, 'matrix.csv'), 'utf8')).trimEnd().split('\n');
  assert.ok(header.includes('logins'));
  assert.equal(rows.length, entities.length);
  // The analysis that was printed is a plan for the next one, and options go before it.
  await writeFile(join(folder, 'saved.json'), stdout);
  const again = JSON.parse((await isoscope('analyze', log, '--plan', 'saved.json', '--param', 'trees=50', '--json')).stdout);
  assert.deepEqual(again.plan, { ...plan, parameters: { ...plan.parameters, trees: 50 } });
  const people = await isoscope('analyze', log, ...shaped);
  assert.match(people.stdout, /^[\d,]+ rows, [\d,]+ user-weeks, 3 flagged/);
});

test('cuts by alerts per day and by cost', async () => {
  const cut = async (...args) => {
    const { code, stdout, stderr } = await isoscope('analyze', log, '--recipe', 'user-day', '--json', ...args);
    assert.deepEqual([code, stderr], [0, ''], args.join(' '));
    const { plan, flags } = JSON.parse(stdout);
    return { plan, flagged: flags.reduce((sum, flag) => sum + flag, 0) };
  };
  const [one, two] = [await cut('--alerts-per-day', '1'), await cut('--alerts-per-day', '2')];
  assert.equal(one.plan.alertsPerDay, 1);
  assert.ok(one.flagged > 0 && two.flagged > one.flagged);
  const unlabelled = await isoscope('analyze', log, '--cost', '10:1');
  assert.match(unlabelled.stderr, /^isoscope: labels: .*label column/);
  const wrong = await isoscope('analyze', log, '--cost', '10');
  assert.match(wrong.stderr, /^isoscope: options: --cost: expected MISS:FALSE/);
});

test('tune prints candidates, and its JSON is a plan to analyse with', async () => {
  const search = ['--recipe', 'activity', '--detector', 'knn', '--try', 'neighbors=5,10', '--try', 'detector=knn,hbos+knn', '--basis', 'planted', '--folds', '2'];
  const people = await isoscope('tune', log, ...search);
  assert.deepEqual([people.code, people.stderr], [0, '']);
  assert.match(people.stdout, /^\d+ candidates judged by planted: average-precision over 2 fits of 80 rows/);
  assert.match(people.stdout, /the plan as it is/);
  assert.match(people.stdout, /detector=\["hbos","knn"\]/);
  const { code, stdout } = await isoscope('tune', log, ...search, '--json');
  assert.equal(code, 0);
  const tuning = JSON.parse(stdout);
  assert.equal(tuning.candidates.length, 5);
  await writeFile(join(folder, 'tuned.json'), stdout);
  const { plan } = JSON.parse((await isoscope('analyze', log, '--plan', 'tuned.json', '--json')).stdout);
  assert.deepEqual(plan, tuning.plan);
  const drawn = await isoscope('tune', log, '--detector', 'knn', '--try', 'neighbors=2..40:log', '--search', 'random', '--max-candidates', '3', '--folds', '2', '--json');
  const whole = JSON.parse(drawn.stdout).candidates.flatMap(({ parameters }) => parameters.neighbors ?? []);
  assert.ok(whole.length === 3 && whole.every((n) => Number.isInteger(n) && n >= 2 && n <= 40), drawn.stdout);
  const learners = ['--learn', 'boosting', '--target', 'flags', '--contamination', '0.3', '--learn-param', 'trees=10', '--try', 'boosting.max-depth=2,4', '--folds', '2'];
  const learned = await isoscope('tune', log, ...learners, '--json');
  const { basis, learn, candidates } = JSON.parse(learned.stdout);
  assert.deepEqual([basis, learn.model, learn.boosting.trees, candidates.length], ['target', 'boosting', 10, 3]);
  assert.match((await isoscope('tune', log, ...learners)).stdout, /boosting learns "flags".*[^]*the options as they are/);
  await writeFile(join(folder, 'learned.json'), learned.stdout);
  const learnedBy = async (...args) => {
    const { stdout: text, stderr } = await isoscope('analyze', log, '--json', ...args);
    assert.equal(stderr, '');
    const { learned: told } = JSON.parse(text);
    // No two runs take as long.
    if (told) delete told.timings;
    return told;
  };
  const best = await learnedBy('--plan', 'learned.json');
  const params = [`trees=${learn.boosting.trees}`, `max-depth=${learn.boosting.maxDepth}`].flatMap((param) => ['--learn-param', param]);
  assert.deepEqual(best, await learnedBy('--contamination', '0.3', '--learn', 'boosting', '--target', 'flags', '--folds', `${best.folds.length}`, ...params));
  // What stands beside the file goes before it; what was found for one model says nothing of another.
  assert.notDeepEqual((await learnedBy('--plan', 'learned.json', '--learn-param', 'trees=1')).probabilities, best.probabilities);
  assert.equal((await learnedBy('--plan', 'learned.json', '--learn', 'forest')).model, 'forest');
  assert.equal((await learnedBy('--plan', 'tuned.json')), undefined);
  const refused = await isoscope('tune', log, '--try', 'nonsense=1');
  assert.match(refused.stderr, /^isoscope: parameter: .*nonsense/);
});

test('refusals say what is wrong in words of a user, and what to do', async () => {
  await writeFile(join(folder, 'nothing.json'), '{}');
  await writeFile(join(folder, 'none.json'), '[]');
  const model = await isoscope('analyze', log, '--recipe', 'activity', '--save', 'refusing.isoscope', '--detector-onnx', 'refused.onnx');
  assert.equal(model.code, 0, model.stderr);
  for (const [args, says] of [
    [['analyze', log, '--contamination', '80%'], /expected a share of the rows above 0 and up to 0\.5, as 0\.05 for 5 in 100 .*, found 0\.8$/m],
    [['analyze', log, '--contamination', '5'], /as 0\.05 for 5 in 100 .*, found 5$/m],
    [['analyze', log, '--cost', '0:1'], /--cost: expected MISS:FALSE, two numbers above 0 .*, found "0:1"/],
    [['predict', 'nothing.json', '--model', 'refusing.isoscope'], /^isoscope: no-records: there is no record to score: expected one at least that has values, /],
    [['predict', 'none.json', '--model', 'refusing.isoscope'], /^isoscope: no-records: there is no record to score/],
    [['inspect', 'refused.onnx'], /^isoscope: not-a-model: this is no saved model but an ONNX model/],
    [['analyze', log, '--learn', 'nothing.json'], /found JSON without the part "learner"; save the trees again with xgboost/],
    [['analyze', log, '--learn', 'logistic', '--class-weight', 'heavy'], /--class-weight: expected balanced, none, or a weight above 0 for classes, as fraud=5,normal=1, found "heavy"/],
    [['analyze', log, '--learn', 'logistic', '--class-weight', 'abnormal=0'], /--class-weight: expected balanced, none, or a weight above 0/],
    [['analyze', log, '--learn', 'logistic', '--class-weight', 'odd=2'], /^isoscope: parameter: .*odd/m],
  ]) {
    const { code, stderr } = await isoscope(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, says);
  }
  const share = async (/** @type {string} */ given) => JSON.parse((await isoscope('analyze', log, '--recipe', 'activity', '--contamination', given, '--json')).stdout).plan.contamination;
  assert.deepEqual([await share('10%'), await share('0.1')], [0.1, 0.1]);
  for (const args of [['--contamination', '1.2.3%'], ['--alerts-per-day', '10%']]) {
    assert.match((await isoscope('analyze', log, ...args)).stderr, /expected a number, found ".*%"/);
  }
  const weighed = await isoscope('analyze', log, '--recipe', 'activity', '--contamination', '0.2', '--learn', 'logistic', '--class-weight', 'abnormal=3', '--json');
  assert.equal(weighed.stderr, '');
  const ensemble = JSON.parse((await isoscope('analyze', log, '--recipe', 'activity', '--detector', 'recommended', '--json')).stdout);
  assert.deepEqual(ensemble.plan.detector, ['iforest', 'knn', 'hbos', 'ecod']);
  assert.match((await isoscope('--help')).stdout, /recommended is one, of iforest, knn, hbos and ecod/);
});

test('rules give points', async () => {
  const rules = ['--recipe', 'activity', '--rule', 'events_count>1', '--rule', 'events_count > 2 : 2.5', '--at-least', '3', '--json'];
  const { code, stdout, stderr } = await isoscope('analyze', log, ...rules);
  assert.deepEqual([code, stderr], [0, '']);
  const { plan, rules: said } = JSON.parse(stdout);
  assert.deepEqual(plan.rules, { rules: [{ feature: 'events_count', above: 1, points: 1 }, { feature: 'events_count', above: 2, points: 2.5 }], atLeast: 3 });
  assert.equal(said.reached, 80);
});

test('a label column is judged against', async () => {
  const text = await readFile(log, 'utf8');
  const first = text.split('\n')[1].split(',')[0];
  const labelled = text
    .trimEnd()
    .split('\n')
    .map((line, i) => `${line},${i === 0 ? 'odd' : line.startsWith(`${first},`) ? 1 : 0}`);
  await writeFile(join(folder, 'labelled.csv'), `${labelled.join('\n')}\n`);
  const { code, stdout } = await isoscope('analyze', 'labelled.csv', '--label', 'odd', '--recipe', 'activity');
  assert.equal(code, 0);
  assert.match(stdout, /against odd: precision [01]\.\d{4}, recall .*, rocAuc [01]\.\d{4}/);
});

test('--learn says how well a model repeats the flags, or learns a column', async () => {
  const shaped = ['analyze', log, '--recipe', 'user-day', '--contamination', '0.05'];
  const text = await isoscope(...shaped, '--learn', 'logistic', '--learn-param', 'c=0.5');
  assert.deepEqual([text.code, text.stderr], [0, '']);
  assert.match(text.stdout, /^logistic learned flags from \d+ rows, judged on \d+ held out by user$/m);
  assert.match(text.stdout, /^ {2}rocAuc +[01]\.\d{4} {3}95 % interval [01]\.\d{4} to [01]\.\d{4}$/m);
  const json = await isoscope(...shaped, '--learn', 'forest', '--learn-param', 'trees=20', '--target', 'flags', '--folds', '3', '--json');
  const { learned, scores } = JSON.parse(json.stdout);
  assert.deepEqual([learned.model, learned.folds.length, learned.predictions.length], ['forest', 3, scores.length]);
  for (const [args, says] of [
    [['--learn', 'magic'], /--learn: expected logistic, forest, boosting or a .json of XGBoost, found "magic"/],
    [['--learn', 'nowhere.json'], /--learn: expected a file that can be read, found "nowhere.json: /],
    [['--learn', 'logistic', '--xgboost', 'trees.json'], /isoscope: parameter: .*boosted trees/],
    [['--onnx', 'model.onnx'], /--onnx: expected a model to learn with, by --learn/],
    [['--target', 'label'], /--target: expected a model to learn with, by --learn/],
    [['--learn', 'boosting', '--learn-param', 'depth=3'], /isoscope: options: .*unknown field `depth`/],
    [['--learn', 'boosting', '--target', 'nothing'], /isoscope: no-such-column: /],
  ]) {
    const { code, stderr } = await isoscope(...shaped, ...args);
    assert.equal(code, 1);
    assert.match(stderr, says);
  }
});

test('--onnx and --xgboost write the learned model, which --learn takes again', async () => {
  const shaped = ['analyze', log, '--recipe', 'user-day', '--contamination', '0.05', '--json'];
  const written = await isoscope(...shaped, '--learn', 'boosting', '--learn-param', 'trees=10', '--onnx', 'model.onnx', '--xgboost', 'trees.json');
  assert.deepEqual([written.code, written.stderr], [0, '']);
  assert.ok((await readFile(join(folder, 'model.onnx'))).includes('TreeEnsembleRegressor'));
  assert.equal(JSON.parse(await readFile(join(folder, 'trees.json'), 'utf8')).learner.gradient_booster.name, 'gbtree');
  const again = await isoscope(...shaped, '--learn', 'trees.json');
  const [ours, theirs] = [written, again].map(({ stdout }) => JSON.parse(stdout).learned);
  assert.deepEqual([theirs.model, theirs.testRows], ['boosting', ours.testRows]);
  const differing = ours.predictions.filter((/** @type {number} */ decided, /** @type {number} */ row) => decided !== theirs.predictions[row]);
  assert.ok(differing.length <= ours.predictions.length / 100, `${differing.length} of ${ours.predictions.length} rows are decided otherwise`);
});

/** Records of people, each twentieth with many hours and known to be a fraud. */
const people = () =>
  ['name,hours,tasks,nationality,fraud', ...Array.from({ length: 200 }, (_, i) => [`n${i}`, 38 + ((i * 7) % 11) / 2 + (i % 20 ? 0 : 30), 18 + ((i * 5) % 13) / 3, ['US', 'DE', 'FR'][(i * i) % 3], i % 20 ? 0 : 1].join(','))].join('\n');

/** What lines of a sum say: the first, all between, and the last. */
const sumOf = (/** @type {string[]} */ lines) => lines.map((line) => Number.parseFloat(line)).reduce((sum, part, i, all) => (i + 1 < all.length ? sum + part : sum - part), 0);

test('--explain and --explain-top say why, what would change it, and what was learned of it', async () => {
  await writeFile(join(folder, 'people.csv'), `${people()}\n`);
  const shaped = ['analyze', 'people.csv', '--recipe', 'table', '--label', 'fraud', '--detector', 'iforest,knn,hbos'];
  const learning = ['--learn', 'boosting', '--learn-param', 'trees=10', '--target', 'label'];
  const asked = ['--explain', 'n7', '--explain-top', '2'];
  const { code, stdout, stderr } = await isoscope(...shaped, ...learning, ...asked, '--save', 'people.isoscope', '--json');
  assert.deepEqual([code, stderr], [0, '']);
  const { explained, agreement, entities, scores } = JSON.parse(stdout);
  assert.deepEqual(agreement.members, ['iforest', 'knn', 'hbos']);
  assert.equal(explained.length, 3);
  assert.equal(entities[explained[0].explanation.row], 'n7');
  assert.equal(explained[1].explanation.score, Math.max(...scores));
  for (const { explanation, counterfactual, learned } of explained) {
    for (const { base, score, contributions } of [explanation, learned]) {
      const sum = contributions.reduce((/** @type {number} */ all, /** @type {any} */ part) => all + part.contribution, base);
      assert.ok(Math.abs(sum - score) < 1e-9);
    }
    assert.deepEqual([counterfactual.row, learned.row], [explanation.row, explanation.row]);
    assert.match(learned.sentence, /^"(ab)?normal" with a probability of \d/);
  }
  const text = await isoscope(...shaped, ...learning, ...asked);
  assert.match(text.stdout, /^how far the detectors agree, each flagging its \d+ most abnormal rows: .*\n {2}iforest, knn +-?[01]\.\d\d {2}\d+$/m);
  assert.match(text.stdout, /^ {2}rows flagged: \d+ by all 3, \d+ by 2, \d+ by 1$/m);
  const own = text.stdout.slice(text.stdout.indexOf('\nn7: '));
  assert.match(own, /^\nn7: .*\n {2}by itself: iforest 0\.\d{4}, knn 0\.\d{4}, hbos 0\.\d{4}\n {2}its score:\n/);
  assert.match(own, /^ {2}smallest change: Does not stand out\.$/m);
  assert.match(own, /^ {2}learned model: "(ab)?normal" with a probability of \d.*\n {2}its score, in log-odds:$/m);
  for (const [, lines] of own.matchAll(/^ {2}its score.*:\n((?: {4,}[-+\d].*\n)+)/gm)) assert.ok(Math.abs(sumOf(lines.trimEnd().split('\n'))) < 2e-3, lines);
  for (const [args, says] of [
    [['--explain', 'nobody'], /--explain: expected a row or a user by name, as "n\d+", found "nobody"/],
    [['--explain-top', '0'], /--explain-top: expected a number of rows, 1 or more, found "0"/],
    [['--explain-top', '1.5'], /--explain-top: expected a number of rows/],
  ]) {
    const refused = await isoscope(...shaped, ...args);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, says);
    // A name that there is not is known when all else is.
    if (args.includes('nobody')) assert.match(refused.stdout, /flagged/);
  }

  // A user of many rows is known by its most abnormal one.
  const days = await isoscope('analyze', log, '--recipe', 'user-day', '--json', '--explain', 'nadia.abe');
  const told = JSON.parse(days.stdout);
  const [{ explanation }] = told.explained;
  const ofUser = told.subjectOfRow.flatMap((/** @type {number} */ subject, /** @type {number} */ row) => (told.subjects[subject] === 'nadia.abe' ? [told.scores[row]] : []));
  assert.deepEqual([explanation.score, told.agreement, told.explained[0].learned], [Math.max(...ofUser), undefined, undefined]);

  // What was saved says the same of new rows, and first what it cannot judge.
  await writeFile(join(folder, 'new.csv'), 'name,hours,tasks,nationality\na,40,20,Martian\nb,,,\nc,400,20,US\n');
  const predicted = await isoscope('predict', 'new.csv', '--model', 'people.isoscope', '--explain', 'a', '--json');
  const { explained: [first] } = JSON.parse(predicted.stdout);
  assert.deepEqual(first.explanation.unseen, ['nationality']);
  for (const { sentence } of [first.explanation, first.learned]) assert.match(sentence, /^Nationality has the value "Martian", which the model has never seen: /);
  const told2 = await isoscope('predict', 'new.csv', '--model', 'people.isoscope');
  assert.match(told2.stdout, /^not flagged, but: a: Nationality has the value "Martian"/m);
  assert.match(told2.stdout, /^not flagged, but: b: None of the 3 values that the model reads is there: /m);
  assert.doesNotMatch(told2.stdout, /^not flagged, but: c/m);
  const both = await isoscope('predict', 'new.csv', '--model', 'people.isoscope', '--csv', '--explain', 'a');
  assert.match(both.stderr, /--explain, --explain-top: expected text or --json, found --csv/);
});

test('--detector-onnx writes the fitted Isolation Forest, and says what else to do for others', async () => {
  const shaped = ['analyze', log, '--recipe', 'activity', '--detector-onnx', 'detector.onnx'];
  assert.deepEqual((await isoscope(...shaped, '--json')).code, 0);
  assert.ok((await readFile(join(folder, 'detector.onnx'))).includes('TreeEnsembleRegressor'));
  const { code, stderr } = await isoscope(...shaped, '--detector', 'knn,lof');
  assert.equal(code, 1);
  assert.match(stderr, /^isoscope: parameter: .*iforest alone.*found knn, lof/);
});

test('standard input', async () => {
  const child = spawn(process.execPath, [cli, 'analyze', '-', '--json'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(await readFile(log));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  assert.equal(JSON.parse(text).subjects.length, 80);
});

test('several files, a folder, gzips and zips are one log', async () => {
  const text = await readFile(log, 'utf8');
  const [header, ...rows] = text.trimEnd().split('\n');
  const half = Math.floor(rows.length / 2);
  const parts = [rows.slice(0, half), rows.slice(half)].map((part) => `${[header, ...part].join('\n')}\n`);
  await mkdir(join(folder, 'logs', 'deeper'), { recursive: true });
  await writeFile(join(folder, 'logs', 'a.csv'), parts[0]);
  await writeFile(join(folder, 'logs', 'deeper', 'b.csv.gz'), gzipSync(parts[1]));
  await writeFile(join(folder, 'logs', '.DS_Store'), 'x');
  await writeFile(join(folder, 'logs.zip'), zipOf([{ name: 'a.csv', content: parts[0] }, { name: 'b.csv.gz', content: gzipSync(parts[1]) }]));
  await writeFile(join(folder, 'log.csv.gz'), gzipSync(text));
  const plan = ['--recipe', 'activity', '--seed', '3', '--json'];
  const { scores } = JSON.parse((await isoscope('analyze', log, ...plan)).stdout);
  for (const operands of [['logs'], ['logs.zip'], ['log.csv.gz'], ['logs/a.csv', 'logs/deeper/b.csv.gz']]) {
    const { code, stdout, stderr } = await isoscope('analyze', ...operands, ...plan);
    assert.deepEqual([code, stderr], [0, ''], operands.join());
    assert.deepEqual(JSON.parse(stdout).scores, scores, operands.join());
  }
  const { stdout } = await isoscope('analyze', 'logs', '--recipe', 'activity');
  assert.match(stdout, new RegExp(`^read: ${rows.length.toLocaleString('en-US')} records from 2 files \\(.*utf-8\\), ${rows.length.toLocaleString('en-US')} kept, 0 set aside$`, 'm'));
  assert.match(stdout, /^left out: logs\/\.DS_Store: left by a system/m);
});

test('findings come with their first records', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `user${i % 6},2026-01-${10 + (i % 20)} 0${i % 10}:00:00,view`);
  rows[20] = 'user1,2026-01-11 09:00:00';
  await writeFile(join(folder, 'short.csv'), `user,time,action\n${rows.join('\n')}\n`);
  const { code, stdout } = await isoscope('analyze', 'short.csv', '--recipe', 'activity');
  assert.equal(code, 0);
  assert.match(stdout, /^note: short-record x 1 \(repaired\): .*\n {6}(short\.csv, )?line 22: user1,2026-01-11 09:00:00$/m);
});

test('of many findings of one kind the first are told, and how many more there are', async () => {
  const constant = Array.from({ length: 8 }, (_, i) => `same_${i}`);
  const rows = Array.from({ length: 60 }, (_, i) => [`e${i}`, (i * 37) % 11, (i * 17) % 7, ...constant.map(() => 5)].join(','));
  await writeFile(join(folder, 'constant.csv'), `${['employee_id', 'tasks', 'hours', ...constant].join(',')}\n${rows.join('\n')}\n`);
  const { code, stdout } = await isoscope('analyze', 'constant.csv', '--recipe', 'table');
  assert.equal(code, 0);
  assert.equal(stdout.match(/^note: constant-feature x /gm).length, 3);
  assert.match(stdout, /^note: constant-feature, 5 more of this kind; see --json$/m);
  const { findings } = JSON.parse((await isoscope('analyze', 'constant.csv', '--recipe', 'table', '--json')).stdout);
  assert.equal(findings.filter(({ code: kind }) => kind === 'constant-feature').length, 8);
});

test('a sample keeps a share of the rows, the same each time', async () => {
  const rows = async () => Number((await isoscope('analyze', log, '--sample', '0.5', '--recipe', 'activity')).stdout.match(/^([\d,]+) rows/)[1].replaceAll(',', ''));
  const all = (await readFile(log, 'utf8')).trimEnd().split('\n').length - 1;
  const kept = await rows();
  assert.ok(kept > all * 0.45 && kept < all * 0.55, `${kept} of ${all}`);
  assert.equal(await rows(), kept);
});

test('rows are added up per user while they are read', async () => {
  assert.equal((await isoscope('sample', 'logins', '--users', '60', '--output', 'logins.csv')).code, 0);
  const { code, stdout, stderr } = await isoscope('analyze', 'logins.csv', '--aggregate');
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^60 rows, 60 users, /);
  assert.match(stdout, /^read: ([\d,]+) records .*, \1 added up into 60 rows, 0 set aside$/m);
  const summary = await isoscope('profile', 'logins.csv', '--aggregate', '--json');
  assert.equal(JSON.parse(summary.stdout).rows, 60);
});

test('types, headers, the first rows and a sample of users are as told', async () => {
  await writeFile(join(folder, 'bare.csv'), Array.from({ length: 400 }, (_, i) => `u${i % 40},7=${i}\n`).join(''));
  const profile = async (...options) => {
    const { code, stdout, stderr } = await isoscope('profile', 'bare.csv', ...options, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const typed = await profile('--no-header', '--type', 'column 2=text', '--max-rows', '12');
  assert.deepEqual([typed.rows, typed.columns.map(({ type }) => type)], [12, ['category', 'text']]);
  const { stderr } = await isoscope('profile', 'bare.csv', '--type', 'u0=foo');
  assert.equal(stderr, 'isoscope: options: option types.u0: expected integer, float, boolean, timestamp, duration, ip, user-agent, category or text, found "foo"\n');
  assert.deepEqual((await profile('--header')).columns.map(({ name }) => name), ['u0', '7=0']);
  const users = await profile('--no-header', '--sample', '0.5', '--sample-by', 'column 1', '--sample-seed', '3');
  assert.equal(users.rows, users.columns[0].distinct * 10);
  assert.ok(users.columns[0].distinct < 40);
});

test('a delimiter that no keyboard has is found, and can be told by its number', async () => {
  const records = (/** @type {string} */ delimiter) => Array.from({ length: 40 }, (_, i) => `u${i % 9}${delimiter}${i}\n`).join('');
  await writeFile(join(folder, 'hive.txt'), records('\x01'));
  await writeFile(join(folder, 'odd.txt'), records('\x02'));
  for (const [file, ...options] of [['hive.txt'], ['hive.txt', '--delimiter', '0x01'], ['odd.txt', '--delimiter', '\\x02']]) {
    const { stdout, stderr } = await isoscope('profile', file, '--no-header', '--json', ...options);
    assert.equal(JSON.parse(stdout || '{}').columns?.length, 2, stderr);
  }
});

test('--estimate says what reading would take', async () => {
  const { code, stdout, stderr } = await isoscope('analyze', log, '--estimate');
  assert.deepEqual([code, stderr], [0, '']);
  const all = (await readFile(log, 'utf8')).trimEnd().split('\n').length - 1;
  assert.match(stdout, new RegExp(`^\\d+ [kM]B, .*: ${all.toLocaleString('en-US')} rows, 3 columns\\nreading takes about .* at most \\d+ [kM]B of memory\\n`));
  const { fits, rows } = JSON.parse((await isoscope('analyze', log, '--estimate', '--json')).stdout);
  assert.deepEqual([fits, rows], [true, all]);
  assert.match((await isoscope('profile', log, '--estimate')).stdout, /^\d+ [kM]B, .*\nreading takes about /);
});

test('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [cli, 'analyze', log, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  for await (const chunk of child.stderr) stderr += chunk;
  assert.equal(stderr, '');
});

test('values of the log do not steer the terminal', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `\u001b[31mred${i % 4},2026-01-0${1 + (i % 9)} 0${i % 10}:00:00`);
  await writeFile(join(folder, 'escape.csv'), `user,time\n${rows.join('\n')}\n`);
  const { code, stdout } = await isoscope('analyze', 'escape.csv', '--contamination', '0.5');
  assert.equal(code, 0);
  assert.ok(stdout.includes('red') && !stdout.includes('\u001b'));
});

test('what cannot be learned leaves what was analysed', async () => {
  await writeFile(join(folder, 'alike.csv'), `load,size,bad\n${Array.from({ length: 40 }, (_, row) => `${row % 13},${(row * 7) % 11},0\n`).join('')}`);
  const { code, stdout, stderr } = await isoscope('analyze', 'alike.csv', '--recipe', 'table', '--label', 'bad', '--learn', 'logistic', '--target', 'label');
  assert.equal(code, 1);
  assert.match(stdout, /^40 rows, 40 records, .* flagged/);
  assert.match(stdout, /^against bad: precision .*; all rows have the same label, so no curve can be judged$/m);
  assert.ok(!stdout.includes('NaN'));
  assert.match(stderr, /^isoscope: labels: [^\n]+\n$/);
});

test('help and version', async () => {
  for (const args of [[], ['--help'], ['-h'], ['help'], ['analyze', '--help']]) {
    const { code, stdout, stderr } = await isoscope(...args);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /isoscope analyze FILE\.\.\./);
  }
  const { version } = JSON.parse(await readFile(new URL('package.json', packageUrl), 'utf8'));
  assert.equal((await isoscope('--version')).stdout, `${version}\n`);
});

for (const [what, code, args, content] of [
  ['a missing file', 'source-failed', ['analyze', 'nowhere.csv']],
  ['a folder without a file', 'no-files', ['analyze', 'hollow']],
  ['a folder without a log', 'no-files', ['analyze', 'pictures']],
  ['a gzip that is cut off', 'archive-damaged', ['analyze', 'bad'], gzipSync('user,time\nanna,1\n').subarray(0, 20)],
  ['an encrypted zip', 'archive-encrypted', ['analyze', 'bad'], zipOf([{ name: 'a.csv', content: 'x', bend: { flags: 1 } }])],
  ['files of different columns', 'mixed-schemas', ['analyze', 'log.csv', 'other.csv']],
  ['an encoding that is none', 'options', ['analyze', 'log.csv', '--encoding', 'klingon']],
  ['a column that is not there', 'no-such-column', ['analyze', 'log.csv', '--columns', 'user_id,nothing']],
  ['a picture', 'not-text', ['analyze', 'bad'], Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ['an empty file', 'empty-source', ['analyze', 'bad'], ''],
  ['a header alone', 'no-records', ['analyze', 'bad'], 'user,time\n'],
  ['no time column', 'missing-role', ['analyze', 'bad', '--recipe', 'user-day'], 'user,action\nanna,x\nbo,y\nanna,y\nbo,x\n'],
  ['an unknown option', 'options', ['analyze', 'log.csv', '--colour']],
  ['an option without its value', 'options', ['analyze', 'log.csv', '--seed']],
  ['a number that is none', 'options', ['analyze', 'log.csv', '--seed', 'seven']],
  ['an unknown recipe', 'options', ['analyze', 'log.csv', '--recipe', 'weekly']],
  ['an unknown detector', 'options', ['analyze', 'log.csv', '--detector', 'magic']],
  ['a share out of range', 'parameter', ['analyze', 'log.csv', '--contamination', '2']],
  ['a label that is no column', 'no-such-column', ['analyze', 'log.csv', '--label', 'truth']],
  ['a parameter without a value', 'options', ['analyze', 'log.csv', '--param', 'trees']],
  ['a parameter that is none', 'options', ['analyze', 'log.csv', '--param', 'tree=5']],
  ['a parameter out of range', 'parameter', ['analyze', 'log.csv', '--param', 'trees=0']],
  ['a role that is none', 'options', ['analyze', 'log.csv', '--role', 'boss=user_id']],
  ['a treatment that is none', 'options', ['analyze', 'log.csv', '--treat', 'action=forget']],
  ['a rule without a limit', 'options', ['analyze', 'log.csv', '--rule', 'events']],
  ['a formula with a mistake', 'formula', ['analyze', 'log.csv', '--feature', "copies=share(actoin = 'copy')"]],
  ['a plan that is not there', 'source-failed', ['analyze', 'log.csv', '--plan', 'nowhere.json']],
  ['a plan that is no JSON', 'options', ['analyze', 'log.csv', '--plan', 'other.csv']],
  ['a matrix that cannot be written', 'options', ['analyze', 'log.csv', '--features-csv', 'no/such/folder.csv']],
  ['no file', 'options', ['analyze']],
  ['one of two files missing', 'source-failed', ['analyze', 'log.csv', 'nowhere.csv']],
  ['a share of more than all', 'options', ['analyze', 'log.csv', '--sample', '2']],
  ['a type without its column', 'options', ['profile', 'log.csv', '--type', 'integer']],
  ['a header that is and is none', 'options', ['profile', 'log.csv', '--header', '--no-header']],
  ['a column to sample by without a share', 'options', ['profile', 'log.csv', '--sample-by', 'user_id']],
  ['an unknown command', 'options', ['analyse', 'log.csv']],
  ['an unknown sample', 'options', ['sample', 'nothing']],
  ['an output that cannot be written', 'options', ['sample', 'logins', '--users', '5', '--output', 'no/such/folder.csv']],
]) {
  test(`${what}: one line, ${code}, exit 1`, async () => {
    if (content !== undefined) await writeFile(join(folder, 'bad'), content);
    const { code: exit, stdout, stderr } = await isoscope(...args);
    assert.equal(exit, 1);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^isoscope: ${code}: [^\\n]+\\n$`));
  });
}
