//! A second implementation of formulas: expressions are made up, written as text for the engine, and worked out here
//! by walking them once for each row, over cells that are texts.

use super::properties::{BOOLEAN, COLUMNS, NUMBERS, TEXTS, TIMES, WORDS};
use isoscope::engine::rng::Rng;
use isoscope::engine::table::{ColumnType, Table};
use jiff::civil::DateTime;

/// An expression. Calls and operators by their names.
#[derive(Debug, Clone)]
pub enum Expression {
    Number(f64),
    Boolean(bool),
    Text(&'static str),
    /// A text that stands for a time, beside a time.
    Moment(&'static str),
    Column(usize),
    Negate(Box<Expression>),
    Not(Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    Call(&'static str, Vec<Expression>),
}

use Expression::{Binary, Boolean, Call, Column, Moment, Negate, Not, Number, Text};

/// A value that is there; booleans are 1 and 0.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
    Time(DateTime),
}

/// Makes up expressions.
pub struct Maker<'a> {
    pub rng: &'a mut Rng,
    is_inside: bool,
    aggregates: bool,
}

impl<'a> Maker<'a> {
    pub fn new(rng: &'a mut Rng) -> Self {
        Maker { rng, is_inside: false, aggregates: false }
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.rng.below(of.len() as u64) as usize]
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.rng.below(one_in) == 0
    }

    /// A whole formula, with aggregates or without.
    pub fn formula(&mut self) -> Expression {
        self.is_inside = false;
        self.aggregates = self.chance(2);
        let formula = self.number(4);
        // A part without a column is the same everywhere, but for whether it has an aggregate.
        if self.aggregates { binary("+", formula, self.aggregate()) } else { formula }
    }

    /// Whether a column may stand here.
    fn has_rows(&self) -> bool {
        self.is_inside || !self.aggregates
    }

    fn inside<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.is_inside = true;
        let made = make(self);
        self.is_inside = false;
        made
    }

    fn aggregate(&mut self) -> Expression {
        self.inside(|maker| {
            let name = maker.one(&[
                "mean", "sum", "lowest", "highest", "first", "last", "stddev", "median", "count", "share",
                "distinct",
            ]);
            let arguments = match name {
                "count" if maker.chance(2) => vec![],
                "count" | "share" => vec![maker.boolean(2)],
                "distinct" if maker.chance(2) => vec![maker.text(2)],
                "distinct" if maker.chance(4) => vec![maker.time(1)],
                _ => vec![maker.number(2)],
            };
            Call(name, arguments)
        })
    }

    fn numbers(&mut self, n: usize, depth: u32) -> Vec<Expression> {
        (0..n).map(|_| self.number(depth)).collect()
    }

    fn number(&mut self, depth: u32) -> Expression {
        if depth == 0 || self.chance(5) {
            return match (self.has_rows(), self.chance(4)) {
                (_, true) => Number(self.one(&[0.0, 1.0, 2.5, 3.0, 100.0])),
                (true, false) => Column(self.one(&NUMBERS)),
                (false, false) => self.aggregate(),
            };
        }
        let depth = depth - 1;
        match self.rng.below(12) {
            0..3 => {
                let operator = self.one(&["+", "-", "*", "/", "%", "^"]);
                binary(operator, self.number(depth), self.number(depth))
            }
            3 => Negate(Box::new(self.number(depth))),
            4 => {
                let name = self.one(&[
                    "abs", "sqrt", "log", "log2", "log10", "log1p", "exp", "round", "floor", "ceil", "number",
                ]);
                Call(name, self.numbers(1, depth))
            }
            5 => {
                let name = self.one(&["min", "max", "coalesce"]);
                let n = 2 + self.rng.below(2) as usize;
                Call(name, self.numbers(n, depth))
            }
            6 => Call("clamp", self.numbers(3, depth)),
            7 => Call("if", vec![self.boolean(depth), self.number(depth), self.number(depth)]),
            8 => {
                let name = self.one(&["hour", "weekday", "day", "month"]);
                Call(name, vec![self.time(depth)])
            }
            9 => match self.rng.below(3) {
                0 => Call("minutes", vec![self.time(depth), Moment("2023-12-31 12:00")]),
                1 => Call("minutes", vec![Moment("2023-12-31"), self.time(depth)]),
                _ => Call("minutes", vec![self.time(depth), self.time(depth)]),
            },
            10 => {
                let name = self.one(&["length", "number"]);
                Call(name, vec![self.text(depth)])
            }
            _ => self.boolean(depth),
        }
    }

