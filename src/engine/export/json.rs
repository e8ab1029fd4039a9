//! The whole analysis as JSON.

use super::SEVERITIES;
use crate::engine::analysis::Analysis;
use crate::engine::evaluate::Evaluation;
use crate::engine::explain::Explanation;
use crate::engine::features::Feature;
use crate::engine::finding::Finding;
use crate::engine::plan::Plan;
use crate::engine::ranking::Ranked;
use crate::engine::rules::RuleResult;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{Result, Write};

/// The document, in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    product: &'static str,
    version: &'static str,
    plan: &'a Plan,
    threshold: f64,
    features: &'a [Feature],
    rows: Vec<Row<'a>>,
    ranking: &'a [Ranked],
    flagged_subjects: usize,
    top: &'a [Explanation],
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<&'a [RuleResult]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<&'a Evaluation>,
    findings: &'a [Finding],
}

/// One matrix row.
#[derive(Serialize)]
struct Row<'a> {
    entity: String,
    score: f64,
    flag: u8,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<f64>,
    /// By feature: numbers, of categories places among the feature's labels, `null` where missing.
    values: &'a [f64],
}

/// The analysis with its plan, UTF-8.
pub(super) fn write(analysis: &Analysis) -> Vec<u8> {
    let matrix = &analysis.matrix;
    let n_features = matrix.features.len();
    let values = matrix.values.as_slice().expect("a matrix is built row by row");
    let row = |row: usize| Row {
        entity: matrix.entity(row),
        score: analysis.scores[row],
        flag: analysis.flags[row],
        severity: SEVERITIES[usize::from(analysis.severity[row])],
        points: analysis.rules.as_ref().map(|rules| rules.points[row]),
        values: &values[row * n_features..(row + 1) * n_features],
    };
    let document = Document {
        product: "isoscope",
        version: env!("CARGO_PKG_VERSION"),
        plan: &analysis.plan,
        threshold: analysis.threshold,
        features: &matrix.features,
        rows: (0..matrix.n_rows()).map(row).collect(),
        ranking: &analysis.ranking.flagged,
        flagged_subjects: analysis.ranking.n_flagged,
        top: &analysis.top,
        rules: analysis.rules.as_ref().map(|rules| &rules.rules[..]),
        metrics: analysis.metrics.as_ref(),
        findings: &analysis.findings,
    };
    let mut bytes = Vec::new();
    document
        .serialize(&mut Serializer::with_formatter(&mut bytes, Lines { depth: 0 }))
        .expect("writing to memory does not fail, and all keys are text");
    bytes
}

/// One member a line down to the second level, where a row or a reason is one line. Numbers are written as everywhere
/// in the engine, which spares it a second copy of float formatting.
struct Lines {
    depth: usize,
}

impl Lines {
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth += 1;
        writer.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth -= 1;
        if self.depth < 2 {
            writer.write_all(b"\n")?;
        }
        writer.write_all(bracket)
    }

    fn item<W: ?Sized + Write>(&self, writer: &mut W, first: bool) -> Result<()> {
        let comma: &[u8] = if first { b"" } else { b"," };
        writer.write_all(comma)?;
        if self.depth <= 2 { writer.write_all(b"\n") } else { Ok(()) }
    }
}

impl Formatter for Lines {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> Result<()> {
        writer.write_all(crate::engine::table::float_text(value).as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.item(writer, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.end(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.item(writer, first)
    }
}
