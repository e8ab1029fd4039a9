//! What happens to data before a model sees it: treatments of columns before features are computed, preparation of
//! features after. A preparation is fitted on one matrix and applied to any later one with the same features.

mod alike;
mod category;
mod fitted;
mod number;
mod outline;
mod rows;
mod transform;
mod treat;

pub use fitted::{FittedPreparation, PreparationFitting, PreparedColumn};
pub use number::{Scaling, has_heavy_tail};
pub use outline::{Made, Outline};
pub use rows::{Missing, Rows, check_rows, rows_per_step};
pub use transform::Transform;
pub use treat::{constants, treat};
