//! Dense layers.

use crate::engine::detect::calibrated::RawModel;
use crate::engine::detect::checked::{self, Checked};
use crate::engine::math;
use crate::engine::plan::Activation;
use crate::engine::rng::Rng;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Inputs are cut off here, so that squares of errors and of gradients stay finite.
const MAX_INPUT: f64 = 1e50;

/// A value as the network knows it.
pub(super) fn bounded(value: f64) -> f64 {
    value.clamp(-MAX_INPUT, MAX_INPUT)
}

/// One layer: `n_in` x `n_out` weights, input by input, so that the inner loop runs over neighbours in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Layer {
    pub n_in: usize,
    pub n_out: usize,
    pub weights: Vec<f64>,
    pub biases: Vec<f64>,
    pub activation: Activation,
}

impl Layer {
    /// Weights uniform in `±sqrt(6 / (n_in + n_out))`, biases 0.
    pub fn new(n_in: usize, n_out: usize, activation: Activation, rng: &mut Rng) -> Layer {
        let limit = (6.0 / (n_in + n_out) as f64).sqrt();
        let weights = (0..n_in * n_out).map(|_| (2.0 * rng.uniform() - 1.0) * limit).collect();
        Layer { n_in, n_out, weights, biases: vec![0.0; n_out], activation }
    }

    /// What the layer makes of an input.
    pub fn forward(&self, input: &[f64], output: &mut [f64]) {
        output.copy_from_slice(&self.biases);
        for (&value, weights) in input.iter().zip(self.weights.chunks_exact(self.n_out)) {
            for (output, weight) in output.iter_mut().zip(weights) {
                *output += value * weight;
            }
        }
        match self.activation {
            Activation::Linear => {}
            Activation::Relu => output.iter_mut().for_each(|output| *output = output.max(0.0)),
            Activation::Tanh => output.iter_mut().for_each(|output| *output = math::tanh(*output)),
        }
    }

    /// How fast an output grows with its sum, told from the output.
    pub fn slope(&self, output: f64) -> f64 {
        match self.activation {
            Activation::Linear => 1.0,
            Activation::Relu => f64::from(u8::from(output > 0.0)),
            Activation::Tanh => 1.0 - output * output,
        }
    }
}

/// A fitted autoencoder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::engine::detect) struct Autoencoder {
    pub layers: Vec<Layer>,
    /// Mean of each feature's part of the error over the training rows.
    pub typical: Vec<f64>,
}

impl Autoencoder {
    /// The parts of a row's error by feature: squared error over the number of features.
    pub fn parts(&self, row: ArrayView1<'_, f64>, parts: &mut [f64]) {
        let input: Vec<f64> = row.iter().map(|&value| bounded(value)).collect();
        let mut values = input.clone();
        for layer in &self.layers {
            let mut output = vec![0.0; layer.n_out];
            layer.forward(&values, &mut output);
            values = output;
        }
        for (part, (made, given)) in parts.iter_mut().zip(values.iter().zip(&input)) {
            *part = (made - given) * (made - given) / input.len() as f64;
        }
    }
}

impl RawModel for Autoencoder {
    fn n_features(&self) -> usize {
        self.typical.len()
    }

    fn products_per_row(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len()).sum()
    }

    fn measure_block(&self, rows: ArrayView2<'_, f64>, raw: &mut [f64]) {
        let mut parts = vec![0.0; self.typical.len()];
        for (raw, row) in raw.iter_mut().zip(rows.outer_iter()) {
            self.raw_contributions(row, &mut parts);
            *raw = parts.iter().sum();
        }
    }

    fn raw_contributions(&self, row: ArrayView1<'_, f64>, contributions: &mut [f64]) {
        self.parts(row, contributions);
        contributions.iter_mut().zip(&self.typical).for_each(|(part, typical)| *part -= typical);
    }

    fn check(&self) -> Checked {
        let mut n = self.typical.len();
        checked::finite(&self.typical)?;
        for layer in &self.layers {
            checked::that(layer.n_in == n && layer.n_out > 0, "its layers do not go together")?;
            n = layer.n_out;
            checked::n(&layer.biases, n)?;
            checked::that(
                layer.n_in.checked_mul(n) == Some(layer.weights.len()),
                "a layer has missing weights",
            )?;
            checked::finite(&layer.weights)?;
        }
        checked::that(n == self.typical.len(), "its layers do not go together")
    }
}
