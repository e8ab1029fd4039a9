// By keyboard alone, on narrow and wide screens, in light and dark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drop, log, open, results, share, tab } from './support.mjs';

const site = share();

/** Presses Tab until what has the focus fits, and says what it is. */
async function tabTo(page, fits, limit = 80) {
  for (let i = 0; i < limit; i += 1) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(
      () => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText,
    );
    if (fits.test(name)) return name;
  }
  throw new Error(`Tab never reaches ${fits}`);
}

test('from the start page to a user’s details without a mouse', async () => {
  const { page, problems } = await open(site.browser, site.server.url);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Skip to the content');
  await tabTo(page, /^Choose files$/);
  await tabTo(page, /^Analyse Office activity$/);
  await page.keyboard.press('Enter');
  await results(page, 'office-activity');
  await tabTo(page, /^Find a flagged user$/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  const chosen = await page.evaluate(() => document.activeElement.querySelector('.ranked-name').textContent);
  await page.keyboard.press('Enter');
  await page.locator('.detail h2', { hasText: chosen }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-current')), 'true');
  await tabTo(page, /^Action$/);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-pressed')), 'true');
  assert.deepEqual(problems, []);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [390, 768, 1440, 2560]) {
    test(`${width} pixels, ${colorScheme}: nothing scrolls sideways`, async () => {
      const { page } = await open(site.browser, site.server.url, { colorScheme, viewport: { width, height: 900 } });
      const overflow = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(await overflow(), 0, 'start page');
      await drop(
        page,
        `a-rather-long-file-name-${'x'.repeat(60)}.csv`,
        log({ nUsers: 20, odd: { 3: 'n'.repeat(120) } }),
      );
      await results(page, 'a-rather-long');
      for (const fold of await page.locator('main details.fold > summary').all()) await fold.click();
      assert.equal(await overflow(), 0, 'results');
      for (const name of ['Explore', 'How it was read', 'What was odd']) {
        await tab(page, name);
        if (name === 'Explore') await page.locator('.correlated').waitFor();
        for (const fold of await page.locator('#data details.fold > summary').all()) await fold.click();
        assert.equal(await overflow(), 0, name);
      }
      await page.context().close();
    });
  }
}

test('every control has a name, every picture a description, and ids are unique', async () => {
  const { page } = await open(site.browser, site.server.url);
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  for (const chart of await page.locator('.chart').all()) {
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').first().waitFor();
  }
  const flaws = () => page.evaluate(() => {
    const nameOf = (element) =>
      element.getAttribute('aria-label') || element.labels?.[0]?.textContent.trim() || element.textContent.trim();
    const nameless = [...document.querySelectorAll('button, input, select, textarea, summary, a, [role=img]')]
      .filter((element) => !nameOf(element))
      .map((element) => element.outerHTML.slice(0, 120));
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    return { nameless, repeated: ids.filter((id, i) => ids.indexOf(id) !== i) };
  });
  assert.deepEqual(await flaws(), { nameless: [], repeated: [] }, 'Settings');
  for (const name of ['Explore', 'How it was read', 'What was odd']) {
    await tab(page, name);
    if (name === 'Explore') await page.locator('.correlated').waitFor();
    assert.deepEqual(await flaws(), { nameless: [], repeated: [] }, name);
  }
  await page.context().close();
});
