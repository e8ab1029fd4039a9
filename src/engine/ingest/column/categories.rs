//! A column of categories: each value's code in a dictionary, looked up in groups so that waits for memory overlap.

use super::field;
use crate::engine::finding::{Finding, Places};
use crate::engine::ingest::batch::Batch;
use crate::engine::ingest::meaning;
use crate::engine::ingest::missing::Missing;
use crate::engine::table::{Codes, Dictionary, Validity};
use std::collections::TryReserveError;
use std::ops::Range;

/// Values of a column as they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Categories {
    pub(super) codes: Codes,
    pub(super) dictionary: Dictionary,
    /// Codes of values that are no address, in order, among so many that were looked at; of columns told to hold addresses.
    others: Vec<u32>,
    n_looked_at: u32,
}

/// The code of a value of any bytes. Where bytes that are not UTF-8 are replaced, its place is added to `replaced`.
pub(super) fn intern(
    dictionary: &mut Dictionary,
    value: &[u8],
    replaced: &mut Places,
    batch: &Batch<'_>,
    row: usize,
) -> u32 {
    let known = dictionary.intern_bytes(value);
    known.unwrap_or_else(|| intern_replaced(dictionary, value, replaced, batch, row))
}

/// The code of a value that is not UTF-8.
#[cold]
fn intern_replaced(
    dictionary: &mut Dictionary,
    value: &[u8],
    replaced: &mut Places,
    batch: &Batch<'_>,
    row: usize,
) -> u32 {
    replaced.add(batch.position(row), || batch.record(row));
    dictionary.intern(&String::from_utf8_lossy(value))
}

/// Room made for the text of values that hardly repeat, at most: what of it is not needed is memory that nothing else
/// gets while the column is read.
const MAX_TEXT_ROOM_BYTES: usize = 16 << 20;

impl Categories {
    /// Makes room for so many more rows; and for the text of their values where it can be told by those so far, for every
    /// other row or more had a value of its own.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub(super) fn try_reserve(&mut self, n_rows: usize) -> Result<(), TryReserveError> {
        let (n_read, n_values) = (self.codes.len(), self.dictionary.len());
        if n_values * 2 >= n_read && n_read > 0 {
            let of_all = |n: usize| (n as f64 / n_read as f64 * n_rows as f64) as usize;
            let n_text_bytes = of_all(self.dictionary.n_text_bytes());
            if n_text_bytes <= MAX_TEXT_ROOM_BYTES {
                self.dictionary.try_reserve(of_all(n_values), n_text_bytes)?;
            }
        }
        self.codes.try_reserve_exact(n_rows)
    }

    /// Rows without a value.
    pub(super) fn of_missing(n_missing: usize) -> Self {
        Categories { codes: Codes::zeros(n_missing), ..Categories::default() }
    }

    /// Adds those of the rows read last whose value is no address to `places`, until the first ones are known.
    pub(super) fn note_others(
        &mut self,
        batch: &Batch<'_>,
        rows: Range<usize>,
        validity: &Validity,
        places: &mut Places,
    ) {
        if places.first().len() == Finding::MAX_PLACES {
            return;
        }
        let n_words = self.dictionary.len() as u32;
        let is_other = |code: &u32| !meaning::is_ip(self.dictionary.get(*code).trim());
        self.others.extend((self.n_looked_at..n_words).filter(is_other));
        self.n_looked_at = n_words;
        if self.others.is_empty() {
            return;
        }
        let first = self.codes.len() - rows.len();
        for (at, row) in (first..).zip(rows) {
            if validity.is_valid(at) && self.others.binary_search(&self.codes.get(at)).is_ok() {
                places.add_next(|| batch.position(row), || batch.record(row));
            }
        }
    }

    /// Reads one field of each record.
    #[allow(clippy::too_many_arguments, reason = "what a loop over one field of many records needs")]
    pub(super) fn read(
        &mut self,
        batch: &Batch<'_>,
        source: usize,
        rows: Range<usize>,
        validity: &mut Validity,
        replaced: &mut Places,
        missing: &Missing,
        scratch: &mut Vec<u8>,
    ) {
        const GROUP: usize = 16;
        let mut start = rows.start;
        while start < rows.end {
            let n = GROUP.min(rows.end - start);
            let mut values = [&[][..]; GROUP];
            // One bit per row whose value has to be built.
            let mut to_build = 0u32;
            for (i, value) in values.iter_mut().enumerate().take(n) {
                match batch.field(start + i, source).map(|field| field.plain()) {
                    Some(Some(plain)) => *value = plain,
                    Some(None) => to_build |= 1 << i,
                    None => {}
                }
            }
            let looked_up = self.dictionary.look_up(&values);
            let mut codes = [0; GROUP];
            let mut no_value = 0u64;
            for (i, code) in codes.iter_mut().enumerate().take(n) {
                if let Some(known) = self.dictionary.confirm(values[i], looked_up[i])
                    && to_build >> i & 1 == 0
                {
                    *code = known;
                    continue;
                }
                let row = start + i;
                let is_plain = to_build >> i & 1 == 0;
                let value = if is_plain { values[i] } else { field(batch, row, source, scratch) };
                // Behind the comparison, for the dictionary has no words for missing.
                if missing.is(value) {
                    no_value |= 1 << i;
                    continue;
                }
                let known = match is_plain {
                    true => self.dictionary.intern_looked_up(value, looked_up[i]),
                    false => self.dictionary.intern_bytes(value),
                };
                *code = known
                    .unwrap_or_else(|| intern_replaced(&mut self.dictionary, value, replaced, batch, row));
            }
            self.codes.extend_from_slice(&codes[..n]);
            validity.push_group(n, no_value);
            start += n;
        }
    }
}
