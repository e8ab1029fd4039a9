//! The page in `dist/`: a static site that works from any sub-path. Trunk builds it; its hooks call us back for the
//! parts that are not the page's own wasm, so that a plain `trunk build` gives the same.

use crate::command::{Step, say};
use crate::module;
use crate::remap;
use crate::size;
use crate::tools::{self, CargoTool};
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// Has Leptos compile components to boxed views instead of types as deep as the page: a fifth less wasm, at the price of a few
/// allocations where a section is made. Without it, in a check or a plain `trunk build`, the page is larger and the same.
const ERASED: &str = "--cfg=erase_components";

/// Builds everything for release and prints the sizes.
pub fn build(workspace: &Workspace) -> Result<()> {
    provide(workspace)?;
    assemble(workspace)?;
    // Over budget is for `test size` to fail on; a build says it and is a build all the same.
    if let Err(over) = size::report(workspace) {
        say(over);
    }
    say(format_args!(
        "the page is in {}, the npm package in {}",
        workspace.dist().display(),
        workspace.pkg().display()
    ));
    Ok(())
}

/// Installs what a build needs and is not there.
pub fn provide(workspace: &Workspace) -> Result<()> {
    tools::provide_wasm_target()?;
    CargoTool::wasm_bindgen(workspace)?.provide(workspace)?;
    CargoTool::trunk().provide(workspace)?;
    tools::provide_node_packages(workspace)?;
    say("everything a build needs is installed");
    Ok(())
}

/// Runs Trunk with the tools of our cache.
pub fn assemble(workspace: &Workspace) -> Result<()> {
    let folders =
        [CargoTool::wasm_bindgen(workspace)?.provide(workspace)?, CargoTool::trunk().provide(workspace)?];
    Step::new("building the page (trunk)", folders[1].join("trunk"))
        .args(["build", "--release", "--locked", "--skip-version-check", "--color", "never"])
        .env("PATH", tools::path_with(&folders)?)
        .env(remap::VARIABLE, format!("{ERASED} {}", remap::for_variable(workspace)))
        // Trunk takes the convention's `NO_COLOR=1` for a flag of its own that must be `true` or `false`.
        .env_remove("NO_COLOR")
        .dir(&workspace.root)
        .run()
}

/// Takes the README's picture of the page in `dist/`.
pub fn picture(workspace: &Workspace) -> Result<()> {
    let chromium = tools::provide_chromium()?;
    tools::provide_node_packages(workspace)?;
    Step::new("taking a picture of the page", "node")
        .arg(workspace.root.join("xtask/js/picture.mjs"))
        .env("CHROMIUM", chromium.browser)
        .dir(&workspace.root)
        .run()
}

/// Trunk's last hook: shrinks the page's wasm where Trunk has staged it.
pub fn shrink(workspace: &Workspace) -> Result<()> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .context("TRUNK_STAGING_DIR is not set: this is a hook that Trunk calls, see Trunk.toml")?;
    if std::env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "debug") {
        return Ok(());
    }
    tools::provide_node_packages(workspace)?;
    let staged = staging.join("app_bg.wasm");
    let shrunk = workspace.build().join("app_bg.wasm");
    module::optimise(workspace, &staged, &shrunk, &["-Oz"])?;
    std::fs::copy(&shrunk, &staged).with_context(|| format!("{} cannot be written", staged.display()))?;
    Ok(())
}
