// A browser on the built page: the server, the files to drop, and a record of everything that was asked of the network.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Serves dist/ below `base` and records every request, whoever makes it. */
export async function serve(base = '/', dist = process.env.ISOSCOPE_DIST ?? DIST) {
  const requests = [];
  const server = createServer(async (request, response) => {
    requests.push(request.url);
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = path.startsWith(base) ? join(dist, path.slice(base.length) || 'index.html') : '';
    const isFile = await stat(file).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isFile) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    return createReadStream(file).pipe(response);
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  // A test that failed before it closed its server must not keep the others waiting.
  server.unref();
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}${base}`, requests, close: () => server.close() };
}

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** Opens the page and waits until it can be handed a file. `problems` gathers console errors and uncaught ones. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(url);
  await page.getByText('Drop log files or a folder here').waitFor();
  return { page, problems };
}

/**
 * A test on a page of its own, opened and closed around it, that fails when the console has an error; policy violations
 * are among them. The server and the browser are shared by all tests of a file.
 */
export function onPage(name, work, options) {
  shared ??= share();
  test(name, async () => {
    const { page, problems } = await open(shared.browser, shared.server.url, options);
    try {
      await work(page);
      assert.deepEqual(problems, [], 'console errors, policy violations among them');
    } finally {
      await page.context().close();
    }
  });
}

let shared;
/**
 * A server of `dist` below `base` and a browser, for the tests of a file: there once its first one begins. `setUp` is
 * given both; it is no hook of its own, since hooks of a file may run side by side.
 */
export function share(base, dist, setUp) {
  const own = {};
  before(async () => {
    own.server = await serve(base, dist);
    own.browser = await launch();
    await setUp?.(own);
  });
  after(async () => {
    await own.browser?.close();
    own.server?.close();
  });
  return own;
}

/** Opens a view of the data. */
export const tab = (page, name) =>
  page.getByRole('group', { name: 'Views of the data' }).getByRole('button', { name }).click();

/** Drops a file on the page, as a user does: somewhere. */
export const drop = (page, name, content) => dropFiles(page, [{ name, content }]);

/** Drops several at once. */
export async function dropFiles(page, files) {
  const transfer = await page.evaluateHandle(
    (encoded) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of encoded) {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      return transfer;
    },
    files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString('base64') })),
  );
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
}

/**
 * A log of `nUsers` over 30 days of working hours; `odd` users come at night and copy files. Made without chance, so
 * that every run sees the same.
 */
export function log({ nUsers = 40, odd = { 7: 'user7' }, header = 'user,time,action' } = {}) {
  const lines = [header];
  const two = (n) => String(n).padStart(2, '0');
  for (let user = 0; user < nUsers; user += 1) {
    for (let day = 1; day <= 30; day += 1) {
      for (let n = 0; n < 4; n += 1) {
        const isOdd = user in odd && day > 10;
        const hour = isOdd ? n : 8 + ((day * 3 + user * 5 + n * 2) % 9);
        const name = odd[user] ?? `user${user}`;
        lines.push(
          `"${name}",2026-01-${two(day)} ${two(hour)}:${two((user * 7 + n * 13) % 60)}:00,${isOdd ? 'copy' : ['read', 'open', 'edit'][n % 3]}`,
        );
      }
    }
  }
  return lines.join('\n');
}

export const ranked = (page) => page.locator('.ranked');
export const problem = (page) => page.getByRole('alert').locator('.problem');
/** The results of a source are there: its name in the header, a headline, and the list, which grows by some at a time. */
export async function results(page, name) {
  await page.locator('.header-file', { hasText: name }).waitFor();
  await page.locator('.progress-card').waitFor({ state: 'detached' });
  await page.locator('#headline').waitFor();
  await page.waitForFunction(() => {
    const counts = [...document.querySelectorAll('.severity-counts li')].map((item) =>
      Number(item.textContent.replace(/\D/g, '')),
    );
    const nListed = counts.reduce((sum, n) => sum + n, 0);
    return counts.length > 0 && document.querySelectorAll('.ranked').length === Math.min(nListed, 50);
  });
}
