// The page as its users meet it: drop a log, read who behaved strangely, change what was guessed, take files away.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { drop, log, open, problem, ranked, results, share } from './support.mjs';

const site = share();
let page;
let problems;

beforeEach(async () => {
  ({ page, problems } = await open(site.browser, site.server.url));
});
afterEach(async () => {
  await page.context().close();
});

const headline = () => page.locator('#headline').innerText();
const sample = (title) => page.getByRole('button', { name: `Analyse ${title}` }).click();
const noProblems = () => assert.deepEqual(problems, [], 'console errors, policy violations among them');

test('a dropped log gives a ranked list with reasons, and no further click', async () => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  assert.match(await headline(), /of 40 users stand out/);
  const first = ranked(page).first();
  assert.match(await first.innerText(), /user7/);
  assert.ok((await first.locator('.ranked-why').innerText()).length > 20, 'a sentence says why');
  await page.locator('.detail h2', { hasText: 'user7' }).waitFor();
  assert.match(await page.locator('.facts').innerText(), /4,800 rows/);
  await page.locator('.chart-contributions canvas').waitFor();
  noProblems();
});

for (const [title, file] of [
  ['Office activity', 'office-activity'],
  ['Web sessions', 'web-sessions'],
  ['Logins', 'logins'],
]) {
  test(`the sample “${title}” finds most of what was planted`, async () => {
    await sample(title);
    await results(page, file);
    const [, found, planted] = (await page.locator('.planted').innerText()).match(/([\d,]+) of ([\d,]+) planted/);
    assert.ok(Number(found) >= Number(planted) / 2, `${found} of ${planted}`);
    noProblems();
  });
}

test('every chart draws, in both themes, without breaking the policy', async () => {
  await sample('Web sessions');
  await results(page, 'web-sessions');
  for (const kind of ['timeline', 'contributions', 'range', 'density', 'scores', 'feature', 'roc', 'coefficients']) {
    const chart = page.locator(`.chart-${kind}`).first();
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').first().waitFor();
    await page.waitForFunction(
      (name) => document.querySelector(`.chart-${name}`).getAttribute('aria-label')?.length > 20,
      kind,
    );
  }
  await page.getByRole('button', { name: 'Use dark colours' }).click();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  noProblems();
});

test('a changed role, analysed again, gives other results', async () => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  assert.equal(await page.locator('#role-entity').inputValue(), 'user');
  await page.locator('#role-entity').selectOption('action');
  await page.getByText('Not analysed yet').waitFor();
  await page.getByRole('button', { name: 'Analyse again' }).click();
  await page.locator('#headline', { hasText: 'of 4 users' }).waitFor();
  noProblems();
});

test('a lower expected share flags fewer when analysed again', async () => {
  await sample('Office activity');
  await results(page, 'office-activity');
  const before = await headline();
  await page.getByLabel('Expected share, %').fill('1');
  await page.getByLabel('Expected share, %').press('Tab');
  await page.getByRole('button', { name: 'Analyse again' }).click();
  await page.waitForFunction((old) => document.querySelector('#headline')?.textContent !== old, before);
  assert.match(await headline(), /^5 of 500/);
});

test('the threshold is moved by slider and by dragging the line; counts, list and headline follow', async () => {
  await sample('Office activity');
  await results(page, 'office-activity');
  const count = async () => Number((await headline()).match(/^([\d,]+|Nobody)/)[1].replace('Nobody', '0'));
  const before = await count();
  const slider = page.getByLabel('Threshold', { exact: true });
  await slider.focus();
  for (let i = 0; i < 25; i += 1) await page.keyboard.press('ArrowLeft');
  // The figure beside the slider is at once that of the last step; the headline comes after.
  await page.waitForFunction((old) => {
    const number = (selector) => Number(document.querySelector(selector).textContent.match(/^\d+/)?.[0] ?? 0);
    return number('#headline') > old && number('#headline') === number('.threshold output');
  }, before);
  const more = await count();
  const counts = await page.locator('.severity-counts li').allInnerTexts();
  assert.equal(
    counts.reduce((sum, text) => sum + parseInt(text.trim(), 10), 0),
    more,
  );

  const chart = page.locator('.chart-scores');
  const drag = async () => {
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').waitFor();
    const box = await chart.boundingBox();
    const share = await slider.evaluate((input) => (input.value - input.min) / (input.max - input.min));
    // Margins of the chart, as its grid has them.
    const x = box.x + 52 + share * (box.width - 72);
    await page.mouse.move(x, box.y + 120);
    await page.mouse.down();
    for (let step = 1; step <= 5; step += 1) await page.mouse.move(x + step * 40, box.y + 120);
    await page.mouse.up();
    const isLess = (old) => Number(document.querySelector('#headline').textContent.match(/^\d+/)) < old;
    return page.waitForFunction(isLess, more, { timeout: 3_000 }).then(() => true, () => false);
  };
  // The list above grows in turns, and may move the chart away meanwhile.
  let isDragged = false;
  for (let attempt = 0; attempt < 4 && !isDragged; attempt += 1) isDragged = await drag();
  assert.ok(isDragged, 'the line was dragged');
  noProblems();
});

