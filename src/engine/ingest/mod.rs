//! ingest: to be filled.
