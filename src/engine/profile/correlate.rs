//! How columns hang together: Pearson and Spearman of numbers, Cramér's V of categories.
//!
//! Pairs are taken over rows where both columns have a value, as pandas takes them. Sums run in row order; counts of
//! categories run in order of the values, so that the order of rows changes nothing there.

use super::association::{Categories, MAX_CATEGORIES, cramers_v};
use super::report::{ColumnReport, Correlations};
use crate::engine::order;
use crate::engine::rng::Rng;
use crate::engine::table::{Column, ColumnData, ColumnType, Table};

/// Rows used at most. A coefficient of that many rows is known to about 0.002.
const MAX_ROWS: usize = 200_000;
/// Columns of each kind at most: a heat map of more can no longer be read.
const MAX_COLUMNS: usize = 30;
/// Seed of the sample of rows.
const SAMPLE_SEED: u64 = 1;

type Matrix = Vec<Vec<Option<f64>>>;

/// Correlations in the making: columns one by one, then pairs one by one.
#[derive(Debug)]
pub(super) struct CorrelateJob {
    /// Rows used, ascending; all of them when not given.
    sample: Option<Vec<u32>>,
    n_rows: usize,
    numeric_columns: Vec<usize>,
    category_columns: Vec<usize>,
    numbers: Vec<Numbers>,
    categories: Vec<Categories>,
    /// Pair under way, numbers first.
    pair: (usize, usize),
    is_categories: bool,
    result: Correlations,
    scratch: (Vec<f64>, Vec<f64>),
}

/// A column of numbers over the rows used.
#[derive(Debug)]
struct Numbers {
    /// `NaN` where missing.
    values: Vec<f64>,
    /// Places with a value, in ascending order of the value.
    order: Vec<u32>,
    /// Ranks over all places, where none is missing.
    ranks: Option<Vec<f64>>,
}

/// Columns of numbers, as far as they go into the heat map.
fn numeric(table: &Table) -> impl Iterator<Item = usize> {
    let is_numeric = |column: &Column| {
        matches!(column.column_type(), ColumnType::Integer | ColumnType::Float | ColumnType::Duration)
    };
    (0..table.columns().len()).filter(move |&index| is_numeric(&table.columns()[index]))
}

/// Columns that could be categories.
fn categorical(table: &Table) -> impl Iterator<Item = usize> {
    let is_categorical = |column: &Column| match column.data() {
        ColumnData::Boolean(_) => true,
        ColumnData::Category { .. } => column.column_type() != ColumnType::Text,
        _ => false,
    };
    (0..table.columns().len()).filter(move |&index| is_categorical(&table.columns()[index]))
}

/// Columns and pairs there can be at most, for progress.
pub(super) fn n_units(table: &Table) -> u64 {
    let with_pairs = |n: usize| n + n * n.saturating_sub(1) / 2;
    let n_numeric = numeric(table).count().min(MAX_COLUMNS);
    let n_categorical = categorical(table).count().min(MAX_COLUMNS);
    (with_pairs(n_numeric) + with_pairs(n_categorical)) as u64
}

