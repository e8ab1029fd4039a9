//! Models in files: saved, loaded, applied to a file or to one record, forgotten.

use super::models::bring_in;
use super::reading::read_files;
use super::{analyzer, go_to, show};
use crate::app::host::{self, ModelOf, Outcome};
use crate::app::saved::{EXTENSION, MAGIC, SavedModel, Verdict, WhichModel};
use crate::app::source::{Purpose, ReadOptions, file_of};
use crate::app::state::Store;
use crate::protocol::ModelInfo;
use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Up to so many files of a drop are looked into; of more, as in a folder of logs, names are trusted.
const MAX_LOOKED_INTO: u32 = 16;

/// Bytes that say whether a file is a model of XGBoost.
const MAX_BEGINNING_BYTES: u32 = 256;
/// What its learner begins with, by version.
const XGBOOST_PARTS: [&str; 3] = ["attributes\"", "feature_names\"", "gradient_booster\""];

/// Opens dropped or chosen files. A saved model is loaded, and one of XGBoost brought in; logs are read for `purpose`, or, beside a model, scored by it.
pub fn open_files(store: Store, files: Array, purpose: Purpose) {
    store.dropped.update_value(|n| *n += 1);
    let turn = store.dropped.get_value();
    spawn_local(async move {
        let foreign = of_xgboost(&files).await;
        let (models, logs) = apart(&files).await;
        if turn != store.dropped.get_value() {
            return;
        }
        if let Some(model) = foreign {
            return bring_in(store, model);
        }
        match models.into_iter().next() {
            None => read_files(store, files, purpose),
            Some(model) if load(store, &model).await => match logs.length() {
                0 => go_to("model").await,
                _ => read_files(store, logs, Purpose::Score),
            },
            Some(_) => {}
        }
    });
}

/// Scores files by the model in use. That of the analysis is kept as the loaded one: it would go with its table.
pub fn score_files(store: Store, files: Array) {
    if untrack(|| store.model_in_use()) == WhichModel::Loaded {
        return open_files(store, files, Purpose::Score);
    }
    spawn_local(async move {
        match own(store).await {
            Ok(model) => {
                store.model.set(Some(Rc::new(model)));
                open_files(store, files, Purpose::Score);
            }
            Err(failure) => show(store, "The model could not be kept", failure),
        }
    });
}

/// Models and logs among files.
async fn apart(files: &Array) -> (Vec<web_sys::File>, Array) {
    let is_looked_into = files.length() <= MAX_LOOKED_INTO;
    let (mut models, logs) = (Vec::new(), Array::new());
    for item in files.iter() {
        match file_of(&item).dyn_into::<web_sys::File>() {
            Ok(file) if is_model(&file, is_looked_into).await => models.push(file),
            _ => {
                logs.push(&item);
            }
        }
    }
    (models, logs)
}

/// A model of XGBoost, where that is the one file there is.
async fn of_xgboost(files: &Array) -> Option<web_sys::File> {
    let file = file_of(&files.get(0)).dyn_into::<web_sys::File>().ok().filter(|_| files.length() == 1)?;
    is_of_xgboost(&file).await.then_some(file)
}

/// Whether a file begins as XGBoost writes its models as JSON: with the learner and one of its parts.
async fn is_of_xgboost(file: &web_sys::File) -> bool {
    let beginning = host::bytes_of(file, Some(MAX_BEGINNING_BYTES)).await;
    let text =
        beginning.map(|bytes| String::from_utf8_lossy(&bytes.to_vec()).into_owned()).unwrap_or_default();
    let solid: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let of_learner = solid.strip_prefix("{\"learner\":{\"");
    of_learner.is_some_and(|rest| XGBOOST_PARTS.iter().any(|part| rest.starts_with(part)))
}

