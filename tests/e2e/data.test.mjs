// The data behind the results: several files, how they were read, what was odd, what is in the columns, what is treated.
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, open as openFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { drop, dropFiles, log, onPage, results, tab } from './support.mjs';

const accounting = (page) => page.locator('.accounting').innerText();
const [header, ...lines] = log().split('\n');
/** The log in `n` files, each with the header. */
const parts = (n) =>
  Array.from({ length: n }, (_, i) => ({
    name: `part-${i + 1}.csv`,
    content: [header, ...lines.filter((_, line) => line % n === i)].join('\n'),
  }));

onPage('several files dropped together are one table, and each is listed', async (page) => {
  await dropFiles(page, parts(3));
  await results(page, 'part-1.csv and 2 more');
  assert.equal(await accounting(page), '4,800 records read = 4,800 rows kept + 0 set aside');
  await tab(page, 'How it was read');
  const files = await page.getByRole('region', { name: 'Files' }).locator('tbody tr').allInnerTexts();
  assert.deepEqual(
    files.map((text) => text.split('\t').slice(0, 2).join(' ')),
    ['part-1.csv 1,600', 'part-2.csv 1,600', 'part-3.csv 1,600'],
  );
});

onPage('a folder is chosen and goes by its name', async (page) => {
  const folder = join(await mkdtemp(join(tmpdir(), 'isoscope-')), 'january');
  await mkdir(folder);
  for (const { name, content } of parts(2)) await writeFile(join(folder, name), content);
  await page.getByLabel('Folder of logs').setInputFiles(folder);
  await results(page, 'january (2 files)');
  assert.match(await accounting(page), /^4,800 records read/);
  await rm(folder, { recursive: true });
});

onPage('a .csv.gz is read as what is in it', async (page) => {
  await drop(page, 'work.csv.gz', gzipSync(log()));
  await results(page, 'work.csv.gz');
  assert.match(await accounting(page), /^4,800 records read = 4,800 rows kept/);
});

onPage('files of different columns are refused, and the earlier table stays', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await dropFiles(page, [
    { name: 'a.csv', content: log() },
    { name: 'b.csv', content: 'colour,weight\nred,1\nblue,2\n' },
  ]);
  await page.getByRole('alert').locator('.problem').waitFor();
  assert.match(await page.locator('.problem').innerText(), /b\.csv/);
  await page.locator('.header-file', { hasText: 'work.csv' }).waitFor();
});

/** An sshd log, whose times name no year: 20 people over four days, one of whom guesses names on the third. */
const sshd = Array.from({ length: 4 * 24 * 20 }, (_, i) => {
  const [user, hour, day] = [i % 20, Math.floor(i / 20) % 24, 9 + Math.floor(i / 480)];
  const line = `Dec ${String(day).padStart(2)} ${String(hour).padStart(2, '0')}:15:0${user % 10} gate sshd[${200 + i}]:`;
  const from = `from 192.0.2.${user} port 4${100 + user} ssh2`;
  const attempts = day === 11 && user === 7 ? 9 : 0;
  return [
    ...(hour % 8 === user % 8 ? [`${line} Accepted publickey for user${user} ${from}`] : []),
    ...Array.from({ length: attempts }, (_, n) => `${line} Failed password for invalid user admin${n} ${from}`),
  ].map((text) => `${text}\n`);
})
  .flat()
  .join('');

onPage('a log that names no year is shown without one', async (page) => {
  await drop(page, 'auth.log', sshd);
  await results(page, 'auth.log');
  await page.getByText('Dec 9 to Dec 12 (the file names no year)').waitFor();
  await page.locator('.detail').getByText(/\bDec \d+\b/).first().waitFor();
  await tab(page, 'How it was read');
  const shown = await page.locator('body').innerText();
  assert.ok(!/200[01]-\d\d/.test(shown), shown.match(/.{0,60}200[01]-\d\d.{0,20}/)?.[0]);
});

