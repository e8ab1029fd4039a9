/**
 * Sizes of what dist/ holds, as a host sends it, against the budget beside this file's folder. Every file belongs to
 * a group, so that nothing ships without being counted. Ends with `N passed, N failed`.
 */
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');
const budget = JSON.parse(await readFile(join(root, 'xtask', 'size-budget.json'), 'utf8'));

const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }).length;
const kilobytes = (bytes) => (bytes / 1000).toFixed(1);

const entries = await readdir(dist, { recursive: true, withFileTypes: true });
const names = entries
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length + 1).replaceAll('\\', '/'));

const sizes = new Map();
for (const name of names.sort()) {
  const bytes = await readFile(join(dist, name));
  sizes.set(name, { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli(bytes) });
}
const sum = (wanted) => {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const name of wanted) for (const unit of Object.keys(total)) total[unit] += sizes.get(name)[unit];
  return total;
};

const failures = [];
const row = (label, { raw, gzip, brotli: small }, limit) => {
  const cells = [raw, gzip, small].map((bytes) => kilobytes(bytes).padStart(9)).join('');
  console.log(`${label.padEnd(24)}${cells}${limit === undefined ? '' : String(limit).padStart(9)}`);
};

console.log(`${'kB (1000 bytes)'.padEnd(24)}      raw     gzip   brotli   budget`);
const grouped = new Set();
for (const [group, { files, brotliKb }] of Object.entries(budget.groups)) {
  const missing = files.filter((name) => !sizes.has(name));
  if (missing.length > 0) {
    failures.push(`${group}: ${missing.join(', ')} is not in dist/`);
    continue;
  }
  files.forEach((name) => grouped.add(name));
  const size = sum(files);
  row(group, size, brotliKb);
  if (files.length > 1) files.forEach((name) => row(`  ${name}`, sizes.get(name)));
  if (size.brotli > brotliKb * 1000) {
    failures.push(`${group}: ${kilobytes(size.brotli)} kB with brotli, the budget is ${brotliKb} kB`);
  }
}
const total = sum(names);
row('all of dist/', total, budget.totalBrotliKb);
if (total.brotli > budget.totalBrotliKb * 1000) {
  failures.push(`dist/: ${kilobytes(total.brotli)} kB with brotli, the budget is ${budget.totalBrotliKb} kB`);
}
const uncounted = names.filter((name) => !grouped.has(name));
if (uncounted.length > 0) failures.push(`in no group of xtask/size-budget.json: ${uncounted.join(', ')}`);

for (const failure of failures) console.log(`over: ${failure}`);
// One check per group, one for the total, one for files without a group.
const nChecks = Object.keys(budget.groups).length + 2;
console.log(`${nChecks - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
