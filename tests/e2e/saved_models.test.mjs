// A model in a file: saved, loaded into another page, applied to a file and to one record; and files that are none.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { drop, dropFiles, log, onPage, open, problem, ranked, results, share } from './support.mjs';

const section = (page) => page.locator('#model');
const names = async (page) => (await page.locator('.ranked-name').allInnerTexts()).map((name) => name.trim());

/** Saves the model by a button and gives its bytes. */
async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
}

/** The model of a log with odd users, as the menu saves it. */
async function modelOf(page, name = 'work.csv', content = log()) {
  await drop(page, name, content);
  await results(page, name);
  return saved(page, async () => {
    await page.locator('.downloads > summary').click();
    await page.getByRole('button', { name: 'Save this model' }).first().click();
  });
}

/** A table of employees, one of whom is paid like no other. */
const employees = [
  'name,team,years,salary',
  ...Array.from({ length: 80 }, (_, i) => {
    const salary = i === 41 ? 25_000 : 2500 + ((i * 7) % 20) * 150 + ((i * 37) % 100);
    return `employee ${i},${['Sales', 'Research', 'Finance'][i % 3]},${(i * 7) % 20},${salary}`;
  }),
].join('\n');

const site = share();
test('a model is saved, loaded into a fresh page, and flags the same in the same file', async () => {
  const first = await open(site.browser, site.server.url);
  const model = await modelOf(first.page);
  assert.equal(model.name, 'work.isoscope');
  const flagged = await names(first.page);
  assert.ok(flagged.length > 0);
  await first.page.context().close();

  const { page, problems } = await open(site.browser, site.server.url);
  // Its first bytes tell what it is, not its name.
  await drop(page, 'download.bin', model.content);
  await section(page).getByText('download.bin').waitFor();
  assert.match(await section(page).innerText(), /Fitted to 40 users, made of 4,800 records/);
  await page.getByLabel('Files to score').setInputFiles({ name: 'again.csv', mimeType: 'text/csv', buffer: Buffer.from(log()) });
  await results(page, 'again.csv');
  assert.deepEqual(await names(page), flagged);
  assert.match(await page.locator('.scored-by').innerText(), /Scored by the saved model download\.bin/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    (async () => {
      await page.locator('.downloads > summary').click();
      await page.getByRole('button', { name: 'Results (CSV)' }).click();
    })(),
  ]);
  const csv = await readFile(await download.path(), 'utf8');
  assert.match(csv.split('\n')[0], /score.*flag.*severity.*probability.*confidence.*percentile/);

  // It stays while the file goes, until it is forgotten.
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByText('Drop log files or a folder here').waitFor();
  await section(page).getByText('download.bin').waitFor();
  await section(page).getByRole('button', { name: 'Forget the model' }).click();
  await section(page).waitFor({ state: 'detached' });
  assert.deepEqual(problems, [], 'console errors, policy violations among them');
  await page.context().close();
});

onPage('a model and a log dropped together: the one scores the other', async (page) => {
  const model = await modelOf(page);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await dropFiles(page, [model, { name: 'later.csv', content: log({ nUsers: 12, odd: { 3: 'user3' } }) }]);
  await results(page, 'later.csv');
  await page.locator('.scored-by').waitFor();
  assert.match(await ranked(page).first().innerText(), /user3/);
});

onPage('one record is scored through the form, by the model in hand and by a loaded one', async (page) => {
  const model = await modelOf(page, 'staff.csv', employees);
  const form = section(page).locator('form.record');
  const verdict = section(page).locator('.record-verdict');
  await section(page).getByText('Try one record').click();
  await form.getByLabel('salary').fill('much');
  await form.getByRole('button', { name: 'Score this record' }).click();
  await form.getByText('A number, such as').waitFor();
  assert.equal(await form.getByLabel('salary').getAttribute('aria-invalid'), 'true');
  await form.getByRole('button', { name: 'Fill in an example' }).click();
  await form.getByLabel('salary').fill('90000');
  await form.getByText('Outside the range').waitFor();
  await form.getByLabel('salary').press('Enter');
  await verdict.getByRole('heading', { name: 'Flagged', exact: true }).waitFor();
  const own = await verdict.locator('.detail-score').innerText();
  assert.match(own, /0\.\d{3} above the threshold of 0\.\d{3}/);
  assert.match(await verdict.locator('.sentence').innerText(), /salary/);
  await verdict.locator('.chart-contributions canvas').waitFor();

  await page.reload();
  await drop(page, model.name, model.content);
  await form.getByRole('button', { name: 'Fill in an example' }).click();
  await form.getByLabel('salary').fill('90000');
  await form.getByRole('button', { name: 'Score this record' }).click();
  await verdict.getByRole('heading', { name: 'Flagged', exact: true }).waitFor();
  assert.equal(await verdict.locator('.detail-score').innerText(), own);
});

