//! Where the records of all files of a source go: the columns under construction and the rows so far.

use super::Options;
use super::batch::Batch;
use super::column::{ColumnBuilder, ColumnSlice};
use super::format::Format;
use super::guess::{Guess, ReadAs};
use super::joined;
use super::selection::Selection;
use super::sniff::Sniffed;
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{FindingKind, Findings};
use crate::engine::table::{RowRecords, Table};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The place of a column that a file does not have: past every field.
const NOWHERE: usize = 1 << 30;

/// Room that is made for rows, to those that the sample lets expect: where it does not suffice, a column takes twice the
/// memory for a moment.
const ROOM: f64 = 1.03;

/// The table under construction.
#[derive(Debug)]
pub(super) struct Rows {
    /// The columns' names in table order, those left out by the options included.
    names: Vec<String>,
    /// Builders of the columns that are kept, in table order.
    columns: Vec<ColumnBuilder>,
    /// Index into `names` of each builder.
    places: Vec<usize>,
    /// How to read columns that come later.
    options: Options,
    keeps_all: bool,
    /// Columns asked for that no record has had yet.
    awaited: Vec<String>,
    /// Columns whose times together were asked for.
    joins: Vec<Vec<String>>,
    /// The first file's format.
    format: Format,
    /// The first file that was understood, as people see it.
    first_file: String,
    has_header: bool,
    selection: Selection,
    /// Which records became rows.
    records: RowRecords,
    /// Runs of records that become rows, of one batch.
    runs: Vec<Range<usize>>,
}