async fn is_model(file: &web_sys::File, is_looked_into: bool) -> bool {
    if file.name().to_lowercase().ends_with(EXTENSION) {
        return true;
    }
    if !is_looked_into {
        return false;
    }
    // What cannot be read is told of when it is read whole.
    host::bytes_of(file, Some(MAGIC.len() as u32)).await.is_ok_and(|bytes| bytes.to_vec() == MAGIC)
}

/// Loads a model; false when it cannot be, which is shown, and leaves the earlier one.
async fn load(store: Store, file: &web_sys::File) -> bool {
    let outcome: Outcome<SavedModel> = async {
        let bytes = host::bytes_of(file, None).await?;
        let view = analyzer(store).await?.load_model(&bytes).await?;
        let day = js_sys::Date::new(&file.last_modified().into());
        let day = format!("{}-{:02}-{:02}", day.get_full_year(), day.get_month() + 1, day.get_date());
        Ok(SavedModel { name: file.name(), day: Some(day), bytes, info: host::from_js(view)? })
    }
    .await;
    match outcome {
        Ok(model) => {
            store.problem.set(None);
            store.model.set(Some(Rc::new(model)));
            store.shown_model.set(WhichModel::Loaded);
            true
        }
        Err(failure) => {
            show(store, &format!("{} could not be loaded as a model", file.name()), failure);
            window().scroll_to_with_x_and_y(0.0, 0.0);
            false
        }
    }
}

/// What is said of the model of the analysis.
pub async fn own_model_info(store: Store) -> Outcome<ModelInfo> {
    host::from_js(analyzer(store).await?.model_info(ModelOf::Analysis).await?)
}

/// The model of the analysis, to be kept.
async fn own(store: Store) -> Outcome<SavedModel> {
    let analyzer = analyzer(store).await?;
    let bytes = analyzer.model_file(ModelOf::Analysis).await?;
    // Of the file: the analysis may be another one by now.
    let info = analyzer.model_info(ModelOf::File(&bytes)).await?;
    let name = store.opened.with_untracked(|opened| opened.as_ref().map(|o| file_name(&o.source.name)));
    let name = name.unwrap_or_else(|| file_name("model"));
    Ok(SavedModel { name, day: None, bytes, info: host::from_js(info)? })
}

/// Downloads a model.
pub fn save_model(store: Store, which: WhichModel) {
    let loaded = store.model.get_untracked().filter(|_| which == WhichModel::Loaded);
    let download = |name: &str, bytes: &Uint8Array| host::download(name, "application/octet-stream", bytes);
    if let Some(model) = loaded {
        return download(&model.name, &model.bytes);
    }
    spawn_local(async move {
        match own(store).await {
            Ok(model) => download(&model.name, &model.bytes),
            Err(failure) => show(store, "The model could not be saved", failure),
        }
    });
}

/// `work.csv.gz` to `work.isoscope`.
fn file_name(source: &str) -> String {
    let stem = source.split('.').next().unwrap_or_default().trim();
    let kept = |c: char| if c.is_alphanumeric() || "-_ ".contains(c) { c } else { '-' };
    let stem: String = stem.chars().map(kept).collect();
    format!("{}{EXTENSION}", if stem.is_empty() { "model" } else { &stem })
}

/// Forgets the loaded model; what it scored stays.
pub fn forget_model(store: Store) {
    store.model.set(None);
    store.shown_model.set(WhichModel::Own);
    spawn_local(async move {
        if let Some(analyzer) = store.analyzer.get_untracked() {
            // A worker that is gone has no model either.
            let _ = analyzer.unload_model().await;
        }
    });
}

/// Scores one record, an object of column to text.
pub async fn score_record(store: Store, which: WhichModel, record: JsValue) -> Outcome<Verdict> {
    let analyzer = analyzer(store).await?;
    let loaded = store.model.get_untracked().filter(|_| which == WhichModel::Loaded);
    let by = SavedModel::or_of_analysis(loaded.as_deref());
    let options = ReadOptions::default();
    Verdict::new(&analyzer.prediction(by, &record, &options, false, &JsValue::UNDEFINED).await?)
}
