//! Words that logs use for outcomes and labels, and columns read by them.

use crate::engine::table::{Column, ColumnData};

/// Outcomes that are failures.
const FAILURE_WORDS: &[&str] = &[
    "fail",
    "failed",
    "failure",
    "unsuccessful",
    "error",
    "err",
    "denied",
    "deny",
    "rejected",
    "reject",
    "refused",
    "blocked",
    "invalid",
    "unauthorized",
    "forbidden",
    "false",
    "no",
    "n",
    "f",
    "0",
    "ko",
    "nok",
];

/// Outcomes that are successes.
const SUCCESS_WORDS: &[&str] = &[
    "success",
    "successful",
    "succeeded",
    "succeed",
    "ok",
    "okay",
    "pass",
    "passed",
    "allowed",
    "allow",
    "accepted",
    "accept",
    "granted",
    "permitted",
    "valid",
    "authorized",
    "true",
    "yes",
    "y",
    "t",
    "1",
];

/// Labels that say abnormal.
const ABNORMAL_WORDS: &[&str] = &[
    "anomaly",
    "anomalous",
    "abnormal",
    "attack",
    "attacker",
    "malicious",
    "malware",
    "fraud",
    "fraudulent",
    "outlier",
    "intrusion",
    "intruder",
    "suspicious",
    "insider",
    "threat",
    "compromised",
    "bad",
    "positive",
    "true",
    "yes",
    "y",
    "t",
    "1",
];

/// Labels that say normal.
const NORMAL_WORDS: &[&str] = &[
    "normal",
    "benign",
    "legitimate",
    "legit",
    "genuine",
    "clean",
    "inlier",
    "good",
    "safe",
    "none",
    "negative",
    "false",
    "no",
    "n",
    "f",
    "0",
];

/// Words in the name of an outcome column that turn its truth round: `failed = true` is a failure.
const FAILURE_NAMES: &[&str] = &["fail", "failed", "failure", "error", "denied", "blocked", "rejected"];

fn either(word: &str, yes: &[&str], no: &[&str]) -> Option<bool> {
    let word = word.trim();
    let is_in = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    match (is_in(yes), is_in(no)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Whether the name of an outcome column says that what is true there has failed.
fn says_failure(name: &str) -> bool {
    super::guess::names::words_of(name).iter().any(|word| FAILURE_NAMES.contains(&word.as_str()))
}

/// Whether a word says failed. In a column named for failure, "true" and "yes" do; "failed" itself does not turn round.
fn failed_word(word: &str, says_failure: bool) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" if says_failure => Some(true),
        "false" | "no" | "n" | "f" | "0" if says_failure => Some(false),
        word => either(word, FAILURE_WORDS, SUCCESS_WORDS),
    }
}

/// Reads the words of a column one by one as success and failure, as [`OutcomeReader`] reads the whole column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeWords {
    /// HTTP status codes.
    HttpStatus,
    /// Words, and the numbers 0 and 1.
    Words {
        /// Whether the column's name turns their truth round.
        says_failure: bool,
    },
}

impl OutcomeWords {
    /// The reader of a column of that name, some of whose rows `reader` reads.
    pub fn of(reader: &OutcomeReader, name: &str) -> Self {
        match reader {
            OutcomeReader::HttpStatus => OutcomeWords::HttpStatus,
            _ => OutcomeWords::Words { says_failure: says_failure(name) },
        }
    }

    /// Whether a word says failed; `None` where it says neither.
    pub fn failed(self, word: &str) -> Option<bool> {
        match self {
            OutcomeWords::HttpStatus => {
                let status = word.trim().parse::<u32>().ok()?;
                (100..=599).contains(&status).then_some(status >= 400)
            }
            OutcomeWords::Words { says_failure } => failed_word(word, says_failure),
        }
    }
}

/// Reads a column as success and failure.
#[derive(Debug, Clone, PartialEq)]
pub enum OutcomeReader {
    /// Booleans, and numbers that are 0 or 1: which of the two is a failure.
    Truth {
        /// The value that is a failure.
        failed: bool,
    },
    /// HTTP status codes: 400 and above are failures.
    HttpStatus,
    /// Per dictionary code: failed, succeeded, or neither.
    Words(Vec<Option<bool>>),
}

impl OutcomeReader {
    /// A reader, if the column can be read: booleans, the numbers 0 and 1, HTTP status codes, or categories of which
    /// at least half are known words. A name such as `failed` turns the truth of booleans and of 0 and 1 round.
    pub fn of(column: &Column) -> Option<Self> {
        let says_failure = says_failure(column.name());
        let mut valid = (0..column.len()).filter(|&row| column.is_valid(row)).peekable();
        valid.peek()?;
        match column.data() {
            ColumnData::Boolean(_) => Some(OutcomeReader::Truth { failed: says_failure }),
            ColumnData::Integer(values) => {
                let mut valid = valid.map(|row| values[row]);
                let (mut only_bits, mut only_status) = (true, true);
                let readable = valid.all(|value| {
                    only_bits &= matches!(value, 0 | 1);
                    only_status &= matches!(value, 100..=599);
                    only_bits || only_status
                });
                match (readable, only_bits) {
                    (false, _) => None,
                    (true, true) => Some(OutcomeReader::Truth { failed: says_failure }),
                    (true, false) => Some(OutcomeReader::HttpStatus),
                }
            }
            ColumnData::Category { dictionary, .. } => {
                let failed = |word: &str| failed_word(word, says_failure);
                let by_code: Vec<Option<bool>> = dictionary.iter().map(failed).collect();
                let n_known = by_code.iter().flatten().count();
                (n_known > 0 && n_known * 2 >= by_code.len()).then_some(OutcomeReader::Words(by_code))
            }
            ColumnData::Float(_) | ColumnData::Timestamp { .. } => None,
        }
    }

