/**
 * Reading and analysing small made-up logs before anybody asks for anything, so that a file that comes later meets
 * compiled code: a browser runs wasm that it has not seen much of several times slower at first, and compiles each
 * function better only when it has taken its time. What is compiled is shared by all that run the same module, so an
 * engine of its own does it, whose table goes with it.
 */

/** How long nobody must have asked for anything, so that whoever opens and reads at once never meets this. */
export const IDLE_MS = 150;
/** Logs; behind them little more is gained. */
const N_LOGS = 48;
/** Rows of a log, so that no step with it takes more than some milliseconds, cold as it is. */
const N_ROWS = 500;
/** Rows of the first, which meets most functions for the first time. */
const N_FIRST_ROWS = 20;

const COUNTRIES = ['NO', 'US', 'DE', 'GB', 'FR', 'IN'];
const ACTIONS = ['login', 'view', 'search', 'download', 'logout'];
const DEVICES = ['desktop', 'mobile', 'tablet'];
const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
];

/**
 * The work, a step at a time. An engine is made with the first step and freed with the last, or when `return()` is
 * called before it.
 * @param {() => import('./engine.js').Engine} makeEngine
 * @returns {Generator<undefined, void>}
 */
export function* warmUp(makeEngine) {
  const engine = makeEngine();
  const encoder = new TextEncoder();
  // An engine that has trapped cannot be freed, and the attempt would hide why.
  let isSound = true;
  try {
    for (let nth = 0; nth < N_LOGS; nth += 1) {
      engine.call({ method: 'beginIngest', params: {} });
      engine.push(encoder.encode(log(nth, nth === 0 ? N_FIRST_ROWS : N_ROWS)));
      yield;
      engine.call({ method: 'beginFinish' });
      while (engine.call({ method: 'stepFinish' }));
      yield;
      engine.call({ method: 'beginAnalysis', params: { parameters: { trees: 8, top: 4 } } });
      yield;
      while (engine.call({ method: 'stepAnalysis' })) yield;
    }
  } catch (thrown) {
    isSound = false;
    throw thrown;
  } finally {
    if (isSound) engine.free();
  }
}

/**
 * A log with a bit of everything: every other one as logins are written, every eighth as JSON lines.
 * @param {number} nth
 * @param {number} nRows
 */
function log(nth, nRows) {
  let state = nth;
  const below = (/** @type {number} */ end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  const among = (/** @type {string[]} */ words) => words[below(words.length)];
  const isLogins = nth % 2 === 1;
  const rows = Array.from({ length: nRows }, (_, row) => {
    const user = below(150);
    const ms = 1_735_689_600_000 + row * 600_000 + below(600_000);
    const time = new Date(ms).toISOString();
    const address = `10.${user >> 3}.${below(3)}.${user}`;
    return isLogins
      ? {
          'Login Timestamp': time.slice(0, -1).replace('T', ' '),
          'User ID': `-43249${user + 100}750172${user + 100}79`,
          'Round-Trip Time [ms]': below(4) ? '' : `${below(900)}`,
          'IP Address': address,
          Country: among(COUNTRIES),
          Region: below(9) ? '-' : 'Oslo "County"',
          'User Agent String': among(BROWSERS),
          'Device Type': among(DEVICES),
          'Login Successful': below(6) ? 'True' : 'False',
        }
      : {
          timestamp: `${time.slice(0, 19)}Z`,
          user_id: `u${String(user).padStart(6, '0')}`,
          action: among(ACTIONS),
          device: among(DEVICES),
          ip: address,
          country: among(COUNTRIES),
          session_id: `s${(user * 7_919 + Math.floor(ms / 5_400_000)).toString(16)}`,
          bytes: `${below(100_000)}`,
          amount: (below(100_000) / 100).toFixed(2),
        };
  });
  if (nth % 8 === 7) return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))].map(record).join('');
}

/** @param {string[]} fields */
function record(fields) {
  return `${fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}