    fn boolean(&mut self, depth: u32) -> Expression {
        if depth == 0 {
            return match (self.has_rows(), self.chance(4)) {
                (_, true) => Boolean(self.chance(2)),
                (true, false) => Column(BOOLEAN),
                (false, false) => binary(">", self.aggregate(), Number(1.0)),
            };
        }
        let depth = depth - 1;
        let comparison = self.one(&["=", "!=", "<", "<=", ">", ">="]);
        match self.rng.below(12) {
            0..2 => binary(comparison, self.number(depth), self.number(depth)),
            2..4 => {
                let operator = self.one(&["and", "or"]);
                binary(operator, self.boolean(depth), self.boolean(depth))
            }
            4 => Not(Box::new(self.boolean(depth))),
            5 => {
                let operator = self.one(&["=", "!="]);
                binary(operator, self.text(depth), self.text(depth))
            }
            6 => match self.rng.below(3) {
                0 => binary(comparison, self.time(depth), Moment("2023-12-01 06:30")),
                1 => binary(comparison, Moment("2024-01-10"), self.time(depth)),
                _ => binary(comparison, self.time(depth), self.time(depth)),
            },
            7 => {
                let name = self.one(&["contains", "starts_with", "ends_with"]);
                let part = Text(self.one(&["a", "b", "", "'", "ä", "5"]));
                Call(name, vec![self.text(depth), part])
            }
            8 => {
                let options = |maker: &mut Self| {
                    (0..1 + maker.rng.below(3)).map(|_| maker.text(depth.min(1))).collect()
                };
                Call("in", [vec![self.text(depth)], options(self)].concat())
            }
            9 => {
                let n = 2 + self.rng.below(3) as usize;
                Call("in", self.numbers(n, depth.min(1)))
            }
            10 => match self.rng.below(3) {
                0 => Call("is_missing", vec![self.text(depth)]),
                1 => Call("is_missing", vec![self.time(depth)]),
                _ => Call("is_missing", self.numbers(1, depth)),
            },
            _ => match self.chance(2) {
                true => Call("is_weekend", vec![self.time(depth)]),
                false => {
                    let hours = [0.0, 6.0, 22.0, 24.0];
                    let (from, to) = (self.one(&hours), self.one(&hours));
                    Call("is_night", vec![self.time(depth), Number(from), Number(to)])
                }
            },
        }
    }

    fn text(&mut self, depth: u32) -> Expression {
        if depth == 0 || self.chance(3) {
            return match (self.has_rows(), self.chance(3)) {
                (_, true) => Text(self.one(&TEXTS)),
                (true, false) => Column(self.one(&WORDS)),
                (false, false) => {
                    let name = self.one(&["first", "last"]);
                    let text = self.inside(|maker| maker.text(1));
                    Call(name, vec![text])
                }
            };
        }
        let depth = depth - 1;
        match self.rng.below(3) {
            0 => Call("lower", vec![self.text(depth)]),
            1 => Call("coalesce", vec![self.text(depth), self.text(depth)]),
            _ => Call("if", vec![self.boolean(depth), self.text(depth), self.text(depth)]),
        }
    }

    fn time(&mut self, depth: u32) -> Expression {
        if depth == 0 || self.chance(2) {
            if self.has_rows() {
                return Column(self.one(&TIMES));
            }
            let name = self.one(&["first", "last", "lowest", "highest"]);
            let time = self.inside(|maker| maker.time(1));
            return Call(name, vec![time]);
        }
        let depth = depth - 1;
        match self.rng.below(3) {
            0 => {
                let name = self.one(&["min", "max", "coalesce"]);
                Call(name, vec![self.time(depth), self.time(depth)])
            }
            1 => Call("max", vec![self.time(depth), Moment("2023-12-24 18:00")]),
            _ => Call("if", vec![self.boolean(depth), self.time(depth), self.time(depth)]),
        }
    }

