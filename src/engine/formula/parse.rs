//! From tokens to a tree, by precedence climbing.
//!
//! From loose to tight: `or`, `and`, `not`, comparisons, `+ -`, `* / %`, the sign `-`, `^`. As in Python, `-2 ^ 2` is
//! -4, `2 ^ 3 ^ 2` is 512 and `2 ^ -1` is 0.5. Comparisons do not follow each other: `a < b < c` is refused.

use super::fault::{Fault, Span, unknown};
use super::functions::{FUNCTIONS, find};
use super::token::{Token, tokens};
use super::tree::{Kind, Level, Node, Operator, WORDS};

/// How deep parts may lie within each other. Every walk over a tree is as deep as the tree; this keeps all of them
/// within a tenth of the megabyte that a stack has in wasm.
const MAX_DEPTH: usize = 64;

/// Reads a formula.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    if parser.peek() == &Token::End {
        let at = parser.at();
        return Err(Fault::new(at, "a formula, such as sum(bytes) / count()", "nothing"));
    }
    let root = parser.level(Level::Or)?;
    match parser.peek() {
        Token::End => Ok(root),
        Token::Symbol(")") => {
            Err(Fault::new(parser.at(), "no closing parenthesis without an opening one", "\")\""))
        }
        Token::Symbol(",") => {
            Err(Fault::new(parser.at(), "a comma only between arguments of a function", "\",\""))
        }
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    /// The last is [`Token::End`].
    tokens: Vec<(Token, Span)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> Span {
        self.tokens[self.next].1
    }

    /// Goes on to the next token; the end is never passed.
    fn skip(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Symbol(next) if *next == symbol);
        if is_next {
            self.skip();
        }
        is_next
    }

    /// A part that holds together at least so tightly.
    fn level(&mut self, level: Level) -> Result<Node, Fault> {
        if level == Level::Not && self.is_not() {
            let start = self.at();
            self.skip();
            let inner = self.nested(Level::Not)?;
            return Ok(Node { at: start.to(inner.at), kind: Kind::Not(Box::new(inner)) });
        }
        if level == Level::Negate {
            return self.signed();
        }
        let tighter = level.tighter();
        let first = self.level(tighter)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator().filter(|operator| operator.level() == level) {
            if level == Level::Compare && !rest.is_empty() {
                return Err(Fault::new(
                    self.at(),
                    "comparisons joined by and: a < b and b < c",
                    "a comparison of a comparison",
                ));
            }
            self.skip();
            rest.push((operator, self.level(tighter)?));
        }
        Ok(chain(first, rest))
    }

    /// A part one deeper.
    fn nested(&mut self, level: Level) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let expected = format!("parts within each other at most {MAX_DEPTH} deep");
            return Err(Fault::new(self.at(), expected, "one more"));
        }
        let node = self.level(level);
        self.depth -= 1;
        node
    }

    /// `-x`, or `x ^ y` whose power may have a sign.
    fn signed(&mut self) -> Result<Node, Fault> {
        let start = self.at();
        if self.takes("-") {
            let inner = self.nested(Level::Negate)?;
            return Ok(Node { at: start.to(inner.at), kind: Kind::Negate(Box::new(inner)) });
        }
        let base = self.whole()?;
        if !self.takes("^") {
            return Ok(base);
        }
        let power = self.nested(Level::Negate)?;
        Ok(chain(base, vec![(Operator::Power, power)]))
    }

    /// A number, a text, a column, a call, or anything in parentheses.
    fn whole(&mut self) -> Result<Node, Fault> {
        let at = self.at();
        let kind = match self.peek().clone() {
            Token::Number(value) => Kind::Number(value),
            Token::Text(text) => Kind::Text(text),
            Token::Column(name) => Kind::Column(name),
            Token::Symbol("(") => {
                self.skip();
                let inner = self.nested(Level::Or)?;
                self.close(at)?;
                return Ok(inner);
            }
            Token::Word(name) => {
                let is_called = matches!(self.tokens[self.next + 1].0, Token::Symbol("("));
                let word = WORDS.into_iter().find(|word| name.eq_ignore_ascii_case(word));
                match word {
                    Some("true") => Kind::Boolean(true),
                    Some("false") => Kind::Boolean(false),
                    Some(_) => return Err(self.unexpected("a value")),
                    None if is_called => return self.call(&name),
                    None => Kind::Column(name),
                }
            }
            Token::Symbol(_) | Token::End => return Err(self.unexpected("a value")),
        };
        self.skip();
        Ok(Node { kind, at })
    }

    fn call(&mut self, name: &str) -> Result<Node, Fault> {
        let start = self.at();
        let Some(function) = find(name) else {
            let names = FUNCTIONS.iter().map(|function| function.name);
            return Err(Fault::new(start, "a function", unknown(name, names)));
        };
        self.skip();
        let open = self.at();
        self.skip();
        let mut arguments = Vec::new();
        if !matches!(self.peek(), Token::Symbol(")")) {
            arguments.push(self.nested(Level::Or)?);
            while self.takes(",") {
                arguments.push(self.nested(Level::Or)?);
            }
        }
        let end = self.close(open)?;
        let (least, most) = function.n_arguments;
        if arguments.len() < least || arguments.len() > most {
            let found = match arguments.len() {
                0 => "no argument".to_owned(),
                1 => "one argument".to_owned(),
                n => format!("{n} arguments"),
            };
            return Err(Fault::new(start.to(end), function.signature, found));
        }
        Ok(Node { kind: Kind::Call(function, arguments), at: start.to(end) })
    }

    /// Takes the parenthesis that closes the one at `open`.
    fn close(&mut self, open: Span) -> Result<Span, Fault> {
        let at = self.at();
        if self.takes(")") {
            return Ok(at);
        }
        match self.peek() {
            Token::End => Err(Fault::new(open, "a closing parenthesis", "the end of the formula")),
            _ => Err(self.unexpected("an operator, a comma or a closing parenthesis")),
        }
    }

    fn is_not(&self) -> bool {
        match self.peek() {
            Token::Symbol(symbol) => *symbol == "!",
            Token::Word(word) => word.eq_ignore_ascii_case("not"),
            _ => false,
        }
    }

    /// The operator that comes next, if one does.
    fn operator(&self) -> Option<Operator> {
        Some(match self.peek() {
            Token::Word(word) if word.eq_ignore_ascii_case("or") => Operator::Or,
            Token::Word(word) if word.eq_ignore_ascii_case("and") => Operator::And,
            Token::Symbol(symbol) => match *symbol {
                "||" => Operator::Or,
                "&&" => Operator::And,
                "=" | "==" => Operator::Equal,
                "!=" | "<>" => Operator::Unequal,
                "<" => Operator::Less,
                "<=" => Operator::AtMost,
                ">" => Operator::Greater,
                ">=" => Operator::AtLeast,
                "+" => Operator::Add,
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                "%" => Operator::Remainder,
                "^" => Operator::Power,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let found = match self.peek() {
            Token::End => "the end of the formula".to_owned(),
            Token::Number(_) => "a number".to_owned(),
            Token::Text(text) => format!("the text '{text}'"),
            Token::Word(name) | Token::Column(name) => format!("\"{name}\""),
            Token::Symbol("&") => "\"&\" (write and)".to_owned(),
            Token::Symbol("|") => "\"|\" (write or)".to_owned(),
            Token::Symbol(symbol) => format!("\"{symbol}\""),
        };
        Fault::new(self.at(), expected, found)
    }
}

/// A chain, or its first part where nothing follows.
fn chain(first: Node, rest: Vec<(Operator, Node)>) -> Node {
    match rest.last() {
        None => first,
        Some((_, last)) => Node { at: first.at.to(last.at), kind: Kind::Chain(Box::new(first), rest) },
    }
}
