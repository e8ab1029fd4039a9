// The package as npm would deliver it: packed, installed into an empty project from the tarball alone, and used.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';

const run = promisify(execFile);
const pkg = fileURLToPath(new URL('../../pkg/', import.meta.url));
let folder;
let packed;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isoscope-pack-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: pkg });
  // npm 12 gives an object by package name, earlier ones a list.
  [packed] = Object.values(JSON.parse(stdout));
  await writeFile(join(folder, 'package.json'), '{ "name": "embedder", "private": true, "type": "module" }');
  const offline = ['--offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...offline, `./${packed.filename}`], { cwd: folder });
});
after(() => rm(folder, { recursive: true }));

test('the tarball holds what it needs and no development files', () => {
  const files = packed.files.map(({ path }) => path);
  for (const name of ['index.js', 'index.d.ts', 'node.js', 'cli.js', 'element.js', 'element.d.ts', 'worker.js', 'node-worker.js', 'engine_bg.wasm', 'README.md', 'LICENSE', 'THIRD-PARTY-NOTICES.txt', 'package.json']) {
    assert.ok(files.includes(name), `${name} is missing from ${files}`);
  }
  assert.ok(files.every((name) => !/test|demo|tsconfig|\.map$|\.rs$/.test(name)), files.join());
});

test('it depends on nothing', async () => {
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'));
  assert.deepEqual(Object.keys(packages), ['', 'node_modules/isoscope']);
});

test('import and use in Node', async () => {
  await writeFile(
    join(folder, 'use.js'),
    `import { open, analyze, AnalyzerError } from 'isoscope';
     import 'isoscope/element';
     const analyzer = await open();
     const { bytes } = await analyzer.sample({ name: 'office-activity', users: 30, days: 7 });
     const { entities } = await analyze(bytes, { recipe: 'activity' });
     const refused = await analyze('').catch((error) => error instanceof AnalyzerError && error.code);
     console.log(JSON.stringify([analyzer.version, entities.length, refused]));`,
  );
  // The analyzer is not disposed of: it must not keep the process alive.
  const { stdout } = await run(process.execPath, ['use.js'], { cwd: folder, timeout: 30_000 });
  const { version } = JSON.parse(await readFile(join(pkg, 'package.json'), 'utf8'));
  assert.deepEqual(JSON.parse(stdout), [version, 30, 'empty-source']);
});

test('npx isoscope', async () => {
  await run('npx', ['--no-install', 'isoscope', 'sample', 'logins', '--users', '40', '-o', 'logins.csv'], { cwd: folder });
  const { stdout } = await run('npx', ['--no-install', 'isoscope', 'analyze', 'logins.csv', '--json'], { cwd: folder, maxBuffer: 1 << 28 });
  assert.equal(JSON.parse(stdout).subjects.length, 40);
});

test('a bundler for browsers takes the browser entry', async () => {
  await writeFile(join(folder, 'page.js'), `import { open } from 'isoscope'; import 'isoscope/element'; open();`);
  const { build } = await import('esbuild');
  const { outputFiles, warnings } = await build({
    entryPoints: [join(folder, 'page.js')],
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'browser',
    outdir: join(folder, 'out'),
    write: false,
    logLevel: 'silent',
  });
  assert.deepEqual(warnings, []);
  assert.ok(outputFiles.every(({ text }) => !text.includes('node:')));
});