impl CorrelateJob {
    pub fn new(table: &Table, reports: &[ColumnReport]) -> Self {
        let mut left_out = String::new();
        let mut capped = |columns: Vec<usize>, what: &str| {
            if columns.len() > MAX_COLUMNS {
                left_out.push_str(&format!(
                    "Of {} columns of {what}, the first {MAX_COLUMNS} are compared. ",
                    columns.len()
                ));
            }
            columns.into_iter().take(MAX_COLUMNS).collect::<Vec<_>>()
        };
        let numeric_columns = capped(numeric(table).collect(), "numbers");
        let (few, many): (Vec<usize>, Vec<usize>) = categorical(table)
            .filter(|&index| reports[index].distinct > 1)
            .partition(|&index| reports[index].distinct <= MAX_CATEGORIES);
        let category_columns = capped(few, "categories");
        if !many.is_empty() {
            let names: Vec<String> =
                many.iter().take(MAX_COLUMNS).map(|&index| format!("\"{}\"", reports[index].name)).collect();
            left_out.push_str(&format!(
                "Left out for more than {MAX_CATEGORIES} distinct values: {}{}. ",
                names.join(", "),
                if many.len() > MAX_COLUMNS { " and more" } else { "" }
            ));
        }
        let n_rows = table.n_rows();
        let is_sampled = n_rows > MAX_ROWS && numeric_columns.len().max(category_columns.len()) > 1;
        if is_sampled {
            left_out.push_str(&format!(
                "Of {n_rows} rows, {MAX_ROWS} are used, one drawn from each of as many equal stretches of the table \
                 with seed {SAMPLE_SEED}."
            ));
        }
        let names = |columns: &[usize]| columns.iter().map(|&index| reports[index].name.clone()).collect();
        let empty = |n: usize| vec![vec![None; n]; n];
        let result = Correlations {
            numeric: names(&numeric_columns),
            pearson: empty(numeric_columns.len()),
            spearman: empty(numeric_columns.len()),
            categories: names(&category_columns),
            cramers_v: empty(category_columns.len()),
            left_out: left_out.trim_end().to_owned(),
        };
        CorrelateJob {
            n_rows: if n_rows > MAX_ROWS { MAX_ROWS } else { n_rows },
            sample: (n_rows > MAX_ROWS).then(|| sample(n_rows)),
            numeric_columns,
            category_columns,
            numbers: Vec::new(),
            categories: Vec::new(),
            pair: (0, 0),
            is_categories: false,
            result,
            scratch: Default::default(),
        }
    }

    /// Prepares a column or compares a pair. `None` when all is done, else the rows it went through, as a measure of the
    /// time it took.
    pub fn step(&mut self, table: &Table) -> Option<usize> {
        if !self.is_categories {
            if let Some(&index) = self.numeric_columns.get(self.numbers.len()) {
                let numbers = Numbers::of(&table.columns()[index], &self.rows());
                self.numbers.push(numbers);
                return Some(self.n_rows * 8);
            }
            let Some((a, b)) = self.next_pair(self.numbers.len()) else {
                self.is_categories = true;
                self.numbers = Vec::new();
                self.pair = (0, 0);
                return Some(1);
            };
            let (first, second) = (&self.numbers[a], &self.numbers[b]);
            set(&mut self.result.pearson, a, b, pearson(&first.values, &second.values));
            set(&mut self.result.spearman, a, b, spearman(first, second, &mut self.scratch));
            return Some(self.n_rows * 4);
        }
        if let Some(&index) = self.category_columns.get(self.categories.len()) {
            let categories = categories(&table.columns()[index], &self.rows());
            self.categories.push(categories);
            return Some(self.n_rows * 2);
        }
        let (a, b) = self.next_pair(self.categories.len())?;
        let value = cramers_v(&self.categories[a], &self.categories[b]);
        set(&mut self.result.cramers_v, a, b, value);
        Some(self.n_rows * 2)
    }

    pub fn finish(self) -> Correlations {
        self.result
    }

    fn rows(&self) -> Rows<'_> {
        Rows { sample: self.sample.as_deref(), n: self.n_rows }
    }

    /// The next cell of the upper triangle, diagonal included.
    fn next_pair(&mut self, n: usize) -> Option<(usize, usize)> {
        let (a, b) = self.pair;
        if a >= n {
            return None;
        }
        self.pair = if b + 1 < n { (a, b + 1) } else { (a + 1, a + 1) };
        Some((a, b))
    }
}

/// The rows used.
struct Rows<'a> {
    sample: Option<&'a [u32]>,
    n: usize,
}

impl Rows<'_> {
    fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.n).map(|place| self.sample.map_or(place, |rows| rows[place] as usize))
    }
}

/// One row of each of [`MAX_ROWS`] equal stretches.
fn sample(n_rows: usize) -> Vec<u32> {
    let mut rng = Rng::new(SAMPLE_SEED);
    let start = |stretch: usize| (stretch as u64 * n_rows as u64) / MAX_ROWS as u64;
    (0..MAX_ROWS)
        .map(|stretch| (start(stretch) + rng.below(start(stretch + 1) - start(stretch))) as u32)
        .collect()
}

