//! The one door to JavaScript: `globalThis.isoscopeHost`, set by the boot script before the app starts. It holds the
//! analyzer of the public module, the charts, the seal and the download.

mod analyzer;
mod models;
mod overall;

pub use analyzer::{Analyzer, ModelOf, open_analyzer, opened_analyzer};
pub use overall::when_near;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = localMs)]
    fn local_ms_js(ms: f64, time_zone: Option<&str>) -> f64;

    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = timeZones)]
    fn time_zones_js() -> js_sys::Array;
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = filesOf)]
    fn files_of_js(data: &web_sys::DataTransfer) -> Promise;
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = inTurn)]
    fn in_turn_js(job: &Function);
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = soon)]
    fn soon_js(job: &Function);
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = download)]
    fn download_js(name: &str, mime: &str, bytes: &Uint8Array);

    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = copyText)]
    fn copy_text_js(text: &str) -> Promise;
    #[wasm_bindgen(catch, js_namespace = isoscopeHost, js_name = profileFile)]
    fn profile_file_js(
        profile: &JsValue,
        summary: &JsValue,
        kind: &str,
        name: &str,
    ) -> Result<JsValue, JsValue>;

    /// A chart on the page.
    pub type Chart;

    /// Makes a chart of a kind in an element.
    #[wasm_bindgen(js_namespace = isoscopeHost, js_name = mountChart)]
    pub fn mount_chart(element: &web_sys::Element, kind: &str, data: &JsValue, handlers: &JsValue) -> Chart;
    /// Draws other data.
    #[wasm_bindgen(method)]
    pub fn update(this: &Chart, data: &JsValue);
    /// Does what a button beside the chart asks for.
    #[wasm_bindgen(method)]
    pub fn action(this: &Chart, name: &str);
    /// Removes it.
    #[wasm_bindgen(method, js_name = dispose)]
    pub fn remove(this: &Chart);
    #[wasm_bindgen(method, js_name = toPng)]
    fn to_png(this: &Chart) -> Promise;
    #[wasm_bindgen(method, js_name = toSvg)]
    fn to_svg(this: &Chart) -> Promise;

    /// The seal of the page.
    #[derive(Clone)]
    pub type Seal;

    #[wasm_bindgen(thread_local_v2, js_namespace = isoscopeHost, js_name = seal)]
    static SEAL: Seal;
    /// The policy added by the seal.
    #[wasm_bindgen(method, getter)]
    pub fn policy(this: &Seal) -> String;
    #[wasm_bindgen(method, getter)]
    fn limits(this: &Seal) -> JsValue;
    /// Requests since the seal, from the browser's own records.
    #[wasm_bindgen(method)]
    pub fn requests(this: &Seal) -> u32;
    /// Requests refused since the seal.
    #[wasm_bindgen(method)]
    pub fn refusals(this: &Seal) -> u32;
    #[wasm_bindgen(method, js_name = on)]
    fn on_change(this: &Seal, listener: &Function);
    #[wasm_bindgen(method, js_name = tryToLeak)]
    fn try_to_leak_js(this: &Seal) -> Promise;
}

/// A failed call: the code of an `AnalyzerError`, or `internal` for anything else, and its message.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Stable code.
    pub code: String,
    /// What, where and what to do.
    pub message: String,
}

impl From<JsValue> for Failure {
    fn from(thrown: JsValue) -> Self {
        let text = |key: &str| Reflect::get(&thrown, &key.into()).ok().and_then(|v| v.as_string());
        Failure {
            code: text("code").unwrap_or_else(|| "internal".to_owned()),
            message: text("message").unwrap_or_else(|| format!("{thrown:?}")),
        }
    }
}

impl From<serde_wasm_bindgen::Error> for Failure {
    fn from(error: serde_wasm_bindgen::Error) -> Self {
        Failure { code: "internal".to_owned(), message: error.to_string() }
    }
}

/// Result of a call to JavaScript.
pub type Outcome<T> = Result<T, Failure>;

async fn settled(promise: Promise) -> Outcome<JsValue> {
    Ok(JsFuture::from(promise).await?)
}

