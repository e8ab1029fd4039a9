//! One column of the sampled records: its type, how its numbers are spelled, and what could have been read otherwise.

use super::batch::Batch;
use super::column::{plural, short};
use super::guess::{self, Guess, ONE_BAD_NUMBER_IN, Says, Tally};
use super::marks::{NumberStyle, StyleTally, Styled, Told};
use super::missing::Missing;
use crate::engine::finding::{FindingKind, Findings, Places};
use crate::engine::table::ColumnType;

/// Records looked at for guesses.
pub(super) const N_SAMPLED: usize = 4096;

/// One column of the sampled records.
pub(super) struct Sampled<'a> {
    pub batch: &'a Batch<'a>,
    pub n_before: usize,
    pub column: usize,
    pub name: &'a str,
    pub comma_delimits: bool,
}

impl Sampled<'_> {
    fn rows(&self) -> std::ops::Range<usize> {
        self.n_before..self.batch.n_records().min(self.n_before + N_SAMPLED)
    }

    /// Shows each value with its row.
    fn each(&self, mut see: impl FnMut(usize, &[u8])) {
        let mut scratch = Vec::new();
        for row in self.rows() {
            if let Some(field) = self.batch.field(row, self.column) {
                see(row, field.value(&mut scratch));
            }
        }
    }

    /// The type of the column and how its numbers are spelled. Choices that could have been others are reported.
    pub fn guess(
        &self,
        named: Option<ColumnType>,
        missing: &Missing,
        findings: &mut Findings,
    ) -> (Guess, NumberStyle) {
        let mut tally = Tally::default();
        self.each(|_, text| tally.add(text, missing));
        let says = Says::of(self.name);
        let guess = tally.guess(says);
        if let Some(named) = named {
            let told = match named {
                ColumnType::Integer => Told::Integers,
                ColumnType::Float => Told::Floats,
                _ => return (Guess::of_type(named), NumberStyle::default()),
            };
            let styled = if guess == Guess::Category { self.styled(&tally, told, missing) } else { None };
            return (Guess::of_type(named), styled.map(|styled| styled.style).unwrap_or_default());
        }
        if guess != Guess::Category {
            if guess == Guess::Duration && tally.are_clocks() {
                let taken = "are read as spans of time, as its name says";
                self.report_choice(missing, findings, [taken, "category", "times of day"]);
            }
            return (guess, NumberStyle::default());
        }
        if let Some(Styled { style, are_integers, is_choice }) = self.styled(&tally, Told::Nothing, missing) {
            if is_choice {
                let taken =
                    "have three digits behind each comma, which was taken as a mark between thousands";
                self.report_choice(missing, findings, [taken, "float", "fractions"]);
            }
            return (if are_integers { Guess::Integer } else { Guess::Float }, style);
        }
        if tally.are_clocks() && !says.time {
            let taken = "look like times of day and were read as categories";
            self.report_choice(missing, findings, [taken, "duration", "spans of time"]);
        }
        self.report_mixed(&tally, says, missing, findings);
        (guess, NumberStyle::default())
    }

    /// The style that explains the column's numbers, where plain ones do not.
    fn styled(&self, tally: &Tally, told: Told, missing: &Missing) -> Option<Styled> {
        if !tally.may_have_marks() {
            return None;
        }
        let mut styles = StyleTally::default();
        self.each(|_, text| {
            if !missing.is(text) {
                styles.add(text);
            }
        });
        styles.style(ONE_BAD_NUMBER_IN, self.comma_delimits, told)
    }

    fn report_choice(&self, missing: &Missing, findings: &mut Findings, [taken, other, meant]: [&str; 3]) {
        let mut places = Places::default();
        self.each(|row, text| {
            if !missing.is(text) {
                places.add_next(|| self.batch.position(row), || self.batch.record(row));
            }
        });
        let name = self.name;
        findings.report_places(FindingKind::AmbiguousType, name, 1, places, || {
            format!(
                "column \"{name}\": its values {taken}; if they are {meant}, name the type {other} for it"
            )
        });
    }

    /// Reports a column of categories most of which look like another type.
    fn report_mixed(&self, tally: &Tally, says: Says, missing: &Missing, findings: &mut Findings) {
        let Some((majority, n)) = tally.majority(says) else { return };
        let is_other = |text: &[u8]| match guess::of_value(text, says, missing) {
            Guess::Unknown => false,
            Guess::Integer => majority != Guess::Float,
            of_value => of_value != majority,
        };
        let mut others = Places::default();
        let mut example = String::new();
        self.each(|row, text| {
            if is_other(text) {
                if example.is_empty() {
                    example = short(&String::from_utf8_lossy(text));
                }
                others.add(self.batch.position(row), || self.batch.record(row));
            }
        });
        let (name, n_values) = (self.name, tally.n_values());
        findings.report_places(FindingKind::MixedTypes, name, n_values - n, others, || {
            let what = plural(majority);
            // `007` is a number to a person; as one it would lose its zeros.
            let unless = if majority == Guess::Float { " or would be spelled otherwise" } else { "" };
            format!(
                "column \"{name}\": {n} of the first {n_values} values are {what}, the others are not{unless}, as \
                 \"{example}\"; it was read as categories. If such values mean that there is none, say so by words for \
                 no value; else name the type that is meant"
            )
        });
    }
}
