//! Measuring rows by a fitted model, which several engines can do side by side.
//!
//! What a model says of a row depends on that row alone, so rows may be measured anywhere, by the same model read from
//! its bytes: the engine whose rows they are goes through them from the first on and gives blocks from the last away
//! ([`SharedRows`]); whoever gets one measures it with a [`Scorer`]. Values come back in any order, and rows without them
//! come back too and are measured here, so the result is that of one engine, to the bit.

use super::calibrated::Raw;
use super::{Detector as _, Model};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::prepare::{Rows, rows_per_step};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Rows measured per step, at most: enough to hide the call, few enough to stay within milliseconds.
const ROWS_PER_STEP: usize = 4_096;

/// What measures rows.
#[derive(Clone, Copy, Serialize)]
pub struct Measure<'a>(Measuring<'a>);

#[derive(Clone, Copy, Serialize)]
enum Measuring<'a> {
    /// By scores; with an ensemble's those of its members.
    Scores(&'a Model),
    /// By what scores will be made of.
    Raw(&'a Raw),
}

impl<'a> Measure<'a> {
    /// The scores of a model; those of an ensemble are followed by those of each member.
    pub fn scores(model: &'a Model) -> Self {
        Measure(Measuring::Scores(model))
    }

    /// The measure of a model that has no scores yet.
    pub(super) fn raw(model: &'a Raw) -> Self {
        Measure(Measuring::Raw(model))
    }

    /// Values for each row.
    pub fn n_values(self) -> usize {
        match self.0 {
            Measuring::Scores(model) => 1 + model.as_ensemble().map_or(0, |ensemble| ensemble.n_members()),
            Measuring::Raw(_) => 1,
        }
    }

    fn n_features(self) -> usize {
        match self.0 {
            Measuring::Scores(model) => model.n_features(),
            Measuring::Raw(model) => model.model().n_features(),
        }
    }

    fn products_per_row(self) -> usize {
        match self.0 {
            Measuring::Scores(model) => model.products_per_row(),
            Measuring::Raw(model) => model.model().products_per_row(),
        }
    }

    /// Measures a block of rows into as many slices as there are values for each.
    fn block(self, rows: ArrayView2<'_, f64>, values: &mut [&mut [f64]]) {
        let Some((first, others)) = values.split_first_mut() else { return };
        match self.0 {
            Measuring::Scores(Model::Ensemble(ensemble)) => ensemble.score_members(rows, others, first),
            Measuring::Scores(model) => model.score_block(rows, first),
            Measuring::Raw(model) => model.measure_block(rows, first),
        }
    }
}

/// Values by row, as far as they are known.
#[derive(Debug)]
pub struct Measured {
    /// By value, then by row.
    values: Vec<Vec<f64>>,
    /// Rows that nobody has begun.
    untouched: Range<usize>,
    /// Blocks that others have.
    away: Vec<Range<usize>>,
    /// Blocks that others had and gave back as they were.
    returned: Vec<Range<usize>>,
    /// Whether the model was given to others.
    is_shared: bool,
}

impl Measured {
    /// Rows of which nothing is known, with room for what a measure gives.
    pub fn none(n_rows: usize, measure: Measure<'_>) -> Self {
        Measured::new(vec![vec![0.0; n_rows]; measure.n_values()], 0..n_rows)
    }

    /// Rows of which all is known: their scores, and those of an ensemble's members.
    pub fn whole(scores: Vec<f64>, of_members: Vec<Vec<f64>>) -> Self {
        let n_rows = scores.len();
        let mut values = vec![scores];
        values.extend(of_members);
        Measured::new(values, n_rows..n_rows)
    }

    fn new(values: Vec<Vec<f64>>, untouched: Range<usize>) -> Self {
        Measured { values, untouched, away: Vec::new(), returned: Vec::new(), is_shared: false }
    }

    /// Rows in all.
    pub fn n_rows(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }

    /// Rows whose values are known.
    pub fn n_done(&self) -> usize {
        let n_away: usize = self.away.iter().map(Range::len).sum();
        self.n_rows() - self.n_left() - n_away
    }

    /// Rows that nobody is measuring.
    fn n_left(&self) -> usize {
        self.untouched.len() + self.returned.iter().map(Range::len).sum::<usize>()
    }

    /// Whether all is known.
    pub fn is_done(&self) -> bool {
        self.n_done() == self.n_rows()
    }

    /// Measures the next rows here, a few milliseconds of them; none where all are known or with others.
    pub fn step(&mut self, measure: Measure<'_>, rows: Rows<'_>) {
        let n = rows_per_step(measure.products_per_row(), ROWS_PER_STEP);
        if self.untouched.is_empty() {
            self.untouched = self.returned.pop().unwrap_or(self.untouched.clone());
        }
        let Range { start, end } = self.untouched;
        let middle = (start + n).min(end);
        let mut values: Vec<&mut [f64]> =
            self.values.iter_mut().map(|values| &mut values[start..middle]).collect();
        measure.block(rows.block(start..middle).view(), &mut values);
        self.untouched = middle..end;
    }

    /// All values, once they are known: of an ensemble's members beside their scores.
    pub fn finish(self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let mut values = self.values.into_iter();
        (values.next().unwrap_or_default(), values.collect())
    }
}

/// Rows that are being measured, to be shared with other engines.
pub struct SharedRows<'a> {
    pub(crate) rows: Rows<'a>,
    pub(crate) measure: Measure<'a>,
    pub(crate) measured: &'a mut Measured,
}

