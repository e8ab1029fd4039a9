// Several models together, thresholds by other ways than a line, a model that learns, and a search for parameters.
import assert from 'node:assert/strict';
import { drop, log, onPage, results, tab } from './support.mjs';

const section = (page, name) => page.getByRole('region', { name });
const again = async (page) => {
  const marker = await page.locator('#headline').elementHandle();
  await page.getByRole('button', { name: 'Analyse again' }).click();
  // New results have a headline of their own.
  await page.waitForFunction((old) => !old.isConnected && document.querySelector('#headline'), marker);
};

onPage('two detectors together: how far they agree, and how many flag a user', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  assert.equal(await page.getByText('Do the models agree?').count(), 0, 'one model agrees with nobody');
  await tab(page, 'Settings');
  await page.getByRole('button', { name: /^Recommended: .* together$/ }).click();
  const models = page.getByRole('group', { name: 'These models' });
  await models.getByText('Distance to neighbours').click();
  await models.getByText('HBOS, by histograms').click();
  assert.ok(await models.getByLabel('Isolation Forest').isDisabled(), 'two have to stay');
  await page.getByRole('combobox', { name: 'Combined by' }).selectOption('ranks');
  await page.locator('.pending', { hasText: 'detector' }).waitFor();
  await again(page);
  const agreeing = section(page, 'Do the models agree?');
  await agreeing.locator('table').nth(1).waitFor();
  const names = await agreeing.locator('table').first().locator('tbody th').allInnerTexts();
  assert.deepEqual(names, ['Isolation Forest', 'ECOD']);
  const cells = await agreeing.locator('table').first().locator('td').allInnerTexts();
  assert.deepEqual([cells[0], cells[3]], ['1.00', '1.00']);
  assert.equal(cells[1], cells[2], 'agreement has no direction');
  await page.locator('.ranked', { hasText: 'user7' }).getByText('2 of 2 models').waitFor();
  await page.locator('.detail .members', { hasText: '2 of 2 models flag it by themselves' }).waitFor();
});

onPage('a threshold by a number of rows says what appears, goes back, and goes into the plan', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  const form = page.getByRole('form', { name: 'Where flags begin' });
  await form.getByRole('combobox', { name: 'Or flag' }).selectOption('rows');
  await form.getByLabel('How many').fill('10');
  await form.getByRole('button', { name: 'Set threshold' }).click();
  await page.locator('#headline', { hasText: '10 of 40 users stand out' }).waitFor();
  await form.getByText(/\d+ users appeared/).waitFor();
  await form.getByRole('button', { name: 'Back to it' }).click();
  await page.locator('#headline', { hasText: '2 of 40 users stand out' }).waitFor();
  await form.getByLabel('How many').fill('1000');
  await form.getByRole('button', { name: 'Set threshold' }).click();
  await form.getByText('1,000 are wanted, and there are 40 users: all are flagged.').waitFor();
  await form.getByRole('combobox', { name: 'Or flag' }).selectOption('per-day');
  await form.getByRole('spinbutton', { name: 'A day' }).fill('2');
  await form.getByRole('button', { name: 'Set threshold' }).click();
  await form.getByText(/^2 a day would be 5\d, and there are 40 users: all are flagged\.$/).waitFor();
  await form.getByRole('combobox', { name: 'Or flag' }).selectOption('rows');
  await form.getByLabel('How many').fill('10');
  await form.getByRole('button', { name: 'Set threshold' }).click();
  await page.locator('#headline', { hasText: '10 of 40' }).waitFor();
  assert.equal(await form.getByText('all are flagged').count(), 0);
  await form.getByRole('button', { name: 'Keep in the plan' }).click();
  await page.locator('.pending', { hasText: 'threshold' }).waitFor();
  await again(page);
  await page.locator('#headline', { hasText: '10 of 40 users stand out' }).waitFor();
  await page.getByText('the strangest 10').waitFor();
});