onPage('what was odd is shown with its raw lines, as text', async (page) => {
  const hostile = '<img src=x onerror="document.title=1">';
  await drop(page, 'odd.csv', `${log()}\nuser1,2026-01-05 10:00:00\nuser2,2026-01-05 11:00:00,read,${hostile}\n`);
  await results(page, 'odd.csv');
  await page.getByRole('button', { name: 'in the file' }).click();
  const repaired = page.locator('.finding-group', { hasText: 'Repaired' });
  const long = repaired.locator('.finding', { hasText: '4 fields' });
  await long.locator('summary').click();
  const line = long.locator('.raw-lines li').first();
  assert.ok((await line.locator('code').innerText()).includes(hostile));
  assert.match(await line.innerText(), /record 4,802, line 4,803/);
  assert.equal(await page.locator('main img').count(), 0);
  assert.equal(await page.title(), 'Isoscope');
});

onPage('with a time zone, everything shows its clock', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await tab(page, 'How it was read');
  await page.getByText('found: names the columns').waitFor({ state: 'attached' });
  await page.getByLabel('Time zone').fill('America/New_York');
  await page.getByRole('button', { name: 'Read again' }).click();
  await page.getByText('by the clock of America/New_York').waitFor();
  await results(page, 'work.csv');
  assert.match(await page.locator('.facts').innerText(), /2026-01-01 to 2026-01-30 America\/New_York/);
  const chart = page.locator('.chart-timeline');
  // Charts are drawn when they come near the screen, and the screen is where the button was.
  await chart.scrollIntoViewIfNeeded();
  await chart.locator('canvas').first().waitFor();
  await tab(page, 'Explore');
  await page.locator('.column-line', { hasText: 'time' }).first().click();
  await page.locator('.explore-column').getByText('2026-01-01 08:00:00 America/New_York').waitFor();
});

onPage('the file is read again with another delimiter', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await tab(page, 'How it was read');
  const delimiter = page.getByLabel('Between fields');
  await delimiter.selectOption({ label: 'semicolon ;' });
  await page.getByText('The table shown was read in another way.').waitFor();
  await page.getByRole('button', { name: 'Read again' }).click();
  await page.locator('.problem', { hasText: 'could not be analysed' }).waitFor();
  await page.getByText('in 1 column').waitFor();
  await delimiter.selectOption('');
  await page.getByRole('button', { name: 'Read again' }).click();
  await results(page, 'work.csv');
  await page.getByText('in 3 columns').waitFor();
});

onPage('any character can stand between fields', async (page) => {
  await drop(page, 'odd.csv', log().replaceAll(',', '!'));
  await page.locator('.problem').waitFor();
  await tab(page, 'How it was read');
  await page.getByLabel('Between fields').selectOption({ label: 'another character' });
  await page.getByLabel('The character between fields').fill('!');
  await page.getByRole('button', { name: 'Read again' }).click();
  await results(page, 'odd.csv');
  await page.getByText('in 3 columns').waitFor();
  assert.equal(await page.getByLabel('Between fields').locator('option:checked').innerText(), 'another character');
  assert.equal(await page.getByLabel('The character between fields').inputValue(), '!');
});

onPage('an extended log is read by the names it gives, and its first records alone where so many were asked for', async (page) => {
  const records = Array.from({ length: 600 }, (_, i) => {
    const time = new Date(Date.UTC(2026, 0, 1, 8) + i * 3_600_000).toISOString();
    return `${time.slice(0, 10)} ${time.slice(11, 19)} u${i % 40} GET /${i % 9} 192.0.2.${i % 31}`;
  });
  const log = ['#Software: Microsoft Internet Information Services 10.0', '#Fields: date time cs-username cs-method cs-uri-stem c-ip', ...records];
  await drop(page, 'u_ex260101.log', log.join('\r\n'));
  await results(page, 'u_ex260101.log');
  await tab(page, 'How it was read');
  await page.getByText('found: W3C extended log (IIS)').waitFor({ state: 'attached' });
  await page.getByText('600 rows in 5 columns').waitFor();
  await page.getByLabel('Records at most').fill('450');
  await page.getByRole('button', { name: 'Read again' }).click();
  await page.getByText('450 rows in 5 columns').waitFor();
  assert.equal(await page.getByLabel('Records at most').inputValue(), '450');
  await page.getByLabel('Records at most').fill('');
  await page.getByRole('button', { name: 'Read again' }).click();
  await page.getByText('600 rows in 5 columns').waitFor();
});

