//! The one error of the engine: what, where, expected and found, and what to do next.
//!
//! Bad cells and ragged records are not errors but [`crate::engine::finding::Finding`]s. Errors are what stops a
//! call: a source that holds no log, a plan that does not fit the table, a limit, a cancel.

mod message;

use super::words;
use std::fmt;

/// A place in the source. Records and lines count from 1 within their file, with the header as record 0; `byte` counts
/// from 0, in the file as it is after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Data record, the header being record 0.
    pub record: u64,
    /// Line of the file, from 1, at which the record starts.
    pub line: u64,
    /// Byte offset from the start of the file at which the record starts.
    pub byte: u64,
    /// Which file of the source, from 0; left out of JSON for the first.
    #[serde(default, skip_serializing_if = "is_first")]
    pub file: u32,
}

fn is_first(file: &u32) -> bool {
    *file == 0
}

/// An engine error: a boxed kind, so that `Result` stays one word.
#[derive(Debug, Clone, PartialEq)]
pub struct Error(Box<ErrorKind>);

/// Shorthand for a result with the engine's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. Every kind has a stable [`Error::code`] that embedders may match on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source had no bytes at all.
    EmptySource,
    /// The source is not text: `what` names the format if its first bytes tell (`"a PNG picture"`).
    NotText {
        /// What the source seems to be.
        what: String,
    },
    /// A header but no record, or only blank lines.
    NoRecords {
        /// Columns that the header named.
        n_columns: usize,
    },
    /// One record is longer than the limit; a file without line ends looks like this.
    RecordTooLong {
        /// Where the record starts.
        position: Position,
        /// The limit, bytes.
        limit_bytes: usize,
    },
    /// More columns than the limit.
    TooManyColumns {
        /// Fields in the header record.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A file has other columns than the files before it.
    MixedSchemas {
        /// The file's name.
        file: String,
        /// The file whose columns are the table's.
        first_file: String,
        /// Columns that the file lacks.
        missing: Vec<String>,
        /// Columns that only this file has.
        extra: Vec<String>,
    },
    /// The source is not in the format that it was read as, or seems to be in and is not.
    WrongFormat {
        /// The format, as people name it.
        format: String,
        /// What such a source looks like.
        expected: String,
        /// What was there.
        found: String,
        /// What to do.
        remedy: &'static str,
    },
    /// An error about one file of several.
    InFile {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        error: Error,
    },
    /// Options of a call are not usable.
    Options {
        /// Name of the option.
        name: String,
        /// What is allowed.
        expected: String,
        /// What was given.
        found: String,
    },
    /// The plan names a column that the table does not have.
    NoSuchColumn {
        /// The name asked for.
        name: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// The recipe needs a role that no column has.
    MissingRole {
        /// The role's name.
        role: String,
        /// The recipe's name.
        recipe: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A column has the wrong type for its role.
    WrongType {
        /// Column name.
        column: String,
        /// What the role needs.
        expected: String,
        /// What the column holds.
        found: String,
    },
    /// A parameter is outside its range.
    Parameter {
        /// Parameter name as in the plan.
        name: String,
        /// The range allowed.
        expected: String,
        /// The value given.
        found: String,
    },
    /// A formula that cannot be read, or does not fit the table.
    Formula {
        /// Name of the feature, empty where the formula has none.
        name: String,
        /// The formula.
        formula: String,
        /// Characters, from the first up to, not with, the second.
        at: (usize, usize),
        /// What belongs there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// Too little data for the step.
    TooFewRows {
        /// The step that cannot be done.
        step: String,
        /// What is counted: rows, users, days.
        unit: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there are.
        found: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// Labels that cannot be learned from or evaluated against.
    Labels {
        /// What is wrong with them and what to do.
        message: String,
    },
    /// A call that needs an earlier one: `needed` names it.
    NotReady {
        /// The call to make first.
        needed: String,
    },
    /// An index past the end.
    NoSuchRow {
        /// What is counted: `"row"`, `"table row"`, `"subject"` or `"feature"`.
        what: &'static str,
        /// The index asked for.
        row: usize,
        /// How many there are.
        n_rows: usize,
    },
    /// Bytes that are no saved model.
    NotAModel {
        /// What they seem to be.
        found: String,
    },
    /// A saved model whose end is missing.
    ModelCut {
        /// Bytes that it says it has; `None` where not even that is there.
        expected: Option<u64>,
        /// Bytes that there are.
        found: u64,
    },
    /// A saved model of a later version of the format.
    ModelTooNew {
        /// Its version of the format.
        version: u32,
        /// The latest that can be read.
        newest: u32,
    },
    /// A saved model whose bytes are not those that were written, or that no program of ours can have written.
    ModelDamaged {
        /// What is wrong with it.
        what: String,
    },
    /// A source that lacks columns a model needs, or has them of another type.
    OtherColumns {
        /// Columns that are not there, with the type that each is to have.
        missing: Vec<(String, &'static str)>,
        /// Columns of whose values none is of their type, with that type.
        unlike: Vec<(String, &'static str)>,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// The caller cancelled.
    Cancelled,
}

impl Error {
    /// Wraps a kind.
    pub fn new(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }

    /// The kind, for matching.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The stable code, kebab-case, as in `AnalyzerError.code`.
    pub fn code(&self) -> &'static str {
        match self.kind() {
            ErrorKind::EmptySource => "empty-source",
            ErrorKind::NotText { .. } => "not-text",
            ErrorKind::NoRecords { .. } => "no-records",
            ErrorKind::RecordTooLong { .. } => "record-too-long",
            ErrorKind::TooManyColumns { .. } => "too-many-columns",
            ErrorKind::MixedSchemas { .. } => "mixed-schemas",
            ErrorKind::WrongFormat { .. } => "wrong-format",
            ErrorKind::InFile { error, .. } => error.code(),
            ErrorKind::Options { .. } => "options",
            ErrorKind::NoSuchColumn { .. } => "no-such-column",
            ErrorKind::MissingRole { .. } => "missing-role",
            ErrorKind::WrongType { .. } => "wrong-type",
            ErrorKind::Parameter { .. } => "parameter",
            ErrorKind::Formula { .. } => "formula",
            ErrorKind::TooFewRows { .. } => "too-few-rows",
            ErrorKind::Labels { .. } => "labels",
            ErrorKind::NotReady { .. } => "not-ready",
            ErrorKind::NoSuchRow { .. } => "no-such-row",
            ErrorKind::NotAModel { .. } => "not-a-model",
            ErrorKind::ModelCut { .. } => "model-cut",
            ErrorKind::ModelTooNew { .. } => "model-too-new",
            ErrorKind::ModelDamaged { .. } => "model-damaged",
            ErrorKind::OtherColumns { .. } => "other-columns",
            ErrorKind::Cancelled => "cancelled",
        }
    }

    /// Every code that [`Error::code`] can return, for the test that compares them with the JavaScript side.
    pub const CODES: &'static [&'static str] = &[
        "empty-source",
        "not-text",
        "no-records",
        "record-too-long",
        "too-many-columns",
        "mixed-schemas",
        "wrong-format",
        "options",
        "no-such-column",
        "missing-role",
        "wrong-type",
        "parameter",
        "formula",
        "too-few-rows",
        "labels",
        "not-ready",
        "no-such-row",
        "not-a-model",
        "model-cut",
        "model-too-new",
        "model-damaged",
        "other-columns",
        "cancelled",
    ];

    /// Where in the source, for errors that have a place there.
    pub fn position(&self) -> Option<Position> {
        match self.kind() {
            ErrorKind::RecordTooLong { position, .. } => Some(*position),
            ErrorKind::InFile { error, .. } => error.position(),
            _ => None,
        }
    }

    /// The same with the file that it is about, if it does not name that itself.
    pub fn in_file(self, file: &str) -> Self {
        match self.kind() {
            ErrorKind::MixedSchemas { .. } | ErrorKind::InFile { .. } => self,
            _ => Error::new(ErrorKind::InFile { file: file.to_owned(), error: self }),
        }
    }

    /// The same about the formula of a named feature.
    pub fn in_feature(mut self, feature: &str) -> Self {
        if let ErrorKind::Formula { name, .. } = &mut *self.0 {
            feature.clone_into(name);
        }
        self
    }

    /// A parameter outside its range.
    pub fn parameter(name: &str, expected: &str, found: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Parameter {
            name: name.to_owned(),
            expected: expected.to_owned(),
            found: found.to_string(),
        })
    }
}

/// Refuses a whole number outside a range.
///
/// # Errors
/// `parameter`, with the range.
pub fn check_whole<T>(name: &str, found: T, range: std::ops::RangeInclusive<T>) -> Result<()>
where
    T: PartialOrd + fmt::Display,
{
    if range.contains(&found) {
        return Ok(());
    }
    let limit = |limit: &T| words::separated(&limit.to_string());
    let expected = format!("a whole number from {} to {}", limit(range.start()), limit(range.end()));
    Err(Error::parameter(name, &expected, found))
}

impl std::error::Error for Error {}
