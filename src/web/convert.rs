//! Between serde types and `JsValue`: one serializer for all, typed arrays set by path, errors as plain objects.

use crate::engine::detect::RowBlock;
use crate::engine::error::Error;
use crate::engine::ingest::Slice;
use crate::protocol::{EstimateOptions, IngestOptions, Request, Response, TypedArray};
use js_sys::{Float64Array, JSON, Object, Reflect, Uint8Array, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Maps become objects, absent options stay absent (serde skips them), 64-bit integers become numbers.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(|e| plain_error("internal", &e.to_string()).into())
}

/// A response with its typed arrays in place.
pub fn response_to_js(response: &Response) -> Result<JsValue, JsValue> {
    let value = to_js(response)?;
    for (path, array) in response.arrays() {
        let array: JsValue = match array {
            TypedArray::U8(values) => Uint8Array::from(values).into(),
            TypedArray::U32(values) => Uint32Array::from(values).into(),
            TypedArray::F64(values) => Float64Array::from(values).into(),
        };
        let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut owner = value.clone();
        for parent in parents.split('.').filter(|p| !p.is_empty()) {
            owner = Reflect::get(&owner, &JsValue::from_str(parent))?;
        }
        Reflect::set(&owner, &JsValue::from_str(name), &array)?;
    }
    Ok(value)
}

/// An engine error as `{ name, code, message, detail, position? }`.
pub fn error_to_js(error: &Error) -> JsValue {
    let object = plain_error(error.code(), &error.to_string());
    if let Some(position) = error.position().and_then(|p| to_js(&p).ok()) {
        set(&object, "position", &position);
    }
    object.into()
}

/// A request, by way of JSON text: serde-wasm-bindgen asks an object only for the fields it knows, so a misspelt
/// option would be ignored where `serde_json` refuses it by name. Requests are small; bytes do not come this way.
pub fn request_from_js(request: &JsValue) -> Result<Request, JsValue> {
    Request::parse(&json_text(request)?).map_err(|error| error_to_js(&error))
}

/// What to estimate, as [`request_from_js`].
pub fn estimate_from_js(params: &JsValue) -> Result<EstimateOptions, JsValue> {
    EstimateOptions::parse(&json_text(params)?).map_err(|error| error_to_js(&error))
}

fn json_text(value: &JsValue) -> Result<String, JsValue> {
    let text = JSON::stringify(value)
        .map_err(|_| JsValue::from(plain_error("options", "the call's options are not plain JSON")))?;
    Ok(String::from(text))
}

/// Options of an ingest, refused by name as in [`request_from_js`].
pub fn ingest_options_from_js(options: &JsValue) -> Result<IngestOptions, JsValue> {
    let request = Object::new();
    set(&request, "method", &"beginIngest".into());
    set(&request, "params", options);
    match request_from_js(&request)? {
        Request::BeginIngest(options) => Ok(*options),
        _ => Err(plain_error("internal", "beginIngest was read as another request").into()),
    }
}

/// `{ start, end, records }`.
pub fn slice_to_js(slice: &Slice) -> JsValue {
    let object = Object::new();
    set(&object, "start", &(slice.start as f64).into());
    set(&object, "end", &(slice.end as f64).into());
    set(&object, "records", &Uint8Array::from(&slice.bytes[..]).into());
    object.into()
}

/// `{ start, rows }`.
pub fn rows_to_js(block: &RowBlock) -> JsValue {
    let object = Object::new();
    set(&object, "start", &(block.start as f64).into());
    set(&object, "rows", &Float64Array::from(&block.values[..]).into());
    object.into()
}

fn plain_error(code: &str, message: &str) -> Object {
    let object = Object::new();
    set(&object, "name", &"AnalyzerError".into());
    set(&object, "code", &code.into());
    set(&object, "message", &message.into());
    object
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a property of a fresh plain object cannot fail.
    Reflect::set(object, &JsValue::from_str(name), value).ok();
}
