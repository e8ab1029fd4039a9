//! What every detector owes its callers, asked of all of them. A new detector is in [`ALL`] and so in here.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod detect_support;

use detect_support::{fitted, scores};
use isoscope::engine::detect::{ALL, Detector as _, Fitting, Measure, Measured, Model, fitting};
use isoscope::engine::error::Result;
use isoscope::engine::evaluate::roc_auc;
use isoscope::engine::features::Feature;
use isoscope::engine::host::Stage;
use isoscope::engine::plan::{
    Combine, DetectorName, Detectors, EnsembleParameters, IsolationForestParameters, Parameters, Preparation,
};
use isoscope::engine::prepare::{FittedPreparation, Missing, Rows};
use isoscope::engine::rng::Rng;
use ndarray::{Array2, Axis, array, concatenate, s};
use std::collections::BTreeSet;

const SEED: u64 = 11;

/// One or several detectors, how several become one, and how many features a cut of a forest involves beyond one.
struct Candidate {
    detectors: Detectors,
    combine: Combine,
    extension_level: usize,
}

impl Candidate {
    fn names(&self) -> &[DetectorName] {
        self.detectors.names()
    }

    fn parameters(&self) -> Parameters {
        let iforest = IsolationForestParameters { extension_level: self.extension_level, max_features: 1.0 };
        let ensemble = EnsembleParameters { combine: self.combine };
        Parameters { ensemble, iforest, ..Parameters::default() }
    }
}

impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.names() {
            [name] => write!(f, "{} of level {}", name.name(), self.extension_level),
            _ => write!(f, "{} by {:?}", self.detectors, self.combine),
        }
    }
}

/// Every detector by itself, and ensembles of them in every way.
fn all() -> Vec<Candidate> {
    use DetectorName::{Autoencoder, Ecod, Iforest, Knn, Lof};
    let alone = |&name: &DetectorName| Candidate {
        detectors: name.into(),
        combine: Combine::Average,
        extension_level: 0,
    };
    let ensemble = |detectors: Vec<_>, combine| Candidate {
        detectors: Detectors::new(detectors).unwrap(),
        combine,
        extension_level: 0,
    };
    let ensembles = [
        Candidate { detectors: Detectors::recommended(), ..alone(&Iforest) },
        Candidate { extension_level: 2, ..alone(&Iforest) },
        Candidate { extension_level: 1_000, ..alone(&Iforest) },
        ensemble(vec![Lof, Ecod], Combine::Average),
        ensemble(vec![Iforest, Knn, Ecod], Combine::Ranks),
        ensemble(vec![Ecod, Iforest], Combine::Maximum),
        ensemble(vec![Iforest, Autoencoder], Combine::Both),
        ensemble(vec![Knn, Ecod], Combine::Both),
    ];
    ALL.iter().map(alone).chain(ensembles).collect()
}

fn start(candidate: &Candidate, seed: u64, rows: &Array2<f64>) -> Result<Box<dyn Fitting>> {
    fitting(&candidate.detectors, &candidate.parameters(), seed, rows.view())
}

fn fit(candidate: &Candidate, seed: u64, rows: &Array2<f64>) -> Model {
    fitted(start(candidate, seed, rows).unwrap(), rows)
}

fn bits(scores: &[f64]) -> Vec<u64> {
    scores.iter().map(|score| score.to_bits()).collect()
}

/// Standard normal rows; every tenth is shifted by 4 in all features. With labels.
fn planted(n_rows: usize, n_features: usize) -> (Array2<f64>, Vec<bool>) {
    let mut rng = Rng::new(5);
    let labels: Vec<bool> = (0..n_rows).map(|row| row % 10 == 0).collect();
    let rows = Array2::from_shape_fn((n_rows, n_features), |(row, _)| {
        rng.normal() + if labels[row] { 4.0 } else { 0.0 }
    });
    (rows, labels)
}

/// Standard normal rows; every tenth lies anywhere in a wide box instead. With labels.
fn scattered(n_rows: usize, n_features: usize) -> (Array2<f64>, Vec<bool>) {
    let (mut rows, labels) = planted(n_rows, n_features);
    let mut rng = Rng::new(6);
    for (mut row, _) in rows.outer_iter_mut().zip(&labels).filter(|(_, label)| **label) {
        row.mapv_inplace(|_| (rng.uniform() - 0.5) * 20.0);
    }
    (rows, labels)
}

/// Whether a model sees abnormal rows only where they are not a crowd themselves.
fn is_blind_to_crowds(candidate: &Candidate) -> bool {
    candidate.names().iter().any(|name| {
        matches!(
            name,
            DetectorName::Knn | DetectorName::Lof | DetectorName::Autoencoder | DetectorName::Ocsvm
        )
    })
}

