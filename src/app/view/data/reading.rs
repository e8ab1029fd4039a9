//! How the source was read, as a form: whatever was found out can be said otherwise, and the source is read again.

use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::Opened;
use crate::app::source::ReadOptions;
use crate::app::state::store;
use crate::app::view::table::{ScrollTable, titles};
use crate::engine::ingest::{FileSummary, Format};
use crate::protocol::TableSummary;
use leptos::prelude::*;
use std::rc::Rc;

/// Files listed; a folder of thousands has the rest counted.
const MAX_FILES: usize = 200;

/// What stands between fields, as the form names it.
const DELIMITERS: [(&str, &str); 5] =
    [(",", "comma ,"), (";", "semicolon ;"), ("\t", "tab"), ("|", "pipe |"), (" ", "space")];
const ENCODINGS: [(&str, &str); 4] = [
    ("utf-8", "UTF-8"),
    ("utf-16le", "UTF-16, little-endian"),
    ("utf-16be", "UTF-16, big-endian"),
    ("windows-1252", "Windows-1252 (Latin-1)"),
];
const HEADERS: [(&str, &str); 2] = [("yes", "names the columns"), ("no", "is a record like the others")];

/// A choice in the form: found out, or said.
struct Field {
    label: &'static str,
    choices: Vec<(&'static str, String)>,
    /// What was found, where the table tells.
    found: Option<String>,
    read: fn(&ReadOptions) -> Option<String>,
    write: fn(&mut ReadOptions, Option<String>),
}

fn fields(summary: &TableSummary) -> Vec<Field> {
    let named = |choices: &[(&'static str, &str)]| {
        choices.iter().map(|&(value, name)| (value, name.to_owned())).collect::<Vec<_>>()
    };
    vec![
        Field {
            label: "Format",
            choices: Format::ALL.iter().map(|format| (format.code(), format.label(None))).collect(),
            found: Some(summary.format.code().to_owned()),
            read: |options| options.format.map(|format| format.code().to_owned()),
            write: |options, value| {
                options.format =
                    Format::ALL.into_iter().find(|format| Some(format.code()) == value.as_deref());
            },
        },
        Field {
            label: "Between fields",
            choices: named(&DELIMITERS),
            found: summary.delimiter.clone(),
            read: |options| options.delimiter.clone(),
            write: |options, value| options.delimiter = value,
        },
        Field {
            label: "Encoding",
            choices: named(&ENCODINGS),
            found: Some(summary.encoding.clone()),
            read: |options| options.encoding.clone(),
            write: |options, value| options.encoding = value,
        },
        Field {
            label: "The first line",
            choices: named(&HEADERS),
            found: None,
            read: |options| options.header.map(|header| if header { "yes" } else { "no" }.to_owned()),
            write: |options, value| options.header = value.map(|value| value == "yes"),
        },
    ]
}

/// The form, and the files where there are several.
#[component]
pub fn ReadingForm(opened: Rc<Opened>) -> impl IntoView {
    let store = store();
    let before = opened.read_with.clone();
    let options = RwSignal::new(before.clone());
    let is_changed = move || options.with(|options| *options != before);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        operations::read_again(store, options.get_untracked());
    };
    let fields = fields(&opened.summary).into_iter().map(|field| choice(field, options)).collect_view();
    let summary = &opened.summary;
    let facts = format!(
        "{} in {}, {} read, {} in memory",
        format::counted(summary.rows, "row"),
        format::counted(summary.columns.len(), "column"),
        format::bytes(summary.bytes as f64),
        format::bytes(summary.memory_bytes as f64),
    );
    view! {
        <form class="reading-form" on:submit=submit>
            <p class="hint wide">
                {facts}
                ". What was found out is named in each field; say otherwise where it is wrong."
            </p>
            {fields}
            {time_zone(options)}
            {missing_words(options)}
            <div class="settings-actions">
                <button type="submit" class="button button-primary" disabled=move || store.job.with(Option::is_some)>
                    "Read again with these settings"
                </button>
                <p class="hint" role="status">
                    {move || is_changed().then_some("The table shown was read in another way.")}
                </p>
            </div>
        </form>
        {(opened.summary.files.len() > 1).then(|| files(&opened.summary.files))}
    }
}

fn choice(field: Field, options: RwSignal<ReadOptions>) -> AnyView {
    let name_of = |value: &str| {
        field
            .choices
            .iter()
            .find(|(choice, _)| *choice == value)
            .map_or_else(|| value.to_owned(), |(_, name)| name.clone())
    };
    let said = options.with_untracked(field.read);
    let found = match (&said, &field.found) {
        (None, Some(found)) => format!("found: {}", name_of(found)),
        _ => "find out".to_owned(),
    };
    let change = move |event| {
        let value = event_target_value(&event);
        options.update(|options| (field.write)(options, (!value.is_empty()).then_some(value)));
    };
    let choices = field
        .choices
        .into_iter()
        .map(|(value, name)| {
            let is_said = said.as_deref() == Some(value);
            view! { <option value=value selected=is_said>{name}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="label">{field.label}</span>
            <select on:change=change>
                <option value="">{found}</option>
                {choices}
            </select>
        </label>
    }
    .into_any()
}

/// Typed, with the zones that the browser knows to choose from: there are hundreds.
fn time_zone(options: RwSignal<ReadOptions>) -> AnyView {
    let said = options.with_untracked(|options| options.time_zone.clone().unwrap_or_default());
    let change = move |event| {
        let zone = event_target_value(&event).trim().to_owned();
        options.update(|options| options.time_zone = (!zone.is_empty()).then_some(zone));
    };
    let zones =
        host::time_zones().into_iter().map(|zone| view! { <option value=zone></option> }).collect_view();
    view! {
        <label class="field">
            <span class="label">"Time zone"</span>
            <input type="text" list="time-zones" placeholder="as in the file" prop:value=said on:change=change />
            <datalist id="time-zones">{zones}</datalist>
            <span class="hint">"Of times that name none, such as Europe/Berlin"</span>
        </label>
    }
    .into_any()
}

fn missing_words(options: RwSignal<ReadOptions>) -> AnyView {
    let said = options.with_untracked(|options| options.missing.as_ref().map(|words| words.join(", ")));
    let change = move |event| {
        let text = event_target_value(&event);
        let words: Vec<String> =
            text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
        options.update(|options| options.missing = (!words.is_empty()).then_some(words));
    };
    view! {
        <label class="field">
            <span class="label">"Words for “no value”"</span>
            <input type="text" placeholder="the usual ones" prop:value=said.unwrap_or_default() on:change=change />
            <span class="hint">"With commas between them, such as n/a, unknown"</span>
        </label>
    }
    .into_any()
}

fn files(files: &[FileSummary]) -> AnyView {
    let more = files.len().saturating_sub(MAX_FILES);
    let rows = files
        .iter()
        .take(MAX_FILES)
        .map(|file| {
            view! {
                <tr>
                    <th scope="row">{file.name.clone()}</th>
                    <td>{format::count(file.rows)}</td>
                    <td>{format::count(file.set_aside)}</td>
                    <td>{format::bytes(file.bytes as f64)}</td>
                    <td>{file.format.label(file.delimiter.as_ref().and_then(|d| d.bytes().next()))}</td>
                    <td>{file.encoding.clone()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section>
            <h3>{format::counted(files.len(), "file")}</h3>
            <ScrollTable
                label="Files"
                titles=titles(&["File", "Rows kept", "Set aside", "Size", "Format", "Encoding"])
            >
                {rows}
            </ScrollTable>
            {(more > 0).then(|| view! { <p class="hint">{format!("and {} more", format::counted(more, "file"))}</p> })}
        </section>
    }
    .into_any()
}