/// Some of them.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBlock {
    /// The first of them.
    pub start: usize,
    /// Row after row.
    pub values: Vec<f64>,
}

impl SharedRows<'_> {
    /// Rows that nobody is measuring.
    pub fn n_left(&self) -> usize {
        self.measured.n_left()
    }

    /// Whether others may have some of them.
    pub fn is_shared(&self) -> bool {
        self.measured.is_shared
    }

    /// What a [`Scorer`] is made of: once, before the first rows are given away.
    pub fn model(&mut self) -> Option<Vec<u8>> {
        if self.measured.is_shared || self.measured.untouched.is_empty() {
            return None;
        }
        let model = postcard::to_allocvec(&self.measure).ok()?;
        self.measured.is_shared = true;
        Some(model)
    }

    /// Gives away at most so many rows, the last that nobody has. None before [`SharedRows::model`].
    pub fn give(&mut self, n_rows: usize) -> Option<RowBlock> {
        let Range { start, end } = self.measured.untouched;
        let middle = end.saturating_sub(n_rows).max(start);
        if middle == end || !self.measured.is_shared {
            return None;
        }
        self.measured.untouched = start..middle;
        self.measured.away.push(middle..end);
        let values = self.rows.block(middle..end).iter().copied().collect();
        Some(RowBlock { start: middle, values })
    }

    /// Takes the values of the block that starts at a row, as the [`Scorer`] gave them; without them the rows come back as
    /// they were. Nothing happens where no such block was given away.
    pub fn take(&mut self, start: usize, values: Option<&[f64]>) {
        let Some(place) = self.measured.away.iter().position(|block| block.start == start) else { return };
        let block = self.measured.away.swap_remove(place);
        match values {
            Some(values) if values.len() == block.len() * self.measured.values.len() => {
                for (to, from) in self.measured.values.iter_mut().zip(values.chunks_exact(block.len())) {
                    to[block.clone()].copy_from_slice(from);
                }
            }
            _ => self.measured.returned.push(block),
        }
    }
}

/// The measure of another engine.
#[derive(Debug)]
pub struct Scorer(Owned);

/// The variants of [`Measuring`], in their places.
#[derive(Debug, Deserialize)]
enum Owned {
    Scores(Model),
    Raw(Raw),
}

impl Scorer {
    /// From the bytes of [`SharedRows::model`], of the same version.
    ///
    /// # Errors
    /// `model-damaged` for any others.
    pub fn read(bytes: &[u8]) -> Result<Scorer> {
        let damaged = |what: String| Error::new(ErrorKind::ModelDamaged { what });
        let owned = postcard::from_bytes(bytes).map_err(|error| damaged(error.to_string()))?;
        let checked = match &owned {
            Owned::Scores(model) => model.check(),
            Owned::Raw(model) => model.model().check(),
        };
        checked.map_err(|what| damaged(what.to_owned()))?;
        Ok(Scorer(owned))
    }

    /// The values of some rows, given row after row: one for each row, and for an ensemble as many again for each member.
    pub fn measure(&self, rows: &[f64]) -> Vec<f64> {
        let measure = match &self.0 {
            Owned::Scores(model) => Measure::scores(model),
            Owned::Raw(model) => Measure::raw(model),
        };
        let n_rows = rows.len() / measure.n_features().max(1);
        let Ok(rows) = ArrayView2::from_shape((n_rows, measure.n_features()), rows) else {
            return Vec::new();
        };
        let mut values = vec![0.0; n_rows * measure.n_values()];
        if n_rows > 0 {
            let mut by_value: Vec<&mut [f64]> = values.chunks_exact_mut(n_rows).collect();
            measure.block(rows, &mut by_value);
        }
        values
    }
}

impl std::fmt::Debug for SharedRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedRows").field("measured", &self.measured).finish_non_exhaustive()
    }
}
