//! What is in a table: in short, as every table is summed up ([`summarize`]), and explored at length ([`ProfileJob`]).
//!
//! Distinct counts are exact. Categories count the dictionary codes in use; numbers and times count runs once they
//! are in order, which logs' times mostly are already.

mod association;
mod calendar;
mod column;
mod correlate;
mod entities;
mod job;
mod keys;
mod numbers;
mod report;
mod summary;

pub(crate) use association::{Categories, MAX_CATEGORIES, cramers_v};
pub use column::numbers_of;
pub use job::{ProfileJob, ProfileOptions};
pub use report::{
    ColumnReport, Correlations, EntityDistribution, Histogram, MissingMatrix, NumberReport, OverTime,
    Profile, TimeReport, TopValue,
};
pub use summary::{ColumnProfile, SummaryJob, summarize};

/// Characters shown of an example.
const MAX_EXAMPLE_CHARS: usize = 120;

pub(in crate::engine) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_EXAMPLE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
