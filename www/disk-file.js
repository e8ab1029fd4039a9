/**
 * A file on disk, for Node: as much of a File as reading needs. Node's own (`fs.openAsBlob`) is experimental there and
 * warns; this one also notices when the file is changed while it is read.
 */
import { open } from 'node:fs/promises';

export class DiskFile {
  #handle;
  #changedMs;

  /**
   * @param {import('node:fs/promises').FileHandle} handle
   * @param {string} name
   * @param {import('node:fs').Stats} about
   */
  constructor(handle, name, about) {
    this.#handle = handle;
    this.#changedMs = about.mtimeMs;
    this.name = name;
    this.size = about.size;
  }

  /** @param {string} path of a regular file */
  static async open(path) {
    const handle = await open(path);
    try {
      return new DiskFile(handle, path, await handle.stat());
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
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
        const { size, mtimeMs } = await this.#handle.stat();
        if (size < this.size || mtimeMs !== this.#changedMs) {
          const changed = new Error('it was changed since it was opened');
          changed.name = 'NotReadableError';
          throw changed;
        }
        const bytes = new Uint8Array(Math.min(to, this.size) - from);
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, from + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return filled === bytes.length ? bytes.buffer : bytes.buffer.slice(0, filled);
      },
    };
  }

  close() {
    return this.#handle.close();
  }
}
