/** Why rows have their scores: one row, its smallest change to normal, and all rows. */

import type { DetectorName } from './plan.js';

export interface Explanation {
  entity: string;
  row: number;
  score: number;
  /** The score of the average row. */
  base: number;
  /** All features, largest contribution first; `base` plus their sum is the score. */
  contributions: Contribution[];
  /** Why, in words; behind the caution, where there is one. */
  sentence: string;
  /** Of a prediction: features whose value the model has never seen, so that the score says nothing about it. Absent where there are none. */
  unseen?: string[];
  /**
   * Of a prediction: what the model cannot judge of the row, in words: values that it has never seen, and missing ones where
   * they are most or all that it reads. The confidence in the flag knows nothing of it. Absent where there is nothing to say.
   */
  caution?: string;
  /** What each detector of an ensemble gives the row by itself; absent where there is but one. */
  members?: { name: DetectorName; score: number }[];
  /** The plan's rules that hold on the row, in words; absent where none does. */
  rules?: string[];
  /** Table rows, in time order. */
  evidence: number[];
}

/** What one feature has to do with a row's score. */
export interface Contribution {
  feature: string;
  /** In the feature's own unit; of a category its place among the feature's labels; NaN where missing. */
  value: number;
  /** The median of normal rows; of a category the place of the most frequent label; NaN where no normal row has a value. */
  typical: number;
  /**
   * The value in words where it is no quantity: a category's label, yes or no, a date, `missing`; and where it says that
   * something is new, with what that is: `yes (BR)`, `5 (BR, RU and 3 more)`.
   */
  text?: string;
  /** The typical value in words where it is no quantity. */
  typicalText?: string;
  /** The median of the user's own other rows, where there are at least 3; of earlier ones, where rows are sessions or logins. */
  typicalUser?: number;
  typicalUserText?: string;
  /** The median of normal rows of the user's group, where a column has that role and at least 3 of its users have one. */
  typicalPeers?: number;
  typicalPeersText?: string;
  /** Standard deviations from the mean of normal rows; 0 for categories and missing values. */
  z: number;
  /**
   * In score units; of all that the model sees of the feature. By model: the feature's own part of a measure that is a sum
   * over features (`robust-z`, `hbos`, `ecod`, `copod`, `autoencoder`, `knn`), an exact Shapley value (`iforest`), or a sampled
   * one (`lof`, `ocsvm`). Where an Isolation Forest has an `extensionLevel` above 0 it is no Shapley value: each cut on the
   * row's way credits what it changed of the mean path length to the cut's features, by how far each moved the row off the
   * cut. That adds up to the score as well, but ways that the row did not take count nothing.
   */
  contribution: number;
  /** Its standard error, where contributions are sampled (`lof`, `ocsvm`); absent where they are exact. */
  error?: number;
}

/** What would have to change for a row not to be flagged. */
export interface Counterfactual {
  row: number;
  /** With the changes. */
  score: number;
  /** What the score would not be above. */
  threshold: number;
  /** Whether the changes are enough; where not, these are the best that were found. */
  isEnough: boolean;
  /** None for a row that is not flagged; the most telling first. */
  changes: FeatureChange[];
  sentence: string;
}
export interface FeatureChange {
  feature: string;
  /** As `value` of a contribution. */
  from: number;
  to: number;
  /** In words, where it is no quantity. */
  fromText?: string;
  /** The same; and of a time of day or a day of the week that reads as the row's own, how far from that: `9.6 h earlier`. */
  toText?: string;
}

export interface GlobalOptions {
  /** Rows sampled of all, and flagged rows explained, at most. Default 1,000. */
  rows?: number;
  /** Features of the beeswarm, at most. Default 15. */
  features?: number;
  /** Of the samples. Default the plan's. */
  seed?: number;
}
export interface GlobalExplanation {
  /** All features, by their weight among flagged rows (among all where none is flagged), the heaviest first. */
  features: FeatureWeight[];
  flaggedRows: number;
  sampledRows: number;
  beeswarm: Beeswarm;
}
/** Mean sizes of contributions, in score units. */
export interface FeatureWeight {
  feature: string;
  /** To flagged rows. */
  flagged: number;
  /** To the sampled rows. */
  all: number;
}
/** Sampled rows feature by feature: one dot each. */
export interface Beeswarm {
  /** Names, the heaviest first. */
  features: string[];
  /** Matrix rows, ascending. */
  rows: Uint32Array;
  /** All rows of the first feature first. */
  contributions: Float64Array;
  /** Like `contributions`: where each value is among those of the sampled rows, 0 to 1; NaN for missing ones and categories. */
  quantiles: Float64Array;
}
