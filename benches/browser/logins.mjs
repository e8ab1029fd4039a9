// A login log in the layout of the public risk-based-authentication data set (Wiefling et al. 2022, Zenodo 6782156), in any
// size, with the proportions that scans of the public file report:
//
//   31,269,264 rows, 4,304,857 users; one user id (the one that stands for unknown names) with 44.86 % of the rows;
//   3,512,330 addresses, 23.3 % of the rows from private ones (10.x), some of them shared by thousands of users;
//   229 countries; 5 device types; 4,549 browser strings of about 200 families; 40.1 % of logins successful;
//   9.9 % from attack addresses, half of those at the heavy user; 4.1 % with a round-trip time; 141 takeovers;
//   2020-02-03 12:43:30 to 2021-02-28 23:59:58, in time order; "-" for an unknown region or city in 45 % of the rows.
//
// What the scans do not report is assumed: rows per user fall off as a power law; a user has one home country, device,
// browser and two addresses and leaves each in a few percent of the rows.
//
//   node benches/browser/logins.mjs ROWS FILE
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { argv } from 'node:process';
import { random } from './data.mjs';

/** Rows and users of the public file. */
export const PUBLIC_ROWS = 31_269_264;
const PUBLIC_USERS = 4_304_857;
const HEAVY_SHARE = 0.4486;
const PUBLIC_ADDRESSES = 3_512_330;
const START_MS = Date.UTC(2020, 1, 3, 12, 43, 30, 772);
const END_MS = Date.UTC(2021, 1, 28, 23, 59, 58);

const HEADER =
  'index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User Agent String,' +
  'Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is Attack IP,Is Account Takeover\n';

/** A well-mixed 32-bit hash of an integer and a salt. */
function mix(value, salt) {
  let x = Math.imul(value ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0xc2b2ae35);
  return (x ^ (x >>> 13)) >>> 0;
}

const letters = (n) => String.fromCharCode(65 + Math.floor(n / 26) % 26, 65 + (n % 26));
const COUNTRIES = ['NO', 'US', 'RU', 'DE', 'GB', 'SE', ...Array.from({ length: 223 }, (_, i) => letters(i * 3 + 100))];
const FAMILIES = ['Chrome Mobile', 'Chrome', 'Mobile Safari', 'Firefox', 'Chrome Mobile WebView', 'Edge', 'Opera', 'Samsung Internet', 'Android', 'Safari',
  ...Array.from({ length: 190 }, (_, i) => `App ${letters(i)} Browser`)];
/** 4,549 browsers: family, version, and the rest that goes with them. */
const BROWSERS = Array.from({ length: 4_549 }, (_, i) => {
  const family = FAMILIES[i < 200 ? i : Math.floor((mix(i, 1) / 4294967296) ** 3 * 200)];
  const version = `${20 + (i % 70)}.0.${1000 + (i * 37) % 4000}`;
  const mobile = /Mobile|Android|Samsung/.test(family);
  const os = mobile ? (i % 3 ? `Android ${4 + (i % 8)}.${i % 3}` : `iOS ${9 + (i % 6)}.${i % 5}`) : i % 4 ? `Windows ${i % 2 ? 10 : 7}` : `Mac OS X 10.${9 + (i % 7)}`;
  const agent = mobile
    ? `"Mozilla/5.0 (Linux; ${os}; SM-G${900 + (i % 99)}F) AppleWebKit/537.36 (KHTML, like Gecko) ${family}/${version} Mobile Safari/537.36"`
    : `"Mozilla/5.0 (${os}; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ${family}/${version} Safari/537.36"`;
  return { name: `${family} ${version}`, os, agent, device: mobile ? (i % 9 ? 'mobile' : 'tablet') : i % 50 === 1 ? 'bot' : i % 30 === 1 ? 'unknown' : 'desktop' };
});

/** A 19-digit signed id, different for every user. */
function userId(user) {
  const head = 1 + (mix(user, 2) % 8), middle = mix(user, 3) % 1_000_000_000, tail = (user * 7919 + 306_591_935) % 1_000_000_000;
  return `${user % 2 ? '' : '-'}${head}${String(middle).padStart(9, '0')}${String(tail).padStart(9, '0')}`;
}

