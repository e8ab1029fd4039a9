#![no_main]
//! Any bytes as a source, in any cut, with any limits.

#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|input: &[u8]| check::ingest(input));
