// What every file of pkg/ and dist/ must and must not say, whoever built it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = fileURLToPath(new URL('../../', import.meta.url));
const NOTICES = 'THIRD-PARTY-NOTICES.txt';

for (const folder of ['pkg', 'dist']) {
  const names = (await readdir(join(root, folder))).sort();
  const text = async (name) => (await readFile(join(root, folder, name))).toString('latin1');
  const wasm = names.filter((name) => name.endsWith('.wasm'));

  test(`${folder}: no file knows the machine it was built on`, async () => {
    const places = [root, join(homedir(), sep), process.env.CARGO_HOME, process.env.CARGO_TARGET_DIR];
    const private_ = places.filter((place) => place && place.length > 2);
    assert.ok(private_.length > 0 && names.length > 0);
    for (const name of names) {
      const content = await text(name);
      for (const place of private_) assert.ok(!content.includes(place), `${name} holds ${place}`);
    }
  });

  test(`${folder}: the crates that wasm names are in ${NOTICES}`, async () => {
    const notices = await text(NOTICES);
    const named = new Set();
    for (const name of wasm) {
      for (const [, crate, version] of (await text(name)).matchAll(/crates[/\\][\w.-]+[/\\]([\w-]+?)-(\d[\w.+-]*)[/\\]src/g)) {
        named.add(`\n${crate} ${version}: `);
      }
    }
    assert.ok(named.size > 0, 'no panic names a crate: is the folder of sources still called crates?');
    const missing = [...named].filter((crate) => !notices.includes(crate));
    assert.deepEqual(missing, []);
    assert.ok(notices.includes('\nRust standard library '));
  });

  // Flags that the configuration sets are easily replaced by flags from elsewhere.
  test(`${folder}: wasm is compiled with SIMD`, async () => {
    for (const name of wasm) {
      const module = await WebAssembly.compile(await readFile(join(root, folder, name)));
      const [features] = WebAssembly.Module.customSections(module, 'target_features');
      // Each feature is a sign for on or off, a length and a name.
      assert.ok(features && Buffer.from(features).toString('latin1').includes('+\u0007simd128'), name);
    }
  });
}

test(`dist: ${NOTICES} names what the charts are drawn with`, async () => {
  const notices = await readFile(join(root, 'dist', NOTICES), 'utf8');
  for (const name of ['echarts', 'zrender']) assert.match(notices, new RegExp(`^${name} \\d`, 'm'));
  assert.ok(notices.includes('Apache License') && notices.includes('The Apache Software Foundation'));
});
