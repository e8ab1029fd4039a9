//! The npm package in `pkg/`, and from the same parts those of the page that are not its wasm, in `build/page/`.
//!
//! cargo → wasm-bindgen (glue) → wasm-opt → esbuild. The page's worker and engine are the package's, byte for byte.

use crate::command::Step;
use crate::remap;
use crate::tools::{self, CargoTool};
use crate::workspace::{Workspace, cargo};
use anyhow::{Context, Result};
use std::path::Path;

/// Features of wasm that the product asks of a browser: what rustc's own target turns on, and SIMD.
const WASM_FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// How wasm-opt makes the engine fast. It would put whatever is called in one place into its caller, large as it may be,
/// and so half the engine into one function of 340 kB, which keeps a browser's optimising compiler busy for a second and
/// a half and takes 90 MB to compile.
const ENGINE_PASSES: [&str; 2] = ["-O3", "--one-caller-inline-max-function-size=100"];

/// Builds all of it.
pub fn build(workspace: &Workspace) -> Result<()> {
    tools::provide_wasm_target()?;
    let wasm_bindgen = CargoTool::wasm_bindgen(workspace)?.provide(workspace)?;
    tools::provide_node_packages(workspace)?;

    Step::new("compiling the engine to wasm", cargo())
        .args(["build", "--locked", "--release", "--target", "wasm32-unknown-unknown"])
        .args(["--no-default-features", "--features", "web", "--bin", "engine"])
        .args(["--config", &remap::for_config(workspace)])
        // Trunk's hook calls us with the same flags in it: given twice they would be other flags to cargo.
        .env_remove(remap::VARIABLE)
        .dir(&workspace.root)
        .run()?;
    let glue = workspace.build().join("glue");
    Step::new("writing the engine's glue (wasm-bindgen)", wasm_bindgen.join("wasm-bindgen"))
        .args(["--target", "web", "--omit-default-module-path", "--no-typescript"])
        .args(["--out-name", "engine", "--out-dir"])
        .arg(&glue)
        .arg(workspace.target.join("wasm32-unknown-unknown/release/engine.wasm"))
        .run()?;
    let optimised = workspace.build().join("engine_bg.wasm");
    optimise(workspace, &glue.join("engine_bg.wasm"), &optimised, &ENGINE_PASSES)?;
    Step::new("bundling the JavaScript (esbuild)", "node")
        .arg(workspace.root.join("xtask/js/bundle.mjs"))
        .dir(&workspace.root)
        .run()
}

/// Runs wasm-opt with these `passes` from `input` to `output`, unless `output` was made from the very same input before: it
/// takes longer than everything around it.
pub fn optimise(workspace: &Workspace, input: &Path, output: &Path, passes: &[&str]) -> Result<()> {
    let bytes = std::fs::read(input).with_context(|| format!("{} is not readable", input.display()))?;
    let package = std::fs::read(workspace.root.join("node_modules/binaryen/package.json"))?;
    let made_from =
        [passes.concat().as_bytes(), WASM_FEATURES.concat().as_bytes(), &package, &bytes].concat();
    let record = output.with_extension("made-from");
    if output.exists() && std::fs::read(&record).is_ok_and(|recorded| recorded == made_from) {
        return Ok(());
    }
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    Step::new(format!("optimising {name} (wasm-opt {})", passes[0]), "node")
        .arg(workspace.root.join("node_modules/binaryen/bin/wasm-opt"))
        .args(passes)
        .args(WASM_FEATURES)
        .arg(input)
        .arg("--output")
        .arg(output)
        .run()?;
    std::fs::write(record, made_from)?;
    Ok(())
}