    /// The expression as a formula: spaces, quotes and needless parentheses now so, now so.
    pub fn written(&mut self, expression: &Expression) -> String {
        let text = match expression {
            Number(value) => value.to_string(),
            Boolean(value) => value.to_string(),
            Text(text) | Moment(text) => match self.chance(2) {
                true => format!("'{}'", text.replace('\'', "''")),
                false => format!("\"{}\"", text.replace('"', "\"\"")),
            },
            Column(place) => match (COLUMNS[*place], self.chance(2)) {
                (name @ ("n" | "x.y" | "word" | "größe"), true) => name.to_owned(),
                (name, _) => match self.chance(2) {
                    true => format!("`{}`", name.replace('`', "``")),
                    false => format!("[{}]", name.replace(']', "]]")),
                },
            },
            Negate(inner) => format!("-{}", self.part(inner, 7)),
            Not(inner) => format!("not {}", self.part(inner, 3)),
            Binary(operator, a, b) => {
                let level = level(operator);
                // A power holds together from the right, a comparison not at all, all others from the left.
                let (left, right) = match *operator {
                    "^" => (9, 7),
                    _ if level == 4 => (5, 5),
                    _ => (level, level + 1),
                };
                let (a, b) = (self.part(a, left), self.part(b, right));
                let operator = match (*operator, self.chance(2)) {
                    ("=", true) => "==",
                    ("!=", true) => "<>",
                    ("and", true) => "&&",
                    ("or", true) => "||",
                    (operator, _) => operator,
                };
                format!("{a} {operator} {b}")
            }
            Call(name, arguments) => {
                let arguments: Vec<String> =
                    arguments.iter().map(|argument| self.written(argument)).collect();
                let name = if self.chance(9) { name.to_uppercase() } else { (*name).to_owned() };
                format!("{name}({})", arguments.join(if self.chance(2) { "," } else { " , " }))
            }
        };
        // A text in parentheses still is one, but a moment is only one where it is written alone.
        if self.chance(9) { format!("( {text} )") } else { text }
    }

    fn part(&mut self, expression: &Expression, least: u32) -> String {
        let level = match expression {
            Binary(operator, ..) => level(operator),
            Negate(_) => 7,
            Not(_) => 3,
            _ => 9,
        };
        let text = self.written(expression);
        if level < least { format!("({text})") } else { text }
    }
}

fn binary(operator: &'static str, a: Expression, b: Expression) -> Expression {
    Binary(operator, Box::new(a), Box::new(b))
}

/// How tightly an operator holds its parts.
fn level(operator: &str) -> u32 {
    match operator {
        "or" => 1,
        "and" => 2,
        "+" | "-" => 5,
        "*" | "/" | "%" => 6,
        "^" => 8,
        _ => 4,
    }
}

/// Cells as texts, empty where they are missing.
pub struct Naive {
    cells: Vec<Vec<String>>,
    types: Vec<ColumnType>,
}

impl Naive {
    pub fn of(table: &Table) -> Self {
        let columns = table.columns();
        let cells = (0..table.n_rows())
            .map(|row| columns.iter().map(|column| column.text(row).into_owned()).collect());
        Naive { cells: cells.collect(), types: columns.iter().map(|column| column.column_type()).collect() }
    }

    /// The value over some rows, the mean over them where the formula has no aggregate.
    pub fn value(&self, expression: &Expression, rows: &[usize]) -> Option<f64> {
        let value = if aggregates(expression) {
            self.eval(expression, rows, None)
        } else {
            self.eval(&Call("mean", vec![expression.clone()]), rows, None)
        };
        value.map(|value| number(&value))
    }

    fn cell(&self, row: usize, column: usize) -> Option<Value> {
        let text = self.cells[row][column].as_str();
        if text.is_empty() {
            return None;
        }
        Some(match self.types[column] {
            ColumnType::Boolean => truth(text == "true"),
            ColumnType::Integer | ColumnType::Float => Value::Number(text.parse().unwrap()),
            ColumnType::Timestamp => Value::Time(text.parse().unwrap()),
            _ => Value::Text(text.to_owned()),
        })
    }

