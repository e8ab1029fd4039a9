//! What is read and how: a handle of the source, never its bytes, and the options given to the reader.

use super::{format, host};
use crate::engine::ingest::Format;
use crate::protocol::Sample;
use js_sys::Array;
use serde::Serialize;
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
    Sample(Sample),
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
}
