//! Times in several columns of rows that are given away block by block.

use super::{Making, Part, Together, column, of_names, report_joined, report_unread};
use crate::engine::error::Result;
use crate::engine::finding::{Finding, Findings, Places};
use crate::engine::ingest::times::Times;
use crate::engine::table::{ColumnType, Table};
use crate::engine::time::zone::Zone;
use std::sync::Arc;

/// Joins the columns of blocks as those of a sample of the same source were. What is no part of a time is missing, for
/// rows that were given away cannot be read otherwise.
#[derive(Debug)]
pub struct BlockJoin {
    name: String,
    parts: Vec<(Part, String)>,
    times: Times,
    unread: Places,
    findings: Findings,
}

impl BlockJoin {
    /// Of the column of this name in the `sample`; `None` where that is one of the source's own. `zone` is that of times
    /// that name none.
    pub fn new(sample: &Table, name: &str, zone: Option<Arc<Zone>>) -> Option<BlockJoin> {
        let joined_of = sample.columns()[sample.index_of(name).ok()?].joined_of()?;
        let Together { parts, .. } = of_names(sample, joined_of)?;
        let parts: Vec<(Part, String)> =
            parts.into_iter().map(|(part, _)| part).zip(joined_of.iter().cloned()).collect();
        let mut findings = Findings::default();
        report_joined(name, &parts, &mut findings);
        let (times, unread) = (Times::new(0, false, zone), Places::default());
        Some(BlockJoin { name: name.to_owned(), parts, times, unread, findings })
    }

    /// The columns that blocks must have, and the types they must be read as.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnType)> {
        self.parts.iter().map(|(part, name)| match part {
            Part::Day => (name.as_str(), ColumnType::Timestamp),
            _ => (name.as_str(), ColumnType::Category),
        })
    }

    /// The next block, with its times behind the other columns.
    ///
    /// # Errors
    /// `no-such-column` for a block without the columns; `options` for times without a year, as
    /// [`Ingest::take_block`](super::super::Ingest::take_block).
    pub fn join(&mut self, block: Table) -> Result<Table> {
        let places = self.parts.iter().map(|(part, name)| Ok((*part, block.index_of(name)?)));
        let together = Together { parts: places.collect::<Result<_>>()?, is_named: true };
        let mut making = Making::new(&block, &together, None);
        std::mem::swap(&mut making.times, &mut self.times);
        std::mem::swap(&mut making.unread, &mut self.unread);
        making.extend(&block, 0..block.n_rows());
        let Making { mut times, unread, validity, .. } = making;
        let taken = times.take_block(&self.name, &validity, None, &mut self.findings);
        (self.times, self.unread) = (times, unread);
        let names = self.parts.iter().map(|(_, name)| name.clone()).collect();
        Ok(block.with_further(vec![column(self.name.clone(), taken?, validity, names)]))
    }

    /// What there is to say of all blocks.
    pub fn finish(mut self) -> Vec<Finding> {
        report_unread(&self.name, &self.parts, self.unread, &mut self.findings);
        self.findings.into_vec()
    }
}
