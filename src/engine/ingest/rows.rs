//! Where the records of all files of a source go: the columns under construction and the rows so far.

use super::Options;
use super::column::{ColumnBuilder, ColumnSlice};
use super::records::Batch;
use super::sniff::Sniffed;
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::table::Column;
use std::collections::HashMap;
use std::ops::Range;

/// The table under construction.
#[derive(Debug)]
pub(super) struct Rows {
    /// The columns' names in table order, those left out by the options included.
    names: Vec<String>,
    /// Builders of the columns that are kept, in table order.
    columns: Vec<ColumnBuilder>,
    /// Index into `names` of each builder.
    places: Vec<usize>,
    /// The first file that was understood, as people see it.
    first_file: String,
    has_header: bool,
    n_rows: u64,
    max_rows: u64,
}

impl Rows {
    /// Columns as the first file has them.
    ///
    /// # Errors
    /// `no-such-column`.
    pub(super) fn new(sniffed: &Sniffed, file: &str, options: &Options) -> Result<Self> {
        for wanted in options.columns.iter().flatten() {
            if !sniffed.names.contains(wanted) {
                let columns = sniffed.names.clone();
                return Err(Error::new(ErrorKind::NoSuchColumn { name: wanted.clone(), columns }));
            }
        }
        let is_kept = |name: &String| options.columns.as_ref().is_none_or(|wanted| wanted.contains(name));
        let places: Vec<usize> =
            (0..sniffed.names.len()).filter(|&place| is_kept(&sniffed.names[place])).collect();
        let columns = places
            .iter()
            .map(|&place| ColumnBuilder::new(sniffed.names[place].clone(), place, sniffed.guesses[place]))
            .collect();
        Ok(Rows {
            names: sniffed.names.clone(),
            columns,
            places,
            first_file: file.to_owned(),
            has_header: sniffed.has_header,
            n_rows: 0,
            // Rows are counted in 32 bits.
            max_rows: options.max_rows.unwrap_or(u64::MAX).min(u64::from(u32::MAX - 1)),
        })
    }

    /// Names of the columns, kept or not.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Makes the columns read the fields of another file, by its names.
    ///
    /// # Errors
    /// `mixed-schemas`.
    pub(super) fn adopt(
        &mut self,
        sniffed: &Sniffed,
        file: &str,
        index: u32,
        findings: &mut Findings,
    ) -> Result<()> {
        let is_by_place = !sniffed.has_header && sniffed.names.len() == self.names.len();
        if is_by_place {
            if self.has_header {
                let at = Position { record: 1, line: 1, byte: sniffed.n_bom as u64, file: index };
                findings.report(FindingKind::HeaderlessFile, "", at, || {
                    let first = &self.first_file;
                    format!("files without a header, as \"{file}\", were read with the columns of \"{first}\", in its order")
                });
            }
            for (column, &place) in self.columns.iter_mut().zip(&self.places) {
                column.read_from(place);
            }
            return Ok(());
        }
        let place_of: HashMap<&str, usize> =
            sniffed.names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let keeps_all = self.columns.len() == self.names.len();
        let kept = self.places.iter().map(|&place| self.names[place].as_str());
        let missing: Vec<String> =
            kept.clone().filter(|name| !place_of.contains_key(name)).map(str::to_owned).collect();
        let is_extra = |name: &&String| keeps_all && !self.names.contains(name);
        let extra: Vec<String> = sniffed.names.iter().filter(is_extra).cloned().collect();
        if !missing.is_empty() || !extra.is_empty() {
            let (file, first_file) = (file.to_owned(), self.first_file.clone());
            return Err(Error::new(ErrorKind::MixedSchemas { file, first_file, missing, extra }));
        }
        for (column, &place) in self.columns.iter_mut().zip(&self.places) {
            if let Some(&place) = place_of.get(self.names[place].as_str()) {
                column.read_from(place);
            }
        }
        Ok(())
    }

    /// Takes some records of a batch, as many as the row limit lets; gives how many.
    pub(super) fn take(&mut self, batch: &Batch<'_>, records: Range<usize>, findings: &mut Findings) -> u64 {
        let n_new = records.len() as u64;
        let n_kept = n_new.min(self.max_rows - self.n_rows);
        let rows = records.start..records.start + n_kept as usize;
        if n_kept < n_new {
            let max_rows = self.max_rows;
            findings.report_many(FindingKind::RowLimit, "", n_new - n_kept, batch.position(rows.end), || {
                format!("records behind the first {max_rows} were left out, as the row limit says")
            });
        }
        for column in &mut self.columns {
            column.push(batch, rows.clone());
        }
        self.n_rows += n_kept;
        n_kept
    }

    /// The rows of a slice.
    pub(super) fn of_slice(columns: Vec<ColumnBuilder>) -> Self {
        Rows {
            names: Vec::new(),
            columns,
            places: Vec::new(),
            first_file: String::new(),
            has_header: false,
            n_rows: 0,
            max_rows: u64::MAX,
        }
    }

    /// The columns that are kept, in table order.
    pub(super) fn columns(&self) -> &[ColumnBuilder] {
        &self.columns
    }

    /// Whether the rows of a slice, added, are the rows that reading it here would give.
    pub(super) fn takes(&self, n_rows: u64, columns: &[ColumnSlice<'_>]) -> bool {
        self.n_rows + n_rows <= self.max_rows
            && self.columns.iter().zip(columns).all(|(column, slice)| column.takes(slice))
    }

    /// Adds the rows of a slice. Its positions are told from here by `here`.
    pub(super) fn absorb(
        &mut self,
        n_rows: u64,
        columns: &[ColumnSlice<'_>],
        here: impl Fn(Position) -> Position,
    ) {
        for (column, slice) in self.columns.iter_mut().zip(columns) {
            column.absorb(slice, &here);
        }
        self.n_rows += n_rows;
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.columns.iter().map(ColumnBuilder::heap_bytes).sum()
    }

    /// The finished columns, their findings reported.
    pub(super) fn finish(self, findings: &mut Findings) -> Vec<Column> {
        self.columns.into_iter().map(|column| column.finish(findings)).collect()
    }
}
