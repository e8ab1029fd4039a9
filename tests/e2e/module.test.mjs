// The module in Chromium: where its worker and its wasm may come from, and what is said when they do not come.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, test } from 'node:test';
import { share } from './support.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const site = share('/', root);
let page;

beforeEach(async () => {
  page = await site.browser.newPage();
  await page.route('**/empty.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${site.server.url}empty.html`);
});
afterEach(() => page.close());

/** Opens an analyzer on the page and reads a small log; gives the rows, or the code and message of what failed. */
const readOn = (where, options) =>
  where.evaluate(async (given) => {
    const { open, AnalyzerError } = await import('/pkg/index.js');
    try {
      const options = { ...given };
      if (given.wasm === 'compiled') options.wasm = await WebAssembly.compileStreaming(fetch('/pkg/engine_bg.wasm'));
      if (given.wasm === 'bytes') options.wasm = await (await fetch('/pkg/engine_bg.wasm')).arrayBuffer();
      if (given.workerUrl === 'blob') {
        options.workerUrl = URL.createObjectURL(new Blob([await (await fetch('/pkg/worker.js')).text()], { type: 'text/javascript' }));
      }
      const analyzer = await open(options);
      const { rows } = await analyzer.ingest('user,time\nanna,2026-01-05 10:00\nbo,2026-01-05 11:00\n');
      analyzer.dispose();
      return { rows };
    } catch (error) {
      return { code: error.code, message: error.message, isOurs: error instanceof AnalyzerError };
    }
  }, options);

for (const [what, options] of [
  ['beside the module', {}],
  ['named by address', { workerUrl: 'pkg/worker.js', wasm: 'pkg/engine_bg.wasm' }],
  ['from a blob, with the wasm compiled', { workerUrl: 'blob', wasm: 'compiled' }],
  ['from a blob, with the wasm at its default place', { workerUrl: 'blob' }],
  ['with the bytes of the wasm', { wasm: 'bytes' }],
  ['not at all: in place', { workers: 0 }],
]) {
  test(`the worker starts ${what}`, async () => {
    assert.deepEqual(await readOn(page, options), { rows: 2 });
  });
}

test('a worker of another origin is started as a blob', async () => {
  await page.route('http://cdn.test/worker.js', async (route) => {
    const response = await page.request.get(`${site.server.url}pkg/worker.js`);
    await route.fulfill({ contentType: 'text/javascript', headers: { 'access-control-allow-origin': '*' }, body: await response.body() });
  });
  assert.deepEqual(await readOn(page, { workerUrl: 'http://cdn.test/worker.js' }), { rows: 2 });
});

for (const [what, options, code, message] of [
  ['a worker that is not there', { workerUrl: 'nowhere.js' }, 'worker-failed', /worker could not be started.*workerUrl/],
  ['a worker of a host that is not there', { workerUrl: 'http://nowhere.invalid/worker.js' }, 'worker-failed', /worker could not be started.*nowhere\.invalid/],
  ['wasm that is not there', { wasm: 'nowhere.wasm' }, 'worker-failed', /nowhere\.wasm: HTTP 404.*open\(\{ wasm \}\)/],
  ['wasm that is none', { wasm: 'empty.html' }, 'worker-failed', /wasm does not start/],
]) {
  test(`${what} is told by code and message`, async () => {
    const failure = await readOn(page, options);
    assert.deepEqual([failure.code, failure.isOurs], [code, true]);
    assert.match(failure.message, message);
  });
}

for (const workers of [0, 1]) {
  test(`a caller may be a worker itself, workers ${workers}`, async () => {
    await page.route('**/caller.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: `import { analyze } from '/pkg/index.js';
          const log = Array.from({ length: 40 }, (_, i) => ({ user: 'u' + (i % 4), time: new Date(1.7e12 + i * 1e7) }));
          analyze(log, { recipe: 'activity' }, { workers: ${workers} }).then(({ entities }) => postMessage(entities.length), (error) => postMessage(error.message));`,
      }),
    );
    const answer = await page.evaluate(
      () => new Promise((resolve) => (new Worker('/caller.js', { type: 'module' }).onmessage = ({ data }) => resolve(data))),
    );
    assert.equal(answer, 4);
  });
}

test('a policy that forbids wasm is named', async () => {
  const policy = "script-src 'self'; worker-src blob: 'self'";
  await page.route('**/strict.html', (route) =>
    route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': policy }, body: '<!doctype html>' }),
  );
  await page.goto(`${site.server.url}strict.html`);
  // A blob worker has the page's policy; one from an address has that of its own response.
  const failure = await readOn(page, { workerUrl: 'blob', wasm: 'bytes' });
  assert.equal(failure.code, 'unsupported');
  assert.match(failure.message, /'wasm-unsafe-eval'/);
});

test('a worker that dies settles what is pending', async () => {
  const code = await page.evaluate(async () => {
    const { open } = await import('/pkg/index.js');
    const script = await (await fetch('/pkg/worker.js')).text();
    const dies = `${script};addEventListener('message', ({ data }) => { if (data.method === 'ingest') setTimeout(() => { throw new Error('gone'); }); });`;
    const analyzer = await open({ workerUrl: URL.createObjectURL(new Blob([dies], { type: 'text/javascript' })) });
    const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
    return analyzer.ingest(endless).catch((error) => `${error.code}: ${error.message}`);
  });
  assert.match(code, /^worker-failed: .*gone/);
});

test('two workers make of a file what one makes of it', async () => {
  let nWorkers = 0;
  page.on('worker', () => (nWorkers += 1));
  const same = await page.evaluate(async () => {
    const { open } = await import('/pkg/index.js');
    const { readWith, slicesLog } = await import('/tests/js/slices-log.js');
    const log = slicesLog();
    const results = [];
    for (const workers of [1, 2]) results.push(await readWith(open, log, { workers }));
    return { isSame: results[0] === results[1], n: results[0].length };
  });
  assert.ok(same.isSame);
  assert.ok(same.n > 10_000);
  assert.equal(nWorkers, 3, 'one, and then two');
});

test('the page stays free while a large file is read and analysed', async () => {
  const { longestMs, totalMs, rows } = await page.evaluate(async () => {
    const { open } = await import('/pkg/index.js');
    const analyzer = await open();
    const { bytes } = await analyzer.sample({ name: 'office-activity', users: 1000, days: 30 });
    let longestMs = 0;
    const started = performance.now();
    let last = started;
    const timer = setInterval(() => {
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
    }, 0);
    const { rows } = await analyzer.ingest(new File([bytes], 'log.csv'));
    await analyzer.analyze({ recipe: 'user-day' });
    clearInterval(timer);
    analyzer.dispose();
    return { longestMs, totalMs: performance.now() - started, rows };
  });
  assert.ok(rows > 100_000);
  // As a share, because the machine may be busy; work on the page's own thread would block it for most of the time.
  assert.ok(longestMs < totalMs / 4, `the page was blocked for ${longestMs} ms of ${totalMs}`);
});