onPage('a forest learns the flags and is tested on rows held out, part by part', async (page) => {
  await page.getByRole('button', { name: 'Analyse Office activity' }).click();
  await results(page, 'office-activity');
  const learning = section(page, 'A second opinion');
  await learning.scrollIntoViewIfNeeded();
  await learning.locator('.model-facts', { hasText: 'Logistic regression learned the flags' }).waitFor();
  await learning.getByRole('combobox', { name: 'With' }).selectOption('forest');
  await learning.getByRole('combobox', { name: 'From' }).selectOption('all');
  await learning.getByRole('combobox', { name: 'Held out' }).selectOption('5');
  await learning.getByRole('button', { name: 'Learn and test' }).click();
  await learning.locator('.model-facts', { hasText: /A random forest learned the flags .* in 5 turns/ }).waitFor();
  const area = learning.locator('.metrics div', { hasText: 'ROC AUC' });
  assert.ok(Number(await area.locator('dd').first().innerText()) > 0.7, 'flags can be learned');
  assert.match(await area.locator('.interval').innerText(), /^\d\.\d+ to \d\.\d+$/);
  for (const kind of ['roc', 'pr', 'calibration', 'importance']) {
    const chart = learning.locator(`.chart-${kind}`);
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').first().waitFor();
  }
  const press = learning.getByRole('button', { name: 'ONNX' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), press]);
  assert.equal(file.suggestedFilename(), 'isoscope-model.onnx');
  assert.equal(await learning.getByRole('button', { name: 'XGBoost (JSON)' }).count(), 0, 'a forest is none of its models');
  await learning.getByText('Part by part').click();
  assert.equal(await learning.getByRole('region', { name: 'Measures by part' }).locator('tbody tr').count(), 6);
});

/** Payments of which one in eight is marked, most of them large. */
const payments = [
  'payment,amount,hour,items,is_fraud',
  ...Array.from({ length: 240 }, (_, i) => {
    const isFraud = i % 8 === 3;
    return `p${i},${((i * 37) % 90) + (isFraud ? 70 : 0)},${(i * 7) % 24},${(i * 11) % 13},${isFraud}`;
  }),
].join('\n');

onPage('what a file marks is learned first, which is said, and anything else can be', async (page) => {
  await drop(page, 'payments.csv', payments);
  await results(page, 'payments.csv');
  const learning = section(page, 'A second opinion');
  await learning.scrollIntoViewIfNeeded();
  await learning.locator('.model-facts', { hasText: 'Logistic regression learned the label' }).waitFor();
  const target = learning.getByRole('combobox', { name: 'Learn', exact: true });
  assert.equal(await target.locator('option:checked').innerText(), 'the label column, is_fraud');
  const why = learning.getByText('“is_fraud” marks rows as normal or abnormal, so it is learned first.');
  await why.waitFor();
  await target.selectOption('flags');
  await why.waitFor({ state: 'detached' });
  await learning.getByRole('button', { name: 'Learn and test' }).click();
  await learning.locator('.model-facts', { hasText: 'Logistic regression learned the flags' }).waitFor();
  // A file that marks nothing begins with the flags, one that does with its marks.
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  assert.equal(await target.locator('option:checked').innerText(), 'the flags');
});

onPage('numbers are learned too, and what cannot be learned says why', async (page) => {
  const rows = Array.from({ length: 120 }, (_, i) => `u${i},${i % 10},${(i * 7) % 12},${(i % 10) * 3 + ((i * 7) % 12)},same`);
  await drop(page, 'numbers.csv', ['name,a,b,sum,constant', ...rows].join('\n'));
  await results(page, 'numbers.csv');
  const learning = section(page, 'A second opinion');
  await learning.getByRole('combobox', { name: 'Learn', exact: true }).selectOption('column:sum');
  await learning.getByRole('combobox', { name: 'With' }).selectOption('boosting');
  await learning.getByRole('button', { name: 'Learn and test' }).click();
  await learning.locator('.model-facts', { hasText: 'Boosted trees learned “sum”' }).waitFor();
  await learning.locator('.metrics div', { hasText: 'R²' }).waitFor();
  const chart = learning.locator('.chart-predicted');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').first().waitFor();
  await learning.getByRole('combobox', { name: 'Learn', exact: true }).selectOption('column:constant');
  await learning.getByRole('button', { name: 'Learn and test' }).click();
  await learning.getByRole('alert').getByText('It could not be learned').waitFor();
});

onPage('a search finds better parameters, and the best goes into the plan', async (page) => {
  await page.getByRole('button', { name: 'Analyse Office activity' }).click();
  await results(page, 'office-activity');
  const tuning = section(page, 'Tuning');
  await tuning.scrollIntoViewIfNeeded();
  const measure = tuning.getByRole('combobox', { name: 'Compared by' });
  assert.equal(await measure.count(), 0, 'stability and agreement have a measure of their own');
  await tuning.getByRole('combobox', { name: 'Judged by' }).selectOption('planted');
  await measure.selectOption('roc-auc');
  await tuning.getByRole('combobox', { name: 'Candidates' }).selectOption('10');
  await tuning.getByRole('button', { name: 'Search' }).click();
  await tuning.getByRole('button', { name: 'Cancel' }).click();
  await tuning.locator('.progress-line').waitFor({ state: 'detached' });
  assert.equal(await tuning.locator('.tuned').count(), 0, 'a cancelled search shows nothing');
  await tuning.getByRole('button', { name: 'Search' }).click();
  await tuning.locator('.tuned-verdict', { hasText: /did best of .*: ROC AUC 0\.\d+/ }).waitFor({ timeout: 60_000 });
  const chart = tuning.locator('.chart-trials');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').first().waitFor();
  await tuning.getByText('All candidates as a table').click();
  assert.equal(await tuning.locator('tbody tr').count(), 10, 'each combination, the plan as it is among them');
  await page.setViewportSize({ width: 390, height: 844 });
  const table = tuning.getByRole('region', { name: 'Candidates, best first' });
  assert.ok(await table.evaluate((own) => own.scrollWidth <= own.clientWidth), 'no column is cut where the page is narrow');
  await page.setViewportSize({ width: 1440, height: 900 });
  await tuning.getByRole('button', { name: 'Use the best' }).click();
  await page.locator('.pending', { hasText: 'Not analysed yet' }).waitFor();
  await again(page);
  await page.locator('.pending').waitFor({ state: 'detached' });
});