test('cancel ends reading and leaves the page as it was', async () => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  const before = await headline();
  // On the page, as soon as it can be: reading may be over before a click from here has arrived.
  const cancelled = page.evaluate(
    () =>
      new Promise((done) => {
        const observer = new MutationObserver(() => {
          const buttons = [...document.querySelectorAll('.progress-card button')];
          const cancel = buttons.find((button) => button.textContent.includes('Cancel'));
          if (!cancel) return;
          observer.disconnect();
          cancel.click();
          done();
        });
        observer.observe(document.body, { childList: true, subtree: true });
      }),
  );
  await drop(page, 'large.csv', log({ nUsers: 3_000 }));
  await cancelled;
  await page.locator('.progress-card').waitFor({ state: 'detached' });
  assert.equal(await problem(page).count(), 0);
  assert.equal(await headline(), before);
});

test('a second file dropped during the first takes its place', async () => {
  await drop(page, 'first.csv', log({ nUsers: 3_000 }));
  await drop(page, 'second.csv', log({ nUsers: 20 }));
  await results(page, 'second.csv');
  assert.match(await headline(), /of 20 users/);
  assert.equal(await problem(page).count(), 0);
});

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
for (const [what, name, content, expected] of [
  ['an empty file', 'empty.csv', '', /empty/i],
  ['only a header', 'header.csv', 'user,time,action\n', /header/i],
  ['a picture', 'picture.png', PNG, /^picture\.png could not be read\s+This is a PNG picture/],
]) {
  test(`${what} is explained, and the earlier results stay`, async () => {
    await drop(page, 'work.csv', log());
    await results(page, 'work.csv');
    await drop(page, name, content);
    await problem(page).waitFor();
    assert.match(await problem(page).innerText(), expected);
    assert.ok(await ranked(page).first().isVisible());
    await drop(page, 'again.csv', log({ nUsers: 20 }));
    await results(page, 'again.csv');
    assert.equal(await problem(page).count(), 0);
    noProblems();
  });
}

for (const [what, content, expected] of [
  ['one column', 'user\nanna\nben\n', /time/i],
  ['no time column', 'user,action\nanna,read\nben,open\nanna,read\n', /time/i],
]) {
  test(`a file with ${what} is explained, its columns can be chosen, and the page goes on`, async () => {
    await drop(page, 'odd.csv', content);
    await problem(page).waitFor();
    assert.match(await problem(page).innerText(), expected);
    await page.locator('#role-time').waitFor();
    assert.match(await page.locator('.pending').innerText(), /^Not analysed yet\. Say above/);
    await drop(page, 'work.csv', log());
    await results(page, 'work.csv');
    noProblems();
  });
}

test('a reason is copied for a ticket, and the rows behind it are one press away', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await page.locator('.detail h2', { hasText: 'user7' }).waitFor();
  await page.getByRole('button', { name: 'Copy for a ticket' }).click();
  await page.getByText('Copied: who, why').waitFor();
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
  assert.match(copied[0], /^user7: (Low|Medium|High), score \d\.\d{3} \(flags begin above \d\.\d{3}\)$/);
  assert.equal(copied[1], await page.locator('.sentence').innerText());
  assert.match(copied.at(-1), /^work\.csv, 4,800 rows; recipe activity, detector iforest, seed \d+; Isoscope /);
  await page.getByRole('button', { name: 'Read its rows' }).click();
  const rows = page.getByRole('region', { name: 'Rows of the file' });
  await rows.locator('tbody tr').first().waitFor();
  assert.match(await rows.locator('tbody tr').first().innerText(), /user7/);
  noProblems();
});

