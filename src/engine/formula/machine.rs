//! Operations on a stack of columns.
//!
//! All values are 64-bit floats, and NaN is missing: numbers; true and false as 1 and 0; texts as codes; times as
//! milliseconds, exact for 285,000 years around 1970.

use crate::engine::table::{Column, ColumnData, Table};
use crate::engine::time::{self, civil_from_days};

/// Something done to the topmost columns of the stack.
#[derive(Debug)]
pub(super) enum Op {
    /// Pushes a constant.
    Constant(f64),
    /// Pushes a column's numbers, milliseconds or codes.
    Column(usize),
    /// Pushes the value of an aggregate.
    Aggregated(usize),
    /// Pushes what lies so far below the top.
    Copy(usize),
    /// Pops one and pushes what the function makes of it.
    Map(fn(f64) -> f64),
    /// Codes to a value each.
    LookUp(Box<[f64]>),
    /// Codes to 1 and 0: a bit for each.
    Test(Box<[u64]>),
    /// Times to what the clock of a column shows.
    Clock(Clock, usize),
    IsMissing,
    Not,
    /// Pops two and pushes one.
    Both(Both),
    /// Pops condition, then, else.
    If,
}

/// What is made of two values.
#[derive(Debug, Clone, Copy)]
pub(super) enum Both {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Min,
    Max,
    And,
    Or,
    Coalesce,
    Second,
    /// From the first time to the second, minutes.
    Minutes,
}

/// What a clock shows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clock {
    Hour,
    Weekday,
    Day,
    Month,
    Weekend,
    Night { from: u32, to: u32 },
}

/// A stack of columns; those not in use keep their memory.
#[derive(Debug, Default)]
pub(super) struct Machine {
    stack: Vec<Vec<f64>>,
    top: usize,
}

impl Machine {
    /// Runs operations that leave one column: a value for each of the rows.
    pub fn run(&mut self, ops: &[Op], table: &Table, rows: &[u32]) -> &[f64] {
        self.run_with(ops, table, rows, rows.len(), &[])
    }

    /// Runs operations on aggregates, which give one value.
    pub fn combine(&mut self, ops: &[Op], table: &Table, aggregated: &[f64]) -> f64 {
        self.run_with(ops, table, &[], 1, aggregated).first().copied().unwrap_or(f64::NAN)
    }

    fn run_with(&mut self, ops: &[Op], table: &Table, rows: &[u32], n: usize, aggregated: &[f64]) -> &[f64] {
        self.top = 0;
        for op in ops {
            match op {
                Op::Constant(value) => self.push().resize(n, *value),
                Op::Aggregated(place) => self.push().resize(n, aggregated[*place]),
                Op::Column(column) => read(&table.columns()[*column], rows, self.push()),
                Op::Copy(below) => {
                    let from = self.top - 1 - below;
                    self.push();
                    let (lower, upper) = self.stack.split_at_mut(self.top - 1);
                    upper[0].extend_from_slice(&lower[from]);
                }
                Op::Map(function) => self.map(|x| finite(function(x))),
                Op::LookUp(values) => {
                    self.map(|code| if code.is_nan() { code } else { values[code as usize] })
                }
                Op::Test(bits) => self.map(|code| {
                    let place = code as usize;
                    if code.is_nan() { code } else { truth(bits[place / 64] >> (place % 64) & 1 == 1) }
                }),
                Op::Clock(clock, column) => {
                    let mut hand = table.columns()[*column].wall_clock().hand();
                    self.map(|ms| {
                        if ms.is_nan() {
                            return ms;
                        }
                        let ms = ms as i64;
                        match *clock {
                            Clock::Hour => f64::from(time::hour_of(hand.local_ms(ms))),
                            Clock::Weekday => f64::from(time::weekday_of(hand.day_of(ms))),
                            Clock::Day => f64::from(civil_from_days(hand.day_of(ms)).2),
                            Clock::Month => f64::from(civil_from_days(hand.day_of(ms)).1),
                            Clock::Weekend => truth(time::weekday_of(hand.day_of(ms)) >= 5),
                            Clock::Night { from, to } => {
                                let hour = time::hour_of(hand.local_ms(ms));
                                let is_after = hour >= from;
                                truth(if from <= to { is_after && hour < to } else { is_after || hour < to })
                            }
                        }
                    });
                }
                Op::IsMissing => self.map(|x| truth(x.is_nan())),
                Op::Not => self.map(|x| if x.is_nan() { x } else { truth(x == 0.0) }),
                Op::Both(both) => self.both(*both),
                Op::If => self.choose(),
            }
        }
        debug_assert_eq!(self.top, 1, "{ops:?}");
        &self.stack[0]
    }

