/** What charts are drawn from. */

export interface DensityQuery {
  /** Only subjects with a flagged row. */
  flaggedOnly?: boolean;
  /** The window; the whole log when not given. */
  fromMs?: number;
  toMs?: number;
  /** Lanes are subjects in order of rank, most abnormal first. */
  fromLane?: number;
  toLane?: number;
  /** Bins over time, 1 to 2,000. Default 240. */
  nTimes?: number;
  /** Bins over lanes, 1 to 1,000. Default 120. */
  nLanes?: number;
  /** Default 5,000. */
  maxPoints?: number;
}
export interface Density {
  /** Whether the analysed rows are events with times; records of a table are none, and then nothing is binned. */
  timed: boolean;
  nTimes: number;
  nLanes: number;
  fromMs: number;
  toMs: number;
  fromLane: number;
  toLane: number;
  /** Lanes in all. */
  lanes: number;
  /** Subject of each lane in the window; empty for windows of more than 1,000 lanes. */
  laneSubjects: number[];
  /** Events in the window. */
  events: number;
  /** `nLanes x nTimes`, row by row. */
  counts: Uint32Array;
  /** Events of flagged subjects. */
  pointTimes: Float64Array;
  pointLanes: Uint32Array;
  pointSeverity: Uint8Array;
  flaggedEvents: number;
}

export interface Timeline {
  /** Whether its events have times; records of a table have none, and then `times` is empty. */
  timed: boolean;
  subject: string;
  actionNames: string[];
  /** Milliseconds since the epoch, in order, at most 20,000; events without a time are not among them. */
  times: Float64Array;
  /** Index into `actionNames`. */
  actions: Uint32Array;
  tableRows: Uint32Array;
  /** Events in all, those without a time too. */
  events: number;
  /** Its matrix rows. `startMs` is when one begins; absent where rows are subjects, or records without a time. */
  entries: { row: number; startMs?: number; score: number; severity: number }[];
}

export interface FeatureDistribution {
  feature: number;
  /** One more than there are bins; empty for a category, and where no row has a value. */
  edges: Float64Array;
  /** Of a category: the values counted one by one, most frequent first, at most 30. */
  labels?: string[];
  /** Of a category with more values: how many more; the last count is of all of them. */
  otherLabels?: number;
  normal: Uint32Array;
  flagged: Uint32Array;
  /** Rows without a value, in no bin. */
  normalMissing: number;
  flaggedMissing: number;
  /** 5 %, 25 %, 50 %, 75 %, 95 %; absent for a category, and where no row is of the kind. */
  normalQuantiles?: number[];
  flaggedQuantiles?: number[];
}

/**
 * How features go together among up to 1,000 normal rows, spread evenly: two numbers by Spearman's rank correlation, two
 * categories by Cramér's V, 0 to 1.
 */
export interface FeatureCorrelations {
  /** Those compared, indices into `Analysis.features`: the first 300. */
  features: number[];
  /** Row by row, one value for each pair; NaN where one is constant or has over 100 labels, or is a category alone. */
  values: Float64Array;
}