/** Records whose class is where two numbers have the same sign, which no single cut or plane tells; made without chance. */
const crossed = [
  'x,y,kind',
  ...Array.from({ length: 300 }, (_, i) => {
    const [x, y] = [((i * 37) % 101) - 50.5, ((i * 61) % 97) - 48.5];
    return `${x},${y},${x * y > 0 ? 'same' : 'unlike'}`;
  }),
].join('\n');

onPage('a search finds better parameters of what is learned, and learns with the best', async (page) => {
  await drop(page, 'crossed.csv', crossed);
  await results(page, 'crossed.csv');
  const learning = section(page, 'A second opinion');
  await learning.getByRole('combobox', { name: 'Learn', exact: true }).selectOption('column:kind');
  await learning.getByRole('combobox', { name: 'With' }).selectOption('boosting');
  await learning.getByRole('combobox', { name: 'Held out' }).selectOption('0.5');
  await learning.getByText('The model’s own parameters').click();
  const depth = learning.getByRole('spinbutton', { name: 'Depth' });
  await depth.fill('1');
  await learning.getByText('Search better parameters').click();
  const form = learning.getByRole('form', { name: 'Parameters to try' });
  await form.getByText('in 2 turns').waitFor();
  const search = form.getByRole('button', { name: 'Search' });
  await form.getByText('All 27 combinations').waitFor();
  // Long enough to be cancelled, on any machine.
  await form.getByRole('textbox', { name: 'Rounds: values to try' }).fill('1000, 1500, 2000');
  await search.click();
  await learning.getByRole('button', { name: 'Cancel' }).click();
  await learning.locator('.progress-line').waitFor({ state: 'detached' });
  assert.equal(await learning.locator('.tuned').count(), 0, 'a cancelled search shows nothing');
  await form.getByRole('checkbox', { name: 'Rounds' }).uncheck();
  await form.getByRole('checkbox', { name: 'Learning rate' }).uncheck();
  const values = form.getByRole('textbox', { name: 'Depth: values to try' });
  assert.equal(await values.inputValue(), '3, 6, 9', 'those of the engine');
  await values.fill('1, deep');
  await form.getByText('Numbers, with commas between').waitFor();
  assert.ok(await search.isDisabled());
  await values.fill('1, 4');
  await form.getByText('All 2 combinations').waitFor();
  await search.click();
  const verdict = learning.locator('.tuned-verdict', { hasText: 'Depth 4 did best of 2 candidates' });
  await verdict.waitFor({ timeout: 60_000 });
  assert.match(await verdict.innerText(), /average precision 0\.9\d+.*; the form as it is has 0\.\d+/);
  const chart = learning.locator('.chart-trials');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').first().waitFor();
  await learning.getByText('All candidates as a table').click();
  const rows = learning.getByRole('region', { name: 'Candidates, best first' }).locator('tbody th');
  assert.deepEqual(await rows.allInnerTexts(), ['Depth 4', 'The form as it is']);
  await learning.getByRole('button', { name: 'Use the best' }).click();
  await learning.getByRole('button', { name: 'In the form, learned below' }).waitFor();
  assert.equal(await depth.inputValue(), '4');
  await learning.locator('.model-facts', { hasText: 'Boosted trees learned “kind”' }).waitFor();
  const area = learning.locator('.metrics div', { hasText: 'ROC AUC' }).locator('dd').first();
  assert.ok(Number(await area.innerText()) > 0.9, 'learned with the best, at once');
  // What cannot be judged says why, where it was asked for.
  await values.fill('1, 99');
  await search.click();
  await learning.getByRole('alert').getByText('Nothing could be found').waitFor();
  assert.match(await learning.getByRole('alert').allInnerTexts().then((all) => all.join(' ')), /1 to 16/);
});
