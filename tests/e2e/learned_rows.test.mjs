// What a learned model says of rows one by one, and one that XGBoost saved.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { drop, onPage, problem, results } from './support.mjs';

const section = (page, name) => page.getByRole('region', { name, exact: true });

/** Payments of which one in eight is marked, most of them large, some not. */
const payments = [
  'payment,amount,hour,items,is_fraud',
  ...Array.from({ length: 240 }, (_, i) => {
    const isFraud = i % 8 === 3;
    return `p${i},${((i * 37) % 90) + (isFraud ? 40 : 0)},${(i * 7) % 24},${(i * 11) % 13},${isFraud}`;
  }),
].join('\n');

async function learnedPayments(page) {
  await drop(page, 'payments.csv', payments);
  await results(page, 'payments.csv');
  const learning = section(page, 'A second opinion');
  await learning.scrollIntoViewIfNeeded();
  await learning.locator('.model-facts', { hasText: 'learned the label' }).waitFor();
  return learning;
}

/** Base and contributions, as the chart says them to those who do not see it, add up to the score. */
async function addsUp(chart) {
  await chart.scrollIntoViewIfNeeded();
  await chart.and(chart.page().locator('[aria-label*="From the average score"]')).waitFor();
  const words = (await chart.getAttribute('aria-label')).replaceAll('−', '-');
  const [, base, score, rest] = /From the average score of (-?[\d.]+) to (-?[\d.]+): (.*)/.exec(words);
  const parts = [...rest.matchAll(/([+-][\d.]+)(?:,|$)/g)].map(([, part]) => Number(part));
  const sum = parts.reduce((total, part) => total + part, Number(base));
  assert.ok(Math.abs(sum - Number(score)) < 0.001 * (parts.length + 2), words);
}

onPage('rows held out are listed by how the answer went, and each says what makes it', async (page) => {
  const learning = await learnedPayments(page);
  const decisions = learning.getByRole('region', { name: 'Decisions on the rows held out' }).locator('td');
  const [tn, fp, fn, tp] = (await decisions.allInnerTexts()).map(Number);
  assert.ok(fp + fn > 0, 'something is hard to tell');
  await learning.getByText('Row by row').click();
  const by = learning.getByRole('group', { name: 'Which rows held out' });
  const rows = learning.locator('.held-out-list .ranked');
  await learning.getByText(`${fp + fn} record${fp + fn === 1 ? '' : 's'}, the surest first`).waitFor();
  await rows.nth(fp + fn - 1).waitFor();
  assert.equal(await rows.count(), fp + fn);
  for (const words of await rows.allInnerTexts()) assert.match(words, /says (normal, .*; it is abnormal|abnormal, .*; it is normal)/);
  const reason = learning.locator('.learned-reason');
  await reason.locator('.tag', { hasText: 'wrong' }).waitFor();
  await addsUp(reason.locator('.chart-contributions'));
  assert.match(await reason.locator('.sentence').innerText(), /^"abnormal" with a probability of .* (raised|lowered) by /);
  await reason.getByText('What each feature adds, as numbers').click();
  const titles = reason.getByRole('region', { name: 'What each feature adds' }).locator('thead th');
  await titles.first().waitFor();
  assert.deepEqual(await titles.allInnerTexts(), ['Feature', 'Here', 'Adds to the answer']);
  await by.getByRole('button', { name: 'Most sure' }).click();
  await learning.getByText(`${tn + fp + fn + tp} records`, { exact: true }).waitFor();
  await reason.locator('.tag', { hasText: 'right' }).waitFor();
  // Another one of the list, and from there to all that is known of it.
  const second = rows.nth(1);
  await second.click();
  const name = await second.locator('.ranked-name').innerText();
  await learning.locator('.learned-row', { hasText: name }).getByRole('button', { name: 'Look closer' }).click();
  const detail = page.locator('#detail');
  await detail.getByRole('heading', { name }).first().waitFor();
  const beside = detail.locator('.learned-reason');
  await beside.getByText('Logistic regression on the label').waitFor();
  assert.equal(await beside.locator('.chart').count(), 0, 'folded until it is asked for');
  await beside.getByText('Why it answers so').click();
  await addsUp(beside.locator('.chart-contributions'));
});

