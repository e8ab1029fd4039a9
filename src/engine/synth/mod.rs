//! synth: to be filled.
