//! A matrix in the features of another, which a model was fitted to.

use super::{Feature, FeatureMatrix};
use ndarray::Array2;
use std::collections::BTreeMap;

impl FeatureMatrix {
    /// This matrix with these features, in their order, by name: what it has beside them is left out, what it lacks is
    /// missing in every row, and labels of a category that are new stand behind those known. Gives the features that it
    /// lacks as well.
    pub fn with_features(self, known: &[Feature]) -> (FeatureMatrix, Vec<String>) {
        let places: BTreeMap<&str, usize> =
            self.features.iter().enumerate().map(|(place, feature)| (feature.name.as_str(), place)).collect();
        let mut values = Array2::from_elem((self.n_rows(), known.len()), f64::NAN);
        let mut features = known.to_vec();
        let mut lacking = Vec::new();
        for (feature, mut to) in features.iter_mut().zip(values.columns_mut()) {
            // A category without any value may look like a number, and the other way round.
            let place = places.get(feature.name.as_str()).copied();
            let is_same =
                |&place: &usize| self.features[place].labels.is_empty() == feature.labels.is_empty();
            let Some(place) = place.filter(is_same) else {
                lacking.push(feature.name.clone());
                continue;
            };
            to.assign(&self.values.column(place));
            if !feature.labels.is_empty() {
                let new_place = new_places(&self.features[place].labels, &mut feature.labels);
                to.mapv_inplace(|value| match new_place.get(value as usize) {
                    Some(&new) if !value.is_nan() => new as f64,
                    _ => f64::NAN,
                });
            }
        }
        drop(places);
        (FeatureMatrix { values, features, ..self }, lacking)
    }
}

/// Where each label stands among the known ones, to which those are added that are not.
fn new_places(labels: &[String], known: &mut Vec<String>) -> Vec<usize> {
    let mut places: BTreeMap<String, usize> =
        known.iter().enumerate().map(|(place, label)| (label.clone(), place)).collect();
    let place_of = |label: &String| {
        *places.entry(label.clone()).or_insert_with(|| {
            known.push(label.clone());
            known.len() - 1
        })
    };
    labels.iter().map(place_of).collect()
}
