/** What reading a source asks for and gives: shapes only, part of the reference in `index.d.ts`. */

import type { CallOptions } from './index.js';

/** How the text of a source is laid out. */
export type Format =
  | 'delimited'
  | 'json-lines'
  | 'json-array'
  | 'combined-log'
  | 'common-log'
  | 'extended-log'
  | 'sshd'
  | 'syslog';

/** One file of a source and how it was read. */
export interface FileSummary {
  name: string;
  rows: number;
  setAside: number;
  bytes: number;
  format: Format;
  delimiter?: string;
  encoding: string;
  /** Whether its first record names the columns; absent for formats that do not leave it open. */
  header?: boolean;
}

/** What is not given is guessed from the first bytes. */
export interface IngestOptions extends CallOptions {
  /** How the text is laid out. */
  format?: Format;
  /** One ASCII character. */
  delimiter?: string;
  /**
   * A label of the Encoding Standard. `utf-8`, `utf-16le`, `utf-16be` and `windows-1252` are decoded by the engine,
   * which counts what is broken; all others (`shift_jis`, `koi8-r`, `gb18030`, ...) by the platform's TextDecoder, with
   * U+FFFD for what is broken, and positions in findings then count bytes of the UTF-8 that comes out.
   */
  encoding?: string;
  /** Whether the first record names the columns. */
  header?: boolean;
  /** Keep only these columns. */
  columns?: string[];
  /** Keep only the first rows. */
  maxRows?: number;
  /** Keep a share of the rows. */
  sample?: RowSample;
  /**
   * Add the rows up into one per user while they are read, for logs that do not fit into memory: the table gets the
   * features of recipe `login`, and the rows are not kept. `true` guesses the columns from the first rows; roles that an
   * object does not name are not counted. Dates that could be day or month first need `dates`, and a file is read by one
   * worker from start to end.
   */
  aggregate?: boolean | AggregateColumns;
  /**
   * Words that mean "no value", instead of the usual ones: `NA`, `N/A`, `n/a`, `#N/A`, `<NA>`, `NaN`, `null`, `NULL`, `\N`,
   * `None`, `-`. Of an empty list, empty cells alone hold none.
   */
  missing?: string[];
  /** Read these columns as these types, by column name. As `ip`, addresses lose the port behind them; `category` keeps it. */
  types?: Record<string, string>;
  /** What `01/02/2026` means in these columns, by column name, where the column itself does not decide. */
  dates?: Record<string, 'day-first' | 'month-first'>;
  /** The zone of times that name none, as `"Europe/Berlin"`. Default: the file's own clock. */
  timeZone?: string;
  /**
   * How many times its size an archive may expand to, beyond its first 256 MiB. Default 250; an archive that expands
   * further is refused (`archive-expands`), since no log does.
   */
  maxExpansion?: number;
}

/** Columns of a log of logins, by role. */
export interface AggregateColumns {
  entity: string;
  time: string;
  outcome?: string;
  device?: string;
  address?: string;
  country?: string;
  browser?: string;
}

/** Which rows a sample keeps depends on the source, the share and the seed alone. */
export interface RowSample {
  /** Above 0, at most 1. */
  share: number;
  /** Default 0. */
  seed?: number;
  /** Keep a share of this column's values, each with all its rows, instead of a share of the rows. */
  by?: string;
}

export interface EstimateOptions extends IngestOptions {
  /** Memory that reading may take, bytes. Default 2.5e9; an engine can hold 4 GiB at most, as any 32-bit wasm. */
  memoryBudget?: number;
}

/** What a source seems to hold and what reading it whole would take, the rest taken to be like the beginning. */
export interface SourceEstimate {
  rows: number;
  /** Memory of the finished table, bytes. */
  tableBytes: number;
  /** Memory at the highest point of reading, bytes. */
  peakBytes: number;
  columns: ColumnEstimate[];
  /** The format as a person names it. */
  format: string;
  delimiter?: string;
  encoding: string;
  /** Bytes of text that it rests on. */
  sampleBytes: number;
  /** Whether that was the whole source. */
  isWhole: boolean;
  /** Size of the source as it lies. */
  sourceBytes: number;
  /** Size of its text; of an archive judged by how far its first 4 MiB of text were packed. */
  textBytes: number;
  /** Whether it has to be unpacked. */
  compressed: boolean;
  /** Seconds that one worker takes to read it, at the speed at which this engine read the sample. */
  seconds: number;
  memoryBudget: number;
  /** Whether `peakBytes` is within the budget. */
  fits: boolean;
  /** What to do where it does not fit; empty where it does. */
  choices: EstimateChoice[];
}

