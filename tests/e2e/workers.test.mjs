// Large files on the sealed page, read by more than one worker.
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drop, log, open, results, share } from './support.mjs';

/** More than the 32 MiB from which files are read in slices. */
const MIN_BYTES = 33 << 20;

const site = share();
let folder;
let path;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isoscope-large-'));
  path = join(folder, 'large.csv');
  // Many users, and a note that nothing is made of but its length.
  const [header, ...lines] = log({ nUsers: 400 }).split('\n');
  const note = 'as it was written down '.repeat(33);
  await writeFile(path, [`${header},note`, ...lines.map((line, i) => `${line},"${i % 9}, ${note}"`)].join('\n'));
  assert.ok((await stat(path)).size > MIN_BYTES);
});
after(async () => {
  await rm(folder, { recursive: true });
});

/** What the page says of the file, on a machine of so many cores, and how many workers joined its own to read it. */
async function read(nCores) {
  const { page, problems } = await open(site.browser, site.server.url);
  await page.addInitScript((n) => {
    Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => n });
    // Those that are told to join the reading are counted where they are told so: what the browser tells of workers comes
    // late, and of those before a reload too.
    globalThis.nJoined = 0;
    globalThis.Worker = class extends Worker {
      postMessage(message, ...more) {
        if (message?.join) globalThis.nJoined += 1;
        super.postMessage(message, ...more);
      }
    };
  }, nCores);
  await page.reload();
  await page.getByText('Drop log files or a folder here').waitFor();
  const nLoaded = site.server.requests.length;
  await page.locator('input[type=file]').first().setInputFiles(path);
  await results(page, 'large.csv');
  const said = {
    headline: await page.locator('#headline').innerText(),
    first: await page.locator('.ranked').first().innerText(),
    // All but how long it took.
    facts: (await page.locator('.facts').innerText()).replace(/ · done in .*/, ''),
  };
  assert.deepEqual(site.server.requests.slice(nLoaded), [], 'nothing is loaded for the second worker');
  assert.deepEqual(problems, []);
  const nJoined = await page.evaluate(() => globalThis.nJoined);
  await page.context().close();
  return { said, nJoined };
}

test('two workers read a large file on the sealed page, and the page says what it says with one', async () => {
  const one = await read(1);
  const two = await read(3);
  assert.match(one.said.headline, /of 400 users stand out/);
  assert.deepEqual(two.said, one.said);
  assert.deepEqual([one.nJoined, two.nJoined], [0, 1]);
});

test('a file that comes while the worker still starts waits for it, and starts none of its own', async () => {
  const { page, problems } = await open(site.browser, site.server.url);
  await page.addInitScript(() => {
    globalThis.nStarted = 0;
    globalThis.Worker = class extends Worker {
      constructor(...how) {
        super(...how);
        globalThis.nStarted += 1;
      }
      postMessage(message, ...more) {
        if (message?.method === 'init') setTimeout(() => super.postMessage(message, ...more), 500);
        else super.postMessage(message, ...more);
      }
    };
  });
  await page.reload();
  await page.getByText('Drop log files or a folder here').waitFor();
  await drop(page, 'early.csv', log());
  await results(page, 'early.csv');
  assert.match(await page.locator('#headline').innerText(), /of 40 users stand out/);
  assert.equal(await page.evaluate(() => globalThis.nStarted), 1);
  assert.deepEqual(problems, []);
  await page.context().close();
});
