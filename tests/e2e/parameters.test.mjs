// Parameters of models on the page: those changed often, the rest in a fold, and what a field says that holds a wrong value.
import assert from 'node:assert/strict';
import { drop, log, onPage, results, tab } from './support.mjs';

const described = async (page, field) => page.locator(`#${await field.getAttribute('aria-describedby')}`).innerText();

onPage('a parameter out of range says what it takes and stays out of the plan; an emptied one is its default', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await tab(page, 'Settings');
  await page.getByRole('combobox', { name: 'Scores come from' }).selectOption('autoencoder');
  await page.getByText('The detector’s own parameters').click();
  const settings = page.locator('.settings');
  const dropout = settings.getByRole('spinbutton', { name: 'Dropout' });
  assert.ok(await dropout.isHidden(), 'seldom changed');
  await settings.getByText('More parameters').click();
  await dropout.fill('3');
  assert.equal(await described(page, dropout), 'A share from 0 to 0.9');
  const again = page.locator('.pending').getByRole('button', { name: 'Analyse again' });
  assert.ok(await again.isDisabled());
  await dropout.fill('0.1');
  const hidden = settings.getByRole('textbox', { name: 'Hidden layers' });
  await hidden.fill('8, wide');
  assert.equal(await described(page, hidden), 'At most 4 layers, each of 1 to 512 units');
  await hidden.fill('8, 6');
  const epochs = settings.getByRole('spinbutton', { name: /^Epochs/ });
  await epochs.fill('5');
  await epochs.fill('');
  assert.equal(await epochs.getAttribute('placeholder'), '50');
  assert.equal(await epochs.getAttribute('aria-invalid'), null);
  await epochs.blur();
  assert.equal(await epochs.inputValue(), '50', 'what it stands for');
  const marker = await page.locator('#headline').elementHandle();
  await again.click();
  await page.waitForFunction((old) => !old.isConnected && document.querySelector('#headline'), marker);
  await page.locator('.pending').waitFor({ state: 'detached' });
  await settings.getByText('The detector’s own parameters').click();
  await settings.getByText('More parameters').click();
  assert.deepEqual([await hidden.inputValue(), await dropout.inputValue()], ['8, 6', '0.1'], 'as they were analysed');
});

onPage('the form of what learns says what a parameter takes, and learns nothing until it has it', async (page) => {
  await page.getByRole('button', { name: 'Analyse Office activity' }).click();
  await results(page, 'office-activity');
  const learning = page.getByRole('region', { name: 'A second opinion' });
  await learning.getByRole('combobox', { name: 'With' }).selectOption('boosting');
  // By the keyboard: what is still drawn above may move it from under the pointer.
  await learning.locator('summary', { hasText: 'The model’s own parameters' }).press('Enter');
  await learning.locator('summary', { hasText: 'More parameters' }).press('Enter');
  const rows = learning.getByRole('spinbutton', { name: 'Rows of a round' });
  await rows.fill('1.5');
  assert.match(await described(page, rows), /above 0 and at most 1/);
  const learn = learning.getByRole('button', { name: 'Learn and test' });
  assert.ok(await learn.isDisabled());
  await learning.getByText('A field below holds what cannot be used').waitFor();
  await rows.fill('');
  assert.ok(await learn.isEnabled(), 'the default');
  await rows.fill('0.5');
  await learning.getByRole('spinbutton', { name: 'Depth' }).fill('2');
  await learn.click();
  await learning.locator('.model-facts', { hasText: /^Boosted trees learned the flags from .*\. Tested on / }).waitFor();
  // What was wrong in a field that is gone is in nobody's way.
  await rows.fill('9');
  await learning.getByRole('combobox', { name: 'With' }).selectOption('forest');
  assert.ok(await learn.isEnabled());
});
