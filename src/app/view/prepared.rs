//! Choices of preparation by name and in words, for all features and for one.

use crate::engine::plan::{Encode, Impute, Scale};

/// What missing values become where nothing is said.
pub const NOT_NAMED: (&str, &str) = ("", "the median, but trees learn from the gap");
/// What they may become.
pub const IMPUTES: [(&str, &str); 4] = [
    ("median", "the median"),
    ("mean", "the mean"),
    ("most-frequent", "the most frequent"),
    ("constant", "a value"),
];
/// Scales.
pub const SCALES: [(&str, &str); 4] = [
    ("standard", "mean 0, deviation 1"),
    ("robust", "median 0, quartiles 1 apart"),
    ("min-max", "0 to 1"),
    ("none", "as they are"),
];
/// What categories become.
pub const ENCODES: [(&str, &str); 4] = [
    ("one-hot", "a column per value"),
    ("frequency", "their share of rows"),
    ("label", "numbers by first appearance"),
    ("ordinal", "numbers by the alphabet"),
];

/// Its name.
pub fn impute_name(impute: Impute) -> &'static str {
    match impute {
        Impute::Median => "median",
        Impute::Mean => "mean",
        Impute::MostFrequent => "most-frequent",
        Impute::Constant(_) => "constant",
    }
}

/// Of that name; of another none.
pub fn impute(name: &str) -> Option<Impute> {
    match name {
        "median" => Some(Impute::Median),
        "mean" => Some(Impute::Mean),
        "most-frequent" => Some(Impute::MostFrequent),
        "constant" => Some(Impute::Constant(0.0)),
        _ => None,
    }
}

/// Its name.
pub fn scale_name(scale: Scale) -> &'static str {
    match scale {
        Scale::Standard => "standard",
        Scale::Robust => "robust",
        Scale::MinMax => "min-max",
        Scale::None => "none",
    }
}

/// Of that name.
pub fn scale(name: &str) -> Scale {
    match name {
        "robust" => Scale::Robust,
        "min-max" => Scale::MinMax,
        "none" => Scale::None,
        _ => Scale::Standard,
    }
}

/// Its name.
pub fn encode_name(encode: Encode) -> &'static str {
    match encode {
        Encode::OneHot => "one-hot",
        Encode::Label => "label",
        Encode::Frequency => "frequency",
        Encode::Ordinal => "ordinal",
    }
}

/// Of that name.
pub fn encode(name: &str) -> Encode {
    match name {
        "label" => Encode::Label,
        "frequency" => Encode::Frequency,
        "ordinal" => Encode::Ordinal,
        _ => Encode::OneHot,
    }
}
