/**
 * Gzip, unpacked by the platform's own DecompressionStream as it is read (RFC 1952).
 *
 * A gzip may be several members one after the other (`cat a.gz b.gz`, bgzip, rotated logs). DecompressionStream takes
 * one only and does not tell where it ended, so the end is found from the other side: where the compressed bytes look
 * like a member's header, and the four bytes before it are the number of bytes given so far (the member's last field),
 * a member ends and the next one begins. A chance match of both is one in 10^21 bytes.
 */
import { AnalyzerError } from '../errors.js';
import { joined } from './chunks.js';

/** Bytes handed to the decompressor at once. They may give 1,032 times as many before anything can hold it back. */
const PIECE_BYTES = 64 << 10;
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** Without anything from the decompressor for so long, all that was written to it has come out. */
const QUIET_MS = 250;

/** @param {Uint8Array | null} bytes the first ones of a source */
export function isGzip(bytes) {
  return bytes !== null && bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * @param {import('./chunks.js').ByteReader} raw
 * @param {string} name of the file, for errors
 * @param {import('./expansion.js').Expansion} expansion
 * @returns {import('./chunks.js').ByteReader} its text; throws `archive-damaged` where the gzip is
 */
export function gunzip(raw, name, expansion) {
  const members = new Members(raw, name || 'the file', expansion);
  return joined(
    () => members.read(),
    (reason) => members.cancel(reason),
  );
}

/**
 * The member being unpacked.
 * @typedef {object} Member
 * @property {WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>} writer
 * @property {ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>} reader
 * @property {number} nGiven
 * @property {Promise<'written'> | null} writing
 * @property {Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> | null} reading
 * @property {number | null} expected bytes the member has if it ends before the header that was found
 * @property {number} passed where in the source a header was found that is none
 * @property {boolean} isClosed nothing more is written
 */

class Members {
  #raw;
  #name;
  #expansion;
  /** Raw bytes that no member was given yet. */
  #held = new Uint8Array(0);
  /** Where in the source `#held` begins. */
  #at = 0;
  #rawEnded = false;
  /** The last bytes given to a member; its trailer, when it is over. */
  #last = new Uint8Array(0);
  /** @type {Member | null} */
  #member = null;

  /**
   * @param {import('./chunks.js').ByteReader} raw
   * @param {string} name
   * @param {import('./expansion.js').Expansion} expansion
   */
  constructor(raw, name, expansion) {
    this.#raw = raw;
    this.#name = name;
    this.#expansion = expansion;
  }

  /** @returns {Promise<Uint8Array<ArrayBuffer> | null>} */
  async read() {
    for (;;) {
      const member = this.#member ?? (await this.#begin());
      if (!member) return null;
      const event = await this.#nextEvent(member);
      if (event === 'written') member.writing = null;
      else if (event === 'quiet') {
        member.expected = null;
        member.passed = this.#at;
      } else {
        member.reading = null;
        if (event.done) {
          this.#checkEnd(member);
          this.#member = null;
        } else if (event.value.length > 0) {
          member.nGiven += event.value.length;
          this.#expansion.add(event.value.length);
          return event.value;
        }
      }
    }
  }

  /** @param {unknown} reason */
  cancel(reason) {
    this.#raw.cancel(reason);
    this.#member?.reader.cancel(reason).catch(() => {});
    this.#member?.writer.abort(reason).catch(() => {});
  }

  /** @returns {Promise<Member | null>} the next member; null at the end of the source */
  async #begin() {
    await this.#hold(HEADER_BYTES + TRAILER_BYTES);
    const header = this.#held;
    if (header.length === 0) return null;
    if (header.length < HEADER_BYTES) throw this.#truncated();
    if (header[2] !== 8 || header[3] > 31) {
      throw this.#damaged(`begins like a gzip and is none: its compression method is ${header[2]}, its flags are ${header[3]}`);
    }
    if (typeof DecompressionStream !== 'function') {
      throw new AnalyzerError(
        'unsupported',
        `${this.#name} is a gzip, which this browser cannot unpack (it has no DecompressionStream): unpack it first, ` +
          'or use Chrome or Edge 80, Firefox 113, Safari 16.4 or newer',
      );
    }
    const { writable, readable } = new DecompressionStream('gzip');
    const writer = writable.getWriter();
    const reader = /** @type {any} */ (readable).getReader();
    // Told by reads and writes as well.
    writer.closed.catch(() => {});
    reader.closed.catch(() => {});
    this.#last = new Uint8Array(0);
    this.#member = { writer, reader, nGiven: 0, writing: null, reading: null, expected: null, passed: -1, isClosed: false };
    return this.#member;
  }

  /**
   * What happens next: bytes come out, bytes are in, or neither for a while.
   * @param {Member} member
   */
  async #nextEvent(member) {
    if (member.expected === member.nGiven % 2 ** 32) this.#close(member);
    const waitsForRest = member.expected !== null;
    if (!member.writing && !member.isClosed && !waitsForRest) {
      member.writing = this.#write(member);
      member.writing.catch(() => {});
    }
    member.reading ??= member.reader.read();
    member.reading.catch(() => {});
    const others = member.writing ? [member.writing] : waitsForRest ? [quiet()] : [];
    try {
      return await Promise.race([member.reading, ...others]);
    } catch (thrown) {
      if (thrown instanceof AnalyzerError) throw thrown;
      throw this.#explained(/** @type {Error} */ (thrown), member);
    }
  }

  /**
   * Gives the member its next bytes.
   * @param {Member} member
   * @returns {Promise<'written'>}
   */
  async #write(member) {
    await this.#hold(PIECE_BYTES + HEADER_BYTES);
    const held = this.#held;
    if (held.length === 0) {
      this.#close(member);
      return 'written';
    }
    // What may be the beginning of a header is kept until it can be told.
    const end = this.#rawEnded ? held.length : Math.min(held.length - HEADER_BYTES, PIECE_BYTES);
    const searchFrom = this.#last.length === 0 ? HEADER_BYTES + TRAILER_BYTES : 0;
    const next = headerIn(held, Math.max(searchFrom, member.passed + 1 - this.#at), end);
    const piece = held.slice(0, next ?? end);
    this.#held = held.subarray(piece.length);
    this.#at += piece.length;
    this.#last = lastBytes(this.#last, piece);
    if (piece.length > 0) await member.writer.write(piece);
    if (next !== null) member.expected = sizeField(this.#last);
    return 'written';
  }

  /** @param {Member} member */
  #close(member) {
    member.expected = null;
    member.isClosed = true;
    // A failure is told by the reader as well.
    member.writer.close().catch(() => {});
  }

  /** @param {Member} member that gave all it had */
  #checkEnd(member) {
    // Some platforms ignore what follows a member, others refuse it; the member's size tells on all of them.
    if (sizeField(this.#last) !== member.nGiven % 2 ** 32) throw this.#trailing();
  }

  /**
   * Holds at least so many raw bytes, where the source has them.
   * @param {number} nBytes
   */
  async #hold(nBytes) {
    while (this.#held.length < nBytes && !this.#rawEnded) {
      const chunk = await this.#raw.read();
      if (!chunk) this.#rawEnded = true;
      else if (this.#held.length === 0) this.#held = chunk;
      else {
        const both = new Uint8Array(this.#held.length + chunk.length);
        both.set(this.#held);
        both.set(chunk, this.#held.length);
        this.#held = both;
      }
    }
  }

  /**
   * The platforms' words differ; what cannot be told from them is damage at a place.
   * @param {Error} thrown
   * @param {Member} member
   */
  #explained(thrown, member) {
    const { message } = thrown;
    // The first header was read above: one that is refused is that of what follows.
    if (/junk|trailing|extra bytes|after (the )?end|unexpected input|header check/i.test(message)) return this.#trailing();
    if (/(data|length) check|checksum|crc/i.test(message)) {
      return this.#damaged('does not match its own checksum: what was packed is not what is there');
    }
    if (member.isClosed) return this.#truncated();
    return this.#damaged(`is damaged at or shortly before byte ${this.#at} (${message})`);
  }

  #truncated() {
    return this.#damaged(`ends at byte ${this.#at + this.#held.length}, in the middle of its gzip: it is cut off`);
  }

  #trailing() {
    return this.#damaged('has bytes behind the end of its gzip, which are no gzip');
  }

  /** @param {string} what */
  #damaged(what) {
    return new AnalyzerError('archive-damaged', `${this.#name} ${what}; get it again, or unpack it with gzip and read what comes out`);
  }
}

