//! How categories hang together: Cramér's V.

/// Distinct values at most of what is compared: beyond, most cells of a table of two such columns are empty.
pub(crate) const MAX_CATEGORIES: usize = 100;

/// A column of categories over the rows used.
#[derive(Debug)]
pub(crate) struct Categories {
    /// Index of the value among those that a row has, in order of their labels; [`Categories::MISSING`] where there is
    /// none.
    codes: Vec<u32>,
    n_codes: usize,
}

impl Categories {
    /// In place of a code: no value.
    pub const MISSING: u32 = u32::MAX;

    /// Of the codes of rows, each below `n_labels`. Sums then run in order of the labels, whatever the codes are.
    pub fn new<'l>(mut codes: Vec<u32>, n_labels: usize, label: &dyn Fn(u32) -> &'l str) -> Self {
        let mut place = vec![Categories::MISSING; n_labels];
        let mut used: Vec<u32> = Vec::new();
        for &code in codes.iter().filter(|&&code| code != Categories::MISSING) {
            if place[code as usize] == Categories::MISSING {
                place[code as usize] = 0;
                used.push(code);
            }
        }
        used.sort_unstable_by_key(|&code| label(code));
        for (at, &code) in used.iter().enumerate() {
            place[code as usize] = at as u32;
        }
        for code in codes.iter_mut().filter(|code| **code != Categories::MISSING) {
            *code = place[*code as usize];
        }
        Categories { codes, n_codes: used.len() }
    }

    /// Distinct values that a row has.
    pub fn n_codes(&self) -> usize {
        self.n_codes
    }
}

/// Cramér's V, `sqrt(chi² / (n (min(r, c) - 1)))` of the table's rows and columns that are not empty; `None` where there
/// are fewer than two of either.
pub(crate) fn cramers_v(a: &Categories, b: &Categories) -> Option<f64> {
    let width = b.n_codes;
    let mut cells = vec![0_u32; a.n_codes * width];
    for (&x, &y) in a.codes.iter().zip(&b.codes) {
        if x != Categories::MISSING && y != Categories::MISSING {
            cells[x as usize * width + y as usize] += 1;
        }
    }
    let sums = |n: usize, of: &dyn Fn(usize) -> u32| (0..n).map(of).map(f64::from).collect::<Vec<_>>();
    let by_row = sums(a.n_codes, &|x| cells[x * width..(x + 1) * width].iter().sum());
    let by_column = sums(width, &|y| (0..a.n_codes).map(|x| cells[x * width + y]).sum());
    let n: f64 = by_row.iter().sum();
    let n_used = |sums: &[f64]| sums.iter().filter(|&&sum| sum > 0.0).count();
    let n_fewer = n_used(&by_row).min(n_used(&by_column));
    if n_fewer < 2 {
        return None;
    }
    let mut chi2 = 0.0;
    for (x, &row) in by_row.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
        for (y, &column) in by_column.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
            let expected = row * column / n;
            let off = f64::from(cells[x * width + y]) - expected;
            chi2 += off * off / expected;
        }
    }
    Some((chi2 / (n * (n_fewer - 1) as f64)).sqrt().min(1.0))
}
