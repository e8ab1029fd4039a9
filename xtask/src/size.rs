//! How large the page is for whoever loads it.

use crate::command::Step;
use crate::counts::Counts;
use crate::workspace::Workspace;
use anyhow::Result;

/// Prints the sizes in `dist/` and fails when one exceeds its budget in `xtask/size-budget.json`.
pub fn report(workspace: &Workspace) -> Result<()> {
    check(workspace, &mut Counts::default())
}

/// As [`report`], counting the checks.
pub fn check(workspace: &Workspace, counts: &mut Counts) -> Result<()> {
    step(workspace).run_with(|line| counts.read(line))
}

fn step(workspace: &Workspace) -> Step {
    // Node brings both compressors; in Rust they would be the largest part of this crate.
    Step::new("measuring dist/", "node").arg(workspace.root.join("xtask/js/size.mjs")).dir(&workspace.root)
}
