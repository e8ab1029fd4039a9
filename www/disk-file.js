/**
 * A file on disk, for Node: as much of a File as reading needs. Node's own (`fs.openAsBlob`) is experimental there, warns,
 * and cannot be posted. This one can: its descriptor is the process's, so every worker reads by it, each from where it
 * wants. It also notices when the file is changed while it is read.
 */
import { close, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';

const [closeFile, statFile, openFile, readFile] = [promisify(close), promisify(fstat), promisify(open), promisify(read)];

export class DiskFile {
  /** @param {{ fd: number, name: string, size: number, changedMs: number }} about an open file; what arrives of one that was posted */
  constructor({ fd, name, size, changedMs }) {
    this.fd = fd;
    this.name = name;
    this.size = size;
    this.changedMs = changedMs;
  }

  /** @param {string} path of a regular file */
  static async open(path) {
    const fd = await openFile(path, 'r');
    try {
      const { size, mtimeMs } = await statFile(fd);
      return new DiskFile({ fd, name: path, size, changedMs: mtimeMs });
    } catch (thrown) {
      await closeFile(fd);
      throw thrown;
    }
  }

  /**
   * A posted file as it was before, if it was one of these.
   * @param {any} posted
   */
  static received(posted) {
    return DiskFile.is(posted) ? new DiskFile(posted) : posted;
  }

  /** @param {any} file */
  static is(file) {
    return typeof file.fd === 'number';
  }

  get [Symbol.toStringTag]() {
    return 'File';
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  slice(from, to) {
    return {
      arrayBuffer: async () => {
        const { size, mtimeMs } = await statFile(this.fd);
        if (size < this.size || mtimeMs !== this.changedMs) {
          const changed = new Error('it was changed since it was opened');
          changed.name = 'NotReadableError';
          throw changed;
        }
        const bytes = new Uint8Array(Math.min(to, this.size) - from);
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await readFile(this.fd, bytes, filled, bytes.length - filled, from + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled === bytes.length ? bytes.buffer : bytes.buffer.slice(0, filled);
      },
    };
  }

  /** For whoever opened it, when nobody reads any more. */
  close() {
    return closeFile(this.fd);
  }
}
