//! Findings: what was odd in the data, counted by kind, with the first position. Data, not errors.

use super::error::Position;
use serde::{Deserialize, Serialize};

/// Kinds of finding. The code is the kebab-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A record with fewer fields than the header; the missing ones are taken as missing values.
    ShortRecord,
    /// A record with more fields than the header; the extra ones are dropped.
    LongRecord,
    /// An opening quote that never closes; taken as text, so that the records behind it are kept.
    UnclosedQuote,
    /// Text after a closing quote; kept as part of the field.
    TextAfterQuote,
    /// Bytes that are not UTF-8 were replaced by U+FFFD.
    ReplacedBytes,
    /// NUL bytes in the text; kept in the value.
    NulBytes,
    /// A header name that stands twice; later ones got a number.
    DuplicateHeader,
    /// An empty header name; it was given one.
    EmptyHeader,
    /// A value in a numeric column that is no finite number; taken as missing.
    BadNumber,
    /// A value in a time column that no format reads; taken as missing.
    BadTime,
    /// Times whose day and month order the column does not decide; `message` says what was assumed.
    AmbiguousDates,
    /// Times written in more than one format within one column.
    MixedTimeFormats,
    /// Times without a year; `message` says which was assumed.
    NoYear,
    /// A column that looked typed at first and holds too many other values; taken as categories.
    MixedTypes,
    /// The source was decoded from another encoding than UTF-8.
    Decoded,
    /// Lines above the header, such as a title, that have none of its columns; left out.
    SkippedLines,
    /// A record that its format cannot read, such as a line that is no JSON object; left out.
    BadRecord,
    /// A file among several that has no record.
    EmptyFile,
    /// A file without a header among files that have one; read with the first file's columns.
    HeaderlessFile,
    /// Records left out because the caller limited the rows.
    RowLimit,
    /// Records that the recipe could not use (no entity or no time).
    UnusableRecords,
    /// A feature that is the same for every row; it cannot tell rows apart.
    ConstantFeature,
    /// Missing values of a ready feature column, taken as the column's median.
    ImputedValues,
}

impl FindingKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            FindingKind::ShortRecord => "short-record",
            FindingKind::LongRecord => "long-record",
            FindingKind::UnclosedQuote => "unclosed-quote",
            FindingKind::TextAfterQuote => "text-after-quote",
            FindingKind::ReplacedBytes => "replaced-bytes",
            FindingKind::NulBytes => "nul-bytes",
            FindingKind::DuplicateHeader => "duplicate-header",
            FindingKind::EmptyHeader => "empty-header",
            FindingKind::BadNumber => "bad-number",
            FindingKind::BadTime => "bad-time",
            FindingKind::AmbiguousDates => "ambiguous-dates",
            FindingKind::MixedTimeFormats => "mixed-time-formats",
            FindingKind::NoYear => "no-year",
            FindingKind::MixedTypes => "mixed-types",
            FindingKind::Decoded => "decoded",
            FindingKind::SkippedLines => "skipped-lines",
            FindingKind::BadRecord => "bad-record",
            FindingKind::EmptyFile => "empty-file",
            FindingKind::HeaderlessFile => "headerless-file",
            FindingKind::RowLimit => "row-limit",
            FindingKind::UnusableRecords => "unusable-records",
            FindingKind::ConstantFeature => "constant-feature",
            FindingKind::ImputedValues => "imputed-values",
        }
    }

    /// What is done about findings of this kind.
    pub fn action(self) -> Action {
        use FindingKind::*;
        match self {
            UnclosedQuote | TextAfterQuote | NulBytes | MixedTypes => Action::Kept,
            ShortRecord | LongRecord | ReplacedBytes | DuplicateHeader | EmptyHeader | BadNumber
            | BadTime | ImputedValues => Action::Repaired,
            SkippedLines | BadRecord | RowLimit | UnusableRecords => Action::SetAside,
            AmbiguousDates | MixedTimeFormats | NoYear | Decoded | EmptyFile | HeaderlessFile
            | ConstantFeature => Action::Noted,
        }
    }
}

/// What was done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The records and values are in the table as they stand in the source.
    Kept,
    /// The records are in the table, with a value changed or taken as missing.
    Repaired,
    /// The records are not in the table.
    SetAside,
    /// Nothing was wrong with the records; something was assumed or is worth knowing.
    Noted,
}

/// Where a finding was met, with the record's text as it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where the record starts.
    #[serde(flatten)]
    pub position: Position,
    /// The raw record, decoded, cut at [`Place::MAX_CHARS`]; empty where the finding is not about one record.
    pub text: String,
}

impl Place {
    /// Characters kept of a record.
    pub const MAX_CHARS: usize = 400;
}

/// One kind of oddity: how often, where first, and a sentence that says what was done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The kind; serialised as its kebab-case code.
    #[serde(rename = "code")]
    pub kind: FindingKind,
    /// How often.
    pub count: u64,
    /// Where first.
    pub first: Position,
    /// What it is and what was done, for a person.
    pub message: String,
    /// What was done, in a word.
    pub action: Action,
    /// The column it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The first places, at most [`Finding::MAX_PLACES`], in file order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

impl Finding {
    /// Places kept per finding.
    pub const MAX_PLACES: usize = 10;
}

/// Collects findings by kind and subject (a column name, or empty), keeping the first position of each.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    list: Vec<(String, Finding)>,
}

impl Findings {
    /// Counts one occurrence. `message` is only built the first time a kind is seen for a subject.
    pub fn report(
        &mut self,
        kind: FindingKind,
        subject: &str,
        at: Position,
        message: impl FnOnce() -> String,
    ) {
        self.report_many(kind, subject, 1, at, message);
    }

    /// Counts several occurrences at once; `at` is the first of them.
    pub fn report_many(
        &mut self,
        kind: FindingKind,
        subject: &str,
        count: u64,
        at: Position,
        message: impl FnOnce() -> String,
    ) {
        match self.list.iter_mut().find(|(s, f)| f.kind == kind && s == subject) {
            Some((_, finding)) => {
                finding.count += count;
                if (at.file, at.byte) < (finding.first.file, finding.first.byte) {
                    finding.first = at;
                }
            }
            None => {
                let finding = Finding {
                    kind,
                    count,
                    first: at,
                    message: message(),
                    action: kind.action(),
                    column: (!subject.is_empty()).then(|| subject.to_owned()),
                    places: Vec::new(),
                };
                self.list.push((subject.to_owned(), finding));
            }
        }
    }

    /// All findings in order of first report.
    pub fn into_vec(self) -> Vec<Finding> {
        self.list.into_iter().map(|(_, finding)| finding).collect()
    }

    /// How many kinds and subjects were reported.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
