// Files that are not what the page hopes for: each is either read with what was odd said, or refused with what to do,
// and the page goes on working.
import assert from 'node:assert/strict';
import { drop, log, onPage, problem, ranked, results, tab } from './support.mjs';

for (const [what, content, expected] of [
  ['one row', 'user,time,action\nanna,2026-01-05 09:00:00,read\n', /at least 2/],
  ['no user column', 'time,bytes\n2026-01-05 09:00:00,4.5\n2026-01-06 09:00:00,7.25\n', /who acts|user|entity/i],
  ['a line without an end', 'x'.repeat(17 << 20), /16 MiB|longer than/],
]) {
  onPage(`${what} is refused with what to do, and the next file is read`, async (page) => {
    await drop(page, 'odd.csv', content);
    await problem(page).waitFor();
    assert.match(await problem(page).innerText(), expected);
    await drop(page, 'work.csv', log());
    await results(page, 'work.csv');
    assert.equal(await problem(page).count(), 0);
  });
}

const utf16 = (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
for (const [what, content, finding] of [
  ['UTF-16', utf16(log()), /UTF-16/i],
  ['ragged records', `${log()}\nuser1,2026-01-05 10:00:00\nuser2,2026-01-05 11:00:00,read,twice\n`, /fields?/],
  ['NUL bytes', `${log()}\nuser1,2026-01-05 10:00:00,re\0ad\n`, /NUL/],
]) {
  onPage(`a log with ${what} is read, and what was odd is said`, async (page) => {
    await drop(page, 'odd.csv', content);
    await results(page, 'odd.csv');
    assert.match(await ranked(page).first().innerText(), /user7/);
    await tab(page, 'What was odd');
    assert.match(await page.locator('.findings').innerText(), finding);
  });
}
