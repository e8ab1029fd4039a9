//! Learning by gradient descent, some rows per step: a batch may be long, and so may judging an epoch.

use super::network::{Autoencoder, Layer, bounded};
use crate::engine::detect::calibrated::{Raw, RawFitting};
use crate::engine::error::Result;
use crate::engine::plan::{Activation, AutoencoderParameters};
use crate::engine::prepare::{Rows, rows_per_step};
use crate::engine::rng::Rng;

/// One row in so many is held out where learning may stop early.
const HELD_OUT_OF: usize = 10;
/// Decay of the mean gradient and of its square, and what keeps a step finite.
const BETA: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-7;

/// An autoencoder under way. Units are rows.
#[derive(Debug)]
pub(in crate::engine::detect) struct AutoencoderFitting {
    parameters: AutoencoderParameters,
    seed: u64,
    model: Autoencoder,
    adam: Adam,
    /// Rows to learn from in the order of this epoch, and those held out.
    train: Vec<usize>,
    held_out: Vec<usize>,
    epoch: usize,
    /// Rows of the training table.
    n_rows: usize,
    stage: Stage,
    best: Option<Best>,
    scratch: Scratch,
}

/// Where a fit stands: how many rows it has been through there.
#[derive(Debug)]
enum Stage {
    /// In this epoch, with the generator of the batch at hand.
    Learn {
        n_done: usize,
        rng: Rng,
    },
    /// Of those held out, with the sum of their errors.
    Judge {
        n_done: usize,
        error: f64,
    },
    /// Of all, whose errors by feature are averaged.
    Average {
        n_done: usize,
    },
    Over,
}

#[derive(Debug)]
struct Best {
    error: f64,
    epoch: usize,
    layers: Vec<Layer>,
}

/// Means of gradients and of their squares, weight by weight, then bias by bias.
#[derive(Debug)]
struct Adam {
    n_steps: i32,
    decayed: (f64, f64),
    moments: Vec<Vec<(f64, f64)>>,
}

/// Values of one row and gradients of one batch.
#[derive(Debug)]
struct Scratch {
    /// Of every layer, the inputs first.
    values: Vec<Vec<f64>>,
    /// Of every layer but the inputs.
    deltas: Vec<Vec<f64>>,
    masks: Vec<Vec<f64>>,
    /// Weights, then biases, by layer.
    gradients: Vec<Vec<f64>>,
}

impl AutoencoderFitting {
    pub fn new(rows: Rows<'_>, parameters: &AutoencoderParameters, seed: u64) -> Self {
        let (n_rows, n_features) = rows.dim();
        let mut rng = Rng::for_unit(seed, 0);
        let mut held_out = Vec::new();
        let mut train: Vec<usize> = (0..n_rows).collect();
        if parameters.patience > 0 && n_rows >= 2 * HELD_OUT_OF {
            held_out = rng.sample_indices(n_rows, n_rows / HELD_OUT_OF);
            held_out.sort_unstable();
            train.retain(|row| held_out.binary_search(row).is_err());
        }
        let code = parameters.code.min(n_features.div_ceil(2));
        let mut sizes = vec![n_features];
        sizes.extend(&parameters.hidden);
        sizes.push(code);
        sizes.extend(parameters.hidden.iter().rev());
        let mut layers: Vec<Layer> = sizes
            .windows(2)
            .map(|pair| Layer::new(pair[0], pair[1], parameters.activation, &mut rng))
            .collect();
        layers.push(Layer::new(sizes[sizes.len() - 1], n_features, Activation::Linear, &mut rng));
        sizes.push(n_features);

        let n_parameters = |layer: &Layer| layer.weights.len() + layer.biases.len();
        let scratch = Scratch {
            values: sizes.iter().map(|&n| vec![0.0; n]).collect(),
            deltas: sizes[1..].iter().map(|&n| vec![0.0; n]).collect(),
            masks: sizes[1..].iter().map(|&n| vec![1.0; n]).collect(),
            gradients: layers.iter().map(|layer| vec![0.0; n_parameters(layer)]).collect(),
        };
        let moments = layers.iter().map(|layer| vec![(0.0, 0.0); n_parameters(layer)]).collect();
        let mut fitting = AutoencoderFitting {
            parameters: parameters.clone(),
            seed,
            model: Autoencoder { layers, typical: vec![0.0; n_features] },
            adam: Adam { n_steps: 0, decayed: (1.0, 1.0), moments },
            train,
            held_out,
            epoch: 0,
            n_rows,
            stage: Stage::Over,
            best: None,
            scratch,
        };
        fitting.begin_epoch();
        fitting
    }

