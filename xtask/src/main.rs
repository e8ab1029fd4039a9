//! `cargo xtask`: sets up what the machine lacks, then does the job.
//!
//! One entry point instead of a page of instructions: a fresh clone needs the Rust toolchain, Node and a C compiler,
//! and nothing else by hand. Tools go to a per-user cache keyed by version, so the next clone finds them again and
//! the user's own installations are never touched.

#![expect(
    clippy::disallowed_methods,
    reason = "the clock is banned in the engine; this crate tells a person the time"
)]

mod bench;
mod command;
mod counts;
mod module;
mod page;
mod remap;
mod serve;
mod size;
mod test;
mod tools;
mod workspace;

use anyhow::{Result, bail};
use lexopt::prelude::*;
use std::process::ExitCode;
use workspace::Workspace;

const HELP: &str = "\
Usage: cargo xtask <command>

  serve [--open] [--port N]   build the release page and serve it on http://127.0.0.1:8080 (or port N)
  build                       dist/: the page, a static site; pkg/: the npm package
  test [part ...]             everything CI runs, or only the named parts
  bench [name ...]            the native benchmarks, and the browser's as 'browser'; or only the named ones
  size                        sizes of what dist/ holds, against the budget
  picture                     docs/page.png, the README's picture, of the page in dist/

Each command first installs what it needs and does not find. Steps of 'build', which Trunk's hooks call:

  module                      pkg/ and the parts of the page that are not its wasm
  shrink                      wasm-opt for the page's wasm in Trunk's staging folder
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let mut command = None;
    let mut names = Vec::new();
    let mut port = serve::DEFAULT_PORT;
    let mut open = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            Long("port") if command.as_deref() == Some("serve") => port = arguments.value()?.parse()?,
            Long("open") if command.as_deref() == Some("serve") => open = true,
            Value(name) if command.is_none() => command = Some(name.string()?),
            Value(name) if matches!(command.as_deref(), Some("test" | "bench")) => names.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let Some(command) = command else {
        print!("{HELP}\n{}", test::list_parts());
        return Ok(());
    };
    let workspace = Workspace::find()?;
    match command.as_str() {
        "serve" => serve::serve(&workspace, port, open),
        "build" => page::build(&workspace),
        "module" => module::build(&workspace),
        "shrink" => page::shrink(&workspace),
        "size" => size::report(&workspace),
        "picture" => page::picture(&workspace),
        "test" => test::run(&workspace, &names),
        "bench" => bench::run(&workspace, &names),
        unknown => bail!("no command '{unknown}'; `cargo xtask` lists them"),
    }
}
