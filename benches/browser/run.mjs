// Whole stages in Chromium, one fresh browser a run, peers in turn in every round so that a machine that drifts
// drifts for all. Prints tables in Markdown, of medians and ratios of medians; nothing fails but a run that breaks or
// contestants that disagree.
//
//   node benches/browser/run.mjs [--rounds N] [--only ingest|features|linear|workers|logins|models|learners|page] [--model lof]
//     [--rows 740000] [--small] [--chromium /usr/bin/chromium]
//
// ingest: bytes to columns and to features, in two layouts, of the columns that peers read and of all, and how far that is
// from reading alone. linear: the same
// for 0.1, 1 and 10 million rows. features: those of events per user, and of logins per user and per login, of a table in
// memory: reading is not in it. workers: reading and scoring by one worker and by two, which must give the same. models: fit
// and score of each at three sizes, one of them alone with `--model`; one round unless told, three of all else. learners: the
// same for what learns two classes. `--small` does everything once with a tenth of the rows, to see that it works. All of it takes about twenty minutes on two cores.
//
// An analyzer warms up when it has nothing to do, and a file seldom comes in the moment in which a page opens: so pages
// have been open for some seconds before the file comes, each peer as long as this product, unless a row says otherwise.
//
// Needs pkg/ (and dist/ for `page`) as `cargo xtask build` makes them. PYTHON names an interpreter whose packages are the
// native peers, each on one thread: polars, pandas and duckdb for ingest, scikit-learn, pyod, isotree, xgboost and lightgbm for models,
// whichever are there.
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { makeEvents, makeLabelled, makeMatrix } from './data.mjs';
import { writeLogins } from './logins.mjs';
import { LAYOUTS } from './jobs/layouts.js';
import { LEARNERS, MODELS } from './models.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    small: { type: 'boolean', default: false },
    only: { type: 'string' },
    model: { type: 'string' },
    rows: { type: 'string', default: '740000' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const roundsOr = (usual) => (options.small ? 1 : Number(options.rounds ?? usual));
const rounds = roundsOr(3);
/** Rows of a contest that has so many. */
const sized = (nRows) => (options.small ? Math.ceil(nRows / 10) : nRows);
/** How long a page has been open before a file comes, where it is not there at once. */
const IDLE_MS = 2_000;

const MIME = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml' };
const jobs = join(root, 'target/bench-jobs');
const mounts = { '/pkg/': join(root, 'pkg'), '/dist/': join(root, 'dist'), '/jobs/': jobs, '/duckdb/': join(here, 'node_modules/@duckdb/duckdb-wasm/dist'), '/tfjs/': join(here, 'node_modules/@tensorflow/tfjs-backend-wasm/dist') };

const server = http.createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  let file = path === '/' ? join(here, 'page.html') : null;
  // It looks beside its script.
  if (path === '/jobs/xgboost.wasm') file = join(here, 'node_modules/ml-xgboost/dist/wasm/xgboost.wasm');
  else for (const [prefix, dir] of Object.entries(mounts)) {
    if (path.startsWith(prefix)) file = normalize(join(dir, path.slice(prefix.length) || 'index.html'));
  }
  try {
    response.writeHead(200, { 'content-type': MIME[extname(file)] ?? 'application/octet-stream', 'content-length': statSync(file).size, 'cache-control': 'no-store' });
    createReadStream(file).pipe(response);
  } catch {
    response.writeHead(404).end();
  }
});

/** Peak resident memory of the renderers below this process, MB (Linux). */
function rendererPeakMb() {
  const parents = new Map();
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parents.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
  } catch { return NaN; }
  let peak = NaN;
  for (const pid of parents.keys()) {
    let ancestor = pid;
    while (ancestor && ancestor !== String(process.pid)) ancestor = parents.get(ancestor);
    try {
      if (!ancestor || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const mb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
      if (!(peak > mb)) peak = mb;
    } catch { /* the process ended */ }
  }
  return peak;
}

