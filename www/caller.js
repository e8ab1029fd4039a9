/**
 * The calling side of the protocol over a transport. Every promise it gives settles, whatever becomes of the worker: an
 * error, the end and an abort reject what is pending, with a code.
 */
import { AnalyzerError, abortedBy } from './errors.js';
import { feeding, unreadable } from './feeding.js';

/**
 * A line to a server.
 * @typedef {object} Transport
 * @property {(message: object, transfer?: ArrayBuffer[]) => void} post
 * @property {(onMessage: (message: any) => void, onFailure: (error: AnalyzerError) => void) => void} listen called once,
 *   before the first post
 * @property {(blob: Blob) => boolean} canSend whether a Blob can be posted
 * @property {() => void} [grow] starts the workers that help the first one, unless they are there
 * @property {boolean} [growsToRead] whether that is worth it for reading a large file alone
 * @property {(isWaiting: boolean) => void} [hold] whether somebody waits for an answer, so that Node may exit when not
 * @property {() => void} [restart] replaces the server by a new one, which has to be told `init`; absent where there is
 *   no memory of its own to give back
 * @property {() => void} close
 */

/**
 * A call that has not been answered.
 * @typedef {object} Pending
 * @property {(result: any) => void} resolve
 * @property {(error: AnalyzerError) => void} reject
 * @property {() => void} release
 * @property {() => void} [onAck]
 */

/** @typedef {{ signal?: AbortSignal }} CallOptions */

/** Makes calls, and sends the sources that are read on this side. */
export class Caller {
  #transport;
  #onEvent;
  #lastId = 0;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {AnalyzerError | null} why no call can be made any more */
  #ended = null;

  /**
   * @param {Transport} transport
   * @param {(event: string, detail: unknown) => void} onEvent for what is told unasked
   */
  constructor(transport, onEvent) {
    this.#transport = transport;
    this.#onEvent = onEvent;
    transport.listen(
      (message) => this.#receive(message),
      (error) => this.end(error),
    );
  }

  /** Whether no call can be made any more. */
  get isEnded() {
    return this.#ended !== null;
  }

  /** A number for a call that is to be known before it is made. */
  nextId() {
    this.#lastId += 1;
    return this.#lastId;
  }

  /**
   * Throws where a call cannot be made.
   * @param {AbortSignal} [signal]
   */
  check(signal) {
    if (this.#ended) throw this.#ended;
    if (signal?.aborted) throw abortedBy(signal);
  }

  /**
   * @param {string} method
   * @param {object | undefined} params
   * @param {CallOptions & { id?: number }} [call]
   * @returns {Promise<any>}
   */
  async call(method, params, { signal, id = this.nextId() } = {}) {
    this.check(signal);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#settle(id)?.reject(abortedBy(/** @type {AbortSignal} */ (signal)));
        this.#transport.post({ cancel: id });
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const release = () => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, { resolve, reject, release });
      if (this.#pending.size === 1) this.#transport.hold?.(true);
      try {
        this.#transport.post(params === undefined ? { id, method } : { id, method, params });
      } catch (cause) {
        const { message } = /** @type {Error} */ (cause);
        this.#settle(id)?.reject(
          new AnalyzerError('options', `the arguments of ${method} cannot be sent to a worker: ${message}`, { cause }),
        );
      }
    });
  }

  /**
   * Sends a source that is read on this side.
   * @param {number} id
   * @param {import('./reading/reader.js').SourceReader} reader
   */
  async feed(id, reader) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const isPending = () => this.#pending.get(id) === pending;
    const { run, acked, ended } = feeding(reader, (part, transfer) => this.#transport.post({ id, ...part }, transfer), isPending);
    pending.onAck = acked;
    const release = pending.release;
    pending.release = () => {
      release();
      ended();
    };
    try {
      await run();
    } catch (cause) {
      if (!isPending()) return;
      this.#transport.post({ cancel: id });
      this.#settle(id)?.reject(unreadable(/** @type {Error} */ (cause)));
    }
  }

  /**
   * Takes a call out of the pending ones.
   * @param {number} id
   */
  #settle(id) {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    pending.release();
    if (this.#pending.size === 0) this.#transport.hold?.(false);
    return pending;
  }

  /** @param {any} message */
  #receive({ id, result, error, ack, event, detail, grow, fatal }) {
    if (fatal) this.end(AnalyzerError.from(fatal));
    else if (grow) this.#transport.grow?.();
    else if (event) this.#onEvent(event, detail);
    else if (ack !== undefined) this.#pending.get(id)?.onAck?.();
    else if (error) this.#settle(id)?.reject(AnalyzerError.from(error));
    else this.#settle(id)?.resolve(result);
  }

  /**
   * Rejects all that is pending; calls can be made further on.
   * @param {AnalyzerError} error
   */
  abandon(error) {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
  }

  /**
   * Rejects all that is pending and all that comes.
   * @param {AnalyzerError} error
   */
  end(error) {
    if (this.#ended) return;
    this.#ended = error;
    this.abandon(error);
    this.#transport.close();
  }
}
