//! From a tree to a program: names and types checked against a table.

use super::ValueType;
use super::aggregate::{Aggregate, Aggregated};
use super::alike::comparison;
use super::fault::{Fault, Span, unknown};
use super::functions::{Does, Function};
use super::machine::{Both, Clock, Op, bits};
use super::program::Program;
use super::text::Texts;
use super::tree::{Kind, Node, Operator};
use crate::engine::table::{ColumnData, Table};

/// Makes a program.
pub(super) fn compile(root: &Node, table: &Table) -> Result<Program, Fault> {
    let is_rowwise = !root.aggregates();
    let place = if is_rowwise { Place::Row } else { Place::OverRows };
    let mut compiler = Compiler { table, place, aggregated: Vec::new() };
    let mut ops = Vec::new();
    let value = compiler.part(root, &mut ops)?;
    Ok(Program::new(value, ops, compiler.aggregated, is_rowwise))
}

/// What a part gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number,
    Boolean,
    Text(Texts),
    /// Read by the clock of this column.
    Time(usize),
}

impl Value {
    pub fn value_type(&self) -> ValueType {
        match self {
            Value::Number => ValueType::Number,
            Value::Boolean => ValueType::Boolean,
            Value::Text(_) => ValueType::Text,
            Value::Time(_) => ValueType::Time,
        }
    }
}

/// The name of a type as it stands in a message.
pub(super) fn named(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::Number => "a number",
        ValueType::Boolean => "true or false",
        ValueType::Text => "a text",
        ValueType::Time => "a time",
    }
}

/// Where a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a formula without aggregates.
    Row,
    /// In a formula with aggregates, outside of them.
    OverRows,
    /// Inside an aggregate.
    Inside,
}

pub(super) struct Compiler<'a> {
    pub table: &'a Table,
    place: Place,
    aggregated: Vec<Aggregated>,
}

