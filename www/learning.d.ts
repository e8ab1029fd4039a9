/** Judging scores against the truth, and learning from it. */

export interface EvaluateOptions {
  /** A column of the table. */
  label?: string;
  /** One per matrix row, truthy for abnormal. */
  labels?: ArrayLike<boolean | number>;
  /** Numbers of rows for `Evaluation.top`, beside the plan's budget and round ones. */
  budgets?: number[];
}
/** `rocAuc` is NaN when the labels have one class only, `prAuc` when nothing is abnormal. */
export interface Evaluation {
  accuracy: number;
  /** Mean of the shares of abnormal and of normal rows that were decided rightly. */
  balancedAccuracy: number;
  precision: number;
  recall: number;
  f1: number;
  /** Matthews' correlation coefficient, -1 to 1. */
  mcc: number;
  rocAuc: number;
  prAuc: number;
  confusion: { tp: number; fp: number; tn: number; fn: number };
  /** Interleaved points `[x0, y0, x1, y1, ...]`. */
  curves: { roc: Float64Array; pr: Float64Array };
  /** What the first `k` rows of the ranking have of abnormal ones; rows of equal scores count by what a random choice of them has. */
  top: { k: number; precision: number; recall: number }[];
  /** The measures over thresholds, highest first. */
  thresholds: AtThreshold[];
  /** Where the scores are probabilities. */
  calibration?: Calibration;
  /** 95 % bootstrap intervals by the name of the measure (and `brier`), drawn with the seed; a measure may have none. */
  intervals?: Intervals;
}
export type Intervals = Record<string, [low: number, high: number]>;
export interface AtThreshold {
  /** Rows with a score above it are flagged. */
  threshold: number;
  flagged: number;
  accuracy: number;
  balancedAccuracy: number;
  precision: number;
  recall: number;
  falsePositiveRate: number;
  f1: number;
  mcc: number;
}
export interface Calibration {
  /** Mean squared difference of probability and truth: 0 is best. */
  brier: number;
  /** Rows in ten bins of probability: their mean probability, and the share of them that is abnormal. */
  curve: { predicted: number; observed: number; rows: number }[];
}

/** What is learned; for a column, categories and two different numbers as classes, other numbers as they are. */
export type LearnTarget = 'flags' | 'label' | 'rules' | 'rule-points' | { column: string };
export type LearnModel = 'logistic' | 'forest' | 'boosting';

export interface LearnOptions {
  /** Default `logistic` for classes, `boosting` for numbers. */
  model?: LearnModel;
  /**
   * Boosted trees learned elsewhere, as XGBoost saves them as JSON, instead of learning some; judged on the same rows held
   * out. Their features are the columns that `export('prepared')` writes after learning the same target with the same
   * split and seed. Fails with `wrong-format`, and with `parameter` where features or target do not fit.
   */
  xgboost?: string;
  logistic?: {
    /** Default `l2`. */
    penalty?: 'l2' | 'l1' | 'none';
    /** Inverse strength of the penalty. Default 1. */
    c?: number;
  };
  forest?: {
    /** Default 100. */
    trees?: number;
    /** Features looked at for a cut. Default `auto`: the square root of their number for classes, all for numbers. */
    maxFeatures?: 'auto' | 'sqrt' | 'third' | 'all';
    /** Default 1. */
    minSamplesLeaf?: number;
    /** 0 for no limit, the default. */
    maxDepth?: number;
  };
  boosting?: {
    /** Rounds. Default 100. */
    trees?: number;
    /** Default 0.3. */
    learningRate?: number;
    /** Default 6. */
    maxDepth?: number;
    /** Penalties on leaf values (lambda, alpha). Default 1 and 0. */
    l2?: number;
    l1?: number;
    /** What a cut has to win. Default 0. */
    gamma?: number;
    /** Default 1. */
    minChildWeight?: number;
    /** Share of rows a round learns from, and of columns a tree looks at. Default 1. */
    subsample?: number;
    colsample?: number;
    /** Default 255. */
    maxBins?: number;
    /** Stop when so many rounds have not helped on rows set aside; 0, the default, for never. */
    patience?: number;
    /** Share of rows set aside for that. Default 0.1. */
    validationShare?: number;
  };
  /** `rules`: rows with enough points by the plan's rules; `rule-points`: the points as a number. Default `flags`. */
  target?: LearnTarget;
  /** For a column that could be either. Default by its values. */
  task?: 'classes' | 'regression';
  /** Learn from and test on all abnormal rows and as many normal ones. Default true for the flags, else false. */
  balanced?: boolean;
  split?: {
    /** `user` keeps a user's rows on one side, `time` holds out the latest. Default `user` where users have several rows. */
    by?: 'stratified' | 'user' | 'time';
    /** Share of rows held out. Default 0.3. */
    testShare?: number;
    /** Hold out each part once, 2 to 20, and learn from all rows in the end. Default 0: hold out once. */
    folds?: number;
  };
  /** Default `none`: classes count by their rows. */
  classWeight?: 'none' | 'balanced' | { given: Record<string, number> };
  /** Drawings for intervals. Default 200. */
  resamples?: number;
  /** Default the plan's. */
  seed?: number;
}

