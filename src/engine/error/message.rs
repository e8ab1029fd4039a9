//! Errors in words. Codes are a contract with embedders; words may change.

use super::{Error, ErrorKind};
use std::fmt;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::EmptySource => {
                write!(
                    f,
                    "the file is empty (0 bytes); choose a log with a header line and one event per line"
                )
            }
            ErrorKind::NotText { what } => {
                write!(f, "this is {what}, not a text log; choose a log, or export this one as CSV")
            }
            ErrorKind::NoRecords { n_columns: 0 } => f.write_str(
                "the file has no event, only blank lines or empty objects; choose a log with a header line and one event per line",
            ),
            ErrorKind::NoRecords { n_columns } => write!(
                f,
                "the file has a header of {n_columns} columns but no records; choose a log with at least one event"
            ),
            ErrorKind::RecordTooLong { position, limit_bytes } => {
                match position.record {
                    0 => f.write_str("the header")?,
                    record => write!(f, "record {record}")?,
                }
                write!(f, " (line {}, byte {}) does not end within ", position.line, position.byte)?;
                match limit_bytes {
                    whole if whole % (1 << 20) == 0 => write!(f, "{} MiB", whole >> 20)?,
                    bytes => write!(f, "{bytes} bytes")?,
                }
                f.write_str("; the file seems to have no line breaks: export it with one event per line")
            }
            ErrorKind::TooManyColumns { found, limit } => write!(
                f,
                "the first record has {found} fields, and {limit} columns are the limit; if it has fewer, name the \
                 delimiter, else export only the columns that matter"
            ),
            ErrorKind::MixedSchemas { file, first_file, missing, extra } => {
                write!(f, "\"{file}\" has other columns than \"{first_file}\": ")?;
                match (missing.as_slice(), extra.as_slice()) {
                    (missing, []) => write!(f, "it lacks {}", some_of(missing))?,
                    ([], extra) => write!(f, "it alone has {}", some_of(extra))?,
                    (missing, extra) => {
                        write!(f, "it lacks {} and alone has {}", some_of(missing), some_of(extra))?;
                    }
                }
                f.write_str(
                    "; files that are read as one table need the same columns: leave it out, or keep only columns that \
                     all files have",
                )
            }
            ErrorKind::WrongFormat { format, expected, found, remedy } => {
                write!(f, "this cannot be read as {format}: expected {expected}, found {found}; {remedy}")
            }
            ErrorKind::InFile { file, error } => write!(f, "\"{file}\": {error}"),
            ErrorKind::Options { name, expected, found } => {
                write!(f, "option {name}: expected {expected}, found {found}")
            }
            ErrorKind::NoSuchColumn { name, columns } => {
                write!(f, "there is no column \"{name}\"; the table has: {}", some_of(columns))
            }
            ErrorKind::MissingRole { role, recipe, columns } => {
                let tells = match role.as_str() {
                    "time" => " that says when, with a date",
                    "entity" => " that says who acted",
                    _ => "",
                };
                write!(f, "recipe {recipe} needs a column{tells} (role {role}), and none has that role; ")?;
                match columns.as_slice() {
                    [only] => write!(
                        f,
                        "the file has one column, \"{only}\": if there are more in it, separate them by commas or name \
                         the delimiter, else choose a log with a user and a time in every row"
                    ),
                    _ => write!(
                        f,
                        "give it to one of {}, choose a log that has such a column, or compare single records with recipe table",
                        some_of(columns)
                    ),
                }
            }
            ErrorKind::WrongType { column, expected, found } => write!(
                f,
                "column \"{column}\": expected {expected}, found {found}; choose another column for this role"
            ),
            ErrorKind::Parameter { name, expected, found } => {
                write!(f, "parameter {name}: expected {expected}, found {found}")
            }
            ErrorKind::Formula { name, formula, at, expected, found } => {
                match name.as_str() {
                    "" => f.write_str("the formula")?,
                    name => write!(f, "the formula of \"{name}\"")?,
                }
                write!(f, ", character {}: expected {expected}, found {found}", at.0 + 1)?;
                underlined(f, formula, *at)
            }
            ErrorKind::TooFewRows { step, unit, needed, found, remedy } => {
                write!(f, "{step} needs at least {needed} {unit}, found {found}; {remedy}")
            }
            ErrorKind::Labels { message } => f.write_str(message),
            ErrorKind::NotReady { needed } => write!(f, "call {needed} first"),
            ErrorKind::NoSuchRow { what, row, n_rows } => {
                write!(f, "there is no {what} {row}; {what}s are 0 to {}", n_rows.saturating_sub(1))
            }
            ErrorKind::NotAModel { found } => {
                write!(f, "this is no saved model but {found}; choose a file that was written by save")
            }
            ErrorKind::ModelCut { expected: Some(expected), found } => write!(
                f,
                "the model is cut off: it has {found} of its {expected} bytes; copy or download it again"
            ),
            ErrorKind::ModelCut { expected: None, found } => {
                write!(f, "the model is cut off after {found} bytes; copy or download it again")
            }
            ErrorKind::ModelTooNew { version, newest } => write!(
                f,
                "the model was saved in version {version} of its format, and this program reads up to {newest}; update it, \
                 or save the model with an older one"
            ),
            ErrorKind::ModelDamaged { what } => {
                write!(f, "the model is damaged: {what}; copy it again, or fit and save it anew")
            }
            ErrorKind::OtherColumns { missing, unlike, columns } => {
                let list = |columns: &[(String, &str)]| -> Vec<String> {
                    columns.iter().map(|(name, of)| format!("{name} ({of})")).collect()
                };
                f.write_str("the model needs other columns: ")?;
                if !missing.is_empty() {
                    write!(f, "there is no {}", some_of(&list(missing)))?;
                }
                if !unlike.is_empty() {
                    let and = if missing.is_empty() { "" } else { "; " };
                    write!(f, "{and}no value can be read as it was when the model was fitted in {}", some_of(&list(unlike)))?;
                }
                write!(
                    f,
                    "; the file has {}; name its columns as they were then, or fit a model to this file",
                    some_of(columns)
                )
            }
            ErrorKind::Cancelled => f.write_str("cancelled; what was there before is unchanged"),
        }
    }
}

/// Two lines below a message: a part of a text, and carets under the characters `at`.
fn underlined(f: &mut fmt::Formatter<'_>, text: &str, (start, end): (usize, usize)) -> fmt::Result {
    const BEFORE: usize = 50;
    const SHOWN: usize = 70;
    let first = start.saturating_sub(BEFORE);
    let is_cut = text.chars().nth(first + SHOWN).is_some();
    let shown = text.chars().skip(first).take(SHOWN);
    // A line break would part the carets from what they are under.
    let shown: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (before, after) = (if first > 0 { "…" } else { "" }, if is_cut { "…" } else { "" });
    write!(f, "\n  {before}{shown}{after}\n  ")?;
    let n_blanks = start - first + before.chars().count();
    let n_carets = end.min(first + SHOWN).saturating_sub(start).max(1);
    write!(f, "{:n_blanks$}{:^>n_carets$}", "", "")
}

/// The first names of a list, quoted, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut text = names.iter().take(SHOWN).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
