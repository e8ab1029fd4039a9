/**
 * Bundles www/ into the npm package (pkg/) and the page's script and style (build/page/). `./engine.js`, the glue that
 * wasm-bindgen wrote, lies in build/glue and is put in its place here. Each gets the notices of what it contains.
 */
import { build } from 'esbuild';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { notices } from './notices.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const www = join(root, 'www');
const pkg = join(root, 'pkg');
const page = join(root, 'build', 'page');

const glue = {
  name: 'glue',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/engine\.js$/ }, () => ({ path: join(root, 'build', 'glue', 'engine.js') })),
};

// The page always has a worker and hands it Files, which are read there. What would do that on the page's own thread, the
// engine's glue with the dispatcher and the zip library, stays out of its start: 25 kB compressed.
const onlyInWorkers = {
  name: 'only-in-workers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/(in-place|zip)\.js$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: `const absent = () => Promise.reject(new Error('this page reads and analyses in a worker only'));
        export { absent as inPlace, absent as membersOf };`,
    }));
  },
};

const shared = {
  bundle: true,
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'warning',
  metafile: true,
  absWorkingDir: root,
  plugins: [glue],
};

for (const folder of [pkg, page]) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

// The worker is one classic script, so that it runs from its own address and from a blob, and imports nothing.
const worker = await build({
  ...shared,
  entryPoints: [join(www, 'worker.js')],
  outfile: join(pkg, 'worker.js'),
  format: 'iife',
  minify: true,
});

// What is imported stays readable, and what two entry points share stays one: an AnalyzerError is the same class
// from the module and from the element.
const modules = await build({
  ...shared,
  entryPoints: ['index.js', 'element.js', 'node.js', 'node-worker.js', 'cli.js'].map((name) => join(www, name)),
  outdir: pkg,
  chunkNames: 'shared-[hash]',
  format: 'esm',
  splitting: true,
  platform: 'neutral',
  external: ['node:*'],
});

for (const name of await readdir(www)) {
  if (name.endsWith('.d.ts') || name === 'package.json' || name === 'README.md') {
    await copyFile(join(www, name), join(pkg, name));
  }
}
await copyFile(join(root, 'LICENSE-MIT'), join(pkg, 'LICENSE'));
await copyFile(join(root, 'build', 'engine_bg.wasm'), join(pkg, 'engine_bg.wasm'));

const start = await build({
  ...shared,
  entryPoints: ['boot.js', 'style.css'].map((name) => join(www, 'page', name)),
  outdir: page,
  format: 'esm',
  minify: true,
  plugins: [glue, onlyInWorkers],
});
for (const name of ['worker.js', 'engine_bg.wasm']) await copyFile(join(pkg, name), join(page, name));

const metafiles = [worker.metafile, modules.metafile];
await writeFile(join(pkg, 'THIRD-PARTY-NOTICES.txt'), notices(root, ['web'], metafiles));
metafiles.push(start.metafile);
await writeFile(join(page, 'THIRD-PARTY-NOTICES.txt'), notices(root, ['web', 'app'], metafiles));