    fn eval(&self, expression: &Expression, rows: &[usize], row: Option<usize>) -> Option<Value> {
        let eval = |expression: &Expression| self.eval(expression, rows, row);
        match expression {
            Number(value) => Some(Value::Number(*value)),
            Boolean(value) => Some(truth(*value)),
            Text(text) => Some(Value::Text((*text).to_owned())),
            Moment(text) => Some(Value::Time(moment(text))),
            Column(column) => self.cell(row.unwrap(), *column),
            Negate(inner) => Some(Value::Number(-number(&eval(inner)?))),
            Not(inner) => Some(truth(number(&eval(inner)?) == 0.0)),
            Binary(operator, a, b) => operated(operator, eval(a), eval(b)),
            Call(name, arguments) if row.is_none() && is_aggregate(name) => {
                let values: Vec<Option<Value>> = match arguments.first() {
                    None => return Some(Value::Number(rows.len() as f64)),
                    Some(x) => rows.iter().map(|&row| self.eval(x, rows, Some(row))).collect(),
                };
                aggregated(name, values.into_iter().flatten().collect())
            }
            Call("if", arguments) => {
                if is_true(&eval(&arguments[0])?) {
                    eval(&arguments[1])
                } else {
                    eval(&arguments[2])
                }
            }
            Call("coalesce", arguments) => arguments.iter().find_map(eval),
            Call("is_missing", arguments) => Some(truth(eval(&arguments[0]).is_none())),
            Call("in", arguments) => {
                let x = eval(&arguments[0]);
                let equal = arguments[1..].iter().map(|option| operated("=", x.clone(), eval(option)));
                equal.reduce(|a, b| operated("or", a, b)).unwrap()
            }
            Call(name, arguments) => {
                let values: Option<Vec<Value>> = arguments.iter().map(eval).collect();
                called(name, &values?)
            }
        }
    }
}

fn moment(text: &str) -> DateTime {
    let (date, clock) = text.split_once(' ').unwrap_or((text, "00:00"));
    format!("{date}T{clock}:00").parse().unwrap()
}

fn is_aggregate(name: &str) -> bool {
    let names = [
        "mean", "sum", "lowest", "highest", "first", "last", "stddev", "median", "count", "share", "distinct",
    ];
    names.contains(&name)
}

fn aggregates(expression: &Expression) -> bool {
    match expression {
        Negate(inner) | Not(inner) => aggregates(inner),
        Binary(_, a, b) => aggregates(a) || aggregates(b),
        Call(name, arguments) => is_aggregate(name) || arguments.iter().any(aggregates),
        _ => false,
    }
}

fn truth(value: bool) -> Value {
    Value::Number(f64::from(u8::from(value)))
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(value) => *value,
        other => panic!("{other:?} is no number"),
    }
}

fn is_true(value: &Value) -> bool {
    number(value) != 0.0
}

fn finite(value: f64) -> Option<Value> {
    value.is_finite().then_some(Value::Number(value))
}

fn operated(operator: &str, a: Option<Value>, b: Option<Value>) -> Option<Value> {
    let is =
        |value: &Option<Value>, wanted: bool| value.as_ref().is_some_and(|value| is_true(value) == wanted);
    match operator {
        "and" if is(&a, false) || is(&b, false) => return Some(truth(false)),
        "or" if is(&a, true) || is(&b, true) => return Some(truth(true)),
        _ => {}
    }
    let (a, b) = (a?, b?);
    let order = match (&a, &b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => None,
    };
    let order = order.unwrap();
    match operator {
        "and" => Some(truth(true)),
        "or" => Some(truth(false)),
        "=" => Some(truth(order.is_eq())),
        "!=" => Some(truth(order.is_ne())),
        "<" => Some(truth(order.is_lt())),
        "<=" => Some(truth(order.is_le())),
        ">" => Some(truth(order.is_gt())),
        ">=" => Some(truth(order.is_ge())),
        "+" => finite(number(&a) + number(&b)),
        "-" => finite(number(&a) - number(&b)),
        "*" => finite(number(&a) * number(&b)),
        "/" => finite(number(&a) / number(&b)),
        "%" => {
            let (a, b) = (number(&a), number(&b));
            let left = a % b;
            finite(if left != 0.0 && (left < 0.0) != (b < 0.0) { left + b } else { left })
        }
        "^" => finite(libm::pow(number(&a), number(&b))),
        other => panic!("{other}"),
    }
}

