/**
 * A dispatcher that can be spoken to before its engine is there: messages queue until the wasm is ready. The first one
 * is `{ id, method: 'init', params: { wasm, warm } }`; its answer is `{ version }` or the reason why there is no engine.
 * With `warm`, it warms up when nobody asks for anything for a moment. A worker whose first and only message is
 * `{ join, wasm }` is a member of the pool behind the port `join` instead.
 */
import { Dispatcher } from './dispatcher.js';
import { AnalyzerError, toPlainError } from './errors.js';
import { joinPool } from './pool.js';
import { measureRows } from './sharing.js';
import { TASKS } from './slices.js';
import { IDLE_MS, warmUp } from './warm-up.js';

/**
 * @typedef {object} Loaded
 * @property {import('./engine.js').Engine} engine
 * @property {() => import('./engine.js').Engine} makeEngine another one beside it
 * @property {import('./pool.js').StatelessEngine} stateless
 * @property {string} version
 *
 * @typedef {(wasm: unknown) => Promise<Loaded>} Loader
 */

/**
 * @param {(message: object, transfer: ArrayBuffer[]) => void} post
 * @param {Loader} load
 * @param {(posted: any) => Blob} [received] a posted file as it can be read here, where posting leaves something of it behind
 * @returns {{ receive: (message: any) => void, receiveUnreadable: () => void, close: () => void }}
 */
export function serve(post, load, received = (posted) => posted) {
  /** @type {Dispatcher | null} */
  let dispatcher = null;
  /** @type {import('./errors.js').PlainError | null} */
  let failure = null;
  let closed = false;
  /** @type {any[]} */
  let queue = [];

  /** @param {{ id: number, params: { wasm: unknown, warm?: boolean } }} message */
  async function init({ id, params }) {
    try {
      const { engine, makeEngine, stateless, version } = await load(params.wasm);
      const own = new Dispatcher(engine, post, stateless);
      dispatcher = own;
      if (closed) own.close();
      else post({ id, result: { version } }, []);
      if (params.warm) setTimeout(() => own.warmUp(warmUp(makeEngine)), IDLE_MS);
    } catch (thrown) {
      failure = toPlainError(thrown);
      post({ id, error: failure }, []);
    }
    const waiting = queue;
    queue = [];
    waiting.forEach(receive);
  }

  /** @param {{ join: MessagePort, wasm: unknown }} message */
  function join({ join: port, wasm }) {
    /** @type {typeof TASKS.readSlice} */
    const readSlice = (engine, params) => TASKS.readSlice(engine, { ...params, blob: received(params.blob) });
    joinPool(port, load, wasm, { readSlice, measureRows: measureRows() }).catch(() => port.close());
  }

  /** @param {any} message */
  function receive(message) {
    if (closed) return;
    for (const file of message.params?.files ?? []) file.blob = received(file.blob);
    if (message.method === 'init') init(message);
    else if (message.join) join(message);
    else if (dispatcher) dispatcher.receive(message);
    else if (!failure) queue.push(message);
    else if (message.method) post({ id: message.id, error: failure }, []);
  }

  return {
    receive,
    /** For a message that arrived but could not be read: whoever sent it must not wait for an answer. */
    receiveUnreadable() {
      if (closed) return;
      const message = dispatcher
        ? 'a message to the worker could not be read; open a new analyzer'
        : "the worker could not read what it was sent to start with; if the page has a content security policy, allow 'wasm-unsafe-eval' in script-src";
      post({ fatal: toPlainError(new AnalyzerError('worker-failed', message)) }, []);
    },
    close() {
      closed = true;
      queue = [];
      dispatcher?.close();
    },
  };
}
