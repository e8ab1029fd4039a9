//! The one facade over the engine: a table, an analysis of it, and what may be asked of both.

/// A table and its analysis. One per worker.
#[derive(Debug, Default)]
pub struct Session {}
