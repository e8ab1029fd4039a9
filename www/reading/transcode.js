/**
 * Encodings that the engine does not know and the platform does (the Encoding Standard's labels: `shift_jis`, `koi8-r`,
 * `gb18030`, ...): decoded by TextDecoder and handed on as UTF-8. Bytes that are none in the encoding become U+FFFD.
 * Positions in findings then count bytes of that UTF-8.
 */
import { AnalyzerError } from '../errors.js';

/** What the engine decodes itself, counting what is broken. */
const OF_THE_ENGINE = new Set(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']);

/**
 * The name under which an encoding is known, whatever label it was given by.
 * @param {unknown} label
 * @throws {AnalyzerError} `options`
 */
export function encodingName(label) {
  try {
    return new TextDecoder(/** @type {string} */ (label)).encoding;
  } catch {
    throw new AnalyzerError(
      'options',
      `encoding: expected a label of the Encoding Standard (utf-8, windows-1252, shift_jis, koi8-r, ...), found "${String(label)}"`,
    );
  }
}

/**
 * The encoding to tell the engine.
 * @param {string | null | undefined} label
 * @throws {AnalyzerError} `options`
 */
export function engineEncoding(label) {
  if (label === undefined || label === null) return undefined;
  const name = encodingName(label);
  return OF_THE_ENGINE.has(name) ? name : 'utf-8';
}

/**
 * @param {string | null | undefined} label
 * @returns {((reader: import('./chunks.js').ByteReader) => import('./chunks.js').ByteReader) | null} null where the
 *   engine decodes the bytes itself
 * @throws {AnalyzerError} `options`
 */
export function transcoder(label) {
  if (label === undefined || label === null) return null;
  const name = encodingName(label);
  if (OF_THE_ENGINE.has(name)) return null;
  return (reader) => {
    const decoder = new TextDecoder(name);
    const encoder = new TextEncoder();
    let ended = false;
    return {
      async read() {
        while (!ended) {
          const bytes = await reader.read();
          ended = bytes === null;
          const text = bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
          if (text) return encoder.encode(text);
        }
        return null;
      },
      cancel: (reason) => reader.cancel(reason),
    };
  };
}
