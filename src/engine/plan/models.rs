//! Parameters of models that have many.

use crate::engine::error::{Error, Result, check_whole};
use serde::{Deserialize, Serialize};

/// How several detectors' opinions become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// The mean of their measures, each over its range.
    #[default]
    Average,
    /// The mean of their ranks: the share of rows that are less abnormal.
    Ranks,
    /// The highest of their measures: abnormal where any says so.
    Maximum,
    /// The lowest of their ranks: abnormal where all say so. Contamination is each member's then.
    Both,
}

/// Parameters of an ensemble.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EnsembleParameters {
    /// How members' opinions become one. Default average.
    pub combine: Combine,
}

/// Further parameters of an Isolation Forest, beside the numbers of trees and of rows per tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct IsolationForestParameters {
    /// Features that each tree draws and may cut: a share above 0 to 1, at least one feature; or so many, from 2. Default 1:
    /// all.
    pub max_features: f64,
    /// Features that a cut involves beyond one, 0 to 1,000, all where there are fewer: above 0 cuts are random planes across
    /// features, and scores are calibrated as those of other detectors. Default 0.
    pub extension_level: usize,
}

impl Default for IsolationForestParameters {
    fn default() -> Self {
        IsolationForestParameters { max_features: 1.0, extension_level: 0 }
    }
}

impl IsolationForestParameters {
    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        let is_share = self.max_features > 0.0 && self.max_features <= 1.0;
        let is_count =
            self.max_features >= 2.0 && self.max_features.fract() == 0.0 && self.max_features <= 1e6;
        if !is_share && !is_count {
            let expected = "a share above 0 and up to 1, or a whole number of features from 2 to 1,000,000";
            return Err(Error::parameter("iforest.maxFeatures", expected, self.max_features));
        }
        check_whole("iforest.extensionLevel", self.extension_level, 0..=1_000)
    }
}

/// What a unit of a hidden layer makes of its sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// The sum where it is above 0, else 0.
    Relu,
    /// The sum itself: principal components, in the end.
    Linear,
}

/// Parameters of an autoencoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AutoencoderParameters {
    /// Units of the code, 1 to 512; half the inputs where these are fewer than twice as many. Default 14.
    pub code: usize,
    /// Units of the layers between input and code, and in reverse between code and output, each 1 to 512; at most 4.
    /// Default none.
    pub hidden: Vec<usize>,
    /// Of the hidden layers and the code. Default tanh.
    pub activation: Activation,
    /// Times that every row is learned from, 1 to 10,000. Default 50.
    pub epochs: usize,
    /// Rows per step down the gradient, 1 to 65,536. Default 32.
    pub batch: usize,
    /// Step size of Adam, above 0 to 1. Default 0.001.
    pub learning_rate: f64,
    /// Share of hidden units left out at each row while learning, 0 to 0.9. Default 0.
    pub dropout: f64,
    /// Epochs without a better error on a tenth of the rows, held out, after which learning stops and the best weights are
    /// taken; 0 for learning all epochs from all rows. Default 0.
    pub patience: usize,
}

impl Default for AutoencoderParameters {
    fn default() -> Self {
        AutoencoderParameters {
            code: 14,
            hidden: Vec::new(),
            activation: Activation::default(),
            epochs: 50,
            batch: 32,
            learning_rate: 0.001,
            dropout: 0.0,
            patience: 0,
        }
    }
}

impl AutoencoderParameters {
    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        let whole = |name: &str, value: usize, least: usize, most: usize| {
            check_whole(&format!("autoencoder.{name}"), value, least..=most)
        };
        whole("code", self.code, 1, 512)?;
        if self.hidden.len() > 4 || self.hidden.iter().any(|units| !(1..=512).contains(units)) {
            let expected = "at most 4 layers, each of 1 to 512 units";
            return Err(Error::parameter("autoencoder.hidden", expected, format!("{:?}", self.hidden)));
        }
        whole("epochs", self.epochs, 1, 10_000)?;
        whole("batch", self.batch, 1, 65_536)?;
        whole("patience", self.patience, 0, 10_000)?;
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            let name = "autoencoder.learningRate";
            return Err(Error::parameter(name, "a number above 0 and up to 1", self.learning_rate));
        }
        if !(0.0..=0.9).contains(&self.dropout) {
            return Err(Error::parameter("autoencoder.dropout", "a share from 0 to 0.9", self.dropout));
        }
        Ok(())
    }
}

/// How alike two rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kernel {
    /// Radial basis function: `exp(−gamma |x − y|²)`.
    #[default]
    Rbf,
    /// `x · y`.
    Linear,
}

/// Parameters of a one-class support vector machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct OneClassSvmParameters {
    /// Share of rows outside the region, at most, and of support vectors, at least; above 0 to 1. Default 0.5.
    pub nu: f64,
    /// Default rbf.
    pub kernel: Kernel,
    /// Width of the radial basis function, above 0. Default one over the number of features times the variance of all
    /// values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// How far the solution may be from the best, in gradients, above 0. Default 0.001.
    pub tolerance: f64,
}

impl Default for OneClassSvmParameters {
    fn default() -> Self {
        OneClassSvmParameters { nu: 0.5, kernel: Kernel::default(), gamma: None, tolerance: 1e-3 }
    }
}

impl OneClassSvmParameters {
    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        if !(self.nu > 0.0 && self.nu <= 1.0) {
            return Err(Error::parameter("ocsvm.nu", "a share above 0 and up to 1", self.nu));
        }
        if let Some(gamma) = self.gamma.filter(|gamma| !(*gamma > 0.0 && gamma.is_finite())) {
            return Err(Error::parameter("ocsvm.gamma", "a number above 0", gamma));
        }
        if !(self.tolerance > 0.0 && self.tolerance.is_finite()) {
            return Err(Error::parameter("ocsvm.tolerance", "a number above 0", self.tolerance));
        }
        Ok(())
    }
}
