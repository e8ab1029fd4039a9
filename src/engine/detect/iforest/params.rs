//! Parameters of an Isolation Forest.

use super::{IsolationForest, IsolationForestFitting};
use crate::engine::detect::Fitting as _;
use crate::engine::error::{Error, Result, check_whole};
use crate::engine::plan::IsolationForestParameters;
use crate::engine::prepare::Rows;
use crate::engine::rng::Rng;
use ndarray::ArrayView2;

/// Leaves of all trees together. A leaf costs about 32 bytes, so a forest stays under half a gigabyte.
pub(super) const MAX_LEAVES: usize = 1 << 24;

/// Rows behind a tree, at most.
pub(super) const MAX_SUBSAMPLE: usize = 65_536;

/// Parameters of an [`IsolationForest`], from [`IsolationForest::params`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    pub(super) trees: usize,
    pub(super) subsample: usize,
    pub(super) seed: u64,
    pub(super) max_features: f64,
    pub(super) extension_level: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { trees: 200, subsample: 256, seed: 0, max_features: 1.0, extension_level: 0 }
    }
}

impl Params {
    /// Number of trees, 1 to 10,000. Default 200.
    pub fn trees(self, trees: usize) -> Self {
        Params { trees, ..self }
    }

    /// Rows per tree, 2 to 65,536; all rows where there are fewer. Default 256.
    pub fn subsample(self, subsample: usize) -> Self {
        Params { subsample, ..self }
    }

    /// Seed of the subsamples and cuts; tree `i` has a generator of its own made of seed and `i`. Default 0.
    pub fn seed(self, seed: u64) -> Self {
        Params { seed, ..self }
    }

    /// Features that each tree draws and may cut: a share above 0 to 1, at least one feature; or so many, from 2, all where
    /// there are fewer. Default 1: all.
    pub fn max_features(self, max_features: f64) -> Self {
        Params { max_features, ..self }
    }

    /// Features that a cut involves beyond one, for [`ExtendedForestFitting`](super::ExtendedForestFitting). Default 0.
    pub(in crate::engine::detect) fn extension_level(self, extension_level: usize) -> Self {
        Params { extension_level, ..self }
    }

    /// How many features a tree may cut.
    pub(super) fn n_drawn_features(&self, n_features: usize) -> usize {
        let wanted = match self.max_features {
            share if share <= 1.0 => (share * n_features as f64) as usize,
            count => count as usize,
        };
        wanted.clamp(1, n_features)
    }

    /// The features that a tree may cut: all, without a draw, where it may cut all.
    pub(super) fn draw_features(&self, n_features: usize, rng: &mut Rng) -> Vec<u32> {
        let n_drawn = self.n_drawn_features(n_features);
        match n_drawn == n_features {
            true => (0..n_features as u32).collect(),
            false => rng.sample_indices(n_features, n_drawn).into_iter().map(|place| place as u32).collect(),
        }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// `parameter`: trees or subsample out of range, or both so large that the forest would not fit into memory.
    pub fn check(&self) -> Result<()> {
        check_whole("trees", self.trees, 1..=10_000)?;
        check_whole("subsample", self.subsample, 2..=MAX_SUBSAMPLE)?;
        IsolationForestParameters { max_features: self.max_features, ..Default::default() }.check()?;
        let leaves_per_tree = 1usize << depth_limit(self.subsample);
        if self.trees * leaves_per_tree > MAX_LEAVES {
            let most = MAX_LEAVES / leaves_per_tree;
            let expected = format!("at most {most} with a subsample of {}", self.subsample);
            return Err(Error::parameter("trees", &expected, self.trees));
        }
        Ok(())
    }

    /// Starts a fit that is done step by step.
    ///
    /// # Errors
    /// Those of [`Params::check`]; `too-few-rows` without any row; `parameter` without any feature or with a value
    /// that is not finite.
    pub fn fitting<'a>(&self, rows: impl Into<Rows<'a>>) -> Result<IsolationForestFitting> {
        self.check()?;
        let rows = rows.into();
        rows.check("an isolation forest")?;
        Ok(IsolationForestFitting::new(*self, rows.dim()))
    }

    /// Fits to rows (rows x features).
    ///
    /// # Errors
    /// Those of [`Params::fitting`].
    pub fn fit(&self, rows: ArrayView2<'_, f64>) -> Result<IsolationForest> {
        let mut fitting = self.fitting(rows)?;
        while !fitting.is_done() {
            fitting.step(rows.into())?;
        }
        Ok(fitting.into_forest())
    }
}

/// `ceil(log2(n))`, the depth at which a tree over `n` rows stops; at least 1.
pub(super) fn depth_limit(n: usize) -> u32 {
    n.max(2).next_power_of_two().trailing_zeros()
}
