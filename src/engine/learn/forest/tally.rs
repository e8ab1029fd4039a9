//! Sums of a node's rows by bin of a feature, in the order of bins.
//!
//! A row is added to the cell of its bin, and a bit says that the cell has rows. The bits then lead from cell to cell,
//! past the empty ones: the rows are as good as sorted in the time that it takes to read them, whether a node has a few
//! of them or more than there are bins.

use super::sums::{Layout, Pair};

/// Cells of a tally: a bit for each in 64 words, and a bit for each word in one.
pub(super) const N_CELLS: usize = 64 * 64;

/// Sums by bin, and no work to make it empty again.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    layout: Layout,
    /// Words that have a bit.
    words: u64,
    /// Cells that have rows.
    bits: [u64; 64],
    /// [`Layout::width`] numbers each, 0 where there are no rows.
    cells: Vec<f64>,
}

impl Tally {
    pub(super) fn new(layout: Layout) -> Tally {
        Tally { layout, words: 0, bits: [0; 64], cells: vec![0.0; N_CELLS * layout.width()] }
    }

    /// Adds rows; `codes` are the bins of all rows, `pairs` what is summed of these ones.
    #[inline(always)]
    pub(super) fn add(&mut self, layout: Layout, rows: &[u32], codes: &[u16], pairs: &[Pair]) {
        debug_assert_eq!(layout, self.layout);
        let width = layout.width();
        let mut words = self.words;
        for (&row, &pair) in rows.iter().zip(pairs) {
            // The remainder changes nothing and spares a check.
            let code = usize::from(codes[row as usize]) % N_CELLS;
            self.bits[code / 64] |= 1 << (code % 64);
            words |= 1 << (code / 64);
            layout.add(&mut self.cells[code * width..(code + 1) * width], pair);
        }
        self.words = words;
    }

    /// Takes out one cell, if it has rows.
    #[inline(always)]
    pub(super) fn take(&mut self, layout: Layout, code: usize, taken: &mut [f64]) -> bool {
        let has_rows = self.bits[code / 64] >> (code % 64) & 1 == 1;
        if has_rows {
            let width = layout.width();
            let cell = &mut self.cells[code * width..(code + 1) * width];
            taken.copy_from_slice(cell);
            cell.fill(0.0);
            self.bits[code / 64] &= !(1 << (code % 64));
        }
        has_rows
    }

    /// Takes out all cells that have rows, in ascending order.
    #[inline(always)]
    pub(super) fn drain(&mut self, layout: Layout, mut visit: impl FnMut(usize, &[f64])) {
        let width = layout.width();
        while self.words != 0 {
            let word = self.words.trailing_zeros() as usize;
            self.words &= self.words - 1;
            let mut bits = std::mem::take(&mut self.bits[word]);
            while bits != 0 {
                let code = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let cell = &mut self.cells[code * width..(code + 1) * width];
                visit(code, cell);
                cell.fill(0.0);
            }
        }
    }
}
