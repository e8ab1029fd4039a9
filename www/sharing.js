/**
 * Rows that a model measures, shared with the members of the pool.
 *
 * The engine goes through its rows from the first on; members get blocks from the last, with the model in bytes. What a
 * model says of a row depends on that row alone, so the values are those of one worker, whoever found them and when. A
 * block that a member does not answer is the engine's again.
 *
 * Whether it is worth it shows at work: by how fast rows go, and how many are left. Where there are many, members begin
 * before that is known, so that they have read the model by then.
 */

/** Work that is left, from which on it is shared, milliseconds. */
const WORTH_SHARING_MS = 30;
/** Work that is left, from which on workers are started for it, milliseconds. */
const WORTH_STARTING_MS = 250;
/** Rows of which members get some at once. */
const MANY_ROWS = 20_000;
/** Rows of a block that is given so. */
const FIRST_BLOCK_ROWS = 1_000;
/** Work of a block, milliseconds: enough to hide its way, little enough that nobody waits long for the last. */
const BLOCK_MS = 20;

/** Which model came last, of all that this worker shared. */
let lastModel = 0;

/**
 * What sharing needs of an engine.
 * @typedef {Pick<import('./engine.js').Engine, 'rowsLeft' | 'sharedModel' | 'giveRows' | 'takeValues'>} RowSource
 */

/**
 * @typedef {object} SharingHost
 * @property {import('./pool.js').Pool} pool
 * @property {() => number} now milliseconds
 * @property {() => void} grow starts workers, unless they are there
 * @property {() => boolean} isUnderWay whether the job is still the one whose rows these are
 */

/** Shares the rows of one job. */
export class RowSharing {
  #engine;
  #host;
  /** The model of the rows given away last, for members to read when they meet it first. @type {{ id: number, bytes: Blob } | null} */
  #model = null;
  /** Blocks that members have. @type {Set<Promise<void>>} */
  #away = new Set();
  /** How it was when the engine went on. @type {{ nLeft: number, ms: number }} */
  #before = { nLeft: 0, ms: 0 };
  #hasGrown = false;
  /** What the engine threw when it took an answer. @type {unknown} */
  #failure = null;

  /**
   * @param {RowSource} engine
   * @param {SharingHost} host
   */
  constructor(engine, host) {
    this.#engine = engine;
    this.#host = host;
  }

  /** Whether the next step can wait for a turn: rows have come, or all that are left are with members. */
  get wantsTurn() {
    const nLeft = this.#engine.rowsLeft();
    return nLeft > this.#before.nLeft || (nLeft === 0 && this.#away.size > 0);
  }

  /** Gives rows away, between two slices of steps; where nothing else is left to do, waits for an answer. */
  async turn() {
    this.#give();
    if (this.#away.size > 0 && this.#engine.rowsLeft() === 0) await Promise.race(this.#away);
    if (this.#failure) throw this.#failure;
  }

  #give() {
    const { pool, now, grow } = this.#host;
    const nLeft = this.#engine.rowsLeft();
    const rowsPerMs = (this.#before.nLeft - nLeft) / (now() - this.#before.ms);
    if (rowsPerMs < 0 && nLeft >= MANY_ROWS && pool.size > 0) {
      this.#takeModel();
      this.#giveBlocks(FIRST_BLOCK_ROWS);
    } else if (rowsPerMs > 0) {
      const leftMs = nLeft / rowsPerMs;
      if (leftMs >= WORTH_STARTING_MS && pool.isEmpty && !this.#hasGrown) {
        this.#hasGrown = true;
        grow();
      }
      if (leftMs >= WORTH_SHARING_MS && pool.size > 0) this.#takeModel();
      // Towards the end blocks become smaller, so that all end at once.
      this.#giveBlocks(Math.ceil(Math.min(rowsPerMs * BLOCK_MS, nLeft / (2 * (pool.size + 1)))));
    }
    this.#before = { nLeft: this.#engine.rowsLeft(), ms: now() };
  }

  /** Takes the model, when the first of its rows are to be given away. */
  #takeModel() {
    const bytes = this.#engine.sharedModel();
    if (bytes) this.#model = { id: (lastModel += 1), bytes: new Blob([bytes]) };
  }

  /** @param {number} nRows of a block */
  #giveBlocks(nRows) {
    while (this.#model && this.#host.pool.isFree) {
      const block = this.#engine.giveRows(nRows);
      if (!block) return;
      this.#send(this.#model, block);
    }
  }

  /**
   * @param {{ id: number, bytes: Blob }} model
   * @param {{ start: number, rows: Float64Array<ArrayBuffer> }} block
   */
  #send(model, { start, rows }) {
    const take = (/** @type {Float64Array | undefined} */ values) => {
      this.#away.delete(answer);
      if (!this.#host.isUnderWay()) return;
      try {
        this.#engine.takeValues(start, values);
      } catch (thrown) {
        this.#failure = thrown;
      }
    };
    const answer = this.#host.pool.run('measureRows', { model, rows }, [rows.buffer]).then(take, () => take(undefined));
    this.#away.add(answer);
  }
}

/**
 * The task of a member, which keeps the model that it met last.
 * @returns {(engine: import('./pool.js').StatelessEngine, params: { model: { id: number, bytes: Blob }, rows: Float64Array }) => Promise<{ result: Float64Array, transfer: ArrayBuffer[] }>}
 */
export function measureRows() {
  /** @type {{ id: number, scorer: Promise<import('./engine.js').Scorer> } | null} */
  let known = null;
  return async ({ makeScorer }, { model, rows }) => {
    if (known?.id !== model.id) {
      const old = known;
      known = { id: model.id, scorer: model.bytes.arrayBuffer().then((bytes) => makeScorer(new Uint8Array(bytes))) };
      // Tasks that came before have had their turn by then.
      old?.scorer.then(
        (scorer) => scorer.free(),
        () => {},
      );
    }
    const result = (await known.scorer).measure(rows);
    return { result, transfer: [result.buffer] };
  };
}
