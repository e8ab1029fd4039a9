//! The call that looks at all rows, and when a part of the page comes into sight, which is the time for it.

use super::{Analyzer, Outcome, object, settled};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, js_name = globalExplanation)]
    fn global_explanation(this: &Analyzer, options: &JsValue) -> Promise;
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = whenNear)]
    fn when_near_js(element: &web_sys::Element, callback: &Function);
}

impl Analyzer {
    /// What moves the scores of all rows, with the engine's own number of rows and this many features in its beeswarm.
    pub async fn overall(&self, n_features: usize, signal: &JsValue) -> Outcome<JsValue> {
        let options = object([("features", (n_features as f64).into()), ("signal", signal.clone())]);
        settled(self.global_explanation(&options)).await
    }
}

/// Calls back once, when an element comes near the screen.
pub fn when_near(element: &web_sys::Element, callback: impl FnOnce() + 'static) {
    when_near_js(element, Closure::once_into_js(callback).unchecked_ref());
}
