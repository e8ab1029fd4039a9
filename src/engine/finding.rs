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
    /// Local times that the clocks of the zone skipped; shifted forward.
    NonexistentTime,
    /// Local times that the clocks of the zone showed twice; taken as the earlier.
    AmbiguousTime,
    /// A column whose values could be meant as another type; `message` says as what they were taken.
    AmbiguousType,
    /// Numbers too large to be exact; identifiers among them may have been made equal by a spreadsheet.
    RoundedNumbers,
    /// A value that is none of its column's type (a duration, an address, a yes or no); taken as missing.
    BadValue,
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
    /// A key that stands twice in a JSON object; its last value was kept.
    DuplicateKey,
    /// An escape in a JSON string that stands for no character; replaced by U+FFFD.
    BadEscape,
    /// A JSON array that the file ends in; the records up to there are kept.
    UnclosedArray,
    /// A file among several that has no record.
    EmptyFile,
    /// A file without a header among files that have one; read with the first file's columns.
    HeaderlessFile,
    /// Records left out because the caller limited the rows.
    RowLimit,
    /// Records left out because the caller asked for a sample.
    Sampled,
    /// Rows that are equal, in all columns, to a row above them; kept.
    DuplicateRows,
    /// Rows are entities that were aggregated while reading; the records themselves were not kept.
    Aggregated,
    /// Records that the recipe could not use (no entity or no time).
    UnusableRecords,
    /// A feature that is the same for every row; it cannot tell rows apart.
    ConstantFeature,
    /// A feature without any value; the model does not see it.
    EmptyFeature,
    /// A feature that is, in every row, what another is; the model sees only that one.
    DuplicateFeature,
    /// A column that the recipe makes no feature of; `message` says why.
    LeftOutColumn,
    /// Missing values of a feature, filled for the model.
    ImputedValues,
    /// Missing values that a treatment of the plan filled.
    FilledValues,
    /// Columns of a day, or the parts of one, and of a time of day, of which a column of times was made; or was not, where
    /// another has its name.
    JoinedColumns,
    /// A line that gives the records below it other names than those above have, in a log that names its values itself;
    /// they were read by these.
    OtherNames,
    /// Values of a category that no row had which a model was fitted to: to it they are none of those it knows.
    UnseenValues,
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
            FindingKind::NonexistentTime => "nonexistent-time",
            FindingKind::AmbiguousTime => "ambiguous-time",
            FindingKind::AmbiguousType => "ambiguous-type",
            FindingKind::RoundedNumbers => "rounded-numbers",
            FindingKind::BadValue => "bad-value",
            FindingKind::MixedTimeFormats => "mixed-time-formats",
            FindingKind::NoYear => "no-year",
            FindingKind::MixedTypes => "mixed-types",
            FindingKind::Decoded => "decoded",
            FindingKind::SkippedLines => "skipped-lines",
            FindingKind::BadRecord => "bad-record",
            FindingKind::DuplicateKey => "duplicate-key",
            FindingKind::BadEscape => "bad-escape",
            FindingKind::UnclosedArray => "unclosed-array",
            FindingKind::EmptyFile => "empty-file",
            FindingKind::HeaderlessFile => "headerless-file",
            FindingKind::RowLimit => "row-limit",
            FindingKind::Sampled => "sampled",
            FindingKind::DuplicateRows => "duplicate-rows",
            FindingKind::Aggregated => "aggregated",
            FindingKind::UnusableRecords => "unusable-records",
            FindingKind::ConstantFeature => "constant-feature",
            FindingKind::EmptyFeature => "empty-feature",
            FindingKind::DuplicateFeature => "duplicate-feature",
            FindingKind::LeftOutColumn => "left-out-column",
            FindingKind::ImputedValues => "imputed-values",
            FindingKind::FilledValues => "filled-values",
            FindingKind::JoinedColumns => "joined-columns",
            FindingKind::OtherNames => "other-names",
            FindingKind::UnseenValues => "unseen-values",
        }
    }

    /// What is done about findings of this kind.
    pub fn action(self) -> Action {
        use FindingKind::*;
        match self {
            UnclosedQuote | TextAfterQuote | NulBytes | MixedTypes | DuplicateRows => Action::Kept,
            ShortRecord | LongRecord | ReplacedBytes | DuplicateHeader | EmptyHeader | BadNumber
            | BadTime | BadValue | NonexistentTime | DuplicateKey | BadEscape | ImputedValues
            | FilledValues => Action::Repaired,
            SkippedLines | BadRecord | RowLimit | Sampled | UnusableRecords => Action::SetAside,
            AmbiguousDates | AmbiguousTime | AmbiguousType | RoundedNumbers | MixedTimeFormats | NoYear
            | Decoded | EmptyFile | HeaderlessFile | UnclosedArray | Aggregated | ConstantFeature
            | EmptyFeature | DuplicateFeature | LeftOutColumn | JoinedColumns | OtherNames | UnseenValues => {
                Action::Noted
            }
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

    /// The place of a record with these raw bytes of UTF-8, or of what should be.
    pub fn new(position: Position, record: &[u8]) -> Self {
        // No character has more than four bytes, so one that is cut here lies behind the last one kept.
        let text = String::from_utf8_lossy(&record[..record.len().min(Place::MAX_CHARS * 4)]);
        Place { position, text: text.chars().take(Place::MAX_CHARS).collect() }
    }
}

/// How many records something was met in, and the first of them.
///
/// Records are added in file order, or in order within parts of the file: the first ones of all are kept either way.
#[derive(Debug, Clone, Default)]
pub struct Places {
    n: u64,
    first: Vec<Place>,
}

impl Places {
    /// Counts one. `record` gives the raw record, and is only asked for the first ones.
    #[inline]
    pub fn add<'a>(&mut self, at: Position, record: impl FnOnce() -> &'a [u8]) {
        self.n += 1;
        self.keep(at, record);
    }

    /// Counts one that stands behind all those counted before. Neither place nor record is asked for once the first ones
    /// are kept.
    #[inline]
    pub fn add_next<'a>(&mut self, at: impl FnOnce() -> Position, record: impl FnOnce() -> &'a [u8]) {
        self.n += 1;
        if self.first.len() < Finding::MAX_PLACES {
            self.keep(at(), record);
        }
    }

    fn keep<'a>(&mut self, at: Position, record: impl FnOnce() -> &'a [u8]) {
        // Where the byte is not known, the record is.
        let key = |at: Position| (at.file, at.byte, at.record);
        let is_before = |place: &Place| key(place.position) < key(at);
        let index = self.first.partition_point(is_before);
        let is_there = self.first.get(index).is_some_and(|place| place.position == at);
        if index < Finding::MAX_PLACES && !is_there {
            self.first.truncate(Finding::MAX_PLACES - 1);
            self.first.insert(index, Place::new(at, record()));
        }
    }

    /// How many were counted.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The first places.
    pub fn first(&self) -> &[Place] {
        &self.first
    }

    /// What was counted elsewhere: how many, and the first places in file order.
    pub fn of(n: u64, first: Vec<Place>) -> Self {
        Places { n, first }
    }

    /// The same with each position told otherwise.
    pub fn told_from(mut self, here: impl Fn(Position) -> Position) -> Self {
        self.first.iter_mut().for_each(|place| place.position = here(place.position));
        self
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: Places) {
        self.n += other.n;
        for place in other.first {
            self.keep(place.position, || &[]);
            if let Some(kept) = self.first.iter_mut().find(|kept| kept.position == place.position) {
                *kept = place;
            }
        }
    }
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

