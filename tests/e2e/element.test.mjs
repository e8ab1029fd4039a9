// <isoscope-analyzer> and the module on a page that is not ours, under a strict policy, in Chromium.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { beforeEach, test } from 'node:test';
import { share } from './support.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const log = [
  'user,time,action',
  ...Array.from({ length: 12 }, (_, user) =>
    Array.from({ length: 30 }, (_, n) => {
      const isOdd = user === 7 && n > 15;
      const hour = isOdd ? 2 : 9 + ((n + user) % 8);
      const name = user === 7 ? '<img src=x onerror=alert(1)>' : `user${user}`;
      return `"${name}",2026-01-${String(1 + n).padStart(2, '0')} ${String(hour).padStart(2, '0')}:15:00,${isOdd ? 'copy' : 'read'}`;
    }),
  ).flat(),
].join('\n');

const site = share('/', root);
let page;
let problems;

beforeEach(async () => {
  await page?.close();
  page = await site.browser.newPage();
  page.setDefaultTimeout(10_000);
  problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.route('**/log.csv', (route) => route.fulfill({ contentType: 'text/csv', body: log }));
  await page.goto(`${site.server.url}www/demo/embed.html`);
  await page.getByText('ready: version').waitFor();
  await element().evaluate((node) => (node.plan = { recipe: 'activity', contamination: 0.05 }));
});

const element = () => page.locator('isoscope-analyzer');
const entries = () => element().locator('summary');
const heard = (text) => page.locator('#heard').getByText(text).waitFor();

/** Puts a file into the element's picker. */
const choose = (content, name = 'log.csv') => element().locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

test('a chosen log gives the ranked list; what stands in it is text', async () => {
  await choose(log);
  await heard('result: 1 flagged users');
  assert.equal(await entries().count(), 1);
  const text = await entries().first().innerText();
  assert.match(text, /[▲◆■] (high|medium|low)/);
  assert.ok(text.includes('<img src=x onerror=alert(1)>'));
  assert.equal(await element().locator('img').count(), 0);
  assert.match(await element().locator('[role=status]').innerText(), /^360 events, 12 users, 1 flagged$/);
  assert.deepEqual(problems, [], 'the strict policy was not broken');
});

test('the list opens by keyboard and shows contributions that add up', async () => {
  await choose(log);
  await entries().first().waitFor();
  await element().getByRole('button', { name: 'Choose a log' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const table = element().locator('table');
  await table.waitFor();
  const [, base, score] = (await table.locator('caption').innerText()).match(/: ([\d.]+) for everyone .* make ([\d.]+)$/);
  const shares = await table.locator('tbody td:last-child').allInnerTexts();
  const sum = shares.reduce((total, text) => total + Number(text), Number(base));
  assert.ok(Math.abs(sum - Number(score)) < 0.0001 * (shares.length + 2), `${sum} and ${score}`);
});

test('a dropped file is read', async () => {
  const data = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], 'log.csv'));
    return transfer;
  }, log);
  await element().locator('.drop').dispatchEvent('drop', { dataTransfer: data });
  await heard('result: 1 flagged users');
});

test('several dropped files are one log', async () => {
  const data = await page.evaluateHandle((content) => {
    const [header, ...rows] = content.trimEnd().split('\n');
    const half = rows.length / 2;
    const transfer = new DataTransfer();
    for (const [name, part] of [['b.csv', rows.slice(half)], ['a.csv', rows.slice(0, half)], ['c.png', []]]) {
      transfer.items.add(new File([[header, ...part].join('\n')], name));
    }
    return transfer;
  }, log);
  await element().locator('.drop').dispatchEvent('drop', { dataTransfer: data });
  await heard('result: 1 flagged users');
  assert.match(await element().locator('[role=status]').innerText(), /^360 events, 12 users, 1 flagged$/);
});

test('src is fetched, plan is heeded and may change', async () => {
  await element().evaluate((node) => {
    node.plan = { recipe: 'activity', budget: 2 };
    node.src = '/log.csv';
  });
  await heard('result: 2 flagged users');
  await element().evaluate((node) => (node.plan = { recipe: 'activity', budget: 3 }));
  await heard('result: 3 flagged users');
});

for (const [what, act, code] of [
  ['a picture', () => choose(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'picture.png'), 'not-text'],
  ['an empty file', () => choose(''), 'empty-source'],
  ['a src that is not there', () => element().evaluate((node) => (node.src = 'nowhere.csv')), 'source-failed'],
  ['a plan that is no JSON', () => element().evaluate((node) => (node.setAttribute('plan', '{'), void node.analyze('a\n1\n').catch(() => {}))), 'options'],
]) {
  test(`${what} is said aloud as ${code}, and the element works on`, async () => {
    await act();
    await heard(`error: ${code}`);
    assert.match(await element().getByRole('alert').innerText(), new RegExp(`.{20,} \\(${code}\\)$`));
    await element().evaluate((node) => (node.plan = { recipe: 'activity', budget: 1 }));
    await choose(log);
    await heard('result: 1 flagged users');
    assert.equal(await element().getByRole('alert').count(), 0);
  });
}

test('a second file during the first takes its place without an error', async () => {
  const outcome = await element().evaluate(async (node, content) => {
    const first = node.analyze(new Blob(Array(400).fill(`${content}\n`))).catch((error) => error.code);
    const second = node.analyze(content).then(({ entities }) => entities.length);
    return Promise.all([first, second]);
  }, log);
  assert.deepEqual(outcome.slice(0, 1), ['aborted']);
  assert.ok(outcome[1] > 0);
  assert.equal(await element().getByRole('alert').count(), 0);
});

test('taken off the page, it ends its worker; put elsewhere on the page, it lives', async () => {
  assert.equal(page.workers().length, 1);
  await element().evaluate((node) => document.body.append(node));
  await choose(log);
  await heard('result: 1 flagged users');
  await element().evaluate((node) => node.remove());
  await page.waitForFunction(() => !document.querySelector('isoscope-analyzer'));
  for (let i = 0; i < 50 && page.workers().length > 0; i += 1) await new Promise((go) => setTimeout(go, 20));
  assert.equal(page.workers().length, 0);
});

test('the module on the same page, from sample to list', async () => {
  await page.getByRole('button', { name: 'Analyse a generated log' }).click();
  await heard('result:');
  const [head, ...lines] = (await page.locator('#output').innerText()).split('\n');
  assert.match(head, /^\d+ of \d+ planted users are among the \d+ flagged:$/);
  assert.match(lines[0], /^0\.\d{3} {2}\S+: \S/);
  assert.deepEqual(problems, []);
});

test('registering twice is registering once', async () => {
  const same = await page.evaluate(async () => {
    const { register, IsoscopeAnalyzer } = await import('/pkg/element.js');
    register();
    register('second-name');
    return [customElements.get('isoscope-analyzer') === IsoscopeAnalyzer, customElements.get('second-name').prototype instanceof IsoscopeAnalyzer];
  });
  assert.deepEqual(same, [true, true]);
});

test('the golden analysis is the same in this browser, to the bit', async () => {
  const [found, golden] = await page.evaluate(async () => {
    const { open } = await import('/pkg/index.js');
    const { fingerprint } = await import('/tests/js/fingerprint.js');
    const golden = await (await fetch('/tests/golden/analysis.json')).json();
    return [await fingerprint(open, golden), golden];
  });
  assert.deepEqual(found, golden);
});
