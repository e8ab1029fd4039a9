// What is measured and what a user makes of it: recipes, features switched off, formulas, rules, what is new.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { drop, log, onPage, results } from './support.mjs';

const pending = (page) => page.locator('.pending');
const headline = (page) => page.locator('#headline').innerText();
const again = async (page) => {
  await pending(page).getByRole('button', { name: 'Analyse again' }).click();
  await pending(page).waitFor({ state: 'detached' });
  await page.locator('.progress-card').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.problem').count(), 0);
};
const recipe = (page, name) =>
  page.locator('.recipe', { has: page.getByText(name, { exact: true }) }).locator('input').check();
const logins = async (page) => {
  await page.getByRole('button', { name: 'Analyse Logins' }).click();
  await results(page, 'logins');
  await page.locator('.feature-line').nth(7).waitFor();
  // Until distributions are there, the order is another one.
  await page.locator('.feature-line .spark').nth(7).waitFor();
};

for (const [name, choose, expected, feature] of [
  ['Users over time', undefined, /^\d+ of 500 users had strange days: [\d,]+ of [\d,]+$/, 'inactivity_hours'],
  ['Users over time', ['One row per user and', 'hour'], / had strange hours: /, 'night_activity_ratio'],
  ['Users over time', ['One row per user and', 'week'], / had strange weeks: /, 'inactivity_hours'],
  ['Logins', undefined, / of 500 users stand out$/, 'avg_time_between_logins'],
  ['Logins', [/^One row per/, 'login'], / had strange logins: /, 'login_ratio'],
  ['Records', undefined, / of [\d,]+ records stand out$/, 'country'],
]) {
  const what = choose ? `${name}, one row per ${choose[1]}` : name;
  onPage(`the recipe “${what}” is chosen, and the words are its own`, async (page) => {
    await logins(page);
    await recipe(page, name);
    if (choose) await page.locator('.field', { hasText: choose[0] }).locator('select').selectOption(choose[1]);
    await again(page);
    await isShown(page, expected, feature);
    if (name !== 'Logins' || choose) return;
    // And back to what the log is compared by unasked.
    await recipe(page, 'Users');
    await again(page);
    await isShown(page, expected, 'busiest_hour_events');
  });
}

/** The headline is so, a feature of the recipe is listed, and a row can be looked at. */
async function isShown(page, expected, feature) {
  await page.waitForFunction((text) => new RegExp(text).test(document.querySelector('#headline')?.textContent), expected.source);
  await page.locator('.feature-formula code', { hasText: new RegExp(`^${feature}$`) }).waitFor();
  await page.locator('.ranked').first().click();
  // Charts are drawn once they are near the screen.
  const chart = page.locator('.chart-contributions').first();
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').waitFor();
}

onPage('a rule added after another comparison was chosen and taken back stands beside those suggested', async (page) => {
  await logins(page);
  await recipe(page, 'Logins');
  await again(page);
  const rules = page.locator('.rule');
  // Sections are made in turns.
  await rules.nth(2).waitFor();
  const nSuggested = await rules.count();
  await recipe(page, 'Users');
  await recipe(page, 'Logins');
  assert.equal(await pending(page).count(), 0, 'back to what is shown');
  await page.locator('.rules').getByRole('button', { name: 'Add a rule' }).click();
  assert.equal(await rules.count(), nSuggested + 1);
});

onPage('missing values of one feature become the number that is typed', async (page) => {
  await logins(page);
  await page.getByText('Preparation of this feature').click();
  const own = page.locator('.feature-about .parameters');
  await own.getByLabel('Missing values').selectOption('constant');
  const value = own.getByLabel('The value');
  await value.fill('2.5');
  await again(page);
  await page.getByText('Preparation of this feature').click();
  assert.equal(await value.inputValue(), '2.5');
});

onPage('sessions are compared with sessions', async (page) => {
  await page.getByRole('button', { name: 'Analyse Web sessions' }).click();
  await results(page, 'web-sessions');
  await recipe(page, 'Sessions');
  await again(page);
  await page.locator('#headline', { hasText: 'strange sessions' }).waitFor();
  assert.match(await page.locator('.ranked-days').first().innerText(), /^[\d,]+ of [\d,]+ sessions?$/);
});

onPage('a feature is switched off and on again', async (page) => {
  await logins(page);
  const line = page.locator('.feature-line').first();
  const name = await line.locator('.feature-meaning').innerText();
  const use = page.getByRole('switch', { name: `Use ${name}`, exact: true });
  await use.uncheck();
  assert.equal(await pending(page).locator('p').innerText(), 'Not analysed yet: 1 feature switched');
  await again(page);
  await page.locator('#features .hint', { hasText: /^(\d+) of \d+ in use/ }).waitFor();
  const [, used, all] = (await page.locator('#features > .section-head .hint').innerText()).match(/^(\d+) of (\d+) in use/);
  assert.equal(Number(used), Number(all) - 1);
  await page.getByLabel('Which features').selectOption('switched off');
  await page.locator('.feature-line').first().waitFor();
  assert.equal(await page.locator('.feature-line').count(), 1);
  assert.equal(await page.locator('.feature-line .feature-meaning').innerText(), name, 'what is off is still shown');
  await use.check();
  await pending(page).getByRole('button', { name: 'Undo' }).click();
  await pending(page).waitFor({ state: 'detached' });
  assert.equal(await use.isChecked(), false);
});

