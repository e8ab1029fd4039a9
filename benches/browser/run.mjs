// Whole stages in Chromium, one fresh browser a run, peers in turn in every round so that a machine that drifts
// drifts for all. Prints medians and ratios of medians; nothing fails but a run that breaks.
//
//   node benches/browser/run.mjs [--rounds 5] [--only ingest|features|linear|workers|logins|models|page] [--model lof] [--rows 740000] [--chromium /usr/bin/chromium]
//
// ingest: bytes to columns and to features, in two layouts, and how far that is from reading alone. linear: the same
// for 0.1, 1 and 10 million rows. features: those of logins, per user and per login, of a table in memory. workers: reading
// by one worker and by two, which must give the same. models: fit and score of each at three sizes, one of them alone with
// `--model`.
//
// An analyzer warms up when it has nothing to do, and a file seldom comes in the moment in which a page opens: so "warm"
// is a page that has been open for some seconds before the file comes (printed with the figures), each peer as long as
// this product, and "cold" a file that is there at once.
//
// Needs pkg/ (and dist/ for `page`) as `cargo xtask build` makes them. PYTHON names an interpreter whose packages are the
// native peers, each on one thread: polars, pandas and duckdb for ingest, scikit-learn, pyod and isotree for models,
// whichever are there.
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { makeData, makeEvents, makeMatrix } from './data.mjs';
import { writeLogins } from './logins.mjs';
import { MODELS } from './models.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    model: { type: 'string' },
    rows: { type: 'string', default: '740000' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const rounds = Number(options.rounds);
/** How long a page has been open before a file comes, where it is not there at once. */
const IDLE_MS = 2_000;

const MIME = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml' };
const jobs = join(root, 'target/bench-jobs');
const mounts = { '/pkg/': join(root, 'pkg'), '/dist/': join(root, 'dist'), '/jobs/': jobs, '/duckdb/': join(here, 'node_modules/@duckdb/duckdb-wasm/dist') };

const server = http.createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  let file = path === '/' ? join(here, 'page.html') : null;
  for (const [prefix, dir] of Object.entries(mounts)) {
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
    return { ...result, peakMb: rendererPeakMb(), browser: browser.version() };
  } finally {
    await browser.close();
  }
}

const median = (numbers) => { const s = [...numbers].sort((a, b) => a - b), m = s.length >> 1; return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2; };
const seconds = (ms) => (ms / 1000).toFixed(3);

/** Runs contestants in turn, `rounds` times, and prints each one's median beside those of the first `nOurs`. */
async function contest(title, contestants, nOurs = 1) {
  console.log(`\n${title}`);
  const results = new Map(contestants.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of contestants) {
      try { results.get(name).push(await run()); } catch (error) {
        console.log(`  ${name}: ${String(error.message).split('\n')[0]}`);
        process.exitCode = 1;
      }
    }
  }
  const rows = [...results].filter(([, runs]) => runs.length).map(([name, runs]) => ({ name, ms: median(runs.map((r) => r.ms)), min: Math.min(...runs.map((r) => r.ms)), runs }));
  const ours = contestants.slice(0, nOurs).map(([name]) => rows.find((row) => row.name === name)?.ms);
  for (const row of rows) {
    const peak = median(row.runs.map((r) => r.peakMb ?? NaN));
    const load = median(row.runs.map((r) => r.loadMs ?? NaN));
    console.log(
      `  ${row.name.padEnd(28)} median ${seconds(row.ms)} s  min ${seconds(row.min)} s  x${ours.map((ms) => (ms ? (row.ms / ms).toFixed(2) : '?')).join(' x')} of ours` +
      (Number.isFinite(load) ? `  load ${seconds(load)} s` : '') + (Number.isFinite(peak) ? `  peak ${peak.toFixed(0)} MB` : ''));
  }
  const checks = new Set(rows.flatMap((row) => row.runs.map((r) => r.check)).filter(Boolean));
  if (checks.size > 1) {
    console.log(`  THE PEERS DISAGREE: ${[...checks].join(' | ')}`);
    process.exitCode = 1;
  }
  return results;
}

function withFile(path, run) {
  return () => inBrowser('/', async (page) => { await page.setInputFiles('#file', path); return run(page); });
}

await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
await build({ entryPoints: ['peers', 'models'].map((name) => join(here, `jobs/${name}.js`)), outdir: jobs, bundle: true, minify: true, format: 'iife', target: 'es2022', define: { 'import.meta.url': 'self.location.href' }, logLevel: 'error' });
const data = await makeData(join(root, 'target/bench-data'));
let commit = 'unknown';
try { commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(); } catch { /* not a checkout */ }
console.log(`${new Date().toISOString().slice(0, 10)}  commit ${commit}  ${os.cpus().length} x ${os.cpus()[0].model}  node ${process.version}  ${rounds} rounds`);

const python = process.env.PYTHON ?? 'python3';
const hasPython = (name) => spawnSync(python, ['-c', `import ${name}`]).status === 0;
const isWanted = (name) => !options.only || options.only === name;
const dataDir = join(root, 'target/bench-data');

