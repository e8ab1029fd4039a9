//! The supervised model of a saved pipeline: what is said of it in the header, and the section that holds it.
//!
//! It came after the first files of version 1, whose readers ignore what follows the payload. So it follows the payload, as
//! a section: a name and its bytes. A section of another name is skipped.

use super::envelope::damaged;
use crate::engine::error::Result;
use crate::engine::features::Feature;
use crate::engine::learn::split::SplitBy;
use crate::engine::learn::{LearnTarget, Learner, ModelName, Task};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of its section.
const NAME: &str = "learner";

/// What was learned beside the detector, and how well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnedInfo {
    /// The model.
    pub model: ModelName,
    /// What was learned.
    pub target: LearnTarget,
    /// What kind of answer that is.
    pub task: Task,
    /// Names of the classes; of two the second is the one looked for. None for numbers.
    pub classes: Vec<String>,
    /// Rows learned from.
    pub rows: u64,
    /// Rows held out, of all folds together.
    pub held_out_rows: u64,
    /// How they were held out.
    pub split_by: SplitBy,
    /// Measures on the rows held out, by name.
    pub metrics: BTreeMap<String, f64>,
}

impl LearnedInfo {
    /// What a learner says of itself stands above what a header says of it.
    pub(super) fn of_learner(self, learner: &Learner) -> LearnedInfo {
        LearnedInfo {
            model: learner.model.name(),
            target: learner.target.clone(),
            task: learner.task,
            classes: learner.classes.clone(),
            ..self
        }
    }
}

/// The section of a learner.
pub(super) fn write(learner: &Learner) -> postcard::Result<Vec<u8>> {
    postcard::to_allocvec(&(NAME, postcard::to_allocvec(learner)?))
}

/// The learner in what follows the payload, if there is one.
///
/// # Errors
/// `model-damaged`.
pub(super) fn read(mut rest: &[u8], features: &[Feature]) -> Result<Option<Learner>> {
    let unreadable = |error| damaged(format!("what follows its content cannot be read ({error})"));
    while !rest.is_empty() {
        let ((name, bytes), after): ((&str, &[u8]), _) =
            postcard::take_from_bytes(rest).map_err(unreadable)?;
        rest = after;
        if name == NAME {
            let learner: Learner = postcard::from_bytes(bytes)
                .map_err(|error| damaged(format!("its learned model cannot be read ({error})")))?;
            learner.check(features).map_err(damaged)?;
            return Ok(Some(learner));
        }
    }
    Ok(None)
}
