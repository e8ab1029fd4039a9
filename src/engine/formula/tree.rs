//! A formula as a tree, and its text.

use super::fault::Span;
use super::functions::{Does, Function};
use super::token::is_word;
use crate::engine::table::float_text;
use std::fmt;

/// Words that are no names of columns, in lower case.
pub(super) const WORDS: [&str; 5] = ["and", "or", "not", "true", "false"];

/// A part of a formula.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub kind: Kind,
    pub at: Span,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Boolean(bool),
    Text(String),
    Column(String),
    Negate(Box<Node>),
    Not(Box<Node>),
    /// Operators of one level from left to right: long sums stay flat, so that only what people nest is deep.
    Chain(Box<Node>, Vec<(Operator, Node)>),
    Call(&'static Function, Vec<Node>),
}

/// An operator between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

/// How tightly a part holds together; what is looser needs parentheses inside what is tighter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Negate,
    Power,
    Whole,
}

impl Level {
    /// The next tighter one.
    pub fn tighter(self) -> Level {
        match self {
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Not => Level::Compare,
            Level::Compare => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product => Level::Negate,
            Level::Negate => Level::Power,
            Level::Power | Level::Whole => Level::Whole,
        }
    }
}

impl Operator {
    pub fn level(self) -> Level {
        match self {
            Operator::Or => Level::Or,
            Operator::And => Level::And,
            Operator::Add | Operator::Subtract => Level::Sum,
            Operator::Multiply | Operator::Divide | Operator::Remainder => Level::Product,
            Operator::Power => Level::Power,
            _ => Level::Compare,
        }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Operator::Or => "or",
            Operator::And => "and",
            Operator::Equal => "=",
            Operator::Unequal => "!=",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::Greater => ">",
            Operator::AtLeast => ">=",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
            Operator::Power => "^",
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Node {
    /// This part and all within it, outer before inner.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Node)) {
        visit(self);
        match &self.kind {
            Kind::Negate(inner) | Kind::Not(inner) => inner.walk(visit),
            Kind::Chain(first, rest) => {
                first.walk(visit);
                rest.iter().for_each(|(_, node)| node.walk(visit));
            }
            Kind::Call(_, arguments) => arguments.iter().for_each(|node| node.walk(visit)),
            _ => {}
        }
    }

    /// Whether there is an aggregate in it.
    pub fn aggregates(&self) -> bool {
        let mut found = false;
        self.walk(&mut |node| {
            found |= matches!(node.kind, Kind::Call(Function { does: Does::Aggregate(_), .. }, _));
        });
        found
    }

    fn level(&self) -> Level {
        match &self.kind {
            Kind::Negate(_) => Level::Negate,
            Kind::Not(_) => Level::Not,
            Kind::Chain(_, rest) => rest.first().map_or(Level::Whole, |(operator, _)| operator.level()),
            _ => Level::Whole,
        }
    }

    /// Writes the part, in parentheses where it is looser than `least`.
    fn write(&self, f: &mut fmt::Formatter<'_>, least: Level) -> fmt::Result {
        if self.level() < least { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(value) => f.write_str(&float_text(*value)),
            Kind::Boolean(value) => f.write_str(if *value { "true" } else { "false" }),
            Kind::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Kind::Column(name)
                if is_word(name) && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word)) =>
            {
                f.write_str(name)
            }
            Kind::Column(name) => write!(f, "`{}`", name.replace('`', "``")),
            Kind::Negate(inner) => {
                f.write_str("-")?;
                inner.write(f, Level::Negate)
            }
            Kind::Not(inner) => {
                f.write_str("not ")?;
                inner.write(f, Level::Not)
            }
            Kind::Chain(first, rest) => {
                let level = self.level();
                first.write(f, level.tighter())?;
                for (operator, node) in rest {
                    write!(f, " {} ", operator.symbol())?;
                    // `2 ^ -3 ^ 2` is `2 ^ (-(3 ^ 2))`.
                    node.write(f, if level == Level::Power { Level::Negate } else { level.tighter() })?;
                }
                Ok(())
            }
            Kind::Call(function, arguments) => {
                write!(f, "{}(", function.name)?;
                for (place, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if place == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
        }
    }
}
