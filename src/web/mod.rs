//! JavaScript bindings of the engine: one class, one call, and the bytes of a source uncopied by serde.
//!
//! Everything that can be said is a [`crate::protocol::Request`]; this module only turns `JsValue` into requests and responses back,
//! with typed arrays put in place, and engine errors into plain objects that `www/errors.js` rebuilds.

mod convert;

use crate::engine::detect;
use crate::engine::host::Host;
use crate::engine::ingest;
use crate::engine::session::Session;
use crate::protocol::{dispatch, slice_reading};
use convert::{error_to_js, response_to_js};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The clock of window, worker or Node alike.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Stage timings from `performance.now()`.
struct PerformanceClock;

impl Host for PerformanceClock {
    fn now_ms(&self) -> f64 {
        performance_now()
    }
}

/// One table and its analysis. Free it, or its wasm memory stays until the worker ends.
#[wasm_bindgen]
pub struct Engine {
    session: Session,
}

#[wasm_bindgen]
impl Engine {
    /// An engine without a table.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default)] // a JavaScript constructor; Rust callers use Session
    pub fn new() -> Engine {
        Engine { session: Session::default() }
    }

    /// Answers `{ method, params }`; see [`crate::protocol::Request`]. Throws a plain object
    /// `{ name: "AnalyzerError", code, message, detail?, position? }`.
    pub fn call(&mut self, request: JsValue) -> Result<JsValue, JsValue> {
        let request = convert::request_from_js(&request)?;
        let response =
            dispatch(&mut self.session, request, &PerformanceClock).map_err(|e| error_to_js(&e))?;
        response_to_js(&response)
    }

    /// Takes the next bytes of the source that `beginIngest` opened; gives `{ bytes, rows }` so far.
    pub fn push(&mut self, bytes: &[u8]) -> Result<JsValue, JsValue> {
        let progress = self.session.source().push(bytes).map_err(|e| error_to_js(&e))?;
        convert::to_js(&progress)
    }

    /// Estimates from the first bytes of a source what reading all of it will take; needs no table and changes nothing.
    /// `params` is `{ options, totalBytes, isWhole }`, see [`crate::protocol::EstimateOptions`].
    pub fn estimate(&self, bytes: &[u8], params: JsValue) -> Result<JsValue, JsValue> {
        let params = convert::estimate_from_js(&params)?;
        let estimate = crate::protocol::estimate(bytes, params).map_err(|e| error_to_js(&e))?;
        convert::to_js(&estimate)
    }

    /// What engines in other workers need to read slices of the file under way; `undefined` where it cannot be read in
    /// slices.
    #[wasm_bindgen(js_name = sliceSchema)]
    pub fn slice_schema(&mut self) -> Option<Vec<u8>> {
        self.session.source().slice_schema()
    }

    /// Takes the records of a slice that another engine has read, in the place of their bytes; gives `{ bytes, rows }`
    /// so far. `undefined`, and nothing has changed, where that might not be the same.
    pub fn absorb(&mut self, records: &[u8]) -> Result<JsValue, JsValue> {
        self.session
            .source()
            .absorb(records)
            .map_or(Ok(JsValue::UNDEFINED), |progress| convert::to_js(&progress))
    }

    /// Rows that a model is measuring just now and that nobody has begun; 0 where none is.
    #[wasm_bindgen(js_name = rowsLeft)]
    pub fn rows_left(&mut self) -> usize {
        self.session.shared_rows().map_or(0, |shared| shared.n_left())
    }

    /// That model, for a [`Scorer`] in another worker: once, before the first [`Engine::give_rows`].
    #[wasm_bindgen(js_name = sharedModel)]
    pub fn shared_model(&mut self) -> Option<Vec<u8>> {
        self.session.shared_rows()?.model()
    }

    /// Gives away at most so many of the rows left: `{ start, rows }`. `undefined` where there are none, and before their
    /// model was given.
    #[wasm_bindgen(js_name = giveRows)]
    pub fn give_rows(&mut self, n_rows: usize) -> JsValue {
        let block = self.session.shared_rows().and_then(|mut shared| shared.give(n_rows));
        block.map_or(JsValue::UNDEFINED, |block| convert::rows_to_js(&block))
    }

    /// Takes what a [`Scorer`] gave for the rows that start there, or without it the rows back.
    #[wasm_bindgen(js_name = takeValues)]
    pub fn take_values(&mut self, start: usize, values: Option<Vec<f64>>) {
        if let Some(mut shared) = self.session.shared_rows() {
            shared.take(start, values.as_deref());
        }
    }

    /// The fitted pipeline as a file: that of the analysis, or the one loaded since.
    pub fn save(&self) -> Result<Vec<u8>, JsValue> {
        self.session.save().map_err(|e| error_to_js(&e))
    }

    /// Takes a fitted pipeline from a file; gives what is said of it, as the request `model` does.
    pub fn load(&mut self, file: &[u8]) -> Result<JsValue, JsValue> {
        self.session.load(file).map_err(|e| error_to_js(&e)).and_then(convert::to_js)
    }

    /// Bytes of linear memory this wasm instance holds. Linear memory never shrinks; it is reused.
    #[wasm_bindgen(js_name = memoryBytes)]
    pub fn memory_bytes(&self) -> f64 {
        #[cfg(target_arch = "wasm32")]
        {
            core::arch::wasm32::memory_size(0) as f64 * 65_536.0
        }
        #[cfg(not(target_arch = "wasm32"))]
        {
            0.0
        }
    }
}

/// A slice of a file that another engine reads, which is read here. Free it as an engine, unless it is finished.
#[wasm_bindgen]
pub struct SliceReading {
    reading: ingest::SliceReading,
}

#[wasm_bindgen]
impl SliceReading {
    /// By the other's [schema](Engine::slice_schema) and ingest options. `at` is the slice's first byte in its file.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, schema: &[u8], at: f64) -> Result<SliceReading, JsValue> {
        let options = convert::ingest_options_from_js(&options)?;
        let reading = slice_reading(options, schema, at as u64).map_err(|e| error_to_js(&e))?;
        Ok(SliceReading { reading })
    }

    /// Takes its next bytes, however many.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.reading.push(bytes).map_err(|e| error_to_js(&e))
    }

    /// `{ start, end, records }`: from where to where its records are, and what [`Engine::absorb`] takes of them.
    pub fn finish(self) -> Result<JsValue, JsValue> {
        let slice = self.reading.finish().map_err(|e| error_to_js(&e))?;
        Ok(convert::slice_to_js(&slice))
    }
}

/// A model that measures rows of another engine. Free it as an engine.
#[wasm_bindgen]
pub struct Scorer {
    scorer: detect::Scorer,
}

#[wasm_bindgen]
impl Scorer {
    /// From what [`Engine::shared_model`] gave.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &[u8]) -> Result<Scorer, JsValue> {
        let scorer = detect::Scorer::read(model).map_err(|e| error_to_js(&e))?;
        Ok(Scorer { scorer })
    }

    /// What [`Engine::take_values`] takes of some rows.
    pub fn measure(&self, rows: &[f64]) -> Vec<f64> {
        self.scorer.measure(rows)
    }
}

/// The version of the engine.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
