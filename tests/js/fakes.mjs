// Stand-ins for the engine and for a worker, so that the protocol is tested without either.
import { Analyzer } from '../../www/analyzer.js';
import { serve } from '../../www/server.js';

/** An engine that counts lines, takes a given number of steps to analyse, and writes down what was asked of it. */
export class FakeEngine {
  calls = [];
  bytes = [];
  freed = false;
  isReading = false;
  table = null;
  stepsLeft = 0;
  steps = 3;
  heldBytes = 65536;
  profileStepsLeft = 0;
  learnStepsLeft = 0;
  finishSteps = 1;
  finishStepsLeft = 0;
  /** Method name to what it throws. */
  failures = {};
  /** Whether it met a trap. */
  #isBroken = false;

  call({ method, params }) {
    this.#use();
    this.calls.push(method);
    if (this.failures[method]) this.#fail(this.failures[method]);
    switch (method) {
      case 'beginIngest':
        this.isReading = true;
        this.bytes = [];
        this.begun = [];
        this.options = params;
        return undefined;
      case 'beginFile':
        this.begun.push(params.name);
        return undefined;
      case 'cancelIngest':
        this.isReading = false;
        return undefined;
      case 'beginFinish':
        this.isReading = false;
        if (this.bytes.length === 0) throw { name: 'AnalyzerError', code: 'empty-source', message: 'the file is empty' };
        this.finishStepsLeft = this.finishSteps;
        return undefined;
      case 'stepFinish': {
        this.finishStepsLeft -= 1;
        if (this.finishStepsLeft >= 0) {
          return { stage: 'finish', done: this.finishSteps - this.finishStepsLeft, total: this.finishSteps };
        }
        const text = Buffer.from(this.bytes).toString();
        const finding = { code: 'short-record', count: 2, first: { record: 1, line: 2, byte: 3 }, message: 'short' };
        this.table = { rows: text.split('\n').length - 1, bytes: text.length, text, findings: [finding] };
        return undefined;
      }
      case 'closeTable':
        this.table = null;
        return undefined;
      case 'summary':
        if (!this.table) throw { name: 'AnalyzerError', code: 'not-ready', message: 'call ingest first' };
        return this.table;
      case 'beginAnalysis':
        this.plan = params;
        this.stepsLeft = this.steps;
        return undefined;
      case 'stepAnalysis':
        this.stepsLeft -= 1;
        return this.stepsLeft >= 0 ? { stage: 'fit', done: this.steps - this.stepsLeft, total: this.steps } : undefined;
      case 'cancelAnalysis':
        this.stepsLeft = 0;
        return undefined;
      case 'analysis':
        return {
          plan: this.plan,
          scores: Float64Array.of(0.5, 0.7),
          subjects: { text: Uint8Array.of(97, 98), ends: Uint32Array.of(1, 2) },
          members: [{ name: 'hbos', scores: Float64Array.of(1, 2) }],
          metrics: { curves: { roc: Float64Array.of(0, 0, 1, 1) } },
          findings: [],
        };
      case 'beginTune':
        this.searched = params;
        this.tuneStepsLeft = this.steps;
        return undefined;
      case 'stepTune':
        this.tuneStepsLeft -= 1;
        return this.tuneStepsLeft >= 0 ? { stage: 'tune', done: this.steps - this.tuneStepsLeft, total: this.steps } : undefined;
      case 'cancelTune':
        this.tuneStepsLeft = 0;
        return undefined;
      case 'tuned':
        return { searched: this.searched, candidates: [], notes: [] };
      case 'beginProfile':
        this.profiled = params;
        this.profileStepsLeft = this.steps;
        return undefined;
      case 'stepProfile':
        this.profileStepsLeft -= 1;
        return this.profileStepsLeft >= 0 ? { stage: 'profile', done: this.steps - this.profileStepsLeft, total: this.steps } : undefined;
      case 'cancelProfile':
        this.profileStepsLeft = 0;
        return undefined;
      case 'profile':
        return { rows: 3, of: this.profiled };
      case 'beginLearn':
        this.learning = params;
        this.learnStepsLeft = this.steps;
        return undefined;
      case 'stepLearn':
        this.learnStepsLeft -= 1;
        return this.learnStepsLeft >= 0 ? { stage: 'learn', done: this.steps - this.learnStepsLeft, total: this.steps } : undefined;
      case 'cancelLearn':
        this.learnStepsLeft = 0;
        return undefined;
      case 'learned':
        return { target: this.learning?.target, predictions: Float64Array.of(0, 1) };
      case 'beginGlobal':
        this.globalStepsLeft = this.steps;
        return undefined;
      case 'stepGlobal':
        this.globalStepsLeft -= 1;
        return this.globalStepsLeft >= 0 ? { stage: 'global', done: this.steps - this.globalStepsLeft, total: this.steps } : undefined;
      case 'cancelGlobal':
        this.globalStepsLeft = 0;
        return undefined;
      case 'global':
        return { beeswarm: { rows: Uint32Array.of(1, 2) } };
      default:
        return { method, params };
    }
  }

