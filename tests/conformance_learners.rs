//! What every model of trees owes its callers: random forests and boosted trees, of values and of classes.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use isoscope::engine::error::Result;
use isoscope::engine::host::Stage;
use isoscope::engine::learn::boosting::{Boosting, BoostingFitting};
use isoscope::engine::learn::forest::{Forest, ForestFitting};
use isoscope::engine::learn::trees::Target;
use isoscope::engine::rng::Rng;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, array, concatenate, s};

/// A model under test.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Learner {
    Forest,
    Boosting,
}
use Learner::{Boosting as Boost, Forest as Wood};

const KINDS: [(Learner, u32); 6] = [(Wood, 0), (Wood, 2), (Wood, 4), (Boost, 0), (Boost, 2), (Boost, 4)];

#[allow(clippy::large_enum_variant, reason = "a test has one at a time")]
enum Fit {
    Forest(ForestFitting),
    Boosting(BoostingFitting),
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
enum Model {
    Forest(Forest),
    Boosting(Boosting),
}

impl Fit {
    fn start(
        kind: (Learner, u32),
        seed: u64,
        rows: &Array2<f64>,
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self> {
        let classes: Vec<u32> = target.iter().map(|&value| value as u32).collect();
        let target = match kind.1 {
            0 => Target::Values(target),
            n => Target::Classes { classes: &classes, n_classes: n as usize },
        };
        match kind.0 {
            Wood => {
                Forest::params().trees(20).seed(seed).fitting(rows.view(), target, weights).map(Fit::Forest)
            }
            Boost => {
                let params = Boosting::params().trees(20).subsample(0.8).colsample(0.7).seed(seed);
                params.fitting(rows.view(), target, weights).map(Fit::Boosting)
            }
        }
    }

    fn step(&mut self, rows: ArrayView2<'_, f64>) -> isoscope::engine::host::Progress {
        match self {
            Fit::Forest(fit) => fit.step(rows),
            Fit::Boosting(fit) => fit.step(rows),
        }
    }

    fn is_done(&self) -> bool {
        match self {
            Fit::Forest(fit) => fit.is_done(),
            Fit::Boosting(fit) => fit.is_done(),
        }
    }

    fn finish(self) -> Model {
        match self {
            Fit::Forest(fit) => Model::Forest(fit.into_model()),
            Fit::Boosting(fit) => Model::Boosting(fit.into_model()),
        }
    }
}

impl Model {
    fn outputs(&self, rows: ArrayView2<'_, f64>) -> Vec<f64> {
        let n_outputs = match self {
            Model::Forest(model) => model.n_outputs(),
            Model::Boosting(model) => model.n_outputs(),
        };
        let mut outputs = vec![f64::NAN; rows.nrows() * n_outputs];
        match self {
            Model::Forest(model) => model.outputs(rows, &mut outputs),
            Model::Boosting(model) => model.outputs(rows, &mut outputs),
        }
        outputs
    }

    /// Base and contributions to each output, or margin.
    fn explained(&self, row: ArrayView1<'_, f64>) -> Vec<(f64, Vec<f64>)> {
        let n_explained = match self {
            Model::Forest(model) => model.n_outputs(),
            Model::Boosting(model) => model.base().len(),
        };
        let of_output = |output| {
            let mut explainer = match self {
                Model::Forest(model) => model.explainer(output),
                Model::Boosting(model) => model.explainer(output),
            };
            let mut shares = vec![f64::NAN; row.len()];
            explainer.contributions(row, &mut shares);
            (explainer.base(), shares)
        };
        (0..n_explained).map(of_output).collect()
    }

    /// What contributions add up to.
    fn explained_outputs(&self, row: ArrayView1<'_, f64>) -> Vec<f64> {
        let rows = row.insert_axis(Axis(0));
        match self {
            Model::Forest(_) => self.outputs(rows),
            Model::Boosting(model) => {
                let mut margins = vec![f64::NAN; model.base().len()];
                model.margins(rows, &mut margins);
                margins
            }
        }
    }

