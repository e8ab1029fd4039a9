// The command line on generated samples and on what it must refuse.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { packageUrl } from './package.mjs';

const cli = fileURLToPath(new URL('cli.js', packageUrl));
let folder;
let log;

/** @returns {Promise<{ code: number, stdout: string, stderr: string }>} */
function isoscope(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { maxBuffer: 1 << 28, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isoscope-cli-'));
  log = join(folder, 'log.csv');
  const { code, stderr } = await isoscope('sample', 'office-activity', '--users', '80', '--days', '14', '--output', log);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /anomalies planted in \d+ users: \S+/);
});
after(() => rm(folder, { recursive: true }));

test('a sample to standard output is the same as to a file', async () => {
  const { code, stdout, stderr } = await isoscope('sample', 'office-activity', '--users', '80', '--days', '14');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(stdout, await readFile(log, 'utf8'));
});

test('the table for people', async () => {
  const { code, stdout, stderr } = await isoscope('analyze', log, '--recipe', 'activity', '--contamination', '0.05');
  assert.deepEqual([code, stderr], [0, '']);
  const [head, ...lines] = stdout.split('\n');
  assert.match(head, /^[\d,]+ rows, 80 users, 4 flagged \(score above 0\.\d{4}\); recipe activity, detector iforest, seed \d+$/);
  const ranked = lines.filter((line) => /^ +\d+ {2}(low|medium|high)/.test(line));
  assert.equal(ranked.length, 4);
  assert.match(ranked[0], /^ {2}1 {2}(low|medium|high) +0\.\d{4} {2}\S+ +\S/);
});

test('--json is an Analysis with plain arrays, and what was asked for', async () => {
  const { code, stdout } = await isoscope('analyze', log, '--recipe', 'user-day', '--seed', '7', '--contamination', '0.02', '--detector', 'iforest', '--json');
  assert.equal(code, 0);
  const { plan, scores, flags, severity, entities, top } = JSON.parse(stdout);
  assert.deepEqual([plan.recipe, plan.seed, plan.contamination], ['user-day', 7, 0.02]);
  for (const array of [scores, flags, severity]) assert.ok(Array.isArray(array) && array.length === entities.length);
  assert.ok(top[0].score === Math.max(...scores));
  const again = await isoscope('analyze', log, '--recipe', 'user-day', '--seed', '7', '--contamination', '0.02', '--json');
  assert.deepEqual(JSON.parse(again.stdout).scores, scores);
});

test('a label column is judged against', async () => {
  const text = await readFile(log, 'utf8');
  const first = text.split('\n')[1].split(',')[0];
  const labelled = text
    .trimEnd()
    .split('\n')
    .map((line, i) => `${line},${i === 0 ? 'odd' : line.startsWith(`${first},`) ? 1 : 0}`);
  await writeFile(join(folder, 'labelled.csv'), `${labelled.join('\n')}\n`);
  const { code, stdout } = await isoscope('analyze', 'labelled.csv', '--label', 'odd', '--recipe', 'activity');
  assert.equal(code, 0);
  assert.match(stdout, /against odd: precision [01]\.\d{4}, recall .*, rocAuc [01]\.\d{4}/);
});

test('standard input', async () => {
  const child = spawn(process.execPath, [cli, 'analyze', '-', '--json'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(await readFile(log));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  assert.equal(JSON.parse(text).subjects.length, 80);
});

test('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [cli, 'analyze', log, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  for await (const chunk of child.stderr) stderr += chunk;
  assert.equal(stderr, '');
});

test('values of the log do not steer the terminal', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `\u001b[31mred${i % 4},2026-01-0${1 + (i % 9)} 0${i % 10}:00:00`);
  await writeFile(join(folder, 'escape.csv'), `user,time\n${rows.join('\n')}\n`);
  const { code, stdout } = await isoscope('analyze', 'escape.csv', '--contamination', '0.5');
  assert.equal(code, 0);
  assert.ok(stdout.includes('red') && !stdout.includes('\u001b'));
});

test('help and version', async () => {
  for (const args of [[], ['--help'], ['-h'], ['help'], ['analyze', '--help']]) {
    const { code, stdout, stderr } = await isoscope(...args);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /isoscope analyze FILE/);
  }
  const { version } = JSON.parse(await readFile(new URL('package.json', packageUrl), 'utf8'));
  assert.equal((await isoscope('--version')).stdout, `${version}\n`);
});

for (const [what, code, args, content] of [
  ['a missing file', 'source-failed', ['analyze', 'nowhere.csv']],
  ['a folder', 'source-failed', ['analyze', '.']],
  ['a picture', 'not-text', ['analyze', 'bad'], Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ['an empty file', 'empty-source', ['analyze', 'bad'], ''],
  ['a header alone', 'no-records', ['analyze', 'bad'], 'user,time\n'],
  ['no time column', 'missing-role', ['analyze', 'bad', '--recipe', 'user-day'], 'user,action\nanna,x\nbo,y\nanna,y\nbo,x\n'],
  ['an unknown option', 'options', ['analyze', 'log.csv', '--colour']],
  ['an option without its value', 'options', ['analyze', 'log.csv', '--seed']],
  ['a number that is none', 'options', ['analyze', 'log.csv', '--seed', 'seven']],
  ['an unknown recipe', 'options', ['analyze', 'log.csv', '--recipe', 'weekly']],
  ['an unknown detector', 'options', ['analyze', 'log.csv', '--detector', 'magic']],
  ['a share out of range', 'parameter', ['analyze', 'log.csv', '--contamination', '2']],
  ['a label that is no column', 'no-such-column', ['analyze', 'log.csv', '--label', 'truth']],
  ['no file', 'options', ['analyze']],
  ['two files', 'options', ['analyze', 'a.csv', 'b.csv']],
  ['an unknown command', 'options', ['analyse', 'log.csv']],
  ['an unknown sample', 'options', ['sample', 'nothing']],
  ['an output that cannot be written', 'options', ['sample', 'logins', '--users', '5', '--output', 'no/such/folder.csv']],
]) {
  test(`${what}: one line, ${code}, exit 1`, async () => {
    if (content !== undefined) await writeFile(join(folder, 'bad'), content);
    const { code: exit, stdout, stderr } = await isoscope(...args);
    assert.equal(exit, 1);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^isoscope: ${code}: [^\\n]+\\n$`));
  });
}
