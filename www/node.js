/**
 * The module as Node uses it: the engine in a `worker_threads` worker, the wasm read from the package's own file.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { analyzeWith, openWith } from './analyzer.js';
import { DiskFile } from './disk-file.js';
import { AnalyzerError } from './errors.js';
import { inPlace } from './in-place.js';
import { areStartedToRead, members, workerCount } from './members.js';
import { whyUnsupported } from './unsupported.js';

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

/** @type {Promise<WebAssembly.Module> | undefined} the package's own wasm, compiled once per process */
let ownModule;

/**
 * @param {{ workerUrl?: string | URL, wasm?: unknown, workers?: number, warm?: boolean }} options
 * @returns {Promise<import('./analyzer.js').Connection>}
 */
async function connect({ workerUrl = new URL('./node-worker.js', import.meta.url), wasm, workers, warm }) {
  const module = await (wasm === undefined ? (ownModule ??= compile()) : compile(wasm));
  if (workers === 0) return { transport: await inPlace(), wasm: module, warm };
  const nCores = availableParallelism();
  const pool = members({
    nMembers: workerCount(workers, nCores) - 1,
    wasm: module,
    start: async (onLost) => startMember(workerUrl, onLost),
  });
  const own = workerTransport(() => new Worker(fileOf(workerUrl)), pool);
  return { transport: { ...own, growsToRead: areStartedToRead(workers, nCores) }, wasm: module, warm };
}

/**
 * Node takes paths as text and URLs as objects only.
 * @param {string | URL} given
 */
function fileOf(given) {
  return typeof given === 'string' && given.startsWith('file:') ? new URL(given) : given;
}

/**
 * @param {unknown} [wasm] a module, its bytes, a path, or a `file:` or `https:` URL; the package's own when not given
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(wasm = new URL('./engine_bg.wasm', import.meta.url)) {
  if (wasm instanceof WebAssembly.Module) return wasm;
  try {
    return await WebAssembly.compile(await wasmBytes(wasm));
  } catch (cause) {
    const error = /** @type {Error} */ (cause);
    const why = error instanceof WebAssembly.CompileError ? whyUnsupported(error) : undefined;
    throw why ?? new AnalyzerError('worker-failed', `the engine's wasm could not be loaded: ${error.message}`, { cause });
  }
}

/** @param {unknown} wasm */
async function wasmBytes(wasm) {
  if (typeof wasm !== 'string' && !(wasm instanceof URL)) return /** @type {BufferSource} */ (wasm);
  if (/^https?:/.test(String(wasm))) {
    const response = await fetch(wasm);
    if (!response.ok) throw new Error(`HTTP ${response.status} at ${wasm}`);
    return response.arrayBuffer();
  }
  return readFile(fileOf(wasm));
}

/**
 * @param {string | URL} workerUrl
 * @param {() => void} onLost
 * @returns {import('./members.js').StartedWorker}
 */
function startMember(workerUrl, onLost) {
  const worker = new Worker(fileOf(workerUrl));
  worker.on('error', onLost);
  worker.on('exit', onLost);
  // Whoever waits, waits for the first worker.
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, /** @type {any[]} */ (transfer)),
    close: () => void worker.terminate(),
  };
}

/**
 * Whether a Blob can be posted. Those that Node backs by a file (`fs.openAsBlob`) cannot, and of a file of the caller's own
 * kind the copy has no bytes.
 * @param {Blob} blob
 */
function canSend(blob) {
  if (DiskFile.is(blob)) return true;
  try {
    return typeof structuredClone(blob).slice === 'function';
  } catch {
    return false;
  }
}

/**
 * @param {() => Worker} start
 * @param {ReturnType<typeof members>} pool
 * @returns {import('./caller.js').Transport}
 */
function workerTransport(start, pool) {
  let worker = start();
  let isWaiting = false;
  /** @type {(message: any) => void} */
  let tell;
  /** @type {(error: AnalyzerError) => void} */
  let fail;
  const listen = () => {
    /** @param {string} why */
    const failed = (why) => fail(new AnalyzerError('worker-failed', `the worker ${why}; open a new analyzer`));
    worker.on('message', tell);
    worker.on('messageerror', (error) => failed(`gave an answer that cannot be read (${error.message})`));
    worker.on('error', (error) => failed(`failed: ${error.message}`));
    worker.on('exit', (code) => failed(`ended with code ${code}`));
  };
  // An analyzer that nobody waits for does not keep the process alive, even if it is never disposed.
  const hold = () => (isWaiting ? worker.ref() : worker.unref());
  const end = () => {
    worker.removeAllListeners();
    worker.terminate();
  };
  return {
    canSend,
    grow: () => pool.grow((message, transfer = []) => worker.postMessage(message, /** @type {any[]} */ (transfer))),
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage, onFailure) {
      tell = onMessage;
      fail = onFailure;
      listen();
    },
    hold(waits) {
      isWaiting = waits;
      hold();
    },
    restart() {
      pool.close();
      end();
      worker = start();
      listen();
      hold();
    },
    close() {
      pool.close();
      end();
    },
  };
}
