//! The analyzer of the public module, call by call. Answers stay JavaScript values; who asks reads what it needs of them.

use super::{Outcome, object, settled, to_js, with_signal};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An analyzer of the public module: a worker with the engine in it.
    #[derive(Clone)]
    pub type Analyzer;

    #[wasm_bindgen(method)]
    fn on(this: &Analyzer, event: &str, listener: &Function) -> Function;
    #[wasm_bindgen(method)]
    fn ingest(this: &Analyzer, source: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn estimate(this: &Analyzer, source: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = memoryBytes)]
    fn memory_bytes(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method)]
    fn close(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method)]
    fn profile(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn summary(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method)]
    fn suggest(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method)]
    fn analyze(this: &Analyzer, plan: &JsValue, call: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn explain(this: &Analyzer, row: usize) -> Promise;
    #[wasm_bindgen(method)]
    fn counterfactual(this: &Analyzer, row: usize) -> Promise;
    #[wasm_bindgen(method)]
    fn density(this: &Analyzer, query: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn timeline(this: &Analyzer, subject: u32) -> Promise;
    #[wasm_bindgen(method)]
    fn distribution(this: &Analyzer, feature: usize) -> Promise;
    #[wasm_bindgen(method)]
    fn correlations(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method, js_name = checkFormula)]
    fn check_formula(this: &Analyzer, formula: &str, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = formulaFunctions)]
    fn formula_functions(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method, js_name = rowsAbove)]
    fn rows_above(this: &Analyzer, feature: usize, above: f64) -> Promise;
    #[wasm_bindgen(method)]
    fn rows(this: &Analyzer, rows: &[u32]) -> Promise;
    #[wasm_bindgen(method, js_name = export)]
    fn export_file(this: &Analyzer, kind: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn sample(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn save(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn load(this: &Analyzer, bytes: &Uint8Array) -> Promise;
    #[wasm_bindgen(method)]
    fn unload(this: &Analyzer) -> Promise;
    #[wasm_bindgen(method)]
    fn model(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn predict(this: &Analyzer, records: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn dispose(this: &Analyzer);

    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = openAnalyzer)]
    fn open_analyzer_js() -> Promise;
}

/// The model that a call is about. Each call names it: analyses put their own into use, and a worker that failed knows none.
#[derive(Debug, Clone, Copy)]
pub enum ModelOf<'a> {
    /// The analysis made last.
    Analysis,
    /// A file.
    File(&'a Uint8Array),
}

impl ModelOf<'_> {
    fn value(self) -> JsValue {
        match self {
            ModelOf::Analysis => JsValue::NULL,
            ModelOf::File(bytes) => bytes.into(),
        }
    }
}

/// Starts a worker with an engine, for [`opened_analyzer`] to wait for.
pub fn open_analyzer() -> Promise {
    open_analyzer_js()
}

/// The analyzer that is being opened.
///
/// # Errors
/// `worker-failed` or `unsupported`.
pub async fn opened_analyzer(opening: Promise) -> Outcome<Analyzer> {
    Ok(settled(opening).await?.unchecked_into())
}

impl Analyzer {
    /// Calls back with every progress event, for as long as the analyzer lives.
    pub fn on_progress(&self, listener: impl Fn(JsValue) + 'static) {
        let listener = Closure::<dyn Fn(JsValue)>::new(listener).into_js_value();
        self.on("progress", listener.unchecked_ref());
    }

    /// What reading would take, where `memory_budget` bytes can be had.
    pub async fn estimation(
        &self,
        source: &JsValue,
        options: &impl Serialize,
        memory_budget: f64,
        signal: &JsValue,
    ) -> Outcome<JsValue> {
        let options = with_signal(to_js(options), signal);
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&options, &"memoryBudget".into(), &memory_budget.into());
        settled(self.estimate(source, &options)).await
    }

    /// Bytes that the engine holds.
    pub async fn memory(&self) -> Outcome<f64> {
        Ok(settled(self.memory_bytes()).await?.as_f64().unwrap_or(0.0))
    }

    /// Drops the table and gives its memory back.
    pub async fn close_table(&self) -> Outcome<()> {
        settled(self.close()).await.map(drop)
    }

    /// Reads files, bytes or text into a table.
    pub async fn read(
        &self,
        source: &JsValue,
        options: &impl Serialize,
        signal: &JsValue,
    ) -> Outcome<JsValue> {
        settled(self.ingest(source, &with_signal(to_js(options), signal))).await
    }

    /// The table explored, as the user maps its time and its users.
    pub async fn exploration(&self, time: Option<&str>, entity: Option<&str>) -> Outcome<JsValue> {
        let name = |name: Option<&str>| name.map_or(JsValue::UNDEFINED, JsValue::from_str);
        settled(self.profile(&object([("time", name(time)), ("entity", name(entity))]))).await
    }

    /// The table in short, as it was after reading.
    pub async fn table(&self) -> Outcome<JsValue> {
        settled(self.summary()).await
    }

    /// A guessed plan.
    pub async fn suggestion(&self) -> Outcome<JsValue> {
        settled(self.suggest()).await
    }

    /// Analyses with a plan.
    pub async fn analysis(&self, plan: &JsValue, signal: &JsValue) -> Outcome<JsValue> {
        settled(self.analyze(plan, &object([("signal", signal.clone())]))).await
    }

    /// Why a row has its score.
    pub async fn explanation(&self, row: usize) -> Outcome<JsValue> {
        settled(self.explain(row)).await
    }

    /// What would have to change for a row not to be flagged.
    pub async fn smallest_change(&self, row: usize) -> Outcome<JsValue> {
        settled(self.counterfactual(row)).await
    }

    /// Events by time and lane.
    pub async fn bins(&self, query: &impl Serialize) -> Outcome<JsValue> {
        settled(self.density(&to_js(query))).await
    }

    /// One subject's events.
    pub async fn events_of(&self, subject: u32) -> Outcome<JsValue> {
        settled(self.timeline(subject)).await
    }

    /// One feature among normal and flagged rows.
    pub async fn feature(&self, feature: usize) -> Outcome<JsValue> {
        settled(self.distribution(feature)).await
    }

    /// How features go together.
    pub async fn together(&self) -> Outcome<JsValue> {
        settled(self.correlations()).await
    }

    /// What there is to say of a formula.
    pub async fn formula(&self, formula: &str, options: &JsValue) -> Outcome<JsValue> {
        settled(self.check_formula(formula, options)).await
    }

    /// The functions that formulas may call.
    pub async fn functions(&self) -> Outcome<JsValue> {
        settled(self.formula_functions()).await
    }

    /// How many matrix rows have a feature above a value.
    pub async fn above(&self, feature: usize, above: f64) -> Outcome<JsValue> {
        settled(self.rows_above(feature, above)).await
    }

    /// Cells of table rows.
    pub async fn cells(&self, rows: &[u32]) -> Outcome<JsValue> {
        settled(self.rows(rows)).await
    }

    /// A file to download.
    pub async fn file(&self, kind: &impl Serialize) -> Outcome<JsValue> {
        settled(self.export_file(&to_js(kind))).await
    }

    /// A model as a file.
    pub async fn model_file(&self, of: ModelOf<'_>) -> Outcome<Uint8Array> {
        Ok(settled(self.save(&object([("use", of.value())]))).await?.unchecked_into())
    }

    /// Takes a saved model; gives what is said of it.
    pub async fn load_model(&self, bytes: &Uint8Array) -> Outcome<JsValue> {
        settled(self.load(bytes)).await
    }

    /// Forgets a loaded model.
    pub async fn unload_model(&self) -> Outcome<()> {
        settled(self.unload()).await.map(drop)
    }

    /// What is said of a model.
    pub async fn model_info(&self, of: ModelOf<'_>) -> Outcome<JsValue> {
        settled(self.model(&object([("use", of.value())]))).await
    }

    /// Scores a record or a source by a model. `keep` puts the source in the place of table and analysis.
    pub async fn prediction(
        &self,
        by: ModelOf<'_>,
        records: &JsValue,
        options: &impl Serialize,
        keep: bool,
        signal: &JsValue,
    ) -> Outcome<JsValue> {
        let options = with_signal(to_js(options), signal);
        // Setting properties of a fresh plain object cannot fail.
        let _ = Reflect::set(&options, &"keep".into(), &keep.into());
        let _ = Reflect::set(&options, &"use".into(), &by.value());
        settled(self.predict(records, &options)).await
    }

    /// A generated log.
    pub async fn generated(&self, options: &impl Serialize) -> Outcome<JsValue> {
        settled(self.sample(&to_js(options))).await
    }
}
