//! A formula made ready for one table.

use super::ValueType;
use super::aggregate::{Aggregate, Aggregated};
use super::compile::Value;
use super::machine::{Machine, Op};
use crate::engine::table::Table;

/// A formula compiled for a table. Evaluating keeps scratch memory: eight bytes for each row of the largest entity
/// where a sum, mean, median or deviation is in it, else a few kilobytes.
#[derive(Debug)]
pub struct Program {
    value: Value,
    /// What is done with the aggregates.
    ops: Vec<Op>,
    aggregated: Vec<Aggregated>,
    machine: Machine,
    results: Vec<f64>,
    kept: Vec<f64>,
}

impl Program {
    /// A program of operations on rows, whose mean is taken, or on the results of aggregates.
    pub(super) fn new(value: Value, ops: Vec<Op>, aggregated: Vec<Aggregated>, is_rowwise: bool) -> Self {
        let (ops, aggregated) = if is_rowwise {
            (vec![Op::Aggregated(0)], vec![Aggregated::new(Aggregate::Mean, ops)])
        } else {
            (ops, aggregated)
        };
        Program { value, ops, aggregated, machine: Machine::default(), results: Vec::new(), kept: Vec::new() }
    }

    /// What it gives for a single row, or over all rows where it has aggregates.
    pub fn value_type(&self) -> ValueType {
        self.value.value_type()
    }

    pub(super) fn kind(&self) -> &Value {
        &self.value
    }

    /// The value over some rows of the table that it was compiled for: those of an entity, in time order, equal times in
    /// file order. `None` where it is missing. Texts give codes, times milliseconds.
    ///
    /// # Panics
    /// If the table is another.
    pub fn value(&mut self, table: &Table, rows: &[u32]) -> Option<f64> {
        self.results.clear();
        for aggregated in &mut self.aggregated {
            let result = aggregated.value(&mut self.machine, table, rows, &mut self.kept);
            self.results.push(if result.is_finite() { result } else { f64::NAN });
        }
        let value = self.machine.combine(&self.ops, table, &self.results);
        // So that there is one 0 only.
        value.is_finite().then_some(value + 0.0)
    }
}