    /// The order of this epoch does not depend on the one before it.
    fn begin_epoch(&mut self) {
        self.train.sort_unstable();
        Rng::for_unit(self.seed, 1 + 2 * self.epoch as u64).shuffle(&mut self.train);
        self.stage = Stage::Learn { n_done: 0, rng: self.rng_of_batch(0) };
    }

    fn rng_of_batch(&self, batch: usize) -> Rng {
        let n_batches = self.train.len().div_ceil(self.parameters.batch);
        Rng::for_unit(self.seed, 2 + 2 * (self.epoch * n_batches + batch) as u64)
    }

    /// Learns from some more rows of the epoch; those of a batch move the weights together, once it is whole.
    fn learn(&mut self, rows: Rows<'_>, mut n_done: usize, mut rng: Rng, n_rows: usize) {
        let (batch, n) = (self.parameters.batch, self.train.len());
        let end = n.min(n_done + n_rows);
        for row in rows.select(&self.train[n_done..end]).outer_iter() {
            if n_done.is_multiple_of(batch) {
                rng = self.rng_of_batch(n_done / batch);
                self.scratch.gradients.iter_mut().for_each(|gradients| gradients.fill(0.0));
            }
            for (value, &given) in self.scratch.values[0].iter_mut().zip(row) {
                *value = bounded(given);
            }
            self.scratch.pass(&self.model.layers, self.parameters.dropout, &mut rng);
            n_done += 1;
            if n_done.is_multiple_of(batch) || n_done == n {
                let n_in_batch = n_done - (n_done - 1) / batch * batch;
                self.adam.apply(
                    &mut self.model.layers,
                    &self.scratch.gradients,
                    1.0 / n_in_batch as f64,
                    self.parameters.learning_rate,
                );
            }
        }
        if n_done < n {
            self.stage = Stage::Learn { n_done, rng };
            return;
        }
        self.epoch += 1;
        if self.held_out.is_empty() {
            self.end_epoch(self.epoch == self.parameters.epochs);
        } else {
            self.stage = Stage::Judge { n_done: 0, error: 0.0 };
        }
    }

    /// Judges the epoch by some more of the rows held out.
    fn judge(&mut self, rows: Rows<'_>, start: usize, mut error: f64, n_rows: usize) {
        let end = (start + n_rows).min(self.held_out.len());
        let mut parts = vec![0.0; self.model.typical.len()];
        for row in rows.select(&self.held_out[start..end]).outer_iter() {
            self.model.parts(row, &mut parts);
            error += parts.iter().sum::<f64>();
        }
        if end < self.held_out.len() {
            self.stage = Stage::Judge { n_done: end, error };
            return;
        }
        if self.best.as_ref().is_none_or(|best| error < best.error) {
            self.best = Some(Best { error, epoch: self.epoch, layers: self.model.layers.clone() });
        }
        let best_epoch = self.best.as_ref().map_or(0, |best| best.epoch);
        let is_hopeless = self.epoch - best_epoch >= self.parameters.patience;
        self.end_epoch(is_hopeless || self.epoch == self.parameters.epochs);
    }

    fn end_epoch(&mut self, is_last: bool) {
        if !is_last {
            return self.begin_epoch();
        }
        if let Some(best) = self.best.take() {
            self.model.layers = best.layers;
        }
        self.stage = Stage::Average { n_done: 0 };
    }