onPage('a column is read as the type that the user says', async (page) => {
  // Three digits behind each comma: thousands, unless somebody knows better.
  await drop(page, 'work.csv', [`${header},size`, ...lines.map((line, i) => `${line},"${1 + (i % 9)},${100 + (i % 400)}"`)].join('\n'));
  await results(page, 'work.csv');
  const typeOf = (name) => page.locator('.column-line', { hasText: name }).locator('.column-type').innerText();
  await tab(page, 'Explore');
  assert.equal(await typeOf('size'), 'integer');
  await page.locator('.column-line', { hasText: 'size' }).click();
  await page.locator('.explore-column').getByLabel('Read as').selectOption('float');
  await page.getByRole('button', { name: 'Read again so' }).click();
  await page.waitForFunction(() => document.querySelector('.column-line.selected .column-type')?.textContent === 'float');
  await results(page, 'work.csv');
  assert.equal(await page.locator('.explore-column .column-title').innerText(), 'size', 'the column looked at stays');
  // What was said stands where the rest of it does, and can be taken back.
  await tab(page, 'How it was read');
  const type = page.getByLabel('Type of “size”');
  assert.equal(await type.inputValue(), 'float');
  await type.selectOption('');
  await page.getByRole('button', { name: 'Read again' }).click();
  await page.getByText('found: integer').waitFor({ state: 'attached' });
  await results(page, 'work.csv');
});

for (const [label, day] of [
  ['The day first', '2026-02-01'],
  ['The month first', '2026-01-02'],
]) {
  onPage(`where no date decides, the page asks, and “${label}” is heeded`, async (page) => {
    // Every moment of the log in a month of twelve days, as 01/02/2026 that may be read both ways.
    const both = lines.map((line, i) => line.replace(/2026-01-(\d\d)/, `0${1 + (i % 9)}/02/2026`));
    await drop(page, 'dates.csv', [header, ...both].join('\n'));
    await results(page, 'dates.csv');
    const asked = page.locator('.asked');
    assert.match(await asked.innerText(), /“time”/);
    assert.match(await asked.locator('tbody').innerText(), /\/02\/2026/);
    await asked.getByRole('button', { name: label }).click();
    await asked.waitFor({ state: 'detached' });
    await results(page, 'dates.csv');
    assert.ok((await page.locator('.facts').innerText()).includes(`${day} to `));
    await tab(page, 'How it was read');
    const order = page.getByLabel('Dates in “time”');
    assert.equal(await order.locator('option:checked').innerText(), label.toLowerCase());
    await order.selectOption({ label: label === 'The day first' ? 'the month first' : 'the day first' });
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.waitForFunction((day) => !document.querySelector('.facts')?.textContent.includes(`${day} to `), day);
    await results(page, 'dates.csv');
  });
}

/** A log with a number column of which every fifth value is missing. */
const withNumbers = () =>
  [`${header},bytes,country`, ...lines.map((line, i) => `${line},${i % 5 ? i % 97 : ''},${['NO', 'DE', 'FR'][i % 3]}`)].join('\n');

onPage('explore shows each column, one closely, and what goes together; the profile can be taken away', async (page) => {
  await drop(page, 'work.csv', withNumbers());
  await results(page, 'work.csv');
  await tab(page, 'Explore');
  await page.locator('.spark').nth(4).waitFor();
  assert.equal(await page.locator('.column-line').count(), 5);
  await page.locator('.column-line', { hasText: 'bytes' }).press('Enter');
  const detail = page.locator('.explore-column');
  await detail.getByText('Three quarters below').waitFor();
  assert.match(await detail.locator('.metrics').innerText(), /Missing\s+960 \(20 %\)/);
  for (const kind of ['histogram', 'bars', 'missing', 'correlation']) {
    const chart = page.locator(`#data .chart-${kind}`).first();
    if (kind === 'correlation') await page.getByRole('button', { name: 'Cramér’s V' }).click();
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').first().waitFor();
    await page.waitForFunction(
      (name) => document.querySelector(`#data .chart-${name}`).getAttribute('aria-label')?.length > 20,
      kind,
    );
  }
  await page.locator('.correlated').getByText('As numbers').click();
  assert.match(await page.getByRole('region', { name: 'Correlations' }).innerText(), /country/);
  const save = async (name) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFile(await file.path(), 'utf8');
  };
  const report = await save('Report (HTML)');
  assert.match(report, /^<!doctype html>/i);
  assert.ok(report.includes('bytes') && !report.includes('<script'));
  const profile = JSON.parse(await save('Profile (JSON)'));
  assert.equal(profile.rows, 4800);
  assert.equal(profile.columns.find(({ name }) => name === 'bytes').missing, 960);
  assert.deepEqual([profile.table.records, profile.table.setAside], [4800, 0]);
});

