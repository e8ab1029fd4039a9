/**
 * One file read by several workers: slices of it are read side by side and added in file order.
 *
 * The engine goes through the file from its start. Each slice is one that it reads itself or one that a member of the
 * pool has read; whether that one can be taken is the engine's to say, and if not, it reads the slice itself. So the
 * table is that of one worker, whoever did what and how fast.
 *
 * Values that come again in another slice are found once more when they are added, so the work grows by about a fifth;
 * adding takes a third of the time of reading. So the engine is dealt some slices to read in their turn, as many as keep
 * it as busy as the members; and while it would wait for a member it reads a later slice as members do.
 */
import { TASKS_AHEAD } from './pool.js';
import { lentChunks, readParts } from './reading/blob.js';

/** Bytes of a slice. In smaller ones more values come again in the next, to be found once more when they are added. */
export const SLICE_BYTES = 8 << 20;
/** A file is read in slices from this size on. */
export const MIN_SLICED_BYTES = 4 * SLICE_BYTES;
/** Bytes read before slices are given away: more than the engine wants to see of a file to understand it. */
const START_BYTES = 2 << 20;
/** Slices that wait to be added, beside those that members have. */
const MOST_WAITING = 3;
/** Slices that may be in vain before none is given away any more, unless most are not. */
const MOST_IN_VAIN = 8;
/** Of so many slices one is the engine's, by the number of members; with more, adding theirs is enough to do. */
const DEALT = [1, 2, 5];

/**
 * A slice as a member of the pool gives it.
 * @typedef {object} ReadSlice
 * @property {number} start where its first record starts
 * @property {Uint8Array} records for the engine
 * @property {Uint8Array} head its bytes before the first record
 * @property {Uint8Array} tail its bytes behind the last complete record
 */

/**
 * @typedef {object} SlicedFile
 * @property {string} name
 * @property {Blob} blob
 * @property {object} options of the ingest, as the engine got them
 */

/**
 * @typedef {object} SliceHost
 * @property {() => Uint8Array | undefined} schema
 * @property {import('./pool.js').StatelessEngine} stateless to read a slice as members do
 * @property {(records: Uint8Array) => boolean} absorb
 * @property {(bytes: Uint8Array) => Promise<boolean>} push false when the job was ended meanwhile
 * @property {() => boolean} isCurrent whether the job is still under way
 */

/** Tasks of the pool: what a member does with an engine of its own. */
export const TASKS = {
  /**
   * @param {import('./pool.js').StatelessEngine} engine
   * @param {SlicedFile & { from: number, to: number, schema: Uint8Array }} params
   */
  async readSlice(engine, params) {
    const slice = await readSlice(engine, params);
    return { result: slice, transfer: [slice.records.buffer, slice.head.buffer, slice.tail.buffer] };
  },
};

/** Memory of slices that were read here, for those that are about to be; none once nothing is read. @type {ArrayBuffer[]} */
const spare = [];
let nReading = 0;

/**
 * Reads a slice with an engine that knows nothing of the file but the schema.
 * @param {import('./pool.js').StatelessEngine} engine
 * @param {SlicedFile & { from: number, to: number, schema: Uint8Array }} slice where it stands in its file
 */
async function readSlice(engine, { name, blob, options, from, to, schema }) {
  /** @type {import('./engine.js').SliceReading | null} */
  let reading = null;
  nReading += 1;
  try {
    const own = (reading = engine.beginSlice(options, schema, from));
    const memory = spare.pop() ?? new ArrayBuffer(SLICE_BYTES);
    const bytes = await readParts(blob, name, from, to, memory, (part) => own.push(part));
    reading = null;
    const { start, end, records } = own.finish();
    if (bytes.buffer.byteLength === SLICE_BYTES) spare.push(bytes.buffer);
    return { start, records, head: bytes.slice(0, start - from), tail: bytes.slice(end - from) };
  } catch (thrown) {
    if (!isTrap(thrown)) reading?.free();
    throw thrown;
  } finally {
    nReading -= 1;
    if (nReading === 0) spare.length = 0;
  }
}

/** @param {any} thrown by an engine, of which nothing can be trusted then */
const isTrap = (thrown) => thrown?.name === 'RuntimeError';

/**
 * A slice that is read before its turn to be added.
 * @typedef {object} EarlySlice
 * @property {Promise<ReadSlice | null>} slice null where it could not be read: whatever it was, the engine meets it too
 *   when it reads the slice itself, and says so
 * @property {boolean} isRead
 */

/** Reads one file. */
export class SliceReader {
  #file;
  #pool;
  #host;
  #nSlices;
  /** The slice that comes next in the file. */
  #at = 0;
  /** The first slice that was not dealt. */
  #next = 1;
  /** Slices that are being read before their turn, and those that were. @type {Map<number, EarlySlice>} */
  #early = new Map();
  /** Whether the engine waits for a member. */
  #isWaiting = false;
  /** Whether one of the early slices is being read here. */
  #isReadingEarly = false;
  #nTaken = 0;
  #nInVain = 0;
  /** Rejects once the engine has trapped while it read an early slice. @type {Promise<never>} */
  #trapped;
  /** @type {(thrown: unknown) => void} */
  #trap = () => {};

