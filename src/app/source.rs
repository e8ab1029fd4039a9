//! What is read and how: a handle of the source, never its bytes, and the options given to the reader.

use super::format;
use crate::engine::ingest::Format;
use crate::protocol::Sample;
use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

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
    /// Dropped or chosen files, `None` without any. Several go by the folder they share, or by their number.
    pub fn of_files(files: Array) -> Option<Self> {
        let first: web_sys::File = files.get(0).dyn_into().ok()?;
        let n_files = files.length() as usize;
        let folder = super::host::get(&first, "webkitRelativePath").as_string().unwrap_or_default();
        let name = match (n_files, folder.split_once('/')) {
            (1, _) => first.name(),
            (_, Some((folder, _))) => format!("{folder} ({})", format::counted(n_files, "file")),
            (_, None) => format!("{} and {} more", first.name(), format::counted(n_files - 1, "file")),
        };
        Some(Source { name, origin: Origin::Files(files) })
    }
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
