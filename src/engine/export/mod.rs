//! Files made of an analysis: results, features and the balanced set as CSV, the whole as JSON, the detector for other
//! programs; and of what was learned from it: the model for other programs, and what it sees as CSV.
//!
//! CSV is written by the `csv` crate. Text that a spreadsheet would run as a formula gets a leading apostrophe
//! (OWASP, "CSV Injection"); numbers are written as they are. All text is quoted: where a spreadsheet separates by
//! semicolons, an unquoted `a;=f()` would end its field and begin a formula.

mod formula;
mod json;
mod model;

use super::analysis::Analysis;
use super::error::{Error, ErrorKind, Result};
use super::explain::Caution;
use super::features::FeatureMatrix;
use super::learn::{Answers, Learner, Model, Task};
use super::prepare::FittedPreparation;
use super::rng::Rng;
use super::table::Table;
use formula::neutral;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Files that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportKind {
    /// One record per matrix row: entity, score, flag, severity, points and the rules that hold where the plan has some,
    /// features, sentence for the explained rows. CSV.
    Results,
    /// System A.4: the log's records of all flagged subjects and of as many normal ones, drawn with the seed, with a
    /// `label` column. CSV.
    Balanced,
    /// The feature matrix. CSV.
    Features,
    /// The whole analysis with its plan. JSON.
    Json,
    /// The fitted Isolation Forest with its preparation in front. ONNX.
    DetectorOnnx,
    /// The learned model with its preparation in front. ONNX.
    Onnx,
    /// Learned boosted trees, without their preparation. XGBoost's JSON.
    XgboostJson,
    /// What the learned model sees: the matrix as its preparation makes it, and which rows were held out. CSV.
    Prepared,
}

/// A file to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFile {
    /// Suggested name.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Content.
    #[serde(skip_serializing, default)]
    pub bytes: Vec<u8>,
}

const CSV_MIME: &str = "text/csv;charset=utf-8";
const BINARY_MIME: &str = "application/octet-stream";
/// Severity by number, as written to files.
const SEVERITIES: [&str; 4] = ["none", "low", "medium", "high"];

/// What a file is made of.
pub struct Source<'a> {
    /// The log.
    pub table: &'a Table,
    /// Its analysis.
    pub analysis: &'a Analysis,
    /// What was learned from that: the model, its preparation, and by matrix row whether it was held out.
    pub learned: Option<(&'a Model, &'a FittedPreparation, &'a [u8])>,
}

/// Makes a file.
///
/// # Errors
/// `labels` for a balanced set without a flagged or without a normal subject; `not-ready` where nothing was learned that a
/// file is made of; `parameter` for a model that the kind of file cannot hold.
pub fn export(source: Source<'_>, kind: ExportKind) -> Result<ExportFile> {
    let Source { table, analysis, learned } = source;
    let learned = || learned.ok_or_else(|| Error::new(ErrorKind::NotReady { needed: "learn".to_owned() }));
    let (name, mime, bytes) = match kind {
        ExportKind::Results => ("isoscope-results.csv", CSV_MIME, results(analysis)),
        ExportKind::Balanced => ("isoscope-balanced.csv", CSV_MIME, balanced(table, analysis)?),
        ExportKind::Features => ("isoscope-features.csv", CSV_MIME, features(analysis)),
        ExportKind::Json => ("isoscope-analysis.json", "application/json", json::write(analysis)),
        ExportKind::DetectorOnnx => ("isoscope-detector.onnx", BINARY_MIME, model::detector(analysis)?),
        ExportKind::Onnx => ("isoscope-model.onnx", BINARY_MIME, model::onnx(learned()?)),
        ExportKind::XgboostJson => ("isoscope-xgboost.json", "application/json", model::xgboost(learned()?)?),
        ExportKind::Prepared => {
            ("isoscope-prepared.csv", CSV_MIME, model::prepared(&analysis.matrix, learned()?)?)
        }
    };
    Ok(ExportFile { name: name.to_owned(), mime: mime.to_owned(), bytes })
}

