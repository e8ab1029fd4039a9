//! A chart with its title and downloads. What it draws is the charts module's matter; when, is this component's.

use crate::app::host::{self, Chart, Outcome};
use crate::app::state::{Problem, store};
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

/// Where a chart's handle is kept while it is on the page.
pub type ChartHandle = StoredValue<Option<Chart>, LocalStorage>;

/// What a chart draws, once there is something to draw. A signal's getter, usually.
type Draws = Box<dyn Fn() -> Option<JsValue>>;

/// A chart.
#[component]
pub fn ChartPanel(
    /// Kind, as the charts module names it.
    kind: &'static str,
    /// Heading.
    #[prop(into)]
    title: Signal<String>,
    /// What it draws; read reactively.
    data: Draws,
    /// Callbacks as a JavaScript object.
    #[prop(default = JsValue::UNDEFINED)]
    handlers: JsValue,
    /// Filled with the chart while it is on the page, for buttons beside it.
    #[prop(optional)]
    handle: Option<ChartHandle>,
    /// Whether the keyboard reaches the chart itself.
    #[prop(optional)]
    focusable: bool,
    /// A sentence under the heading.
    #[prop(optional, into)]
    note: Option<Signal<String>>,
    /// Controls beside the downloads.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let element = NodeRef::<leptos::html::Div>::new();
    let handle = handle.unwrap_or_else(|| StoredValue::new_local(None));
    Effect::new(move |_| {
        let (Some(element), Some(data)) = (element.get(), data()) else { return };
        handle.update_value(|chart| match chart {
            Some(chart) => chart.update(&data),
            None => *chart = Some(host::mount_chart(&element, kind, &data, &handlers)),
        });
    });
    on_cleanup(move || {
        handle.try_update_value(|chart| {
            if let Some(chart) = chart.take() {
                chart.remove();
            }
        });
    });
    view! {
        <figure class=format!("chart-panel chart-panel-{kind}")>
            <figcaption>
                <h3>{title}</h3>
                {note.map(|note| view! { <p class="hint">{note}</p> })}
            </figcaption>
            <div class="chart-tools">
                {children.map(|children| children())}
                <SaveButton kind handle title format="PNG" />
                <SaveButton kind handle title format="SVG" />
            </div>
            // The chart puts a description in the place of the label once it is drawn.
            <div
                class=format!("chart chart-{kind}")
                node_ref=element
                role="img"
                aria-label=title.get_untracked()
                tabindex=focusable.then_some("0")
            ></div>
        </figure>
    }
}

#[component]
fn SaveButton(
    kind: &'static str,
    handle: ChartHandle,
    title: Signal<String>,
    format: &'static str,
) -> impl IntoView {
    let store = store();
    let save = move |_| {
        // The promise is taken here: the chart itself cannot be borrowed across an await.
        let Some(picture) = handle.with_value(|chart| chart.as_ref().map(|chart| picture(chart, format)))
        else {
            return;
        };
        spawn_local(async move {
            match picture.await {
                Ok(bytes) => {
                    let (extension, mime) = match format {
                        "PNG" => ("png", "image/png"),
                        _ => ("svg", "image/svg+xml"),
                    };
                    host::download(&format!("isoscope-{kind}.{extension}"), mime, &bytes);
                }
                Err(failure) => store.problem.set(Problem::of("The picture could not be made", failure)),
            }
        });
    };
    let label = move || format!("Download “{}” as {format}", title.get());
    view! { <button type="button" class="button button-quiet button-small" aria-label=label on:click=save>{format}</button> }
}

fn picture(chart: &Chart, format: &str) -> std::pin::Pin<Box<dyn Future<Output = Outcome<Uint8Array>>>> {
    if format == "PNG" { Box::pin(chart.png()) } else { Box::pin(chart.svg()) }
}

/// A callback for a chart with one argument.
pub fn handler(callback: impl Fn(JsValue) + 'static) -> JsValue {
    Closure::<dyn Fn(JsValue)>::new(callback).into_js_value()
}