    /// Adds some more rows to the mean errors.
    fn average(&mut self, rows: Rows<'_>, start: usize, n_rows: usize) {
        let end = (start + n_rows).min(self.n_rows);
        let mut parts = vec![0.0; self.model.typical.len()];
        for row in rows.block(start..end).outer_iter() {
            self.model.parts(row, &mut parts);
            for (typical, part) in self.model.typical.iter_mut().zip(&parts) {
                *typical += part / self.n_rows as f64;
            }
        }
        self.stage = if end < self.n_rows { Stage::Average { n_done: end } } else { Stage::Over };
    }
}

impl Scratch {
    /// Runs one row forward and its error backward, and adds to the gradients.
    fn pass(&mut self, layers: &[Layer], dropout: f64, rng: &mut Rng) {
        let last = layers.len() - 1;
        for (number, layer) in layers.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(number + 1);
            layer.forward(&before[number], &mut after[0]);
            if dropout > 0.0 && number < last {
                for (value, mask) in after[0].iter_mut().zip(&mut self.masks[number]) {
                    *mask = if rng.uniform() < dropout { 0.0 } else { 1.0 / (1.0 - dropout) };
                    *value *= *mask;
                }
            }
        }
        let n_features = self.values[0].len() as f64;
        for (delta, (made, given)) in
            self.deltas[last].iter_mut().zip(self.values[last + 1].iter().zip(&self.values[0]))
        {
            *delta = 2.0 * (made - given) / n_features;
        }
        for (number, layer) in layers.iter().enumerate().rev() {
            let (before, after) = self.deltas.split_at_mut(number);
            let deltas = &after[0];
            let (weights, biases) = self.gradients[number].split_at_mut(layer.weights.len());
            biases.iter_mut().zip(deltas).for_each(|(gradient, delta)| *gradient += delta);
            let inputs = &self.values[number];
            for (input, gradients) in inputs.iter().zip(weights.chunks_exact_mut(layer.n_out)) {
                gradients.iter_mut().zip(deltas).for_each(|(gradient, delta)| *gradient += input * delta);
            }
            let Some(behind) = before.last_mut() else { break };
            let (source, masks) = (&layers[number - 1], &self.masks[number - 1]);
            for (place, delta) in behind.iter_mut().enumerate() {
                let weights = &layer.weights[place * layer.n_out..(place + 1) * layer.n_out];
                let pulled: f64 = weights.iter().zip(deltas).map(|(weight, delta)| weight * delta).sum();
                // What the unit gave before the mask tells its slope.
                let given = if masks[place] > 0.0 { inputs[place] / masks[place] } else { 0.0 };
                *delta = pulled * masks[place] * source.slope(given);
            }
        }
    }
}

impl Adam {
    fn apply(&mut self, layers: &mut [Layer], gradients: &[Vec<f64>], scale: f64, rate: f64) {
        self.n_steps += 1;
        self.decayed = (self.decayed.0 * BETA.0, self.decayed.1 * BETA.1);
        let (first, second) = (1.0 - self.decayed.0, 1.0 - self.decayed.1);
        for ((layer, gradients), moments) in layers.iter_mut().zip(gradients).zip(&mut self.moments) {
            let parameters = layer.weights.iter_mut().chain(&mut layer.biases);
            for ((parameter, gradient), (mean, square)) in parameters.zip(gradients).zip(moments) {
                let gradient = gradient * scale;
                *mean = BETA.0 * *mean + (1.0 - BETA.0) * gradient;
                *square = BETA.1 * *square + (1.0 - BETA.1) * gradient * gradient;
                *parameter -= rate * (*mean / first) / ((*square / second).sqrt() + EPSILON);
            }
        }
    }
}

impl RawFitting for AutoencoderFitting {
    fn step(&mut self, rows: Rows<'_>) -> Result<()> {
        let n_weights: usize = self.model.layers.iter().map(|layer| layer.weights.len()).sum();
        let n_forward = rows_per_step(n_weights, usize::MAX);
        match std::mem::replace(&mut self.stage, Stage::Over) {
            // Forward, backward to the weights, backward to the values.
            Stage::Learn { n_done, rng } => self.learn(rows, n_done, rng, (n_forward / 3).max(1)),
            Stage::Judge { n_done, error } => self.judge(rows, n_done, error, n_forward),
            Stage::Average { n_done } => self.average(rows, n_done, n_forward),
            Stage::Over => {}
        }
        Ok(())
    }