onPage('boosted trees of XGBoost are brought in by a drop or the button, and what is none is refused in words', async (page) => {
  const learning = await learnedPayments(page);
  await learning.getByRole('combobox', { name: 'With' }).selectOption('boosting');
  await learning.getByRole('button', { name: 'Learn and test' }).click();
  await learning.locator('.model-facts', { hasText: 'Boosted trees learned the label' }).waitFor();
  const press = learning.getByRole('button', { name: 'XGBoost (JSON)', exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), press]);
  const trees = await readFile(await download.path());
  const measures = await learning.locator('.metrics').first().innerText();

  await drop(page, 'trees.json', trees);
  await learning.locator('.model-facts', { hasText: 'Boosted trees of XGBoost, brought in by trees.json, for the label' }).waitFor();
  await learning.getByText('The model was learned elsewhere').waitFor();
  assert.equal(await learning.locator('.metrics').first().innerText(), measures, 'judged on the same rows');

  const choose = (name, text) =>
    learning.getByLabel('Model of XGBoost').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  const foreign = JSON.parse(trees);
  foreign.learner.gradient_booster.name = 'gblinear';
  for (const [name, text, words] of [
    ['empty.json', '{}', /XGBoost/],
    ['log.json', '[{"user":"a"}]', /XGBoost/],
    ['linear.json', JSON.stringify(foreign), /gbtree/],
  ]) {
    await choose(name, text);
    await problem(page).getByText(`${name} could not be brought in`).waitFor();
    assert.match(await problem(page).innerText(), words);
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  await learning.locator('.model-facts', { hasText: 'trees.json' }).waitFor();
  // One of other columns, and one that stands alone.
  await learning.getByRole('combobox', { name: 'Learn', exact: true }).selectOption('column:items');
  await drop(page, 'trees.json', trees);
  await problem(page).getByText('trees.json could not be brought in').waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByText('Drop log files or a folder here').waitFor();
  await drop(page, 'trees.json', trees);
  await problem(page).getByText('open the log first').waitFor();
});

/** Things of three kinds by their size, and a number that follows from two others. */
const things = [
  'name,size,weight,kind,price',
  ...Array.from({ length: 150 }, (_, i) => {
    const [size, weight] = [(i * 37) % 90, (i * 11) % 40];
    return `t${i},${size},${weight},${['small', 'middle', 'large'][Math.floor(size / 30)]},${size * 3 + weight}`;
  }),
].join('\n');

onPage('of several classes each has its reason, and numbers are listed by how far they are off', async (page) => {
  await drop(page, 'things.csv', things);
  await results(page, 'things.csv');
  const learning = section(page, 'A second opinion');
  const learn = async (column) => {
    await learning.getByRole('combobox', { name: 'Learn', exact: true }).selectOption(`column:${column}`);
    await learning.getByRole('button', { name: 'Learn and test' }).click();
    await learning.locator('.model-facts', { hasText: `learned “${column}”` }).waitFor();
    await learning.getByText('Row by row').click();
  };
  const reason = learning.locator('.learned-reason');
  await learn('kind');
  await learning.getByRole('group', { name: 'Which rows held out' }).getByRole('button', { name: 'All' }).click();
  const explained = reason.getByRole('combobox', { name: 'Explain' });
  const said = await explained.inputValue();
  assert.match(await reason.locator('.learned-answer').innerText(), new RegExp(`^${said}, [\\d.]+ %`));
  await reason.getByText(`From the average row to this one for “${said}”`).waitFor();
  const other = ['small', 'middle', 'large'].find((name) => name !== said);
  await explained.selectOption(other);
  await reason.getByText(`From the average row to this one for “${other}”`).waitFor();
  await addsUp(reason.locator('.chart-contributions'));
  await learn('price');
  assert.equal(await learning.getByRole('button', { name: 'Least sure' }).count(), 0, 'numbers have no probability');
  await learning.locator('.held-out-list .ranked').first().waitFor();
  const off = (await learning.locator('.held-out-list .ranked-days').allInnerTexts()).map((words) => {
    const [, predicted, actual] = /^says ([−\d.,]+); it is ([−\d.,]+)$/.exec(words);
    return Math.abs(Number(predicted.replace('−', '-')) - Number(actual));
  });
  assert.ok(off.length > 5 && off.every((distance, i) => i === 0 || distance <= off[i - 1] + 1), `${off}`);
  await addsUp(reason.locator('.chart-contributions'));
  await learning.getByRole('combobox', { name: 'Held out' }).selectOption('5');
  await learning.getByRole('button', { name: 'Learn and test' }).click();
  await learning.locator('.model-facts', { hasText: 'in 5 turns' }).waitFor();
  await learning.getByText('Row by row').click();
  await reason.getByText('of the last model, which learned from all rows').waitFor();
});
