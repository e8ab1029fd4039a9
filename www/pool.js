/**
 * Work that one worker gives to others: tasks by name, each with its arguments, answered by whoever has least to do.
 *
 * A member is a worker behind a port. It joins when it says that it is ready, so that nothing waits for one that never
 * starts, and a task of a member that is lost fails at once: whoever gave it does the work itself.
 */
import { AnalyzerError, toPlainError } from './errors.js';

/** Tasks that a member has at once: one being done, one whose bytes are being read meanwhile. */
export const TASKS_AHEAD = 2;
/** A member that has not answered for so long is not waited for any more. */
const STALLED_MS = 30_000;

/**
 * @typedef {object} Task
 * @property {(result: any) => void} resolve
 * @property {(error: AnalyzerError) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 */

/**
 * @typedef {object} Member
 * @property {number} id
 * @property {MessagePort} port
 * @property {boolean} isReady
 * @property {Map<number, Task>} tasks
 */

export class Pool {
  /** @type {Map<number, Member>} */
  #members = new Map();
  #lastTask = 0;
  #stalledMs;

  /** @param {{ stalledMs?: number }} [options] replaced in tests */
  constructor({ stalledMs = STALLED_MS } = {}) {
    this.#stalledMs = stalledMs;
  }

  /** Whether no worker has joined or is about to. */
  get isEmpty() {
    return this.#members.size === 0;
  }

  /** Members that take tasks. */
  get size() {
    return this.#ready().length;
  }

  /** Whether a task given now would be begun soon. */
  get isFree() {
    return this.#ready().some(({ tasks }) => tasks.size < TASKS_AHEAD);
  }

  /**
   * @param {number} id
   * @param {MessagePort} port
   */
  add(id, port) {
    /** @type {Member} */
    const member = { id, port, isReady: false, tasks: new Map() };
    this.#members.set(id, member);
    port.onmessage = ({ data }) => {
      if (data.ready) member.isReady = true;
      else this.#answer(member, data);
    };
    port.onmessageerror = () => this.lose(id);
  }

  /**
   * Forgets a member that has failed, and fails its tasks.
   * @param {number} id
   */
  lose(id) {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    member.port.close();
    for (const { reject, timer } of member.tasks.values()) {
      clearTimeout(timer);
      reject(new AnalyzerError('worker-failed', 'a worker of the pool failed'));
    }
  }

  /** Forgets all members. */
  close() {
    for (const id of [...this.#members.keys()]) this.lose(id);
  }

  /**
   * Has a task done.
   * @param {string} name
   * @param {object} params
   * @param {ArrayBuffer[]} [transfer]
   * @returns {Promise<any>} rejected with the task's own error, and `worker-failed` when there is nobody to do it
   */
  run(name, params, transfer = []) {
    const [best] = this.#ready().sort((a, b) => a.tasks.size - b.tasks.size);
    if (!best) return Promise.reject(new AnalyzerError('worker-failed', 'the pool has no worker'));
    const task = (this.#lastTask += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.lose(best.id), this.#stalledMs);
      best.tasks.set(task, { resolve, reject, timer });
      best.port.postMessage({ task, name, params }, transfer);
    });
  }

  #ready() {
    return [...this.#members.values()].filter(({ isReady }) => isReady);
  }

  /**
   * @param {Member} member
   * @param {{ task: number, result?: any, error?: import('./errors.js').PlainError, fatal?: boolean }} answer
   */
  #answer(member, { task, result, error, fatal }) {
    const given = member.tasks.get(task);
    if (!given) return;
    member.tasks.delete(task);
    clearTimeout(given.timer);
    if (error) given.reject(AnalyzerError.from(error));
    else given.resolve(result);
    if (fatal) this.lose(member.id);
  }
}

/**
 * What a member needs of the engine: what can be done without a table.
 * @typedef {object} StatelessEngine
 * @property {(options: object, schema: Uint8Array, at: number) => import('./engine.js').SliceReading} beginSlice
 * @property {(model: Uint8Array) => import('./engine.js').Scorer} makeScorer
 */

/**
 * The member's side: does tasks as they come.
 * @param {MessagePort} port
 * @param {(wasm: unknown) => Promise<{ stateless: StatelessEngine }>} load
 * @param {unknown} wasm
 * @param {Record<string, (engine: StatelessEngine, params: any) => Promise<{ result: unknown, transfer: ArrayBuffer[] }>>} tasks
 */
export async function joinPool(port, load, wasm, tasks) {
  const { stateless } = await load(wasm);
  port.onmessage = async ({ data: { task, name, params } }) => {
    try {
      const { result, transfer } = await tasks[name](stateless, params);
      port.postMessage({ task, result }, transfer);
    } catch (thrown) {
      // After a trap nothing that the engine says could be trusted.
      port.postMessage({ task, error: toPlainError(thrown), fatal: /** @type {any} */ (thrown)?.name === 'RuntimeError' });
    }
  };
  port.postMessage({ ready: true });
}
