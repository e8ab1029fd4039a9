// Why scores are what they are over all rows, and what would make one of them normal.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { onPage, ranked, results } from './support.mjs';

/** Analyses a sample and brings the section into sight, as scrolling does. */
async function lookAtAll(page) {
  await page.getByRole('button', { name: 'Analyse Office activity' }).click();
  await results(page, 'office-activity');
  await page.locator('#why').scrollIntoViewIfNeeded();
  await page.locator('.chart-beeswarm canvas').waitFor();
  await page.locator('.chart-weights canvas').waitFor();
}
const nFlagged = async (page) => Number((await page.locator('#headline').innerText()).match(/^\d+/)[0]);

onPage('what drives the scores is drawn, listed and saved once it comes into sight', async (page) => {
  await lookAtAll(page);
  const n = await nFlagged(page);
  await page.locator('#why [role=status]', { hasText: `All 500 users, and ${n} flagged.` }).waitFor();
  for (const [kind, words] of [
    ['weights', /Flagged rows: [\d.]+, All rows: [\d.]+/],
    ['beeswarm', /the scores of 500 rows/],
  ]) {
    await page.waitForFunction(
      ([name, source]) => new RegExp(source).test(document.querySelector(`.chart-${name}`).getAttribute('aria-label')),
      [kind, words.source],
    );
    const button = page.locator(`.chart-panel-${kind}`).getByRole('button', { name: 'SVG' });
    const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
    assert.match(await readFile(await file.path(), 'utf8'), kind === 'weights' ? /Flagged rows/ : /high value/);
  }
  await page.getByText('All features’ weights as numbers').first().click();
  const cells = page.locator('#why tbody td:nth-child(2)');
  await cells.first().waitFor();
  const weights = (await cells.allInnerTexts()).map(Number);
  assert.ok(weights[0] > 0 && weights.length > 5, weights.join());
  assert.deepEqual(
    weights,
    [...weights].sort((a, b) => b - a),
    'the heaviest first',
  );
});

onPage('a dot is reached and opened by the keyboard', async (page) => {
  await lookAtAll(page);
  const chart = page.locator('.chart-beeswarm');
  await chart.focus();
  const said = page.locator('#why .unseen[role=status]');
  await page.keyboard.press('ArrowDown');
  const first = await said.innerText();
  assert.match(first, /[+−][\d.]+/);
  await page.keyboard.press('ArrowDown');
  const second = await said.innerText();
  assert.notEqual(second, first);
  await page.keyboard.press('ArrowLeft');
  const third = await said.innerText();
  // The next to the left adds less, or as much.
  const share = (words) => Number(words.match(/: ([+−]\d+(?:\.\d+)?)/)[1].replace('−', '-'));
  assert.ok(share(third) <= share(second), `${third} after ${second}`);
  await page.keyboard.press('Enter');
  await page.locator('.detail h2', { hasText: third.split('. ')[0] }).waitFor();
});

onPage('a dot is opened by the pointer', async (page) => {
  await lookAtAll(page);
  const chart = page.locator('.chart-beeswarm');
  const said = page.locator('#why .unseen[role=status]');
  const box = await chart.boundingBox();
  // Along the middle of the first row, until there is a dot.
  const nRows = await page.evaluate(
    () => document.querySelector('.chart-beeswarm').getAttribute('aria-label').split(';').length,
  );
  const y = box.y + 30 + (box.height - 74) / nRows / 2;
  let words = '';
  for (let x = box.x + box.width - 20; x > box.x && !words; x -= 6) {
    await page.mouse.move(x, y);
    words = await said.innerText();
  }
  assert.notEqual(words, '', 'the pointer meets no dot');
  await page.mouse.down();
  await page.mouse.up();
  await page.locator('.detail h2', { hasText: words.split('. ')[0] }).waitFor();
});

onPage('another threshold asks for another look', async (page) => {
  await lookAtAll(page);
  const before = await nFlagged(page);
  const slider = page.getByLabel('Threshold', { exact: true });
  await slider.focus();
  for (let i = 0; i < 25; i += 1) await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((old) => parseInt(document.querySelector('#headline').textContent, 10) > old, before);
  await page.waitForFunction(() => {
    const n = parseInt(document.querySelector('#headline').textContent, 10);
    return document.querySelector('#why [role=status]').textContent.includes(` and ${n} flagged`);
  });
});

onPage('what would make a flagged row normal, and all it is compared with', async (page) => {
  await page.getByRole('button', { name: 'Analyse Web sessions' }).click();
  await results(page, 'web-sessions');
  await ranked(page).first().click();
  const change = page.getByRole('region', { name: 'What would make it normal' });
  await change.waitFor();
  assert.ok((await change.locator('li').count()) > 0);
  assert.match(await change.locator('li').first().innerText(), /→[\s\S]*(at most|at least|another)|[\s\S]*another one/);
  const [, score, threshold] = (await change.innerText()).match(/would be (\d+\.\d+) then, not above the threshold of (\d+\.\d+)/);
  assert.ok(Number(score) <= Number(threshold));

  await page.locator('.detail').getByText('All features as numbers').click();
  const titles = page.locator('.detail thead th');
  await titles.first().waitFor();
  assert.deepEqual((await titles.allInnerTexts()).slice(0, 3), ['Feature', 'Here', 'Typical']);
});
