//! export: to be filled.
