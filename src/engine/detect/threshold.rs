//! From scores to flags and severities: a step after scoring, the same for every model.