onPage('a treatment is part of the settings and changes the result', async (page) => {
  await drop(page, 'work.csv', withNumbers());
  await results(page, 'work.csv');
  await tab(page, 'Explore');
  await page.locator('.column-line', { hasText: 'action' }).click();
  await page.locator('.treatment').getByLabel('Missing values').selectOption('drop');
  await tab(page, 'Settings');
  await page.locator('.treated li', { hasText: 'left out' }).waitFor();
  await page.getByText('Not analysed yet').waitFor();
  assert.equal(await page.locator('#role-action').inputValue(), 'action');
  await page.getByRole('button', { name: 'Analyse again' }).click();
  await page.waitForFunction(() => document.querySelector('#role-action')?.value === '');
  await page.locator('.progress-card').waitFor({ state: 'detached' });
  assert.equal(await page.getByText('Not analysed yet').count(), 0);
});

onPage('a large file is judged first; what does not fit waits for a choice, and a sample keeps users whole', async (page) => {
  const folder = await mkdtemp(join(tmpdir(), 'isoscope-'));
  const path = join(folder, 'large.csv');
  const file = await openFile(path, 'w');
  await file.write(`${header}\n`);
  const block = `${log({ nUsers: 300 }).split('\n').slice(1).join('\n')}\n`;
  for (let written = 0; written < 65e6; written += block.length) await file.write(block);
  await file.close();
  await page.evaluate(() => Object.defineProperty(navigator, 'deviceMemory', { get: () => globalThis.gigabytes ?? 0.05, configurable: true }));
  const input = page.getByLabel('Log files').first();
  await input.setInputFiles(path);
  await page.getByRole('heading', { name: 'larger than this tab’s memory' }).waitFor();
  const sample = page.locator('.choice', { hasText: 'A sample' });
  assert.equal(await sample.getByLabel('Keep whole').inputValue(), 'user');
  await sample.getByRole('button', { name: 'Read the sample' }).click();
  await results(page, 'large.csv');
  const [records, rows, aside] = (await accounting(page)).match(/[\d,]+/g).map((text) => Number(text.replaceAll(',', '')));
  assert.equal(records, rows + aside);
  assert.ok(rows > 0 && aside > 0);
  assert.equal(rows % (records / 300), 0, 'users are whole');
  const close = async () => {
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Drop log files or a folder here').waitFor();
  };
  const choose = async (name) => {
    await page.getByLabel('Log files').first().setInputFiles(path);
    await page.getByRole('button', { name }).click();
  };
  await close();
  await page.getByLabel('Log files').first().setInputFiles(path);
  const needed = page.locator('.choice', { hasText: 'Only the columns needed' });
  await needed.waitFor();
  for (const name of ['user', 'time', 'action']) assert.ok(await needed.getByLabel(name).isChecked(), name);
  await needed.getByLabel('action').uncheck();
  await needed.getByRole('button', { name: 'Read these columns' }).click();
  await results(page, 'large.csv');
  await tab(page, 'How it was read');
  await page.getByText('in 2 columns').waitFor();
  await close();
  await choose('Read everything');
  await results(page, 'large.csv');
  assert.match(await accounting(page), / 0 set aside$/);
  await close();
  await choose('Add rows up');
  await page.locator('.facts', { hasText: 'added up into 300 rows, one per user' }).waitFor();
  assert.match(await accounting(page), new RegExp(`^${records.toLocaleString('en')} records read = .* added up into 300 rows`));
  await close();
  await page.evaluate(() => (globalThis.gigabytes = 8));
  await page.getByLabel('Log files').first().setInputFiles(path);
  await page.getByText('Judged from its beginning: about').waitFor();
  await results(page, 'large.csv');
  await rm(folder, { recursive: true });
});

onPage('closing goes back to the start, and the next file is read', async (page) => {
  await drop(page, 'work.csv', log());
  await results(page, 'work.csv');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('Drop log files or a folder here').waitFor();
  await drop(page, 'again.csv', log({ nUsers: 20 }));
  await results(page, 'again.csv');
  assert.match(await page.locator('#headline').innerText(), /of 20 users/);
});
