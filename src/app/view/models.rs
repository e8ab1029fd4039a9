//! Models in words, the same in every section.

use crate::engine::learn::{LearnTarget, ModelName};
use crate::engine::plan::{Combine, DetectorName, Detectors};

/// Detectors, in the order in which they are offered: name, words, and the short form for tables.
pub const DETECTORS: [(DetectorName, &str, &str); 10] = [
    (DetectorName::Iforest, "Isolation Forest", "Isolation Forest"),
    (DetectorName::Autoencoder, "Autoencoder", "Autoencoder"),
    (DetectorName::Ocsvm, "One-class support vector machine", "One-class SVM"),
    (DetectorName::Lof, "Local outlier factor", "LOF"),
    (DetectorName::Knn, "Distance to neighbours", "Neighbours"),
    (DetectorName::Ecod, "ECOD, by tails", "ECOD"),
    (DetectorName::Copod, "COPOD, by tails together", "COPOD"),
    (DetectorName::Hbos, "HBOS, by histograms", "HBOS"),
    (DetectorName::RobustZ, "Robust z, feature by feature", "Robust z"),
    (DetectorName::Rules, "The rules alone", "Rules"),
];

/// A detector's short form.
pub fn short_name(name: DetectorName) -> &'static str {
    DETECTORS.iter().find(|(known, ..)| *known == name).map_or(name.name(), |(.., short)| short)
}

/// Short forms of several.
pub fn short_names(detectors: &Detectors) -> String {
    detectors.names().iter().map(|name| short_name(*name)).collect::<Vec<_>>().join(", ")
}

/// Ways of making one score of several, by the names that plans have.
pub const COMBINATIONS: [(Combine, &str, &str); 4] = [
    (Combine::Average, "average", "the mean of their scores"),
    (Combine::Ranks, "ranks", "the mean of their ranks"),
    (Combine::Maximum, "maximum", "the highest: abnormal where any says so"),
    (Combine::Both, "both", "the lowest: abnormal where all say so"),
];

/// A learner, as it goes into a sentence.
pub fn learner(name: ModelName) -> &'static str {
    match name {
        ModelName::Logistic => "logistic regression",
        ModelName::Forest => "a random forest",
        ModelName::Boosting => "boosted trees",
    }
}

/// What was learned, as an object of a sentence.
pub fn target_words(target: &LearnTarget) -> String {
    match target {
        LearnTarget::Flags => "the flags".to_owned(),
        LearnTarget::Label => "the label".to_owned(),
        LearnTarget::Rules => "enough points by the rules".to_owned(),
        LearnTarget::RulePoints => "the points by the rules".to_owned(),
        LearnTarget::Column(name) => format!("“{name}”"),
    }
}
