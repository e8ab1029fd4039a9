import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

test('the sources hold to their JSDoc types, and an embedder can use the public ones', async () => {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const config = fileURLToPath(new URL('tsconfig.json', import.meta.url));
  const said = await new Promise((resolve) => execFile(process.execPath, [tsc, '-p', config], (_error, stdout, stderr) => resolve(stdout + stderr)));
  assert.equal(said, '');
});
