//! Sequential minimal optimisation with second-order choice of the pair (Fan, Chen and Lin, JMLR 2005), as LIBSVM does it,
//! without shrinking.

use super::MAX_ROWS;
use super::kernel::{Function, Rows};
use super::model::OneClassSvm;
use crate::engine::detect::calibrated::{Raw, RawFitting};
use crate::engine::detect::shapley::Background;
use crate::engine::error::Result;
use crate::engine::plan::OneClassSvmParameters;
use crate::engine::prepare;
use crate::engine::rng::Rng;
use std::cell::RefCell;

/// Products of two values per step: a few milliseconds.
const PRODUCTS_PER_STEP: usize = 1_000_000;
/// Kernel values kept at hand, 64 MiB of them.
const MAX_KEPT: usize = 8 << 20;
/// Least curvature along a pair, where two rows are one.
const MIN_CURVATURE: f64 = 1e-12;
/// Units of progress: how many pairs it takes is not known before.
const UNITS: u64 = 10_000;
/// Pairs per row after which it gives up coming nearer; a fit takes one or two.
const MAX_PAIRS_PER_ROW: usize = 200;

/// A machine under way.
#[derive(Debug)]
pub(in crate::engine::detect) struct OneClassSvmFitting {
    rows: Rows,
    seed: u64,
    tolerance: f64,
    /// The kernel of each row with itself.
    diagonal: Vec<f64>,
    alpha: Vec<f64>,
    /// Of half the squared length of `Σ α φ(x)`.
    gradient: Vec<f64>,
    /// Rows whose multiplier begins above 0 and is not in the gradient yet.
    next_start: usize,
    kept: Kept,
    n_pairs: usize,
    unit: u64,
    is_over: bool,
}

/// Rows of the kernel matrix at hand, the one longest unused going first.
#[derive(Debug)]
struct Kept {
    /// By row: its place in `rows`.
    place_of: Vec<u32>,
    rows: Vec<(u32, u64, Vec<f64>)>,
    most: usize,
    clock: u64,
}

const NOWHERE: u32 = u32::MAX;

impl Kept {
    fn new(n: usize) -> Kept {
        Kept { place_of: vec![NOWHERE; n], rows: Vec::new(), most: (MAX_KEPT / n.max(1)).max(2), clock: 0 }
    }

    /// Where the kernel's row is.
    fn place(&mut self, rows: &Rows, row: usize) -> usize {
        self.clock += 1;
        let mut place = self.place_of[row] as usize;
        if self.place_of[row] == NOWHERE {
            if self.rows.len() < self.most {
                place = self.rows.len();
                self.rows.push((row as u32, 0, vec![0.0; rows.n]));
            } else {
                place = (0..self.rows.len()).min_by_key(|&place| self.rows[place].1).unwrap_or(0);
                self.place_of[self.rows[place].0 as usize] = NOWHERE;
                self.rows[place].0 = row as u32;
            }
            rows.products(rows.row(row), &mut self.rows[place].2);
            self.place_of[row] = place as u32;
        }
        self.rows[place].1 = self.clock;
        place
    }
}

impl OneClassSvmFitting {
    pub fn new(rows: prepare::Rows<'_>, parameters: &OneClassSvmParameters, seed: u64) -> Self {
        let mut chosen: Vec<usize> = (0..rows.n_rows()).collect();
        if chosen.len() > MAX_ROWS {
            chosen = Rng::new(seed).sample_indices(rows.n_rows(), MAX_ROWS);
            chosen.sort_unstable();
        }
        let rows = rows.select(&chosen);
        let rows = Rows::new(rows.view(), Function::of(parameters, rows.view()));
        let n = rows.n;
        let diagonal = (0..n)
            .map(|row| match rows.function {
                Function::Rbf { .. } => 1.0,
                Function::Linear => rows.row(row).iter().map(|value| value * value).sum(),
            })
            .collect();
        // As LIBSVM begins: the first rows carry all.
        let total = parameters.nu * n as f64;
        let alpha = (0..n).map(|row| (total - row as f64).clamp(0.0, 1.0)).collect();
        OneClassSvmFitting {
            seed,
            tolerance: parameters.tolerance,
            diagonal,
            alpha,
            gradient: vec![0.0; n],
            next_start: 0,
            kept: Kept::new(n),
            n_pairs: 0,
            unit: 0,
            is_over: false,
            rows,
        }
    }

    /// Adds some rows that begin with a multiplier to the gradient.
    fn start(&mut self) {
        let mut products = vec![0.0; self.rows.n];
        let n_rows = (PRODUCTS_PER_STEP / (self.rows.n * self.rows.n_features).max(1)).max(1);
        for _ in 0..n_rows {
            let row = self.next_start;
            if row == self.rows.n || self.alpha[row] == 0.0 {
                self.next_start = self.rows.n;
                return;
            }
            self.rows.products(self.rows.row(row), &mut products);
            for (gradient, product) in self.gradient.iter_mut().zip(&products) {
                *gradient += self.alpha[row] * product;
            }
            self.next_start += 1;
        }
    }

