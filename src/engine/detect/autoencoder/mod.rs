//! Autoencoder: rows that a network cannot squeeze through a narrow layer and make again are abnormal.
//!
//! G. Hinton and R. Salakhutdinov, *Reducing the Dimensionality of Data with Neural Networks*, Science 2006; as a
//! detector S. Hawkins et al., *Outlier Detection Using Replicator Neural Networks*, DaWaK 2002. Dense layers from the
//! inputs through a code back to the inputs, the last one linear; squared error, mean over features; Adam (Kingma and
//! Ba, ICLR 2015, β 0.9 and 0.999, ε 1e-7); weights drawn as Glorot and Bengio (AISTATS 2010) do, a fresh order of rows
//! every epoch, all from the seed.
//!
//! The measure is the error of a row; what a feature contributes is its own part of it, less the mean over the training
//! rows. So a reason says which values the network did not expect of a row, given its others.
//!
//! It finds rows that break how features hang together, which detectors of single features miss. It loses where
//! abnormal rows are a crowd of their own, since it learns to make them too.
//!
//! Files: `network` is layers and what they make of a row; `training` is how they learn.

mod network;
mod training;

pub(super) use network::Autoencoder;
pub(super) use training::AutoencoderFitting;
