//! What a learned model says, row by row: one that learned here, or one that came with the model that scored the rows.

use super::format;
use super::host::{self, Outcome};
use crate::engine::learn::ModelName;
use crate::engine::order;
use crate::protocol::{AnswersView, LearnTarget, Learned, LearnedExplanation, Task};
use js_sys::{Float64Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// Answers of a learned model. They stay typed arrays: there is one for each row.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The model.
    pub model: ModelName,
    /// What was learned.
    pub target: LearnTarget,
    /// What kind of answer that is.
    pub task: Task,
    /// Names of the classes; of two the second is the one looked for. None for numbers.
    pub classes: Vec<String>,
    predictions: Float64Array,
    probabilities: Float64Array,
    tested: Option<Tested>,
    /// Whether rows were held out in turns: what is said of each is of another model than the last, which has learned from
    /// all.
    pub is_in_turns: bool,
}

/// What rows are, and which of them the model has not learned from.
#[derive(Debug, Clone)]
struct Tested {
    held_out: Uint8Array,
    actual: Float64Array,
}

/// What rows are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerOrder {
    /// Those that the answer is wrong about, the surest first; numbers by how far they are off.
    Wrong,
    /// The surest answer first; of numbers the nearest.
    Sure,
    /// The least sure first.
    Unsure,
    /// All, in their own order.
    Rows,
}

impl Answers {
    /// Of a model that learned here.
    pub fn of_learned(learned: &Learned, view: &JsValue) -> Self {
        Answers {
            model: learned.model,
            target: learned.target.clone(),
            task: learned.task,
            classes: learned.classes.iter().map(|class| class.name.clone()).collect(),
            predictions: array(view, "predictions"),
            probabilities: array(view, "probabilities"),
            tested: Some(Tested {
                held_out: host::get(view, "heldOut").unchecked_into(),
                actual: array(view, "actual"),
            }),
            is_in_turns: !learned.folds.is_empty(),
        }
    }

    /// Of a model that was saved; nothing where none was.
    ///
    /// # Errors
    /// `internal` when page and engine are of different versions.
    pub fn of_saved(view: &JsValue) -> Outcome<Option<Self>> {
        if view.is_undefined() {
            return Ok(None);
        }
        let answers: AnswersView = host::from_js(host::outline(view))?;
        Ok(Some(Answers {
            model: answers.model,
            target: answers.target,
            task: answers.task,
            classes: answers.classes,
            predictions: array(view, "predictions"),
            probabilities: array(view, "probabilities"),
            tested: None,
            is_in_turns: false,
        }))
    }

    /// What is said of a row: a class with its probability, or a number.
    pub fn said(&self, row: usize) -> String {
        let (said, probability) = self.answer(row);
        probability.map_or_else(|| said.clone(), |p| format!("{said}, {}", format::small_percent(p)))
    }

    /// The two apart.
    pub fn answer(&self, row: usize) -> (String, Option<f64>) {
        let said = self.predictions.get_index(row as u32);
        (self.named(said), self.probability(row, said))
    }

    /// What a row is, where that is known.
    pub fn actual(&self, row: usize) -> Option<String> {
        let actual = self.tested.as_ref()?.actual.get_index(row as u32);
        (!actual.is_nan()).then(|| self.named(actual))
    }

    /// Whether a class decided for is the right one; nothing of numbers, and where what is right is not known.
    pub fn is_right(&self, row: usize) -> Option<bool> {
        let actual = self.tested.as_ref()?.actual.get_index(row as u32);
        let is_known = self.task != Task::Regression && !actual.is_nan();
        is_known.then(|| actual == self.predictions.get_index(row as u32))
    }

    /// Rows that the model has not learned from, in an order; none of a saved model.
    pub fn held_out(&self, by: AnswerOrder) -> Vec<usize> {
        let Some(tested) = &self.tested else { return Vec::new() };
        let (held_out, actual) = (tested.held_out.to_vec(), tested.actual.to_vec());
        let predictions = self.predictions.to_vec();
        let probabilities = self.probabilities.to_vec();
        let is_of_numbers = self.task == Task::Regression;
        let rows = (0..held_out.len()).filter(|&row| held_out[row] != 0);
        let is_wrong = |row: &usize| predictions[*row] != actual[*row];
        let rows: Vec<usize> = match by {
            AnswerOrder::Wrong if !is_of_numbers => rows.filter(is_wrong).collect(),
            _ => rows.collect(),
        };
        let doubt = |row: usize| match self.task {
            Task::Regression => (predictions[row] - actual[row]).abs(),
            Task::Binary => -(probabilities[row] - 0.5).abs(),
            Task::Classes => {
                let n = self.classes.len();
                -probabilities[row * n..(row + 1) * n].iter().copied().fold(0.0, f64::max)
            }
        };
        let key = |row: &usize| match by {
            // Being far off is what is wrong with a number.
            AnswerOrder::Wrong if is_of_numbers => !order::total_key(doubt(*row)),
            AnswerOrder::Wrong | AnswerOrder::Sure => order::total_key(doubt(*row)),
            AnswerOrder::Unsure => !order::total_key(doubt(*row)),
            AnswerOrder::Rows => *row as i64,
        };
        order::sorted_by_key(rows, key)
    }

    fn probability(&self, row: usize, said: f64) -> Option<f64> {
        match self.task {
            Task::Regression => None,
            Task::Binary => {
                let second = self.probabilities.get_index(row as u32);
                Some(if said > 0.0 { second } else { 1.0 - second })
            }
            Task::Classes => {
                Some(self.probabilities.get_index((row * self.classes.len() + said as usize) as u32))
            }
        }
    }

    /// A class by its place, or a number.
    fn named(&self, said: f64) -> String {
        match self.task {
            Task::Regression => format::value(said, ""),
            _ => self.classes.get(said as usize).cloned().unwrap_or_default(),
        }
    }
}

fn array(view: &JsValue, key: &str) -> Float64Array {
    host::get(view, key).unchecked_into()
}

/// Why a learned model answers as it does about a row.
#[derive(Debug)]
pub struct LearnedReason {
    /// The worker's answer, for the chart.
    pub view: JsValue,
    /// The same in Rust.
    pub explanation: LearnedExplanation,
}
