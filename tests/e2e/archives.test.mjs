// Archives and memory in Chromium: its own decompressor under ours, its worker processes given back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipOf } from '../js/archives.mjs';
import { drop, log, open, problem, results, serve, share } from './support.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
let page;
const site = share('/', root, async ({ browser, server }) => {
  page = await browser.newPage();
  await page.route('**/empty.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${server.url}empty.html`);
  await page.evaluate(async () => {
    const { open } = await import('/pkg/index.js');
    globalThis.analyzer = await open();
  });
});

/** Reads bytes as a File and as a stream of pieces; gives what came of it. */
const read = (bytes, how = 'file') =>
  page.evaluate(
    async ([encoded, kind]) => {
      const all = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
      const pieces = Array.from({ length: Math.ceil(all.length / 4099) }, (_, i) => all.slice(i * 4099, (i + 1) * 4099));
      const source = kind === 'file' ? new File([all], 'log.bin') : new Blob(pieces).stream();
      try {
        const { rows, skipped, files } = await globalThis.analyzer.ingest(source);
        return { rows, skipped: skipped.map(({ name }) => name), files: files.map(({ name }) => name) };
      } catch ({ code, message }) {
        return { code, message };
      }
    },
    [Buffer.from(bytes).toString('base64'), how],
  );

const text = log({ nUsers: 60 });
const nRows = text.split('\n').length - 1;
const gz = gzipSync(`${text}\n`);
const [header] = text.split('\n');

for (const how of ['file', 'stream']) {
  test(`gzip from a ${how}: one member and several`, async () => {
    assert.equal((await read(gz, how)).rows, nRows);
    const rest = gzipSync(text.split('\n').slice(1).join('\n'));
    assert.equal((await read(Buffer.concat([gzipSync(`${header}\n`), rest]), how)).rows, nRows);
    assert.equal((await read(Buffer.concat([gz, gzipSync(''), rest]), how)).rows, 2 * nRows);
  });

  test(`a broken gzip from a ${how} says how, and the earlier table stays`, async () => {
    await read(gz);
    const badCrc = Buffer.from(gz);
    badCrc[gz.length - 8] ^= 1;
    for (const [bytes, words] of [
      [gz.subarray(0, -20), /ends at byte \d+, .*cut off/],
      [gz.subarray(0, -2), /ends at byte \d+, .*cut off/],
      [badCrc, /checksum/],
      [Buffer.concat([gz, Buffer.from('and more of it')]), /bytes behind the end/],
      [Buffer.concat([gz, Buffer.alloc(512)]), /bytes behind the end/],
    ]) {
      const { code, message } = await read(bytes, how);
      assert.equal(code, 'archive-damaged', message);
      assert.match(message, words);
      assert.equal(await page.evaluate(async () => (await globalThis.analyzer.summary()).rows), nRows);
    }
  });
}

test('a bomb is refused', async () => {
  assert.equal((await read(gzipSync(Buffer.alloc(300 << 20, 'x,1\n')))).code, 'archive-expands');
});

test('a zip is one table; one that is broken says how', async () => {
  const members = [{ name: 'a.csv', content: `${text}\n` }, { name: 'b.csv.gz', content: gz }, { name: 'c.png', content: 'x' }];
  assert.deepEqual(await read(zipOf(members)), { rows: 2 * nRows, skipped: ['c.png'], files: ['a.csv', 'b.csv'] });
  for (const [bend, code, words] of [
    [{ crc: 1 }, 'archive-damaged', /checksum/],
    [{ flags: 1 }, 'archive-encrypted', /password/],
    [{ method: 14 }, 'archive-unsupported', /LZMA/],
  ]) {
    const failed = await read(zipOf([{ ...members[0], bend }]));
    assert.equal(failed.code, code, failed.message);
    assert.match(failed.message, words);
  }
  assert.match((await read(zipOf(members).subarray(0, -30))).message, /without a directory/);
});

test('tables opened and closed: the renderer gives its memory back', async () => {
  const client = await site.browser.newBrowserCDPSession();
  const rssMb = async () => {
    const { processInfo } = await client.send('SystemInfo.getProcessInfo');
    const sizes = processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => Number((await readFile(`/proc/${id}/statm`, 'utf8')).split(' ')[1]) * 4096);
    return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0) / 1e6;
  };
  await page.evaluate(() => {
    const line = 'user,2026-01-05 10:00:00,some text that is different in every row: ';
    const lines = Array.from({ length: 700_000 }, (_, i) => line + i);
    globalThis.large = new Blob([`user,time,note\n${lines.join('\n')}\n`]);
  });
  const round = () =>
    page.evaluate(async () => {
      const { analyzer, large } = globalThis;
      await analyzer.ingest(large);
      const full = await analyzer.memoryBytes();
      await analyzer.close();
      return [full, await analyzer.memoryBytes()];
    });
  const sizes = [];
  for (let n = 0; n < 8; n += 1) {
    const [full, closed] = await round();
    assert.ok(full > 64 << 20 && closed < 16 << 20, `${full} ${closed}`);
    sizes.push(await rssMb());
  }
  // Each table is over 100 MB: eight kept would be seen.
  assert.ok(sizes.at(-1) < sizes[2] + 150, `MB after each: ${sizes.map(Math.round).join(' ')}`);
});

test('the sealed page unpacks what is dropped on it', async () => {
  const dist = await serve();
  try {
    const { page: sealed, problems } = await open(site.browser, dist.url);
    await drop(sealed, 'work.csv.gz', gz);
    await results(sealed, 'work.csv');
    await drop(sealed, 'work.zip', zipOf([{ name: 'work.csv', content: text }]));
    await results(sealed, 'work.zip');
    assert.deepEqual(problems, [], 'console errors, policy violations among them');
    await sealed.context().close();
  } finally {
    dist.close();
  }
});

test('an archive that unpacks to more than logs do is refused, and read all the same when it is trusted', async () => {
  // What follows the rows are empty lines.
  const bomb = gzipSync(Buffer.concat([Buffer.from(`${text}\n`), Buffer.alloc(260 << 20, '\n')]));
  const dist = await serve();
  try {
    const { page: sealed } = await open(site.browser, dist.url);
    await drop(sealed, 'dense.csv.gz', bomb);
    const notice = problem(sealed);
    await notice.getByText('dense.csv.gz could not be read').waitFor({ timeout: 60_000 });
    assert.doesNotMatch(await notice.innerText(), /maxExpansion/, 'no word of the module');
    await notice.getByRole('button', { name: 'Read it all the same' }).click();
    await sealed.locator('#headline', { hasText: 'of 60 users' }).waitFor({ timeout: 60_000 });
    assert.equal(await notice.count(), 0);
    await sealed.context().close();
  } finally {
    dist.close();
  }
});
