// Firefox as it is installed, over WebDriver BiDi: the browser driver of the other tests drives only a Firefox of its own
// making, which is not what people have. Just what a visit takes: open, evaluate, listen to the console.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';

const USUAL = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const START_MS = 60_000;

/** Where Firefox is: FIREFOX, or a usual place; `undefined` where there is none. */
export const firefoxPath = () => [process.env.FIREFOX, ...USUAL].find((path) => path && existsSync(path));

/**
 * Starts it with a profile of its own.
 * @returns {Promise<{ evaluate: (expression: string) => Promise<any>, problems: string[], close: () => Promise<void> }>}
 * `evaluate` runs an expression in the page, waits for its promise, and gives what JSON can hold of it.
 */
export async function openInFirefox(path, url) {
  const profile = await mkdtemp(join(tmpdir(), 'isoscope-firefox-'));
  const child = spawn(path, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // A test that was ended from outside must not leave a browser behind.
  const end = () => child.kill();
  process.once('exit', end);
  let session;
  const close = async () => {
    session?.end();
    child.kill();
    await ended;
    process.off('exit', end);
    // Firefox may still be writing into it for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    session = await connect(`${await address(child)}/session`);
    await session.send('session.new', { capabilities: {} });
    const { contexts } = await session.send('browsingContext.getTree', {});
    const { context } = contexts[0];
    const problems = [];
    session.onEvent = ({ method, params }) => {
      if (method === 'log.entryAdded' && params.level === 'error') problems.push(params.text);
    };
    await session.send('session.subscribe', { events: ['log.entryAdded'] });
    await session.send('browsingContext.navigate', { context, url, wait: 'complete' });
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await session.send('script.evaluate', {
        expression: `(async () => JSON.stringify(await (${expression})))()`,
        target: { context },
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
      return result.value === undefined ? undefined : JSON.parse(result.value);
    };
    return { evaluate, problems, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What Firefox says on its error stream about where it listens. */
function address(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`Firefox did not start: ${said}`)), START_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}: ${said}`)));
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const [, found] = said.match(/WebDriver BiDi listening on (ws:\/\/\S+)/) ?? [];
      if (!found) return;
      clearTimeout(late);
      resolve(found);
    });
  });
}

/** Commands with their answers over one socket. */
async function connect(endpoint) {
  const socket = new WebSocket(endpoint);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const waiting = new Map();
  const session = {
    onEvent: (_event) => {},
    send(method, params) {
      nSent += 1;
      const id = nSent;
      socket.send(JSON.stringify({ id, method, params }));
      return new Promise((resolve, reject) => waiting.set(id, { method, resolve, reject }));
    },
    end: () => socket.close(),
  };
  let nSent = 0;
  const failAll = () => {
    for (const { method, reject } of waiting.values()) reject(new Error(`${method}: Firefox is gone`));
    waiting.clear();
  };
  socket.on('close', failAll);
  socket.on('message', (data) => {
    const answer = JSON.parse(data);
    if (answer.type === 'event') return session.onEvent(answer);
    const { method, resolve, reject } = waiting.get(answer.id);
    waiting.delete(answer.id);
    return answer.type === 'success' ? resolve(answer.result) : reject(new Error(`${method}: ${answer.message}`));
  });
  return session;
}