test('names that are markup or formulas are shown as they are', async () => {
  const script = '<script>document.title=1</script>';
  const formula = '=HYPERLINK(1)';
  await drop(page, 'names.csv', log({ odd: { 3: script, 7: formula } }));
  await results(page, 'names.csv');
  const names = await page.locator('.ranked-name').allInnerTexts();
  assert.ok(names.includes(script) && names.includes(formula), names.join());
  assert.equal(await page.locator('main script').count(), 0);
  assert.equal(await page.title(), 'Isoscope');

  await page.getByText('Download', { exact: true }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByText('Results (CSV)').click()]);
  const text = await readFile(await file.path(), 'utf8');
  assert.ok(!/(^|\n)"?=HYPERLINK/.test(text), 'a spreadsheet would run it');
  assert.ok(text.includes('=HYPERLINK(1)'));
  noProblems();
});

test('every download has what its name says', async () => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  const save = async (label) => {
    if (!(await page.getByText(label, { exact: true }).isVisible()))
      await page.getByText('Download', { exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByText(label, { exact: true }).click()]);
    return readFile(await file.path());
  };
  assert.equal((await save('Results (CSV)')).toString().trim().split('\n').length, 41);
  assert.match((await save('Balanced users (CSV)')).toString().split('\n')[0], /label/);
  assert.equal((await save('Features (CSV)')).toString().trim().split('\n').length, 41);
  assert.equal(JSON.parse((await save('Everything (JSON)')).toString()).plan.recipe, 'activity');
  assert.ok((await save('This Isolation Forest (ONNX)')).includes('TreeEnsembleRegressor'));

  const picture = async (format) => {
    const button = page.locator('.chart-panel-scores').getByRole('button', { name: format });
    const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
    return readFile(await file.path());
  };
  assert.equal((await picture('PNG')).subarray(1, 4).toString(), 'PNG');
  assert.match((await picture('SVG')).toString(), /^<svg[^>]*>[\s\S]*flagged above/);
  noProblems();
});

test('zooming the activity asks for finer bins', async () => {
  await sample('Office activity');
  await results(page, 'office-activity');
  const panel = page.locator('.density').first();
  await panel.scrollIntoViewIfNeeded();
  await panel.locator('canvas').waitFor();
  const events = async () =>
    Number((await panel.locator('figcaption .hint').innerText()).split(' ')[0].replaceAll(',', ''));
  const all = await events();
  await panel.locator('.chart').focus();
  await page.keyboard.press('+');
  await page.waitForFunction(
    (old) => !document.querySelector('.density .hint').textContent.startsWith(old),
    all.toLocaleString('en'),
  );
  assert.ok((await events()) < all);
  await panel.getByRole('button', { name: 'All' }).click();
  await page.waitForFunction(
    (old) => document.querySelector('.density .hint').textContent.startsWith(old),
    all.toLocaleString('en'),
  );
  noProblems();
});

test('a log of days alone is never said to have happened at midnight', async () => {
  const days = log().replace(/(\d{4}-\d\d-\d\d) \d\d:\d\d:00/g, '$1');
  await drop(page, 'days.csv', days);
  await results(page, 'days.csv');
  const panel = page.locator('.density').first();
  const chart = panel.locator('.chart');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').waitFor();
  const box = await chart.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 30);
  const readout = panel.locator('.readout', { hasText: /2026-01-\d\d/ });
  await readout.waitFor();
  assert.doesNotMatch(await readout.innerText(), /\d\d:\d\d/);
  noProblems();
});

test('pasted rows are analysed', async () => {
  await page.getByText('Type or paste rows into a box').click();
  await page.getByLabel('Rows, the first one naming the columns').fill(log({ nUsers: 8 }));
  await page.getByRole('button', { name: 'Analyse these rows' }).click();
  await results(page, 'pasted rows');
  assert.match(await headline(), /of 8 users/);
});
