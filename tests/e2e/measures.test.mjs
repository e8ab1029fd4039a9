// How well scores, and what was learned, tell labelled rows apart: measures, thresholds, and the first rows.
import assert from 'node:assert/strict';
import { drop, onPage, results } from './support.mjs';

const section = (page, name) => page.getByRole('region', { name, exact: true });

/** Payments of which one in eight is marked, most of them large. */
const payments = [
  'payment,amount,hour,items,is_fraud',
  ...Array.from({ length: 240 }, (_, i) => {
    const isFraud = i % 8 === 3;
    return `p${i},${((i * 37) % 90) + (isFraud ? 70 : 0)},${(i * 7) % 24},${(i * 11) % 13},${isFraud}`;
  }),
].join('\n');

const names = (part) => part.locator('.metrics dt').allInnerTexts();
const show = (part, name) =>
  part.getByRole('group', { name: 'What is shown of the measures' }).getByRole('button', { name }).click();

/** Numbers of a row of a table. */
const cells = async (row) => (await row.locator('td').allInnerTexts()).map((text) => Number(text.replace(/[,%\s]/g, '')));

onPage('scores beside labels: measures, decisions, other thresholds to take, and what the first rows have', async (page) => {
  await drop(page, 'payments.csv', payments);
  await results(page, 'payments.csv');
  const scores = section(page, 'Scores');
  await scores.scrollIntoViewIfNeeded();
  const labelled = scores.locator('.labelled');
  await labelled.getByText('Against the label column').waitFor();
  assert.deepEqual(await names(labelled), ['Precision', 'Recall', 'ROC AUC'], 'those that matter first');
  assert.equal(await labelled.locator('.interval').count(), 3);
  await labelled.getByText('More measures').click();
  await labelled.locator('.metrics dt', { hasText: 'MCC' }).waitFor();
  assert.deepEqual((await names(labelled)).slice(3), ['Accuracy', 'Balanced', 'F1', 'MCC', 'PR AUC']);
  const decisions = labelled.getByRole('region', { name: 'Decisions at this threshold' }).locator('td');
  const [tn, fp, fn, tp] = (await decisions.allInnerTexts()).map(Number);
  assert.deepEqual([tn + fp, fn + tp], [210, 30]);

  for (const kind of ['roc', 'pr']) {
    const chart = scores.locator(`.chart-${kind}`);
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').first().waitFor();
  }
  await show(scores, 'By threshold');
  const chart = scores.locator('.chart-thresholds');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').first().waitFor();
  const described = (n) =>
    page.waitForFunction((n) => document.querySelector('.chart-thresholds').ariaLabel?.includes(` ${n} are flagged`), n);
  await described(tp + fp);
  await scores.getByText('Threshold by threshold, as numbers').click();
  const table = scores.getByRole('region', { name: 'Measures by threshold' });
  const now = table.locator('tr[aria-current="true"]');
  await now.waitFor();
  assert.equal((await cells(now))[0], tp + fp, 'the threshold now is among them');
  assert.equal(Math.round((await cells(now))[1]), Math.round((100 * tp) / (tp + fp)));
  // The fifth is another one; it is taken, and everything follows.
  const fifth = table.locator('tbody tr').nth(4);
  const [n, precision] = await cells(fifth);
  assert.notEqual(n, tp + fp);
  await fifth.getByRole('button', { name: /^Flag above/ }).click();
  await page.locator('#headline', { hasText: `${n} of 240` }).waitFor();
  await described(n);
  assert.deepEqual((await cells(now)).slice(0, 2), [n, precision]);
  const [, alarms, , found] = (await decisions.allInnerTexts()).map(Number);
  assert.equal(alarms + found, n);

  await show(scores, 'First rows');
  const first = scores.locator('.first-rows');
  await first.getByRole('spinbutton').fill('240');
  await first.getByText('About 30 of 240 records are abnormal: 12.5 % of them, and 100 % of all 30 that there are.').waitFor();
  await first.getByRole('spinbutton').fill('0');
  await first.getByText('A whole number from 1 on.').waitFor();
  const flagged = first.locator('tr', { hasText: 'flagged now' });
  assert.deepEqual((await cells(flagged)).slice(0, 2), [found, Number(precision)]);
});

onPage('what is learned has the same measures, on the rows held out', async (page) => {
  await drop(page, 'payments.csv', payments);
  await results(page, 'payments.csv');
  const learning = section(page, 'A second opinion');
  await learning.scrollIntoViewIfNeeded();
  await learning.locator('.model-facts', { hasText: 'learned the label' }).waitFor();
  assert.deepEqual(await names(learning), ['Precision', 'Recall', 'ROC AUC']);
  await learning.getByText('More measures').click();
  await learning.locator('.metrics dt', { hasText: 'Brier' }).waitFor();
  await show(learning, 'By threshold');
  const chart = learning.locator('.chart-thresholds');
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').first().waitFor();
  await learning.getByText('Threshold by threshold, as numbers').click();
  const now = learning.getByRole('region', { name: 'Measures by threshold' }).locator('tr[aria-current="true"]');
  assert.match(await now.locator('th').innerText(), /^0\.500 now$/);
  assert.equal(await learning.getByRole('button', { name: /^Flag above/ }).count(), 0, 'what it decides by is its own');
  await show(learning, 'First rows');
  const first = learning.locator('.first-rows');
  await first.getByRole('spinbutton').fill('5');
  await first.getByText(/^About [\d.]+ of 5 records are abnormal/).waitFor();
  assert.ok((await first.locator('tbody tr').count()) > 1);
});
