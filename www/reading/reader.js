/**
 * A source, file by file: what the engine is fed from. Gzips are unpacked, zips are walked, what is no log is skipped
 * with a note; who feeds the engine asks for the next file and for its next bytes, and needs to know nothing of this.
 *
 * Kinds are told by content, never by name. At any time a few MiB are held, whatever the size of the source.
 */
import { AnalyzerError } from '../errors.js';
import { blobReader, readSlice } from './blob.js';
import { peekable } from './chunks.js';
import { Expansion, checkedExpansion } from './expansion.js';
import { gunzip, isGzip } from './gzip.js';
import { reasonByContent, reasonByName } from './skip.js';
import { transcoder } from './transcode.js';
import { isZip } from './zip-mark.js';

/** Bytes read at once from a Blob that is unpacked: what is held grows with it, the speed hardly. */
const PACKED_READ_BYTES = 256 << 10;
/** Bytes by which a file's kind is told. */
const HEAD_BYTES = 4096;

/**
 * A file as it was given: a Blob, or bytes that can be read once.
 * @typedef {object} SourceFile
 * @property {string} name path with `/`; empty where it has none
 * @property {Blob} [blob]
 * @property {import('./chunks.js').ByteReader} [reader] where there is no Blob
 * @property {number} [size] bytes of what `reader` gives, where known
 */

/**
 * A file to be read.
 * @typedef {object} LogFile
 * @property {string} name
 * @property {Blob} [blob] its bytes as they lie, where they need neither unpacking nor transcoding: may be read directly
 *   instead of by `read`, which then counts nothing
 * @property {() => Promise<Uint8Array<ArrayBuffer> | null>} read the next chunk in memory of its own; null at the end
 */

/**
 * @typedef {{ name: string, reason: string }} Skipped
 */

/** Reads one source, once. */
export class SourceReader {
  #files;
  #walk;
  #maxExpansion;
  #packedReadBytes;
  #transcode;
  /** @type {import('./chunks.js').ByteReader | null} */
  #open = null;
  #cancelled = false;
  /** Size of the source where every file's is known. @type {number | undefined} */
  totalBytes;
  /** Bytes read of the source as it lies, packed or not. */
  readBytes = 0;
  /** Whether something had to be unpacked, so far. */
  isCompressed = false;
  /** Whether the engine gets what the source holds, byte by byte, so far. */
  get isVerbatim() {
    return !this.isCompressed && !this.#transcode;
  }
  /** What was left out and why, so far. @type {Skipped[]} */
  skipped = [];
  /** What the directory of the zip under way says: bytes as they lie, and those of its logs where none is packed again. */
  declared = { packedBytes: 0, textBytes: 0 };

  /**
   * @param {SourceFile[]} files
   * @param {{ maxExpansion?: number, encoding?: string }} [options]
   * @param {number} [packedReadBytes] read at once of what is unpacked
   * @throws {AnalyzerError} `options`
   */
  constructor(files, { maxExpansion, encoding } = {}, packedReadBytes = PACKED_READ_BYTES) {
    this.#packedReadBytes = packedReadBytes;
    this.#maxExpansion = checkedExpansion(maxExpansion);
    this.#transcode = transcoder(encoding);
    this.#files = files;
    const sizes = files.map(({ blob, size }) => blob?.size ?? size);
    if (sizes.every((size) => size !== undefined)) this.totalBytes = sizes.reduce((sum, size) => sum + size, 0);
    this.#walk = this.#logs();
  }

  /**
   * The next file; what is left of the one before is not read.
   * @returns {Promise<LogFile | null>} null after the last
   * @throws {AnalyzerError} what makes it impossible to go on; `no-files` when there was none to read
   */
  async next() {
    const { done, value } = await this.#walk.next();
    return done || this.#cancelled ? null : value;
  }

  /** @param {unknown} [reason] */
  cancel(reason) {
    this.#cancelled = true;
    this.#open?.cancel(reason);
    // Those that were never opened may hold a stream.
    for (const { reader } of this.#files) reader?.cancel(reason);
  }

  /** @returns {AsyncGenerator<LogFile, void, undefined>} */
  async *#logs() {
    const isAlone = this.#files.length === 1;
    let nLogs = 0;
    for (const file of this.#files) {
      for await (const log of this.#logsOf(file, isAlone)) {
        nLogs += 1;
        yield log;
      }
    }
    if (nLogs === 0) throw this.#noFiles();
  }

