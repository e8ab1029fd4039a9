/** The plan of an analysis: which column is what, which recipe, which model, with which parameters. */

export type Role =
  | 'entity'
  | 'time'
  | 'action'
  | 'session'
  | 'device'
  | 'address'
  | 'country'
  | 'region'
  | 'city'
  | 'browser'
  | 'resource'
  | 'group'
  | 'duration'
  | 'outcome'
  | 'amount'
  | 'label'
  | 'ignore';

export interface AutoencoderParameters {
  /** Units of the code, 1 to 512; half the inputs where these are fewer than twice as many. Default 14. */
  code: number;
  /** Units of the layers between input and code, and in reverse between code and output, each 1 to 512; at most 4. Default none. */
  hidden: number[];
  /** Of the hidden layers and the code. Default `tanh`. */
  activation: 'tanh' | 'relu' | 'linear';
  /** Times that every row is learned from, 1 to 10,000. Default 50. */
  epochs: number;
  /** Rows per step down the gradient, 1 to 65,536. Default 32. */
  batch: number;
  /** Step size of Adam, above 0 to 1. Default 0.001. */
  learningRate: number;
  /** Share of hidden units left out at each row while learning, 0 to 0.9. Default 0. */
  dropout: number;
  /** Epochs without a better error on a tenth of the rows, held out, after which learning stops; 0 for never. Default 0. */
  patience: number;
}

export interface OneClassSvmParameters {
  /** Share of rows outside the region, at most, and of support vectors, at least; above 0 to 1. Default 0.5. */
  nu: number;
  /** Default `rbf`. */
  kernel: 'rbf' | 'linear';
  /** Width of the radial basis function, above 0. Default one over the number of features times the variance of all values. */
  gamma?: number;
  /** How far the solution may be from the best, in gradients, above 0. Default 0.001. */
  tolerance: number;
}

export interface IsolationForestParameters {
  /** Features that each tree draws and may cut: a share above 0 to 1, or so many, from 2. Default 1: all. */
  maxFeatures: number;
  /**
   * Features that a cut involves beyond one: above 0 cuts are random planes across features, and contributions are credits of
   * the path that a row took instead of Shapley values. Default 0.
   */
  extensionLevel: number;
}

export interface EnsembleParameters {
  /**
   * How the opinions of several detectors become one: the mean of their measures, each over its range (`average`, default); the
   * mean of their ranks (`ranks`); the highest measure (`maximum`); or the lowest rank, abnormal where all say so (`both`,
   * where contamination is each member's). In a mean, detectors of one kind share a vote.
   */
  combine: 'average' | 'ranks' | 'maximum' | 'both';
}

export interface Parameters {
  /** Isolation Forest: number of trees, 1 to 10,000. Default 200. */
  trees: number;
  /** Isolation Forest: rows per tree, 2 to 65,536. Default 256. */
  subsample: number;
  iforest: IsolationForestParameters;
  /** knn and lof: how many neighbours a row has, 1 to 1,000. Default 50. */
  neighbors: number;
  autoencoder: AutoencoderParameters;
  ocsvm: OneClassSvmParameters;
  ensemble: EnsembleParameters;
  /** First hour of night, 0 to 23. Default 0; 22 is suggested for the recipe session. */
  nightStartHour: number;
  /** Hour at which night ends, 0 to 24. Default 6. */
  nightEndHour: number;
  /** Silence that ends a session, seconds, where there is no session column. Default 1,800. */
  sessionGapSecs: number;
  /** Days of the weekend, 1 Monday to 7 Sunday. Default 6 and 7. */
  weekendDays: number[];
  /** First hour of work, 0 to 23. Default 9. */
  workStartHour: number;
  /** Hour at which work ends, 0 to 24. Default 17. */
  workEndHour: number;
  /** Recipe user-day: what a user's events are cut into. Default `day`. */
  period: 'hour' | 'day' | 'week';
  /** Recipe login: one row per user, or one per login with what was known at that moment. Default `user`. */
  loginRows: 'user' | 'login';
  /** How many of the most abnormal rows are explained at once. Default 100. */
  top: number;
}

