// Logs large enough to be read in slices, and what an analyzer makes of them. Also loaded by a page, so it imports nothing.

const LINES = 460_000;

/** 40 MB with quotes, commas, quotes and line ends inside quotes, missing and broken values. Without chance. */
export function slicesLog() {
  const encoder = new TextEncoder();
  const parts = [];
  let block = 'time,user,action,amount,ok,note\n';
  for (let i = 0; i < LINES; i += 1) {
    const time = new Date(1.7e12 + i * 7000).toISOString().slice(0, 19);
    const amount = i % 977 === 0 ? 'n/a' : i % 3001 === 0 ? 'much' : `${(i * 7919) % 10007}.25`;
    const note = i % 5 === 0 ? `"said ""no"",\nand ${i} times, so:\r\nyes"` : i % 7 === 0 ? `"a, b ${i % 300}"` : `entry number ${i % 5000} of the day's log, as it came`;
    block += `${time},user${(i * i) % 997},${['read', 'edit', 'copy'][i % 3]},${amount},${i % 4 === 0},${note}\n`;
    if (i % 1000 === 0) {
      parts.push(encoder.encode(block));
      block = '';
    }
    if (i === 200_000) block += 'short,record\n';
  }
  parts.push(encoder.encode(block));
  return new Blob(parts);
}

/** What is said of one event, as a line of JSON: now and then one of other fields than most, or none. */
function jsonLine(i, at) {
  if (i % 40_001 === 40_000) return 'not JSON at all';
  const event = { time: at, user: `user${(i * i) % 997}`, action: ['read', 'edit', 'copy'][i % 3], amount: ((i * 7919) % 10_007) + 0.25 };
  if (i % 5 === 0) event.note = `said "no", \n and ${i} times`;
  if (i % 11 === 0) event.place = { country: ['DE', 'FR', null][i % 3], city: `city ${i % 300}` };
  if (i > 200_000 && i % 90_000 === 0) event[`extra${i}`] = i;
  return JSON.stringify(event);
}

/** The same as a web server writes it: now and then a line of another kind. */
function accessLine(i, at) {
  if (i % 40_001 === 40_000) return `[error] worker ${i % 7} ended`;
  const time = `${at.slice(8, 10)}/${at.slice(5, 7) === '11' ? 'Nov' : 'Dec'}/${at.slice(0, 4)}:${at.slice(11)} +0000`;
  return `10.0.${i % 7}.${(i * i) % 251} - user${(i * i) % 997} [${time}] "GET /page/${i % 5000}?q=${i % 13} HTTP/1.1" ${i % 17 ? 200 : 403} ${(i * 7919) % 10_007} "-" "Agent/${i % 29}.0"`;
}

/**
 * 40 MB of lines. Without chance.
 * @param {'json' | 'access'} format
 */
export function linesLog(format) {
  const line = { json: jsonLine, access: accessLine }[format];
  const encoder = new TextEncoder();
  const parts = [];
  for (let first = 0; first < LINES; first += 1000) {
    const lines = Array.from({ length: 1000 }, (_, i) => line(first + i, new Date(1.7e12 + (first + i) * 7000).toISOString().slice(0, 19)));
    parts.push(encoder.encode(`${lines.join('\n')}\n`));
  }
  return new Blob(parts);
}

/**
 * Everything about the log that could depend on who read it.
 * @param {(options: object) => Promise<any>} open of the module under test
 * @param {Blob} log
 * @param {object} options of `open`
 * @param {(analyzer: any) => Promise<void>} [look] at the analyzer while it lives
 */
export async function readWith(open, log, options, look = async () => {}) {
  const analyzer = await open(options);
  try {
    const { memoryBytes, ...table } = await analyzer.ingest(log);
    await look(analyzer);
    const { timings, ...analysis } = await analyzer.analyze({ recipe: 'activity', seed: 3 });
    const { cells } = await analyzer.rows(Array.from({ length: 500 }, (_, i) => i * 719));
    const plain = (key, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
    return JSON.stringify({ table, analysis, cells }, plain);
  } finally {
    analyzer.dispose();
  }
}
