/** What `Analyzer.profile` gives: shapes only, part of the reference in `index.d.ts`. */

export interface Profile {
  rows: number;
  /** In file order. */
  columns: ColumnReport[];
  missing: MissingMatrix;
  correlations: Correlations;
  /** Where there is a time column with a value. */
  overTime?: OverTime;
  /** Rows per entity, then distinct values per entity; empty without an entity column. */
  perEntity: EntityDistribution[];
}
export interface ColumnReport {
  name: string;
  type: string;
  missing: number;
  distinct: number;
  /** Of numbers and durations (seconds). */
  numbers?: NumberReport;
  /** Of times: milliseconds since 1970, UTC when `zoned`, else the file's own clock. */
  times?: { firstMs: number; lastMs: number; zoned: boolean; /** The file names no year: theirs was assumed. */ noYear?: boolean };
  /** At most 10, most frequent first; values that stand once only where there are no more than 10. */
  top: { value: string; count: number }[];
  /** Of numbers and times. */
  histogram?: Histogram;
}
/** As pandas' `describe`: sample deviation, quartiles by linear interpolation. */
export interface NumberReport {
  mean: number;
  /** Absent of a single value. */
  deviation?: number;
  min: number;
  lowerQuartile: number;
  median: number;
  upperQuartile: number;
  max: number;
}
/** One more edge than counts; the last bin has both its edges. */
export interface Histogram {
  edges: number[];
  counts: number[];
}
export interface MissingMatrix {
  /** Columns with a missing value. */
  columns: string[];
  /** Rows per block; the last may have fewer. */
  blockRows: number;
  /** Per block, per column: share of its rows without a value. */
  shares: number[][];
}
/** Square, symmetric matrices; undefined (null in JSON) where a column is constant or there are fewer than two pairs. */
export interface Correlations {
  numeric: string[];
  pearson: (number | undefined)[][];
  spearman: (number | undefined)[][];
  categories: string[];
  cramersV: (number | undefined)[][];
  /** Columns and rows left out, and why; empty if none. */
  leftOut: string;
}
export interface OverTime {
  column: string;
  /** Length of a bin in words, "1 hour". */
  step: string;
  /** One more than counts. */
  edgesMs: number[];
  counts: number[];
  zoned: boolean;
  /** The file names no year: that of the edges was assumed. */
  noYear?: boolean;
}
/** Bin `i` holds the entities with `atLeast[i]` up to below `atLeast[i + 1]`, the last one up to `max`. */
export interface EntityDistribution {
  entity: string;
  /** The column whose distinct values are counted; rows when absent. */
  of?: string;
  atLeast: number[];
  entities: number[];
  max: number;
}
