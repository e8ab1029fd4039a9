// A log large enough to be read in slices, and what an analyzer makes of it. Also loaded by a page, so it imports nothing.

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
