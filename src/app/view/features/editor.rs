//! The editor of an own feature: name, formula, unit. The formula is checked as it is typed; what is wrong is marked at
//! its place, and what may stand there is offered.

use super::own::forget_rules;
use super::suggest::{Suggestion, completed, suggestions};
use crate::app::operations;
use crate::app::results::Results;
use crate::app::state::{FormulaFunction, store};
use crate::app::view::table::Fold;
use crate::engine::plan::OwnFeature;
use crate::protocol::{FormulaCheck, FormulaMistake};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use std::time::Duration;

/// Pause in typing after which a formula is checked.
const PAUSE: Duration = Duration::from_millis(120);

/// What is being edited. Copy: it holds handles.
#[derive(Clone, Copy)]
struct Editor {
    name: RwSignal<String>,
    formula: RwSignal<String>,
    unit: RwSignal<String>,
    meaning: RwSignal<String>,
    check: RwSignal<Option<FormulaCheck>>,
    /// The text that `check` is of.
    checked: RwSignal<String>,
    offered: RwSignal<Vec<Suggestion>>,
    active: RwSignal<usize>,
    input: NodeRef<leptos::html::Input>,
    functions: RwSignal<Vec<FormulaFunction>>,
    columns: StoredValue<Vec<String>>,
}

/// The form, for an own feature that there is or for another one.
pub fn editor(own: Option<OwnFeature>, results: Rc<Results>, takes_focus: bool) -> AnyView {
    let store = store();
    let name_input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let (Some(input), true) = (name_input.get(), takes_focus) {
            // Does not fail for a field on the page.
            let _ = input.focus();
        }
    });
    let old_name = own.as_ref().map(|own| own.name.clone());
    let OwnFeature { name, formula, meaning, unit } = own.unwrap_or_else(|| OwnFeature {
        name: String::new(),
        formula: String::new(),
        meaning: None,
        unit: String::new(),
    });
    let columns = results.opened.summary.columns.iter().map(|column| column.name.clone()).collect();
    let editor = Editor {
        name: RwSignal::new(name),
        formula: RwSignal::new(formula),
        unit: RwSignal::new(unit),
        meaning: RwSignal::new(meaning.unwrap_or_default()),
        check: RwSignal::new(None),
        checked: RwSignal::new(String::new()),
        offered: RwSignal::new(Vec::new()),
        active: RwSignal::new(0),
        input: NodeRef::new(),
        functions: RwSignal::new(Vec::new()),
        columns: StoredValue::new(columns),
    };
    spawn_local(async move {
        if let Ok(functions) = operations::formula_functions(store).await {
            // The editor may be gone by then.
            let _ = editor.functions.try_set(functions);
        }
    });
    check_as_typed(editor);
    // Names that are taken: those of the recipe's features, and of own ones as they are now, but for this one.
    let taken = move |name: &str| {
        let is_of_recipe =
            results.features.iter().any(|feature| feature.name == name && !results.is_own(feature));
        let is_other = old_name.as_deref() != Some(name);
        let is_own = || store.drafted(|plan| plan.own_features.iter().any(|own| own.name == name));
        is_of_recipe || (is_other && is_own())
    };
    let taken = StoredValue::new_local(taken);
    let wrong_name = Memo::new(move |_| {
        let name = editor.name.get();
        match name.trim() {
            "" => Some("A name is needed"),
            name if taken.with_value(|taken| taken(name)) => Some("There is a feature of this name"),
            _ => None,
        }
    });
    let can_save = move || {
        let is_checked = editor.checked.with(|checked| editor.formula.with(|formula| checked == formula));
        let is_right = editor.check.with(|check| check.as_ref().is_some_and(|check| check.ok));
        wrong_name.get().is_none() && is_checked && is_right
    };
    let replaced = store.edited_feature.get_untracked().unwrap_or_default();
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        if !can_save() {
            return;
        }
        let text = |signal: RwSignal<String>| signal.get_untracked().trim().to_owned();
        let own = OwnFeature {
            name: text(editor.name),
            formula: text(editor.formula),
            meaning: Some(text(editor.meaning)).filter(|meaning| !meaning.is_empty()),
            unit: text(editor.unit),
        };
        let is_renamed = own.name != replaced;
        store.edit_draft(|plan| {
            match plan.own_features.iter_mut().find(|old| old.name == replaced) {
                Some(old) => *old = own,
                None => plan.own_features.push(own),
            }
            if is_renamed {
                forget_rules(plan, &replaced);
            }
        });
        if is_renamed {
            store.forget_rule_errors();
        }
        store.edited_feature.set(None);
    };
    let typed = move |signal: RwSignal<String>| move |event| signal.set(event_target_value(&event));
    view! {
        <form class="editor" on:submit=save>
            <label class="field">
                <span class="label">"Name"</span>
                <input
                    type="text"
                    node_ref=name_input
                    prop:value=editor.name
                    aria-invalid=move || wrong_name.get().map(|_| "true")
                    aria-describedby="editor-name-hint"
                    on:input=typed(editor.name)
                />
                <span class="hint" class:wrong=move || wrong_name.get().is_some() id="editor-name-hint">
                    {move || wrong_name.get().unwrap_or("As it stands in lists and files")}
                </span>
            </label>
            {formula_field(editor)}
            <label class="field">
                <span class="label">"Unit"</span>
                <input type="text" placeholder="none" prop:value=editor.unit on:input=typed(editor.unit) />
                <span class="hint">"s, min, h, d or any word"</span>
            </label>
            <label class="field editor-meaning">
                <span class="label">"What it is"</span>
                <input
                    type="text"
                    placeholder="clicks per second"
                    prop:value=editor.meaning
                    on:input=typed(editor.meaning)
                />
                <span class="hint">"As it fits into a sentence; the name where nothing is said"</span>
            </label>
            <div class="editor-check" role="status" id="formula-check">
                {move || editor.check.get().map(|check| said(editor, check))}
            </div>
            <div class="editor-actions">
                <button type="submit" class="button" disabled=move || !can_save()>"Keep it"</button>
                <button type="button" class="button button-quiet" on:click=move |_| store.edited_feature.set(None)>
                    "Cancel"
                </button>
            </div>
            {help(editor)}
        </form>
    }
    .into_any()
}

