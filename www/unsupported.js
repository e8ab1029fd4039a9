/**
 * Why a module of wasm cannot be compiled or started here, in words that say what to do.
 */
import { AnalyzerError } from './errors.js';

/** The smallest module with a SIMD instruction: a function that makes a v128 and drops it. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
);

/**
 * @param {Error} thrown by compiling or starting the engine
 * @returns {AnalyzerError | undefined} `unsupported`, where that is what it comes from
 */
export function whyUnsupported(thrown) {
  if (/unsafe-eval|content security policy/i.test(thrown.message)) {
    return new AnalyzerError(
      'unsupported',
      `the page's content security policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src (${thrown.message})`,
    );
  }
  if (WebAssembly.validate(SIMD_MODULE)) return undefined;
  return new AnalyzerError(
    'unsupported',
    'the engine needs WebAssembly SIMD: Chrome or Edge 91, Firefox 89, Safari 16.4, Node 16.4, or newer',
  );
}
