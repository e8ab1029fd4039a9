//! The engine: bytes in, explained anomalies out. No web crate, no clock, no files, no threads.
//!
//! What may know what, left not knowing right (a test reads the sources and holds it):
//!
//! ```text
//! agent error finding host math order rng time words <- table <- {formula, ingest, profile} <- plan <- features <- prepare
//!     <- {detect, learn} <- {explain, interchange} <- {ranking, rules} <- persist <- analysis
//!     <- {bins, correlations, export, streaming, supervised} <- tune <- session
//! evaluate takes scores and labels only; synth knows error, math, order, rng and time only
//! ```

pub mod agent;
pub mod analysis;
pub mod bins;
pub mod correlations;
pub mod detect;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod export;
pub mod features;
pub mod finding;
pub mod formula;
pub mod host;
pub mod ingest;
pub mod interchange;
pub mod learn;
pub mod math;
pub mod order;
pub mod persist;
pub mod plan;
pub mod prepare;
pub mod profile;
pub mod ranking;
pub mod rng;
pub mod rules;
pub mod session;
pub mod streaming;
pub mod supervised;
pub mod synth;
pub mod table;
pub mod time;
pub mod tune;
pub mod words;
