//! profile: to be filled.
