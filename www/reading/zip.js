/**
 * The files in a zip: its directory by zip.js, which knows zip64, odd names and data descriptors, each file unpacked by
 * the platform's own DecompressionStream as it is read, and checked against its checksum.
 *
 * Of zip.js the reading half alone is bundled; it is asked to start no worker. Deflate and files stored as they are can
 * be read, which is what every packer writes unless told otherwise.
 */
import {
  ERR_CENTRAL_DIRECTORY_NOT_FOUND,
  ERR_ENCRYPTED,
  ERR_ENCRYPTED_CENTRAL_DIRECTORY,
  ERR_EOCDR_LOCATOR_ZIP64_NOT_FOUND,
  ERR_EOCDR_NOT_FOUND,
  ERR_INVALID_CRC32,
  ERR_SPLIT_ZIP_FILE,
  ZipReader,
} from '@zip.js/zip.js/lib/zip-core-reader.js';
import { AnalyzerError } from '../errors.js';
import { blobReader, readSlice } from './blob.js';
import { joined } from './chunks.js';

/** Bytes handed to the decompressor at once, as for a gzip. */
const PIECE_BYTES = 64 << 10;

const STORED = 0;
const DEFLATE = 8;
/** Methods that other packers use, by their number in the zip specification (APPNOTE 4.4.5). */
const METHODS = new Map([
  [1, 'Shrink'],
  [6, 'Implode'],
  [9, 'Deflate64'],
  [12, 'bzip2'],
  [14, 'LZMA'],
  [93, 'Zstandard'],
  [95, 'xz'],
  [98, 'PPMd'],
]);

/** Messages of zip.js that mean that the end of the file, where the directory is, is not there. */
const CUT_OFF = new Set([ERR_EOCDR_NOT_FOUND, ERR_EOCDR_LOCATOR_ZIP64_NOT_FOUND, ERR_CENTRAL_DIRECTORY_NOT_FOUND]);

/**
 * A file in a zip.
 * @typedef {object} Member
 * @property {string} name its path in the zip
 * @property {number} size bytes, as the directory says
 * @property {() => import('./chunks.js').ByteReader} open
 */

/**
 * The files of a zip, folders left out, in order of their paths.
 * @param {Blob} blob
 * @param {string} name of the zip, for errors
 * @param {{ expansion: import('./expansion.js').Expansion, onRead: (nBytes: number) => void }} watch
 * @returns {Promise<Member[]>}
 * @throws {AnalyzerError} `archive-damaged`, `archive-unsupported`, `source-failed`
 */
export async function membersOf(blob, name, { expansion, onRead }) {
  const zipName = name || 'the zip';
  const reader = {
    size: blob.size,
    readUint8Array: (/** @type {number} */ at, /** @type {number} */ nBytes) =>
      readSlice(blob, zipName, at, Math.min(at + nBytes, blob.size)),
    createReadable: (/** @type {{ offset: number, size: number }} */ { offset, size }) =>
      pulled(blobReader(blob, zipName, { from: offset, to: offset + size, sliceBytes: PIECE_BYTES * 4, onRead })),
  };
  let entries;
  try {
    entries = await new ZipReader(/** @type {any} */ (reader)).getEntries();
  } catch (thrown) {
    throw explained(/** @type {Error} */ (thrown), zipName);
  }
  return entries
    .filter((entry) => !entry.directory)
    .sort((a, b) => (a.filename < b.filename ? -1 : 1))
    .map((entry) => ({
      name: entry.filename,
      size: entry.uncompressedSize,
      open: () => unpacked(/** @type {any} */ (entry), zipName, expansion),
    }));
}

/**
 * @param {import('@zip.js/zip.js').FileEntry} entry
 * @param {string} zipName
 * @param {import('./expansion.js').Expansion} expansion
 * @returns {import('./chunks.js').ByteReader}
 */
function unpacked(entry, zipName, expansion) {
  const where = `${entry.filename} in ${zipName}`;
  if (entry.encrypted) {
    throw new AnalyzerError(
      'archive-encrypted',
      `${where} is encrypted; unpack it with its password and read what comes out`,
    );
  }
  const method = entry.compressionMethod;
  if (method !== STORED && method !== DEFLATE) {
    const said = METHODS.has(method) ? `${METHODS.get(method)} (method ${method})` : `method ${method}`;
    throw new AnalyzerError(
      'archive-unsupported',
      `${where} is packed by ${said}; deflate and files stored as they are can be read: unpack it first, or pack it with deflate`,
    );
  }
  const { readable, writable } = new TransformStream(undefined, undefined, { highWaterMark: 0 });
  const giveUp = new AbortController();
  /** @type {unknown} what went wrong, told by the next read */
  let failure = null;
  entry
    .getData(writable, { signal: giveUp.signal, useWebWorkers: false, useCompressionStream: true, checkSignature: true })
    .catch((/** @type {unknown} */ thrown) => {
      failure = thrown;
      return writable.abort(thrown).catch(() => {});
    });
  const stream = readable.getReader();
  stream.closed.catch(() => {});
  return joined(
    async () => {
      try {
        const { done, value } = await stream.read();
        if (done) return null;
        expansion.add(value.length);
        return value;
      } catch (thrown) {
        giveUp.abort();
        throw explained(/** @type {Error} */ (failure ?? thrown), where);
      }
    },
    (reason) => {
      giveUp.abort();
      stream.cancel(reason).catch(() => {});
    },
  );
}

/**
 * A reader as a stream that reads when it is asked, in pieces that the decompressor may be handed.
 * @param {import('./chunks.js').ByteReader} reader
 */
function pulled(reader) {
  /** @type {Uint8Array<ArrayBuffer>} */
  let rest = new Uint8Array(0);
  return new ReadableStream(
    {
      async pull(controller) {
        if (rest.length === 0) {
          const chunk = await reader.read();
          if (!chunk) return controller.close();
          rest = chunk;
        }
        controller.enqueue(rest.slice(0, PIECE_BYTES));
        rest = rest.subarray(PIECE_BYTES);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * @param {Error} thrown
 * @param {string} where
 */
function explained(thrown, where) {
  if (thrown instanceof AnalyzerError) return thrown;
  const { message } = thrown;
  const again = 'get it again, or unpack it with another program and read what comes out';
  if (message === ERR_ENCRYPTED || message === ERR_ENCRYPTED_CENTRAL_DIRECTORY) {
    return new AnalyzerError('archive-encrypted', `${where} is encrypted; unpack it with its password and read what comes out`);
  }
  if (message === ERR_SPLIT_ZIP_FILE) {
    return new AnalyzerError('archive-unsupported', `${where} is one of several parts of a zip; put them together or unpack it first`);
  }
  if (CUT_OFF.has(message)) {
    return new AnalyzerError('archive-damaged', `${where} is a zip without a directory at its end: it is cut off; ${again}`);
  }
  if (message === ERR_INVALID_CRC32) {
    return new AnalyzerError(
      'archive-damaged',
      `${where} does not match its own checksum: what was packed is not what is there; ${again}`,
    );
  }
  return new AnalyzerError('archive-damaged', `${where} cannot be unpacked, its zip is damaged (${message}); ${again}`);
}
