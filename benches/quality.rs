//! How well detectors find what is labelled, beside scikit-learn's and PyOD's: what `docs/quality.md` tells.
//! `cargo bench --bench quality [-- FOLDER]`; the folder holds CSV files whose last column is `label`, and is
//! `../shared/data/labelled` when not given. Peers' figures are in `tests/golden/quality.json`. `-- samples` compares the
//! detector of a suggested plan with the recommended ensemble on the built-in samples instead.

use isoscope::engine::analysis::{Analysis, AnalysisJob};
use isoscope::engine::detect::{ALL, Detector as _, fitting};
use isoscope::engine::evaluate::{average_precision, roc_auc};
use isoscope::engine::host::NoClock;
use isoscope::engine::ingest::{Ingest, Options};
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{
    Combine, DetectorName, Detectors, EnsembleParameters, Parameters, PartialPlan, Plan, Recipe, Scale,
};
use isoscope::engine::prepare::Scaling;
use isoscope::engine::synth::{self, Generated, Sample, Spec};
use isoscope::engine::table::Table;
use ndarray::{Array2, Axis};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Seeds over which detectors that draw something are averaged.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Seeds of the samples, and the users of each.
const SAMPLE_SEEDS: [u64; 4] = [11, 12, 13, 14];
const SAMPLE_USERS: usize = 300;

struct Set {
    name: String,
    rows: Array2<f64>,
    labels: Vec<bool>,
}

/// ROC AUC and average precision.
type Measures = [f64; 2];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if given.as_deref() == Some("samples") {
        return compare_on_samples();
    }
    let folder = given.map_or_else(|| root.join("../shared/data/labelled"), PathBuf::from);
    let sets = sets(&folder);
    if sets.is_empty() {
        println!("no labelled sets in {}: nothing to measure", folder.display());
        return;
    }
    let peers = std::fs::read_to_string(root.join("tests/golden/quality.json"));
    let peers: Value = peers.map_or(Value::Null, |text| serde_json::from_str(&text).expect("JSON"));

    let mut lines: Vec<(String, Vec<Option<Measures>>)> = Vec::new();
    let mut measure = |name: String, detectors: Detectors, parameters: Parameters| {
        let measures: Vec<_> = sets.iter().map(|set| Some(measures(&detectors, &parameters, set))).collect();
        eprintln!("{name}");
        lines.push((name, measures));
    };
    for &name in ALL {
        measure(name.name().to_owned(), name.into(), Parameters::default());
    }
    for combine in [Combine::Average, Combine::Ranks, Combine::Maximum, Combine::Both] {
        let ensemble = EnsembleParameters { combine };
        let parameters = Parameters { ensemble, ..Parameters::default() };
        measure(format!("**recommended ensemble**, {combine:?}"), Detectors::recommended(), parameters);
    }
    let names = sets.iter().find_map(|set| peers["sets"][&set.name]["detectors"].as_object());
    for name in names.into_iter().flat_map(|detectors| detectors.keys()) {
        let of = |set: &Set| {
            let found = &peers["sets"][&set.name]["detectors"][name];
            Some([found["rocAuc"].as_f64()?, found["averagePrecision"].as_f64()?])
        };
        lines.push((format!("{name} (peer)"), sets.iter().map(of).collect()));
    }
    println!("peers: {}", peers["versions"]);
    for (measure, title) in ["ROC AUC", "average precision"].into_iter().enumerate() {
        table(title, measure, &sets, &lines);
    }
}

/// How well users with planted anomalies are told from others by their highest score, by recipe.
fn compare_on_samples() {
    println!("| ROC AUC / average precision | suggested | recommended ensemble |\n| --- | --- | --- |");
    for (sample, recipe) in [
        (Sample::OfficeActivity, Recipe::Activity),
        (Sample::OfficeActivity, Recipe::UserDay),
        (Sample::WebSessions, Recipe::Activity),
        (Sample::WebSessions, Recipe::UserDay),
        (Sample::Logins, Recipe::Activity),
        (Sample::Logins, Recipe::UserDay),
        (Sample::Logins, Recipe::Login),
    ] {
        let mut means = [[0.0; 2]; 2];
        for seed in SAMPLE_SEEDS {
            let spec = Spec { users: SAMPLE_USERS, seed, ..Spec::new(sample) };
            let generated = synth::generate(&spec).expect("a sample");
            let mut ingest = Ingest::new(Options::default()).expect("options");
            ingest.push(&generated.csv).expect("a log");
            let table = ingest.finish().expect("a log").table;
            for (mean, detector) in means.iter_mut().zip([None, Some(Detectors::recommended())]) {
                let asked = PartialPlan { recipe: Some(recipe), detector, ..PartialPlan::default() };
                let plan = asked.fill(suggest(&table).expect("a plan").plan, &table);
                let [auc, precision] = found(&table, plan, &generated);
                mean[0] += auc / SAMPLE_SEEDS.len() as f64;
                mean[1] += precision / SAMPLE_SEEDS.len() as f64;
            }
        }
        let [suggested, recommended] = means.map(|[auc, precision]| format!("{auc:.3} / {precision:.3}"));
        println!("| {}, {} | {suggested} | {recommended} |", sample.file_name(), recipe.name());
    }
}