/**
 * `drop` leaves a column out; it loses its role, which the roles entity and time must not. The others say what missing
 * values are: the column's `mean` (numbers) or `median` (numbers and times), the category "other", or a constant, written
 * as text and read as the column's type. How many were filled is a finding of the analysis.
 */
export type Treatment = 'drop' | 'mean' | 'median' | 'other' | { constant: string };

export interface Novelty {
  /** Whether these features are wanted; `false` declines a suggestion. Default true. */
  enabled: boolean;
  /** How long a value stays known, days, by kind. Default 180 for actions, addresses and resources, 90 for countries, 30 for browsers and devices. */
  lookBackDays: Partial<
    Record<'action' | 'address' | 'address-range' | 'country' | 'device' | 'browser' | 'resource', number>
  >;
  /** Age below which an account is new, days. Default 30. */
  newAccountDays: number;
  /** Silence after which a return is one of a dormant account, days. Default 180. */
  dormantDays: number;
  /** Hours within which a change of country is a feature. Default 6. */
  countryChangeHours: number;
  /** How many users nearest by what they use are a user's peers, where no column has the role `group`; 0 for no peers. Default 20. */
  peers: number;
}

export interface OwnFeature {
  /** Unlike the name of any other feature. */
  name: string;
  /**
   * An expression over columns: `sum(bytes) / max(count(), 1)`, `share(status >= 400 and hour(time) < 6)`. Without an
   * aggregate it is worked out for each row, and the feature is the mean over the entity's rows. See `formulaFunctions`
   * for what it may call and `checkFormula` for what is wrong with it.
   */
  formula: string;
  /** What it is, as it fits into a sentence about a user. */
  meaning?: string;
  unit?: string;
}

export interface FormulaOptions {
  /** The column whose rows are taken together for the first values; the suggested one when not named. */
  entity?: string;
  /** The column that brings them in order; the suggested one when not named. */
  time?: string;
  signal?: AbortSignal;
}

/** What there is to say of a formula while it is being written. */
export interface FormulaCheck {
  /** Whether it can be a feature: it fits the table, and gives numbers or true and false. */
  ok: boolean;
  /** Absent where it does not fit the table. */
  type?: 'number' | 'boolean' | 'text' | 'time';
  /** Whether it has aggregates. Without, a feature is the mean over an entity's rows. */
  aggregates: boolean;
  /** Names of the columns it reads, each once. */
  columns: string[];
  /** At most five first values: of entities where it has aggregates (of all rows where no entity is known), else of rows. */
  preview: FormulaValue[];
  /** From how many rows of the table the values are, at most 1,000,000. */
  previewRows: number;
  /** What is wrong, unless `ok`. */
  error?: FormulaMistake;
}

export interface FormulaValue {
  /** An entity, `row 1` or `all rows`. */
  of: string;
  /** The value as text; absent where it is missing. */
  value?: string;
}

export interface FormulaMistake {
  /** What, where, expected and found, and below it the formula with the place underlined. */
  message: string;
  /** The place, as `setSelectionRange` takes it. */
  start: number;
  end: number;
  expected: string;
  found: string;
}

/** A function that formulas may call. */
export interface FormulaFunction {
  name: string;
  /** `clamp(x, low, high)` */
  signature: string;
  /** What it gives, in a line. */
  doc: string;
  /** Whether it makes one value of an entity's rows. */
  aggregate: boolean;
}

/** What stands for a missing value. */
export type Impute = 'median' | 'mean' | 'most-frequent' | { constant: number };
export type Scale = 'standard' | 'robust' | 'min-max' | 'none';
export type Encode = 'one-hot' | 'label' | 'frequency' | 'ordinal';

