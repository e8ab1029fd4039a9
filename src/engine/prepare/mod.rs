//! prepare: to be filled.
