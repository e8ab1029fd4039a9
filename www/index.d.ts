/**
 * Isoscope: who behaved strangely in a log, and why, without anything leaving the machine.
 *
 * This file is the reference of the JavaScript surface, kept by hand. The same functions run in a browser (the engine
 * in a worker) and in Node 20 and newer (in a `worker_threads` worker). Shapes are plain JSON and typed arrays. Every
 * promise settles: with a result, or with an {@link AnalyzerError} that carries a stable code. Optional parts of a
 * result are absent, never null.
 */

export type {
  Format,
  FileSummary,
  IngestOptions,
  AggregateColumns,
  RowSample,
  EstimateOptions,
  SourceEstimate,
  ColumnEstimate,
  EstimateChoice,
  Position,
  Place,
  Finding,
  ColumnSummary,
  TableSummary,
  SkippedFile,
} from './ingest.js';
import type { IngestOptions, EstimateOptions, SourceEstimate, Position, Finding, TableSummary } from './ingest.js';
export type {
  Profile,
  ColumnReport,
  NumberReport,
  Histogram,
  MissingMatrix,
  Correlations,
  OverTime,
  EntityDistribution,
} from './profile.js';
import type { Profile } from './profile.js';
export type * from './learning.js';
import type { Evaluation, EvaluateOptions, Learned, LearnedExplanation, LearnModel, LearnOptions, LearnTarget } from './learning.js';
export type * from './charts.js';
import type { Density, DensityQuery, FeatureCorrelations, FeatureDistribution, Timeline } from './charts.js';
export type * from './explanation.js';
import type { Counterfactual, Explanation, GlobalExplanation, GlobalOptions } from './explanation.js';
export type * from './tuning.js';
import type { ThresholdOptions, ThresholdView, TuneOptions, TuneProgress, Tuning } from './tuning.js';
export type * from './plan.js';
export type { ModelInfo, ModelField, ModelFeature, PredictOptions, UsingOptions } from './model.js';
import type { ModelInfo, PredictOptions, UsingOptions } from './model.js';
import type { DetectorName, FormulaCheck, FormulaFunction, FormulaOptions, PartialPlan, Plan, Suggestion } from './plan.js';

/** Opens an analyzer: an engine of its own, in a worker of its own. Dispose of it when done. */
export function open(options?: OpenOptions): Promise<Analyzer>;

/** One call for those who want one call: open, ingest, analyze, dispose. */
export function analyze(source: Source, plan?: PartialPlan, options?: AnalyzeOptions): Promise<Analysis>;

/**
 * What can be read. A File or Blob is read by the worker itself; text and records are sent as UTF-8; buffers are
 * copied, so the caller's stay usable. A string is CSV text, never a path. Streams may give `Uint8Array` or text; in
 * Node, its own readable streams will do.
 *
 * Gzip is unpacked wherever it is met, by content and not by name, also of several members. A zip is one source: its
 * files are read in order of their paths, gzips in it too; a zip needs a File, Blob or bytes, because its directory is
 * at its end. Several files, a folder and a zip are one table when their columns are the same (`mixed-schemas` tells
 * when they are not); what is no log among them is left out and named in `TableSummary.skipped`.
 */
export type Source = OneSource | readonly Blob[] | FileList | readonly NamedSource[] | FileSystemHandle | readonly FileSystemHandle[];

/** A file and its name, which stands in `TableSummary.files`. */
export interface NamedSource {
  name: string;
  /** Anything that is bytes: no text, no records. */
  source: Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | ArrayBuffer | ArrayBufferView;
}

/**
 * The files that were dropped, folders walked, in order of their paths. Call it in the drop event's listener, before
 * anything is awaited: the browser takes the items back afterwards.
 */
export function filesOf(dataTransfer: DataTransfer): Promise<{ name: string; source: File }[]>;

export type OneSource =
  | File
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | ArrayBuffer
  | ArrayBufferView
  | string
  | Iterable<Record<string, unknown>>;