  /**
   * @param {SlicedFile} file
   * @param {import('./pool.js').Pool} pool
   * @param {SliceHost} host
   */
  constructor(file, pool, host) {
    this.#file = file;
    this.#pool = pool;
    this.#host = host;
    this.#nSlices = Math.ceil(file.blob.size / SLICE_BYTES);
    this.#trapped = new Promise((_, reject) => (this.#trap = reject));
    this.#trapped.catch(() => {});
  }

  /**
   * Reads the file to its end.
   * @returns {Promise<boolean>} false when the job was ended meanwhile
   */
  async read() {
    if (!(await this.#push(0, START_BYTES))) return false;
    this.#deal();
    if (!(await this.#push(START_BYTES, SLICE_BYTES))) return false;
    for (this.#at = 1; this.#at < this.#nSlices; this.#at += 1) {
      this.#deal();
      if (!(await this.#readNext())) return false;
    }
    return true;
  }

  async #readNext() {
    const { push, absorb, isCurrent } = this.#host;
    const [at, end] = [this.#at, (this.#at + 1) * SLICE_BYTES];
    const early = this.#early.get(at);
    if (!early) {
      this.#next = Math.max(this.#next, at + 1);
      this.#deal();
      return this.#push(at * SLICE_BYTES, end);
    }
    this.#isWaiting = !early.isRead;
    this.#readEarly();
    const slice = await Promise.race([early.slice, this.#trapped]);
    this.#isWaiting = false;
    if (!isCurrent()) return false;
    this.#early.delete(at);
    this.#deal();
    if (!slice) return this.#push(at * SLICE_BYTES, end);
    if (!(await push(slice.head))) return false;
    if (absorb(slice.records)) {
      this.#nTaken += 1;
      return push(slice.tail);
    }
    this.#nInVain += 1;
    return this.#push(slice.start, end);
  }

  /**
   * Has the engine read some bytes of the file.
   * @param {number} from
   * @param {number} to
   */
  async #push(from, to) {
    const { name, blob } = this.#file;
    const { push, isCurrent } = this.#host;
    const chunks = lentChunks(blob, name, { from, to: Math.min(to, blob.size) });
    try {
      for (let chunk = await chunks.read(); chunk; chunk = await chunks.read()) {
        if (!isCurrent() || !(await push(chunk))) return false;
      }
    } finally {
      chunks.cancel();
    }
    return isCurrent();
  }

  /** Deals slices as long as members have little to do. */
  #deal() {
    const schema = this.#isWorthIt() ? this.#host.schema() : undefined;
    if (!schema) return;
    while (this.#next < this.#nSlices && this.#pool.isFree && this.#hasRoom()) {
      if (this.#next % (DEALT[this.#pool.size] ?? Infinity) !== 0) this.#giveAway(this.#next, schema);
      this.#next += 1;
    }
  }

  #isWorthIt() {
    const isInVain = this.#nInVain >= MOST_IN_VAIN && this.#nInVain > this.#nTaken;
    return !isInVain && this.#host.isCurrent();
  }

  #hasRoom() {
    return this.#early.size < TASKS_AHEAD * this.#pool.size + MOST_WAITING;
  }

  /**
   * @param {number} at
   * @param {Uint8Array} schema
   */
  #giveAway(at, schema) {
    const slice = this.#pool.run('readSlice', this.#slice(at, schema)).catch(() => null);
    this.#expect(at, slice, () => this.#deal());
  }

  /** While the engine would wait, it reads the first slice that nobody has begun. */
  #readEarly() {
    if (!this.#isWaiting || this.#isReadingEarly || !this.#isWorthIt() || !this.#hasRoom()) return;
    const schema = this.#host.schema();
    let at = this.#at + 1;
    while (this.#early.has(at)) at += 1;
    if (!schema || at >= this.#nSlices) return;
    this.#next = Math.max(this.#next, at + 1);
    this.#isReadingEarly = true;
    const slice = readSlice(this.#host.stateless, this.#slice(at, schema)).catch((thrown) => {
      if (isTrap(thrown)) this.#trap(thrown);
      return isTrap(thrown) ? this.#trapped : null;
    });
    this.#expect(at, slice, () => {
      this.#isReadingEarly = false;
      this.#readEarly();
    });
  }

  /**
   * @param {number} at
   * @param {Uint8Array} schema
   */
  #slice(at, schema) {
    const from = at * SLICE_BYTES;
    return { ...this.#file, from, to: Math.min(from + SLICE_BYTES, this.#file.blob.size), schema };
  }

  /**
   * @param {number} at
   * @param {Promise<ReadSlice | null>} slice
   * @param {() => void} then
   */
  #expect(at, slice, then) {
    /** @type {EarlySlice} */
    const early = { slice, isRead: false };
    this.#early.set(at, early);
    const read = () => {
      early.isRead = true;
      then();
    };
    // A trap is met by who waits.
    slice.then(read, () => {});
  }
}