async function inBrowser(path, work) {
  const browser = await chromium.launch({
    executablePath: options.chromium,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
    const result = await work(page);
    return { ...result, peakMb: rendererPeakMb() };
  } finally {
    await browser.close();
  }
}

const median = (numbers) => { const s = [...numbers].sort((a, b) => a - b), m = s.length >> 1; return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2; };
const seconds = (ms) => `${(ms / 1000).toFixed(3)} s`;
const count = (n) => n.toLocaleString('en');
const loadNow = () => `load ${os.loadavg()[0].toFixed(1)}`;

/** A row of a table in Markdown. */
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

/** A table's head. */
function table(title, ...columns) {
  console.log(`\n${title}\n`);
  row(...columns);
  row(...columns.map(() => '---'));
}

/** Runs contestants in turn, so many rounds, and prints each one's median beside those of the first `nOurs`. */
async function contest(title, contestants, { nOurs = 1, nRounds = rounds } = {}) {
  const load = loadNow();
  const results = new Map(contestants.map(([name]) => [name, []]));
  for (let round = 0; round < nRounds; round++) {
    for (const [name, run] of contestants) {
      try { results.get(name).push(await run()); } catch (error) {
        console.log(`\n${title}: ${name} failed: ${String(error.message).split('\n')[0]}`);
        process.exitCode = 1;
      }
    }
  }
  const ranked = [...results].filter(([, runs]) => runs.length).map(([name, runs]) => ({ name, ms: median(runs.map((r) => r.ms)), min: Math.min(...runs.map((r) => r.ms)), runs }));
  const ours = contestants.slice(0, nOurs).map(([name]) => ranked.find((entry) => entry.name === name)?.ms);
  const known = (runs, field, text) => {
    const value = median(runs.map((run) => run[field] ?? NaN));
    return Number.isFinite(value) ? text(value) : '';
  };
  const isJudged = ranked.some(({ runs }) => runs.some((run) => run.auc !== undefined));
  table(`${title}; ${load}`, nRounds > 1 ? `${nRounds} rounds` : 'one round', 'median', 'fastest', ...ours.map((_, i) => (i ? 'of ours, second' : 'of ours')), 'start-up', 'peak of the tab or process', ...(isJudged ? ['ROC AUC'] : []));
  for (const { name, ms, min, runs } of ranked) {
    row(name, seconds(ms), seconds(min), ...ours.map((own) => (own ? (ms / own).toFixed(2) : '')), known(runs, 'loadMs', seconds), known(runs, 'peakMb', (mb) => `${mb.toFixed(0)} MB`), ...(isJudged ? [known(runs, 'auc', (auc) => auc.toFixed(4))] : []));
  }
  const checks = new Set(ranked.flatMap(({ runs }) => runs.map((run) => run.check)).filter(Boolean));
  if (checks.size > 1) {
    console.log(`\nTHE CONTESTANTS DISAGREE: ${[...checks].join(', ')}`);
    process.exitCode = 1;
  }
  return results;
}

function withFile(path, run) {
  return () => inBrowser('/', async (page) => { await page.setInputFiles('#file', path); return run(page); });
}

await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
/** What packages name for Node alone, and do not come to in a browser. */
const nothing = {
  name: 'nothing',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(fs|path|crypto)$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}' }));
  },
};
await build({ entryPoints: ['peers', 'models', 'learners'].map((name) => join(here, `jobs/${name}.js`)), outdir: jobs, bundle: true, minify: true, format: 'iife', target: 'es2022', define: { 'import.meta.url': 'self.location.href' }, plugins: [nothing], logLevel: 'error' });
const dataDir = join(root, 'target/bench-data');
mkdirSync(dataDir, { recursive: true });
let commit = 'unknown';
try { commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(); } catch { /* not a checkout */ }
const python = process.env.PYTHON ?? 'python3';
const hasPython = (name) => spawnSync(python, ['-c', `import ${name}`]).status === 0;
const isWanted = (name) => !options.only || options.only === name;
console.log(`${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${commit}, ${os.cpus().length} x ${os.cpus()[0].model}, ${versions()}${options.small ? '; a tenth of the rows' : ''}`);

/** What runs here, with versions: the browser, Node, and peers of both kinds. */
function versions() {
  const answer = (program, ...args) => { try { return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); } catch { return ''; } };
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const npm = ['@duckdb/duckdb-wasm', 'udsv', 'papaparse'].map((name) => `${name} ${dependencies[name]}`);
  const native = answer(python, '-c', `from importlib.metadata import version
for name in ('polars', 'pandas', 'duckdb', 'scikit-learn', 'pyod', 'isotree', 'xgboost', 'lightgbm'):
    try: print(name, version(name), end=', ')
    except Exception: pass`);
  return [answer(options.chromium, '--version').split(' ').slice(0, 2).join(' '), `Node ${process.version.slice(1)}`, ...npm, native.replace(/,$/, '')].filter(Boolean).join(', ');
}

/** Peers in the browser, by their names in jobs/peers.js. */
const PEERS = { read: 'reading alone', duckdb: 'DuckDB-Wasm', udsv: 'uDSV and JavaScript', javascript: 'JavaScript by hand', papaparse: 'PapaParse and JavaScript' };