  push(bytes) {
    this.#use();
    if (this.failures.push) this.#fail(this.failures.push);
    for (const byte of bytes) this.bytes.push(byte);
    return { bytes: this.bytes.length, rows: this.bytes.filter((byte) => byte === 10).length };
  }

  /** Twice as much memory as text; a column takes half of it. */
  estimate(bytes, about) {
    if (this.failures.estimate) throw this.failures.estimate;
    this.estimated = { text: Buffer.from(bytes).toString('latin1'), about };
    const { totalBytes, isWhole } = about;
    const column = (name, type, share, more) => ({ name, type, bytes: totalBytes * share, examples: [], ...more });
    const own = [column('user', 'category', 0.3), column('at', 'timestamp', 0.4), column('note', 'text', 0.2), column('n', 'integer', 0.1)];
    const apart = [
      column('user', 'category', 0.2),
      column('clock', 'category', 0.3),
      column('date', 'timestamp', 0.1),
      column('note', 'text', 0.2),
      column('date clock', 'timestamp', 0.2, { joinedOf: ['date', 'clock'] }),
    ];
    return {
      rows: totalBytes / 10,
      tableBytes: totalBytes,
      peakBytes: totalBytes * 2,
      columns: this.isApart ? apart : own,
      format: 'comma-separated',
      encoding: 'utf-8',
      sampleBytes: bytes.length,
      canAggregate: this.canAggregate ?? false,
      isWhole,
    };
  }

  rowsLeft() {
    return 0;
  }

  memoryBytes() {
    return this.heldBytes;
  }

  /** As the glue does: an engine cannot be freed twice, nor while a call has not come back, as after a trap. */
  free() {
    this.#use();
    if (this.#isBroken) throw new Error('attempted to take ownership of Rust value while it was borrowed');
    this.freed = true;
  }

  #use() {
    if (this.freed) throw new Error('null pointer passed to rust');
  }

  #fail(thrown) {
    this.#isBroken ||= thrown.name === 'RuntimeError';
    throw thrown;
  }
}

/** A trap of the wasm. */
export function trap() {
  const error = new Error('unreachable');
  error.name = 'RuntimeError';
  return error;
}

/**
 * A worker made of a MessageChannel: real cloning, real transfer, real order.
 * @param {FakeEngine} engine
 */
export function channelTransport(engine, load = async () => ({ engine, version: '9.9.9' })) {
  let client;
  let worker;
  let server;
  let onMessage;
  let onFailure;
  const start = () => {
    ({ port1: client, port2: worker } = new MessageChannel());
    const port = worker;
    server = serve((message, transfer) => port.postMessage(message, transfer), load);
    port.onmessage = ({ data }) => server.receive(data);
    client.onmessage = ({ data }) => onMessage?.(data);
  };
  start();
  return {
    canSend: () => true,
    post: (message, transfer = []) => client.postMessage(message, transfer),
    listen(heard, failed) {
      onMessage = heard;
      onFailure = failed;
    },
    restart() {
      client.close();
      worker.close();
      start();
    },
    close() {
      client.close();
      worker.close();
    },
    /** What a browser does when the worker dies. */
    die: (error) => onFailure(error),
    /** What a browser does when a message cannot be read on the other side. */
    garble: () => server.receiveUnreadable(),
    /** No message is answered any more. */
    hang: () => {
      worker.onmessage = () => {};
    },
  };
}

/** An analyzer over a fake engine behind a fake worker. */
export async function openFake(engine = new FakeEngine()) {
  const transport = channelTransport(engine);
  const analyzer = await Analyzer.start({ transport, wasm: 'wasm' });
  return { analyzer, engine, transport };
}
