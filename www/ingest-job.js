/**
 * One ingest on the engine's side: from a source's files, read here or sent by the caller, to a table being built, with
 * progress on the way. It asks {@link SourceReader} for the next file and its next bytes and knows nothing of archives.
 */
import { lentChunks } from './reading/blob.js';
import { SourceReader } from './reading/reader.js';
import { encodingName, engineEncoding } from './reading/transcode.js';
import { MIN_SLICED_BYTES, SliceReader } from './slices.js';
import { PROGRESS_MS, SLICE_MS } from './stepping.js';
import { zoneOf } from './timezone.js';

/** Bytes given to the engine at once. */
const PUSH_BYTES = 1 << 20;

/**
 * The options of an ingest as the engine knows them: what only this side acts on left out, zones with their transitions.
 * @param {Record<string, any>} options
 * @throws {import('./errors.js').AnalyzerError} `options`
 */
export function engineOptions({ maxExpansion, encoding, timeZone, ...options }) {
  const forEngine = engineEncoding(encoding);
  return {
    ...options,
    ...(forEngine === undefined ? {} : { encoding: forEngine }),
    ...(timeZone === undefined || timeZone === null ? {} : { zone: zoneOf(timeZone) }),
  };
}

/**
 * @typedef {object} Host
 * @property {(message: object) => void} post
 * @property {() => Promise<void>} pause
 * @property {() => number} now milliseconds
 * @property {() => boolean} isCurrent whether this is still the job under way
 * @property {import('./pool.js').Pool} pool
 * @property {import('./pool.js').StatelessEngine} stateless
 * @property {number} [totalBytes] size of the source as it lies, where known
 */

export class IngestJob {
  #engine;
  #host;
  #startedMs;
  #reportedMs = -Infinity;
  /** @type {SourceReader | null} */
  #reader = null;
  /** What is read of the file under way. @type {{ read: () => Promise<Uint8Array | null>, cancel?: () => void } | null} */
  #chunks = null;
  #nFiles = 0;
  /** How far it has come. @type {{ rows: number, readBytes: number, totalBytes?: number }} */
  reached = { rows: 0, readBytes: 0 };
  /** @type {object} options as the engine got them */
  #options = {};
  #nTextBytes = 0;
  #inSlices = true;
  #turnEndMs = 0;
  /** The encoding as it was asked for, where it is decoded before the engine. @type {string | null} */
  #transcodedFrom = null;
  /** What was left out of the source and why. @type {object[]} */
  skipped = [];

  /**
   * @param {import('./engine.js').Engine} engine
   * @param {Host} host
   */
  constructor(engine, host) {
    this.#engine = engine;
    this.#host = host;
    this.#startedMs = host.now();
  }

  /**
   * @param {Record<string, any>} options as the caller gave them
   * @param {{ keep: boolean }} [prediction] where what is read is to be scored by the model
   */
  begin(options, prediction) {
    const params = engineOptions(options);
    const asked = options.encoding ?? null;
    this.#transcodedFrom = asked !== null && encodingName(asked) !== params.encoding ? encodingName(asked) : null;
    this.#options = params;
    const { totalBytes } = this.#host;
    const reading = totalBytes === undefined ? params : { ...params, totalBytes };
    // Types and dates are the model's then, which other engines do not have.
    this.#inSlices = prediction === undefined;
    if (prediction) this.#engine.call({ method: 'beginPrediction', params: { reading, keep: prediction.keep } });
    else this.#engine.call({ method: 'beginIngest', params: reading });
  }

