//! What CI runs. Every part runs whatever became of the ones before it; the last line is the sum.

use crate::command::{Step, duration, say};
use crate::counts::Counts;
use crate::page;
use crate::size;
use crate::tools::{self, CargoTool};
use crate::workspace::{Workspace, cargo};
use anyhow::{Result, anyhow, bail};
use std::cell::OnceCell;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Part {
    name: &'static str,
    about: &'static str,
    run: fn(&Bench, &mut Report) -> Result<()>,
}

/// In the order they run: what fails fastest comes first.
const PARTS: [Part; 10] = [
    Part { name: "fmt", about: "formatting", run: fmt },
    Part { name: "clippy", about: "lints, native and wasm, warnings are errors", run: clippy },
    Part { name: "deny", about: "licences, banned and duplicate crates, sources, advisories", run: deny },
    Part { name: "native", about: "the engine's and xtask's tests on this machine", run: native },
    Part { name: "layering", about: "what may know what", run: layering },
    Part { name: "wasm", about: "the engine's tests in headless Chromium", run: wasm },
    Part { name: "js", about: "the npm package in Node", run: js },
    Part { name: "e2e", about: "the page and the package in Chromium", run: e2e },
    Part { name: "size", about: "what the page weighs, against its budget", run: size_budget },
    Part { name: "docs", about: "documentation builds without a warning", run: docs },
];

/// A part that hangs must not eat the time of the others.
const LIMIT: Duration = Duration::from_secs(20 * 60);
/// The advisory database is a download from a place that may not be reachable.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// What the parts share.
struct Bench<'a> {
    workspace: &'a Workspace,
    built: OnceCell<std::result::Result<(), String>>,
}

impl Bench<'_> {
    /// Builds `pkg/` and `dist/`, once for all parts.
    fn build(&self) -> Result<()> {
        let built = self.built.get_or_init(|| {
            let build = || page::provide(self.workspace).and_then(|()| page::assemble(self.workspace));
            build().map_err(|error| format!("{error:#}"))
        });
        built.clone().map_err(|error| anyhow!("there is no build to test: {error}"))
    }

    fn cargo(&self, label: &str) -> Step {
        // What rustc 1.95 kept of a build that was interrupted can make the next one fail to link ("undefined hidden symbol").
        let step = Step::new(label, cargo()).env("CARGO_INCREMENTAL", "0");
        step.dir(&self.workspace.root).limit(LIMIT)
    }
}

/// What a part has to say.
#[derive(Default)]
struct Report {
    counts: Counts,
    notes: Vec<String>,
}

impl Report {
    /// Runs a check that knows only good and bad.
    fn check(&mut self, step: Step) -> Result<()> {
        step.run()?;
        self.counts += Counts::ONE;
        Ok(())
    }

    /// Runs a test runner and reads its totals.
    fn tests(&mut self, step: Step) -> Result<()> {
        step.run_with(|line| self.counts.read(line))
    }
}

/// The list of parts, for the help.
pub fn list_parts() -> String {
    let mut list = String::from("Parts of 'test', in their order:\n\n");
    for part in &PARTS {
        let _ = writeln!(list, "  {:<27} {}", part.name, part.about);
    }
    list
}

/// Runs the named parts, or all.
///
/// # Errors
/// When a name is unknown or anything failed.
pub fn run(workspace: &Workspace, names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        bail!("no part '{unknown}'\n\n{}", list_parts());
    }
    let bench = Bench { workspace, built: OnceCell::new() };
    let mut total = Counts::default();
    let mut summary = String::new();
    for part in PARTS.iter().filter(|part| names.is_empty() || names.iter().any(|name| name == part.name)) {
        println!();
        say(format_args!("test {}: {}", part.name, part.about));
        let started = Instant::now();
        let mut report = Report::default();
        let outcome = (part.run)(&bench, &mut report);
        if outcome.is_ok() && report.counts.passed + report.counts.failed == 0 {
            report.counts.failed = 1;
            report.notes.push("no test ran".into());
        }
        if let Err(error) = outcome {
            // A runner that fails without a failed test (it did not compile, it crashed) is one failure.
            report.counts.failed = report.counts.failed.max(1);
            report.notes.push(format!("{error:#}"));
        }
        let Counts { passed, failed, skipped } = report.counts;
        let verdict = if failed == 0 { "ok" } else { "FAILED" };
        let _ = write!(summary, "{:<9} {verdict:<6} {passed:>5} passed {failed:>3} failed", part.name);
        let _ = write!(summary, " {skipped:>3} skipped {:>12}", duration(started.elapsed()));
        for note in &report.notes {
            let _ = write!(summary, "  {}", note.lines().next().unwrap_or_default());
        }
        summary.push('\n');
        total += report.counts;
    }
    println!("\n{summary}\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        // The last line stays the last line: the exit code says the rest.
        std::process::exit(1);
    }
    Ok(())
}

fn fmt(bench: &Bench, report: &mut Report) -> Result<()> {
    tools::provide_component("rustfmt", "fmt")?;
    report.check(bench.cargo("cargo fmt").args(["fmt", "--all", "--check"]))
}

