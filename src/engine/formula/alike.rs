//! Parts that stand beside each other and have to be alike: compared, chosen between, listed.

use super::compile::{Compiler, Value};
use super::fault::{Fault, Span};
use super::machine::{Both, Op, bits};
use super::text::Texts;
use super::tree::{Kind, Node, Operator};
use crate::engine::table::Dictionary;
use crate::engine::time;

impl Compiler<'_> {
    /// A text of the formula as a time that the clock of a column shows.
    fn moment(&self, text: &str, at: Span, column: usize) -> Result<Op, Fault> {
        let Some(ms) = time::from_iso(text) else {
            return Err(Fault::new(at, "a time such as '2024-07-10 16:07'", format!("the text '{text}'")));
        };
        let clock = self.table.columns()[column].wall_clock();
        Ok(Op::Constant(if text.ends_with('Z') { ms } else { clock.start_ms(ms) } as f64))
    }

    /// A part that stands beside another: a text beside a time is a time.
    pub fn beside(&mut self, value: &Value, node: &Node, ops: &mut Vec<Op>) -> Result<Value, Fault> {
        if let (Value::Time(column), Kind::Text(text)) = (value, &node.kind) {
            ops.push(self.moment(text, node.at, *column)?);
            return Ok(value.clone());
        }
        self.part(node, ops)
    }

    /// Two parts, of which either may be a text that is a time because the other is one. Gives where the operations of
    /// the second begin.
    pub fn pair(&mut self, a: &Node, b: &Node, ops: &mut Vec<Op>) -> Result<(Value, Value, usize), Fault> {
        let start = ops.len();
        if let (Kind::Text(text), false) = (&a.kind, matches!(b.kind, Kind::Text(_))) {
            let other = self.part(b, ops)?;
            let (value, op) = match other {
                Value::Time(column) => (other.clone(), self.moment(text, a.at, column)?),
                _ => (Value::Text(Texts::of_literal(text)), Op::Constant(0.0)),
            };
            ops.insert(start, op);
            return Ok((value, other, start + 1));
        }
        let value = self.part(a, ops)?;
        let start = ops.len();
        let other = self.beside(&value, b, ops)?;
        Ok((value, other, start))
    }

    /// Compares the two topmost columns, which are alike: both numbers, both times or both texts. The operations of the
    /// second begin at `start`.
    pub fn compare(
        &mut self,
        both: Both,
        (a, value): (&Node, Value),
        (b, other): (&Node, Value),
        start: usize,
        ops: &mut Vec<Op>,
    ) -> Result<Value, Fault> {
        match (value, other) {
            (Value::Number | Value::Boolean, Value::Number | Value::Boolean)
            | (Value::Time(_), Value::Time(_)) => {
                ops.push(Op::Both(both));
            }
            (Value::Text(texts), Value::Text(other)) => {
                if !matches!(both, Both::Equal | Both::Unequal) {
                    let expected = "numbers or times to tell which is greater; texts have = and !=, and number(…) \
                                    reads a text as a number";
                    return Err(Fault::new(a.at.to(b.at), expected, "texts"));
                }
                if let Kind::Text(literal) = &b.kind {
                    ops.pop();
                    ops.push(self.equals_literal(&texts, literal, both));
                } else if let Kind::Text(literal) = &a.kind {
                    ops.remove(start - 1);
                    ops.push(self.equals_literal(&other, literal, both));
                } else {
                    if let Some([classes, other_classes]) = texts.common_classes(&other, self.table) {
                        ops.insert(start, Op::LookUp(classes));
                        ops.push(Op::LookUp(other_classes));
                    }
                    ops.push(Op::Both(both));
                }
            }
            (value, other) => return Err(self.not_alike(a, &value, b, &other)),
        }
        Ok(Value::Boolean)
    }

    /// Codes compared with a text of the formula.
    fn equals_literal(&self, texts: &Texts, literal: &str, both: Both) -> Op {
        let is_equal = matches!(both, Both::Equal);
        Op::Test(bits(&texts.map(self.table, |text| (text == literal) == is_equal)))
    }

    /// `min` and `max`, which know no texts.
    pub fn extreme(
        &mut self,
        first: &Node,
        rest: &[Node],
        both: Both,
        ops: &mut Vec<Op>,
    ) -> Result<Value, Fault> {
        let value = self.fold(first, rest, both, ops)?;
        match value {
            Value::Text(_) => Err(self.mismatch(first, &value, "numbers or times")),
            _ => Ok(value),
        }
    }

    pub fn fold(
        &mut self,
        first: &Node,
        rest: &[Node],
        both: Both,
        ops: &mut Vec<Op>,
    ) -> Result<Value, Fault> {
        let mut value = self.part(first, ops)?;
        for node in rest {
            value = self.or_else(first, value, node, ops)?;
            ops.push(Op::Both(both));
        }
        Ok(value)
    }

    /// The part that another of its kind may give way to, and what both together give.
    pub fn or_else(&mut self, a: &Node, value: Value, b: &Node, ops: &mut Vec<Op>) -> Result<Value, Fault> {
        let other = self.beside(&value, b, ops)?;
        match (value, other) {
            (Value::Boolean, Value::Boolean) => Ok(Value::Boolean),
            (Value::Number | Value::Boolean, Value::Number | Value::Boolean) => Ok(Value::Number),
            (Value::Text(texts), Value::Text(other)) if texts == other => Ok(Value::Text(texts)),
            (Value::Text(texts), Value::Text(other)) => {
                ops.extend([Op::Constant(texts.n_codes(self.table) as f64), Op::Both(Both::Add)]);
                Ok(Value::Text(texts.joined(other)))
            }
            (Value::Time(column), Value::Time(other)) => {
                let columns = self.table.columns();
                if columns[column].zone() != columns[other].zone() {
                    let expected = format!("a time by the clock of \"{}\"", columns[column].name());
                    return Err(Fault::new(
                        b.at,
                        expected,
                        format!("one by that of \"{}\"", columns[other].name()),
                    ));
                }
                Ok(Value::Time(column))
            }
            (value, other) => Err(self.not_alike(a, &value, b, &other)),
        }
    }

    /// `x = a or x = b`, with one look-up for all texts of the formula.
    pub fn is_in(&mut self, x: &Node, options: &[Node], ops: &mut Vec<Op>) -> Result<Value, Fault> {
        let value = self.part(x, ops)?;
        // On the stack: x, and whether it was one of the options so far.
        let mut n_compared = 0;
        let mut literals: Vec<&str> = Vec::new();
        if let Value::Text(texts) = &value {
            literals.extend(options.iter().filter_map(|option| match &option.kind {
                Kind::Text(text) => Some(text.as_str()),
                _ => None,
            }));
            if !literals.is_empty() {
                // A few are compared one by one; of many, each text is looked up among them.
                let mut words = Dictionary::new();
                literals.iter().for_each(|text| _ = words.intern(text));
                let n_words = words.len() as u32;
                let is_few = literals.len() <= 16;
                let is_listed =
                    |text: &str| if is_few { literals.contains(&text) } else { words.intern(text) < n_words };
                let holds = texts.map(self.table, is_listed);
                ops.extend([Op::Copy(0), Op::Test(bits(&holds))]);
                n_compared = 1;
            }
        }
        for option in options {
            if matches!((&option.kind, &value), (Kind::Text(_), Value::Text(_))) {
                continue;
            }
            ops.push(Op::Copy(n_compared.min(1)));
            let start = ops.len();
            let other = self.beside(&value, option, ops)?;
            self.compare(Both::Equal, (x, value.clone()), (option, other), start, ops)?;
            if n_compared > 0 {
                ops.push(Op::Both(Both::Or));
            }
            n_compared += 1;
        }
        ops.push(Op::Both(Both::Second));
        Ok(Value::Boolean)
    }

    pub fn not_alike(&self, a: &Node, value: &Value, b: &Node, other: &Value) -> Fault {
        // What is written out is easier to change than what the table has.
        let is_literal = |node: &Node| matches!(node.kind, Kind::Text(_) | Kind::Number(_));
        if is_literal(a) && !is_literal(b) {
            return self.not_alike(b, other, a, value);
        }
        let like = match value {
            Value::Number | Value::Boolean => "a number",
            Value::Text(_) => "a text",
            Value::Time(_) => "a time",
        };
        let expected = format!("{like}, as {} is beside it", self.described(a, value));
        Fault::new(b.at, expected, self.described(b, other))
    }
}

/// How a comparison is done.
pub(super) fn comparison(operator: Operator) -> Option<Both> {
    Some(match operator {
        Operator::Equal => Both::Equal,
        Operator::Unequal => Both::Unequal,
        Operator::Less => Both::Less,
        Operator::AtMost => Both::AtMost,
        Operator::Greater => Both::Greater,
        Operator::AtLeast => Both::AtLeast,
        _ => return None,
    })
}