/// Contributions of each row add up to its score.
fn assert_explained(candidate: &Candidate, model: &Model, rows: &Array2<f64>) {
    // Sampled contributions ask the model hundreds of times.
    let is_slow = |name: &DetectorName| matches!(name, DetectorName::Lof | DetectorName::Ocsvm);
    let n_rows = if candidate.names().iter().any(is_slow) { 5 } else { 100 };
    let scores = scores(model, rows);
    let mut shares = vec![f64::NAN; model.n_features()];
    for (row, &score) in rows.outer_iter().zip(&scores).take(n_rows) {
        model.contributions(row, &mut shares);
        let sum = model.base() + shares.iter().sum::<f64>();
        assert!(
            (sum - score).abs() < 1e-9,
            "base and contributions {shares:?} are {sum}, the score is {score}"
        );
    }
}

/// How a block is cut does not change what its rows are told.
#[test]
fn rows_explained_together_get_what_each_gets_alone() {
    let (rows, _) = planted(300, 4);
    let rows_explained = rows.slice(s![..7, ..]);
    for candidate in &all() {
        let model = fit(candidate, SEED, &rows);
        let (mut shares, mut errors) = (vec![f64::NAN; 28], vec![f64::NAN; 28]);
        model.contributions_block(rows_explained, &mut shares, &mut errors);
        for (place, row) in rows_explained.outer_iter().enumerate() {
            let (mut own, mut own_errors) = ([f64::NAN; 4], [f64::NAN; 4]);
            model.contributions_block(row.insert_axis(Axis(0)), &mut own, &mut own_errors);
            assert_eq!(bits(&own), bits(&shares[4 * place..][..4]), "{candidate}");
            assert_eq!(bits(&own_errors), bits(&errors[4 * place..][..4]), "{candidate}");
        }
    }
}

/// Whether a model draws anything.
fn is_random(candidate: &Candidate) -> bool {
    candidate.names().iter().any(|name| matches!(name, DetectorName::Iforest | DetectorName::Autoencoder))
}

#[test]
fn scores_are_finite_differ_and_find_what_was_planted() {
    for name in &all() {
        let (rows, labels) = if is_blind_to_crowds(name) { scattered(600, 6) } else { planted(600, 6) };
        let scores = scores(&fit(name, SEED, &rows), &rows);
        assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)), "{name}");
        assert!(scores.iter().any(|score| *score != scores[0]), "{name} gives all rows one score");
        let auc = roc_auc(&scores, &labels).unwrap();
        assert!(auc > 0.98, "{name}: ROC AUC {auc} on shifted rows");
    }
}

#[test]
fn one_seed_gives_the_same_bits_and_another_others() {
    let (rows, _) = planted(300, 4);
    for name in &all() {
        let first = bits(&scores(&fit(name, SEED, &rows), &rows));
        assert_eq!(first, bits(&scores(&fit(name, SEED, &rows), &rows)), "{name}");
        let other = bits(&scores(&fit(name, SEED + 1, &rows), &rows));
        assert_eq!(first != other, is_random(name), "{name} and its seed");
    }
}

#[test]
fn a_score_depends_on_its_row_alone() {
    let (rows, _) = planted(700, 5);
    for name in &all() {
        let model = fit(name, SEED, &rows);
        let whole = bits(&scores(&model, &rows));
        for block in [1, 7, 8, 255, 256, 257, 699] {
            let cut: Vec<f64> = (0..rows.nrows())
                .step_by(block)
                .flat_map(|from| {
                    let to = (from + block).min(rows.nrows());
                    scores(&model, &rows.slice(s![from..to, ..]).to_owned())
                })
                .collect();
            assert_eq!(whole, bits(&cut), "{name} in blocks of {block}");
        }
        let backwards = rows.slice(s![..;-1, ..]);
        let mut turned = vec![0.0; rows.nrows()];
        model.score_block(backwards, &mut turned);
        turned.reverse();
        assert_eq!(whole, bits(&turned), "{name} on rows of another layout and order");
        model.score_block(rows.slice(s![0..0, ..]), &mut []);
    }
}

/// However steps are cut, the model is that of one sitting: steps are those of the fit itself, so what is left to
/// vary is what happens between them.
#[test]
fn a_fit_can_be_left_and_taken_up_again() {
    let (rows, _) = planted(400, 4);
    for name in &all() {
        let whole = bits(&scores(&fit(name, SEED, &rows), &rows));
        let (mut one, mut other) = (start(name, SEED, &rows).unwrap(), start(name, SEED + 1, &rows).unwrap());
        while !one.is_done() {
            one.step(rows.view().into()).unwrap();
            if !other.is_done() {
                other.step(rows.view().into()).unwrap();
            }
        }
        assert_eq!(whole, bits(&scores(&one.finish(), &rows)), "{name}");
    }
}