/** File to features per user, beside every peer; then where the time goes. */
async function ingest(layout, path, browserPeers, kept) {
  const size = statSync(path).size;
  const isoscope = (idleMs, options = {}) => withFile(path, (page) => page.evaluate((p) => window.runIsoscope(p), ['features', idleMs, {}, options]));
  const peer = (name, isWhole = false) => [`${PEERS[name]}${isWhole ? ', all columns' : ''}`,
    withFile(path, (page) => page.evaluate((p) => window.runPeer(p), [name, layout, IDLE_MS, undefined, isWhole]))];
  const natively = (name, ...whole) => [`${name}, native, one thread${whole.length ? ', all columns' : ''}`, async () =>
    JSON.parse(execFileSync(python, [join(here, 'native.py'), name, layout, path, ...whole], { encoding: 'utf8' }))];
  // pandas reads all columns in any case.
  const native = ['polars', 'pandas', 'duckdb'].filter(hasPython)
    .flatMap((name) => [natively(name), ...(name === 'pandas' ? [] : [natively(name, 'whole')])]);
  if (!native.length) console.log('\npolars, pandas and duckdb are not at hand (set PYTHON to an interpreter that has them)');
  const [warm, cold, few] = ['Isoscope, more features', 'the same, the file there at once', 'the same, of no more columns than peers read'];
  const results = await contest(
    `${layout}, file to features per user: ${count(sized(1_000_000))} rows, ${(size / 1e6).toFixed(0)} MB; pages open for ${IDLE_MS / 1e3} s before the file comes`,
    [[warm, isoscope(IDLE_MS)], [cold, isoscope(0)], [few, isoscope(IDLE_MS, { columns: LAYOUTS[layout].names })], ...browserPeers.map((name) => peer(name)), peer('duckdb', true), ...native], { nOurs: 2 });
  for (const [name, ours] of [warm, cold, few].map((name) => [name, results.get(name)])) {
    if (ours.length) console.log(`\n${name}: ${ours[0].features} features of ${ours[0].entities} users; ingest ${seconds(median(ours.map((r) => r.ingestMs)))}, features ${seconds(median(ours.map((r) => r.timings.features)))}`);
  }
  const reading = (readOptions) => withFile(path, (page) => page.evaluate((p) => window.runIngest(p), [readOptions, IDLE_MS]));
  const steps = await contest(`${layout}, from the floor up`, [
    peer('read'), [`all fields found, only ${kept} kept`, reading({ columns: [kept] })], ['all columns', reading({})], ['features', isoscope(IDLE_MS)],
  ]);
  console.log(`\nMB a second: ${[...steps].filter(([, runs]) => runs.length).map(([name, runs]) => `${name} ${(size / 1e3 / median(runs.map((r) => r.ms))).toFixed(0)}`).join(', ')}`);
}

const millionLogins = () => writeLogins(join(dataDir, `logins_${sized(1_000_000)}.csv`), sized(1_000_000));
if (isWanted('ingest')) {
  await ingest('events', await makeEvents(dataDir, sized(1_000_000)), ['duckdb', 'udsv', 'javascript', 'papaparse'], 'device');
  // What is written by hand cannot read quotes.
  await ingest('logins', millionLogins(), ['duckdb', 'udsv', 'papaparse'], 'Country');
}
if (isWanted('features')) {
  for (const [unit, of] of [['events', 'events: six features per user'], ['users', 'logins: features per user'], ['logins', 'logins: features per login, running']]) {
    const layout = unit === 'events' ? 'events' : 'logins';
    const path = unit === 'events' ? await makeEvents(dataDir, sized(1_000_000)) : millionLogins();
    const native = ['polars', 'duckdb'].filter(hasPython).map((name) => [`${name}, native, one thread`, async () =>
      JSON.parse(execFileSync(python, [join(here, 'native.py'), name, layout, path, unit], { encoding: 'utf8' }))]);
    const results = await contest(`${of}, of ${count(sized(1_000_000))} rows in memory, without reading`, [
      ['Isoscope', withFile(path, (page) => page.evaluate((p) => window.runFeatures(p), [unit, IDLE_MS]))],
      [PEERS.duckdb, withFile(path, (page) => page.evaluate((p) => window.runPeer(p), ['duckdb', layout, IDLE_MS, unit]))],
      ...native,
    ]);
    const [ours] = results.get('Isoscope');
    if (ours) console.log(`\nIsoscope: ${ours.features} features of ${count(ours.entities)} rows`);
  }
}
if (isWanted('linear')) {
  table(`events, file to features per user, by rows; pages open for ${IDLE_MS / 1e3} s; ${loadNow()}`, 'rows', 'median', 'a row', 'peak of the tab');
  for (const nRows of [100_000, 1_000_000, 10_000_000].map(sized)) {
    const path = await makeEvents(dataDir, nRows), runs = [];
    for (let round = 0; round < rounds; round++) runs.push(await withFile(path, (page) => page.evaluate((p) => window.runIsoscope(p), ['features', IDLE_MS]))());
    const ms = median(runs.map((r) => r.ms));
    row(count(nRows), seconds(ms), `${((ms * 1e6) / nRows).toFixed(0)} ns`, `${median(runs.map((r) => r.peakMb)).toFixed(0)} MB`);
  }
}

