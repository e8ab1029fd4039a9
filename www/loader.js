/**
 * The engine's wasm to an engine. `./engine.js` is the glue that wasm-bindgen writes beside this file.
 */
import { AnalyzerError } from './errors.js';
import init, { Engine, version } from './engine.js';

/** The smallest module with a SIMD instruction: a function that makes a v128 and drops it. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
);

/**
 * @param {unknown} wasm a compiled module, its bytes, or the URL to fetch it from
 * @returns {Promise<import('./server.js').Loaded>}
 * @throws {AnalyzerError} `unsupported` when this browser or its policy cannot run it, `worker-failed` when it cannot
 *   be had
 */
export async function loadEngine(wasm) {
  if (typeof WebAssembly !== 'object') {
    throw new AnalyzerError('unsupported', 'this browser has no WebAssembly; it may be switched off by a setting');
  }
  const source = typeof wasm === 'string' ? await fetchWasm(wasm) : wasm;
  try {
    await init({ module_or_path: /** @type {any} */ (source) });
  } catch (thrown) {
    throw whyNot(/** @type {Error} */ (thrown));
  }
  return { engine: new Engine(), stateless: Engine, version: version() };
}

/** @param {string} url */
async function fetchWasm(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new AnalyzerError(
      'worker-failed',
      `the engine could not be fetched from ${url} (${/** @type {Error} */ (cause).message}); give its address in open({ wasm })`,
    );
  }
  if (!response.ok) {
    throw new AnalyzerError(
      'worker-failed',
      `the engine could not be fetched from ${url}: HTTP ${response.status}; give its address in open({ wasm })`,
    );
  }
  return response;
}

/** @param {Error} thrown */
function whyNot(thrown) {
  if (/unsafe-eval|content security policy/i.test(thrown.message)) {
    return new AnalyzerError(
      'unsupported',
      `the page's content security policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src (${thrown.message})`,
    );
  }
  if (!WebAssembly.validate(SIMD_MODULE)) {
    return new AnalyzerError(
      'unsupported',
      'the engine needs WebAssembly SIMD: Chrome or Edge 91, Firefox 89, Safari 16.4, Node 16.4, or newer',
    );
  }
  return new AnalyzerError('worker-failed', `the engine's wasm does not start: ${thrown.message}`);
}
