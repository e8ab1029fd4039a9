// Seeded files for the benchmarks, written once per machine into target/bench-data.
import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

/** Mulberry32: 32-bit, seeded, good enough to make logs. */
export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

async function write(path, lines) {
  if (existsSync(path)) return path;
  const out = createWriteStream(`${path}.part`);
  let block = '';
  for (const line of lines) {
    block += line;
    if (block.length > 1 << 20) {
      if (!out.write(block)) await once(out, 'drain');
      block = '';
    }
  }
  out.end(block);
  await once(out, 'finish');
  renameSync(`${path}.part`, path);
  return path;
}

const ACTIONS = ['login', 'logout', 'view', 'click', 'search', 'download', 'upload', 'purchase', 'edit', 'delete', 'share', 'comment'];
const DEVICES = ['desktop', 'mobile', 'tablet', 'tv', 'bot'];
const COUNTRIES = ['NO', 'US', 'DE', 'GB', 'FR', 'IN', 'BR', 'CN', 'JP', 'AU', 'RU', 'PL', 'SE', 'NL', 'IT', 'ES', 'CA', 'MX', 'ZA', 'NG'];

/** `timestamp,user_id,action,device,ip,country,session_id`; rows / 50 users of uneven activity over 60 days; 3 % act
 *  at night, from other countries and devices. In time order, as logs are. About 72 bytes a row. */
function* events(nRows, seed) {
  const next = random(seed);
  const nUsers = Math.max(50, Math.floor(nRows / 50));
  const users = Array.from({ length: nUsers }, () => ({
    bad: next() < 0.03, hour: 8 + next() * 12, country: Math.floor(next() ** 2 * 20), device: Math.floor(next() ** 2 * 3),
  }));
  const start = Date.UTC(2025, 0, 1), span = 60 * 86400;
  const rows = new Float64Array(nRows);
  for (let i = 0; i < nRows; i++) {
    const user = Math.floor(next() ** 3 * nUsers), { bad, hour } = users[user];
    const h = bad && next() < 0.7 ? next() * 5 : (hour + (next() + next() + next() - 1.5) * 5 + 24) % 24;
    const second = Math.floor(next() * 60) * 86400 + Math.floor(h * 3600);
    rows[i] = second * 2 ** 20 + user; // sorts by time, then user; exact below 2^53
  }
  rows.sort();
  yield 'timestamp,user_id,action,device,ip,country,session_id\n';
  for (const row of rows) {
    const user = row % 2 ** 20, second = Math.floor(row / 2 ** 20), { bad, country, device } = users[user];
    const time = new Date(start + (second % span) * 1000).toISOString().slice(0, 19);
    const address = (Math.imul(user, 2654435761) + Math.imul(Math.floor(next() < (bad ? 0.6 : 0.05) ? next() * 60 : user % 3), 40503)) >>> 0;
    const c = next() < (bad ? 0.45 : 0.02) ? Math.floor(next() * 20) : country;
    const d = next() < (bad ? 0.5 : 0.07) ? Math.floor(next() * 5) : device;
    const action = bad && next() < 0.3 ? 5 : Math.floor(next() ** 2 * 12);
    const session = ((user * 1048576 + Math.floor(second / 5400)) % 0xffffffffff).toString(16).padStart(10, '0');
    yield `${time}Z,u${String(user).padStart(6, '0')},${ACTIONS[action]},${DEVICES[d]},${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255},${COUNTRIES[c]},s${session}\n`;
  }
}

/** One row per entity and day, `f0..`: three Gaussian clusters and 3 % of rows from a wide box. */
function* matrix(nRows, nFeatures, seed) {
  const next = random(seed);
  const normal = () => { let s = 0; for (let i = 0; i < 12; i++) s += next(); return s - 6; };
  const centres = Array.from({ length: 3 }, () => Array.from({ length: nFeatures }, () => 3 * normal()));
  yield `entity,date,${Array.from({ length: nFeatures }, (_, i) => `f${i}`).join(',')}\n`;
  for (let row = 0; row < nRows; row++) {
    const odd = next() < 0.03, centre = centres[Math.floor(next() * 3)];
    const values = centre.map((c) => (odd ? (next() - 0.5) * 24 : c + normal()).toPrecision(6));
    yield `e${row},2025-01-01,${values.join(',')}\n`;
  }
}

/** `label,f0..`: standard normal features, and a label that is 1 by chances that some of them move, two of them together. */
function* labelled(nRows, nFeatures, seed) {
  const next = random(seed);
  const normal = () => { let s = 0; for (let i = 0; i < 12; i++) s += next(); return s - 6; };
  yield `label,${Array.from({ length: nFeatures }, (_, i) => `f${i}`).join(',')}\n`;
  for (let row = 0; row < nRows; row++) {
    const x = Array.from({ length: nFeatures }, normal);
    const margin = 1.2 * x[0] - 0.8 * x[3] + 0.6 * x[6] + 1.5 * x[1] * x[2] + (x[4] > 1 ? 1 : 0) - 2.5;
    yield `${next() < 1 / (1 + Math.exp(-margin)) ? 1 : 0},${x.map((value) => value.toPrecision(6)).join(',')}\n`;
  }
}

/** Makes an event log of so many rows, unless it is there; gives its path. */
export function makeEvents(dir, nRows) {
  return write(join(dir, `events_${nRows}.csv`), events(nRows, 20251123));
}

/** Makes a matrix of so many rows and features, unless it is there; gives its path. */
export function makeMatrix(dir, nRows, nFeatures) {
  return write(join(dir, `matrix_${nRows}_${nFeatures}.csv`), matrix(nRows, nFeatures, 20251122));
}

/** Makes a labelled matrix of so many rows and features, unless it is there; gives its path. */
export function makeLabelled(dir, nRows, nFeatures) {
  return write(join(dir, `labelled_${nRows}_${nFeatures}.csv`), labelled(nRows, nFeatures, 20251124));
}