onPage('the list is searched, sorted, walked by keys; one feature is looked at closely', async (page) => {
  await logins(page);
  await page.locator('.feature-line').nth(1).waitFor();
  await page.getByLabel('Find a feature').fill('different');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.feature-line')].every((line) => /different/.test(line.textContent)),
  );
  assert.ok((await page.locator('.feature-line').count()) >= 2);
  await page.getByLabel('Order of features').selectOption('by name');
  const names = await page.locator('.feature-meaning').allInnerTexts();
  assert.deepEqual(names, names.toSorted());
  await page.locator('.feature-open').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('#feature h3', { hasText: names[1] }).waitFor();
  await page.locator('.chart-feature canvas').first().waitFor();
  await page.waitForFunction((name) => document.querySelector('.chart-feature').ariaLabel.startsWith(name), names[1]);
  await page.getByText('a map of all pairs').click();
  const map = page.locator('#features .chart-correlation');
  await map.scrollIntoViewIfNeeded();
  await map.locator('canvas').first().waitFor();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Feature matrix (CSV)' }).click(),
  ]);
  assert.equal((await readFile(await file.path(), 'utf8')).trim().split('\n').length, 501);
});

onPage('an own feature: the mistake is shown at its place, then it is right, kept and measured', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await page.getByRole('button', { name: 'Add a feature' }).click();
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-describedby') === 'editor-name-hint');
  const editor = page.locator('.editor');
  await editor.getByLabel('Name').first().fill('copies');
  const formula = page.getByLabel('Formula', { exact: true });
  await formula.fill("share(action = 'copy') +");
  await editor.locator('.wrong', { hasText: 'Expected' }).waitFor();
  assert.equal(await editor.getByRole('button', { name: 'Keep it' }).isDisabled(), true);
  await formula.fill("share(actoin = 'copy')");
  await editor.locator('.mistake mark', { hasText: 'actoin' }).waitFor();
  await editor.getByRole('button', { name: 'Go to character 7' }).click();
  assert.deepEqual(await formula.evaluate((input) => [input.selectionStart, input.selectionEnd]), [6, 12]);
  await page.keyboard.type('act');
  await editor.getByRole('option', { name: /^action/ }).waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await formula.inputValue(), "share(action = 'copy')");
  await editor.locator('.previews strong').first().waitFor();
  await editor.getByLabel('What it is').fill('share of copies');
  await editor.getByRole('button', { name: 'Keep it' }).click();
  await page.locator('.own-list', { hasText: 'not analysed yet' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent.trim() === 'Add a feature');
  await again(page);
  await page.getByLabel('Which features').selectOption('of my own');
  const line = page.locator('.feature-line');
  await line.first().waitFor();
  assert.equal(await line.count(), 1);
  assert.match(await line.innerText(), /share of copies[\s\S]*own[\s\S]*copies = share\(action = 'copy'\)/);
  await page.getByRole('button', { name: 'Remove copies' }).click();
  await pending(page).locator('p', { hasText: 'own features' }).waitFor();
});

onPage('a rule is changed: its rows are counted at once, and what fired is among the reasons', async (page) => {
  await logins(page);
  await recipe(page, 'Logins');
  await again(page);
  const rule = page.locator('.rule', { has: page.locator('option:checked', { hasText: 'countr' }) }).first();
  await rule.scrollIntoViewIfNeeded();
  const held = async () => Number((await rule.locator('[role=status]').innerText()).match(/Holds for ([\d,]+)/)[1].replace(',', ''));
  await rule.locator('[role=status]', { hasText: 'Holds for' }).waitFor();
  const before = await held();
  await rule.getByLabel('is above').fill('0');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.rule [role=status]')].some((status) => status.textContent.startsWith('Holds for 500 users')),
  );
  assert.ok((await held()) > before);
  await rule.getByLabel('it gives points').fill('-1');
  await page.getByText('A number from 0.01').waitFor();
  assert.equal(await pending(page).getByRole('button', { name: 'Analyse again' }).isDisabled(), true);
  await rule.getByLabel('it gives points').fill('2');
  await again(page);
  await page.locator('.fired li', { hasText: 'countr' }).first().waitFor();
});

onPage('a value that cannot be used says so beside its field, and Undo takes it back', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await page.getByText('The detector’s own parameters').click();
  const trees = page.getByRole('spinbutton', { name: /^Trees/ });
  await trees.fill('0');
  await page.getByText('A whole number from 1 to 10,000').waitFor();
  assert.equal(await trees.getAttribute('aria-invalid'), 'true');
  await pending(page).getByRole('button', { name: 'Undo' }).click();
  assert.equal(await trees.inputValue(), '200');
  await page.getByLabel('Night from').selectOption('22');
  await page.getByText('8 hours by the clock shown').waitFor();
  await again(page);
  assert.equal(await page.getByLabel('Night from').inputValue(), '22');
});
