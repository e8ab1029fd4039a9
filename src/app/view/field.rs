//! Fields of a form over the plan: each reads its part of the plan and writes it back, and says beside itself what it
//! cannot take. A value that cannot be used stays in the field and out of the plan.

use crate::app::format;
use crate::app::state::store;
use crate::engine::plan::Plan;
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads a part of the plan.
pub type Read<T> = Arc<dyn Fn(&Plan) -> T + Send + Sync>;
/// Writes a part of the plan.
pub type Write<T> = Arc<dyn Fn(&mut Plan, T) + Send + Sync>;
/// Sets what is typed, or says what it should be.
pub type Take = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// A number in a form: what it is called, what it does, its range, and where it stands in the plan.
pub struct Number {
    /// Unlike that of any other field.
    pub name: &'static str,
    /// Words before the field.
    pub label: &'static str,
    /// Words after it.
    pub hint: &'static str,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// 1 where it is a whole number.
    pub step: f64,
    /// Its value.
    pub read: fn(&Plan) -> f64,
    /// Changes it.
    pub write: fn(&mut Plan, f64),
}

/// A number field whose place in the plan is known at run time only.
pub struct AnyNumber {
    /// As of [`Number`].
    pub name: String,
    /// As of [`Number`].
    pub label: String,
    /// As of [`Number`].
    pub hint: &'static str,
    /// Least value, greatest value, and distance of values.
    pub range: (f64, f64, f64),
    /// Its value.
    pub read: Read<f64>,
    /// Changes it.
    pub write: Write<f64>,
}

/// The value of a text, or what it should be.
fn parse(text: &str, (min, max, step): (f64, f64, f64)) -> Result<f64, String> {
    let is_fitting = |value: &f64| (min..=max).contains(value) && (step != 1.0 || value.fract() == 0.0);
    format::number(text.trim()).filter(is_fitting).ok_or_else(|| {
        let kind = if step == 1.0 { "A whole number" } else { "A number" };
        let limit = |x: f64| if x < 1e4 { x.to_string() } else { format::count(x as u64) };
        if max >= 1e15 {
            return match min {
                min if min <= -max => kind.to_owned(),
                min => format!("{kind} from {} on", limit(min)),
            };
        }
        format!("{kind} from {} to {}", limit(min), limit(max))
    })
}

/// Its field.
pub fn number_field(number: &'static Number) -> AnyView {
    any_number_field(AnyNumber {
        name: number.name.to_owned(),
        label: number.label.to_owned(),
        hint: number.hint,
        range: (number.min, number.max, number.step),
        read: Arc::new(number.read),
        write: Arc::new(number.write),
    })
}

/// The field of a number whose place is known at run time only.
pub fn any_number_field(number: AnyNumber) -> AnyView {
    let store = store();
    let AnyNumber { name, label, hint, range, read, write } = number;
    typed_field(Typed {
        name,
        label,
        hint,
        placeholder: String::new(),
        range: Some(range),
        invalid: store.invalid,
        shown: Memo::new(move |_| store.drafted(|plan| read(plan)).to_string()),
        take: Arc::new(move |typed| {
            let value = parse(typed, range)?;
            store.edit_draft(|plan| write(plan, value));
            Ok(())
        }),
    })
}

/// A field that is typed into.
pub struct Typed {
    /// Unlike that of any other field.
    pub name: String,
    /// Words before it.
    pub label: String,
    /// Words after it.
    pub hint: &'static str,
    /// What an empty field means.
    pub placeholder: String,
    /// Least value, greatest value and distance of values, of a number; `None` for text.
    pub range: Option<(f64, f64, f64)>,
    /// Where it is noted by name while it holds what cannot be used.
    pub invalid: RwSignal<BTreeSet<String>>,
    /// What is set, as text.
    pub shown: Memo<String>,
    /// Sets what is typed.
    pub take: Take,
}