/// Checks the formula when typing pauses; only the latest answer counts.
fn check_as_typed(editor: Editor) {
    let store = store();
    Effect::new(move |_| {
        let text = editor.formula.get();
        if text.trim().is_empty() {
            return editor.check.set(None);
        }
        set_timeout(
            move || {
                // Typed on, or the editor is gone.
                if editor.formula.try_get_untracked().as_deref() != Some(text.as_str()) {
                    return;
                }
                spawn_local(async move {
                    let answer = operations::check_formula(store, &text).await;
                    if editor.formula.try_get_untracked().as_deref() == Some(text.as_str()) {
                        editor.check.try_set(answer.ok());
                        editor.checked.try_set(text);
                    }
                });
            },
            PAUSE,
        );
    });
}

fn formula_field(editor: Editor) -> AnyView {
    let offer = move || {
        let caret = caret(editor);
        let list = editor.formula.with_untracked(|text| {
            editor.functions.with_untracked(|functions| {
                editor.columns.with_value(|columns| suggestions(text, caret, functions, columns))
            })
        });
        editor.active.set(0);
        editor.offered.set(list);
    };
    let input = move |event| {
        editor.formula.set(event_target_value(&event));
        offer();
    };
    let close = move || editor.offered.set(Vec::new());
    let key = move |event: KeyboardEvent| {
        let n = editor.offered.with_untracked(Vec::len);
        if n == 0 {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => editor.active.update(|active| *active = (*active + 1) % n),
            "ArrowUp" => editor.active.update(|active| *active = (*active + n - 1) % n),
            "Enter" | "Tab" => accept(editor, editor.active.get_untracked()),
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
    };
    let has_offers = Memo::new(move |_| editor.offered.with(|list| !list.is_empty()));
    let is_wrong =
        move || editor.check.with(|check| check.as_ref().is_some_and(|check| !check.ok)).then_some("true");
    let option = move |(place, suggestion): (usize, Suggestion)| {
        let is_active = move || editor.active.get() == place;
        view! {
            <li
                role="option"
                id=format!("formula-option-{place}")
                aria-selected=move || is_active().to_string()
                class:selected=is_active
                // Before the field loses the caret.
                on:mousedown=move |event| {
                    event.prevent_default();
                    accept(editor, place);
                }
            >
                <code>{suggestion.title}</code>
                <span class="hint">{suggestion.hint}</span>
            </li>
        }
    };
    view! {
        <div class="field editor-formula">
            <label class="label" for="formula">"Formula"</label>
            <input
                type="text"
                id="formula"
                class="code"
                node_ref=editor.input
                spellcheck="false"
                autocomplete="off"
                role="combobox"
                aria-autocomplete="list"
                aria-controls="formula-options"
                aria-expanded=move || has_offers.get().to_string()
                aria-activedescendant=move || has_offers.get().then(|| format!("formula-option-{}", editor.active.get()))
                aria-invalid=is_wrong
                aria-describedby="formula-check"
                prop:value=editor.formula
                on:input=input
                on:keydown=key
                on:blur=move |_| close()
            />
            <ul class="offers" role="listbox" id="formula-options" aria-label="Functions and columns">
                {move || editor.offered.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
        </div>
    }
    .into_any()
}

fn caret(editor: Editor) -> usize {
    let input = editor.input.get_untracked();
    input.and_then(|input| input.selection_start().ok().flatten()).map_or(usize::MAX, |at| at as usize)
}

fn accept(editor: Editor, place: usize) {
    let Some(suggestion) = editor.offered.with_untracked(|list| list.get(place).cloned()) else { return };
    put_in(editor, &suggestion.text);
}

/// Puts a text in the place of the word before the caret.
fn put_in(editor: Editor, text: &str) {
    let (formula, caret) = editor.formula.with_untracked(|formula| completed(formula, caret(editor), text));
    editor.offered.set(Vec::new());
    editor.formula.set(formula.clone());
    if let Some(input) = editor.input.get_untracked() {
        // The caret is set in the new text, so that must be there.
        input.set_value(&formula);
        let at = u32::try_from(caret).unwrap_or(u32::MAX);
        // Neither fails for a field on the page.
        let _ = input.focus();
        let _ = input.set_selection_range(at, at);
    }
}

/// What there is to say of the formula: its first values, or what is wrong and where.
fn said(editor: Editor, check: FormulaCheck) -> AnyView {
    if let Some(mistake) = check.error {
        return wrong(editor, &mistake);
    }
    let how = match check.aggregates {
        true => "One value of all rows together.",
        false => "Worked out row by row; the feature is the mean.",
    };
    let values = check
        .preview
        .into_iter()
        .map(|value| {
            view! {
                <li>
                    <span>{value.of}</span>
                    <strong>{value.value.unwrap_or_else(|| "missing".to_owned())}</strong>
                </li>
            }
        })
        .collect_view();
    view! {
        <p class="hint">{how}" First values:"</p>
        <ul class="previews">{values}</ul>
    }
    .into_any()
}

fn wrong(editor: Editor, mistake: &FormulaMistake) -> AnyView {
    let units: Vec<u16> = editor.formula.with_untracked(|text| text.encode_utf16().collect());
    let start = mistake.start.min(units.len());
    let end = mistake.end.clamp(start, units.len());
    let text = |part: &[u16]| String::from_utf16_lossy(part);
    // The end of the formula is a place too.
    let marked = if start == end { "␣".to_owned() } else { text(&units[start..end]) };
    let (before, after) = (text(&units[..start]), text(&units[end..]));
    let words = format!("Expected {}, found {}.", mistake.expected, mistake.found);
    let (from, to) = (u32::try_from(start).unwrap_or(0), u32::try_from(end).unwrap_or(0));
    let go = move |_| {
        if let Some(input) = editor.input.get_untracked() {
            // Neither fails for a field on the page.
            let _ = input.focus();
            let _ = input.set_selection_range(from, to);
        }
    };
    view! {
        <p class="wrong">
            {words}" "
            <button type="button" class="button button-quiet button-small" on:click=go>
                {format!("Go to character {}", from + 1)}
            </button>
        </p>
        <code class="mistake">{before}<mark>{marked}</mark>{after}</code>
    }
    .into_any()
}

/// Everything that a formula may use, each put in by a click.
fn help(editor: Editor) -> AnyView {
    let is_open = RwSignal::new(false);
    let entry = move |suggestion: Suggestion| {
        let text = suggestion.text.clone();
        view! {
            <li>
                <button type="button" class="button button-quiet button-small" on:click=move |_| put_in(editor, &text)>
                    <code>{suggestion.title}</code>
                </button>
                <span class="hint">{suggestion.hint}</span>
            </li>
        }
    };
    let entries = move || {
        is_open.get().then(|| {
            let columns = editor.columns.with_value(|names| {
                names.iter().take(100).map(|name| entry(Suggestion::column(name))).collect_view()
            });
            let functions = editor.functions.with(|list| {
                list.iter().map(|function| entry(Suggestion::function(function))).collect_view()
            });
            view! { <ul class="formula-help">{columns} {functions}</ul> }
        })
    };
    view! {
        <div class="editor-help">
            <Fold title="Columns and functions" is_open>
                {entries}
            </Fold>
        </div>
    }
    .into_any()
}
