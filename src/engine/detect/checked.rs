//! What a model that was read from a file must hold to, whoever wrote the file.

/// Features that a model can have, at most: as many columns as a table.
pub const MAX_FEATURES: usize = 1 << 20;

/// Whether a model is whole; else what is wrong with it, in words.
pub type Checked = Result<(), &'static str>;

pub(super) fn that(is_so: bool, otherwise: &'static str) -> Checked {
    if is_so { Ok(()) } else { Err(otherwise) }
}

pub(super) fn finite(values: &[f64]) -> Checked {
    that(values.iter().all(|value| value.is_finite()), "a number is not finite")
}

/// So many values, all finite.
pub(super) fn n(values: &[f64], n: usize) -> Checked {
    that(values.len() == n, "a part has not the size that it is to have")?;
    finite(values)
}
