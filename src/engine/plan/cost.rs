//! What mistakes cost.

use crate::engine::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What a miss costs against a false alarm, in any unit: only their ratio matters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cost {
    /// Of an abnormal row that is not flagged, above 0.
    pub miss: f64,
    /// Of a normal row that is flagged, above 0.
    pub false_alarm: f64,
}

impl Cost {
    /// Checks both ranges.
    ///
    /// # Errors
    /// `parameter`, naming it and what was given.
    pub fn check(&self) -> Result<()> {
        for (name, cost) in [("cost.miss", self.miss), ("cost.falseAlarm", self.false_alarm)] {
            if !(cost > 0.0 && cost.is_finite()) {
                return Err(Error::parameter(
                    name,
                    "a number above 0, as all that counts is the ratio of both",
                    cost,
                ));
            }
        }
        Ok(())
    }
}
