//! Which detectors scores come from.

use crate::engine::error::{Error, Result};
use serde::de::value::{SeqAccessDeserializer, StrDeserializer};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Detectors by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetectorName {
    /// Isolation Forest.
    Iforest,
    /// Distance from the median, feature by feature.
    RobustZ,
    /// Histogram-based outlier score.
    Hbos,
    /// Empirical-cumulative-distribution-based outlier detection.
    Ecod,
    /// Copula-based outlier detection.
    Copod,
    /// Mean distance to the nearest neighbours.
    Knn,
    /// Local outlier factor.
    Lof,
    /// Autoencoder: error of making a row again from a few numbers.
    Autoencoder,
    /// One-class support vector machine.
    Ocsvm,
    /// The plan's own rules; see [`Plan::rules`](super::Plan::rules).
    Rules,
}

impl DetectorName {
    /// The name as serialised.
    pub const fn name(self) -> &'static str {
        match self {
            DetectorName::Iforest => "iforest",
            DetectorName::RobustZ => "robust-z",
            DetectorName::Hbos => "hbos",
            DetectorName::Ecod => "ecod",
            DetectorName::Copod => "copod",
            DetectorName::Knn => "knn",
            DetectorName::Lof => "lof",
            DetectorName::Autoencoder => "autoencoder",
            DetectorName::Ocsvm => "ocsvm",
            DetectorName::Rules => "rules",
        }
    }
}

/// What is read as the recommended ensemble, beside the names of detectors.
const RECOMMENDED: &str = "recommended";

/// The detectors of a plan: one, or the members of an ensemble in the order given. At least one, none twice, and
/// [`DetectorName::Rules`], whose scores are points and not deviations, only by itself. In JSON a name or an array of
/// names; one alone is written as its name; `recommended` is read as [`Detectors::recommended`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detectors(Vec<DetectorName>);

impl Detectors {
    /// Checks a list.
    ///
    /// # Errors
    /// `parameter` for an empty list, a detector that is in it twice, or rules among others.
    pub fn new(names: Vec<DetectorName>) -> Result<Self> {
        let refused = |expected: &str, found: &str| Err(Error::parameter("detector", expected, found));
        if names.is_empty() {
            return refused("at least one detector", "an empty list");
        }
        if names.len() > 1 && names.contains(&DetectorName::Rules) {
            return refused("rules by themselves, or an ensemble of others", "rules among others");
        }
        let twice = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name));
        match twice {
            Some((_, name)) => refused("every detector once", &format!("{} twice", name.name())),
            None => Ok(Detectors(names)),
        }
    }

    /// The ensemble for data that nothing is known of: how soon a row is set apart, how far its neighbours are, and how rare
    /// its values are one by one, in the middle (hbos) and at the tails (ecod). docs/quality.md says why these.
    pub fn recommended() -> Self {
        use DetectorName::{Ecod, Hbos, Iforest, Knn};
        Detectors(vec![Iforest, Knn, Hbos, Ecod])
    }

    /// All, in the order given.
    pub fn names(&self) -> &[DetectorName] {
        &self.0
    }

    /// Whether this is one detector, and that one.
    pub fn is(&self, name: DetectorName) -> bool {
        self.0 == [name]
    }
}

impl From<DetectorName> for Detectors {
    fn from(name: DetectorName) -> Self {
        Detectors(vec![name])
    }
}

/// The names, with commas between.
impl std::fmt::Display for Detectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|name| name.name()).collect();
        f.write_str(&names.join(", "))
    }
}

impl Serialize for Detectors {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [name] => name.serialize(serializer),
            names => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Detectors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = Detectors;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a detector, or a list of names")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> std::result::Result<Detectors, E> {
                match name {
                    RECOMMENDED => Ok(Detectors::recommended()),
                    name => DetectorName::deserialize(StrDeserializer::new(name)).map(Detectors::from),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> std::result::Result<Detectors, A::Error> {
                let names = Vec::deserialize(SeqAccessDeserializer::new(names))?;
                Detectors::new(names).map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recommended_is_written_where_plans_are_described() {
        let recommended = Detectors::recommended();
        let names: Vec<String> =
            recommended.names().iter().map(|name| format!("'{}'", name.name())).collect();
        let list = format!("`[{}]`", names.join(", "));
        assert!(include_str!("../../../www/plan.d.ts").contains(&list), "{list}");
    }

    #[test]
    fn the_recommended_ensemble_has_a_name() {
        let read = |text: &str| serde_json::from_str::<Detectors>(text);
        assert_eq!(read("\"recommended\"").expect("a name"), Detectors::recommended());
        let written = serde_json::to_string(&Detectors::recommended()).expect("a list");
        assert_eq!(written, r#"["iforest","knn","hbos","ecod"]"#, "a plan says which");
        assert!(read(r#"["recommended","lof"]"#).is_err() && read("\"best\"").is_err());
    }
}