    /// An empty column on top.
    fn push(&mut self) -> &mut Vec<f64> {
        if self.top == self.stack.len() {
            self.stack.push(Vec::new());
        }
        self.top += 1;
        let column = &mut self.stack[self.top - 1];
        column.clear();
        column
    }

    #[inline]
    fn map(&mut self, mut function: impl FnMut(f64) -> f64) {
        self.stack[self.top - 1].iter_mut().for_each(|x| *x = function(*x));
    }

    /// One loop for all functions of two: a call for each pair costs little beside fetching the values, and a loop for
    /// each function kilobytes of wasm.
    fn both(&mut self, both: Both) {
        let function: fn(f64, f64) -> f64 = match both {
            Both::Add => |x, y| finite(x + y),
            Both::Subtract => |x, y| finite(x - y),
            Both::Multiply => |x, y| finite(x * y),
            Both::Divide => |x, y| finite(x / y),
            Both::Remainder => |x, y| finite(remainder(x, y)),
            Both::Power => |x, y| finite(power(x, y)),
            Both::Equal => |x, y| compared(x, y, x == y),
            Both::Unequal => |x, y| compared(x, y, x != y),
            Both::Less => |x, y| compared(x, y, x < y),
            Both::AtMost => |x, y| compared(x, y, x <= y),
            Both::Greater => |x, y| compared(x, y, x > y),
            Both::AtLeast => |x, y| compared(x, y, x >= y),
            // Where one is NaN, the comparisons are false and the sum is NaN.
            Both::Min => |x, y| {
                if x < y {
                    x
                } else if y <= x {
                    y
                } else {
                    x + y
                }
            },
            Both::Max => |x, y| {
                if x > y {
                    x
                } else if y >= x {
                    y
                } else {
                    x + y
                }
            },
            Both::And => |x, y| if x == 0.0 || y == 0.0 { 0.0 } else { compared(x, y, true) },
            Both::Or => |x, y| if is_true(x) || is_true(y) { 1.0 } else { compared(x, y, false) },
            Both::Coalesce => |x, y| if x.is_nan() { y } else { x },
            Both::Second => |_, y| y,
            Both::Minutes => |from, to| (to - from) / 60_000.0,
        };
        self.top -= 1;
        let (below, above) = self.stack.split_at_mut(self.top);
        for (x, &y) in below[self.top - 1].iter_mut().zip(&above[0]) {
            *x = function(*x, y);
        }
    }

    fn choose(&mut self) {
        self.top -= 2;
        let (below, above) = self.stack.split_at_mut(self.top);
        let branches = above[0].iter().zip(&above[1]);
        for (condition, (&yes, &no)) in below[self.top - 1].iter_mut().zip(branches) {
            *condition = if is_true(*condition) {
                yes
            } else if *condition == 0.0 {
                no
            } else {
                f64::NAN
            };
        }
    }
}

/// Whether a value that may be missing is true.
pub(super) fn is_true(value: f64) -> bool {
    value != 0.0 && !value.is_nan()
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

/// Whether a comparison holds, missing where one of what it compares is.
fn compared(x: f64, y: f64, holds: bool) -> f64 {
    if x.is_nan() || y.is_nan() { f64::NAN } else { truth(holds) }
}

/// A value, missing where it is no finite number.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// What is left of `x` after whole `y`s, with the sign of `y`, as in Python and in spreadsheets.
fn remainder(x: f64, y: f64) -> f64 {
    let left = x % y;
    if left != 0.0 && (left < 0.0) != (y < 0.0) { left + y } else { left }
}

/// `x^y`, which IEEE lets be 1 for a missing part where the other is 1 or 0.
fn power(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() { f64::NAN } else { crate::engine::math::pow(x, y) }
}

/// Values of some rows of a column.
fn read(column: &Column, rows: &[u32], values: &mut Vec<f64>) {
    match column.data() {
        ColumnData::Integer(all) | ColumnData::Timestamp { ms: all, .. } => {
            values.extend(rows.iter().map(|&row| all[row as usize] as f64));
        }
        ColumnData::Float(all) => values.extend(rows.iter().map(|&row| all[row as usize])),
        ColumnData::Boolean(all) => values.extend(rows.iter().map(|&row| truth(all[row as usize]))),
        ColumnData::Category { codes, .. } => {
            values.extend(rows.iter().map(|&row| f64::from(codes.get(row as usize))))
        }
    }
    if column.validity().n_missing() > 0 {
        for (value, &row) in values.iter_mut().zip(rows) {
            if !column.is_valid(row as usize) {
                *value = f64::NAN;
            }
        }
    }
}

/// Bits of a test by code.
pub(super) fn bits(holds: &[bool]) -> Box<[u64]> {
    let word = |chunk: &[bool]| chunk.iter().rev().fold(0, |word, &holds| word << 1 | u64::from(holds));
    holds.chunks(64).map(word).collect()
}
