//! Names of features, of which no two are the same.

use super::Feature;
use std::collections::BTreeSet;

/// Gives features that are called as one before them the first number, from 2, that makes their names new: a column of the
/// table may be called as a feature that is computed, and two actions may be spelled alike.
pub(super) fn make_names_differ(features: &mut [Feature]) {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for feature in features {
        let name = std::mem::take(&mut feature.name);
        let numbered = (2..).map(|n| format!("{name}_{n}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
        feature.name = free.unwrap_or(name);
        names.insert(feature.name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut features = ["burst", "burst_2", "burst"].map(|name| Feature::new(name, "", ""));
        make_names_differ(&mut features);
        assert_eq!(features.map(|feature| feature.name), ["burst", "burst_2", "burst_3"]);
    }
}
