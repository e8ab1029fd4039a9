// Published logs dropped on the page: results without another click, and nothing wrong in the console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HEADS, WHOLE, missing } from '../js/published_logs.mjs';
import { open, ranked, results, share } from './support.mjs';

const site = share();

async function choose({ url, name, rows, isDull = false }) {
  const { page, problems } = await open(site.browser, site.server.url);
  try {
    await page.locator('input[type=file]').first().setInputFiles(fileURLToPath(url));
    await results(page, name.split('/').pop());
    assert.match(await page.locator('.facts').innerText(), new RegExp(`${rows.toLocaleString('en')} rows`));
    assert.equal((await ranked(page).count()) === 0, isDull, 'somebody is ranked, unless there is nothing to rank by');
    if (!isDull) assert.ok((await ranked(page).first().locator('.ranked-why').innerText()).length > 20, 'with a reason');
    assert.deepEqual(problems, []);
  } finally {
    await page.context().close();
  }
}

for (const log of HEADS) {
  test(`the head of ${log.name}`, () => choose(log));
}
for (const log of WHOLE) {
  test(`the whole of ${log.name}`, { skip: missing }, () => choose(log));
}