/** One worker against two: how many times as fast the two are. */
function workersRatio([one, two], time) {
  return (median(one.map(time)) / median(two.map(time))).toFixed(2);
}

if (isWanted('workers')) {
  for (const nRows of [1_000_000, 5_000_000].map(sized)) {
    const path = await makeEvents(dataDir, nRows);
    const reading = (n) => withFile(path, (page) => page.evaluate((p) => window.runWorkers(p), [n, IDLE_MS]));
    const results = [...(await contest(`events, file to table: ${count(nRows)} rows, ${(statSync(path).size / 1e6).toFixed(0)} MB`,
      [['one worker', reading(1)], ['two workers', reading(2)]])).values()];
    if (results.some((runs) => !runs.length)) continue;
    console.log(`\ntwo workers are ${workersRatio(results, (run) => run.ms)} times as fast with an analyzer's first file, ${workersRatio(results, (run) => run.nextMs)} times with the next`);
  }
  for (const [nRows, nFeatures] of [[100_000, 20], [1_000_000, 10]]) {
    const path = await makeMatrix(dataDir, sized(nRows), nFeatures);
    const plan = { detector: 'iforest', parameters: { trees: 200, top: 1 } };
    const results = [...(await contest(`Isolation Forest, 200 trees, fit and score: ${count(sized(nRows))} x ${nFeatures}`,
      [1, 2].map((n) => [`${n === 1 ? 'one worker' : 'two workers'}`, detector(path, plan, n)]))).values()];
    if (results.every((runs) => runs.length)) console.log(`\ntwo workers are ${workersRatio(results, (run) => run.ms)} times as fast`);
  }
}

/** Native peers of models that PYTHON has. */
function nativeModels() {
  let installed = [];
  try { installed = JSON.parse(execFileSync(python, [join(here, 'models.py'), '--list'], { encoding: 'utf8' })); } catch { /* no Python */ }
  if (!installed.length) console.log('\nno native peer of a model is at hand (set PYTHON to an interpreter with scikit-learn, pyod, isotree, xgboost or lightgbm)');
  return installed;
}

/** A contestant of models.py. */
function nativeModel(peer, path, epochs) {
  return [`${peer.split(' ')[0]}, native, one thread`, async () =>
    JSON.parse(execFileSync(python, [join(here, 'models.py'), peer, path, ...(epochs ? [String(epochs)] : [])], { encoding: 'utf8' }))];
}

/** What a row costs us. */
function costOf(results, nRows) {
  const runs = results.get('Isoscope, one worker');
  return runs.length ? `${((median(runs.map((r) => r.ms)) * 1e3) / nRows).toFixed(2)} µs (${count(nRows)})` : '';
}

/** Fit and score of a model in the browser. */
function detector(path, plan, workers) {
  return withFile(path, (page) => page.evaluate((p) => window.runDetector(p), [plan, workers, IDLE_MS]));
}

