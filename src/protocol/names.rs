//! Many names as one text and where each ends in it, as Arrow lays out a column of strings: two buffers cross into
//! JavaScript and to the page, where as many strings as there are users would be made and copied at each border.

use serde::{Deserialize, Serialize};
use std::ops::Index;

/// Names in their order; less than 4 GiB of text, as all that wasm holds is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Names {
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    ends: Vec<u32>,
}

impl Names {
    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|name| &self[name])
    }

    /// One after the other, UTF-8.
    pub fn text(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Byte of the text at which each ends.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
    }
}

impl Index<usize> for Names {
    type Output = str;

    fn index(&self, name: usize) -> &str {
        let start = name.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[name] as usize]
    }
}

impl From<&[String]> for Names {
    fn from(names: &[String]) -> Self {
        let n_bytes = names.iter().map(String::len).sum();
        let mut packed =
            Names { text: String::with_capacity(n_bytes), ends: Vec::with_capacity(names.len()) };
        names.iter().for_each(|name| packed.push(name));
        packed
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let names = names.into_iter();
        let mut packed = Names { text: String::new(), ends: Vec::with_capacity(names.size_hint().0) };
        names.for_each(|name| packed.push(&name));
        packed
    }
}