export interface OpenOptions {
  /**
   * The worker's script. Default: `worker.js` (in Node `node-worker.js`) beside the module. A blob URL will do; one of
   * another origin is fetched and started as a blob.
   */
  workerUrl?: string | URL;
  /** The engine: its address, its bytes, or compiled. Default: `engine_bg.wasm` beside the module. */
  wasm?: string | URL | BufferSource | WebAssembly.Module;
  /**
   * Workers in all; 0 runs the engine on the calling thread. Those beside the first are started when there is work for
   * them: a Blob of 32 MiB or more to be read in parts, or many rows to be scored. Results are the same to the bit with any
   * number. Reading with several is about a fifth more work in all than with one, so where all cores are busy with other
   * things already, 1 is faster. Default: one less than there are cores, at most 8; two on two cores, of which the second
   * is started for scoring alone.
   */
  workers?: number;
  /**
   * Whether the worker reads and analyses small made-up logs once it has been idle for a moment, so that the first file
   * meets compiled code: it takes some tenths of a second of its thread, ends when a source, an analysis or a profile is
   * asked for, and leaves nothing behind. `analyze()` and the command line never do. Default: true in browsers, false in
   * Node and on the calling thread (`workers: 0`).
   */
  warm?: boolean;
  /** Gives up opening. */
  signal?: AbortSignal;
}

export interface AnalyzeOptions extends OpenOptions {
  /** How to read the source. */
  ingest?: Omit<IngestOptions, 'signal'>;
}

export interface CallOptions {
  /** Rejects the call with code `aborted`, at once; what was there before is unchanged. */
  signal?: AbortSignal;
}

/**
 * An engine with at most one table and one analysis of it.
 *
 * `ingest` and `analyze` are long: they report progress and may be overtaken. A new `ingest` ends the one under way,
 * and any analysis under way; a new `analyze` ends the analysis under way; what is ended so rejects with `aborted`.
 * `analyze` during an `ingest` rejects with `busy`. All other calls are answered meanwhile from what was whole last.
 */
export interface Analyzer {
  /** The engine's version. */
  readonly version: string;
  /** Adds a listener and gives its remover. */
  on(event: 'progress', listener: (progress: Progress) => void): () => void;
  /** What was odd, after each ingest and each analysis. */
  on(event: 'finding', listener: (finding: Finding) => void): () => void;
  /** Reserved for monitoring; nothing sends it yet. */
  on(event: 'alert', listener: (alert: unknown) => void): () => void;

