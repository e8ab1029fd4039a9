/**
 * What the command line is told to read: files, folders, standard input.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskFile } from './disk-file.js';
import { AnalyzerError } from './node.js';

/**
 * Opens the operands as one source, folders walked, in order of their paths within each.
 * @param {string[]} operands
 * @returns {Promise<{ source: { name: string, source: any }[], close: () => Promise<void> }>}
 */
export async function openOperands(operands) {
  /** @type {{ name: string, source: any }[]} */
  const source = [];
  const close = async () => {
    for (const { source: file } of source) if (file instanceof DiskFile) await file.close();
  };
  try {
    for (const operand of operands) {
      if (operand === '-') source.push({ name: '', source: process.stdin });
      else await openPath(operand, source);
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  if (source.length === 0) {
    throw new AnalyzerError('no-files', `${operands.join(', ')}: there is no file in it; name one with a log in it`);
  }
  return { source, close };
}

/**
 * @param {string} path
 * @param {{ name: string, source: any }[]} source
 */
async function openPath(path, source) {
  try {
    const about = await stat(path);
    if (about.isDirectory()) {
      const names = await readdir(path);
      for (const name of names.sort((a, b) => (a < b ? -1 : 1))) await openPath(join(path, name), source);
    } else if (about.isFile()) source.push({ name: path, source: await DiskFile.open(path) });
    // A pipe, as a shell's <(...) is one.
    else source.push({ name: path, source: createReadStream(path, { highWaterMark: 1 << 20 }) });
  } catch (cause) {
    if (cause instanceof AnalyzerError) throw cause;
    const { code, message } = /** @type {any} */ (cause);
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new AnalyzerError('source-failed', `${path} cannot be read: ${why}`, { cause });
  }
}