/// Nobody holds a prepared copy of all rows, and nobody can tell: model and scores are those of one.
#[test]
fn rows_prepared_when_asked_for_are_those_prepared_before() {
    let (values, _) = planted(300, 3);
    let mut values = values.mapv(|value| (20.0 * value).round());
    values.column_mut(2).mapv_inplace(|value| (value as i64).rem_euclid(4) as f64);
    values[[7, 0]] = f64::NAN;
    values[[8, 2]] = f64::NAN;
    let number = |name: &str| Feature::new(name, name, "");
    let labels = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let features = [number("one"), number("two"), Feature { labels, ..number("kind") }];
    let preparation = Preparation { indicators: true, ..Preparation::default() };
    let (prepared, _) =
        FittedPreparation::fit(&features, values.view(), &preparation, &BTreeSet::new(), Missing::Refused)
            .unwrap();
    let transform = prepared.of_features(&features).unwrap();
    let (values, by) = (values.view(), &transform);
    let (asked_for, before) = (Rows::Prepared { values, by }, transform.rows(values));
    assert_eq!(asked_for.dim(), before.dim());
    for name in &all() {
        let mut fit = fitting(&name.detectors, &name.parameters(), SEED, asked_for).unwrap();
        while !fit.is_done() {
            fit.step(asked_for).unwrap();
        }
        let found = fit.take_scores();
        let model = fit.finish();
        let expected = bits(&scores(&self::fit(name, SEED, &before), &before));
        let mut measured = Measured::none(asked_for.n_rows(), Measure::scores(&model));
        while !measured.is_done() {
            measured.step(Measure::scores(&model), asked_for);
        }
        assert_eq!(bits(&measured.finish().0), expected, "{name}");
        assert!(found.is_none_or(|found| bits(&found) == expected), "{name} found out others");
    }
}

/// What a fit knows of its training rows is what the model says of them.
#[test]
fn scores_a_fit_found_out_are_those_of_its_model() {
    // Few values as well, so that rows are equal and neighbours tie.
    let (rows, _) = planted(500, 4);
    let coarse = rows.mapv(f64::round);
    for name in &all() {
        for rows in [&rows, &coarse] {
            let mut fitting = start(name, SEED, rows).unwrap();
            while !fitting.is_done() {
                fitting.step(rows.view().into()).unwrap();
            }
            let Some(found) = fitting.take_scores() else { continue };
            assert_eq!(bits(&found), bits(&scores(&fitting.finish(), rows)), "{name}");
        }
    }
}

#[test]
fn progress_only_grows_and_ends_at_its_total() {
    let (rows, _) = planted(400, 4);
    for name in &all() {
        let mut fitting = start(name, SEED, &rows).unwrap();
        let (mut done, mut total, mut n_steps) = (0, 0, 0);
        while !fitting.is_done() {
            let progress = fitting.step(rows.view().into()).unwrap();
            assert_eq!(progress.stage, Stage::Fit);
            assert!(progress.done > done && progress.done <= progress.total, "{name}: {progress:?}");
            assert!(total == 0 || total == progress.total, "{name} changes its total");
            (done, total) = (progress.done, progress.total);
            n_steps += 1;
        }
        assert_eq!(done, total, "{name}");
        assert!(n_steps > 1, "{name} cannot be cancelled between steps");
    }
}

#[test]
fn contributions_add_up_to_scores() {
    let (rows, _) = planted(300, 6);
    for name in &all() {
        assert_explained(name, &fit(name, SEED, &rows), &rows);
    }
}

#[test]
fn odd_matrices_are_scored_and_explained() {
    let (normal, _) = planted(300, 3);
    let constant = concatenate![Axis(1), normal, Array2::from_elem((300, 1), 2.5)];
    let duplicates = Array2::from_shape_fn((300, 3), |(row, _)| f64::from(row as u32 % 2));
    let equal = Array2::from_elem((300, 3), 1.0);
    let mut huge = normal.clone();
    huge.column_mut(0).mapv_inplace(|x| x.signum() * 1e308);
    huge[[0, 1]] = f64::MAX;
    huge[[1, 1]] = f64::MIN;
    let tiny = normal.mapv(|x| x * 1e-310);
    let wide = planted(30, 500).0;
    let matrices = [
        ("one row", array![[1.0, 2.0, 3.0]]),
        ("two rows", array![[1.0, 2.0], [3.0, 4.0]]),
        ("three rows", array![[1.0], [2.0], [9.0]]),
        ("one column", normal.slice(s![.., 0..1]).to_owned()),
        ("constant column", constant),
        ("duplicates", duplicates),
        ("equal rows", equal),
        ("huge values", huge),
        ("subnormal values", tiny),
        ("more columns than rows", wide),
    ];
    for name in &all() {
        for (what, rows) in &matrices {
            let model = fit(name, SEED, rows);
            let scores = scores(&model, rows);
            assert!(scores.iter().all(|score| score.is_finite()), "{name} on {what}: {scores:?}");
            assert!(model.base().is_finite(), "{name} on {what}");
            assert_explained(name, &model, rows);
        }
    }
}

