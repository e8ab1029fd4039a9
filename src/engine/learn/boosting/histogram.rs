//! Sums of gradients by feature and bin: where boosting spends its time.
//!
//! Codes lie in blocks of four features, four bytes per row. A row's block is one read, the sums of four
//! features (at most 16 kB) stay in the first-level cache, and additions to different features do not wait for one
//! another as those to one bin would. Rows of a node are in ascending order, so that reads go through memory one way.

use crate::engine::learn::trees::Cuts;
use ndarray::ArrayView2;

/// Features of a block.
const WIDTH: usize = 4;
/// Cells of a block, at most: 255 bins and one for missing values of each feature.
const BLOCK_CELLS: usize = WIDTH * 256;

/// Sums of first and second derivatives.
pub(super) type Pair = [f64; 2];

/// The bins of all values.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    n_rows: usize,
    cuts: Vec<Cuts>,
    /// Block by block, a row's codes of the block's features.
    blocks: Vec<Vec<[u8; WIDTH]>>,
    /// First cell of each feature; a feature that only fills its block has one.
    offsets: Vec<usize>,
}

impl Codes {
    pub(super) fn new(n_rows: usize) -> Self {
        Codes { n_rows, cuts: Vec::new(), blocks: Vec::new(), offsets: vec![0] }
    }

    /// Takes in the next feature.
    pub(super) fn push(&mut self, rows: ArrayView2<'_, f64>, max_bins: usize) {
        let feature = self.cuts.len();
        let values = rows.column(feature);
        let cuts = Cuts::new(values.iter().copied(), max_bins);
        if feature.is_multiple_of(WIDTH) {
            self.blocks.push(vec![[0; WIDTH]; self.n_rows]);
        }
        let block = &mut self.blocks[feature / WIDTH];
        for (codes, &value) in block.iter_mut().zip(values) {
            codes[feature % WIDTH] = cuts.bin(value) as u8;
        }
        self.offsets.push(self.offsets[feature] + cuts.n_bins() + 1);
        self.cuts.push(cuts);
    }

    pub(super) fn n_features(&self) -> usize {
        self.cuts.len()
    }

    pub(super) fn cuts(&self, feature: usize) -> &Cuts {
        &self.cuts[feature]
    }

    /// The cells of a feature: one per bin, then that of missing values.
    pub(super) fn cells(&self, feature: usize) -> std::ops::Range<usize> {
        self.offsets[feature]..self.offsets[feature + 1]
    }

    /// Cells of a histogram, with room for a whole block after the last.
    pub(super) fn n_cells(&self) -> usize {
        self.offsets[self.cuts.len()] + BLOCK_CELLS
    }

    /// Whether rows go left: those up to a bin, and missing ones if told so.
    pub(super) fn go_left(&self, feature: usize, bin: u32, missing_left: bool) -> impl Fn(u32) -> bool {
        let block = &self.blocks[feature / WIDTH];
        let missing = self.cuts[feature].n_bins() as u32;
        move |row| {
            let code = u32::from(block[row as usize][feature % WIDTH]);
            (code <= bin) | (missing_left & (code == missing))
        }
    }

    /// Adds rows to a histogram; `pairs` are those of the rows. Blocks none of whose features is wanted are left out.
    pub(super) fn add(&self, rows: &[u32], pairs: &[Pair], wanted: &[bool], histogram: &mut [Pair]) {
        for (index, block) in self.blocks.iter().enumerate() {
            let first = index * WIDTH;
            let last = (first + WIDTH).min(self.n_features());
            if !wanted[first..last].contains(&true) {
                continue;
            }
            let start = self.offsets[first];
            // Features that only fill the block add to a cell past those of the others.
            let offsets: [usize; WIDTH] = std::array::from_fn(|k| {
                self.offsets.get(first + k).map_or(BLOCK_CELLS - 1, |offset| offset - start)
            });
            let window = &mut histogram[start..start + BLOCK_CELLS];
            if let Ok(cells) = window.try_into() {
                add_block(block, rows, pairs, offsets, cells);
            }
        }
    }
}

fn add_block(
    block: &[[u8; WIDTH]],
    rows: &[u32],
    pairs: &[Pair],
    offsets: [usize; WIDTH],
    cells: &mut [Pair; BLOCK_CELLS],
) {
    for (&row, &[gradient, curvature]) in rows.iter().zip(pairs) {
        let codes = block[row as usize];
        for k in 0..WIDTH {
            // The remainder changes nothing and spares a check.
            let cell = &mut cells[(offsets[k] + usize::from(codes[k])) % BLOCK_CELLS];
            cell[0] += gradient;
            cell[1] += curvature;
        }
    }
}