export interface ColumnEstimate {
  name: string;
  type: string;
  /** Memory of the whole column, bytes. */
  bytes: number;
  examples: string[];
  /** The columns of whose values its times are made, where it is none of the source's own. They stay where it does. */
  joinedOf?: string[];
}

/**
 * A way to read a source that would not fit: give `options` to `ingest`. `columns` leaves out the largest columns (those
 * of times last, all of one time together), `aggregate` adds the rows up into one per user, where the beginning shows users and times, `sample`
 * keeps a seeded share of the rows; add `by` to it to keep entities whole.
 */
export interface EstimateChoice {
  kind: 'columns' | 'aggregate' | 'sample';
  options: Pick<IngestOptions, 'columns' | 'aggregate' | 'sample'>;
  /** Rows that would be kept; with `aggregate`, rows that would be added up. */
  rows: number;
  /** Memory that it would take at most, bytes; absent with `aggregate`: it grows with users, who cannot be counted yet. */
  bytes?: number;
}

/** A place in the source: record and line count from 1, the header being record 0; `byte` counts from 0. */
export interface Position {
  record: number;
  line: number;
  byte: number;
  /** Which file of the source, an index into `TableSummary.files`; absent for the first. */
  file?: number;
}

/** A record that a finding is about. */
export interface Place extends Position {
  /** The record as it stands in the source, at most 400 characters of it. */
  text: string;
}

/** Something odd in the data that was dealt with: how often, where first, what was done. */
export interface Finding {
  code: string;
  count: number;
  first: Position;
  message: string;
  /**
   * What was done about the records: they are in the table as they stand, with a value changed or taken as missing, or
   * not in the table; `noted`: nothing was wrong with them.
   */
  action: 'kept' | 'repaired' | 'set-aside' | 'noted';
  /** The column it is about, if it is about one. */
  column?: string;
  /** The first records it is about, at most 10; absent where it is about none. */
  places?: Place[];
}

export interface ColumnSummary {
  name: string;
  type: string;
  missing: number;
  distinct: number;
  examples: string[];
  /** The columns of whose values its times were made, where it is none of the source's own. */
  joinedOf?: string[];
  /** It holds times for which the file names no year: one was assumed (2000, or the leap year that fits), which is not to be told. */
  noYear?: boolean;
}

export interface TableSummary {
  rows: number;
  columns: ColumnSummary[];
  /** Bytes of text read: of an archive, what it expanded to. */
  bytes: number;
  /** Bytes the table holds. */
  memoryBytes: number;
  /** Records in the source: kept (or added up) and set aside. */
  records: number;
  /** Records that are not in the table. */
  setAside: number;
  /** With `aggregate`: records that were added up into the table's rows. */
  aggregated?: number;
  /** The files of the source, at least one. */
  files: FileSummary[];
  /** Format, delimiter (where the format has one) and encoding of the first file. */
  format: Format;
  delimiter?: string;
  encoding: string;
  findings: Finding[];
  /** What the values of columns leave open; answered in the options of another reading. */
  questions: TableQuestion[];
  /** The zone that times without one were read in, and whose clock days and hours are; moments stay UTC. */
  timeZone?: string;
  /** Files of the source that were left out because they are no logs: by whose name, and why. */
  skipped: SkippedFile[];
}

/** Which of two numbers in a column's dates is the day. Until it is answered (`IngestOptions.dates`), `assumed`. */
export interface TableQuestion {
  column: string;
  kind: 'date-order';
  /** Up to three different values that can be read both ways, as they stand in the source. */
  examples: string[];
  /** The examples with the day first, as ISO 8601 without a zone. */
  dayFirst: string[];
  /** The examples with the month first. */
  monthFirst: string[];
  assumed: 'day-first' | 'month-first';
}

export interface SkippedFile {
  name: string;
  reason: string;
}