if (isWanted('logins')) {
  // The public login file's proportions in any size: 740,000 rows are 200 MB; 31,269,264, as many as it has, are 8.5 GB.
  const nRows = sized(Number(options.rows)), path = writeLogins(join(dataDir, `logins_${nRows}.csv`), nRows);
  const size = statSync(path).size;
  table(`logins, ${count(nRows)} rows, ${(size / 1e6).toFixed(0)} MB; ${loadNow()}`, '', 'read', '', '', 'features', 'users', 'wasm memory', 'peak of the tab');
  const run = (aggregates) => withFile(path, (page) => page.evaluate((a) => window.runLogins(a), aggregates))();
  for (const aggregates of [false, true]) {
    const { entities, readMs, featuresMs, wasmBytes, peakMb } = await run(aggregates);
    row(aggregates ? 'added up per user while reading' : 'the columns of the login features, then those but novelty', seconds(readMs), `${count(Math.round((nRows * 1000) / readMs))} rows/s`,
      `${(size / 1e3 / readMs).toFixed(0)} MB/s`, aggregates ? '' : seconds(featuresMs), count(entities), `${(wasmBytes / 1e6).toFixed(0)} MB`, `${peakMb.toFixed(0)} MB`);
  }
}
if (isWanted('models')) {
  const installed = nativeModels(), growth = [];
  for (const { detector: name, sizes, parameters, native = [], javascript, epochs } of MODELS) {
    if (options.model && options.model !== name) continue;
    const costs = [];
    for (const [fullRows, nFeatures] of sizes) {
      const nRows = sized(fullRows), path = await makeMatrix(dataDir, nRows, nFeatures);
      const plan = { detector: name, parameters: { ...parameters, top: 1 } };
      const contestants = [['Isoscope, one worker', detector(path, plan, 1)]];
      if (javascript) contestants.push(['plain JavaScript, one worker', withFile(path, (page) => page.evaluate((p) => window.runModel(p), [name, epochs]))]);
      contestants.push(...native.filter((peer) => installed.includes(peer)).map((peer) => nativeModel(peer, path, epochs)));
      const results = await contest(`${name}, fit and score: ${count(nRows)} x ${nFeatures}`, contestants, { nRounds: roundsOr(1) });
      costs.push(costOf(results, nRows));
    }
    growth.push([name, ...costs]);
  }
  table('A row, by how many there are', 'fit and score', 'few', 'more', 'many');
  growth.forEach((cells) => row(...cells));
}
if (isWanted('learners')) {
  const installed = nativeModels(), growth = [];
  for (const { model, sizes, learn, npm, native } of LEARNERS) {
    if (options.model && options.model !== model) continue;
    const costs = [];
    for (const [fullRows, nFeatures] of sizes) {
      const nRows = sized(fullRows), path = await makeLabelled(dataDir, nRows, nFeatures);
      const ours = (nFits) => withFile(path, (page) => page.evaluate((p) => window.runLearner(p), [learn, IDLE_MS, nFits]));
      const contestants = [
        ['Isoscope, one worker', ours(1)],
        // As native libraries are timed: what is compiled or loaded late is there.
        ['Isoscope, one worker, learned again', ours(2)],
        ...npm.filter(([, mostRows]) => nRows <= mostRows)
          .map(([name]) => [`${name}, one worker`, withFile(path, (page) => page.evaluate((p) => window.runPeerLearner(p), `${model}, ${name}`))]),
        ...native.filter((peer) => installed.includes(peer)).map((peer) => nativeModel(peer, path)),
      ];
      const results = await contest(`${model}, fitted to 70 % of ${count(nRows)} x ${nFeatures}, and all predicted`, contestants, { nOurs: 2 });
      const [first] = results.get('Isoscope, one worker');
      if (first && first.columns !== nFeatures) {
        console.log(`\nTHE MODEL HAS ${first.columns} COLUMNS OF ${nFeatures}`);
        process.exitCode = 1;
      }
      costs.push(costOf(results, nRows));
    }
    growth.push([model, ...costs]);
  }
  table('A row, by how many there are', 'fitted and predicted', 'few', 'more', 'many');
  growth.forEach((cells) => row(...cells));
}
if (isWanted('page')) {
  const path = await makeEvents(dataDir, sized(1_000_000));
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await inBrowser('/dist/', async (page) => {
      await page.locator('.drop-zone').waitFor({ timeout: 60_000 });
      await page.evaluate(() => {
        window.longTasks = [];
        new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
      });
      const start = performance.now();
      await page.locator('input[type=file]').first().setInputFiles(path);
      await page.locator('#headline').waitFor({ timeout: 120_000 });
      await page.locator('.progress-card').waitFor({ state: 'detached', timeout: 120_000 });
      const ms = performance.now() - start;
      await page.waitForTimeout(1_500);
      return { ms, longestMs: Math.max(0, ...(await page.evaluate(() => window.longTasks))) };
    }));
  }
  table(`the page: ${count(sized(1_000_000))} events dropped on it; ${loadNow()}`, 'drop to results', 'longest task on the main thread', 'worst', 'peak of the tab');
  row(seconds(median(runs.map((r) => r.ms))), `${median(runs.map((r) => r.longestMs)).toFixed(0)} ms`, `${Math.max(...runs.map((r) => r.longestMs)).toFixed(0)} ms`, `${median(runs.map((r) => r.peakMb)).toFixed(0)} MB`);
}
server.close();
server.closeAllConnections();
