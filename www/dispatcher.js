/**
 * The serving side of the protocol, without a transport: messages in by `receive`, messages out by `post`. A worker, a
 * test and the in-place mode all drive this same class.
 *
 * In:  `{ id, method, params }` a call, `{ cancel: id }`; of a source that the caller reads, `{ id, file }` as a file
 *      begins, `{ id, chunk, readBytes }` and `{ id, end, skipped }`.
 * Out: `{ id, result }` or `{ id, error }` exactly once per call, `{ id, ack }` per chunk, `{ event, detail }` unasked,
 *      `{ grow }` when there is work for more workers, `{ fatal }` when the engine cannot go on.
 *
 * There is one table and one analysis, hence one long job at a time: a new ingest ends whatever job is under way, a new
 * analysis ends an earlier analysis, and an analysis while a source is read is refused as `busy`. A prediction reads a
 * source too, beside the table. An exploration goes beside an analysis and ends with the table it is of; learning does,
 * and ends with the analysis it is of; so does a look at all contributions, which ends with the flags it is of too. Jobs
 * work in slices and give way to the event loop in between, so that cancels and short calls are heard; short calls see
 * the last whole state.
 */
import { AnalyzerError, toPlainError } from './errors.js';
import { buffersOf, bytesOf } from './buffers.js';
import { ALONE, BESIDE, SHORT } from './calls.js';
import { estimateSource, outOfMemory } from './estimate.js';
import { IngestJob } from './ingest-job.js';
import { macrotask } from './macrotask.js';
import { Pool } from './pool.js';
import { RowSharing } from './sharing.js';
import { runSteps } from './stepping.js';

/** Steps that measure rows, which members of the pool can help with. */
const SHARING = new Set(['stepAnalysis', 'stepPrediction']);
/** What a message has that brings a part of a source. */
const PARTS = ['file', 'chunk', 'end'];

/**
 * A long call under way.
 * @typedef {object} Job
 * @property {number} id
 * @property {string} method `ingest`, `predict`, one of those beside, or one of those done one at a time
 * @property {IngestJob} [ingest]
 * @property {boolean} [keep] of a prediction, whether it takes the place of table and analysis
 */

/**
 * The model that a call is about: a saved one, `null` for that of the analysis, or the one in use.
 * @typedef {{ use?: Uint8Array | ArrayBuffer | null }} Using
 */