  /** Reads a source into the table. A source that cannot be read leaves the earlier table as it was. */
  ingest(source: Source, options?: IngestOptions): Promise<TableSummary>;
  /**
   * What reading a source would take, from its first MiB. Changes nothing, and does not read a stream, which could be
   * read once only.
   */
  estimate(source: Source, options?: EstimateOptions): Promise<SourceEstimate>;
  /**
   * Drops the table and what was made of it. Memory of the engine never shrinks, so above 64 MiB its worker is replaced
   * by a new one, and the system has the memory back; calls under way then reject with `aborted`, listeners stay. When
   * `open` was given an address for `wasm`, the new worker loads it again. With `workers: 0` the memory is kept for the
   * next table.
   */
  close(call?: CallOptions): Promise<void>;
  /** What `ingest` gave last. */
  summary(call?: CallOptions): Promise<TableSummary>;
  /** A plan guessed from the table, with its reasons and open questions. May be changed and given to `analyze`. */
  suggest(call?: CallOptions): Promise<Suggestion>;
  /**
   * Explores the table: what is in each column, where values are missing, how columns hang together, rows over time and
   * per entity. Long like `analyze`, and may run beside it; a new `profile` or `ingest` ends the one under way.
   */
  profile(options?: ProfileOptions): Promise<Profile>;
  /**
   * Looks at the formula of an own feature while it is being written: what is wrong where, or its first values. Made for
   * every keystroke: never rejects for the formula. Values are of the table as it was read, before treatments.
   */
  checkFormula(formula: string, options?: FormulaOptions): Promise<FormulaCheck>;
  /** The functions that formulas may call. */
  formulaFunctions(call?: CallOptions): Promise<FormulaFunction[]>;
  /** Analyses the table. What the plan does not say is as suggested. */
  analyze(plan?: PartialPlan | Suggestion, call?: CallOptions): Promise<Analysis>;
  /** Searches for better parameters of a plan. Long like `analyze`, which it ends and is ended by; the analysis stays. */
  tune(options?: TuneOptions, call?: CallOptions): Promise<Tuning>;
  /** Moves the threshold of the analysis; nothing is computed anew but flags, severities and the ranking. */
  setThreshold(options: ThresholdOptions, call?: CallOptions): Promise<ThresholdView>;
  /** Why a matrix row has its score. */
  explain(row: number, call?: CallOptions): Promise<Explanation>;
  /** The fewest changes, each as small as can be, after which a matrix row would not be flagged. */
  counterfactual(row: number, call?: CallOptions): Promise<Counterfactual>;
  /**
   * What moves the scores of all rows: mean contributions by feature, and sampled rows to be drawn as a beeswarm. Works in
   * steps, with progress; a newer analysis, a moved threshold or a newer call ends it with `aborted`.
   */
  globalExplanation(options?: GlobalOptions & CallOptions): Promise<GlobalExplanation>;
  /** Judges the scores against a label column (the plan's when none is named), or against labels given. */
  evaluate(options?: EvaluateOptions, call?: CallOptions): Promise<Evaluation>;
  /**
   * Learns flags, labels, rules or a column from the features, and judges what was learned on rows held out. Long like
   * `analyze`, and may run beside it. A new `learn` or `ingest` ends the one under way at once, a new analysis when it is
   * whole.
   */
  learn(options?: LearnOptions, call?: CallOptions): Promise<Learned>;
  /** What the model learned last says of a matrix row, and why; of more than two classes of the named or most probable one. */
  explainLearned(row: number, options?: { class?: string } & CallOptions): Promise<LearnedExplanation>;
  /**
   * The whole fitted pipeline as a file, versioned and checksummed: of the analysis (at the threshold in force) with what was
   * learned from it last, or of the model loaded since. Rejects with `not-ready` without either.
   */
  save(options?: UsingOptions): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Takes a fitted pipeline; table and analysis stay, and so does the model when it is refused: `not-a-model`, `model-cut`,
   * `model-too-new`, `model-damaged`. It is the one that `predict` and `save` use until a new analysis is made.
   */
  load(bytes: Uint8Array | ArrayBuffer | Blob, call?: CallOptions): Promise<ModelInfo>;
  /** What is said of the model that `predict` and `save` use. */
  model(options?: UsingOptions): Promise<ModelInfo>;
  /** Forgets the model that was loaded: that of the analysis, if there is one, is used again. */
  unload(call?: CallOptions): Promise<void>;
  /**
   * Scores records by the model (that of the analysis, or the one loaded since) without fitting anything: one record, an
   * array of them, or any source. Columns are found by name; `other-columns` says which are missing. The result is an
   * analysis with a `probability`, a `confidence` and a `percentile` for each row, and with what was learned, where the
   * model was saved after `learn`; of up to 100 rows all are explained.
   * Long like `ingest`; the analyzer's own table and analysis stay as they are unless `keep` is set.
   */
  predict(records: Source | Record<string, unknown>, options?: PredictOptions): Promise<Analysis>;
  /** Events binned by time and subject. */
  density(query?: DensityQuery, call?: CallOptions): Promise<Density>;
  /** What one subject (an index into `Analysis.subjects`) did, over time. */
  timeline(subject: number, call?: CallOptions): Promise<Timeline>;
  /** One feature (an index into `Analysis.features`) among normal and among flagged rows. */
  distribution(feature: number, call?: CallOptions): Promise<FeatureDistribution>;
  /** How many matrix rows have a feature (an index) above a value: what a rule would hold for. */
  rowsAbove(feature: number, above: number, call?: CallOptions): Promise<{ rows: number; missing: number }>;
  /** How features go together, pair by pair. */
  correlations(call?: CallOptions): Promise<FeatureCorrelations>;
  /** How far the detectors of an ensemble agree. Fails with `parameter` where there is but one. */
  agreement(options?: AgreementOptions, call?: CallOptions): Promise<Agreement>;
  /** Cells of table rows as text; at most 10,000 rows. */
  rows(rows: ArrayLike<number>, call?: CallOptions): Promise<RowsView>;
  /** A file to save. Cells that a spreadsheet would run as a formula are neutralised. */
  export(kind: ExportKind, call?: CallOptions): Promise<ExportFile>;
  /** A generated log with planted anomalies. Needs no table. */
  sample(options: SampleOptions, call?: CallOptions): Promise<SampleFile>;
  /** Memory the engine holds, in bytes. It grows with the largest table and is given back by `dispose`. */
  memoryBytes(call?: CallOptions): Promise<number>;

  /** Ends the worker and frees its memory. Pending and later calls reject with `disposed`. */
  dispose(): void;
}

