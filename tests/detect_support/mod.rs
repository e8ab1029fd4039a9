//! Labelled rows for the tests of detectors.

use ndarray::Array2;

/// Rows and labels of a set in `tests/golden/models`, whose last column is the label.
pub fn labelled(name: &str) -> (Array2<f64>, Vec<bool>) {
    let path = format!("{}/tests/golden/models/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let n_features = reader.headers().unwrap().len() - 1;
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        values.extend(record.iter().take(n_features).map(|field| field.parse::<f64>().unwrap()));
        labels.push(&record[n_features] == "1");
    }
    (Array2::from_shape_vec((labels.len(), n_features), values).unwrap(), labels)
}