fn results(analysis: &Analysis) -> Vec<u8> {
    let matrix = &analysis.matrix;
    let mut file = CsvFile::new();
    let mut ours = vec!["entity", "subject", "score", "flag", "severity"];
    if analysis.verdicts.is_some() {
        ours.extend(["probability", "confidence", "percentile"]);
    }
    let answers = learned_answers(analysis);
    if answers.is_some() {
        ours.extend(["learned", "learned_probability"]);
    }
    if analysis.rules.is_some() {
        ours.extend(["points", "rules"]);
    }
    let known = analysis.known();
    if known.is_some() {
        ours.push("unseen");
    }
    ours.push("why");
    let features = beside(&ours, matrix.features.iter().map(|f| f.name.as_str()));
    let why = ours.pop().map(Cow::Borrowed);
    file.record(&mut ours.into_iter().map(Cow::Borrowed).chain(features).chain(why));

    let mut why: Vec<&str> = vec![""; matrix.n_rows()];
    for explanation in &analysis.top {
        why[explanation.row] = &explanation.sentence;
    }
    for (row, why) in why.into_iter().enumerate() {
        let caution = known.as_ref().map(|known| known.caution(matrix, row));
        let why = match &caution {
            Some(Caution { sentence: Some(sentence), .. }) if why.is_empty() => sentence.as_str(),
            _ => why,
        };
        let entity = matrix.entity(row);
        let severity = SEVERITIES[usize::from(analysis.severity[row])];
        let mut record = vec![
            neutral(&entity),
            neutral(&matrix.subjects[matrix.subject_of_row[row] as usize]),
            Cow::Owned(analysis.scores[row].to_string()),
            Cow::Owned(analysis.flags[row].to_string()),
            Cow::Borrowed(severity),
        ];
        if let Some(verdicts) = &analysis.verdicts {
            for values in [&verdicts.probability, &verdicts.confidence, &verdicts.percentile] {
                record.push(Cow::Owned(values[row].to_string()));
            }
        }
        if let Some((learner, Answers { predictions, probabilities })) = answers {
            let answer = predictions[row];
            record.extend(match (learner.task, learner.classes.get(answer as usize)) {
                (Task::Regression, _) | (_, None) => [Cow::Owned(answer.to_string()), Cow::Borrowed("")],
                (task, Some(class)) => {
                    let place = if task == Task::Binary {
                        row
                    } else {
                        row * learner.classes.len() + answer as usize
                    };
                    [neutral(class), Cow::Owned(probabilities[place].to_string())]
                }
            });
        }
        if let Some(rules) = &analysis.rules {
            let fired = rules.fired(matrix, row).join("; ");
            record.push(Cow::Owned(rules.points[row].to_string()));
            record.push(Cow::Owned(neutral(&fired).into_owned()));
        }
        if let Some(caution) = &caution {
            record.push(Cow::Owned(neutral(&caution.unseen.join("; ")).into_owned()));
        }
        record.extend(cells(matrix, row));
        record.push(neutral(why));
        file.record(&mut record.into_iter());
    }
    file.bytes()
}

/// What the supervised model says that was saved with the one these rows were scored by.
fn learned_answers(analysis: &Analysis) -> Option<(&Learner, &Answers)> {
    Some((analysis.origin.as_ref()?.learner()?, analysis.answers.as_ref()?))
}

fn features(analysis: &Analysis) -> Vec<u8> {
    let matrix = &analysis.matrix;
    let mut file = CsvFile::new();
    let names = beside(&["entity"], matrix.features.iter().map(|f| f.name.as_str()));
    file.record(&mut [Cow::Borrowed("entity")].into_iter().chain(names));
    for row in 0..matrix.n_rows() {
        let entity = matrix.entity(row);
        file.record(&mut [neutral(&entity)].into_iter().chain(cells(matrix, row)));
    }
    file.bytes()
}