export interface IngestProgress {
  stage: 'ingest';
  /** Bytes read of the source as it lies, packed or not. */
  bytes: number;
  rows: number;
  /** Memory the engine holds, bytes. */
  memoryBytes: number;
  rowsPerSecond?: number;
  /** Where the source's size is known. */
  totalBytes?: number;
  secondsLeft?: number;
}
/** The source has been read; its table is made whole: equal rows are looked for and values counted. */
export interface FinishProgress {
  stage: 'finish';
  /** Columns gone through, some of them more than once. */
  done: number;
  total: number;
}
export interface AnalysisProgress {
  stage: 'features' | 'prepare' | 'fit' | 'score' | 'explain';
  done: number;
  /** 0 when unknown. */
  total: number;
}
export interface ProfileProgress {
  stage: 'profile';
  /** Columns, pairs of columns and distributions. */
  done: number;
  total: number;
}
export interface LearnProgress {
  stage: 'learn';
  /** Parts of fits with all that follows them. */
  done: number;
  total: number;
}
/** A look at what moves the scores of all rows. */
export interface GlobalProgress {
  stage: 'global';
  /** Rows. */
  done: number;
  total: number;
}
/** At most 20 a second. */
export type Progress = IngestProgress | FinishProgress | AnalysisProgress | ProfileProgress | LearnProgress | TuneProgress | GlobalProgress;

/** The columns to take for time and entity; those of the suggested plan when not named. */
export interface ProfileOptions extends CallOptions {
  time?: string;
  entity?: string;
}
export interface Analysis {
  /** The plan it was made with, complete. */
  plan: Plan;
  /** What one matrix row stands for. */
  unit: RowUnit;
  /** One name per matrix row: the very array `subjects` where rows are subjects. Either is made when it is first asked for. */
  entities: string[];
  /** One name per matrix column. */
  features: string[];
  featureInfo: Feature[];
  /** Names of subjects; an entity is a subject or a part of what it did. */
  subjects: string[];
  /** Subject of each matrix row. */
  subjectOfRow: Uint32Array;
  /** One per matrix row; higher is more abnormal. */
  scores: Float64Array;
  /** The detectors of an ensemble, each with the scores that it gives by itself; absent where there is but one. */
  members?: { name: DetectorName; scores: Float64Array }[];
  /** 1 where the score is above the threshold. */
  flags: Uint8Array;
  /** 0 none, 1 low, 2 medium, 3 high: how strange, and whether among the highest scores. */
  severity: Uint8Array;
  /**
   * Of a prediction: how likely each row is abnormal, 0 to 1, by the scores of the rows the model was fitted to (Gaussian
   * scaling, Kriegel et al. 2011). There is no label behind it. Absent otherwise, as are the next two.
   */
  probability?: Float64Array;
  /**
   * How sure each row's flag is, 0 to 1: how often it would be the same had other such rows been fitted to (Perini et al. 2020).
   * It knows nothing of what the model cannot judge of the row: `caution` of its explanation does.
   */
  confidence?: Float64Array;
  /** Share of fitted rows with a score at or below the row's. */
  percentile?: Float64Array;
  /**
   * Of a prediction: what `probability` and `percentile` are of a row whose score is the threshold. No flagged row has less of
   * either, and no other row more. Absent otherwise.
   */
  flagsFrom?: { probability: number; percentile: number };
  /** Of a prediction by a model that was saved after `learn`: what was learned, applied to these rows. Absent otherwise. */
  learned?: {
    model: LearnModel;
    target: LearnTarget;
    task: 'binary' | 'classes' | 'regression';
    /** Of two classes the second is the one looked for; none for numbers. */
    classes: string[];
    /** By matrix row: the place of the class decided for, or the number. */
    predictions: Float64Array;
    /** Of two classes the probability of the second, one per matrix row; of more rows x classes. None for numbers. */
    probabilities: Float64Array;
  };
  threshold: number;
  /** The most abnormal rows, explained. */
  top: Explanation[];
  /** Flagged subjects, most abnormal first, at most 5,000. */
  ranking: Ranked[];
  /** Flagged subjects in all. */
  flaggedSubjects: number;
  /**
   * What is worth learning first: the label column, where it is plain which it is and rows enough of both kinds are there,
   * else the flags. The page begins with it; `learn` takes the flags unless it is told.
   */
  learnTarget: 'flags' | 'label';
  /** First and last moment of the rows used, milliseconds since the epoch. */
  timeRange?: [number, number];
  /** Times are UTC because the file named a zone; otherwise they are the file's own clock. */
  zoned: boolean;
  /** The zone by whose clock days and hours were read, where `timeZone` was given to `ingest`; moments stay UTC. */
  timeZone?: string;
  /** Table rows the recipe could not use. */
  unusedRows: number;
  findings: Finding[];
  /** What the plan's rules say, where it has any. */
  rules?: RuleResults;
  /** When a label is known. */
  metrics?: Evaluation;
  /** Milliseconds by stage. */
  timings: Record<string, number>;
}

/** A subject, an hour, a day or a week of one, one of its sessions, or a record: a login, an employee. */
export type RowUnit = 'subject' | 'hour' | 'day' | 'week' | 'session' | 'record';