/** @returns {Promise<'quiet'>} */
function quiet() {
  return new Promise((go) => setTimeout(() => go('quiet'), QUIET_MS));
}

/**
 * Where a member's header may begin: magic, method, flags, and the level's mark.
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} to
 * @returns {number | null}
 */
function headerIn(bytes, from, to) {
  for (let at = bytes.indexOf(0x1f, from); at >= 0 && at < to; at = bytes.indexOf(0x1f, at + 1)) {
    if (at + HEADER_BYTES > bytes.length) return null;
    if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8 || bytes[at + 3] > 31) continue;
    if (bytes[at + 8] === 0 || bytes[at + 8] === 2 || bytes[at + 8] === 4) return at;
  }
  return null;
}

/**
 * @param {Uint8Array} before
 * @param {Uint8Array} piece
 * @returns {Uint8Array<ArrayBuffer>}
 */
function lastBytes(before, piece) {
  if (piece.length >= 4) return piece.slice(-4);
  return new Uint8Array([...before, ...piece].slice(-4));
}

/**
 * A member's last field: its size before packing, modulo 2^32.
 * @param {Uint8Array} last four bytes
 */
function sizeField(last) {
  return last.length < 4 ? -1 : new DataView(last.buffer, last.byteOffset).getUint32(last.length - 4, true);
}