/// Its field.
pub fn typed_field(typed: Typed) -> AnyView {
    let Typed { name, label, hint, placeholder, range, invalid, shown, take } = typed;
    let element = NodeRef::<leptos::html::Input>::new();
    let wrong = RwSignal::new(None::<String>);
    let hint_id = format!("{name}-hint");
    let name = StoredValue::new(name);
    // What was set by what is typed here: as long as that is set, the field stays as it is typed.
    let taken = StoredValue::new(None::<String>);
    let is_invalid = Memo::new(move |_| invalid.with(|names| name.with_value(|name| names.contains(name))));
    let show = move |text: &str| {
        if let Some(element) = element.try_get_untracked().flatten() {
            element.set_value(text);
            wrong.set(None);
        }
    };
    Effect::new(move |_| {
        element.track();
        let (shown, is_invalid) = (shown.get(), is_invalid.get());
        if !is_invalid && taken.with_value(|taken| taken.as_ref() != Some(&shown)) {
            show(&shown);
        }
    });
    let set_invalid = move |is_invalid: bool| {
        name.try_with_value(|name| {
            invalid.update(|names| {
                match is_invalid {
                    true => names.insert(name.clone()),
                    false => names.remove(name),
                };
            });
        });
    };
    on_cleanup(move || set_invalid(false));
    let input = move |event: leptos::ev::Event| {
        // A field for numbers that holds something else reads as empty.
        let is_other = element.get_untracked().is_some_and(|element| element.validity().bad_input());
        let text = event_target_value(&event);
        match take(if is_other { "?" } else { text.trim() }) {
            Ok(()) => {
                taken.set_value(Some(shown.get_untracked()));
                wrong.set(None);
                set_invalid(false);
            }
            Err(expected) => {
                taken.set_value(None);
                wrong.set(Some(expected));
                set_invalid(true);
            }
        }
    };
    // What is left empty says what it stands for. A field that is taken away is left too.
    let leave = move |_| {
        if is_invalid.try_get_untracked() == Some(false)
            && let Some(shown) = shown.try_get_untracked()
        {
            taken.set_value(None);
            show(&shown);
        }
    };
    let limit = |limit: f64| (limit.abs() < 1e15).then_some(limit);
    let (min, max, step) = range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY, 0.0));
    let is_number = range.is_some();
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <input
                type=if is_number { "number" } else { "text" }
                node_ref=element
                min=limit(min)
                max=limit(max)
                step=is_number.then_some(if step == 1.0 { "1" } else { "any" })
                placeholder=(!placeholder.is_empty()).then_some(placeholder)
                aria-invalid=move || is_invalid.get().then_some("true")
                aria-describedby=hint_id.clone()
                on:input=input
                on:blur=leave
            />
            <span class="hint" class:wrong=is_invalid id=hint_id aria-live="polite">
                {move || wrong.get().unwrap_or_else(|| hint.to_owned())}
            </span>
        </label>
    }
    .into_any()
}

/// A choice between named values, each with its words.
pub fn select_field(
    label: &'static str,
    hint: &'static str,
    choices: &'static [(&'static str, &'static str)],
    read: Read<&'static str>,
    write: Write<&'static str>,
) -> AnyView {
    let store = store();
    let current = Memo::new(move |_| store.drafted(|plan| read(plan)));
    let change = move |event| {
        let value = event_target_value(&event);
        if let Some(&(chosen, _)) = choices.iter().find(|(name, _)| *name == value) {
            store.edit_draft(|plan| write(plan, chosen));
        }
    };
    let options = choices
        .iter()
        .map(|&(value, words)| {
            view! { <option value=value selected=move || current.get() == value>{words}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <select prop:value=current on:change=change>
                {options}
            </select>
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
    .into_any()
}

/// A thing that is so or not.
pub fn check_field(label: &'static str, read: fn(&Plan) -> bool, write: fn(&mut Plan, bool)) -> AnyView {
    let store = store();
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || store.drafted(read)
                on:change=move |event| store.edit_draft(|plan| write(plan, event_target_checked(&event)))
            />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
