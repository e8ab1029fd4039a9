/**
 * The serving side of the protocol, without a transport: messages in by `receive`, messages out by `post`. A worker, a
 * test and the in-place mode all drive this same class.
 *
 * In:  `{ id, method, params }` a call, `{ id, chunk }` and `{ id, end }` bytes of an ingest, `{ cancel: id }`.
 * Out: `{ id, result }` or `{ id, error }` exactly once per call, `{ id, ack }` per chunk, `{ event, detail }` unasked,
 *      `{ fatal }` when the engine cannot go on.
 *
 * There is one table and one analysis, hence one long job at a time: a new ingest ends whatever job is under way, a new
 * analysis ends an earlier analysis, and an analysis during an ingest is refused as `busy`. Jobs work in slices and give
 * way to the event loop in between, so that cancels and short calls are heard; short calls see the last whole state.
 */
import { AnalyzerError, toPlainError } from './errors.js';
import { macrotask } from './macrotask.js';

/** How long a job works before others get a turn. */
const SLICE_MS = 12;
/** At most 20 progress events a second. */
const PROGRESS_MS = 50;
/** Bytes read from a Blob at once: 1 MiB slices read at a third of the speed of 16 MiB ones. */
const READ_BYTES = 16 << 20;
/** Bytes given to the engine at once. */
const PUSH_BYTES = 1 << 20;

/** Short calls that go to the engine as they are. */
const CALLS = new Set([
  'summary',
  'suggest',
  'setThreshold',
  'explain',
  'evaluate',
  'learn',
  'density',
  'timeline',
  'distribution',
  'rows',
  'export',
  'sample',
]);

/**
 * What the dispatcher needs of an engine; `Engine` of the wasm glue is one.
 * @typedef {object} EngineLike
 * @property {(request: { method: string, params?: object }) => any} call
 * @property {(bytes: Uint8Array) => { bytes: number, rows: number }} push
 * @property {() => number} memoryBytes
 * @property {() => void} free
 */

/**
 * A long call under way.
 * @typedef {object} Job
 * @property {number} id
 * @property {'ingest' | 'analyze'} method
 * @property {number} startedMs
 * @property {number} reportedMs when progress was last posted
 * @property {number} [totalBytes]
 */

/** Serves one engine. */
export class Dispatcher {
  #engine;
  #post;
  #pause;
  #now;
  /** @type {Job | null} */
  #job = null;
  /** @type {import('./errors.js').PlainError | null} */
  #fatal = null;

  /**
   * @param {EngineLike} engine
   * @param {(message: object, transfer: ArrayBuffer[]) => void} post
   * @param {{ pause?: () => Promise<void>, now?: () => number }} [host] replaced in tests
   */
  constructor(engine, post, { pause = macrotask, now = () => performance.now() } = {}) {
    this.#engine = engine;
    this.#post = post;
    this.#pause = pause;
    this.#now = now;
  }

  /**
   * Takes one message. Never throws: every failure is posted.
   * @param {any} message
   */
  receive(message) {
    if (message.cancel !== undefined) {
      if (this.#job?.id === message.cancel) this.#end('the call was aborted; what was there before is unchanged');
    } else if (message.chunk !== undefined) this.#takeChunk(message.id, message.chunk);
    else if (message.end) this.#takeEnd(message.id);
    else this.#take(message);
  }

  /** Frees the engine. Nothing may be received afterwards. */
  close() {
    this.#job = null;
    if (!this.#fatal) this.#engine.free();
  }

  /** @param {{ id: number, method: string, params?: any }} call */
  #take({ id, method, params }) {
    if (this.#fatal) this.#post({ id, error: this.#fatal }, []);
    else if (method === 'ingest') this.#ingest(id, params);
    else if (method === 'analyze') this.#analyze(id, params);
    else if (method === 'memoryBytes') this.#answer(id, () => this.#engine.memoryBytes());
    else if (CALLS.has(method)) this.#answer(id, () => this.#request(method, params));
    else this.#fail(id, new AnalyzerError('options', `there is no method "${method}"`));
  }

  /**
   * @param {string} method
   * @param {object} [params]
   */
  #request(method, params) {
    return this.#engine.call(params === undefined ? { method } : { method, params });
  }

  /**
   * @param {number} id
   * @param {() => unknown} work
   */
  #answer(id, work) {
    try {
      this.#reply(id, work());
    } catch (thrown) {
      this.#fail(id, thrown);
    }
  }

