/**
 * A source that the caller's side reads, on its way to the engine: file by file, chunk by chunk, as fast as the engine
 * takes them.
 */
import { AnalyzerError } from './errors.js';

/** Chunks on their way at once: one being parsed, one waiting. */
const CHUNKS_AHEAD = 2;

/**
 * @param {import('./reading/reader.js').SourceReader} reader
 * @param {(part: object, transfer?: ArrayBuffer[]) => void} send
 * @param {() => boolean} isWanted false when nobody waits for it any more
 */
export function feeding(reader, send, isWanted) {
  let nAhead = 0;
  /** @type {(() => void) | null} */
  let wake = null;
  return {
    /** Sends all of it; rejects with what the source could not be read for. */
    async run() {
      for (let file = await reader.next(); file && isWanted(); file = await reader.next()) {
        send({ file: file.name });
        for (let chunk = await file.read(); chunk && isWanted(); chunk = await file.read()) {
          const readBytes = reader.isVerbatim ? undefined : reader.readBytes;
          send({ chunk, readBytes }, [chunk.buffer]);
          nAhead += 1;
          while (nAhead >= CHUNKS_AHEAD && isWanted()) await new Promise((/** @type {any} */ go) => (wake = go));
        }
      }
      if (isWanted()) send({ end: true, skipped: reader.skipped });
    },
    /** A chunk was taken. */
    acked() {
      nAhead -= 1;
      wake?.();
    },
    /** Nobody waits any more. */
    ended: () => wake?.(),
  };
}

/**
 * The error of a source that failed while it was read.
 * @param {Error} cause
 */
export function unreadable(cause) {
  if (cause instanceof AnalyzerError) return cause;
  const { name, message } = cause;
  return new AnalyzerError('source-failed', `the source could not be read to its end (${name}: ${message})`, { cause });
}
