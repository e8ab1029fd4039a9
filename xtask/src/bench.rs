//! Measuring: the engine natively with criterion, the whole thing in a browser beside its peers.

use crate::command::Step;
use crate::page;
use crate::tools;
use crate::workspace::{Workspace, cargo};
use anyhow::{Result, bail};

/// The browser's benchmarks, which are a script and not a cargo target.
const BROWSER: &str = "browser";

/// Runs the named benchmarks, or all.
pub fn run(workspace: &Workspace, names: &[String]) -> Result<()> {
    let native = native_names(workspace)?;
    if let Some(unknown) = names.iter().find(|name| **name != BROWSER && !native.contains(name)) {
        bail!("no benchmark '{unknown}': there are {} and {BROWSER}", native.join(", "));
    }
    let is_wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let wanted: Vec<&String> = native.iter().filter(|name| is_wanted(name)).collect();
    if !wanted.is_empty() {
        let targets = wanted.into_iter().flat_map(|name| ["--bench", name]);
        Step::new("native benchmarks", cargo())
            .args(["bench", "--locked"])
            .args(targets)
            .dir(&workspace.root)
            .run()?;
    }
    if is_wanted(BROWSER) {
        browser(workspace)?;
    }
    Ok(())
}

fn native_names(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(workspace.root.join("benches"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

fn browser(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("benches/browser");
    page::build(workspace)?;
    let chromium = tools::provide_chromium()?;
    tools::provide_npm_packages(&folder)?;
    Step::new("benchmarks in Chromium", "node")
        .args(["run.mjs", "--chromium"])
        .arg(chromium.browser)
        .dir(&folder)
        .run()
}
