//! The functions of formulas, as data: for the parser, for messages, and for whoever helps to write one.

use super::aggregate::Aggregate;
use super::machine::Clock;
use super::text::Test;
use crate::engine::math;
use serde::Serialize;

/// A function.
#[derive(Debug, Serialize)]
pub struct Function {
    /// Name, lower case; formulas may write it in any.
    pub name: &'static str,
    /// How it is called: `clamp(x, low, high)`.
    pub signature: &'static str,
    /// What it gives, in a line.
    pub doc: &'static str,
    /// Whether it makes one value of an entity's rows.
    pub aggregate: bool,
    #[serde(skip)]
    pub(super) n_arguments: (usize, usize),
    #[serde(skip)]
    pub(super) does: Does,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// What a function does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does {
    Math(fn(f64) -> f64),
    Clock(Clock),
    Test(Test),
    Aggregate(Aggregate),
    If,
    Min,
    Max,
    Clamp,
    Minutes,
    Length,
    Lower,
    In,
    IsMissing,
    Coalesce,
    Number,
}

const ANY: usize = usize::MAX;

const fn of(
    name: &'static str,
    signature: &'static str,
    n_arguments: (usize, usize),
    does: Does,
    doc: &'static str,
) -> Function {
    Function { name, signature, doc, aggregate: matches!(does, Does::Aggregate(_)), n_arguments, does }
}

/// Every function, aggregates last.
#[rustfmt::skip]
pub static FUNCTIONS: &[Function] = &[
    of("if", "if(condition, a, b)", (3, 3), Does::If, "a where the condition is true, b where it is false"),
    of("min", "min(a, b, ...)", (2, ANY), Does::Min, "the least of several values of a row"),
    of("max", "max(a, b, ...)", (2, ANY), Does::Max, "the greatest of several values of a row"),
    of("clamp", "clamp(x, low, high)", (3, 3), Does::Clamp, "x, but at least low and at most high"),
    of("abs", "abs(x)", (1, 1), Does::Math(f64::abs), "x without its sign"),
    of("sqrt", "sqrt(x)", (1, 1), Does::Math(f64::sqrt), "square root; missing below 0"),
    of("log", "log(x)", (1, 1), Does::Math(math::ln), "natural logarithm; missing at 0 and below"),
    of("log2", "log2(x)", (1, 1), Does::Math(math::log2), "logarithm to base 2; missing at 0 and below"),
    of("log10", "log10(x)", (1, 1), Does::Math(math::log10), "logarithm to base 10; missing at 0 and below"),
    of("log1p", "log1p(x)", (1, 1), Does::Math(math::ln_1p), "natural logarithm of 1 + x; missing at -1 and below"),
    of("exp", "exp(x)", (1, 1), Does::Math(math::exp), "e to the power of x"),
    of("round", "round(x)", (1, 1), Does::Math(f64::round), "nearest whole number; halves go away from 0"),
    of("floor", "floor(x)", (1, 1), Does::Math(f64::floor), "greatest whole number that is not above x"),
    of("ceil", "ceil(x)", (1, 1), Does::Math(f64::ceil), "least whole number that is not below x"),
    of("hour", "hour(time)", (1, 1), Does::Clock(Clock::Hour), "hour of the day, 0 to 23"),
    of("weekday", "weekday(time)", (1, 1), Does::Clock(Clock::Weekday), "day of the week, 0 Monday to 6 Sunday"),
    of("day", "day(time)", (1, 1), Does::Clock(Clock::Day), "day of the month, 1 to 31"),
    of("month", "month(time)", (1, 1), Does::Clock(Clock::Month), "month, 1 to 12"),
    of("is_weekend", "is_weekend(time)", (1, 1), Does::Clock(Clock::Weekend), "whether it is a Saturday or Sunday"),
    of("is_night", "is_night(time, from, to)", (3, 3), Does::Clock(Clock::Night { from: 0, to: 0 }),
        "whether the hour is from the first up to, not with, the second: is_night(time, 22, 6)"),
    of("minutes", "minutes(a, b)", (2, 2), Does::Minutes, "minutes from time a to time b, negative where b is earlier"),
    of("length", "length(text)", (1, 1), Does::Length, "number of characters"),
    of("lower", "lower(text)", (1, 1), Does::Lower, "the text in lower case"),
    of("contains", "contains(text, 'part')", (2, 2), Does::Test(Test::Contains), "whether the part is in the text, as spelled"),
    of("starts_with", "starts_with(text, 'part')", (2, 2), Does::Test(Test::StartsWith), "whether the text begins with the part"),
    of("ends_with", "ends_with(text, 'part')", (2, 2), Does::Test(Test::EndsWith), "whether the text ends with the part"),
    of("in", "in(x, a, b, ...)", (2, ANY), Does::In, "whether x is one of the values"),
    of("is_missing", "is_missing(x)", (1, 1), Does::IsMissing, "whether there is no value"),
    of("coalesce", "coalesce(x, y, ...)", (2, ANY), Does::Coalesce, "the first of them that is not missing"),
    of("number", "number(x)", (1, 1), Does::Number, "a text such as '1.5' as the number it spells, else missing; true as 1"),
    of("mean", "mean(x)", (1, 1), Does::Aggregate(Aggregate::Mean), "mean over the rows; of a yes-or-no the share of yes"),
    of("sum", "sum(x)", (1, 1), Does::Aggregate(Aggregate::Sum), "sum over the rows"),
    of("lowest", "lowest(x)", (1, 1), Does::Aggregate(Aggregate::Lowest), "least value over the rows; of times the earliest"),
    of("highest", "highest(x)", (1, 1), Does::Aggregate(Aggregate::Highest), "greatest value over the rows; of times the latest"),
    of("first", "first(x)", (1, 1), Does::Aggregate(Aggregate::First), "first value in time that is not missing"),
    of("last", "last(x)", (1, 1), Does::Aggregate(Aggregate::Last), "last value in time that is not missing"),
    of("stddev", "stddev(x)", (1, 1), Does::Aggregate(Aggregate::Stddev), "standard deviation over the rows (of a population); 0 of a single one"),
    of("median", "median(x)", (1, 1), Does::Aggregate(Aggregate::Median), "median over the rows"),
    of("count", "count(), count(condition)", (0, 1), Does::Aggregate(Aggregate::Count), "number of rows, or of those where the condition is true"),
    of("share", "share(condition)", (1, 1), Does::Aggregate(Aggregate::Share), "share of the rows where the condition is true, of those where it is known"),
    of("distinct", "distinct(x)", (1, 1), Does::Aggregate(Aggregate::Distinct), "number of different values"),
];

/// The function of a name in any case.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| name.eq_ignore_ascii_case(function.name))
}
