/**
 * One file read by several workers: slices of it are read side by side and added in file order.
 *
 * The engine goes through the file from its start. Each slice is one that it reads itself or one that a member of the
 * pool has read; whether that one can be taken is the engine's to say, and if not, it reads the slice itself. So the
 * table is that of one worker, whoever did what and how fast.
 */
import { readSlice } from './reading/blob.js';

/** Bytes of a slice. */
export const SLICE_BYTES = 4 << 20;
/** A file is read in slices from this size on. */
export const MIN_SLICED_BYTES = 8 * SLICE_BYTES;
/** Bytes read before slices are given away: more than the engine wants to see of a file to understand it. */
const START_BYTES = 2 << 20;
/** Slices, per member, that are being read or wait to be added. */
const AHEAD_PER_MEMBER = 3;
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
    const { start, end, records } = engine.readSlice(options, schema, from, bytes);
    const [head, tail] = [bytes.slice(0, start - from), bytes.slice(end - from)];
    return { result: { start, records, head, tail }, transfer: [records.buffer, head.buffer, tail.buffer] };
  },
};

/** Reads one file. */
export class SliceReader {
  #file;
  #pool;
  #host;
  #nSlices;
  /** The first slice that nobody has. */
  #next = 0;
  /** Slices that members have or have read. @type {Map<number, Promise<ReadSlice | null>>} */
  #given = new Map();
  /** How many of them have been read. */
  #nRead = 0;
  /** The slice that the engine reads when it comes to it: its number, and its bytes on their way. @type {{ at: number, bytes: Promise<Uint8Array> } | null} */
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
    const first = this.#bytes(0, SLICE_BYTES);
    this.#next = 1;
    const bytes = await first;
    if (!(await push(bytes.subarray(0, START_BYTES)))) return false;
    this.#give();
    if (!(await push(bytes.subarray(START_BYTES)))) return false;
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
      if (!this.#own && this.#next === at + 1) this.#keepNext();
      return push(await own);
    }
    const slice = await given;
    if (!this.#host.isCurrent()) return false;
    this.#given.delete(at);
    this.#nRead -= 1;
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
   * Gives slices to members that have little to do. One slice is kept for the engine itself, ahead of those given, so
   * that it need not wait for one; none where it has fallen behind with adding.
   */
  #give() {
    const isInVain = this.#nInVain >= MOST_IN_VAIN && this.#nInVain > this.#nTaken;
    if (isInVain || !this.#host.isCurrent() || this.#next >= this.#nSlices || !this.#pool.isFree) return;
    const schema = this.#host.schema();
    if (!schema) return;
    while (this.#pool.isFree && this.#given.size < AHEAD_PER_MEMBER * this.#pool.size) {
      if (!this.#own && this.#nRead <= this.#pool.size) this.#keepNext();
      if (this.#next >= this.#nSlices) return;
      this.#giveAway(this.#next, schema);
      this.#next += 1;
    }
  }

  /** Keeps the next slice for the engine itself, and begins to read its bytes. */
  #keepNext() {
    if (this.#next >= this.#nSlices) return;
    this.#own = { at: this.#next, bytes: this.#sliceBytes(this.#next) };
    // Awaited later; without this a failure meanwhile would count as unhandled.
    this.#own.bytes.catch(() => {});
    this.#next += 1;
  }

  /**
   * @param {number} at
   * @param {Uint8Array} schema
   */
  #giveAway(at, schema) {
    const from = at * SLICE_BYTES;
    const to = Math.min(from + SLICE_BYTES, this.#file.blob.size);
    const done = () => {
      this.#nRead += 1;
      this.#give();
    };
    const slice = this.#pool.run('readSlice', { ...this.#file, from, to, schema }).then(
      (/** @type {ReadSlice} */ read) => {
        done();
        return read;
      },
      // Whatever it was, the engine meets it too when it reads the slice itself, and says so.
      () => {
        done();
        return null;
      },
    );
    this.#given.set(at, slice);
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