#[test]
fn rows_far_from_all_that_was_seen_are_scored() {
    let (rows, _) = planted(300, 3);
    let far = array![[1e308, -1e308, f64::MAX], [0.0, 0.0, 0.0]];
    for name in &all() {
        let scores = scores(&fit(name, SEED, &rows), &far);
        assert!(scores[0].is_finite() && scores[0] > scores[1], "{name}: {scores:?}");
    }
}

#[test]
fn values_that_are_not_finite_are_refused_with_their_place() {
    for name in &all() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (mut rows, _) = planted(20, 3);
            rows[[7, 2]] = value;
            let error = start(name, SEED, &rows).err().expect("refused");
            assert_eq!(error.code(), "parameter");
            assert!(error.to_string().contains("row 7, feature 2"), "{error}");
        }
    }
}

#[test]
fn empty_matrices_are_refused() {
    for name in &all() {
        assert_eq!(start(name, SEED, &Array2::zeros((0, 3))).err().expect("refused").code(), "too-few-rows");
        assert_eq!(start(name, SEED, &Array2::zeros((3, 0))).err().expect("refused").code(), "parameter");
    }
}

/// A model as it comes back from a file.
fn read(bytes: &[u8]) -> Option<Model> {
    let model: Model = postcard::from_bytes(bytes).ok()?;
    model.check().ok().map(|()| model)
}

#[test]
fn a_model_that_was_saved_gives_the_same_bits() {
    let matrices = [planted(400, 5).0, array![[1.0, 2.0, 3.0]], Array2::from_elem((30, 2), 1.0)];
    let far = array![[1e308], [-3.0], [0.0]];
    for name in &all() {
        for rows in &matrices {
            let model = fit(name, SEED, rows);
            let loaded = read(&postcard::to_allocvec(&model).unwrap()).expect("what was written");
            let far = far.broadcast((3, rows.ncols())).unwrap().to_owned();
            let seen = concatenate(Axis(0), &[rows.view(), far.view()]).unwrap();
            assert_eq!(bits(&scores(&model, &seen)), bits(&scores(&loaded, &seen)), "{name}");
            assert_eq!(model.base().to_bits(), loaded.base().to_bits(), "{name}");
            let mut shares = [vec![0.0; rows.ncols()], vec![0.0; rows.ncols()]];
            for row in seen.outer_iter().step_by(97) {
                model.contributions(row, &mut shares[0]);
                loaded.contributions(row, &mut shares[1]);
                assert_eq!(bits(&shares[0]), bits(&shares[1]), "{name}");
            }
        }
    }
}

#[test]
fn a_damaged_model_is_refused_or_scores_without_a_panic() {
    let (rows, _) = planted(40, 3);
    let mut rng = Rng::new(9);
    for name in &all() {
        let parameters = Parameters { trees: 3, ..name.parameters() };
        let mut fitting = fitting(&name.detectors, &parameters, SEED, rows.view()).unwrap();
        while !fitting.is_done() {
            fitting.step(rows.view().into()).unwrap();
        }
        let bytes = postcard::to_allocvec(&fitting.finish()).unwrap();
        let mut n_refused = 0;
        for round in 0..2_000 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + round % 3 {
                // The sizes are at the front.
                let reach = if round % 2 == 0 { bytes.len().min(64) } else { bytes.len() };
                damaged[rng.below(reach as u64) as usize] = rng.below(256) as u8;
            }
            if round % 10 == 0 {
                damaged.truncate(rng.below(bytes.len() as u64) as usize);
            }
            let Some(model) = read(&damaged) else {
                n_refused += 1;
                continue;
            };
            if model.n_features() == rows.ncols() {
                scores(&model, &rows);
                model.contributions(rows.row(0), &mut [0.0; 3]);
            }
        }
        assert!(n_refused > 200, "{name}: {n_refused} of 2000 refused");
    }
}