  /**
   * @param {SourceFile} file
   * @param {boolean} isAlone
   */
  async *#logsOf({ name, blob, reader }, isAlone) {
    const byName = isAlone ? null : reasonByName(name);
    if (byName) {
      reader?.cancel();
      this.skipped.push({ name, reason: byName });
      return;
    }
    const onRead = (/** @type {number} */ nBytes) => (this.readBytes += nBytes);
    if (!blob) {
      yield* this.#unpacked(name, counted(/** @type {import('./chunks.js').ByteReader} */ (reader), onRead), isAlone);
      return;
    }
    const head = await readSlice(blob, name, 0, Math.min(HEAD_BYTES, blob.size));
    if (isZip(head)) yield* this.#logsOfZip(name, blob, isAlone);
    else if (isGzip(head)) {
      yield* this.#unpacked(name, blobReader(blob, name, { sliceBytes: this.#packedReadBytes, onRead }), isAlone);
    } else yield* this.#plain(name, head, blobReader(blob, name, { onRead }), isAlone, blob);
  }

  /**
   * A file that can only be read on, which may be a gzip.
   * @param {string} name
   * @param {import('./chunks.js').ByteReader} reader
   * @param {boolean} isAlone
   * @returns {AsyncGenerator<LogFile, void, undefined>}
   */
  async *#unpacked(name, reader, isAlone) {
    const raw = peekable(reader);
    const head = await this.#held(raw).peek();
    if (isGzip(head)) {
      this.isCompressed = true;
      // What a gzip holds is looked at again: a log that was packed twice is no rarity.
      yield* this.#unpacked(name.replace(/\.gz$/i, ''), gunzip(raw, name, this.#expansion()), isAlone);
    } else if (isZip(head)) {
      if (isAlone) throw zipInStream(name);
      raw.cancel();
      this.skipped.push({ name, reason: 'a zip inside of an archive; unpack it first' });
    } else yield* this.#plain(name, head, raw, isAlone);
  }

  /**
   * @param {string} name
   * @param {Uint8Array | null} head
   * @param {import('./chunks.js').ByteReader} reader
   * @param {boolean} isAlone
   * @param {Blob} [blob]
   * @returns {AsyncGenerator<LogFile, void, undefined>}
   */
  async *#plain(name, head, reader, isAlone, blob) {
    const reason = isAlone ? null : reasonByContent(head);
    if (reason) {
      reader.cancel();
      this.skipped.push({ name, reason });
      return;
    }
    if (this.#transcode) {
      const text = this.#held(this.#transcode(reader));
      yield { name, read: () => text.read() };
      return;
    }
    this.#held(reader);
    yield { name, blob, read: () => reader.read() };
  }

  /**
   * @param {string} name
   * @param {Blob} blob
   * @param {boolean} isAlone
   * @returns {AsyncGenerator<LogFile, void, undefined>}
   */
  async *#logsOfZip(name, blob, isAlone) {
    const onRead = (/** @type {number} */ nBytes) => (this.readBytes += nBytes);
    // Loaded only when there is one: few sources are zips.
    const { membersOf } = await import('./zip.js');
    const members = await membersOf(blob, name, { expansion: this.#expansion(), onRead });
    // Office documents are zips. The engine names them.
    if (isAlone && members.some((member) => member.name === '[Content_Types].xml')) {
      const whole = this.#held(blobReader(blob, name, { onRead }));
      yield { name, blob, read: () => whole.read() };
      return;
    }
    this.isCompressed = true;
    const logs = members.filter((member) => !reasonByName(member.name));
    const isPlain = logs.every((member) => !/\.gz$/i.test(member.name));
    this.declared = { packedBytes: blob.size, textBytes: isPlain ? logs.reduce((sum, { size }) => sum + size, 0) : 0 };
    for (const member of members) {
      const reason = reasonByName(member.name);
      if (reason) this.skipped.push({ name: member.name, reason });
      else yield* this.#unpacked(member.name, this.#held(member.open()), false);
    }
  }

  #expansion() {
    return new Expansion(this.#maxExpansion, () => this.totalBytes ?? this.readBytes);
  }

  /**
   * Notes what a cancel has to end.
   * @template {import('./chunks.js').ByteReader} R
   * @param {R} reader
   */
  #held(reader) {
    this.#open = reader;
    if (this.#cancelled) reader.cancel();
    return reader;
  }

  #noFiles() {
    const { skipped } = this;
    const some = skipped.slice(0, 3).map(({ name, reason }) => `${name}: ${reason}`);
    const more = skipped.length > some.length ? `, and ${skipped.length - some.length} more` : '';
    return new AnalyzerError(
      'no-files',
      skipped.length === 0
        ? 'there is no file in it; choose one with a log in it'
        : `there is no log among its ${skipped.length === 1 ? 'one file' : `${skipped.length} files`} (${some.join('; ')}${more})`,
      { detail: { skipped } },
    );
  }
}

/**
 * @param {import('./chunks.js').ByteReader} reader
 * @param {(nBytes: number) => void} onRead
 * @returns {import('./chunks.js').ByteReader}
 */
function counted(reader, onRead) {
  return {
    async read() {
      const chunk = await reader.read();
      if (chunk) onRead(chunk.length);
      return chunk;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/** @param {string} name */
function zipInStream(name) {
  return new AnalyzerError(
    'archive-unsupported',
    `${name || 'the stream'} is a zip, whose directory is at its end: give it as a File, a Blob or bytes, not as a stream, or unpack it first`,
  );
}
