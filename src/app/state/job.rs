//! What is being done, in words and figures for people, from the analyzer's progress events.

use crate::app::format;
use serde::Deserialize;

/// What is being done right now.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What is read or analysed: the file's name.
    pub name: String,
    /// The step, for people.
    pub stage: String,
    /// Share done, where it is known.
    pub share: Option<f64>,
    /// Bytes, rows, speed and time left, as far as they are known.
    pub facts: Vec<String>,
    /// What it was judged to take beforehand, where it was.
    pub expected: Option<String>,
}

/// A progress event of the analyzer. Reading has bytes and rows; the stages of an analysis have units.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProgressEvent {
    /// The step, by the analyzer's name.
    pub stage: String,
    bytes: f64,
    rows: f64,
    total_bytes: Option<f64>,
    rows_per_second: Option<f64>,
    seconds_left: Option<f64>,
    /// Memory that the engine holds, where it was asked for.
    #[serde(skip)]
    pub memory_bytes: Option<f64>,
    done: f64,
    total: f64,
}

impl ProgressEvent {
    /// The job as it stands after this event.
    pub fn job(&self, before: &Job) -> Job {
        let name = before.name.clone();
        if self.stage == "ingest" {
            let read = match self.total_bytes {
                Some(total) => format!("{} of {}", format::bytes(self.bytes), format::bytes(total)),
                None => format::bytes(self.bytes),
            };
            let facts = [
                Some(read),
                Some(format!("{} rows", format::count(self.rows as u64))),
                self.rows_per_second.map(|speed| format!("{} rows per second", format::count(speed as u64))),
                self.memory_bytes.map(|bytes| format!("{} of memory", format::bytes(bytes))),
                self.seconds_left.map(|secs| format!("{} left", format::duration(secs))),
            ];
            return Job {
                name,
                stage: "Reading".to_owned(),
                share: self.total_bytes.filter(|&total| total > 0.0).map(|total| self.bytes / total),
                facts: facts.into_iter().flatten().collect(),
                expected: before.expected.clone(),
            };
        }
        if self.stage == "finish" {
            let memory = self.memory_bytes.map(|bytes| format!("{} of memory", format::bytes(bytes)));
            let (stage, share) = ("Looking for equal rows and counting values".to_owned(), self.share());
            return Job { name, stage, share, facts: memory.into_iter().collect(), expected: None };
        }
        let (stage, unit) = match self.stage.as_str() {
            "features" => ("Measuring behaviour", "rows"),
            "prepare" => ("Bringing features to one scale", "features"),
            "fit" => ("Learning what is normal", ""),
            "score" => ("Scoring", ""),
            "explain" => ("Finding reasons", ""),
            _ => ("Analysing", ""),
        };
        // Stages whose units are parts of several kinds of work have a share only.
        let facts = match self.total > 0.0 && !unit.is_empty() {
            true => vec![format!(
                "{} of {} {unit}",
                format::count(self.done as u64),
                format::count(self.total as u64)
            )],
            false => Vec::new(),
        };
        Job { name, stage: stage.to_owned(), share: self.share(), facts, expected: None }
    }

    /// Share of its units that is done.
    pub fn share(&self) -> Option<f64> {
        (self.total > 0.0).then(|| self.done / self.total)
    }
}