    /// Moves weight from one row to another where that helps most; false where nothing helps any more.
    fn improve(&mut self) -> bool {
        let is_below = |alpha: f64| alpha < 1.0;
        let mut first = None;
        for (row, (&gradient, &alpha)) in self.gradient.iter().zip(&self.alpha).enumerate() {
            if is_below(alpha) && first.is_none_or(|first: usize| gradient < self.gradient[first]) {
                first = Some(row);
            }
        }
        let Some(i) = first else { return false };
        let place = self.kept.place(&self.rows, i);
        let products = &self.kept.rows[place].2;
        let (mut second, mut best, mut worst) = (None, 0.0, f64::NEG_INFINITY);
        for (row, (&gradient, &alpha)) in self.gradient.iter().zip(&self.alpha).enumerate() {
            if alpha <= 0.0 {
                continue;
            }
            worst = f64::max(worst, gradient);
            let slope = gradient - self.gradient[i];
            if slope > 0.0 {
                let curvature =
                    (self.diagonal[i] + self.diagonal[row] - 2.0 * products[row]).max(MIN_CURVATURE);
                let gain = slope * slope / curvature;
                if gain > best {
                    (second, best) = (Some(row), gain);
                }
            }
        }
        let Some(j) = second.filter(|_| worst - self.gradient[i] >= self.tolerance) else { return false };
        let curvature = (self.diagonal[i] + self.diagonal[j] - 2.0 * products[j]).max(MIN_CURVATURE);
        let wanted = (self.gradient[j] - self.gradient[i]) / curvature;
        let moved = wanted.min(1.0 - self.alpha[i]).min(self.alpha[j]);
        // Exactly at the border where that is what stopped it.
        self.alpha[i] = if moved == 1.0 - self.alpha[i] { 1.0 } else { self.alpha[i] + moved };
        self.alpha[j] = if moved == self.alpha[j] { 0.0 } else { self.alpha[j] - moved };
        for (gradient, product) in self.gradient.iter_mut().zip(products) {
            *gradient += moved * product;
        }
        let place = self.kept.place(&self.rows, j);
        for (gradient, product) in self.gradient.iter_mut().zip(&self.kept.rows[place].2) {
            *gradient -= moved * product;
        }
        true
    }

    /// What the decision function is less: the gradient of rows on the border of the region.
    fn rho(&self) -> f64 {
        let (mut sum, mut n_free) = (0.0, 0usize);
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (&gradient, &alpha) in self.gradient.iter().zip(&self.alpha) {
            if alpha <= 0.0 {
                high = high.min(gradient);
            } else if alpha >= 1.0 {
                low = low.max(gradient);
            } else {
                sum += gradient;
                n_free += 1;
            }
        }
        match n_free {
            0 if !high.is_finite() => low,
            0 if !low.is_finite() => high,
            0 => low / 2.0 + high / 2.0,
            _ => sum / n_free as f64,
        }
    }
}

impl RawFitting for OneClassSvmFitting {
    fn step(&mut self, _: prepare::Rows<'_>) -> Result<()> {
        if self.next_start < self.rows.n {
            self.start();
        } else {
            // Two passes over the rows to choose, and two rows of the kernel that may not be at hand.
            let n_pairs = PRODUCTS_PER_STEP / (self.rows.n * (2 * self.rows.n_features + 4)).max(1);
            for _ in 0..n_pairs.max(1) {
                self.n_pairs += 1;
                if !self.improve() || self.n_pairs >= MAX_PAIRS_PER_ROW * self.rows.n {
                    self.is_over = true;
                    break;
                }
            }
        }
        // Always further, never quite there.
        let done = (self.next_start + self.n_pairs) as u64;
        let near = UNITS * done / (done + self.rows.n as u64 + 1);
        self.unit = near.max(self.unit + 1).min(UNITS - 1);
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        (if self.is_over { UNITS } else { self.unit }, UNITS)
    }

    fn finish(self: Box<Self>) -> Raw {
        let support: Vec<usize> = (0..self.rows.n).filter(|&row| self.alpha[row] > 0.0).collect();
        let rho = self.rho();
        let mut model = OneClassSvm {
            vectors: self.rows.only(&support),
            multipliers: support.iter().map(|&row| self.alpha[row]).collect(),
            rho,
            background: Background::none(),
            seed: self.seed,
        };
        let (rows, products) = (&self.rows, RefCell::new(vec![0.0; support.len()]));
        model.background =
            Background::of(rows.n, |row| rows.row(row), |row| model.measure(row, &mut products.borrow_mut()));
        Raw::Ocsvm(model)
    }
}
