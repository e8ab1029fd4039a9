//! What is read and how: a handle of the source, never its bytes, and the options given to the reader.

use super::{format, host};
use crate::engine::ingest::{ColumnEstimate, DateOrder, Format, RowSample};
use crate::engine::plan::{Role, guess};
use crate::engine::table::ColumnType;
use crate::protocol;
use js_sys::Array;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

/// Where the rows come from. Kept while its table is open, so that it can be read again in another way.
#[derive(Debug, Clone)]
pub struct Source {
    /// For people: a file's name, a folder's, or what else it is.
    pub name: String,
    /// What is handed to the analyzer.
    pub origin: Origin,
}

/// Kinds of source.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Handles of files; the browser reads them when asked.
    Files(Array),
    /// Pasted rows.
    Text(JsValue),
    /// A generated log, made again each time it is read.
    Sample(protocol::Sample),
}

impl Source {
    /// Dropped or chosen files, `None` without any: each a file, or a file with its path. Several go by the folder they
    /// share, or by their number.
    pub fn of_files(files: Array) -> Option<Self> {
        let text =
            |item: &JsValue, key: &str| host::get(item, key).as_string().filter(|text| !text.is_empty());
        let first = files.get(0);
        let path = text(&first, "webkitRelativePath").or_else(|| text(&first, "name"))?;
        let n_files = files.length() as usize;
        let name = match (n_files, path.split_once('/')) {
            (1, _) => path.rsplit('/').next().unwrap_or(&path).to_owned(),
            (_, Some((folder, _))) => format!("{folder} ({})", format::counted(n_files, "file")),
            (_, None) => format!("{path} and {} more", format::count(n_files - 1)),
        };
        Some(Source { name, origin: Origin::Files(files) })
    }

    /// Whether it has to be unpacked, by the names of its files.
    pub fn is_packed(&self) -> bool {
        let Origin::Files(files) = &self.origin else { return false };
        files.iter().any(|item| {
            let name = host::get(&file_of(&item), "name").as_string().unwrap_or_default().to_lowercase();
            name.ends_with(".gz") || name.ends_with(".zip")
        })
    }

    /// Bytes of its files as they are stored; 0 where there is no file.
    pub fn file_bytes(&self) -> f64 {
        let Origin::Files(files) = &self.origin else { return 0.0 };
        files.iter().filter_map(|item| host::get(&file_of(&item), "size").as_f64()).sum()
    }
}

/// The file of an item, which is the file itself or has it as its source.
pub fn file_of(item: &JsValue) -> JsValue {
    let own = host::get(item, "source");
    if own.is_undefined() { item.clone() } else { own }
}

/// How to read a source; what is not said is found out from its first bytes. As `IngestOptions` of the analyzer.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadOptions {
    /// The format, whatever the first bytes look like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// One character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Name of the encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Whether the first record names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Only these columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Only so many rows, the first ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
    /// Only a share of the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<RowSample>,
    /// Types of columns, by name, whatever their values look like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, ColumnType>,
    /// Day or month first, by column, where a column does not say.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dates: BTreeMap<String, DateOrder>,
    /// Zone of times that name none; the file's own clock unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Rows added up into one per user as they are read, by the columns that the first rows suggest.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub aggregate: bool,
    /// Words that mean "no value", instead of the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
    /// How many times its size an archive may unpack to; else what logs do not reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_expansion: Option<f64>,
}

impl ReadOptions {
    /// Names the type of a column, or leaves it to be found out.
    pub fn read_as(&mut self, column: &str, type_name: Option<&str>) {
        match ColumnType::ALL.into_iter().find(|kind| Some(kind.name()) == type_name) {
            Some(kind) => self.types.insert(column.to_owned(), kind),
            None => self.types.remove(column),
        };
    }
}

/// What reading a source would take, as the analyzer judges it from the beginning.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Rows of the whole source.
    pub rows: f64,
    /// Memory at the highest point of reading.
    pub peak_bytes: f64,
    /// Memory that can be had.
    pub memory_budget: f64,
    /// Seconds that reading takes.
    pub seconds: f64,
    /// Whether it fits.
    pub fits: bool,
    /// The columns with their memory.
    pub columns: Vec<ColumnEstimate>,
    /// Ways to read it where it does not fit.
    pub choices: Vec<Way>,
}

impl Estimate {
    /// The column of a role, by its name; of columns that are one time together, the one that they make.
    pub fn column_of(&self, role: Role) -> Option<&str> {
        let is_part = |name: &String| self.columns.iter().any(|column| column.joined_of.contains(name));
        let names = self.columns.iter().map(|column| &column.name).filter(|name| !is_part(name));
        guess::by_name(role, names.map(String::as_str))
    }
}

/// A way to read what would not fit.
#[derive(Debug, Clone, Deserialize)]
pub struct Way {
    /// What to say to the reader.
    pub options: WayOptions,
    /// Rows kept.
    pub rows: f64,
}

/// The options of a way.
#[derive(Debug, Clone, Deserialize)]
pub struct WayOptions {
    /// Only these columns.
    pub columns: Option<Vec<String>>,
    /// Only a share of the rows.
    pub sample: Option<RowSample>,
}

/// What a source is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be analysed: a model is fitted to it.
    Analyse,
    /// To be scored by the loaded model.
    Score,
}

/// A source that was not read, for as long as it can be asked for in another way.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What for.
    pub purpose: Purpose,
    /// What was to be read.
    pub source: Source,
    /// How.
    pub options: ReadOptions,
}

/// A source that seems not to fit into memory, waiting for a word of the user.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What for.
    pub purpose: Purpose,
    /// What was to be read.
    pub source: Source,
    /// How.
    pub options: ReadOptions,
    /// What it would take.
    pub estimate: Estimate,
}
