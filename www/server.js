/**
 * A dispatcher that can be spoken to before its engine is there: messages queue until the wasm is ready. The first one
 * is `{ id, method: 'init', params: { wasm } }`; its answer is `{ version }` or the reason why there is no engine.
 */
import { Dispatcher } from './dispatcher.js';
import { toPlainError } from './errors.js';

/**
 * @typedef {(wasm: unknown) => Promise<{ engine: import('./dispatcher.js').EngineLike, version: string }>} Loader
 */

/**
 * @param {(message: object, transfer: ArrayBuffer[]) => void} post
 * @param {Loader} load
 * @returns {{ receive: (message: any) => void, close: () => void }}
 */
export function serve(post, load) {
  /** @type {Dispatcher | null} */
  let dispatcher = null;
  /** @type {import('./errors.js').PlainError | null} */
  let failure = null;
  let closed = false;
  /** @type {any[]} */
  let queue = [];

  /** @param {{ id: number, params: { wasm: unknown } }} message */
  async function init({ id, params }) {
    try {
      const { engine, version } = await load(params.wasm);
      dispatcher = new Dispatcher(engine, post);
      if (closed) dispatcher.close();
      else post({ id, result: { version } }, []);
    } catch (thrown) {
      failure = toPlainError(thrown);
      post({ id, error: failure }, []);
    }
    const waiting = queue;
    queue = [];
    waiting.forEach(receive);
  }

  /** @param {any} message */
  function receive(message) {
    if (closed) return;
    if (message.method === 'init') init(message);
    else if (dispatcher) dispatcher.receive(message);
    else if (!failure) queue.push(message);
    else if (message.method) post({ id: message.id, error: failure }, []);
  }

  return {
    receive,
    close() {
      closed = true;
      queue = [];
      dispatcher?.close();
    },
  };
}
