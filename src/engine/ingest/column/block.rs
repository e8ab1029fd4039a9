//! Columns that are given away block by block. Only for those whose type the caller names, so that none turns into
//! another halfway.

use super::{ColumnBuilder, Values};
use crate::engine::error::Result;
use crate::engine::finding::Findings;
use crate::engine::ingest::meaning;
use crate::engine::table::{Codes, Column, ColumnData, ColumnType, Dictionary};
use std::mem::take;

impl ColumnBuilder {
    /// Rows since the last block.
    pub(in crate::engine::ingest) fn n_rows(&self) -> usize {
        self.validity.len()
    }

    /// The rows since the last block, with a dictionary of their own.
    ///
    /// # Errors
    /// `options` where times cannot be known before the column is whole.
    pub(in crate::engine::ingest) fn take_block(&mut self, findings: &mut Findings) -> Result<Column> {
        let validity = take(&mut self.validity);
        self.aside.forget_rows();
        let mut zone = None;
        let data = match &mut self.values {
            Values::Unknown => {
                ColumnData::Category { codes: Codes::zeros(validity.len()), dictionary: Dictionary::new() }
            }
            Values::Integer(values) => ColumnData::Integer(take(values)),
            Values::Float(values) | Values::Duration(values) => ColumnData::Float(take(values)),
            Values::Boolean(values, _) => ColumnData::Boolean(take(values)),
            Values::Time(times) => {
                let taken = times.take_block(&self.name, &validity, self.reads.dates, findings)?;
                zone = taken.zone;
                ColumnData::Timestamp { ms: taken.ms, zoned: taken.zoned }
            }
            Values::Category(categories) => {
                let categories = take(categories);
                ColumnData::Category { codes: categories.codes, dictionary: categories.dictionary }
            }
        };
        let mut column = Column::new(self.name.clone(), data, validity);
        if self.reads.named == Some(ColumnType::Ip) {
            column = meaning::without_ports(column, findings);
        }
        Ok(match zone {
            Some(zone) => column.in_zone(zone),
            None => column,
        })
    }

    /// Whether all blocks were read as the whole column, now known, would have been.
    ///
    /// # Errors
    /// `options`.
    pub(in crate::engine::ingest) fn check_blocks(&self) -> Result<()> {
        match &self.values {
            Values::Time(times) => times.check_blocks(&self.name, self.reads.dates),
            _ => Ok(()),
        }
    }
}