  /**
   * Reads a source to its end.
   * @param {import('./reading/reader.js').SourceFile[]} files
   * @param {{ maxExpansion?: number, encoding?: string }} options
   * @returns {Promise<boolean>} false when the job was ended meanwhile
   */
  async readFiles(files, options) {
    const reader = new SourceReader(files, options);
    this.#reader = reader;
    this.skipped = reader.skipped;
    for (;;) {
      const file = await reader.next();
      if (!this.#host.isCurrent()) return false;
      if (!file) return true;
      this.beginFile(file.name);
      if (!(await this.#readFile(reader, file))) return false;
    }
  }

  /**
   * @param {SourceReader} reader
   * @param {import('./reading/reader.js').LogFile} file
   */
  async #readFile(reader, file) {
    const { pool, now, isCurrent } = this.#host;
    this.#turnEndMs = now() + SLICE_MS;
    if (this.#inSlices && file.blob && file.blob.size >= MIN_SLICED_BYTES && !pool.isEmpty) {
      return this.#readInSlices(reader, file.name, file.blob);
    }
    // What is pushed is copied, so its memory may be used again.
    const onRead = (/** @type {number} */ nBytes) => (reader.readBytes += nBytes);
    this.#chunks = file.blob ? lentChunks(file.blob, file.name, { onRead }) : file;
    for (;;) {
      const chunk = await this.#chunks.read();
      if (!isCurrent()) return false;
      if (!chunk) return true;
      if (!(await this.#pushInTurns(chunk, reader))) return false;
    }
  }

  /**
   * @param {SourceReader} reader
   * @param {string} name
   * @param {Blob} blob
   */
  #readInSlices(reader, name, blob) {
    const engine = this.#engine;
    // What the reader would count if it read them.
    let nCounted = this.#nTextBytes;
    const count = () => {
      reader.readBytes += this.#nTextBytes - nCounted;
      nCounted = this.#nTextBytes;
    };
    const slices = new SliceReader({ name, blob, options: this.#options }, this.#host.pool, {
      schema: () => engine.sliceSchema(),
      stateless: this.#host.stateless,
      absorb: (records) => {
        const progress = engine.absorb(records);
        if (!progress) return false;
        this.#report(progress, reader.isVerbatim ? undefined : reader.readBytes);
        count();
        return true;
      },
      push: async (bytes) => {
        const isCurrent = await this.#pushInTurns(bytes, reader);
        count();
        return isCurrent;
      },
      isCurrent: this.#host.isCurrent,
    });
    return slices.read();
  }

  /**
   * Pushes bytes, with a turn for others in between.
   * @param {Uint8Array} bytes
   * @param {SourceReader} reader
   */
  async #pushInTurns(bytes, reader) {
    const { pause, now, isCurrent } = this.#host;
    for (let at = 0; at < bytes.length; at += PUSH_BYTES) {
      this.push(bytes.subarray(at, at + PUSH_BYTES), reader.isVerbatim ? undefined : reader.readBytes);
      if (now() < this.#turnEndMs) continue;
      await pause();
      if (!isCurrent()) return false;
      this.#turnEndMs = now() + SLICE_MS;
    }
    return isCurrent();
  }

  /** @param {string} name empty where it has none */
  beginFile(name) {
    this.#nFiles += 1;
    if (name || this.#nFiles > 1) this.#engine.call({ method: 'beginFile', params: { name } });
  }

  /**
   * @param {Uint8Array} bytes text, unpacked
   * @param {number} [readBytes] bytes read of the source so far, where they are not the text itself
   */
  push(bytes, readBytes) {
    this.#report(this.#engine.push(bytes), readBytes);
  }

  /**
   * @param {{ bytes: number, rows: number }} progress
   * @param {number} [readBytes]
   */
  #report({ bytes: nTextBytes, rows }, readBytes) {
    this.#nTextBytes = nTextBytes;
    const { totalBytes, now, post } = this.#host;
    const read = readBytes ?? nTextBytes;
    this.reached = { rows, readBytes: read, totalBytes };
    const nowMs = now();
    if (nowMs - this.#reportedMs < PROGRESS_MS && read !== totalBytes) return;
    this.#reportedMs = nowMs;
    const elapsedSecs = (nowMs - this.#startedMs) / 1000;
    /** @type {Record<string, unknown>} */
    const detail = { stage: 'ingest', bytes: read, rows, memoryBytes: this.#engine.memoryBytes() };
    if (elapsedSecs > 0) detail.rowsPerSecond = rows / elapsedSecs;
    if (totalBytes !== undefined) {
      detail.totalBytes = totalBytes;
      if (elapsedSecs > 0 && read > 0) detail.secondsLeft = ((totalBytes - read) / read) * elapsedSecs;
    }
    post({ event: 'progress', detail });
  }

  /** What the engine's summary of the table does not say. */
  reading() {
    return { skipped: [...this.skipped], ...(this.#transcodedFrom ? { encoding: this.#transcodedFrom } : {}) };
  }

  /** Lets go of the source. */
  cancel() {
    this.#chunks?.cancel?.();
    this.#reader?.cancel();
  }
}
