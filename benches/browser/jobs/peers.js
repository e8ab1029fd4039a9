// What a page could use instead: file to six behaviour features per user (events; distinct addresses, countries,
// devices; share at night; mean gap). Every peer gives the same checksum, which the runner compares. Peers read the columns
// that they need; DuckDB also, if told, the whole file into a typed table first, as ours is when it is asked nothing.
import * as duckdb from '@duckdb/duckdb-wasm';
import Papa from 'papaparse';
import { inferSchema, initParser } from 'udsv';
import featureQueries from '../features.json';
import { LAYOUTS } from './layouts.js';

let T, USER, DEVICE, ADDRESS, COUNTRY, names;

class Features {
  users = new Map();
  days = new Map();
  add(row) {
    let user = this.users.get(row[USER]);
    if (user === undefined) {
      user = { n: 0, night: 0, first: Infinity, last: -Infinity, addresses: new Set(), countries: new Set(), devices: new Set() };
      this.users.set(row[USER], user);
    }
    const text = row[T], key = text.slice(0, 10), digit = (i) => text.charCodeAt(i) - 48;
    let day = this.days.get(key);
    if (day === undefined) this.days.set(key, (day = Date.parse(`${key}T00:00:00Z`)));
    const hour = digit(11) * 10 + digit(12);
    let ms = day + (hour * 3600 + (digit(14) * 10 + digit(15)) * 60 + digit(17) * 10 + digit(18)) * 1000;
    if (text[19] === '.') ms += digit(20) * 100 + digit(21) * 10 + digit(22);
    user.n++;
    if (hour < 6) user.night++;
    if (ms < user.first) user.first = ms;
    if (ms > user.last) user.last = ms;
    user.addresses.add(row[ADDRESS]);
    user.countries.add(row[COUNTRY]);
    user.devices.add(row[DEVICE]);
  }
  check() {
    let rows = 0, distinct = 0, night = 0, gap = 0;
    for (const u of this.users.values()) {
      rows += u.n;
      distinct += u.addresses.size + u.countries.size + u.devices.size;
      night += u.night / u.n;
      if (u.n > 1) gap += (u.last - u.first) / 1000 / (u.n - 1);
    }
    return checksum(this.users.size, rows, distinct, night, gap);
  }
}
const checksum = (users, rows, distinct, night, gap) => [users, rows, distinct, night.toFixed(3), gap.toFixed(0)].join(' ');

const peers = {
  // The floor: nothing but reading.
  read: {
    async run(file) {
      const SLICE = 16 << 20;
      for (let at = 0; at < file.size; at += SLICE) await file.slice(at, at + SLICE).arrayBuffer();
    },
  },
  papaparse: {
    run: (file) => new Promise((resolve, reject) => {
      const features = new Features();
      let head = true;
      Papa.parse(file, {
        skipEmptyLines: true,
        chunk: ({ data }) => { for (let i = head ? 1 : 0; i < data.length; i++) features.add(data[i]); head = false; },
        complete: () => resolve(features.check()),
        error: reject,
      });
    }),
  },
  udsv: {
    async run(file) {
      const features = new Features();
      const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
      let parser = null;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parser ??= initParser(inferSchema(value));
        parser.chunk(value, parser.stringArrs, (row) => features.add(row));
      }
      parser.end();
      return features.check();
    },
  },
  // By hand, on whole strings: what careful JavaScript does without a package.
  javascript: {
    async run(file) {
      const features = new Features();
      const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
      let rest = '', head = true;
      const line = (text, from, to) => {
        const row = [];
        for (let f = 0; f < 6; f++) { const comma = text.indexOf(',', from); row.push(text.slice(from, comma)); from = comma + 1; }
        features.add(row);
      };
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const text = rest + value;
        let from = 0;
        for (let to; (to = text.indexOf('\n', from)) >= 0; from = to + 1) { if (head) head = false; else line(text, from, to); }
        rest = text.slice(from);
      }
      return features.check();
    },
  },
  duckdb: {
    async setup() {
      const base = `${self.location.origin}/duckdb/`;
      const db = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(`${base}duckdb-browser-eh.worker.js`));
      await db.instantiate(`${base}duckdb-eh.wasm`);
      return { db, connection: await db.connect() };
    },
    async run(file, { db, connection }, isWhole) {
      await db.registerFileHandle('in.csv', file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
      const [time, user, device, address, country] = names.map((name) => `"${name}"`);
      let log = `(SELECT *, CAST(${time} AS TIMESTAMP) t FROM read_csv('in.csv', types={'${names[0]}': 'VARCHAR'}))`;
      if (isWhole) {
        await connection.query(`CREATE TABLE log AS FROM ${log}`);
        log = 'log';
      }
      const result = await connection.query(`
        SELECT count(*)::INT n, (count(DISTINCT ${address}) + count(DISTINCT ${country}) + count(DISTINCT ${device}))::INT d,
          avg(CASE WHEN hour(t) < 6 THEN 1.0 ELSE 0.0 END)::DOUBLE night,
          (CASE WHEN count(*) > 1 THEN (epoch_ms(max(t)) - epoch_ms(min(t))) / 1000.0 / (count(*) - 1) ELSE 0 END)::DOUBLE gap
        FROM ${log} GROUP BY ${user}`);
      const sum = (name) => result.getChild(name).toArray().reduce((a, b) => a + Number(b), 0);
      return checksum(result.numRows, sum('n'), sum('d'), sum('night'), sum('gap'));
    },
    /** The features of a table that is in memory already, per user or per login: only the query is timed. */
    async features(file, { db, connection }, unit) {
      await db.registerFileHandle('in.csv', file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
      const [time, user, device, address, country] = names.map((name) => `"${name}"`);
      const ofLogins = unit === 'events' ? '' : `, "Browser Name and Version" b, "Login Successful" = 'True' ok`;
      await connection.query(`CREATE TABLE log AS SELECT ${user} u, ${address} ip, ${country} c, ${device} d,
        epoch_ms(CAST(${time} AS TIMESTAMP)) t${ofLogins} FROM read_csv('in.csv', all_varchar=true)`);
      const start = performance.now();
      const { n, k, ratio, gap, since } = (await connection.query(featureQueries[unit].join('\n'))).get(0);
      return { ms: performance.now() - start, check: [n, k, ratio.toFixed(0), gap.toFixed(0), since.toFixed(0)].join(' ') };
    },
  },
};

self.onmessage = async ({ data: { peer, file, layout, idleMs, unit, isWhole } }) => {
  try {
    ({ places: [T, USER, DEVICE, ADDRESS, COUNTRY], names } = LAYOUTS[layout]);
    const { setup, run, features } = peers[peer];
    const start = performance.now(), context = await setup?.(), loadMs = performance.now() - start;
    await new Promise((go) => setTimeout(go, idleMs));
    if (unit) return postMessage({ loadMs, ...(await features(file, context, unit)) });
    const ready = performance.now(), check = await run(file, context, isWhole);
    postMessage({ loadMs, ms: performance.now() - ready, check });
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
