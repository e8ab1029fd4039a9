//! One field of the form for a record: what it takes follows from the column that the model was fitted to.

use super::about;
use crate::app::format;
use crate::app::host;
use crate::app::view::data::role_name;
use crate::engine::plan::{Recipe, Role};
use crate::engine::table::ColumnType;
use crate::engine::time::DAY_MS;
use crate::protocol::Field;
use leptos::prelude::*;
use std::sync::Arc;

/// A field with what is typed into it.
#[derive(Clone)]
pub struct Entry {
    /// The column.
    pub field: Arc<Field>,
    /// Zone by whose clock times are read.
    zone: Option<Arc<str>>,
    /// Id of its control.
    pub id: String,
    /// As typed.
    pub text: RwSignal<String>,
    /// Whether a record needs it: without who or when it belongs to no row.
    is_needed: bool,
    /// Whether wrong and missing values are told, which begins when the field is left.
    is_judged: RwSignal<bool>,
}

impl Entry {
    /// An empty one.
    pub fn new(field: Field, place: usize, zone: Option<&str>, recipe: Recipe) -> Self {
        let is_needed = recipe != Recipe::Table && matches!(field.role, Some(Role::Entity | Role::Time));
        Entry {
            field: Arc::new(field),
            zone: zone.map(Arc::from),
            id: format!("record-{place}"),
            text: RwSignal::new(String::new()),
            is_needed,
            is_judged: RwSignal::new(false),
        }
    }

    /// Tells what is wrong from now on.
    pub fn judge(&self) {
        self.is_judged.set(true);
    }

    /// Sets its text, of which nothing is told yet.
    pub fn write(&self, text: String) {
        self.is_judged.set(false);
        self.text.set(text);
    }

    /// A value as rows of the fitted table had it.
    pub fn example(&self) -> String {
        match (self.field.column_type, self.field.max) {
            (ColumnType::Timestamp, Some(ms)) => {
                let moment =
                    format::moment(host::local_ms(ms, self.zone.as_deref()), false).replace(' ', "T");
                if self.is_day() { moment.split('T').next().unwrap_or_default().to_owned() } else { moment }
            }
            _ => self.field.examples.first().cloned().unwrap_or_default(),
        }
    }

    /// Whether its times are days.
    fn is_day(&self) -> bool {
        let is_midnight = |ms: Option<f64>| {
            ms.is_some_and(|ms| host::local_ms(ms, self.zone.as_deref()).rem_euclid(DAY_MS as f64) == 0.0)
        };
        is_midnight(self.field.min) && is_midnight(self.field.max)
    }

    /// What is wrong with the text; `None` where it can be used.
    pub fn mistake(&self) -> Option<String> {
        let text = self.text.get();
        let text = text.trim();
        match self.field.column_type {
            _ if text.is_empty() => self.is_needed.then(|| "Needed: a record says who and when".to_owned()),
            ColumnType::Integer | ColumnType::Float => {
                let is_number = format::number(text).is_some_and(f64::is_finite);
                (!is_number).then(|| match self.field.examples.first() {
                    Some(example) => format!("A number, such as {example}"),
                    None => "A number".to_owned(),
                })
            }
            _ => None,
        }
    }

    /// What is to be known of a text that can be used.
    fn remark(&self) -> Option<&'static str> {
        let (text, field) = (self.text.get(), &self.field);
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if !field.labels.is_empty() && field.column_type == ColumnType::Category {
            let is_known = field.labels.iter().any(|label| label == text);
            return (!is_known).then_some("None of the values that the model was fitted to");
        }
        let value = match field.column_type {
            ColumnType::Integer | ColumnType::Float => format::number(text)?,
            _ => return None,
        };
        let is_outside = field.min.is_some_and(|min| value < min) || field.max.is_some_and(|max| value > max);
        is_outside.then_some("Outside the range that the model was fitted to")
    }

    fn hint(&self) -> String {
        let role = self.field.role.map(role_name);
        let values = about::values(&self.field, self.zone.as_deref());
        let parts = [role.map(str::to_owned), Some(values).filter(|values| !values.is_empty())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Its label, control and hint.
    pub fn view(&self) -> AnyView {
        let hint_id = format!("{}-hint", self.id);
        let own = self.clone();
        let mistake = Memo::new(move |_| if own.is_judged.get() { own.mistake() } else { None });
        let (hint, own) = (self.hint(), self.clone());
        let words =
            move || mistake.get().or_else(|| own.remark().map(str::to_owned)).unwrap_or_else(|| hint.clone());
        let is_wrong = Memo::new(move |_| mistake.with(Option::is_some));
        view! {
            <div class="field">
                <label class="label" for=self.id.clone()>{self.field.name.clone()}</label>
                {self.control(&hint_id, is_wrong)}
                <span class="hint" class:wrong=is_wrong id=hint_id aria-live="polite">{words}</span>
            </div>
        }
        .into_any()
    }

    fn control(&self, hint_id: &str, is_wrong: Memo<bool>) -> AnyView {
        let (id, hint_id, text) = (self.id.clone(), hint_id.to_owned(), self.text);
        let is_judged = self.is_judged;
        let is_invalid = move || is_wrong.get().then_some("true");
        let required = self.is_needed.then_some("true");
        if self.field.column_type == ColumnType::Boolean {
            return view! {
                <select
                    id=id
                    aria-describedby=hint_id
                    prop:value=text
                    on:change=move |event| text.set(event_target_value(&event))
                >
                    <option value="">"not known"</option>
                    <option value="true">"yes"</option>
                    <option value="false">"no"</option>
                </select>
            }
            .into_any();
        }
        let (kind, mode) = match self.field.column_type {
            ColumnType::Integer | ColumnType::Float => ("text", Some("decimal")),
            ColumnType::Timestamp if self.is_day() => ("date", None),
            ColumnType::Timestamp => ("datetime-local", None),
            _ => ("text", None),
        };
        let list_id = (!self.field.labels.is_empty()).then(|| format!("{id}-labels"));
        let labels = self.field.labels.iter().map(|label| view! { <option value=label.clone()></option> });
        let list = list_id.clone().map(|id| view! { <datalist id=id>{labels.collect_view()}</datalist> });
        view! {
            <input
                type=kind
                id=id
                inputmode=mode
                step=(kind == "datetime-local").then_some("1")
                list=list_id
                autocomplete="off"
                spellcheck="false"
                aria-describedby=hint_id
                aria-required=required
                aria-invalid=is_invalid
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
                on:blur=move |_| is_judged.set(true)
            />
            {list}
        }
        .into_any()
    }
}
