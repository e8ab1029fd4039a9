/**
 * The engine's wasm to an engine. `./engine.js` is the glue that wasm-bindgen writes beside this file.
 */
import { AnalyzerError } from './errors.js';
import init, { Engine, Scorer, SliceReading, version } from './engine.js';
import { whyUnsupported } from './unsupported.js';

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
    const error = /** @type {Error} */ (thrown);
    throw whyUnsupported(error) ?? new AnalyzerError('worker-failed', `the engine's wasm does not start: ${error.message}`);
  }
  /** @type {import('./pool.js').StatelessEngine} */
  const stateless = {
    beginSlice: (options, schema, at) => new SliceReading(options, schema, at),
    makeScorer: (model) => new Scorer(model),
  };
  return { engine: new Engine(), makeEngine: () => new Engine(), stateless, version: version() };
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