  /**
   * @param {number} id
   * @param {unknown} result
   */
  #reply(id, result) {
    this.#post({ id, result }, buffersOf(result));
  }

  /**
   * @param {number} id
   * @param {unknown} thrown
   */
  #fail(id, thrown) {
    if (/** @type {any} */ (thrown)?.name === 'RuntimeError') {
      // A trap leaves the engine's memory in an unknown state: nothing it says from now on could be trusted.
      this.#fatal = {
        name: 'AnalyzerError',
        code: 'worker-failed',
        message:
          `the engine stopped (${/** @type {Error} */ (thrown).message}); most likely it ran out of memory. ` +
          'Open a new analyzer and read fewer columns or rows',
      };
      this.#job = null;
      this.#post({ fatal: this.#fatal }, []);
      return;
    }
    this.#post({ id, error: toPlainError(thrown) }, []);
  }

  /**
   * Begins a job in the place of the one under way.
   * @param {number} id
   * @param {Job['method']} method
   * @param {number} [totalBytes]
   * @returns {Job}
   */
  #begin(id, method, totalBytes) {
    this.#end(`a newer call of ${method} took the place of this one`);
    this.#job = { id, method, startedMs: this.#now(), reportedMs: -Infinity, totalBytes };
    return this.#job;
  }

  /**
   * Ends the job under way, if there is one.
   * @param {string} why
   */
  #end(why) {
    const job = this.#job;
    if (job) this.#failJob(job, new AnalyzerError('aborted', why));
  }

  /**
   * @param {Job} job
   * @param {unknown} thrown
   */
  #failJob(job, thrown) {
    if (this.#job !== job) return;
    this.#job = null;
    this.#fail(job.id, thrown);
    if (this.#fatal) return;
    try {
      this.#request(job.method === 'ingest' ? 'cancelIngest' : 'cancelAnalysis');
    } catch (second) {
      this.#fail(job.id, second);
    }
  }

  // Ingest -----------------------------------------------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {{ options: object, blob?: Blob, totalBytes?: number }} params
   */
  #ingest(id, { options, blob, totalBytes }) {
    const job = this.#begin(id, 'ingest', totalBytes);
    try {
      this.#request('beginIngest', options);
    } catch (thrown) {
      this.#failJob(job, thrown);
      return;
    }
    if (blob) this.#readBlob(job, blob).catch((thrown) => this.#failJob(job, thrown));
  }

  /**
   * Reads a Blob by slices, the next one being read while one is parsed.
   * @param {Job} job
   * @param {Blob} blob
   */
  async #readBlob(job, blob) {
    const slices = Math.ceil(blob.size / READ_BYTES);
    let next = readSlice(blob, 0);
    for (let i = 0; i < slices; i += 1) {
      const slice = await next;
      if (this.#job !== job) return;
      if (i + 1 < slices) {
        next = readSlice(blob, (i + 1) * READ_BYTES);
        // Awaited a slice later; without this a failure meanwhile would count as unhandled.
        next.catch(() => {});
      }
      let sliceEndMs = this.#now() + SLICE_MS;
      for (let at = 0; at < slice.length; at += PUSH_BYTES) {
        this.#pushBytes(job, slice.subarray(at, at + PUSH_BYTES));
        if (this.#now() < sliceEndMs) continue;
        await this.#pause();
        if (this.#job !== job) return;
        sliceEndMs = this.#now() + SLICE_MS;
      }
    }
    this.#finishIngest(job);
  }

  /**
   * @param {number} id
   * @param {Uint8Array} chunk
   */
  #takeChunk(id, chunk) {
    const job = this.#job;
    // Chunks of an ended ingest were on their way when it ended.
    if (job?.id !== id) return;
    try {
      this.#pushBytes(job, chunk);
      this.#post({ id, ack: chunk.length }, []);
    } catch (thrown) {
      this.#failJob(job, thrown);
    }
  }

  /** @param {number} id */
  #takeEnd(id) {
    const job = this.#job;
    if (job?.id !== id) return;
    try {
      this.#finishIngest(job);
    } catch (thrown) {
      this.#failJob(job, thrown);
    }
  }

  /**
   * @param {Job} job
   * @param {Uint8Array} bytes
   */
  #pushBytes(job, bytes) {
    const { bytes: read, rows } = this.#engine.push(bytes);
    const nowMs = this.#now();
    if (nowMs - job.reportedMs < PROGRESS_MS && read !== job.totalBytes) return;
    job.reportedMs = nowMs;
    const elapsedSecs = (nowMs - job.startedMs) / 1000;
    /** @type {Record<string, unknown>} */
    const detail = { stage: 'ingest', bytes: read, rows };
    if (elapsedSecs > 0) detail.rowsPerSecond = rows / elapsedSecs;
    if (job.totalBytes !== undefined) {
      detail.totalBytes = job.totalBytes;
      if (elapsedSecs > 0 && read > 0) detail.secondsLeft = ((job.totalBytes - read) / read) * elapsedSecs;
    }
    this.#post({ event: 'progress', detail }, []);
  }

  /** @param {Job} job */
  #finishIngest(job) {
    const summary = this.#request('finishIngest');
    this.#job = null;
    this.#reply(job.id, summary);
    this.#postFindings(summary);
  }

  // Analysis ---------------------------------------------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {object} plan
   */
  #analyze(id, plan) {
    if (this.#job?.method === 'ingest') {
      this.#fail(id, new AnalyzerError('busy', 'a source is being read; await ingest() before analyze()'));
      return;
    }
    const job = this.#begin(id, 'analyze');
    this.#runAnalysis(job, plan).catch((thrown) => this.#failJob(job, thrown));
  }

  /**
   * @param {Job} job
   * @param {object} plan
   */
  async #runAnalysis(job, plan) {
    this.#request('beginAnalysis', plan);
    for (;;) {
      const sliceEndMs = this.#now() + SLICE_MS;
      let step;
      do step = this.#request('stepAnalysis');
      while (step && this.#now() < sliceEndMs);
      if (!step) break;
      const nowMs = this.#now();
      if (nowMs - job.reportedMs >= PROGRESS_MS) {
        job.reportedMs = nowMs;
        this.#post({ event: 'progress', detail: step }, []);
      }
      await this.#pause();
      if (this.#job !== job) return;
    }
    const analysis = this.#request('analysis');
    this.#job = null;
    this.#reply(job.id, analysis);
    this.#postFindings(analysis);
  }

  /** @param {{ findings: object[] }} result */
  #postFindings({ findings }) {
    for (const detail of findings) this.#post({ event: 'finding', detail }, []);
  }
}

/**
 * @param {Blob} blob
 * @param {number} from
 */
async function readSlice(blob, from) {
  try {
    return new Uint8Array(await blob.slice(from, from + READ_BYTES).arrayBuffer());
  } catch (thrown) {
    const { name, message } = /** @type {Error} */ (thrown);
    throw new AnalyzerError(
      'source-failed',
      `the file could not be read past byte ${from} (${name}: ${message}); it may have been moved or changed, choose it again`,
    );
  }
}

/**
 * The buffers of typed arrays in a result, at most two objects deep: that is as deep as any response holds one.
 * @param {any} value
 * @returns {ArrayBuffer[]}
 */
function buffersOf(value, depth = 0) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  if (value === null || typeof value !== 'object' || Array.isArray(value) || depth > 2) return [];
  return Object.values(value).flatMap((part) => buffersOf(part, depth + 1));
}