fn set(matrix: &mut Matrix, a: usize, b: usize, value: Option<f64>) {
    matrix[a][b] = value;
    matrix[b][a] = value;
}

impl Numbers {
    fn of(column: &Column, rows: &Rows<'_>) -> Self {
        let mut values: Vec<f64> =
            rows.iter().map(|row| column.number(row).map_or(f64::NAN, |value| value + 0.0)).collect();
        let max_abs =
            values.iter().filter(|value| !value.is_nan()).fold(0.0, |max: f64, value| max.max(value.abs()));
        let scale = super::numbers::safe_scale(max_abs);
        values.iter_mut().for_each(|value| *value *= scale);
        let mut keyed: Vec<(i64, u32)> = values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(place, &value)| (order::total_key(value), place as u32))
            .collect();
        order::sort_keyed(&mut keyed);
        let order: Vec<u32> = keyed.into_iter().map(|(_, place)| place).collect();
        let mut numbers = Numbers { values, order, ranks: None };
        if numbers.order.len() == numbers.values.len() {
            let mut ranks = Vec::new();
            numbers.rank(&numbers.values, &mut ranks);
            numbers.ranks = Some(ranks);
        }
        numbers
    }

    /// Ranks from 1 among the places where `other` has a value too, ties averaged; `NaN` elsewhere.
    fn rank(&self, other: &[f64], ranks: &mut Vec<f64>) {
        ranks.clear();
        ranks.resize(self.values.len(), f64::NAN);
        let mut n_before = 0;
        for tied in self.order.chunk_by(|&a, &b| self.values[a as usize] == self.values[b as usize]) {
            let places = || tied.iter().map(|&place| place as usize).filter(|&place| !other[place].is_nan());
            let n = places().count();
            let rank = n_before as f64 + (n as f64 + 1.0) / 2.0;
            places().for_each(|place| ranks[place] = rank);
            n_before += n;
        }
    }
}

fn spearman(a: &Numbers, b: &Numbers, scratch: &mut (Vec<f64>, Vec<f64>)) -> Option<f64> {
    if let (Some(a), Some(b)) = (&a.ranks, &b.ranks) {
        return pearson(a, b);
    }
    a.rank(&b.values, &mut scratch.0);
    b.rank(&a.values, &mut scratch.1);
    pearson(&scratch.0, &scratch.1)
}

/// Pearson's r over places where neither is `NaN`, in two passes; `None` of fewer than two or where one is constant.
fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let pairs = || a.iter().zip(b).map(|(&x, &y)| (x, y)).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let first = pairs().next()?;
    let (mut n, mut sum_x, mut sum_y) = (0_usize, 0.0, 0.0);
    let (mut varies_x, mut varies_y) = (false, false);
    for (x, y) in pairs() {
        n += 1;
        // From the first value, so that columns far from 0 keep the digits of their spread.
        sum_x += x - first.0;
        sum_y += y - first.1;
        varies_x |= x != first.0;
        varies_y |= y != first.1;
    }
    if !(varies_x && varies_y) {
        return None;
    }
    let (mean_x, mean_y) = (first.0 + sum_x / n as f64, first.1 + sum_y / n as f64);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    let r: f64 = xy / (xx.sqrt() * yy.sqrt());
    r.is_finite().then(|| r.clamp(-1.0, 1.0))
}

fn categories(column: &Column, rows: &Rows<'_>) -> Categories {
    let known = |row: usize, code: u32| if column.is_valid(row) { code } else { Categories::MISSING };
    match column.data() {
        ColumnData::Category { codes, dictionary } => {
            let codes = rows.iter().map(|row| known(row, codes.get(row))).collect();
            Categories::new(codes, dictionary.len(), &|code| dictionary.get(code))
        }
        _ => {
            let code = |row: usize| column.number(row).map_or(Categories::MISSING, |value| value as u32);
            Categories::new(rows.iter().map(code).collect(), 2, &|code| ["false", "true"][code as usize])
        }
    }
}