/// The values of a matrix row: numbers as they are, categories as text, nothing where one is missing.
fn cells(matrix: &FeatureMatrix, row: usize) -> impl Iterator<Item = Cow<'_, str>> {
    let values = matrix.features.iter().zip(matrix.values.row(row));
    values.map(|(feature, &value)| match feature.labels.get(value as usize) {
        _ if value.is_nan() => Cow::Borrowed(""),
        Some(label) => neutral(label),
        None => Cow::Owned(value.to_string()),
    })
}

fn balanced(table: &Table, analysis: &Analysis) -> Result<Vec<u8>> {
    let ranking = &analysis.ranking;
    let (flagged, normal) = ranking.lanes.split_at(ranking.n_flagged);
    if flagged.is_empty() || normal.is_empty() {
        return Err(Error::new(ErrorKind::Labels {
            message: format!(
                "a balanced set needs flagged and normal users; there are {} flagged and {} normal; move the threshold",
                flagged.len(),
                normal.len()
            ),
        }));
    }
    // Lanes are in order of rank; drawing from subjects in order of appearance keeps the draw the same however ties
    // rank.
    let mut normal = normal.to_vec();
    normal.sort_unstable();
    let drawn = Rng::new(analysis.plan.seed).sample_indices(normal.len(), flagged.len());
    // 1 normal, 2 abnormal, 0 not in the set.
    let mut part = vec![0u8; table.n_rows()];
    let mut add = |subject: u32, of: u8| {
        for &row in analysis.rows_of_subject.rows(subject as usize) {
            analysis.matrix.table_rows.rows(row as usize).iter().for_each(|&r| part[r as usize] = of);
        }
    };
    drawn.iter().for_each(|&at| add(normal[at], 1));
    flagged.iter().for_each(|&subject| add(subject, 2));

    let mut file = CsvFile::new();
    let columns = table.columns();
    let names = beside(&["label"], columns.iter().map(|c| c.name()));
    file.record(&mut names.into_iter().chain([Cow::Borrowed("label")]));
    for (row, &of) in part.iter().enumerate().filter(|&(_, &of)| of > 0) {
        let cells = columns.iter().map(|column| {
            let text = column.text(row);
            if column.number(row).is_some() { text } else { Cow::Owned(neutral(&text).into_owned()) }
        });
        file.record(&mut cells.chain([Cow::Borrowed(if of == 2 { "1" } else { "0" })]));
    }
    Ok(file.bytes())
}

/// Names of the log's columns beside ours: one that is ours already gets the first number that makes it new, so that a
/// reader of the file tells columns by their names.
fn beside<'a>(ours: &[&str], names: impl Iterator<Item = &'a str>) -> Vec<Cow<'a, str>> {
    let names: Vec<&str> = names.collect();
    let is_taken = |name: &str| ours.contains(&name) || names.contains(&name);
    let distinct = |name: &str| (2..).map(|n| format!("{name}_{n}")).find(|name| !is_taken(name));
    let in_file = |&name: &&'a str| match ours.contains(&name) {
        true => distinct(name).map_or(Cow::Borrowed(name), Cow::Owned),
        false => neutral(name),
    };
    names.iter().map(in_file).collect()
}

/// A CSV in memory.
struct CsvFile(csv::Writer<Vec<u8>>);

impl CsvFile {
    fn new() -> Self {
        CsvFile(csv::WriterBuilder::new().quote_style(csv::QuoteStyle::NonNumeric).from_writer(Vec::new()))
    }

    /// Not generic, or each kind of iterator would compile another copy of the writer.
    fn record(&mut self, fields: &mut dyn Iterator<Item = Cow<'_, str>>) {
        let fields = fields.map(|field| field.into_owned().into_bytes());
        self.0
            .write_record(fields)
            .expect("writing to memory does not fail, and all records have equal length");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("flushing to memory does not fail")
    }
}
