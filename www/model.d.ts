/** Saved models: what is said of one, and how one is applied. Part of the reference in `index.d.ts`. */

import type { CallOptions, Feature, RowUnit } from './index.js';
import type { LearnModel, LearnTarget } from './learning.js';
import type { IngestOptions } from './ingest.js';
import type { Plan } from './plan.js';

/** A saved model, read from its header alone. */
export interface ModelInfo {
  /** Version of the file's format. */
  format: number;
  /** What wrote it: `isoscope 0.1.0`. */
  createdBy: string;
  /** The plan it was made with, complete. */
  plan: Plan;
  /** What one row stands for that it scores. */
  unit: RowUnit;
  /** Its detectors; several are an ensemble. */
  detectors: string[];
  /** The columns that records must have: the inputs of a form for one record. */
  fields: ModelField[];
  /** The features that are made of them, in the model's order. */
  features: ModelFeature[];
  /** Columns that the model sees after encoding. */
  modelColumns: number;
  /** Rows it was fitted to. */
  rows: number;
  /** Rows among them that were flagged. */
  flaggedRows: number;
  /** Records that they were made of. */
  tableRows: number;
  /** Rows with a score above this are flagged. */
  threshold: number;
  /** Share of the fitted rows above it. */
  contamination: number;
  seed: number;
  /** Equal for models that need the same columns: hash of the fields' names, types and roles. */
  schemaHash: string;
  /** Where a label was known: measures of the scores against it (`precision`, `recall`, `rocAuc`, ...). */
  metrics?: Record<string, number>;
  /** The supervised model beside the detectors, where one was learned before saving. */
  learned?: {
    model: LearnModel;
    target: LearnTarget;
    task: 'binary' | 'classes' | 'regression';
    /** Of two classes the second is the one looked for; none for numbers. */
    classes: string[];
    /** Rows learned from. */
    rows: number;
    /** Rows held out, of all folds together. */
    heldOutRows: number;
    splitBy: 'stratified' | 'user' | 'time';
    /** Measures on the rows held out (`rocAuc`, `f1`, `r2`, ...). */
    metrics: Record<string, number>;
  };
  /** Zone by whose clock times were read, where one was named. */
  timeZone?: string;
  /** What is to be known before it is used, in sentences: what features that look back mean for a single record. */
  notes: string[];
}

/** A column that records must have. */
export interface ModelField {
  name: string;
  type: 'integer' | 'float' | 'boolean' | 'timestamp' | 'duration' | 'ip' | 'user-agent' | 'category' | 'text';
  /** What it means, where the plan says so. */
  role?: string;
  /** Whether records must have the column; a value may be missing in any. */
  required: boolean;
  /** Share of fitted rows without a value. */
  missing: number;
  /** Up to three values. */
  examples: string[];
  /** The least value, of numbers, spans (seconds) and times (milliseconds since 1970). */
  min?: number;
  max?: number;
  /** The log named no year for its times: that of `min` and `max` was assumed. */
  noYear?: boolean;
  /** Its values, in order of the alphabet, where they are categories and at most 100. */
  labels?: string[];
}

/** A feature with its values among the fitted rows, in its own unit. */
export interface ModelFeature extends Feature {
  /** Absent for categories, and where no row had a value. */
  min?: number;
  max?: number;
  /** The median of rows not flagged; of a category, the place of its most frequent label. */
  typical?: number;
}

/** Which model a call is about. */
export interface UsingOptions extends CallOptions {
  /**
   * A saved model, which is put into use as `load` does, or `null` for that of the analysis, as `unload` does: together with
   * this call, so that nothing that is under way beside it can put another model in its place. Default: the one in use.
   */
  use?: Uint8Array | ArrayBuffer | null;
}

/**
 * How records are read: what is not given is the model's (types, day or month first, time zone, words for missing
 * values), else guessed.
 */
export interface PredictOptions extends IngestOptions, UsingOptions {
  /** Whether the records and their scores take the place of the analyzer's table and analysis. Default: false. */
  keep?: boolean;
}
