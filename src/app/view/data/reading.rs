//! How the source was read, as a form: whatever was found out can be said otherwise, and the source is read again.

use crate::app::format;
use crate::app::host;
use crate::app::operations;
use crate::app::results::{Opened, SkippedFile};
use crate::app::source::ReadOptions;
use crate::app::state::store;
use crate::app::view::table::{ScrollTable, titles};
use crate::engine::finding::FindingKind;
use crate::engine::ingest::{DateOrder, FileSummary, Format, MISSING_WORDS};
use crate::engine::table::ColumnType;
use crate::protocol::TableSummary;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Files listed; a folder of thousands has the rest counted.
const MAX_FILES: usize = 200;

/// What stands between fields, as the form names it.
const DELIMITERS: [(&str, &str); 9] = [
    (",", "comma ,"),
    (";", "semicolon ;"),
    ("\t", "tab"),
    ("|", "pipe |"),
    (" ", "space"),
    ("\u{1}", "0x01, as Hive writes"),
    ("\u{1f}", "0x1F, unit separator"),
    ("\u{1e}", "0x1E, record separator"),
    (OTHER, "another character"),
];
/// Any delimiter that has no name of its own.
const OTHER: &str = "other";
const ENCODINGS: [(&str, &str); 12] = [
    ("utf-8", "UTF-8"),
    ("utf-16le", "UTF-16, little-endian"),
    ("utf-16be", "UTF-16, big-endian"),
    ("windows-1252", "Windows-1252 (Latin-1)"),
    ("windows-1250", "Windows-1250 (Central European)"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("koi8-r", "KOI8-R (Cyrillic)"),
    ("iso-8859-2", "ISO 8859-2 (Central European)"),
    ("shift_jis", "Shift JIS (Japanese)"),
    ("gb18030", "GB 18030 (Chinese)"),
    ("big5", "Big5 (Chinese)"),
    ("euc-kr", "EUC-KR (Korean)"),
];
const HEADERS: [(&str, &str); 2] = [("yes", "names the columns"), ("no", "is a record like the others")];

const ORDERS: [(&str, &str); 2] = [("day-first", "the day first"), ("month-first", "the month first")];

/// Changes what is said of a field.
type Write = Box<dyn Fn(&mut ReadOptions, Option<String>)>;

/// A choice in the form: found out, or said.
struct Field {
    label: String,
    choices: Vec<(&'static str, String)>,
    /// What was found, where the table tells.
    found: Option<String>,
    said: Option<String>,
    write: Write,
}

fn fields(summary: &TableSummary, said: &ReadOptions) -> Vec<Field> {
    let named = |choices: &[(&'static str, &str)]| {
        choices.iter().map(|&(value, name)| (value, name.to_owned())).collect::<Vec<_>>()
    };
    let yes_no = |header: bool| if header { "yes" } else { "no" }.to_owned();
    let mut fields = vec![
        Field {
            label: "Format".to_owned(),
            choices: Format::ALL.iter().map(|format| (format.code(), format.label(None))).collect(),
            found: Some(summary.format.code().to_owned()),
            said: said.format.map(|format| format.code().to_owned()),
            write: Box::new(|options, value| {
                options.format =
                    Format::ALL.into_iter().find(|format| Some(format.code()) == value.as_deref());
            }),
        },
        Field {
            label: "Between fields".to_owned(),
            choices: named(&DELIMITERS),
            found: summary.delimiter.clone(),
            said: said.delimiter.as_deref().map(named_delimiter),
            write: Box::new(|options, value| {
                // Which other one is typed beside it.
                options.delimiter = value.map(|value| if value == OTHER { String::new() } else { value });
            }),
        },
        Field {
            label: "Encoding".to_owned(),
            choices: named(&ENCODINGS),
            found: Some(summary.encoding.clone()),
            said: said.encoding.clone(),
            write: Box::new(|options, value| options.encoding = value),
        },
        Field {
            label: "The first line".to_owned(),
            choices: named(&HEADERS),
            found: summary.files.iter().find_map(|file| file.header).map(yes_no),
            said: said.header.map(yes_no),
            write: Box::new(|options, value| options.header = value.map(|value| value == "yes")),
        },
    ];
    fields.extend(doubtful_types(summary, said).into_iter().map(|(column, found)| Field {
        label: format!("Type of “{column}”"),
        choices: ColumnType::ALL.iter().map(|kind| (kind.name(), kind.name().to_owned())).collect(),
        found: Some(found.name().to_owned()).filter(|_| !said.types.contains_key(&column)),
        said: said.types.get(&column).map(|kind| kind.name().to_owned()),
        write: Box::new(move |options, value| options.read_as(&column, value.as_deref())),
    }));
    fields.extend(date_orders(summary, said).into_iter().map(|(column, assumed)| Field {
        label: format!("Dates in “{column}”"),
        choices: named(&ORDERS),
        found: assumed.map(|order| code_of(order).to_owned()),
        said: said.dates.get(&column).map(|&order| code_of(order).to_owned()),
        write: Box::new(move |options, value| {
            match [DateOrder::DayFirst, DateOrder::MonthFirst]
                .into_iter()
                .find(|&order| Some(code_of(order)) == value.as_deref())
            {
                Some(order) => options.dates.insert(column.clone(), order),
                None => options.dates.remove(&column),
            };
        }),
    }));
    fields
}

/// A delimiter as a choice of the form.
fn named_delimiter(delimiter: &str) -> String {
    let is_named = DELIMITERS.iter().any(|(named, _)| *named == delimiter);
    if is_named { delimiter } else { OTHER }.to_owned()
}

/// Columns whose type was said, or is no certain one, as they were read; that of any other can be said where it is explored.
fn doubtful_types(summary: &TableSummary, said: &ReadOptions) -> BTreeMap<String, ColumnType> {
    let doubts = summary
        .findings
        .iter()
        .filter(|finding| matches!(finding.kind, FindingKind::AmbiguousType | FindingKind::MixedTypes));
    let names: BTreeSet<&String> =
        doubts.filter_map(|finding| finding.column.as_ref()).chain(said.types.keys()).collect();
    let columns = summary.columns.iter().filter(|column| names.contains(&column.name));
    columns.map(|column| (column.name.clone(), column.column_type)).collect()
}

fn code_of(order: DateOrder) -> &'static str {
    match order {
        DateOrder::DayFirst => ORDERS[0].0,
        DateOrder::MonthFirst => ORDERS[1].0,
    }
}

/// Columns of which no date decides the order, with what was assumed where nothing is said.
fn date_orders(summary: &TableSummary, said: &ReadOptions) -> BTreeMap<String, Option<DateOrder>> {
    let answered = said.dates.keys().map(|column| (column.clone(), None));
    let asked = summary.questions.iter().map(|asked| (asked.column.clone(), Some(asked.assumed)));
    answered.chain(asked).collect()
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
    let fields = fields(&opened.summary, &opened.read_with)
        .into_iter()
        .map(|field| choice(field, options))
        .collect_view();
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
            {other_delimiter(options)}
            {time_zone(options, summary.time_zone.clone())}
            {missing_words(options)}
            {max_rows(options)}
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
        {(!opened.skipped.is_empty()).then(|| skipped(&opened.skipped))}
    }
}

fn choice(field: Field, options: RwSignal<ReadOptions>) -> AnyView {
    let Field { label, choices, found, said, write } = field;
    let name_of = |value: &str| {
        choices
            .iter()
            .find(|(choice, _)| *choice == value)
            .map_or_else(|| value.to_owned(), |(_, name)| name.clone())
    };
    let found = match (&said, &found) {
        (None, Some(found)) => format!("found: {}", name_of(found)),
        _ => "find out".to_owned(),
    };
    let change = move |event| {
        let value = event_target_value(&event);
        options.update(|options| write(options, (!value.is_empty()).then_some(value)));
    };
    let choices = choices
        .into_iter()
        .map(|(value, name)| {
            let is_said = said.as_deref() == Some(value);
            view! { <option value=value selected=is_said>{name}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <select on:change=change>
                <option value="">{found}</option>
                {choices}
            </select>
        </label>
    }
    .into_any()
}

/// A delimiter that the list has not.
fn other_delimiter(options: RwSignal<ReadOptions>) -> AnyView {
    let is_other = Memo::new(move |_| {
        options
            .with(|options| options.delimiter.as_deref().is_some_and(|said| named_delimiter(said) == OTHER))
    });
    let said = move || options.with(|options| options.delimiter.clone().unwrap_or_default());
    let change = move |event| {
        let character = event_target_value(&event);
        options.update(|options| options.delimiter = Some(character));
    };
    view! {
        <Show when=move || is_other.get()>
            <label class="field">
                <span class="label">"The character between fields"</span>
                <input type="text" maxlength="1" required prop:value=said on:input=change />
                <span class="hint">"One character, such as ^ or ~"</span>
            </label>
        </Show>
    }
    .into_any()
}

/// Typed, with the zones that the browser knows to choose from: there are hundreds.
fn time_zone(options: RwSignal<ReadOptions>, in_force: Option<String>) -> AnyView {
    let said = options.with_untracked(|options| options.time_zone.clone().unwrap_or_default());
    let change = move |event| {
        let zone = event_target_value(&event).trim().to_owned();
        options.update(|options| options.time_zone = (!zone.is_empty()).then_some(zone));
    };
    let hint = match in_force {
        Some(zone) => format!("Times are shown by the clock of {zone}"),
        None => "Of times that name none, such as Europe/Berlin; now the file’s own clock".to_owned(),
    };
    let zones =
        host::time_zones().into_iter().map(|zone| view! { <option value=zone></option> }).collect_view();
    view! {
        <label class="field">
            <span class="label">"Time zone"</span>
            <input type="text" list="time-zones" placeholder="as in the file" prop:value=said on:change=change />
            <datalist id="time-zones">{zones}</datalist>
            <span class="hint">{hint}</span>
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
    let usual: Vec<&str> = MISSING_WORDS.iter().copied().filter(|word| !word.is_empty()).collect();
    let hint = format!("With commas between them; they replace the usual ones: {}", usual.join(", "));
    view! {
        <label class="field">
            <span class="label">"Words for “no value”"</span>
            <input type="text" placeholder="the usual ones" prop:value=said.unwrap_or_default() on:change=change />
            <span class="hint">{hint}</span>
        </label>
    }
    .into_any()
}

fn max_rows(options: RwSignal<ReadOptions>) -> AnyView {
    let said = options.with_untracked(|options| options.max_rows.map(|n| n.to_string()).unwrap_or_default());
    let change = move |event| {
        let n = event_target_value(&event).parse().ok();
        options.update(|options| options.max_rows = n);
    };
    view! {
        <label class="field">
            <span class="label">"Records at most"</span>
            <input type="number" min="1" step="1" placeholder="all" prop:value=said on:change=change />
            <span class="hint">"The first ones; the others are counted and left out"</span>
        </label>
    }
    .into_any()
}

/// Files that were left out.
fn skipped(files: &[SkippedFile]) -> AnyView {
    let line = |file: &SkippedFile| vec![file.name.clone(), file.reason.clone()];
    let title = format!("{} left out", format::counted(files.len(), "file"));
    listed(title, "Files left out", &["File", "Why"], files, line)
}

fn files(files: &[FileSummary]) -> AnyView {
    let line = |file: &FileSummary| {
        vec![
            file.name.clone(),
            format::count(file.rows),
            format::count(file.set_aside),
            format::bytes(file.bytes as f64),
            file.format.label(file.delimiter.as_ref().and_then(|d| d.bytes().next())),
            file.encoding.clone(),
        ]
    };
    let names = ["File", "Rows kept", "Set aside", "Size", "Format", "Encoding"];
    listed(format::counted(files.len(), "file"), "Files", &names, files, line)
}

/// A table of files, a line of cells each, the first of them its name.
fn listed<T>(
    title: String,
    label: &'static str,
    names: &[&str],
    files: &[T],
    line: impl Fn(&T) -> Vec<String>,
) -> AnyView {
    let more = files.len().saturating_sub(MAX_FILES);
    let row = |file: &T| {
        let mut cells = line(file).into_iter();
        let name = cells.next();
        view! {
            <tr>
                <th scope="row">{name}</th>
                {cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}
            </tr>
        }
    };
    let rows = files.iter().take(MAX_FILES).map(row).collect_view();
    view! {
        <section>
            <h3>{title}</h3>
            <ScrollTable label titles=titles(names)>{rows}</ScrollTable>
            {(more > 0).then(|| view! { <p class="hint">{format!("and {} more", format::counted(more, "file"))}</p> })}
        </section>
    }
    .into_any()
}