/** File to features per user, beside every peer; then where the time goes. */
async function ingest(layout, path, browserPeers, kept) {
  const size = statSync(path).size;
  const isoscope = (idleMs) => withFile(path, (page) => page.evaluate((p) => window.runIsoscope(p), ['features', idleMs]));
  const peer = (name, idleMs = IDLE_MS) => [name, withFile(path, (page) => page.evaluate((p) => window.runPeer(p), [name, layout, idleMs]))];
  const native = ['polars', 'pandas', 'duckdb'].filter(hasPython).map((name) => [`${name}, native, one thread`, async () =>
    JSON.parse(execFileSync(python, [join(here, 'native.py'), name, layout, path], { encoding: 'utf8' }))]);
  if (!native.length) console.log('\npolars, pandas and duckdb are not at hand (set PYTHON to an interpreter that has them)');
  const [warm, cold] = ['isoscope, more features: warm', 'isoscope, more features: cold'];
  const results = await contest(
    `${layout}, file to features per user: 1,000,000 rows, ${(size / 1e6).toFixed(0)} MB; pages open for ${IDLE_MS / 1e3} s, but for "cold"; x of ours warm, x of ours cold`,
    [[warm, isoscope(IDLE_MS)], [cold, isoscope(0)], ...browserPeers.map((name) => peer(name)), ...native], 2);
  for (const [name, ours] of [[warm, results.get(warm)], [cold, results.get(cold)]]) {
    if (ours.length) console.log(`  ${name}: ${ours[0].features} features of ${ours[0].entities} users; ingest ${seconds(median(ours.map((r) => r.ingestMs)))} s, features ${seconds(median(ours.map((r) => r.timings.features)))} s`);
  }
  const reading = (readOptions) => withFile(path, (page) => page.evaluate((p) => window.runIngest(p), [readOptions, IDLE_MS]));
  const steps = await contest(`${layout}, from the floor up, warm`, [
    peer('read'), [`all fields found, only ${kept} kept`, reading({ columns: [kept] })], ['all columns', reading({})], ['features', isoscope(IDLE_MS)],
  ]);
  for (const [name, runs] of steps) if (runs.length) console.log(`  ${name.padEnd(40)} ${(size / 1e3 / median(runs.map((r) => r.ms))).toFixed(0)} MB/s`);
}

