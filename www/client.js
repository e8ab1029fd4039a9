/**
 * The module as a browser uses it: the engine in a worker, the bytes never on the page's thread.
 *
 * Nothing here touches the host page's policy, storage or network, except that the worker's script and the wasm are
 * loaded from where they lie, beside this file unless told otherwise.
 */
import { analyzeWith, openWith } from './analyzer.js';
import { AnalyzerError } from './errors.js';
import { inPlace } from './in-place.js';
import { areStartedToRead, members, workerCount } from './members.js';

export { AnalyzerError, ERROR_CODES } from './errors.js';
export { filesOf } from './reading/folder.js';

/**
 * Opens an analyzer: starts a worker and the engine in it.
 * @param {object} [options] see `index.d.ts`
 */
export function open(options = {}) {
  return openWith(connect, options);
}

/**
 * One call for those who want one call: open, ingest, analyze, dispose.
 * @param {unknown} source
 * @param {object} [plan]
 * @param {object} [options]
 */
export function analyze(source, plan = {}, options = {}) {
  return analyzeWith(connect, source, plan, options);
}

/**
 * @param {{ workerUrl?: string | URL, wasm?: unknown, workers?: number, warm?: boolean }} options
 * @returns {Promise<import('./analyzer.js').Connection>}
 */
async function connect({ workerUrl, wasm, workers, warm }) {
  const engine = addressed(wasm ?? new URL('./engine_bg.wasm', import.meta.url));
  if (workers === 0) return { transport: await inPlace(), wasm: engine, warm };
  const started = await startWorker(workerUrl);
  const nCores = navigator.hardwareConcurrency ?? 1;
  const pool = members({
    nMembers: workerCount(workers, nCores) - 1,
    wasm: engine,
    start: (onLost) => startMember(workerUrl, onLost),
  });
  const transport = { ...workerTransport(started, pool), growsToRead: areStartedToRead(workers, nCores) };
  return { transport, wasm: engine, warm: warm ?? true };
}

/** What relative addresses are relative to; a caller may be a worker, which has no document. */
const base = () => globalThis.document?.baseURI ?? location.href;

/**
 * A URL as an absolute string, which means the same in a blob worker, whose own base is the blob; all else as it is.
 * @param {unknown} wasm
 */
function addressed(wasm) {
  return typeof wasm === 'string' || wasm instanceof URL ? new URL(wasm, base()).href : wasm;
}

/**
 * A worker, how to start another one of the same script, and what to do after the last.
 * @typedef {{ worker: Worker, again: () => Worker, revoke?: () => void }} StartedWorker
 */

/**
 * @param {string | URL} [workerUrl]
 * @returns {Promise<StartedWorker>}
 */
async function startWorker(workerUrl) {
  const url = workerUrl === undefined ? new URL('./worker.js', import.meta.url) : new URL(workerUrl, base());
  try {
    if (url.protocol === 'blob:' || url.protocol === 'data:' || url.origin === location.origin) {
      // Written out in full, because bundlers know the worker's file by this very expression.
      const again = () => (workerUrl === undefined ? new Worker(new URL('./worker.js', import.meta.url)) : new Worker(url));
      return { worker: again(), again };
    }
    // A worker's script must be of the page's own origin. From elsewhere (a CDN) it is fetched and started as a blob.
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const blobUrl = URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    const again = () => new Worker(blobUrl);
    return { worker: again(), again, revoke: () => URL.revokeObjectURL(blobUrl) };
  } catch (cause) {
    throw notStarted(String(url), /** @type {Error} */ (cause).message, cause);
  }
}

/**
 * @param {string | URL | undefined} workerUrl
 * @param {() => void} onLost
 * @returns {Promise<import('./members.js').StartedWorker>}
 */
async function startMember(workerUrl, onLost) {
  const { worker, revoke } = await startWorker(workerUrl);
  worker.onerror = onLost;
  worker.onmessageerror = onLost;
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    close() {
      worker.terminate();
      revoke?.();
    },
  };
}

/**
 * @param {string} url
 * @param {string} why
 * @param {unknown} [cause]
 */
function notStarted(url, why, cause) {
  return new AnalyzerError(
    'worker-failed',
    `the worker could not be started from ${url} (${why}); give the address of worker.js in open({ workerUrl }), ` +
      'and allow it in worker-src if the page has a content security policy',
    { cause },
  );
}

/**
 * @param {StartedWorker} started
 * @param {ReturnType<typeof members>} pool
 * @returns {import('./caller.js').Transport}
 */
function workerTransport({ worker, again, revoke }, pool) {
  let hasSpoken = false;
  /** @type {(message: any) => void} */
  let tell;
  /** @type {(error: AnalyzerError) => void} */
  let fail;
  const listen = () => {
    worker.onmessage = (event) => {
      hasSpoken = true;
      tell(event.data);
    };
    worker.onmessageerror = () =>
      fail(new AnalyzerError('worker-failed', 'an answer of the worker could not be read; open a new analyzer'));
    worker.onerror = (event) =>
      fail(
        hasSpoken
          ? new AnalyzerError('worker-failed', `the worker failed: ${event.message}; open a new analyzer`)
          : notStarted('its address', event.message || 'not found, no script, or refused by a policy'),
      );
  };
  const end = () => {
    // What it said last is not heard any more.
    worker.onmessage = worker.onmessageerror = worker.onerror = null;
    worker.terminate();
  };
  return {
    canSend: () => true,
    grow: () => pool.grow((message, transfer = []) => worker.postMessage(message, transfer)),
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage, onFailure) {
      tell = onMessage;
      fail = onFailure;
      listen();
    },
    restart() {
      pool.close();
      end();
      worker = again();
      listen();
    },
    close() {
      pool.close();
      end();
      revoke?.();
    },
  };
}