fn found(table: &Table, plan: Plan, generated: &Generated) -> Measures {
    let mut job = AnalysisJob::new(table, plan).expect("a plan for the table");
    while job.step(table, &NoClock).expect("a step").is_some() {}
    let Analysis { rows_of_subject, scores, matrix, .. } = job.finish().expect("an analysis");
    let highest = |subject: usize| {
        let rows = rows_of_subject.rows(subject).iter();
        rows.map(|&row| scores[row as usize]).fold(f64::NEG_INFINITY, f64::max)
    };
    let scores: Vec<f64> = (0..rows_of_subject.len()).map(highest).collect();
    let labels: Vec<bool> = matrix.subjects.iter().map(|name| generated.planted.contains(name)).collect();
    [roc_auc(&scores, &labels).expect("both kinds"), average_precision(&scores, &labels).expect("both kinds")]
}

fn sets(folder: &Path) -> Vec<Set> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// A set, standardised as a table is by default.
fn read(path: &Path) -> Set {
    let mut reader = csv::Reader::from_path(path).expect("a readable file");
    let n_features = reader.headers().expect("a header").len() - 1;
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.expect("a record");
        let field = |place: usize| record[place].parse::<f64>().expect("a number");
        values.extend((0..n_features).map(field));
        labels.push(field(n_features) > 0.5);
    }
    let mut rows = Array2::from_shape_vec((labels.len(), n_features), values).expect("equal records");
    for mut column in rows.axis_iter_mut(Axis(1)) {
        let scaling = Scaling::fit(Scale::Standard, &column.to_vec());
        column.mapv_inplace(|value| scaling.apply(value));
    }
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    Set { name, rows, labels }
}

fn measures(detectors: &Detectors, parameters: &Parameters, set: &Set) -> Measures {
    let is_random = |name: &DetectorName| matches!(name, DetectorName::Iforest | DetectorName::Autoencoder);
    let seeds = if detectors.names().iter().any(is_random) { &SEEDS[..] } else { &SEEDS[..1] };
    let mut sum = [0.0; 2];
    for &seed in seeds {
        let mut fitting = fitting(detectors, parameters, seed, set.rows.view()).expect("a fit");
        while !fitting.is_done() {
            fitting.step(set.rows.view().into()).expect("a step");
        }
        let mut scores = vec![0.0; set.rows.nrows()];
        fitting.finish().score_block(set.rows.view(), &mut scores);
        sum[0] += roc_auc(&scores, &set.labels).expect("both kinds");
        sum[1] += average_precision(&scores, &set.labels).expect("both kinds");
    }
    sum.map(|sum| sum / seeds.len() as f64)
}

fn table(title: &str, measure: usize, sets: &[Set], lines: &[(String, Vec<Option<Measures>>)]) {
    let names: Vec<&str> = sets.iter().map(|set| set.name.as_str()).collect();
    println!(
        "\n| {title} | **mean** | {} |\n| --- | --- |{}",
        names.join(" | "),
        " --- |".repeat(names.len())
    );
    for (name, measures) in lines {
        let known: Vec<f64> = measures.iter().flatten().map(|measures| measures[measure]).collect();
        let mean = match known.len() == sets.len() {
            true => format!("{:.4}", known.iter().sum::<f64>() / known.len() as f64),
            false => "-".to_owned(),
        };
        let cell = |measures: &Option<Measures>| {
            measures.map_or_else(|| "-".to_owned(), |measures| format!("{:.3}", measures[measure]))
        };
        let cells: Vec<String> = measures.iter().map(cell).collect();
        println!("| {name} | {mean} | {} |", cells.join(" | "));
    }
}