fn called(name: &str, values: &[Value]) -> Option<Value> {
    let x = |place: usize| number(&values[place]);
    let text = |place: usize| match &values[place] {
        Value::Text(text) => text.as_str(),
        other => panic!("{name} of {other:?}"),
    };
    let time = |place: usize| match &values[place] {
        Value::Time(time) => *time,
        other => panic!("{name} of {other:?}"),
    };
    let least = |a: &Value, b: &Value| match (a, b) {
        (Value::Time(a), Value::Time(b)) => Value::Time(*a.min(b)),
        (a, b) => Value::Number(number(a).min(number(b))),
    };
    let greatest = |a: &Value, b: &Value| match (a, b) {
        (Value::Time(a), Value::Time(b)) => Value::Time(*a.max(b)),
        (a, b) => Value::Number(number(a).max(number(b))),
    };
    match name {
        "min" => values.iter().cloned().reduce(|a, b| least(&a, &b)),
        "max" => values.iter().cloned().reduce(|a, b| greatest(&a, &b)),
        "clamp" => Some(least(&greatest(&values[0], &values[1]), &values[2])),
        "abs" => finite(x(0).abs()),
        "sqrt" => finite(x(0).sqrt()),
        "log" => finite(libm::log(x(0))),
        "log2" => finite(libm::log2(x(0))),
        "log10" => finite(libm::log10(x(0))),
        "log1p" => finite(libm::log1p(x(0))),
        "exp" => finite(libm::exp(x(0))),
        "round" => finite(x(0).round()),
        "floor" => finite(x(0).floor()),
        "ceil" => finite(x(0).ceil()),
        "number" => match &values[0] {
            Value::Number(value) => finite(*value),
            _ => finite(text(0).trim().parse().ok()?),
        },
        "hour" => finite(f64::from(time(0).hour())),
        "weekday" => finite(f64::from(time(0).weekday().to_monday_zero_offset())),
        "day" => finite(f64::from(time(0).day())),
        "month" => finite(f64::from(time(0).month())),
        "is_weekend" => Some(truth(time(0).weekday().to_monday_zero_offset() >= 5)),
        "is_night" => {
            let (hour, from, to) = (f64::from(time(0).hour()), x(1), x(2));
            Some(truth(if from <= to { hour >= from && hour < to } else { hour >= from || hour < to }))
        }
        "minutes" => finite(time(0).duration_until(time(1)).as_secs_f64() / 60.0),
        "length" => finite(text(0).chars().count() as f64),
        "lower" => Some(Value::Text(text(0).to_lowercase())),
        "contains" => Some(truth(text(0).contains(text(1)))),
        "starts_with" => Some(truth(text(0).starts_with(text(1)))),
        "ends_with" => Some(truth(text(0).ends_with(text(1)))),
        other => panic!("{other}"),
    }
}

/// An aggregate of the values that are there.
fn aggregated(name: &str, values: Vec<Value>) -> Option<Value> {
    let n = values.len() as f64;
    let numbers = || values.iter().map(number).collect::<Vec<f64>>();
    match name {
        "sum" => finite(sum(numbers())),
        "mean" => finite(sum(numbers()) / n),
        "stddev" => {
            let mean = sum(numbers()) / n;
            finite((sum(numbers().iter().map(|x| (x - mean) * (x - mean)).collect()) / n).sqrt())
        }
        "median" => {
            let mut numbers = numbers();
            numbers.sort_by(f64::total_cmp);
            let middle = numbers.len() / 2;
            match numbers.len() {
                0 => None,
                n if n % 2 == 1 => finite(numbers[middle]),
                _ => finite(numbers[middle] - (numbers[middle] - numbers[middle - 1]) * 0.5),
            }
        }
        "lowest" => called("min", &values),
        "highest" => called("max", &values),
        "first" => values.first().cloned(),
        "last" => values.last().cloned(),
        "count" => Some(Value::Number(values.iter().filter(|value| is_true(value)).count() as f64)),
        "share" => finite(values.iter().filter(|value| is_true(value)).count() as f64 / n),
        "distinct" => {
            let is_new = |&place: &usize| !values[..place].contains(&values[place]);
            Some(Value::Number((0..values.len()).filter(is_new).count() as f64))
        }
        other => panic!("{other}"),
    }
}

/// A sum in ascending order that carries along what rounding drops.
fn sum(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (mut sum, mut dropped) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        dropped += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + dropped
}