export interface Feature {
  name: string;
  /** What it is, as it fits into a sentence about a user. */
  meaning: string;
  /** `d`, `h`, `min`, `s`; empty for plain numbers and shares. */
  unit: string;
  /** How it is computed, in a line; absent where the meaning says it all. */
  formula?: string;
  /** Of a category, its values; the matrix holds their places here. Absent for numbers. */
  labels?: string[];
}

export interface RuleResults {
  /** Points from which on a row is abnormal. */
  atLeast: number;
  /** Rows with so many. */
  reached: number;
  /** Points by matrix row. */
  points: Float64Array;
  /** One per rule of the plan, in its order. */
  rules: {
    rule: { feature: string; above: number; points: number };
    /** Rows on which it holds. */
    rows: number;
    /** Rows without a value of its feature, on which it does not hold. */
    missing: number;
    /** Of its feature: a share of the rows that have a value (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99 and 1), and the value that so many are at or below. */
    quantiles: [share: number, value: number][];
  }[];
}

export interface Ranked {
  subject: number;
  name: string;
  /** Its most abnormal matrix row. */
  row: number;
  score: number;
  severity: number;
  flaggedRows: number;
  rows: number;
  sentence: string;
}

export interface AgreementOptions {
  /** Rows that each detector may flag, at most half of all; as many as are flagged now when not given. */
  budget?: number;
}

/** How far the detectors of an ensemble agree. */
export interface Agreement {
  /** In the order of the plan. */
  members: DetectorName[];
  /** Rows that each may flag: the most abnormal ones by its own scores. */
  budget: number;
  /** Spearman's rank correlation of each two members' scores; 0 where one of them gives all rows the same. */
  spearman: number[][];
  /** Rows that both of two members flag; with itself, rows that it flags: fewer than the budget where the last ones tie. */
  overlap: number[][];
  /** By matrix row, how many members flag it. */
  votes: Uint8Array;
}

export interface RowsView {
  columns: string[];
  cells: string[][];
}

/**
 * `detector-onnx`: the fitted Isolation Forest with its preparation in front and the threshold in force; fails with
 * `parameter` for other detectors, ensembles and extended splits. `onnx`: the learned model with its preparation in front.
 * `xgboost-json`: learned boosted trees, as XGBoost loads them. `prepared`: what the learned model sees, and which rows were
 * held out, as CSV. These three fail with `not-ready` before `learn`.
 */
export type ExportKind = 'results' | 'balanced' | 'features' | 'json' | 'detector-onnx' | 'onnx' | 'xgboost-json' | 'prepared';
export interface ExportFile {
  name: string;
  mime: string;
  bytes: Uint8Array;
}

export interface SampleOptions {
  name: 'office-activity' | 'web-sessions' | 'logins';
  /** Default 500. */
  users?: number;
  /** Default 30. */
  days?: number;
  /** Share of users with planted anomalies. Default 0.06. */
  anomalousShare?: number;
  /** Default 1. */
  seed?: number;
}
export interface SampleFile {
  name: string;
  bytes: Uint8Array;
  /** Names of the users with planted anomalies. */
  planted: string[];
}

export type ErrorCode =
  | 'empty-source'
  | 'not-text'
  | 'no-records'
  | 'record-too-long'
  | 'too-many-columns'
  | 'mixed-schemas'
  | 'wrong-format'
  | 'options'
  | 'no-such-column'
  | 'missing-role'
  | 'wrong-type'
  | 'parameter'
  | 'formula'
  | 'too-few-rows'
  | 'labels'
  | 'not-ready'
  | 'no-such-row'
  | 'not-a-model'
  | 'model-cut'
  | 'model-too-new'
  | 'model-damaged'
  | 'other-columns'
  | 'cancelled'
  | 'aborted'
  | 'disposed'
  | 'busy'
  | 'worker-failed'
  | 'source-failed'
  | 'archive-damaged'
  | 'archive-encrypted'
  | 'archive-unsupported'
  | 'archive-expands'
  | 'no-files'
  | 'unsupported'
  | 'internal';

/** Every code. */
export const ERROR_CODES: readonly ErrorCode[];

/** What went wrong: a stable code, a message for people, and where in the source, if it has a place. */
export class AnalyzerError extends Error {
  constructor(code: ErrorCode, message: string, more?: { detail?: unknown; position?: Position; cause?: unknown });
  readonly code: ErrorCode;
  readonly detail?: unknown;
  readonly position?: Position;
}
