/**
 * The analyzer as an embedder has it: a method for each call of the protocol, and the sources that calls read.
 */
import { Caller } from './caller.js';
import { AnalyzerError, abortedBy } from './errors.js';
import { withNames } from './names.js';
import { SourceReader } from './reading/reader.js';
import { sampleOf } from './reading/sample.js';
import { MIN_SLICED_BYTES } from './slices.js';
import { isRecord, openSource } from './source.js';

/** Memory that an engine without a table may keep, bytes: as much as a small table takes, and no worth a new worker. */
const KEPT_BYTES = 64 << 20;

const EVENTS = new Set(['progress', 'finding', 'alert']);

/**
 * @typedef {import('./caller.js').Transport} Transport
 * @typedef {import('./caller.js').CallOptions} CallOptions
 * @typedef {import('./dispatcher.js').Using & CallOptions} UsingOptions
 */

/**
 * How a server is reached, what its engine is made of, and whether it warms up before it is asked for anything.
 * @typedef {{ transport: Transport, wasm: unknown, warm?: boolean }} Connection
 */

/** An engine in a worker, its table and its analysis. Documented, with every option, in `index.d.ts`. */
export class Analyzer {
  #transport;
  #caller;
  #version = '';
  /** What engines are made of. @type {unknown} */
  #wasm;
  /** Which ingest came last, of those that had to walk a folder first. */
  #lastWalk = 0;
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
    this.#caller = new Caller(transport, (event, detail) => this.#emit(event, detail));
  }

  /**
   * An analyzer whose engine is ready.
   * @param {Connection} connection
   * @param {AbortSignal} [signal]
   */
  static async start({ transport, wasm, warm }, signal) {
    const analyzer = new Analyzer(transport);
    try {
      analyzer.#wasm = wasm;
      analyzer.#version = (await analyzer.#caller.call('init', { wasm, warm }, { signal })).version;
    } catch (error) {
      analyzer.dispose();
      throw error;
    }
    return analyzer;
  }

  get version() {
    return this.#version;
  }

  /**
   * @param {string} event
   * @param {(detail: any) => void} listener
   * @returns {() => void}
   */
  on(event, listener) {
    if (!EVENTS.has(event)) {
      throw new AnalyzerError('options', `event: expected one of ${[...EVENTS].join(', ')}, found "${event}"`);
    }
    if (typeof listener !== 'function') {
      throw new AnalyzerError('options', `listener: expected a function, found ${typeof listener}`);
    }
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    // Wrapped, so that the same function added twice is two listeners with a remover each.
    const own = (/** @type {any} */ detail) => listener(detail);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /**
   * @param {unknown} source
   * @param {Record<string, any>} [options]
   */
  async ingest(source, { signal, ...options } = {}) {
    this.#caller.check(signal);
    const opened = openSource(source);
    const given = { ...options, ...opened.fixed };
    // Only a folder takes time to open. All else is sent before any later call is.
    if (!(opened.files instanceof Promise)) return this.#ingestFiles(opened.files, given, signal);
    const turn = (this.#lastWalk += 1);
    const files = await opened.files;
    if (turn !== this.#lastWalk) throw new AnalyzerError('aborted', 'a newer call of ingest took the place of this one');
    return this.#ingestFiles(files, given, signal);
  }

  /**
   * @param {unknown} records a source, or one record
   * @param {Record<string, any>} [options]
   */
  async predict(records, { signal, keep, use, ...options } = {}) {
    this.#caller.check(signal);
    checkUse(use);
    const opened = openSource(isRecord(records) ? [records] : records);
    const files = await opened.files;
    this.#caller.check(signal);
    const scored = this.#readFiles('predict', { keep: keep === true, use }, files, { ...options, ...opened.fixed }, signal);
    return withNames(await scored.catch((error) => { throw ofRecords(error); }));
  }

  /** @param {UsingOptions} [options] */
  async save({ use, signal } = {}) {
    checkUse(use);
    return this.#caller.call('save', { use }, { signal });
  }

  /**
   * @param {Uint8Array | ArrayBuffer | Blob} bytes
   * @param {CallOptions} [call]
   */
  async load(bytes, call) {
    const given = bytes instanceof Blob ? await bytes.arrayBuffer() : bytes;
    if (!isBytes(given)) throw new AnalyzerError('options', `bytes: expected a Uint8Array, ArrayBuffer or Blob, found ${kindOf(given)}`);
    return this.#caller.call('load', { bytes: given }, call);
  }

  /** @param {UsingOptions} [options] */
  async model({ use, signal } = {}) {
    checkUse(use);
    return this.#caller.call('model', { use }, { signal });
  }

  /** @param {CallOptions} [call] */
  unload(call) {
    return this.#caller.call('unload', undefined, call);
  }

  /**
   * @param {import('./reading/reader.js').SourceFile[]} files
   * @param {Record<string, any>} options
   * @param {AbortSignal} [signal]
   */
  #ingestFiles(files, options, signal) {
    this.#lastWalk += 1;
    return this.#readFiles('ingest', {}, files, options, signal);
  }

  /**
   * A call that reads a source.
   * @param {'ingest' | 'predict'} method
   * @param {object} params beside the source
   * @param {import('./reading/reader.js').SourceFile[]} files
   * @param {Record<string, any>} options of reading
   * @param {AbortSignal} [signal]
   */
  async #readFiles(method, params, files, options, signal) {
    const id = this.#caller.nextId();
    if (files.every(({ blob }) => blob && this.#transport.canSend(blob))) {
      const isLarge = files.some(({ blob }) => /** @type {Blob} */ (blob).size >= MIN_SLICED_BYTES);
      if (isLarge && this.#transport.growsToRead) this.#transport.grow?.();
      const totalBytes = files.reduce((sum, { blob }) => sum + /** @type {Blob} */ (blob).size, 0);
      return this.#caller.call(method, { ...params, files, totalBytes, options }, { signal, id });
    }
    const reader = new SourceReader(files, options);
    const answer = this.#caller.call(method, { ...params, totalBytes: reader.totalBytes, options }, { signal, id });
    const done = () => reader.cancel();
    answer.then(done, done);
    this.#caller.feed(id, reader);
    return answer;
  }

  /**
   * @param {unknown} source
   * @param {Record<string, any>} [options]
   */
  async estimate(source, { signal, memoryBudget, ...options } = {}) {
    this.#caller.check(signal);
    const opened = openSource(typeof source === 'string' ? new Blob([source]) : source);
    const files = await opened.files;
    const own = { ...options, ...opened.fixed };
    if (files.some(({ blob, size }) => !blob && size === undefined)) {
      for (const { reader } of files) reader?.cancel();
      throw new AnalyzerError(
        'options',
        'source: expected what can be read again and has a size (File, Blob, buffer, text, files or a folder), found a stream or records',
      );
    }
    this.#caller.check(signal);
    const params = { options: own, memoryBudget };
    if (files.every(({ blob }) => blob && this.#transport.canSend(blob))) {
      return this.#caller.call('estimate', { ...params, files }, { signal });
    }
    return this.#caller.call('estimate', { ...params, sample: await sampleOf(files, own) }, { signal });
  }

  /**
   * Drops the table and gives its memory back. Linear memory never shrinks, so a worker that holds more than a little
   * is replaced by a new one.
   * @param {CallOptions} [call]
   */
  async close(call) {
    const heldBytes = await this.#caller.call('closeTable', undefined, call);
    if (heldBytes <= KEPT_BYTES || !this.#transport.restart || this.#caller.isEnded) return;
    // A model that was loaded is no part of the table.
    const model = await this.#caller.call('save', undefined).catch(() => undefined);
    if (this.#caller.isEnded) return;
    const closed = new AnalyzerError('aborted', 'the table was closed while this call was under way');
    this.#caller.abandon(closed);
    this.#transport.restart();
    await this.#caller.call('init', { wasm: this.#wasm });
    if (model) await this.#caller.call('load', { bytes: model });
  }

  /** @param {CallOptions} [call] */
  summary(call) {
    return this.#caller.call('summary', undefined, call);
  }

  /** @param {CallOptions} [call] */
  suggest(call) {
    return this.#caller.call('suggest', undefined, call);
  }

  /** @param {{ time?: string, entity?: string, signal?: AbortSignal }} [options] */
  profile({ signal, ...columns } = {}) {
    return this.#caller.call('profile', columns, { signal });
  }

  /**
   * @param {string} formula
   * @param {{ entity?: string, time?: string, signal?: AbortSignal }} [options]
   */
  checkFormula(formula, { signal, ...columns } = {}) {
    return this.#caller.call('checkFormula', { formula, ...columns }, { signal });
  }

  /** @param {CallOptions} [call] */
  formulaFunctions(call) {
    return this.#caller.call('formulaFunctions', undefined, call);
  }

  /**
   * @param {Record<string, any>} [plan]
   * @param {CallOptions} [call]
   */
  async analyze(plan = {}, call) {
    return withNames(await this.#caller.call('analyze', planAlone(plan), call));
  }

  /**
   * @param {Record<string, any>} [options]
   * @param {CallOptions} [call]
   */
  tune(options = {}, call) {
    const own = options?.plan === undefined ? options : { ...options, plan: planAlone(options.plan) };
    return this.#caller.call('tune', own ?? {}, call);
  }

  /**
   * @param {object} options
   * @param {CallOptions} [call]
   */
  setThreshold(options, call) {
    return this.#caller.call('setThreshold', options, call);
  }

  /**
   * @param {number} row
   * @param {CallOptions} [call]
   */
  explain(row, call) {
    return this.#caller.call('explain', { row }, call);
  }

  /**
   * @param {number} row
   * @param {CallOptions} [call]
   */
  counterfactual(row, call) {
    return this.#caller.call('counterfactual', { row }, call);
  }

  /** @param {{ rows?: number, features?: number, seed?: number, signal?: AbortSignal }} [options] */
  globalExplanation({ signal, ...options } = {}) {
    return this.#caller.call('globalExplanation', options, { signal });
  }

  /**
   * @param {{ label?: string, labels?: ArrayLike<unknown> }} [options]
   * @param {CallOptions} [call]
   */
  evaluate(options = {}, call) {
    const labels = options?.labels;
    const own = labels === undefined ? options : { ...options, labels: Array.from(labels, Boolean) };
    return this.#caller.call('evaluate', own, call);
  }

  /**
   * @param {object} [options]
   * @param {CallOptions} [call]
   */
  learn(options = {}, call) {
    return this.#caller.call('learn', options, call);
  }

  /**
   * @param {number} row
   * @param {{ class?: string, signal?: AbortSignal }} [options]
   */
  explainLearned(row, { signal, ...options } = {}) {
    return this.#caller.call('explainLearned', { row, ...options }, { signal });
  }

  /**
   * @param {object} [query]
   * @param {CallOptions} [call]
   */
  density(query = {}, call) {
    return this.#caller.call('density', query, call);
  }

  /**
   * @param {number} subject
   * @param {CallOptions} [call]
   */
  timeline(subject, call) {
    return this.#caller.call('timeline', { subject }, call);
  }

  /**
   * @param {number} feature
   * @param {CallOptions} [call]
   */
  distribution(feature, call) {
    return this.#caller.call('distribution', { feature }, call);
  }

  /**
   * @param {number} feature
   * @param {number} above
   * @param {CallOptions} [call]
   */
  rowsAbove(feature, above, call) {
    return this.#caller.call('rowsAbove', { feature, above }, call);
  }

  /**
   * @param {object} [options]
   * @param {CallOptions} [call]
   */
  agreement(options = {}, call) {
    return this.#caller.call('agreement', options, call);
  }

  /** @param {CallOptions} [call] */
  correlations(call) {
    return this.#caller.call('correlations', {}, call);
  }

  /**
   * @param {ArrayLike<number>} rows
   * @param {CallOptions} [call]
   */
  rows(rows, call) {
    return this.#caller.call('rows', { rows: Array.from(rows) }, call);
  }

  /**
   * @param {string} kind
   * @param {CallOptions} [call]
   */
  export(kind, call) {
    return this.#caller.call('export', { kind }, call);
  }

  /**
   * @param {object} options
   * @param {CallOptions} [call]
   */
  sample(options, call) {
    return this.#caller.call('sample', options, call);
  }

  /** @param {CallOptions} [call] */
  memoryBytes(call) {
    return this.#caller.call('memoryBytes', undefined, call);
  }

  dispose() {
    this.#caller.end(new AnalyzerError('disposed', 'the analyzer was disposed; open a new one'));
    this.#listeners.clear();
  }

  /**
   * @param {string} event
   * @param {unknown} detail
   */
  #emit(event, detail) {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        listener(detail);
      } catch (thrown) {
        // The listener's own failure: shown as uncaught, where its author looks, without stopping the others.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}

/** @param {unknown} given */
const isBytes = (given) => ArrayBuffer.isView(given) || Object.prototype.toString.call(given) === '[object ArrayBuffer]';

/** @param {unknown} given */
const kindOf = (given) => (given === null ? 'null' : typeof given);

/**
 * Of records that are to be scored, what is said of a log without any.
 * @param {any} error
 */
function ofRecords(error) {
  if (error.code !== 'no-records') return error;
  const message = 'there is no record to score: expected one at least that has values, by the names that the model knows its columns by, found none';
  return new AnalyzerError('no-records', message, { cause: error });
}

/** @param {unknown} use */
function checkUse(use) {
  if (use === undefined || use === null || isBytes(use)) return;
  throw new AnalyzerError('options', `use: expected a saved model as a Uint8Array or ArrayBuffer, or null, found ${kindOf(use)}`);
}

/**
 * A suggestion is a plan with its reasons; the engine takes the plan alone.
 * @param {Record<string, any> | null} [plan]
 */
function planAlone(plan) {
  const { reasons, questions, ...own } = plan ?? {};
  return own;
}

/**
 * @param {(options: any) => Promise<Connection>} connect
 * @param {{ signal?: AbortSignal, warm?: boolean }} options
 */
export async function openWith(connect, options) {
  const { signal } = options;
  if (signal?.aborted) throw abortedBy(signal);
  return Analyzer.start(await connect(options), signal);
}

/**
 * Open, ingest, analyze, dispose.
 * @param {(options: any) => Promise<Connection>} connect
 * @param {unknown} source
 * @param {object} plan
 * @param {{ signal?: AbortSignal, ingest?: object }} options
 */
export async function analyzeWith(connect, source, plan, { ingest, ...options }) {
  const { signal } = options;
  // What is asked for at once needs no warming up.
  const analyzer = await openWith(connect, { ...options, warm: false });
  try {
    await analyzer.ingest(source, { ...ingest, signal });
    return await analyzer.analyze(plan, { signal });
  } finally {
    analyzer.dispose();
  }
}