/// Collects findings by kind and subject (a column name, or empty), keeping the first places of each.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    list: Vec<Collected>,
}

#[derive(Debug, Clone)]
struct Collected {
    kind: FindingKind,
    subject: String,
    count: u64,
    first: Position,
    places: Places,
    message: String,
}

impl Findings {
    /// Counts one occurrence that is not about one record. `message` is only built the first time a kind is seen for a
    /// subject.
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
        self.entry(kind, subject, count, at, message);
    }

    /// Counts occurrences in one record, which stands at `at` and whose raw bytes `record` gives.
    pub fn report_record<'a>(
        &mut self,
        kind: FindingKind,
        count: u64,
        at: Position,
        record: impl FnOnce() -> &'a [u8],
        message: impl FnOnce() -> String,
    ) {
        self.entry(kind, "", count, at, message).places.keep(at, record);
    }

    /// Counts occurrences in the records of `places`; does nothing where there are none.
    pub fn report_places(
        &mut self,
        kind: FindingKind,
        subject: &str,
        count: u64,
        places: Places,
        message: impl FnOnce() -> String,
    ) {
        if let Some(first) = places.first.first() {
            self.entry(kind, subject, count, first.position, message).places.merge(places);
        }
    }

    fn entry(
        &mut self,
        kind: FindingKind,
        subject: &str,
        count: u64,
        at: Position,
        message: impl FnOnce() -> String,
    ) -> &mut Collected {
        let index = match self.list.iter().position(|f| f.kind == kind && f.subject == subject) {
            Some(index) => {
                let found = &mut self.list[index];
                found.count += count;
                if (at.file, at.byte) < (found.first.file, found.first.byte) {
                    found.first = at;
                }
                index
            }
            None => {
                let subject = subject.to_owned();
                let places = Places::default();
                self.list.push(Collected { kind, subject, count, first: at, places, message: message() });
                self.list.len() - 1
            }
        };
        &mut self.list[index]
    }

    /// Adds a finding of a part of the source, whose positions are told from here by `here`.
    pub fn absorb(&mut self, finding: Finding, here: impl Fn(Position) -> Position) {
        let Finding { kind, count, first, message, column, places, action: _ } = finding;
        let subject = column.as_deref().unwrap_or_default();
        let places = Places { n: 0, first: places }.told_from(&here);
        self.entry(kind, subject, count, here(first), || message).places.merge(places);
    }

    /// All findings in order of first report.
    pub fn into_vec(self) -> Vec<Finding> {
        let finding = |found: Collected| Finding {
            kind: found.kind,
            count: found.count,
            first: found.first,
            message: found.message,
            action: found.kind.action(),
            column: (!found.subject.is_empty()).then_some(found.subject),
            places: found.places.first,
        };
        self.list.into_iter().map(finding).collect()
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
