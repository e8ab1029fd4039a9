//! Own features: an expression over columns of the table, compiled once, evaluated over the rows of an entity.
//!
//! ```text
//! sum(bytes) / max(count(), 1)          share(status >= 400 and hour(time) < 6)
//! minutes(lowest(time), highest(time))  if(contains(lower(path), 'admin'), 1, 0)
//! ```
//!
//! # What a formula gives
//! Either it has **aggregates** (`mean(bytes)`, `count(failed)`), and then every column stands inside one; or it has
//! none, and then it is worked out for each row of the entity and the feature is the **mean** of that: of a single row
//! that row's value, of many rows of a yes-or-no the share of yes.
//!
//! A value is a number, true or false, a text or a time; true and false count as 1 and 0, and a number other than 0
//! counts as true. Columns of numbers and durations (seconds) are numbers; categories, addresses, user agents and
//! prose are texts, compared as the file spells them. Hours and days are those of the time column's wall clock.
//!
//! **Missing** goes in and comes out: a result is missing when something it is made of is. So is a result that is no
//! finite number: division by zero, the logarithm of 0 or less, an overflow. Exceptions: `is_missing` and `coalesce`;
//! `if` does not look at the part it leaves out; `and` and `or` are three-valued, so that `false and missing` is
//! false; aggregates leave missing values out, and are themselves missing where nothing is left (but for `sum`,
//! `count` and `distinct`, which are 0 then).
//!
//! # How
//! [`Formula::parse`] reads the text into a tree, [`Formula::compile`] checks names and types against a table and
//! makes a [`Program`]: a few operations on a stack of columns, each over a block of rows, in scratch memory that is
//! kept from entity to entity. What depends on a text alone is worked out once for each value of a column's
//! dictionary, so rows are never compared as text: `status = 'failed'` is a look-up of the row's code in a bitmap.
//!
//! Sums do not depend on the order of rows: they are exact where all values are whole, and run over sorted values
//! where not. `first` and `last` go by time, equal times in file order.
//!
//! # Why our own
//! Crates of this kind were looked at in 2026 (`evalexpr` 13.1, `fasteval` 0.2.4, `meval` 0.2, `exmex` 0.21, `cel` 0.15,
//! `rhai` 1.27). All evaluate one row at a time, most from a hash map of names; all call the standard library's float
//! functions, whose bits differ between native and wasm; none has missing values, and only `cel` and `rhai` say where
//! a mistake is. Beyond that `evalexpr` is under the AGPL, `fasteval` and `meval` know numbers only and have rested for
//! years, `exmex` and `cel` bring a regex engine (`cel` also ANTLR's runtime and a time zone database), and `rhai` is a
//! whole scripting language.

mod aggregate;
mod alike;
mod check;
mod compile;
mod fault;
mod functions;
mod machine;
mod parse;
mod program;
mod text;
mod token;
mod tree;

pub use check::{FormulaCheck, FormulaMistake, PreviewValue, check};
pub use functions::{FUNCTIONS, Function};
pub use program::Program;

use super::error::{Error, Result};
use super::table::Table;
use fault::Fault;
use serde::{Deserialize, Serialize};
use std::fmt;
use tree::Node;

/// Longest formula, characters.
pub const MAX_CHARS: usize = 10_000;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueType {
    /// A finite 64-bit float.
    Number,
    /// True or false.
    Boolean,
    /// Text, as a code of a dictionary.
    Text,
    /// Milliseconds since 1970, as in the table.
    Time,
}

/// A formula that is well formed; whether it fits a table, [`Formula::compile`] says. Equal where they
/// are understood alike, however they are written.
#[derive(Debug, Clone)]
pub struct Formula {
    text: String,
    root: Node,
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Formula {
    /// Reads a formula: its form, the names of functions and how many arguments they take.
    ///
    /// # Errors
    /// `formula`, with the place.
    pub fn parse(text: &str) -> Result<Formula> {
        let root = parse::parse(text).map_err(|fault| fault.of(text))?;
        Ok(Formula { text: text.to_owned(), root })
    }

    /// The text that was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names of the columns it reads, each once, in order of appearance.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.walk(&mut |node| {
            if let tree::Kind::Column(name) = &node.kind
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        });
        names
    }

    /// Whether it has aggregates; without, a feature is the mean over the entity's rows.
    pub fn aggregates(&self) -> bool {
        self.root.aggregates()
    }

    /// Checks names and types against a table and makes a program for it.
    ///
    /// # Errors
    /// `formula`, with the place.
    pub fn compile(&self, table: &Table) -> Result<Program> {
        compile::compile(&self.root, table).map_err(|fault| fault.of(&self.text))
    }

    /// [`Formula::compile`] of what has to give a number, as features do; true and false are 1 and 0.
    ///
    /// # Errors
    /// `formula`, with the place.
    pub fn compile_number(&self, table: &Table) -> Result<Program> {
        let program = self.compile(table)?;
        self.no_number(&program).map_or(Ok(program), Err)
    }

    /// What is wrong where the formula gives no number.
    fn no_number(&self, program: &Program) -> Option<Error> {
        let expected = match program.value_type() {
            ValueType::Number | ValueType::Boolean => return None,
            ValueType::Text => "a number or a yes-or-no, such as a comparison with a text",
            ValueType::Time => "a number, such as hour(…) or minutes(…, …) of times",
        };
        Some(Fault::new(self.root.at, expected, compile::named(program.value_type())).of(&self.text))
    }
}

impl fmt::Display for Formula {
    /// The formula as it was understood: parentheses only where they are needed, one space around operators.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