export interface Preparation {
  /**
   * Without, the median of the known values, and of a category the most frequent; but forests and boosted trees that learn
   * are given numbers that stay missing, which they send where it serves better, and categories with a value `missing`.
   */
  impute?: Impute;
  /** Whether each feature with missing values gets a second column that says where. */
  indicators: boolean;
  scale: Scale;
  /** Whether numbers with heavy tails, none below 0, become `ln(1 + x)` first. */
  log1p: boolean;
  encode: Encode;
  /** Values of a category with a column of their own, at most. Default 20. */
  maxCategories: number;
  /** By feature. */
  features?: Record<string, { impute?: Impute; scale?: Scale; log1p?: boolean; encode?: Encode }>;
}

export interface Rules {
  /** A rule holds where the feature is above a value. */
  rules: { feature: string; above: number; points?: number }[];
  /** Points from which on a row is abnormal. Default 3. */
  atLeast?: number;
}

/** `rules` needs rules in the plan and learns nothing; a row scores `1 - 2^(-points / atLeast)`, 0.5 where they are just enough. */
export type DetectorName = 'iforest' | 'robust-z' | 'hbos' | 'ecod' | 'copod' | 'knn' | 'lof' | 'autoencoder' | 'ocsvm' | 'rules';

export interface Plan {
  recipe: 'activity' | 'user-day' | 'session' | 'table' | 'login';
  /** Column name by role. */
  roles: Partial<Record<Role, string>>;
  /**
   * Where scores come from; several are an ensemble, each once, `rules` only by itself. For data that nothing is known of the
   * recommended ensemble is `['iforest', 'knn', 'hbos', 'ecod']` with `combine: 'average'`: how soon a row is set apart, how
   * far its neighbours are, and how rare its values are one by one, in the middle and at the tails.
   */
  detector: DetectorName | DetectorName[];
  parameters: Parameters;
  /** Expected share of abnormal rows, above 0 to 0.5; of several wishes the first given of `threshold`, `budget`, `alertsPerDay`, `cost` goes before it. */
  contamination: number;
  /** A fixed threshold, instead of contamination. */
  threshold?: number;
  /** How many rows to flag, instead of contamination. */
  budget?: number;
  /** How many rows to flag for each day that the log covers, instead of contamination. */
  alertsPerDay?: number;
  /** What a miss costs against a false alarm, instead of contamination; needs `label`, on whose rows mistakes cost least. */
  cost?: { miss: number; falseAlarm: number };
  /** Column that holds the truth; never used to fit a detector. */
  label?: string;
  /** What becomes of columns before features are computed, by column name; the table itself stays as it is. */
  treatments?: Record<string, Treatment>;
  /**
   * Features of what is new, uncommon, sudden or back after a long time. Suggested for the recipes `user-day` and `login`
   * where the log has an address, country, device or browser.
   */
  novelty?: Partial<Novelty>;
  /** Features by formulas of your own. */
  ownFeatures?: OwnFeature[];
  /** Names of features that the model does not see. */
  omitted?: string[];
  /** What happens to features before the model sees them. */
  preparation: Preparation;
  /** Rules over features; each that holds gives points. What they say stands beside the scores of any detector. */
  rules?: Rules;
  /** Of everything random: a whole number from 0 to `Number.MAX_SAFE_INTEGER`. */
  seed: number;
}

/** Any part of a plan. `roles`, when given, replace the suggested ones as a whole. */
export type PartialPlan = Partial<Omit<Plan, 'detector' | 'parameters' | 'preparation'>> & {
  /** `recommended` is the ensemble of `iforest`, `knn`, `hbos` and `ecod`. */
  detector?: Plan['detector'] | 'recommended';
  parameters?: Partial<Omit<Parameters, 'iforest' | 'autoencoder' | 'ocsvm' | 'ensemble'>> & {
    iforest?: Partial<IsolationForestParameters>;
    autoencoder?: Partial<AutoencoderParameters>;
    ocsvm?: Partial<OneClassSvmParameters>;
    ensemble?: Partial<EnsembleParameters>;
  };
  preparation?: Partial<Preparation>;
};

export interface Suggestion extends Plan {
  reasons: { role: Role; column: string; reason: string }[];
  questions: { role: Role; question: string; candidates: string[] }[];
}