/** Serves one engine. */
export class Dispatcher {
  #engine;
  #post;
  #pause;
  #now;
  #stateless;
  #pool = new Pool();
  /** @type {Job | null} */
  #job = null;
  /** Those under way, by method. @type {Map<keyof typeof BESIDE, Job>} */
  #beside = new Map();
  /** Whether nothing long was asked for yet. */
  #isIdle = true;
  /** @type {import('./errors.js').PlainError | null} */
  #fatal = null;
  /** Adds to the engine's summary what it cannot know of how its table was read. @type {(summary: object) => object} */
  #addReading = (summary) => summary;

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {(message: object, transfer: ArrayBuffer[]) => void} post
   * @param {import('./pool.js').StatelessEngine} stateless what the engine's module does without an engine
   * @param {{ pause?: () => Promise<void>, now?: () => number }} [host] replaced in tests
   */
  constructor(engine, post, stateless, { pause = macrotask, now = () => performance.now() } = {}) {
    this.#engine = engine;
    this.#stateless = stateless;
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
      const aborted = 'the call was aborted; what was there before is unchanged';
      if (this.#job?.id === message.cancel) this.#end(aborted);
      for (const [method, { id }] of this.#beside) if (id === message.cancel) this.#endBeside(method, aborted);
    } else if (message.member !== undefined) {
      if (message.port) this.#pool.add(message.member, message.port);
      else this.#pool.lose(message.member);
    } else if (message.method === undefined && PARTS.some((part) => part in message)) this.#takePart(message);
    else this.#take(message);
  }

  /**
   * Does work that nobody waits for, a step at a time, until it is done or something long is asked for; other calls are
   * answered between steps.
   * @param {Iterable<unknown>} steps
   */
  async warmUp(steps) {
    if (!this.#isIdle) return;
    try {
      for (const _ of steps) {
        await this.#pause();
        if (!this.#isIdle) return;
      }
    } catch (thrown) {
      // Of no call. A trap is fatal, whoever met it.
      this.#fail(0, thrown);
    }
  }

  /** Frees the engine. Nothing may be received afterwards. */
  close() {
    this.#isIdle = false;
    this.#job?.ingest?.cancel();
    this.#job = null;
    this.#beside.clear();
    this.#pool.close();
    if (!this.#fatal) this.#engine.free();
  }

  /** @param {{ id: number, method: string, params?: any }} call */
  #take({ id, method, params }) {
    if (this.#fatal) this.#post({ id, error: this.#fatal }, []);
    else if (method === 'ingest') this.#ingest(id, params);
    else if (method === 'predict') this.#predict(id, params);
    else if (method === 'save') this.#answer(id, () => this.#using(params).save());
    else if (method === 'model') this.#answer(id, () => this.#using(params).call({ method }));
    else if (method === 'load') this.#answer(id, () => this.#engine.load(bytesOf(params.bytes)));
    else if (Object.hasOwn(ALONE, method)) this.#stepwise(id, method, params);
    else if (Object.hasOwn(BESIDE, method)) this.#goBeside(id, /** @type {keyof typeof BESIDE} */ (method), params);
    else if (method === 'setThreshold') this.#answer(id, () => this.#moveThreshold(params));
    else if (method === 'summary') this.#answer(id, () => this.#addReading(this.#request(method)));
    else if (method === 'estimate') this.#estimate(id, params);
    else if (method === 'closeTable') this.#answer(id, () => this.#closeTable());
    else if (method === 'memoryBytes') this.#answer(id, () => this.#engine.memoryBytes());
    else if (SHORT.has(method)) this.#answer(id, () => this.#request(method, params));
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
   * The engine with the wanted model in use: in the same turn as what is asked of it, so that nothing comes in between.
   * @param {Using} [using]
   */
  #using({ use } = {}) {
    if (use === null) this.#request('unload');
    else if (use !== undefined) this.#engine.load(bytesOf(use));
    return this.#engine;
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
   * @param {IngestJob} [ingest] under which it happened
   */
  #fail(id, thrown, ingest) {
    if (/** @type {any} */ (thrown)?.name === 'RuntimeError') {
      // A trap leaves the engine's memory in an unknown state: nothing it says from now on could be trusted.
      const { message } = /** @type {Error} */ (thrown);
      const why = ingest
        ? outOfMemory({ ...ingest.reached, memoryBytes: this.#engine.memoryBytes() })
        : 'most likely it ran out of memory. Open a new analyzer and read fewer columns or rows';
      this.#fatal = { name: 'AnalyzerError', code: 'worker-failed', message: `the engine stopped (${message}); ${why}` };
      this.#job = null;
      this.#beside.clear();
      this.#post({ fatal: this.#fatal }, []);
      return;
    }
    this.#post({ id, error: toPlainError(thrown) }, []);
  }

  /**
   * Begins a job in the place of the one under way.
   * @param {number} id
   * @param {Job['method']} method
   * @returns {Job}
   */
  #begin(id, method) {
    this.#isIdle = false;
    this.#end(`a newer call of ${method} took the place of this one`);
    this.#job = { id, method };
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
    job.ingest?.cancel();
    this.#fail(job.id, thrown, job.ingest);
    if (this.#fatal) return;
    try {
      this.#request(ALONE[job.method]?.cancel ?? (job.method === 'predict' ? 'cancelPrediction' : 'cancelIngest'));
    } catch (second) {
      this.#fail(job.id, second);
    }
  }

  // Ingest -----------------------------------------------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {{ options: Record<string, any>, files?: import('./reading/reader.js').SourceFile[], totalBytes?: number }} params
   */
  #ingest(id, params) {
    this.#endAllBeside('a newer call of ingest took the table of this one');
    this.#read(this.#begin(id, 'ingest'), params);
  }

  /**
   * Reads a source beside the table, to be scored by the model.
   * @param {number} id
   * @param {{ keep: boolean, use?: Uint8Array | ArrayBuffer | null, options: Record<string, any>, files?: import('./reading/reader.js').SourceFile[], totalBytes?: number }} params
   */
  #predict(id, params) {
    if (this.#job?.method === 'ingest') {
      this.#fail(id, new AnalyzerError('busy', 'a source is being read; await ingest() before predict()'));
      return;
    }
    this.#read(this.#begin(id, 'predict'), params, { keep: params.keep }, params);
  }

  /**
   * Begins to read the source of a job.
   * @param {Job} job
   * @param {{ options: Record<string, any>, files?: import('./reading/reader.js').SourceFile[], totalBytes?: number }} params
   * @param {{ keep: boolean }} [prediction]
   * @param {Using} [using] the model of the prediction, which has it from then on
   */
  #read(job, { options, files, totalBytes }, prediction, using) {
    const ingest = new IngestJob(this.#engine, {
      post: (message) => this.#post(message, []),
      pause: this.#pause,
      now: this.#now,
      isCurrent: () => this.#job === job,
      pool: this.#pool,
      stateless: this.#stateless,
      totalBytes,
    });
    job.ingest = ingest;
    job.keep = prediction?.keep;
    try {
      this.#using(using);
      ingest.begin(options, prediction);
    } catch (thrown) {
      this.#failJob(job, thrown);
      return;
    }
    if (files) {
      ingest
        .readFiles(files, options)
        .then(async (isWhole) => {
          if (isWhole) await this.#finishIngest(job);
        })
        .catch((thrown) => this.#failJob(job, thrown));
    }
  }

  /**
   * What the caller sends of a source that it reads itself.
   * @param {{ id: number, file?: string, chunk?: Uint8Array, readBytes?: number, end?: boolean, skipped?: object[] }} message
   */
  #takePart({ id, file, chunk, readBytes, end, skipped }) {
    const job = this.#job;
    // Parts of an ended ingest were on their way when it ended.
    if (job?.id !== id || !job.ingest) return;
    try {
      if (file !== undefined) job.ingest.beginFile(file);
      else if (chunk !== undefined) {
        job.ingest.push(chunk, readBytes);
        this.#post({ id, ack: chunk.length }, []);
      } else if (end) {
        job.ingest.skipped = skipped ?? [];
        this.#finishIngest(job).catch((thrown) => this.#failJob(job, thrown));
      }
    } catch (thrown) {
      this.#failJob(job, thrown);
    }
  }

  /** @param {Job} job */
  async #finishIngest(job) {
    const ingest = /** @type {IngestJob} */ (job.ingest);
    this.#request('beginFinish');
    if (!(await this.#runSteps('stepFinish', () => this.#job === job))) return;
    if (job.method === 'predict') {
      await this.#finishPrediction(job);
      return;
    }
    const summary = this.#request('summary');
    this.#job = null;
    this.#addReading = (/** @type {object} */ own) => ({ ...own, ...ingest.reading() });
    this.#reply(job.id, this.#addReading(summary));
    this.#postFindings(summary);
  }

  /** @param {Job} job whose source is read */
  async #finishPrediction(job) {
    if (!(await this.#runSteps('stepPrediction', () => this.#job === job))) return;
    if (job.keep) this.#endAllBeside('a prediction that is kept took the table of this one');
    const analysis = this.#request('prediction');
    this.#job = null;
    if (job.keep) {
      const ingest = /** @type {IngestJob} */ (job.ingest);
      this.#addReading = (/** @type {object} */ own) => ({ ...own, ...ingest.reading() });
    }
    this.#reply(job.id, analysis);
    this.#postFindings(analysis);
  }

  // Analysis, and what else is done step by step -----------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {string} method
   * @param {object} params
   */
  #stepwise(id, method, params) {
    if (this.#job?.ingest) {
      this.#fail(id, new AnalyzerError('busy', `a source is being read; await ${this.#job.method}() before ${method}()`));
      return;
    }
    const job = this.#begin(id, method);
    this.#runStepwise(job, params).catch((thrown) => this.#failJob(job, thrown));
  }

  /**
   * @param {Job} job
   * @param {object} params
   */
  async #runStepwise(job, params) {
    const { begin, step, result: name } = ALONE[job.method];
    this.#request(begin, params);
    if (!(await this.#runSteps(step, () => this.#job === job))) return;
    if (job.method === 'analyze') {
      this.#endBeside('learn', 'a newer analysis took the place of the one learned from');
      this.#endBeside('globalExplanation', 'a newer analysis took the place of the one that it was of');
    }
    const result = this.#request(name);
    this.#job = null;
    this.#reply(job.id, result);
    if (result.findings) this.#postFindings(result);
  }

  /** @param {object} options */
  #moveThreshold(options) {
    const moved = this.#request('setThreshold', options);
    this.#endBeside('globalExplanation', 'the threshold moved, and with it the flags that it was of');
    return moved;
  }

  /**
   * @param {string} method of the engine
   * @param {() => boolean} isUnderWay
   */
  #runSteps(method, isUnderWay) {
    const [pause, now] = [this.#pause, this.#now];
    const post = (/** @type {object} */ message) => this.#post(message, []);
    const sharing = SHARING.has(method) ? this.#share(isUnderWay) : undefined;
    return runSteps(() => this.#request(method), { post, pause, now, isUnderWay, sharing });
  }

  /** @param {() => boolean} isUnderWay */
  #share(isUnderWay) {
    const grow = () => this.#post({ grow: true }, []);
    return new RowSharing(this.#engine, { pool: this.#pool, now: this.#now, grow, isUnderWay });
  }

  // Profile and learn ------------------------------------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {keyof typeof BESIDE} method
   * @param {object} params
   */
  #goBeside(id, method, params) {
    if (this.#job?.method === 'ingest') {
      this.#fail(id, new AnalyzerError('busy', `a source is being read; await ingest() before ${method}()`));
      return;
    }
    this.#endBeside(method, `a newer call of ${method} took the place of this one`);
    /** @type {Job} */
    const job = { id, method };
    this.#isIdle = false;
    this.#beside.set(method, job);
    this.#runBeside(method, job, params).catch((thrown) => this.#failBeside(method, job, thrown));
  }

  /**
   * @param {keyof typeof BESIDE} method
   * @param {Job} job
   * @param {object} params
   */
  async #runBeside(method, job, params) {
    const { begin, step, result } = BESIDE[method];
    this.#request(begin, params);
    if (!(await this.#runSteps(step, () => this.#beside.get(method) === job))) return;
    const whole = this.#request(result);
    this.#beside.delete(method);
    this.#reply(job.id, whole);
  }

  /**
   * Ends what is under way of a method, if anything is.
   * @param {keyof typeof BESIDE} method
   * @param {string} why
   */
  #endBeside(method, why) {
    const job = this.#beside.get(method);
    if (job) this.#failBeside(method, job, new AnalyzerError('aborted', why));
  }

  /** @param {string} why */
  #endAllBeside(why) {
    for (const method of [...this.#beside.keys()]) this.#endBeside(method, why);
  }

  /**
   * @param {keyof typeof BESIDE} method
   * @param {Job} job
   * @param {unknown} thrown
   */
  #failBeside(method, job, thrown) {
    if (this.#beside.get(method) !== job) return;
    this.#beside.delete(method);
    this.#fail(job.id, thrown);
    if (!this.#fatal) this.#request(BESIDE[method].cancel);
  }

  // Estimate and close -----------------------------------------------------------------------------------------------

  /**
   * @param {number} id
   * @param {import('./estimate.js').EstimateParams} params
   */
  async #estimate(id, params) {
    try {
      this.#reply(id, await estimateSource(this.#engine, params, this.#now));
    } catch (thrown) {
      this.#fail(id, thrown);
    }
  }

  /** Drops the table; gives what memory is held then. */
  #closeTable() {
    this.#end('the table was closed');
    this.#endAllBeside('the table was closed');
    this.#request('closeTable');
    this.#addReading = (summary) => summary;
    return this.#engine.memoryBytes();
  }

  /** @param {{ findings: object[] }} result */
  #postFindings({ findings }) {
    for (const detail of findings) this.#post({ event: 'finding', detail }, []);
  }
}
