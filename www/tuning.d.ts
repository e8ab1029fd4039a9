/** Where flags begin, and the search for parameters. */

import type { Ranked } from './index.js';
import type { Evaluation } from './learning.js';

/** Exactly one is given; the two costs are one. */
export interface ThresholdOptions {
  /** Flag rows whose score is above this. */
  threshold?: number;
  /** Flag this share of rows, above 0 to 0.5. */
  contamination?: number;
  /** Flag so many rows. */
  budget?: number;
  /** Flag so many rows for each day that the log covers; rows need times. */
  alertsPerDay?: number;
  /**
   * What an abnormal row costs that is not flagged: flags so that mistakes cost least on the labelled rows. Rejects with
   * `labels` where the plan names no label column: scores alone do not say how likely a false alarm is.
   */
  missCost?: number;
  /** What a normal row costs that is flagged. Default 1. */
  falseAlarmCost?: number;
}
/** Rows whose flag changed: how many, and the most abnormal 1,000 of them. */
export interface MovedRows {
  count: number;
  rows: number[];
}
export interface ThresholdView {
  threshold: number;
  flags: Uint8Array;
  severity: Uint8Array;
  ranking: Ranked[];
  flaggedSubjects: number;
  /** Flagged now, and not at the threshold before. */
  appeared: MovedRows;
  /** Flagged at the threshold before, and not now. */
  disappeared: MovedRows;
  /** When a label is known. */
  metrics?: Evaluation;
}
