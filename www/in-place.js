/**
 * A transport without a worker: the engine runs on the calling thread, in the same slices as it would in a worker. For
 * callers who are in a worker themselves, and for tests.
 *
 * The wasm glue holds one instance per thread, so analyzers in place share its memory, and one that stopped (out of
 * memory) takes the others with it. A worker each has none of that.
 */
import { macrotask } from './macrotask.js';

/** @returns {Promise<import('./caller.js').Transport>} */
export async function inPlace() {
  // Loaded only when asked for: who uses a worker never fetches the glue on this thread.
  const [{ serve }, { loadEngine }] = await Promise.all([import('./server.js'), import('./loader.js')]);
  return inPlaceTransport((post) => serve(post, loadEngine));
}

/**
 * @param {(post: (message: object) => void) => { receive: (message: any) => void, close: () => void }} makeServer
 * @returns {import('./caller.js').Transport}
 */
export function inPlaceTransport(makeServer) {
  /** @type {(message: any) => void} */
  let onMessage;
  const server = makeServer((message) => onMessage(message));
  return {
    canSend: () => true,
    // A task later, as a worker would hear it: a call never runs inside its caller.
    post: (message) => void macrotask().then(() => server.receive(message)),
    listen(listener) {
      onMessage = listener;
    },
    close: server.close,
  };
}