    fn progress(&self) -> (u64, u64) {
        let of_epoch = (self.train.len() + self.held_out.len()) as u64;
        let of_epochs = of_epoch * self.parameters.epochs as u64;
        let total = of_epochs + self.n_rows as u64;
        let done = match self.stage {
            Stage::Learn { n_done, .. } => self.epoch as u64 * of_epoch + n_done as u64,
            Stage::Judge { n_done, .. } => {
                (self.epoch as u64 - 1) * of_epoch + (self.train.len() + n_done) as u64
            }
            Stage::Average { n_done } => of_epochs + n_done as u64,
            Stage::Over => total,
        };
        (done, total)
    }

    fn finish(self: Box<Self>) -> Raw {
        Raw::Autoencoder(self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn error(fitting: &AutoencoderFitting, rows: &Array2<f64>) -> f64 {
        let mut parts = vec![0.0; rows.ncols()];
        let of = |row: ndarray::ArrayView1<'_, f64>| {
            fitting.model.parts(row, &mut parts);
            parts.iter().sum::<f64>()
        };
        rows.outer_iter().map(of).sum::<f64>() / rows.nrows() as f64
    }

    /// The gradient of one row against differences of the error.
    #[test]
    fn gradients_are_those_of_the_error() {
        let rows = Array2::from_shape_fn((1, 5), |(_, feature)| 0.3 * feature as f64 - 0.4);
        for activation in [Activation::Tanh, Activation::Relu, Activation::Linear] {
            let parameters = AutoencoderParameters {
                hidden: vec![4],
                code: 2,
                activation,
                ..AutoencoderParameters::default()
            };
            let mut fitting = AutoencoderFitting::new(rows.view().into(), &parameters, 5);
            fitting.scratch.values[0].copy_from_slice(rows.row(0).as_slice().unwrap());
            let layers = fitting.model.layers.clone();
            fitting.scratch.pass(&layers, 0.0, &mut Rng::new(1));
            for (layer, gradients) in fitting.scratch.gradients.clone().iter().enumerate() {
                for (place, gradient) in gradients[..layers[layer].weights.len()].iter().enumerate() {
                    let mut moved = |by: f64| {
                        fitting.model.layers = layers.clone();
                        fitting.model.layers[layer].weights[place] += by;
                        error(&fitting, &rows)
                    };
                    let measured = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    assert!((measured - gradient).abs() < 1e-7, "{activation:?}: {gradient}, not {measured}");
                }
            }
        }
    }

    #[test]
    fn it_learns_and_stops_when_it_no_longer_does() {
        let mut rng = Rng::new(2);
        let rows = Array2::from_shape_fn((300, 4), |_| rng.normal());
        let mut rows = rows;
        for mut row in rows.outer_iter_mut() {
            row[2] = row[0] + row[1];
            row[3] = row[0] - row[1];
        }
        let fit = |patience: usize, epochs: usize| {
            let parameters = AutoencoderParameters {
                patience,
                epochs,
                learning_rate: 0.01,
                activation: Activation::Linear,
                ..AutoencoderParameters::default()
            };
            let mut fitting = AutoencoderFitting::new(rows.view().into(), &parameters, 1);
            while !matches!(fitting.stage, Stage::Over) {
                fitting.step(rows.view().into()).unwrap();
            }
            fitting
        };
        let (short, long) = (fit(0, 1), fit(0, 60));
        // Two numbers hold these four.
        assert!(error(&long, &rows) < 1e-3 && error(&short, &rows) > 0.1);
        let stopped = fit(3, 10_000);
        assert!(stopped.epoch < 10_000, "{} epochs", stopped.epoch);
        assert_eq!(stopped.progress().0, stopped.progress().1);
    }
}
