/**
 * One file read by several workers: slices of it are read side by side and added in file order.
 *
 * The engine goes through the file from its start. Each slice is one that it reads itself or one that a member of the
 * pool has read; whether that one can be taken is the engine's to say, and if not, it reads the slice itself. So the
 * table is that of one worker, whoever did what and how fast.
 *
 * Values that come again in another slice are found once more when they are added, so the work grows by about a fifth;
 * adding takes a third of the time of reading. So the engine reads no slice while there are some to add, and while it
 * would wait for one it reads a later one.
 */
import { TASKS_AHEAD } from './pool.js';
import { readSlice } from './reading/blob.js';

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
  async readSlice(engine, { name, blob, options, from, to, schema }) {
    const bytes = await readSlice(blob, name, from, to);
    const slice = readBytes(engine, options, schema, from, bytes);
    return { result: slice, transfer: [slice.records.buffer, slice.head.buffer, slice.tail.buffer] };
  },
};

/**
 * @param {import('./pool.js').StatelessEngine} engine
 * @param {object} options
 * @param {Uint8Array} schema
 * @param {number} from where the bytes stand in their file
 * @param {Uint8Array} bytes
 */
function readBytes(engine, options, schema, from, bytes) {
  const { start, end, records } = engine.readSlice(options, schema, from, bytes);
  return { start, records, head: bytes.slice(0, start - from), tail: bytes.slice(end - from) };
}

/**
 * A slice that is read before its turn to be added.
 * @typedef {object} GivenSlice
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
  /** The first slice that nobody has. */
  #next = 1;
  /** Slices that members have, and those that were read. @type {Map<number, GivenSlice>} */
  #given = new Map();
  /** The slice kept for the engine, which reads it while it would wait, or when it comes to it: its number, and its bytes on their way. @type {{ at: number, bytes: Promise<Uint8Array> } | null} */
  #own = null;
  #nTaken = 0;
  #nInVain = 0;

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
  }

  /**
   * Reads the file to its end.
   * @returns {Promise<boolean>} false when the job was ended meanwhile
   */
  async read() {
    const { push } = this.#host;
    const start = this.#bytes(0, START_BYTES);
    const rest = handled(this.#bytes(START_BYTES, SLICE_BYTES));
    if (!(await push(await start))) return false;
    this.#give();
    if (!(await push(await rest))) return false;
    for (let at = 1; at < this.#nSlices; at += 1) {
      this.#give();
      if (!(await this.#readNext(at))) return false;
    }
    return true;
  }

  /**
   * The slice that comes next in the file.
   * @param {number} at
   */
  async #readNext(at) {
    const { push, absorb } = this.#host;
    const given = this.#given.get(at);
    if (!given) {
      const own = this.#own?.at === at ? this.#own.bytes : this.#sliceBytes(at);
      if (this.#own?.at === at) this.#own = null;
      this.#next = Math.max(this.#next, at + 1);
      this.#give();
      // Where there is nobody to give to, its bytes are on their way while this one is read.
      if (!this.#own && this.#next === at + 1) this.#keepNext();
      return push(await own);
    }
    await this.#useWait(given);
    const slice = await given.slice;
    if (!this.#host.isCurrent()) return false;
    this.#given.delete(at);
    this.#give();
    // Members are not ahead: there will be time to read a slice.
    if (this.#given.get(at + 1)?.isRead === false) this.#keepNext();
    if (!slice) return push(await this.#sliceBytes(at));
    if (!(await push(slice.head))) return false;
    if (absorb(slice.records)) {
      this.#nTaken += 1;
      return push(slice.tail);
    }
    this.#nInVain += 1;
    return push(await this.#bytes(slice.start, (at + 1) * SLICE_BYTES));
  }

  /**
   * Reads slices as members do, as long as one of them is still at the slice that comes next. To read one so and to add
   * it later takes as long as to read it in its turn.
   * @param {GivenSlice} given
   */
  async #useWait(given) {
    const { isCurrent, schema } = this.#host;
    while (!given.isRead && this.#isWorthGiving() && this.#hasRoom()) {
      this.#keepNext();
      const own = this.#own;
      if (!own) return;
      const bytes = await Promise.race([given.slice.then(() => null), own.bytes.catch(() => null)]);
      const known = schema();
      if (!bytes || !known || given.isRead || !isCurrent()) return;
      this.#own = null;
      this.#given.set(own.at, { slice: Promise.resolve(this.#readOwn(own.at, bytes, known)), isRead: true });
      this.#give();
    }
  }

  /**
   * @param {number} at
   * @param {Uint8Array} bytes
   * @param {Uint8Array} schema
   * @returns {ReadSlice | null}
   */
  #readOwn(at, bytes, schema) {
    try {
      return readBytes(this.#host.stateless, this.#file.options, schema, at * SLICE_BYTES, bytes);
    } catch (thrown) {
      if (/** @type {any} */ (thrown)?.name === 'RuntimeError') throw thrown;
      return null;
    }
  }

  /** Gives slices to members that have little to do. */
  #give() {
    if (!this.#isWorthGiving()) return;
    const schema = this.#host.schema();
    if (!schema) return;
    while (this.#next < this.#nSlices && this.#pool.isFree && this.#hasRoom()) {
      this.#giveAway(this.#next, schema);
      this.#next += 1;
    }
  }

  #isWorthGiving() {
    const isInVain = this.#nInVain >= MOST_IN_VAIN && this.#nInVain > this.#nTaken;
    return !isInVain && this.#host.isCurrent();
  }

  #hasRoom() {
    return this.#given.size < TASKS_AHEAD * this.#pool.size + MOST_WAITING;
  }

  /** Keeps the next slice for the engine itself, unless it has one, and begins to read its bytes. */
  #keepNext() {
    if (this.#own || this.#next >= this.#nSlices) return;
    this.#own = { at: this.#next, bytes: handled(this.#sliceBytes(this.#next)) };
    this.#next += 1;
  }

  /**
   * @param {number} at
   * @param {Uint8Array} schema
   */
  #giveAway(at, schema) {
    const from = at * SLICE_BYTES;
    const to = Math.min(from + SLICE_BYTES, this.#file.blob.size);
    const done = (/** @type {ReadSlice | null} */ read) => {
      given.isRead = true;
      this.#give();
      return read;
    };
    /** @type {GivenSlice} */
    const given = {
      slice: this.#pool.run('readSlice', { ...this.#file, from, to, schema }).then(done, () => done(null)),
      isRead: false,
    };
    this.#given.set(at, given);
  }

  /** @param {number} at */
  #sliceBytes(at) {
    return this.#bytes(at * SLICE_BYTES, (at + 1) * SLICE_BYTES);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #bytes(from, to) {
    const { blob, name } = this.#file;
    return readSlice(blob, name, from, Math.min(to, blob.size));
  }
}

/**
 * A promise that is awaited later; a failure meanwhile would count as unhandled.
 * @template T
 * @param {Promise<T>} promise
 */
function handled(promise) {
  promise.catch(() => {});
  return promise;
}