impl Compiler<'_> {
    /// Appends the operations of a part, which leave one column on the stack.
    pub fn part(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<Value, Fault> {
        match &node.kind {
            Kind::Number(value) => {
                ops.push(Op::Constant(*value));
                Ok(Value::Number)
            }
            Kind::Boolean(value) => {
                ops.push(Op::Constant(f64::from(u8::from(*value))));
                Ok(Value::Boolean)
            }
            Kind::Text(text) => {
                ops.push(Op::Constant(0.0));
                Ok(Value::Text(Texts::of_literal(text)))
            }
            Kind::Column(name) => self.column(name, node.at, ops),
            Kind::Negate(inner) => {
                self.number(inner, ops)?;
                ops.push(Op::Map(std::ops::Neg::neg));
                Ok(Value::Number)
            }
            Kind::Not(inner) => {
                self.number(inner, ops)?;
                ops.push(Op::Not);
                Ok(Value::Boolean)
            }
            Kind::Chain(first, rest) => self.chain(first, rest, ops),
            Kind::Call(function, arguments) => self.call(function, arguments, node.at, ops),
        }
    }

    fn column(&mut self, name: &str, at: Span, ops: &mut Vec<Op>) -> Result<Value, Fault> {
        let columns = self.table.columns();
        let Some(place) = columns.iter().position(|column| column.name() == name) else {
            let names = columns.iter().map(|column| column.name());
            return Err(Fault::new(at, "a column of the table", unknown(name, names)));
        };
        if self.place == Place::OverRows {
            return Err(Fault::new(
                at,
                format!(
                    "an aggregate of the column, such as mean({name}) or last({name}), as other parts have one"
                ),
                format!("\"{name}\" of single rows"),
            ));
        }
        ops.push(Op::Column(place));
        Ok(match columns[place].data() {
            ColumnData::Integer(_) | ColumnData::Float(_) => Value::Number,
            ColumnData::Boolean(_) => Value::Boolean,
            ColumnData::Timestamp { .. } => Value::Time(place),
            ColumnData::Category { .. } => Value::Text(Texts::of_column(place)),
        })
    }

    /// A part that gives a number, or true or false, which count as 1 and 0.
    fn number(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<Value, Fault> {
        let value = self.part(node, ops)?;
        match value {
            Value::Number | Value::Boolean => Ok(value),
            Value::Text(_) => Err(self.mismatch(node, &value, "a number; number(…) reads a text as one")),
            Value::Time(_) => {
                Err(self.mismatch(node, &value, "a number; hour(…) or minutes(…, …) make one of times"))
            }
        }
    }

    fn text(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<Texts, Fault> {
        match self.part(node, ops)? {
            Value::Text(texts) => Ok(texts),
            value => Err(self.mismatch(node, &value, "a text")),
        }
    }

    /// A part that gives a time, and the column by whose clock it is read.
    fn time(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<usize, Fault> {
        match self.part(node, ops)? {
            Value::Time(column) => Ok(column),
            value => Err(self.mismatch(node, &value, "a time")),
        }
    }

    fn chain(&mut self, first: &Node, rest: &[(Operator, Node)], ops: &mut Vec<Op>) -> Result<Value, Fault> {
        if let [(operator, second)] = rest
            && let Some(both) = comparison(*operator)
        {
            let (value, other, start) = self.pair(first, second, ops)?;
            return self.compare(both, (first, value), (second, other), start, ops);
        }
        self.number(first, ops)?;
        let mut value = Value::Number;
        for (operator, node) in rest {
            self.number(node, ops)?;
            let both = match operator {
                Operator::Or => Both::Or,
                Operator::And => Both::And,
                Operator::Subtract => Both::Subtract,
                Operator::Multiply => Both::Multiply,
                Operator::Divide => Both::Divide,
                Operator::Remainder => Both::Remainder,
                Operator::Power => Both::Power,
                _ => Both::Add,
            };
            if matches!(both, Both::Or | Both::And) {
                value = Value::Boolean;
            }
            ops.push(Op::Both(both));
        }
        Ok(value)
    }

    fn call(
        &mut self,
        function: &'static Function,
        arguments: &[Node],
        at: Span,
        ops: &mut Vec<Op>,
    ) -> Result<Value, Fault> {
        match (function.does, arguments) {
            (Does::Aggregate(aggregate), _) => self.aggregate(aggregate, function, arguments, at, ops),
            (Does::Math(math), [x]) => {
                self.number(x, ops)?;
                ops.push(Op::Map(math));
                Ok(Value::Number)
            }
            (Does::Clock(clock), [time, hours @ ..]) => {
                let column = self.time(time, ops)?;
                let (clock, value) = match (clock, hours) {
                    (Clock::Night { .. }, [from, to]) => {
                        (Clock::Night { from: hour(from)?, to: hour(to)? }, Value::Boolean)
                    }
                    (Clock::Weekend, _) => (clock, Value::Boolean),
                    _ => (clock, Value::Number),
                };
                ops.push(Op::Clock(clock, column));
                Ok(value)
            }
            (Does::Minutes, [from, to]) => match self.pair(from, to, ops)? {
                (Value::Time(_), Value::Time(_), _) => {
                    ops.push(Op::Both(Both::Minutes));
                    Ok(Value::Number)
                }
                (Value::Time(_), value, _) => Err(self.mismatch(to, &value, "a time")),
                (value, ..) => Err(self.mismatch(from, &value, "a time")),
            },
            (Does::Test(test), [text, part]) => {
                let texts = self.text(text, ops)?;
                let Kind::Text(part) = &part.kind else {
                    return Err(Fault::new(part.at, "a text in quotes", "something else"));
                };
                ops.push(Op::Test(bits(&texts.map(self.table, |text| test.holds(text, part)))));
                Ok(Value::Boolean)
            }
            (Does::Length, [text]) => {
                let texts = self.text(text, ops)?;
                ops.push(Op::LookUp(texts.map(self.table, |text| text.chars().count() as f64)));
                Ok(Value::Number)
            }
            (Does::Lower, [text]) => Ok(Value::Text(self.text(text, ops)?.lowered())),
            (Does::Number, [x]) => {
                let value = self.part(x, ops)?;
                match value {
                    Value::Text(texts) => {
                        let read =
                            |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
                        ops.push(Op::LookUp(texts.map(self.table, |text| read(text).unwrap_or(f64::NAN))));
                    }
                    Value::Time(_) => {
                        return Err(self.mismatch(
                            x,
                            &value,
                            "a text; hour(…) or minutes(…, …) make numbers of times",
                        ));
                    }
                    Value::Number | Value::Boolean => {}
                }
                Ok(Value::Number)
            }
            (Does::IsMissing, [x]) => {
                self.part(x, ops)?;
                ops.push(Op::IsMissing);
                Ok(Value::Boolean)
            }
            (Does::In, [x, options @ ..]) => self.is_in(x, options, ops),
            (Does::If, [condition, yes, no]) => {
                self.number(condition, ops)?;
                let value = self.part(yes, ops)?;
                let value = self.or_else(yes, value, no, ops)?;
                ops.push(Op::If);
                Ok(value)
            }
            (Does::Coalesce, [first, rest @ ..]) => self.fold(first, rest, Both::Coalesce, ops),
            (Does::Min, [first, rest @ ..]) => self.extreme(first, rest, Both::Min, ops),
            (Does::Max, [first, rest @ ..]) => self.extreme(first, rest, Both::Max, ops),
            (Does::Clamp, [x, low, high]) => {
                let value = self.extreme(x, std::slice::from_ref(low), Both::Max, ops)?;
                let value = self.or_else(x, value, high, ops)?;
                ops.push(Op::Both(Both::Min));
                Ok(value)
            }
            // The parser lets nothing through that has other arguments.
            _ => Err(Fault::new(at, function.signature, "other arguments")),
        }
    }

    fn aggregate(
        &mut self,
        aggregate: Aggregate,
        function: &Function,
        arguments: &[Node],
        at: Span,
        ops: &mut Vec<Op>,
    ) -> Result<Value, Fault> {
        if self.place == Place::Inside {
            let found = format!("{}(…) inside an aggregate", function.name);
            return Err(Fault::new(at, "something that each row has", found));
        }
        self.place = Place::Inside;
        let mut inner = Vec::new();
        let value = match arguments {
            [] => Value::Number,
            [x] => match aggregate {
                Aggregate::First | Aggregate::Last | Aggregate::Distinct => self.part(x, &mut inner)?,
                Aggregate::Lowest | Aggregate::Highest => match self.part(x, &mut inner)? {
                    value @ Value::Text(_) => return Err(self.mismatch(x, &value, "numbers or times")),
                    value => value,
                },
                _ => self.number(x, &mut inner)?,
            },
            _ => return Err(Fault::new(at, function.signature, "more arguments")),
        };
        self.place = Place::OverRows;
        ops.push(Op::Aggregated(self.aggregated.len()));
        let mut aggregated = None;
        if let (Aggregate::Distinct, Value::Text(texts)) = (aggregate, &value) {
            let (classes, n_classes) = texts.classes(self.table);
            inner.extend(classes.map(Op::LookUp));
            aggregated = Some(Aggregated::distinct_of(n_classes, std::mem::take(&mut inner)));
        }
        self.aggregated.push(aggregated.unwrap_or_else(|| Aggregated::new(aggregate, inner)));
        Ok(match aggregate {
            Aggregate::First | Aggregate::Last | Aggregate::Lowest | Aggregate::Highest => value,
            _ => Value::Number,
        })
    }

    pub fn mismatch(&self, node: &Node, value: &Value, expected: &str) -> Fault {
        Fault::new(node.at, expected, self.described(node, value))
    }

    /// `the column "city" (category)`, `the text 'x'`, `a number`.
    pub fn described(&self, node: &Node, value: &Value) -> String {
        match &node.kind {
            Kind::Column(name) => {
                let column = self.table.columns().iter().find(|column| column.name() == name);
                let column_type = column.map_or("", |column| column.column_type().name());
                format!("the column \"{name}\" (type {column_type})")
            }
            Kind::Text(text) => format!("the text '{text}'"),
            Kind::Number(number) => format!("the number {number}"),
            _ => named(value.value_type()).to_owned(),
        }
    }
}

/// An hour written as a number.
fn hour(node: &Node) -> Result<u32, Fault> {
    match node.kind {
        Kind::Number(hour) if (0.0..=24.0).contains(&hour) && hour.trunc() == hour => Ok(hour as u32),
        _ => Err(Fault::new(node.at, "an hour, a whole number from 0 to 24", "something else")),
    }
}