/// A serialisable value as plain JavaScript objects and numbers; what is missing stays undefined.
pub fn to_js(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible().serialize_missing_as_null(false);
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

/// A JavaScript value as a Rust one.
///
/// # Errors
/// `internal` when the shapes differ: the two sides are of different versions.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Outcome<T> {
    Ok(serde_wasm_bindgen::from_value(value)?)
}

/// A property, or `undefined`.
pub fn get(value: &JsValue, key: &str) -> JsValue {
    Reflect::get(value, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Reads a property of many values: its name is made a string once.
pub fn reader(key: &str) -> impl Fn(&JsValue) -> JsValue + use<> {
    let key = JsValue::from_str(key);
    move |value| Reflect::get(value, &key).unwrap_or(JsValue::UNDEFINED)
}

/// A new object of these properties.
pub fn object<const N: usize>(properties: [(&str, JsValue); N]) -> JsValue {
    dictionary(properties)
}

/// A new object of these properties, of which there may be any number.
pub fn dictionary<'a>(properties: impl IntoIterator<Item = (&'a str, JsValue)>) -> JsValue {
    let object = js_sys::Object::new();
    for (key, value) in properties {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &key.into(), &value);
    }
    object.into()
}

/// An answer without its typed arrays, which charts take as they are: reading a million numbers one by one would freeze the
/// page. Lists of other things stay.
pub fn outline(value: &JsValue) -> JsValue {
    let is_plain = value.is_object() && !js_sys::Array::is_array(value);
    if !is_plain {
        return value.clone();
    }
    let lean = js_sys::Object::new();
    for entry in js_sys::Object::entries(value.unchecked_ref()) {
        let entry: js_sys::Array = entry.unchecked_into();
        if !js_sys::ArrayBuffer::is_view(&entry.get(1)) {
            // Setting a property of a fresh plain object cannot fail.
            let _ = Reflect::set(&lean, &entry.get(0), &outline(&entry.get(1)));
        }
    }
    lean.into()
}

/// Options with the signal that ends the call.
fn with_signal(options: JsValue, signal: &JsValue) -> JsValue {
    // Setting a property of a fresh plain object cannot fail.
    let _ = Reflect::set(&options, &"signal".into(), signal);
    options
}

/// The first bytes of a file, or all of them.
///
/// # Errors
/// `internal` with the browser's words when it cannot be read.
pub async fn bytes_of(file: &web_sys::Blob, limit: Option<u32>) -> Outcome<Uint8Array> {
    let part = match limit {
        Some(n_bytes) => file.slice_with_f64_and_f64(0.0, n_bytes.into())?,
        None => file.clone(),
    };
    Ok(Uint8Array::new(&settled(part.array_buffer()).await?))
}

/// Files of a drop or paste, those in folders included.
///
/// # Errors
/// `internal` when the browser does not let a folder be read.
pub fn files_of(data: &web_sys::DataTransfer) -> impl Future<Output = Outcome<js_sys::Array>> + use<> {
    // Asked for at once: a drop's data is gone when its event is over.
    let files = files_of_js(data);
    async move { Ok(settled(files).await?.unchecked_into()) }
}

impl Chart {
    /// The chart as a PNG picture. The future does not hold the chart.
    pub fn png(&self) -> impl Future<Output = Outcome<Uint8Array>> + use<> {
        let picture = self.to_png();
        async move { Ok(settled(picture).await?.unchecked_into()) }
    }

    /// The chart as an SVG picture. The future does not hold the chart.
    pub fn svg(&self) -> impl Future<Output = Outcome<Uint8Array>> + use<> {
        let picture = self.to_svg();
        async move { Ok(settled(picture).await?.unchecked_into()) }
    }
}

/// One attempt to get data out, and the directive by which the browser refused it, if it did.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct LeakAttempt {
    /// What was tried.
    pub name: String,
    /// The refusing directive.
    pub directive: Option<String>,
}

impl Seal {
    /// What the policy cannot cover and what is done about it.
    pub fn limits_text(&self) -> Vec<String> {
        from_js(self.limits()).unwrap_or_default()
    }

    /// Calls back whenever a count changes.
    pub fn on_count(&self, listener: impl Fn() + 'static) {
        self.on_change(Closure::<dyn Fn()>::new(listener).into_js_value().unchecked_ref());
    }

