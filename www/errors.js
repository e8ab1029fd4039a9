/**
 * The one error class of the JavaScript side.
 *
 * Errors cross a worker's border as plain objects, because not every browser clones an Error with its own fields, and
 * are rebuilt here. The codes are those of the engine plus the ones that only JavaScript can meet; a test compares
 * both lists with the Rust sources.
 */

/** Codes the engine gives. */
export const ENGINE_CODES = Object.freeze([
  'empty-source',
  'not-text',
  'no-records',
  'record-too-long',
  'too-many-columns',
  'mixed-schemas',
  'wrong-format',
  'options',
  'no-such-column',
  'missing-role',
  'wrong-type',
  'parameter',
  'formula',
  'too-few-rows',
  'labels',
  'not-ready',
  'no-such-row',
  'not-a-model',
  'model-cut',
  'model-too-new',
  'model-damaged',
  'other-columns',
  'cancelled',
]);

/** Codes that arise in JavaScript. */
export const CLIENT_CODES = Object.freeze([
  'aborted',
  'disposed',
  'busy',
  'worker-failed',
  'source-failed',
  'archive-damaged',
  'archive-encrypted',
  'archive-unsupported',
  'archive-expands',
  'no-files',
  'unsupported',
  'internal',
]);

/** Every code an AnalyzerError can have. */
export const ERROR_CODES = Object.freeze([...ENGINE_CODES, ...CLIENT_CODES]);

/**
 * @typedef {{ record: number, line: number, byte: number }} Position
 * @typedef {{ name: 'AnalyzerError', code: string, message: string, detail?: unknown, position?: Position }} PlainError
 */

/** What went wrong: a stable `code` to match on, a message for people, and where in the source, if it has a place. */
export class AnalyzerError extends Error {
  /**
   * @param {string} code one of {@link ERROR_CODES}
   * @param {string} message what, where, expected and found, what to do next
   * @param {{ detail?: unknown, position?: Position, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'AnalyzerError';
    /** @readonly */
    this.code = code;
    if (more.detail !== undefined) /** @readonly */ this.detail = more.detail;
    if (more.position !== undefined) /** @readonly */ this.position = more.position;
  }

  /**
   * An AnalyzerError from whatever was thrown or received: plain objects of the same shape are rebuilt, anything else
   * becomes `internal`.
   * @param {unknown} value
   * @returns {AnalyzerError}
   */
  static from(value) {
    if (value instanceof AnalyzerError) return value;
    const plain = toPlainError(value);
    return new AnalyzerError(plain.code, plain.message, plain);
  }
}

/**
 * The plain, cloneable form of whatever was thrown.
 * @param {unknown} thrown
 * @returns {PlainError}
 */
export function toPlainError(thrown) {
  const { code, message, detail, position, name, stack } = /** @type {any} */ (thrown ?? {});
  if (ERROR_CODES.includes(code)) {
    /** @type {PlainError} */
    const plain = { name: 'AnalyzerError', code, message: String(message) };
    if (detail !== undefined && detail !== null) plain.detail = detail;
    if (position !== undefined && position !== null) plain.position = position;
    return plain;
  }
  return {
    name: 'AnalyzerError',
    code: 'internal',
    message: `unexpected ${name ?? typeof thrown}: ${message ?? String(thrown)}`,
    ...(stack ? { detail: { stack: String(stack) } } : {}),
  };
}

/**
 * The error of a call whose signal was aborted; the signal's reason becomes its `cause`.
 * @param {AbortSignal} signal
 */
export function abortedBy(signal) {
  return new AnalyzerError('aborted', 'the call was aborted; what was there before is unchanged', {
    cause: signal.reason,
  });
}
