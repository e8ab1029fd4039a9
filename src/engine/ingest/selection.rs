//! Which records become rows: all, a stated sample, the first ones.

use super::batch::Batch;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::rng::{MAX_SEED, hash_bytes, mix};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A seeded share of the rows. Which rows it keeps depends on the source, the share and the seed alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowSample {
    /// The share to keep, above 0 and up to 1.
    pub share: f64,
    /// Seed, 0 to 2^53 - 1. Default 0.
    #[serde(default)]
    pub seed: u64,
    /// Keep a share of this column's values, each with all its rows, instead of a share of the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl RowSample {
    /// Checks the ranges.
    ///
    /// # Errors
    /// `options`.
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |name: &str, expected: &str, found: String| {
            let (name, expected) = (name.to_owned(), expected.to_owned());
            Err(Error::new(ErrorKind::Options { name, expected, found }))
        };
        if !(self.share > 0.0 && self.share <= 1.0) {
            return refuse("sample.share", "a share above 0 and up to 1", self.share.to_string());
        }
        if self.seed > MAX_SEED {
            let expected = format!("a whole number from 0 to {MAX_SEED}");
            return refuse("sample.seed", &expected, self.seed.to_string());
        }
        Ok(())
    }

    fn keeps(&self, hash: u64) -> bool {
        let uniform = (hash >> 11) as f64 / (1u64 << 53) as f64;
        uniform < self.share
    }
}

/// Decides record by record, whatever the batches.
#[derive(Debug)]
pub(super) struct Selection {
    sample: Option<RowSample>,
    /// Field of the sample's column in the records of the file under way.
    by: Option<usize>,
    n_records: u64,
    n_rows: u64,
    max_rows: u64,
    scratch: Vec<u8>,
}

impl Selection {
    pub(super) fn new(sample: Option<RowSample>, by: Option<usize>, max_rows: Option<u64>) -> Self {
        // Rows are counted in 32 bits.
        let max_rows = max_rows.unwrap_or(u64::MAX).min(u64::from(u32::MAX - 1));
        Selection { sample, by, n_records: 0, n_rows: 0, max_rows, scratch: Vec::new() }
    }

    /// Rows so far.
    pub(super) fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Most rows that there may be.
    pub(super) fn max_rows(&self) -> u64 {
        self.max_rows
    }

    /// The column that the sample goes by.
    pub(super) fn by(&self) -> Option<&str> {
        self.sample.as_ref()?.by.as_deref()
    }

    /// Reads the sample's column from another field.
    pub(super) fn read_from(&mut self, place: usize) {
        self.by = self.by.map(|_| place);
    }

    /// Whether the next records all become rows, whatever they are.
    pub(super) fn takes_all(&self, n_records: u64) -> bool {
        self.sample.is_none() && self.n_rows + n_records <= self.max_rows
    }

    /// Counts records of which all became rows.
    pub(super) fn take_all(&mut self, n_records: u64) {
        self.n_records += n_records;
        self.n_rows += n_records;
    }

    /// Appends the runs of records that become rows; gives how many records these are.
    pub(super) fn select(
        &mut self,
        batch: &Batch<'_>,
        records: Range<usize>,
        runs: &mut Vec<Range<usize>>,
        findings: &mut Findings,
    ) -> u64 {
        let n_rows_before = self.n_rows;
        let end = match self.sample.clone() {
            Some(sample) => self.select_sample(&sample, batch, records.clone(), runs, findings),
            None => {
                let n_kept = (records.len() as u64).min(self.max_rows - self.n_rows);
                let end = records.start + n_kept as usize;
                if n_kept > 0 {
                    runs.push(records.start..end);
                }
                self.n_rows += n_kept;
                end
            }
        };
        if end < records.end {
            let max_rows = self.max_rows;
            let mut left_out = Places::default();
            (end..records.end)
                .for_each(|row| left_out.add_next(|| batch.position(row), || batch.record(row)));
            findings.report_places(FindingKind::RowLimit, "", left_out.n(), left_out, || {
                format!("records behind the first {max_rows} were left out, as the row limit says")
            });
        }
        self.n_records += records.len() as u64;
        self.n_rows - n_rows_before
    }

    /// Selects until the row limit is reached; gives the first record behind it.
    fn select_sample(
        &mut self,
        sample: &RowSample,
        batch: &Batch<'_>,
        records: Range<usize>,
        runs: &mut Vec<Range<usize>>,
        findings: &mut Findings,
    ) -> usize {
        let mut left_out = Places::default();
        let mut end = records.end;
        for record in records.clone() {
            if self.n_rows == self.max_rows {
                end = record;
                break;
            }
            let hash = match self.by {
                Some(place) => {
                    let field = batch.field(record, place);
                    let value = field.map_or(&[][..], |field| field.value(&mut self.scratch));
                    hash_bytes(sample.seed, value.trim_ascii())
                }
                None => mix(sample.seed, self.n_records + (record - records.start) as u64),
            };
            if !sample.keeps(hash) {
                left_out.add_next(|| batch.position(record), || batch.record(record));
                continue;
            }
            self.n_rows += 1;
            match runs.last_mut() {
                Some(run) if run.end == record => run.end = record + 1,
                _ => runs.push(record..record + 1),
            }
        }
        findings.report_places(FindingKind::Sampled, "", left_out.n(), left_out, || {
let of = match &sample.by {
                    Some(column) => format!("the values of \"{column}\""),
                    None => "the records".to_owned(),
                };
                format!(
                    "a sample was read, as asked for: a share of {} of {of}, drawn with seed {}; the other records were \
                     left out",
                    sample.share, sample.seed
                )
            });
        end
    }
}