fn clippy(bench: &Bench, report: &mut Report) -> Result<()> {
    tools::provide_component("clippy", "clippy")?;
    tools::provide_wasm_target()?;
    let native = bench.cargo("clippy, native").args(["clippy", "--locked", "--workspace", "--all-targets"]);
    let native = report.check(native.args(["--", "--deny", "warnings"]));
    let wasm = bench
        .cargo("clippy, wasm with every feature")
        .args(["clippy", "--locked", "--target", "wasm32-unknown-unknown", "--features", "web,app"])
        .args(["--lib", "--bins", "--test", "wasm", "--", "--deny", "warnings"]);
    let wasm = report.check(wasm);
    native.and(wasm)
}

fn deny(bench: &Bench, report: &mut Report) -> Result<()> {
    let program = CargoTool::cargo_deny().provide(bench.workspace)?.join("cargo-deny");
    let deny =
        |label: &str| Step::new(label, &program).args(["--log-level", "warn"]).dir(&bench.workspace.root);
    let rules = deny("licences, bans and sources").args(["check", "--hide-inclusion-graph"]);
    let rules = report.check(rules.args(["licenses", "bans", "sources"]));
    let fetched =
        deny("fetching the advisory database").args(["fetch", "db"]).limit(FETCH_LIMIT).quiet().run();
    if fetched.is_err() {
        report.notes.push("advisories not checked: their database cannot be fetched from here".into());
        report.counts.skipped += 1;
        return rules;
    }
    rules.and(report.check(deny("advisories").args(["check", "--disable-fetch", "advisories"])))
}

fn native(bench: &Bench, report: &mut Report) -> Result<()> {
    let tests = bench.cargo("cargo test").args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    // They are a part of their own.
    report.tests(tests.args(["--", "--skip", "layering::"]))
}

fn layering(bench: &Bench, report: &mut Report) -> Result<()> {
    report.tests(bench.cargo("cargo test --test layering").args(["test", "--locked", "--test", "layering"]))
}

fn wasm(bench: &Bench, report: &mut Report) -> Result<()> {
    tools::provide_wasm_target()?;
    let runner = CargoTool::wasm_bindgen(bench.workspace)?.provide(bench.workspace)?;
    let chromium = tools::provide_chromium()?;
    let tests = bench.cargo("cargo test --test wasm, in Chromium");
    let tests = tests.args(["test", "--locked", "--target", "wasm32-unknown-unknown", "--test", "wasm"]);
    report.tests(tests.env("PATH", tools::path_with(&[runner])?).env("CHROMEDRIVER", chromium.driver))
}

fn js(bench: &Bench, report: &mut Report) -> Result<()> {
    tools::provide_node_packages(bench.workspace)?;
    let root = &bench.workspace.root;
    let types = Step::new("checking the module's types (tsc)", "node")
        .arg(root.join("node_modules/typescript/bin/tsc"))
        .args(["--project", "tests/js"])
        .dir(root);
    let types = report.check(types);
    bench.build()?;
    types.and(node_tests(bench, report, &["tests/js", "tests/packaging"], None))
}

fn e2e(bench: &Bench, report: &mut Report) -> Result<()> {
    let chromium = tools::provide_chromium()?;
    bench.build()?;
    node_tests(bench, report, &["tests/e2e"], Some(&chromium.browser))
}

/// Runs every `*.test.js` and `*.test.mjs` below `folders`.
fn node_tests(bench: &Bench, report: &mut Report, folders: &[&str], chromium: Option<&Path>) -> Result<()> {
    let mut files = Vec::new();
    for folder in folders {
        find_node_tests(&bench.workspace.root.join(folder), &mut files)?;
    }
    if files.is_empty() {
        // Without files node would go looking for tests by itself.
        return Ok(());
    }
    files.sort();
    let mut tests = Step::new(format!("node --test {}", folders.join(" ")), "node")
        .args(["--test", "--test-reporter=spec"])
        .args(&files)
        .dir(&bench.workspace.root)
        .limit(LIMIT);
    if let Some(chromium) = chromium {
        tests = tests.env("CHROMIUM", chromium);
    }
    report.tests(tests)
}

fn find_node_tests(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "node_modules" {
            find_node_tests(&path, files)?;
        } else if name.ends_with(".test.js") || name.ends_with(".test.mjs") {
            files.push(path);
        }
    }
    Ok(())
}

fn size_budget(bench: &Bench, report: &mut Report) -> Result<()> {
    bench.build()?;
    size::check(bench.workspace, &mut report.counts)
}

fn docs(bench: &Bench, report: &mut Report) -> Result<()> {
    tools::provide_wasm_target()?;
    // For wasm with every feature, because only there everything that is documented exists; with private items,
    // because those who read it work on it.
    let docs = bench
        .cargo("cargo doc")
        .args(["doc", "--locked", "--no-deps", "--document-private-items", "--package", "isoscope", "--lib"])
        .args(["--target", "wasm32-unknown-unknown", "--features", "web,app"]);
    // The links that this lint warns of break only in a build without private items, which nobody makes.
    report.check(docs.env("RUSTDOCFLAGS", "--deny warnings --allow rustdoc::private_intra_doc_links"))
}
