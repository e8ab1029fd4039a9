//! Which records of the source the rows of a table are.

use super::Validity;
use crate::engine::error::Position;

/// For each row the record that it was read from. Holds nothing while every record is a row, and then a bit for each
/// record up to the last that is one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowRecords {
    /// The file of the first record below, and how many records of it stand before that one.
    first_file: u32,
    n_before: u64,
    /// Records one after the other, through all files: missing are those that are no row.
    records: Validity,
    /// Where further files begin in `records`, with their numbers.
    files: Vec<(usize, u32)>,
    is_unknown: bool,
}

impl RowRecords {
    /// Rows that are no records, but made of many.
    pub fn unknown() -> Self {
        RowRecords { is_unknown: true, ..RowRecords::default() }
    }

    /// No row yet, of rows that follow those of `others`.
    pub fn after(others: &RowRecords) -> Self {
        let n = others.records.len();
        match others.files.last() {
            Some(&(start, file)) => {
                RowRecords { first_file: file, n_before: (n - start) as u64, ..RowRecords::default() }
            }
            None => RowRecords {
                first_file: others.first_file,
                n_before: others.n_before + n as u64,
                ..RowRecords::default()
            },
        }
    }

    /// Appends rows that are `n` records of a file from `record`, counted from 1, on. Records and files come in order.
    pub fn push(&mut self, file: u32, record: u64, n: usize) {
        let (start, n_before, last_file) = match self.files.last() {
            Some(&(start, file)) => (start, 0, file),
            None => (0, self.n_before, self.first_file),
        };
        let index = if last_file == file {
            start + record.saturating_sub(n_before + 1) as usize
        } else if self.records.is_empty() {
            (self.first_file, self.n_before) = (file, record.saturating_sub(1));
            0
        } else {
            let start = self.records.len();
            self.files.push((start, file));
            start + record.saturating_sub(1) as usize
        };
        while self.records.len() < index {
            self.records.push(false);
        }
        self.records.push_valid(n);
    }

    /// Where a row's record is: file and record, as line and byte are not kept.
    pub fn position(&self, row: usize) -> Position {
        if self.is_unknown {
            return Position::default();
        }
        let index = self.index(row);
        let (start, n_before, file) = match self.files.iter().rev().find(|(start, _)| *start <= index) {
            Some(&(start, file)) => (start, 0, file),
            None => (0, self.n_before, self.first_file),
        };
        Position { record: n_before + (index - start) as u64 + 1, file, ..Position::default() }
    }

    /// The place of a row among the records.
    fn index(&self, row: usize) -> usize {
        let mut n_rows_left = row;
        for (word, missing) in self.records.missing_words().iter().enumerate() {
            let n_rows = missing.count_zeros() as usize;
            if n_rows_left < n_rows {
                let is_row = |bit: &usize| missing >> bit & 1 == 0;
                let bit = (0..64).filter(is_row).nth(n_rows_left).unwrap_or(0);
                return word * 64 + bit;
            }
            n_rows_left -= n_rows;
        }
        self.records.missing_words().len() * 64 + n_rows_left
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.records.heap_bytes() + self.files.capacity() * size_of::<(usize, u32)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(file: u32, record: u64) -> Position {
        Position { record, file, ..Position::default() }
    }

    #[test]
    fn rows_are_records_until_told_otherwise() {
        assert_eq!(RowRecords::default().position(41), at(0, 42));
        assert_eq!(RowRecords::unknown().position(41), Position::default());
    }

    #[test]
    fn gaps_and_files_are_counted() {
        let mut all = RowRecords::default();
        let mut expected = Vec::new();
        let mut blocks = vec![(RowRecords::default(), 0)];
        let runs = [(1, 3, 2), (1, 5, 100), (1, 300, 1), (2, 1, 70), (4, 9, 3), (4, 12, 1)];
        for (file, record, n) in runs {
            all.push(file, record, n);
            expected.extend((0..n as u64).map(|i| at(file, record + i)));
            let (mut block, n_rows) = blocks[blocks.len() - 1].clone();
            block.push(file, record, n);
            blocks.push((RowRecords::after(&block), n_rows + n));
            for row in 0..n {
                assert_eq!(block.position(row), expected[n_rows + row]);
            }
        }
        let found: Vec<Position> = (0..expected.len()).map(|row| all.position(row)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn without_gaps_it_holds_nothing() {
        let mut all = RowRecords::default();
        all.push(0, 1, 1_000);
        all.push(0, 1_001, 1_000);
        assert_eq!((all.heap_bytes(), all.position(1_999)), (0, at(0, 2_000)));
    }
}