    /// Tries to get a made-up word out in every usual way.
    pub async fn try_to_leak(&self) -> Outcome<Vec<LeakAttempt>> {
        from_js(settled(self.try_to_leak_js()).await?)
    }
}

/// The seal of this page.
pub fn with_seal<T>(read: impl FnOnce(&Seal) -> T) -> T {
    SEAL.with(read)
}

/// The seal of this page, to keep.
pub fn seal() -> Seal {
    SEAL.with(Clone::clone)
}

/// Resolves in a task of its own, so that the browser can draw and hear input before.
pub async fn next_task() {
    let timer = Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            // Fails for strings of code only.
            let _ = window.set_timeout_with_callback(&resolve);
        }
    });
    // A timer is never rejected.
    let _ = JsFuture::from(timer).await;
}

/// Calls back when it is its turn: once the browser has drawn what was made before. Parts of the page that are made so are
/// never laid out together, which would be one long task. What is near the screen comes before what is not.
pub fn in_turn(is_near: bool, job: impl FnOnce() + 'static) {
    let job = Closure::once_into_js(job);
    if is_near { soon_js(job.unchecked_ref()) } else { in_turn_js(job.unchecked_ref()) }
}

/// Resolves when it is its turn, see [`in_turn`].
pub async fn next_turn(is_near: bool) {
    let turn = Promise::new(&mut |resolve, _| if is_near { soon_js(&resolve) } else { in_turn_js(&resolve) });
    // A turn is never rejected.
    let _ = JsFuture::from(turn).await;
}

/// Hands the user a file.
pub fn download(name: &str, mime: &str, bytes: &Uint8Array) {
    download_js(name, mime, bytes);
}

/// Puts a text on the clipboard.
///
/// # Errors
/// `internal` with the browser's words where it does not allow that.
pub fn copy_text(text: &str) -> impl Future<Output = Outcome<()>> + use<> {
    let copied = copy_text_js(text);
    async move { settled(copied).await.map(drop) }
}

/// An exploration as `{ name, mime, bytes }`.
///
/// # Errors
/// `internal` when page and engine are of different versions.
pub fn profile_file(profile: &JsValue, summary: &JsValue, kind: &str, name: &str) -> Outcome<JsValue> {
    Ok(profile_file_js(profile, summary, kind, name)?)
}

/// What the clock of a zone shows at a moment, milliseconds of that clock; without a zone the moment itself.
pub fn local_ms(ms: f64, time_zone: Option<&str>) -> f64 {
    time_zone.map_or(ms, |_| local_ms_js(ms, time_zone))
}

/// Names of the time zones that the browser knows.
pub fn time_zones() -> Vec<String> {
    from_js(time_zones_js().into()).unwrap_or_default()
}

/// Memory that a table may take, bytes: what a 32-bit engine can hold, less room for the rest of the tab, and at most
/// half of what the machine has where the browser says how much that is (in gigabytes, 8 at most).
pub fn memory_budget() -> f64 {
    const MOST: f64 = 3.2e9;
    let navigator = web_sys::window().map_or(JsValue::UNDEFINED, |window| get(&window, "navigator"));
    get(&navigator, "deviceMemory").as_f64().map_or(MOST, |gigabytes| (gigabytes * 0.5e9).min(MOST))
}

/// Seconds on the page's clock.
pub fn now_secs() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now() / 1_000.0)
}

/// A seed nobody chose, small enough to be read aloud.
pub fn random_seed() -> u64 {
    getrandom::u32().map_or(1, |n| u64::from(n % 1_000_000))
}

/// Says on the page that the app itself broke. Written by hand: nothing of the app can be relied on any more.
pub fn show_panic(message: &str) {
    web_sys::console::error_1(&message.into());
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    let (Some(body), Ok(notice)) = (document.body(), document.create_element("p")) else { return };
    notice.set_class_name("crash");
    // The notice is best effort: the console has the message either way.
    let _ = notice.set_attribute("role", "alert");
    notice.set_text_content(Some(
        "Isoscope met an error of its own and stopped. Nothing was sent anywhere. Reload the page to go on; \
         the browser's console says what happened.",
    ));
    let _ = body.prepend_with_node_1(&notice);
}
