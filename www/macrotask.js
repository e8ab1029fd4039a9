/**
 * Giving way to the event loop: timers, messages and drawing get their turn before the promise settles. A resolved
 * promise would not do (microtasks run first), and timers are clamped to 4 ms.
 */

/** @type {() => Promise<void>} */
export const macrotask = typeof setImmediate === 'function' ? () => new Promise((go) => setImmediate(go)) : viaChannel();

/** @returns {() => Promise<void>} */
function viaChannel() {
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */
  const waiting = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((go) => {
      waiting.push(go);
      port2.postMessage(null);
    });
}