if (isWanted('ingest')) {
  await ingest('events', data.events, ['duckdb', 'udsv', 'javascript', 'papaparse'], 'device');
  // What is written by hand cannot read quotes.
  await ingest('logins', writeLogins(join(dataDir, 'logins_1m.csv'), 1_000_000), ['duckdb', 'udsv', 'papaparse'], 'Country');
}
if (isWanted('features')) {
  const path = writeLogins(join(dataDir, 'logins_1m.csv'), 1_000_000);
  for (const unit of ['users', 'logins']) {
    const native = ['polars', 'duckdb'].filter(hasPython).map((name) => [`${name}, native, one thread`, async () =>
      JSON.parse(execFileSync(python, [join(here, 'native.py'), name, 'logins', path, unit], { encoding: 'utf8' }))]);
    const results = await contest(`login features, one row per ${unit.slice(0, -1)}: 1,000,000 logins in memory, load ${os.loadavg()[0].toFixed(1)}`, [
      ['isoscope', withFile(path, (page) => page.evaluate((u) => window.runLoginFeatures(u), unit))],
      ['duckdb', withFile(path, (page) => page.evaluate((p) => window.runPeer(p), ['duckdb', 'logins', 0, unit]))],
      ...native,
    ]);
    const [ours] = results.get('isoscope');
    if (ours) console.log(`  isoscope: ${ours.features} features of ${ours.entities} ${unit}`);
  }
}
if (isWanted('linear')) {
  console.log(`\nevents, file to features per user, by rows; pages open for ${IDLE_MS / 1e3} s`);
  for (const nRows of [100_000, 1_000_000, 10_000_000]) {
    const path = await makeEvents(dataDir, nRows), runs = [];
    for (let round = 0; round < rounds; round++) runs.push(await withFile(path, (page) => page.evaluate((p) => window.runIsoscope(p), ['features', IDLE_MS]))());
    const ms = median(runs.map((r) => r.ms));
    console.log(`  ${String(nRows).padStart(10)} rows  ${seconds(ms)} s  ${((ms * 1e6) / nRows).toFixed(0)} ns a row  peak ${median(runs.map((r) => r.peakMb)).toFixed(0)} MB`);
  }
}
if (isWanted('workers')) {
  for (const nRows of [1_000_000, 5_000_000]) {
    const path = await makeEvents(dataDir, nRows);
    const reading = (n) => withFile(path, (page) => page.evaluate((p) => window.runWorkers(p), [n, IDLE_MS]));
    const load = os.loadavg()[0].toFixed(1);
    const results = await contest(`events, file to table: ${nRows} rows, ${(statSync(path).size / 1e6).toFixed(0)} MB, pages open for ${IDLE_MS / 1e3} s, load ${load}`,
      [['one worker', reading(1)], ['two workers', reading(2)]]);
    const [one, two] = [...results.values()];
    if (!one.length || !two.length) continue;
    const ratio = (time) => (median(one.map(time)) / median(two.map(time))).toFixed(2);
    console.log(`  two workers are ${ratio((run) => run.ms)} times as fast with an analyzer's first file, ${ratio((run) => run.nextMs)} times with the next; load ${os.loadavg()[0].toFixed(1)}`);
  }
}
if (isWanted('logins')) {
  // The public login file's proportions in any size: 740,000 rows are 200 MB; 31,269,264, as many as it has, are 8.5 GB.
  const nRows = Number(options.rows), path = writeLogins(join(dataDir, `logins_${nRows}.csv`), nRows);
  const size = statSync(path).size;
  console.log(`\nlogins, ${nRows.toLocaleString('en')} rows, ${(size / 1e6).toFixed(0)} MB: read with the columns that the login features need, then the features; and aggregated while reading`);
  const run = (aggregates) => withFile(path, (page) => page.evaluate((a) => window.runLogins(a), aggregates))();
  for (const aggregates of [false, true]) {
    const { rows, entities, readMs, featuresMs, wasmBytes, peakMb } = await run(aggregates);
    console.log(`  ${aggregates ? 'aggregated' : 'columns   '}  ${rows.toLocaleString('en')} rows in, ${entities.toLocaleString('en')} users out; read ${seconds(readMs)} s (${Math.round((nRows * 1000) / readMs).toLocaleString('en')} rows/s, ${(size / 1e3 / readMs).toFixed(0)} MB/s), features ${seconds(featuresMs)} s; wasm memory ${(wasmBytes / 1e6).toFixed(0)} MB, peak of the tab ${peakMb.toFixed(0)} MB`);
  }
}
if (isWanted('models')) {
  let installed = [];
  try { installed = JSON.parse(execFileSync(python, [join(here, 'models.py'), '--list'], { encoding: 'utf8' })); } catch { /* no Python */ }
  if (!installed.length) console.log('\nno native peer of a model is at hand (set PYTHON to an interpreter with scikit-learn, pyod or isotree)');
  for (const { detector, sizes, parameters, native = [], javascript, epochs } of MODELS) {
    if (options.model && options.model !== detector) continue;
    const growth = [];
    for (const [nRows, nFeatures] of sizes) {
      const path = await makeMatrix(dataDir, nRows, nFeatures);
      const ours = withFile(path, async (page) => {
        const run = await page.evaluate((p) => window.runIsoscope(p), ['all', 0, { recipe: 'user-day', detector, parameters: { ...parameters, top: 1 } }]);
        return { ms: run.timings.fit + run.timings.score };
      });
      const contestants = [['isoscope, one worker', ours]];
      if (javascript) contestants.push(['plain JavaScript, one worker', withFile(path, (page) => page.evaluate((p) => window.runModel(p), [detector, epochs]))]);
      for (const peer of native.filter((name) => installed.includes(name))) {
        contestants.push([`${peer.split(' ')[0]}, native, one thread`, async () =>
          JSON.parse(execFileSync(python, [join(here, 'models.py'), peer, path, ...(epochs ? [String(epochs)] : [])], { encoding: 'utf8' }))]);
      }
      const results = await contest(`${detector}, fit and score: ${nRows.toLocaleString('en')} x ${nFeatures}, load ${os.loadavg()[0].toFixed(1)}`, contestants);
      const runs = results.get('isoscope, one worker');
      if (runs.length) growth.push(`${nRows.toLocaleString('en')} x ${nFeatures}: ${((median(runs.map((r) => r.ms)) * 1e3) / nRows).toFixed(2)} µs a row`);
    }
    console.log(`  ${detector} by rows: ${growth.join('; ')}`);
  }
}
if (isWanted('page')) {
  console.log('\nthe page: 1,000,000 events dropped on it');
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await inBrowser('/dist/', async (page) => {
      await page.locator('.drop-zone').waitFor({ timeout: 60_000 });
      await page.evaluate(() => {
        window.longTasks = [];
        new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
      });
      const start = performance.now();
      await page.locator('input[type=file]').first().setInputFiles(data.events);
      await page.locator('#headline').waitFor({ timeout: 120_000 });
      await page.locator('.progress-card').waitFor({ state: 'detached', timeout: 120_000 });
      const ms = performance.now() - start;
      await page.waitForTimeout(1_500);
      return { ms, longestMs: Math.max(0, ...(await page.evaluate(() => window.longTasks))) };
    }));
  }
  console.log(`  drop to results: median ${seconds(median(runs.map((r) => r.ms)))} s; longest main-thread task: median ${median(runs.map((r) => r.longestMs)).toFixed(0)} ms, worst ${Math.max(...runs.map((r) => r.longestMs)).toFixed(0)} ms; peak ${median(runs.map((r) => r.peakMb)).toFixed(0)} MB`);
}
server.close();
server.closeAllConnections();