onPage('a record with a value never seen, or with nothing in it, is told so first, and is no sure verdict', async (page) => {
  await drop(page, 'staff.csv', employees);
  await results(page, 'staff.csv');
  const form = section(page).locator('form.record');
  const verdict = section(page).locator('.record-verdict');
  const score = () => form.getByRole('button', { name: 'Score this record' }).click();
  await section(page).getByText('Try one record').click();
  await score();
  await verdict.getByRole('heading', { name: 'No verdict' }).waitFor();
  assert.match(await verdict.innerText(), /None of the 3 values that the model reads is there/);
  assert.equal(await verdict.locator('.verdict-figures').count(), 0, 'nothing was judged');
  await form.getByRole('button', { name: 'Fill in an example' }).click();
  await score();
  await verdict.getByRole('heading', { name: 'Not flagged' }).waitFor();
  assert.equal(await verdict.locator('.caution').count(), 0);
  const figures = await verdict.locator('.verdict-figures').innerText();
  assert.match(figures, /Probability\s+[\d.]+ %\s.*flags begin above [\d.]+ %/);
  assert.match(figures, /Percentile\s+.* %\s.*flags begin at .* %/);
  assert.match(figures, /Confidence\s+[>\d.]+ .*would not flag it either/s);
  await form.getByLabel('team').fill('Martian');
  await score();
  const caution = verdict.locator('.caution', { hasText: 'Team has the value "Martian", which the model has never seen' });
  await caution.waitFor();
  assert.doesNotMatch(await verdict.locator('.verdict-figures').innerText(), /Confidence/);
  assert.doesNotMatch(await verdict.locator('.sentence').innerText(), /Martian.*never seen/, 'said once');
  await verdict.locator('.chart-contributions canvas').waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForFunction(() => {
    const { scrollWidth, clientWidth } = document.querySelector('#model');
    return scrollWidth <= clientWidth && document.documentElement.scrollWidth <= 390;
  });
});

onPage('a model opened beside a log that could not be analysed is shown', async (page) => {
  const model = await modelOf(page);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await drop(page, 'one.csv', 'user,time,action\na,2026-01-01 08:00:00,read');
  await problem(page).getByText('one.csv could not be analysed').waitFor();
  await drop(page, model.name, model.content);
  await section(page).getByText(model.name).waitFor();
  await page.locator('.settings').waitFor();
  await section(page).getByText('Fitted to 40 users').waitFor();
});

onPage('a damaged, cut or foreign model and a file of other columns are refused, and nothing is lost', async (page) => {
  const model = await modelOf(page);
  const before = await names(page);
  const damaged = Buffer.from(model.content);
  damaged[damaged.length >> 1] ^= 1;
  for (const [name, content, words] of [
    ['damaged.isoscope', damaged, /damaged/],
    ['cut.isoscope', model.content.subarray(0, 500), /cut off/],
    ['foreign.isoscope', 'user,time,action\n', /no saved model/],
  ]) {
    await drop(page, name, content);
    await problem(page).getByText(`${name} could not be loaded as a model`).waitFor();
    assert.match(await problem(page).innerText(), words);
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  assert.deepEqual(await names(page), before);
  await dropFiles(page, [model, { name: 'staff.csv', content: employees }]);
  await problem(page).getByText('staff.csv could not be scored').waitFor();
  assert.match(await problem(page).innerText(), /needs other columns/);
  await page.locator('.header-file', { hasText: 'work.csv' }).waitFor();
  assert.deepEqual(await names(page), before);
});

onPage('a scored file says how sure the model is, what was learned, and opens rows that are not flagged too', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  const learning = page.getByRole('region', { name: 'A second opinion', exact: true });
  await learning.scrollIntoViewIfNeeded();
  const list = page.locator('.ranking');
  const who = list.getByRole('group', { name: 'Who is listed' });
  await who.getByRole('button', { name: 'All' }).click();
  // An analysis lists all too.
  const listed = (n) => page.waitForFunction((n) => document.querySelectorAll('.ranked').length === n, n);
  await listed(40);
  const form = page.getByRole('form', { name: 'Where flags begin' });
  await form.getByRole('combobox', { name: 'Or flag' }).selectOption('rows');
  await form.getByLabel('How many').fill('10');
  await form.getByRole('button', { name: 'Set threshold' }).click();
  await learning.locator('.model-facts', { hasText: 'learned the flags' }).waitFor();
  const model = await saved(page, async () => {
    await page.locator('.downloads > summary').click();
    await page.getByRole('button', { name: 'Save this model' }).first().click();
  });
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await dropFiles(page, [model, { name: 'later.csv', content: log({ nUsers: 12, odd: { 3: 'user3' } }) }]);
  await results(page, 'later.csv');
  assert.match(await ranked(page).first().innerText(), /Probability [^·]* % · learned: (ab)?normal, .* %/);
  await who.getByRole('button', { name: 'All' }).click();
  await listed(12);
  const scores = (await page.locator('.ranked-score').allInnerTexts()).map(Number);
  assert.deepEqual(scores, [...scores].sort((a, b) => b - a), 'the strangest first');
  await list.getByRole('searchbox').fill('user11');
  const last = ranked(page).first();
  await last.locator('.ranked-name', { hasText: 'user11' }).waitFor();
  await last.click();
  const detail = page.locator('#detail');
  await detail.getByRole('heading', { name: 'user11' }).waitFor();
  const said = await detail.getByRole('list', { name: 'What the saved model says of it' }).innerText();
  assert.match(said.replace(/\s+/g, ' '), /Probability ?.* % Percentile ?.* % Confidence ?.* %/);
  await detail.locator('.learned-reason').getByText('Logistic regression on the flags').waitFor();
  await detail.locator('.chart-contributions canvas').first().waitFor();
});