    fn n_features(&self) -> usize {
        match self {
            Model::Forest(model) => model.n_features(),
            Model::Boosting(model) => model.n_features(),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Model::Forest(model) => model.check(),
            Model::Boosting(model) => model.check(),
        }
    }
}

fn fit(kind: (Learner, u32), seed: u64, rows: &Array2<f64>, target: &[f64]) -> Model {
    let mut fit = Fit::start(kind, seed, rows, target, None).unwrap();
    while !fit.is_done() {
        fit.step(rows.view());
    }
    fit.finish()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Standard normal rows. The target is a class for `n_classes` above 0, else a value, and depends on the first features.
fn planted(n_rows: usize, n_features: usize, n_classes: u32) -> (Array2<f64>, Vec<f64>) {
    let mut rng = Rng::new(5);
    let rows = Array2::from_shape_fn((n_rows, n_features), |_| rng.normal());
    let target = rows.outer_iter().enumerate().map(|(place, row)| {
        let value = row[0] + if row[row.len() - 1] > 0.0 { 1.0 } else { -1.0 };
        match n_classes {
            0 => value,
            // Each class is there, even among few rows.
            n if place < n as usize => place as f64,
            n => f64::from((((value + 3.0) / 6.0 * f64::from(n)) as u32).min(n - 1)),
        }
    });
    let target = target.collect();
    (rows, target)
}

#[test]
fn what_was_planted_is_found_on_rows_not_seen() {
    for kind in KINDS {
        let (rows, target) = planted(1_500, 6, kind.1);
        let (train, test) = (rows.slice(s![..1000, ..]).to_owned(), rows.slice(s![1000.., ..]));
        let outputs = fit(kind, 1, &train, &target[..1000]).outputs(test);
        let n = kind.1.max(1) as usize;
        let right = outputs.chunks_exact(n).zip(&target[1000..]).filter(|(row, target)| match n {
            1 => (row[0] - **target).abs() < 0.35,
            _ => (0..n).all(|class| row[class] <= row[**target as usize]),
        });
        let share = right.count() as f64 / 500.0;
        assert!(share > 0.85, "{kind:?}: {share} of held-out rows right");
    }
}

#[test]
fn probabilities_add_up_to_one() {
    for kind in KINDS.into_iter().filter(|kind| kind.1 > 0) {
        let (rows, target) = planted(300, 4, kind.1);
        for row in fit(kind, 1, &rows, &target).outputs(rows.view()).chunks_exact(kind.1 as usize) {
            assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{kind:?}: {row:?}");
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{kind:?}: {row:?}");
        }
    }
}

#[test]
fn one_seed_gives_the_same_bits_and_another_others() {
    for kind in KINDS {
        let (rows, target) = planted(300, 4, kind.1);
        let first = bits(&fit(kind, 1, &rows, &target).outputs(rows.view()));
        assert_eq!(first, bits(&fit(kind, 1, &rows, &target).outputs(rows.view())), "{kind:?}");
        assert_ne!(first, bits(&fit(kind, 2, &rows, &target).outputs(rows.view())), "{kind:?}");
    }
}

#[test]
fn a_prediction_depends_on_its_row_alone() {
    for kind in KINDS {
        let (rows, target) = planted(300, 5, kind.1);
        let model = fit(kind, 1, &rows, &target);
        let whole = bits(&model.outputs(rows.view()));
        for block in [1, 7, 63, 64, 65, 299] {
            let cut: Vec<f64> =
                rows.axis_chunks_iter(Axis(0), block).flat_map(|rows| model.outputs(rows)).collect();
            assert_eq!(whole, bits(&cut), "{kind:?} in blocks of {block}");
        }
        let backwards = model.outputs(rows.slice(s![..;-1, ..]));
        let turned: Vec<f64> =
            backwards.chunks_exact(whole.len() / 300).rev().flat_map(<[f64]>::to_vec).collect();
        assert_eq!(whole, bits(&turned), "{kind:?} on rows of another layout and order");
        assert!(model.outputs(rows.slice(s![0..0, ..])).is_empty());
    }
}

#[test]
fn progress_only_grows_and_ends_at_its_total() {
    for kind in KINDS {
        let (rows, target) = planted(3_000, 8, kind.1);
        let mut fit = Fit::start(kind, 1, &rows, &target, None).unwrap();
        let (mut done, mut total, mut n_steps) = (0, 0, 0);
        while !fit.is_done() {
            let progress = fit.step(rows.view());
            assert_eq!(progress.stage, Stage::Fit);
            assert!(progress.done >= done && progress.done <= progress.total, "{kind:?}: {progress:?}");
            assert!(total == 0 || total == progress.total, "{kind:?} changes its total");
            (done, total) = (progress.done, progress.total);
            n_steps += 1;
        }
        assert_eq!(done, total, "{kind:?}");
        assert!(n_steps > 1, "{kind:?} cannot be cancelled between steps");
    }
}

#[test]
fn odd_matrices_are_learned() {
    for kind in KINDS {
        let n_rows = 60;
        let (normal, target) = planted(n_rows, 3, kind.1);
        let constant = concatenate![Axis(1), normal, Array2::from_elem((n_rows, 1), 2.5)];
        let missing = concatenate![Axis(1), normal, Array2::from_elem((n_rows, 1), f64::NAN)];
        let mut huge = normal.clone();
        huge.column_mut(0).mapv_inplace(|x| x.signum() * 1e308);
        huge[[0, 1]] = f64::MAX;
        huge[[1, 1]] = f64::MIN;
        let matrices = [
            ("one column", normal.slice(s![.., 0..1]).to_owned()),
            ("constant column", constant),
            ("missing column", missing),
            ("all missing", Array2::from_elem((n_rows, 2), f64::NAN)),
            ("duplicates", Array2::from_shape_fn((n_rows, 3), |(row, _)| f64::from(row as u32 % 2))),
            ("equal rows", Array2::from_elem((n_rows, 3), 1.0)),
            ("huge values", huge),
            ("subnormal values", normal.mapv(|x| x * 1e-310)),
            ("more columns than rows", planted(n_rows, 300, 0).0),
        ];
        for (what, rows) in &matrices {
            let model = fit(kind, 1, rows, &target);
            assert!(model.outputs(rows.view()).iter().all(|x| x.is_finite()), "{kind:?} on {what}");
            model.check().unwrap();
        }
    }
    for learner in [Wood, Boost] {
        let model = fit((learner, 0), 1, &array![[1.0, 2.0]], &[7.0]);
        assert!((model.outputs(array![[9.0, f64::NAN]].view())[0] - 7.0).abs() < 1e-9);
        let model = fit((learner, 0), 1, &Array2::from_elem((9, 1), 1.0), &[1e100; 9]);
        assert!((model.outputs(array![[1.0]].view())[0] / 1e100 - 1.0).abs() < 1e-9);
    }
}

/// What is missing says something: rows without the value have another target.
#[test]
fn missing_values_go_where_they_serve() {
    for kind in KINDS {
        let (mut rows, mut target) = planted(600, 3, kind.1);
        for row in (0..600).step_by(3) {
            rows[[row, 1]] = f64::NAN;
            target[row] = if kind.1 == 0 { 50.0 } else { 0.0 };
        }
        let model = fit(kind, 1, &rows, &target);
        let outputs = model.outputs(array![[3.0, f64::NAN, 3.0], [3.0, 0.1, 3.0]].view());
        let n = outputs.len() / 2;
        if n == 1 {
            assert!(outputs[0] > 40.0 && outputs[1] < 20.0, "{kind:?}: {outputs:?}");
        } else {
            assert!(outputs[0] > 0.7 && outputs[n] < 0.3, "{kind:?}: {outputs:?}");
        }
    }
}

#[test]
fn a_row_of_weight_two_is_two_rows() {
    for n_classes in [0, 2, 3] {
        let (rows, target) = planted(200, 3, n_classes);
        let classes: Vec<u32> = target.iter().map(|&class| class as u32).collect();
        let twice: Vec<usize> = (0..200).flat_map(|row| vec![row; 1 + row % 2]).collect();
        let weights: Vec<f64> = (0..200).map(|row| 1.0 + f64::from(row % 2)).collect();
        let pick = |values: &[f64]| twice.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let (values, picked) = (pick(&target), twice.iter().map(|&row| classes[row]).collect::<Vec<u32>>());
        let params = Boosting::params().trees(5);
        let (one, two) = match n_classes as usize {
            0 => (Target::Values(&target), Target::Values(&values)),
            n_classes => (
                Target::Classes { classes: &classes, n_classes },
                Target::Classes { classes: &picked, n_classes },
            ),
        };
        let weighted = params.fit(rows.view(), one, Some(&weights)).unwrap();
        let repeated = params.fit(rows.select(Axis(0), &twice).view(), two, None).unwrap();
        let (a, b) =
            (Model::Boosting(weighted).outputs(rows.view()), Model::Boosting(repeated).outputs(rows.view()));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9), "{n_classes} classes");
    }
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let refused = |kind, rows: &Array2<f64>, target: &[f64], weights: Option<&[f64]>| {
        let error = Fit::start(kind, 1, rows, target, weights).err().expect("refused");
        (error.code(), error.to_string())
    };
    for kind in KINDS {
        let (rows, target) = planted(20, 3, kind.1);
        for value in [f64::INFINITY, f64::NEG_INFINITY] {
            let mut rows = rows.clone();
            rows[[7, 2]] = value;
            let (code, text) = refused(kind, &rows, &target, None);
            assert!(code == "parameter" && text.contains("row 7, feature 2"), "{text}");
        }
        assert_eq!(refused(kind, &Array2::zeros((0, 3)), &[], None).0, "too-few-rows");
        assert_eq!(refused(kind, &Array2::zeros((20, 0)), &target, None).0, "parameter");
        let code = if kind.1 == 0 { "parameter" } else { "labels" };
        assert_eq!(refused(kind, &rows, &target[..19], None).0, code);
        for weights in [&[1.0; 19][..], &[0.0; 20], &[-1.0; 20], &[f64::NAN; 20]] {
            assert_eq!(refused(kind, &rows, &target, Some(weights)).0, "parameter", "{weights:?}");
        }
        if kind.1 > 0 {
            assert_eq!(refused(kind, &rows, &[1.0; 20], None).0, "labels");
            assert_eq!(refused(kind, &rows, &[9.0; 20], None).0, "labels");
        } else {
            assert_eq!(refused(kind, &rows, &[f64::NAN; 20], None).0, "parameter");
            assert_eq!(refused(kind, &rows, &[1e200; 20], None).0, "parameter");
        }
    }
}

#[test]
fn contributions_add_up() {
    for kind in KINDS {
        let (mut rows, target) = planted(300, 6, kind.1);
        rows[[0, 3]] = f64::NAN;
        let model = fit(kind, 1, &rows, &target);
        for row in rows.outer_iter().take(30) {
            let outputs = model.explained_outputs(row);
            for ((base, shares), output) in model.explained(row).into_iter().zip(outputs) {
                let sum = base + shares.iter().sum::<f64>();
                assert!((sum - output).abs() < 1e-10, "{kind:?}: {base} and {shares:?} are not {output}");
            }
        }
    }
}

#[test]
fn a_model_that_was_saved_is_the_same() {
    for kind in KINDS {
        let (mut rows, target) = planted(300, 5, kind.1);
        rows[[3, 1]] = f64::NAN;
        let model = fit(kind, 1, &rows, &target);
        let bytes = postcard::to_allocvec(&model).unwrap();
        let read: Model = postcard::from_bytes(&bytes).unwrap();
        read.check().unwrap();
        assert_eq!(model, read);
        assert_eq!(bits(&model.outputs(rows.view())), bits(&read.outputs(rows.view())));
        let json: Model = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        assert_eq!(model, json);
    }
}

/// Whatever was done to its bytes, what is read is refused, or can be checked, used and explained.
#[test]
fn a_broken_file_is_refused_or_harmless() {
    for kind in KINDS {
        let (rows, target) = planted(40, 3, kind.1);
        let bytes = postcard::to_allocvec(&fit(kind, 1, &rows, &target)).unwrap();
        let (mut rng, mut n_refused) = (Rng::new(8), 0);
        for attempt in 0..2_000 {
            let mut bytes = bytes.clone();
            if attempt % 10 == 0 {
                bytes.truncate(rng.below(bytes.len() as u64) as usize);
            } else {
                let place = rng.below(bytes.len() as u64) as usize;
                bytes[place] = rng.next_u64() as u8;
            }
            let read: postcard::Result<Model> = postcard::from_bytes(&bytes);
            match read {
                Ok(model) if model.check().is_ok() && model.n_features() == 3 => {
                    model.outputs(rows.view());
                    model.explained(rows.row(0));
                }
                _ => n_refused += 1,
            }
        }
        assert!(n_refused > 200, "{kind:?}: {n_refused} of 2,000 refused");
    }
}