export interface Learned {
  model: LearnModel;
  target: LearnTarget;
  /** `binary`: two classes, of which the second is looked for. */
  task: 'binary' | 'classes' | 'regression';
  /** Rows learned from and held out by class; none for numbers. */
  classes: { name: string; train: number; test: number }[];
  splitBy: 'stratified' | 'user' | 'time';
  /** Rows that the model learned from. */
  trainRows: number;
  /** Rows held out, of all folds together. */
  testRows: number;
  /** Rows without a target, or with a class that too few have; they are predicted only. */
  unknownRows: number;
  /** Of two classes, on the rows held out, at probability 0.5. */
  evaluation?: Evaluation;
  /** Of more classes. */
  classEvaluation?: ClassEvaluation;
  /** Of numbers. */
  regression?: RegressionEvaluation;
  /** One per fold; none where rows were held out once. */
  folds: { trainRows: number; testRows: number; measures: Record<string, number> }[];
  /** Measures over folds. */
  summary: Record<string, { mean: number; deviation: number }>;
  /** Of a forest, how well its trees judge rows that they have not learned from: accuracy for classes, R² for numbers. */
  outOfBag?: number;
  /** What the model sees of the features, by their place in `Analysis.features`: a category may be several columns. */
  columns: { name: string; feature: number }[];
  /** Of logistic regression: one for two classes, else one per class against the rest; a coefficient per column. */
  linear: { coefficients: number[]; intercept: number; iterations: number }[];
  importance: Importance;
  /** By matrix row: the place of the class decided for, or the number. */
  predictions: Float64Array;
  /** Of two classes the probability of the second, one per matrix row; of more rows x classes. None for numbers. */
  probabilities: Float64Array;
  /** By matrix row: what the answer should be, the place of the row's class or its number; NaN where it has none. */
  actual: Float64Array;
  /** By matrix row: 1 where what is predicted comes of a model that has not learned from the row. */
  heldOut: Uint8Array;
  /** What the model may know of rows held out: figures may be too good. */
  leaks: Leak[];
  notes: string[];
  /**
   * Milliseconds by stage, all folds together: `leaks` (features that tell too much), `prepare`, `fit`, `predict`, `judge`
   * (measures, intervals and importance).
   */
  timings: Record<string, number>;
}
export interface ClassEvaluation {
  accuracy: number;
  balancedAccuracy: number;
  macroF1: number;
  weightedF1: number;
  /** Mean over classes, one against the rest. */
  rocAuc: number;
  classes: { name: string; rows: number; precision: number; recall: number; f1: number; rocAuc: number }[];
  /** Rows by their class, and in each by the class decided for. */
  confusion: number[][];
  intervals?: Intervals;
}
export interface RegressionEvaluation {
  rows: number;
  mse: number;
  rmse: number;
  mae: number;
  r2: number;
  intervals?: Intervals;
  /** `[actual0, predicted0, ...]` of at most 2,000 rows held out. */
  points: Float64Array;
}
export interface Importance {
  /** What permutation lowers: `rocAuc` (of several classes their mean) or `r2`. */
  measure: 'rocAuc' | 'r2';
  /** What `model` is. */
  kind: 'coefficient' | 'impurity' | 'gain';
  /** The most important first. */
  features: {
    feature: string;
    /** What the measure loses on rows held out when the feature's values change places, mean; absent where it has no value. */
    permutation?: number;
    /** Its standard deviation. */
    deviation: number;
    /** What the model itself says, added up over the feature's columns. */
    model: number;
  }[];
}
export interface Leak {
  kind: 'shared-users' | 'test-before-train' | 'telling-feature';
  /** Rows held out that it is about. */
  testRows: number;
  users?: number;
  feature?: string;
  message: string;
}
export interface LearnedExplanation {
  entity: string;
  row: number;
  /** The class whose score is explained, and its probability; absent for numbers. */
  class?: string;
  probability?: number;
  /** Of score, base and contributions. */
  unit: 'log-odds' | 'probability' | 'value';
  score: number;
  /** The score of the average row learned from. */
  base: number;
  /** All features, largest contribution first; `base` plus their sum is the score. */
  contributions: { feature: string; value: number; text?: string; contribution: number }[];
  /** The answer and what moved it most, in words; what the model cannot judge of the row comes first. */
  sentence: string;
}