function addressText(address) {
  return `${1 + (address >>> 24) % 223}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Lines of the log, header first. */
export function* logins(nRows, seed = 20200203) {
  const next = random(seed);
  const nOthers = nRows - Math.round(nRows * HEAVY_SHARE);
  const nUsers = Math.max(2, Math.round((PUBLIC_USERS * nRows) / PUBLIC_ROWS)) - 1;
  const nAddresses = Math.max(16, Math.round((PUBLIC_ADDRESSES * nRows) / PUBLIC_ROWS));
  const nPrivate = Math.max(8, Math.round(nAddresses / 60));
  const stepMs = (END_MS - START_MS) / nRows;
  yield HEADER;
  let nSeen = 0, nOtherRows = 0, minute = -1, prefix = '', nTakeovers = 0;
  for (let row = 0; row < nRows; row += 1) {
    const isHeavy = nOtherRows >= nOthers || next() < HEAVY_SHARE;
    let user = 0;
    if (!isHeavy) {
      // Every user comes once, spread over the log; the rest are returns, the earlier users the more often.
      nOtherRows += 1;
      if (Math.floor((nOtherRows * nUsers) / nOthers) > nSeen) user = nSeen += 1;
      else user = 1 + Math.floor(Math.max(nSeen, 1) * next() ** 2.2);
    }
    const ms = Math.floor(START_MS + (row + next()) * stepMs), m = Math.floor(ms / 60_000);
    if (m !== minute) {
      minute = m;
      prefix = new Date(m * 60_000).toISOString().slice(0, 17).replace('T', ' ');
    }
    const within = ms - m * 60_000;
    const time = `${prefix}${String(Math.floor(within / 1000)).padStart(2, '0')}.${String(within % 1000).padStart(3, '0')}`;
    const isAttack = next() < (isHeavy ? 0.1177 : 0.084);
    const isPrivate = next() < 0.233;
    const away = isHeavy || isAttack || next() < 0.04;
    const pick = isPrivate ? mix(away ? Math.floor(next() * nPrivate) : user % nPrivate, 4) % nPrivate
      : away ? Math.floor(next() * nAddresses) : mix(user, 5 + (next() < 0.2 ? 1 : 0)) % nAddresses;
    const address = isPrivate ? `10.${pick >>> 16 & 255}.${pick >>> 8 & 255}.${pick & 255}` : addressText(mix(pick, 7));
    const country = COUNTRIES[away ? Math.floor(next() ** 2 * 229) : mix(user, 8) % 20 ? 0 : mix(user, 9) % 229];
    const browser = BROWSERS[Math.floor((isHeavy || next() < 0.12 ? next() : mix(user, 10) / 4294967296) ** 2 * 4_549)];
    const place = next() < 0.45 ? '-,-' : `${country} Region ${pick % 17},${country} City ${pick % 211}`;
    const isSuccess = isHeavy ? next() < 3e-7 : next() < 0.727;
    const isTakeover = isAttack && isSuccess && nTakeovers * PUBLIC_ROWS < 141 * row;
    if (isTakeover) nTakeovers += 1;
    const rtt = next() < 0.041 ? 8 + Math.floor(-Math.log(1 - next()) * 600) : '';
    yield `${row},${time},${userId(user)},${rtt},${address},${country},${place},${12 + (mix(pick, 11) % 507_715)},${browser.agent},${browser.name},${browser.os},${browser.device},${isSuccess ? 'True' : 'False'},${isAttack ? 'True' : 'False'},${isTakeover ? 'True' : 'False'}\n`;
  }
}

/** Writes the log unless it is there; gives its path. */
export function writeLogins(path, nRows) {
  if (existsSync(path)) return path;
  const file = openSync(`${path}.part`, 'w');
  const block = Buffer.allocUnsafe(8 << 20);
  let filled = 0;
  for (const line of logins(nRows)) {
    filled += block.latin1Write(line, filled);
    if (filled > block.length - 4096) {
      writeSync(file, block, 0, filled);
      filled = 0;
    }
  }
  writeSync(file, block, 0, filled);
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
}

if (import.meta.filename === argv[1]) {
  const [rows, path] = argv.slice(2);
  if (!(Number(rows) > 0) || !path) {
    console.error('node logins.mjs ROWS FILE');
    process.exitCode = 2;
  } else {
    writeLogins(path, Number(rows));
  }
}
