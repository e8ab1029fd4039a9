//! Labelled rows, fits and scores for the tests of detectors.
#![allow(dead_code, reason = "each test file uses its part")]

use isoscope::engine::detect::{Detector as _, Fitting, Model};
use ndarray::Array2;

/// The model of a fit, taken to its end.
pub fn fitted(mut fitting: Box<dyn Fitting>, rows: &Array2<f64>) -> Model {
    while !fitting.is_done() {
        fitting.step(rows.view().into()).unwrap();
    }
    fitting.finish()
}

/// A model's scores of rows.
pub fn scores(model: &Model, rows: &Array2<f64>) -> Vec<f64> {
    let mut scores = vec![f64::NAN; rows.nrows()];
    model.score_block(rows.view(), &mut scores);
    scores
}

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
