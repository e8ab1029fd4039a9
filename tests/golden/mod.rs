//! Golden files and what makes them.

pub mod analysis;