impl Rows {
    /// Columns as the first file has them.
    ///
    /// # Errors
    /// `no-such-column`.
    pub(super) fn new(sniffed: &Sniffed, file: &str, options: &Options) -> Result<Self> {
        let by = options.sample.as_ref().and_then(|sample| sample.by.as_ref());
        let mut names = sniffed.names.clone();
        let mut awaited = Vec::new();
        let of_columns = || options.columns.iter().flatten();
        let named = || options.types.keys().chain(options.dates.keys());
        let guesses: Vec<Guess> = sniffed.columns.iter().map(|reads| reads.guess).collect();
        // By the name that their times have together.
        let mut joins: Vec<(&String, Vec<String>)> = Vec::new();
        for wanted in of_columns().chain(named()) {
            if let Some(parts) = joined::parts(wanted, &sniffed.names, &guesses) {
                joins.push((wanted, parts));
            }
        }
        let is_joined = |wanted: &String| joins.iter().any(|(name, _)| *name == wanted);
        // Of columns that are read as something else now, nothing is made that a type would be for.
        let needed = named()
            .filter(|wanted| !options.names_may_miss && !joined::is_of_several(wanted, &sniffed.names));
        let needed = of_columns().chain(needed).filter(|wanted| !is_joined(wanted));
        for wanted in needed.chain(by) {
            if names.contains(wanted) {
                continue;
            }
            if !sniffed.format.can_grow() {
                let columns = sniffed.names.clone();
                return Err(Error::new(ErrorKind::NoSuchColumn { name: wanted.clone(), columns }));
            }
            names.push(wanted.clone());
            awaited.push(wanted.clone());
        }
        let by = by.and_then(|wanted| names.iter().position(|name| name == wanted));
        let kept: Option<HashSet<&String>> = options.columns.as_ref().map(|columns| {
            let parts = joins.iter().filter(|(name, _)| columns.contains(name)).flat_map(|(_, parts)| parts);
            columns.iter().chain(parts).collect()
        });
        let is_kept = |name: &String| kept.as_ref().is_none_or(|kept| kept.contains(name));
        let places: Vec<usize> = (0..names.len()).filter(|&place| is_kept(&names[place])).collect();
        let columns = places
            .iter()
            .map(|&place| {
                let name = names[place].clone();
                match sniffed.columns.get(place) {
                    Some(reads) => ColumnBuilder::new(name, place, reads.clone()),
                    None => ColumnBuilder::new(name, NOWHERE, ReadAs::unseen(&names[place], options)),
                }
            })
            .collect();
        let by = by.map(|place| if place < sniffed.names.len() { place } else { NOWHERE });
        Ok(Rows {
            names,
            columns,
            places,
            keeps_all: options.columns.is_none(),
            options: options.clone(),
            awaited,
            joins: joins.into_iter().map(|(_, parts)| parts).collect(),
            format: sniffed.format,
            first_file: file.to_owned(),
            has_header: sniffed.has_header,
            selection: Selection::new(options.sample.clone(), by, options.max_rows),
            records: RowRecords::default(),
            runs: Vec::new(),
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
        let is_by_place =
            !sniffed.has_header && sniffed.format == self.format && sniffed.names.len() == self.names.len();
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
            let by = self.selection.by().and_then(|by| self.names.iter().position(|name| name == by));
            by.into_iter().for_each(|place| self.selection.read_from(place));
            return Ok(());
        }
        let is_union = sniffed.format.is_json() || sniffed.format.can_grow() && sniffed.format == self.format;
        if is_union {
            self.columns.iter_mut().for_each(|column| column.read_from(NOWHERE));
            self.selection.read_from(NOWHERE);
            self.grow(&sniffed.names, 0);
            return Ok(());
        }
        let place_of: HashMap<&str, usize> =
            sniffed.names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let kept = self.places.iter().map(|&place| self.names[place].as_str());
        let needed = kept.chain(self.selection.by());
        let mut missing: Vec<String> =
            needed.filter(|name| !place_of.contains_key(name)).map(str::to_owned).collect();
        missing.dedup();
        let is_extra = |name: &&String| self.keeps_all && !self.names.contains(name);
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
        let by = self.selection.by().and_then(|by| place_of.get(by).copied());
        by.into_iter().for_each(|place| self.selection.read_from(place));
        Ok(())
    }

    /// Makes the columns read the fields of a file whose `names` from `first` on are new to it, adding those that no
    /// file had before.
    pub(super) fn grow(&mut self, names: &[String], first: usize) {
        for (place, name) in names.iter().enumerate().skip(first) {
            if self.selection.by() == Some(name) {
                self.selection.read_from(place);
            }
            let Some(index) = self.names.iter().position(|known| known == name) else {
                if self.keeps_all {
                    let n_rows = self.selection.n_rows() as usize;
                    self.columns.push(ColumnBuilder::of_missing(
                        name.clone(),
                        place,
                        ReadAs::unseen(name, &self.options),
                        n_rows,
                    ));
                    self.places.push(self.names.len());
                }
                self.names.push(name.clone());
                continue;
            };
            let kept = self.places.iter().position(|&kept| kept == index);
            if let Some(column) = kept.and_then(|kept| self.columns.get_mut(kept)) {
                column.read_from(place);
            }
            self.awaited.retain(|awaited| awaited != name);
        }
    }

    /// Columns whose times together were asked for.
    pub(super) fn joins(&self) -> &[Vec<String>] {
        &self.joins
    }

    /// Columns asked for that no record had.
    ///
    /// # Errors
    /// `no-such-column`.
    pub(super) fn check_awaited(&self) -> Result<()> {
        let Some(name) = self.awaited.first() else { return Ok(()) };
        let columns = self.names.iter().filter(|name| !self.awaited.contains(name)).cloned().collect();
        Err(Error::new(ErrorKind::NoSuchColumn { name: name.clone(), columns }))
    }

    /// Makes room for so many times the rows that there are.
    pub(super) fn make_room(&mut self, times: f64) {
        let n_rows = self.selection.n_rows();
        let n_all = (n_rows as f64 * times * ROOM) as u64;
        let n_more = n_all.min(self.selection.max_rows()).saturating_sub(n_rows);
        self.columns.iter_mut().for_each(|column| column.reserve(n_more as usize));
    }

    /// Takes some records of a batch, those that the options select; gives how many. A record should have `n_fields`
    /// fields, if any number.
    pub(super) fn take(
        &mut self,
        batch: &Batch<'_>,
        records: Range<usize>,
        n_fields: Option<usize>,
        findings: &mut Findings,
    ) -> u64 {
        self.runs.clear();
        let n_kept = self.selection.select(batch, records, &mut self.runs, findings);
        // An even batch is told at once.
        let n_expected = n_fields.filter(|&n_fields| !batch.all_have(n_fields));
        for record in self.runs.iter().cloned().flatten() {
            let Some(n_fields) = n_expected else { break };
            let n_found = batch.n_fields(record);
            if n_found != n_fields {
                let (kind, what) = if n_found < n_fields {
                    (FindingKind::ShortRecord, "the fields it lacks were taken as missing")
                } else {
                    (FindingKind::LongRecord, "the fields behind these were left out")
                };
                findings.report_record(
                    kind,
                    1,
                    batch.position(record),
                    || batch.record(record),
                    || {
                        let s = if n_found == 1 { "" } else { "s" };
                        format!("a record has {n_found} field{s} where there are {n_fields} columns; {what}")
                    },
                );
            }
        }
        for run in self.runs.iter().cloned() {
            let (first, last) = (batch.position(run.start), batch.position(run.end - 1));
            if (last.record - first.record) as usize == run.len() - 1 {
                self.records.push(first.file, first.record, run.len());
                continue;
            }
            // Records between them were no records of their format.
            for at in run.map(|record| batch.position(record)) {
                self.records.push(at.file, at.record, 1);
            }
        }
        for column in &mut self.columns {
            self.runs.iter().for_each(|run| column.push(batch, run.clone()));
        }
        n_kept
    }

    /// The rows of a slice.
    pub(super) fn of_slice(columns: Vec<ColumnBuilder>) -> Self {
        Rows {
            names: Vec::new(),
            columns,
            places: Vec::new(),
            options: Options::default(),
            keeps_all: true,
            awaited: Vec::new(),
            joins: Vec::new(),
            format: Format::Delimited,
            first_file: String::new(),
            has_header: false,
            selection: Selection::new(None, None, None),
            records: RowRecords::default(),
            runs: Vec::new(),
        }
    }

    /// The columns that are kept, in table order.
    pub(super) fn columns(&self) -> &[ColumnBuilder] {
        &self.columns
    }

    /// Whether the rows of a slice, added, are the rows that reading it here would give.
    pub(super) fn takes(&self, n_rows: u64, columns: &[ColumnSlice<'_>]) -> bool {
        self.selection.takes_all(n_rows)
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
        let first = here(Position { record: 1, line: 1, ..Position::default() });
        self.records.push(first.file, first.record, n_rows as usize);
        self.selection.take_all(n_rows);
    }

    /// The rows since the last block.
    ///
    /// # Errors
    /// `options`.
    pub(super) fn take_block(&mut self, findings: &mut Findings) -> Result<Table> {
        let columns =
            self.columns.iter_mut().map(|column| column.take_block(findings)).collect::<Result<_>>()?;
        let next = RowRecords::after(&self.records);
        Ok(Table::new(columns).with_records(std::mem::replace(&mut self.records, next)))
    }

    /// The last block.
    ///
    /// # Errors
    /// `options` where the whole source, now known, would not have been read as its blocks were.
    pub(super) fn take_last_block(&mut self, findings: &mut Findings) -> Result<Table> {
        self.columns.iter().try_for_each(ColumnBuilder::check_blocks)?;
        self.take_block(findings)
    }

    /// Rows since the last block.
    pub(super) fn n_in_block(&self) -> usize {
        self.columns.first().map_or(0, ColumnBuilder::n_rows)
    }

    /// Bytes held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.columns.iter().map(ColumnBuilder::heap_bytes).sum()
    }

    /// The columns, and which records their rows are.
    pub(super) fn into_columns(self) -> (Vec<ColumnBuilder>, RowRecords) {
        (self.columns, self.records)
    }
}
