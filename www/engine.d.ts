/** What the package needs of the glue that wasm-bindgen writes; the build puts `engine.js` beside this file. */

export class Engine {
  constructor();
  /** Throws a plain object of the shape of `AnalyzerError`. */
  call(request: { method: string; params?: object }): any;
  /** Bytes of the source that `beginIngest` started. */
  push(bytes: Uint8Array): { bytes: number; rows: number };
  /** What reading a source would take, from the first bytes of its text. */
  estimate(bytes: Uint8Array, about: { options: object; totalBytes: number; isWhole: boolean }): any;
  sliceSchema(): Uint8Array | undefined;
  absorb(records: Uint8Array): { bytes: number; rows: number } | undefined;
  /** Rows that a model is measuring just now and that nobody has begun. */
  rowsLeft(): number;
  /** That model, for a `Scorer` elsewhere: once, before the first rows are given away. */
  sharedModel(): Uint8Array<ArrayBuffer> | undefined;
  giveRows(nRows: number): { start: number; rows: Float64Array<ArrayBuffer> } | undefined;
  /** What a `Scorer` gave for the rows that start there; without it the rows come back. */
  takeValues(start: number, values: Float64Array | undefined): void;
  /** The fitted pipeline as a file. */
  save(): Uint8Array<ArrayBuffer>;
  /** Takes a fitted pipeline from a file; what is said of it. */
  load(file: Uint8Array): any;
  memoryBytes(): number;
  free(): void;
}

/** A slice of a file that another engine reads. */
export class SliceReading {
  constructor(options: object, schema: Uint8Array, at: number);
  push(bytes: Uint8Array): void;
  /** Frees it. */
  finish(): { start: number; end: number; records: Uint8Array<ArrayBuffer> };
  free(): void;
}

/** A model that measures rows of another engine. */
export class Scorer {
  constructor(model: Uint8Array);
  measure(rows: Float64Array): Float64Array<ArrayBuffer>;
  free(): void;
}

export function version(): string;

export default function init(options: {
  module_or_path: string | URL | Response | BufferSource | WebAssembly.Module;
}): Promise<unknown>;
