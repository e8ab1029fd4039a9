/** Where flags begin, and the search for parameters. */

import type { Ranked } from './index.js';
import type { Evaluation, LearnOptions } from './learning.js';
import type { PartialPlan, Plan, Suggestion } from './plan.js';

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

/** What one parameter may be: a list of values, or a range for a random search to draw from. */
export type Values = readonly unknown[] | { from: number; to: number; log?: boolean; whole?: boolean };

export interface TuneOptions {
  /** The plan to be tuned; what it leaves out is suggested. */
  plan?: PartialPlan | Suggestion;
  /**
   * Tunes what is learned from the analysis that there is instead of a plan: target, model, how rows are held out, classes'
   * weights. Candidates are judged by the rows held out, `folds` times. Parameters of the space are `model`, `classWeight`
   * and those of `logistic`, `forest` and `boosting`, as `boosting.maxDepth`; those of another model than a candidate's make
   * no candidates. Default of the space: a few values of what matters most to the model.
   */
  learn?: LearnOptions;
  /**
   * Values by parameter: `trees` or `autoencoder.code` as in `Plan.parameters`, `preparation.scale`, `detector`. Parameters of
   * the recipe, such as `sessionGapSecs`, make features be computed again. What has no effect on a candidate's detector (a
   * scale on trees, histograms and ranks), or cannot have one on these rows (a subsample larger than they are), makes no
   * candidates. Default a few values of what matters most to the plan's detectors, of `preparation.log1p` and, where a detector
   * depends on it, of `preparation.scale`.
   */
  space?: Record<string, Values>;
  /** Every combination, or as many as allowed drawn with the seed. Default `grid`; of a default space too large for it, `random`. */
  search?: 'grid' | 'random';
  /**
   * What candidates are judged by: the plan's label column, in cross-validation; copies of real rows changed in known ways and
   * planted among them; or how alike scores are under resampling and to those of unlike detectors. Default `labels` where
   * there are rows of both kinds, else `stability-agreement`, which cannot tell what is right from what is usual. Between
   * detectors, `planted` favours those that look at neighbourhoods; it is for parameters of one.
   */
  basis?: 'labels' | 'planted' | 'stability-agreement';
  /**
   * Of scores against labels or planted rows, and of what is learned of two classes: default `average-precision`. Of more
   * classes `macro-f1` (default) or `roc-auc`, of numbers `r2`.
   */
  metric?: 'roc-auc' | 'average-precision' | 'macro-f1' | 'r2';
  /** Folds, or fits without labels, 2 to 20. Default 5. */
  folds?: number;
  /** Candidates beside the plan as it is, 1 to 1,000. A larger grid is refused. Default 30. */
  maxCandidates?: number;
  /** Matrix rows that candidates are judged on, drawn with the seed where there are more; 20 to 100,000. Default 5,000. */
  maxRows?: number;
  /** Default the plan's. */
  seed?: number;
}

export interface TuneProgress {
  stage: 'tune';
  /** Thousandths of fits, over all candidates and folds. */
  done: number;
  total: number;
}

export interface TuneCandidate {
  /** What it has other than the plan that was tuned; empty for that plan itself. */
  parameters: Record<string, unknown>;
  /** Mean over folds; higher is better. Absent where it failed. */
  score?: number;
  /** Standard deviation over folds. */
  deviation?: number;
  /** Score by fold. */
  folds: number[];
  /** Mean rank correlation between its own fits; with `stability-agreement`. */
  stability?: number;
  /** Mean rank correlation with unlike detectors; with `stability-agreement`. */
  agreement?: number;
  /** With `planted`: share of copies found when as many rows are flagged as were planted, by what was done to them. */
  found?: Record<'extreme' | 'raised' | 'mixed', number>;
  /** What its fits and scores took. */
  seconds?: number;
  /** Why it could not be judged. */
  failed?: string;
}

export interface Tuning {
  /** `target`: what is learned, on rows held out. */
  basis: 'labels' | 'planted' | 'stability-agreement' | 'target';
  metric: 'roc-auc' | 'average-precision' | 'rank-correlation' | 'macro-f1' | 'r2';
  /** Folds, or fits without labels. */
  folds: number;
  /** Matrix rows judged on. */
  rows: number;
  /** Best first; of equal ones those with the fewest changes. Those that failed come last. */
  candidates: TuneCandidate[];
  /** Places among the candidates: of the best, and of the plan as it was. */
  best: number;
  unchanged: number;
  /** The plan of the best, complete: to be given to `analyze`. Where `learn` was tuned, that of the analysis. */
  plan: Plan;
  /** Where `learn` was tuned, the options of the best: to be given to `learn`. */
  learn?: LearnOptions;
  /** What there is to know of this result. */
  notes: string[];
}
