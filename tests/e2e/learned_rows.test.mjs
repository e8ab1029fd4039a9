// What a learned model says of rows one by one.
import assert from 'node:assert/strict';
import { drop, onPage, results } from './support.mjs';

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
  await chart.locator('canvas').first().waitFor();
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
  assert.equal(await rows.count(), fp + fn);
  for (const words of await rows.allInnerTexts()) assert.match(words, /says (normal, .*; it is abnormal|abnormal, .*; it is normal)/);
  const reason = learning.locator('.learned-reason');
  await reason.locator('.tag', { hasText: 'wrong' }).waitFor();
  await addsUp(reason.locator('.chart-contributions'));
  await reason.getByText('What each feature adds, as numbers').click();
  assert.deepEqual(
    (await reason.getByRole('region', { name: 'What each feature adds' }).locator('thead th').allInnerTexts()),
    ['Feature', 'Here', 'Adds to the answer'],
  );
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