    /// Whether a row failed; `None` where that is not known.
    pub fn failed(&self, column: &Column, row: usize) -> Option<bool> {
        if !column.is_valid(row) {
            return None;
        }
        match (self, column.data()) {
            (OutcomeReader::Truth { failed }, ColumnData::Boolean(values)) => Some(values[row] == *failed),
            (OutcomeReader::Truth { failed }, ColumnData::Integer(values)) => {
                Some((values[row] == 1) == *failed)
            }
            (OutcomeReader::HttpStatus, ColumnData::Integer(values)) => Some(values[row] >= 400),
            (OutcomeReader::Words(by_code), ColumnData::Category { codes, .. }) => {
                by_code[codes.get(row) as usize]
            }
            _ => None,
        }
    }

    /// Appends whether each of some rows failed; nothing depends on what is read, so that waits for memory overlap.
    pub fn read(&self, column: &Column, rows: &[u32], failed: &mut Vec<Option<bool>>) {
        let rows = rows.iter().map(|&row| row as usize);
        match (self, column.data()) {
            (OutcomeReader::Truth { failed: is }, ColumnData::Boolean(values)) => {
                let validity = column.validity();
                failed.extend(rows.map(|row| validity.is_valid(row).then_some(values[row] == *is)));
            }
            _ => failed.extend(rows.map(|row| self.failed(column, row))),
        }
    }
}

/// Reads a column as normal and abnormal.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelReader {
    /// Booleans and the numbers 0 and 1.
    Truth,
    /// Per dictionary code; every code in use has a label.
    Words(Vec<Option<bool>>),
}

impl LabelReader {
    /// A reader, if every value that is there is a label.
    ///
    /// # Errors
    /// A message that names the column, the first value that is none, and what to do.
    pub fn of(column: &Column) -> Result<Self, String> {
        let mut valid = (0..column.len()).filter(|&row| column.is_valid(row)).peekable();
        if valid.peek().is_none() {
            return Err(format!(
                "column \"{}\" has no values, so it labels nothing; choose another label column",
                column.name()
            ));
        }
        let reader = match column.data() {
            ColumnData::Category { dictionary, .. } => LabelReader::Words(
                dictionary.iter().map(|word| either(word, ABNORMAL_WORDS, NORMAL_WORDS)).collect(),
            ),
            _ => LabelReader::Truth,
        };
        let reads_all = match (&reader, column.data()) {
            (LabelReader::Words(by_code), _) => by_code.iter().all(Option::is_some),
            (LabelReader::Truth, data) => matches!(data, ColumnData::Boolean(_)),
        };
        if reads_all {
            return Ok(reader);
        }
        match valid.find(|&row| reader.is_abnormal(column, row).is_none()) {
            None => Ok(reader),
            Some(row) => Err(format!(
                "column \"{}\" holds \"{}\", which is no label; labels are true and false, 1 (abnormal) and 0, or \
                 words such as anomaly, attack, normal, benign; rename the values or choose another label column",
                column.name(),
                column.text(row)
            )),
        }
    }

    /// Whether a row is abnormal; `None` where it has no label.
    pub fn is_abnormal(&self, column: &Column, row: usize) -> Option<bool> {
        if !column.is_valid(row) {
            return None;
        }
        match (self, column.data()) {
            (LabelReader::Words(by_code), ColumnData::Category { codes, .. }) => {
                by_code[codes.get(row) as usize]
            }
            (LabelReader::Truth, _) => match column.number(row)? {
                0.0 => Some(false),
                1.0 => Some(true),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::{Dictionary, Validity};

    #[test]
    fn outcomes_of_many_rows_are_those_of_each() {
        let mut dictionary = Dictionary::new();
        let codes = ["ok", "failed", "later", "ok"].into_iter().map(|word| dictionary.intern(word)).collect();
        for data in [
            ColumnData::Boolean(vec![true, false, true, true]),
            ColumnData::Integer(vec![0, 1, 1, 0]),
            ColumnData::Integer(vec![200, 404, 500, 301]),
            ColumnData::Category { codes, dictionary },
        ] {
            let mut validity = Validity::new();
            [true, true, false, true].into_iter().for_each(|is_valid| validity.push(is_valid));
            let column = Column::new("login_failed", data, validity);
            let reader = OutcomeReader::of(&column).expect("outcomes");
            let rows = [3, 0, 2, 1, 1];
            let mut outcomes = Vec::new();
            reader.read(&column, &rows, &mut outcomes);
            let each = rows.map(|row| reader.failed(&column, row as usize));
            assert_eq!(outcomes, each, "{reader:?}");
        }
    }
}
