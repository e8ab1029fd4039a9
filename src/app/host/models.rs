//! Calls about models: where their scores are cut, how far they agree, learning and tuning.

use super::{Analyzer, Outcome, object, settled, to_js};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, js_name = setThreshold)]
    fn set_threshold(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = agreement)]
    fn agree(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn learn(this: &Analyzer, options: &JsValue, call: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = explainLearned)]
    fn explain_learned(this: &Analyzer, row: usize, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn tune(this: &Analyzer, options: &JsValue, call: &JsValue) -> Promise;
}

fn call(signal: &JsValue) -> JsValue {
    object([("signal", signal.clone())])
}

impl Analyzer {
    /// Flags by another threshold, however it is asked for.
    pub async fn cut(&self, options: &impl Serialize) -> Outcome<JsValue> {
        settled(self.set_threshold(&to_js(options))).await
    }

    /// How far the detectors agree about so many rows.
    pub async fn agreement(&self, budget: usize) -> Outcome<JsValue> {
        settled(self.agree(&object([("budget", (budget as f64).into())]))).await
    }

    /// A supervised model.
    pub async fn learned(&self, options: &impl Serialize, signal: &JsValue) -> Outcome<JsValue> {
        settled(self.learn(&to_js(options), &call(signal))).await
    }

    /// Why the learned model answers as it does about a row.
    pub async fn learned_explanation(&self, row: usize, class: Option<&str>) -> Outcome<JsValue> {
        let class = class.map_or(JsValue::UNDEFINED, JsValue::from_str);
        settled(self.explain_learned(row, &object([("class", class)]))).await
    }

    /// Parameters that are better.
    pub async fn tuned(&self, options: &impl Serialize, signal: &JsValue) -> Outcome<JsValue> {
        settled(self.tune(&to_js(options), &call(signal))).await
    }
}
