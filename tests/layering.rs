//! What may know what, held by reading the sources and by asking cargo.
//!
//! The rules are those that `src/engine/mod.rs` draws. Code inside `#[cfg(test)]` may know more: a test of one part
//! may use any other.

/// A module of its own, so that its tests can be picked by name.
mod layering {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// The engine's modules from left to right; each may know those to its left, none its neighbours in a group.
    const CHAIN: &[&[&str]] = &[
        &["agent", "error", "finding", "host", "math", "order", "rng", "time", "words"],
        &["table"],
        &["formula", "ingest", "profile"],
        &["plan"],
        &["features"],
        &["prepare"],
        &["detect", "learn"],
        &["explain", "interchange"],
        &["ranking", "rules"],
        &["persist"],
        &["analysis"],
        &["bins", "correlations", "export", "streaming", "supervised"],
        &["tune"],
        &["session"],
    ];

    /// Modules beside the chain: they know these alone, and only what lies right of `explain` knows them.
    const BESIDE: &[(&str, &[&str])] = &[
        ("evaluate", &["error", "math", "order", "rng"]),
        ("synth", &["error", "math", "order", "rng", "time"]),
    ];

    /// The foundation may know parts of itself.
    const FOUNDATION: &[(&str, &[&str])] = &[
        ("error", &["words"]),
        ("finding", &["error"]),
        ("host", &["error", "finding"]),
        ("rng", &["math"]),
        ("time", &["error"]),
    ];

    /// Crates that only `web` and `app` may name.
    const WEB_CRATES: &[&str] = &[
        "console_error_panic_hook",
        "gloo_net",
        "js_sys",
        "leptos",
        "serde_wasm_bindgen",
        "wasm_bindgen",
        "wasm_bindgen_futures",
        "web_sys",
    ];

    /// What would make the engine more than a function of bytes, parameters and a seed.
    const SURROUNDINGS: &[&str] = &[
        "std::env",
        "std::fs",
        "std::net::TcpListener",
        "std::net::TcpStream",
        "std::net::ToSocketAddrs",
        "std::net::UdpSocket",
        "std::process",
        "std::thread",
        "std::time::Instant",
        "std::time::SystemTime",
        "std::io::stdin",
        "std::io::stdout",
    ];

    const MAX_LINES: usize = 600;

    #[test]
    fn engine_modules_know_only_what_lies_to_their_left() {
        let files = rust_files("src/engine");
        assert!(files.len() > CHAIN.len(), "the engine's sources were not found");
        none(files.iter().flat_map(|(module, text)| engine_violations(module, text)));
    }

    #[test]
    fn layers_of_the_crate_know_only_those_below() {
        for (layer, may_know) in [
            ("engine", &["engine"][..]),
            ("protocol", &["engine", "protocol"]),
            ("web", &["engine", "protocol", "web"]),
            ("app", &["engine", "protocol", "app"]),
        ] {
            let files = rust_files(&format!("src/{layer}"));
            assert!(!files.is_empty(), "src/{layer} was not found");
            none(files.iter().flat_map(|(module, text)| layer_violations(module, text, may_know)));
        }
    }

    #[test]
    fn only_web_and_app_name_web_crates() {
        let files = rust_files("src");
        let elsewhere = files.iter().filter(|(module, _)| !matches!(module[0].as_str(), "web" | "app"));
        none(elsewhere.flat_map(|(module, text)| named(module, text, WEB_CRATES)));
    }

    #[test]
    fn the_engine_asks_nothing_of_its_surroundings() {
        none(rust_files("src/engine").iter().flat_map(|(module, text)| named(module, text, SURROUNDINGS)));
    }

    #[test]
    fn the_engines_dependencies_name_no_web_crate() {
        for target in [None, Some("wasm32-unknown-unknown")] {
            let names = dependencies(&["--no-default-features"], target);
            assert!(
                names.contains("ndarray"),
                "cargo tree did not list the engine's dependencies: {names:?}"
            );
            let found: Vec<_> = names.iter().filter(|name| is_of_the_web(name)).collect();
            assert!(found.is_empty(), "for {}: {found:?}", target.unwrap_or("this machine"));
        }
        // And the question can be answered with yes.
        let of_the_page = dependencies(&["--features", "app"], Some("wasm32-unknown-unknown"));
        assert!(of_the_page.iter().any(|name| is_of_the_web(name)));
    }

    #[test]
    fn the_engines_header_draws_the_same_picture() {
        let header = std::fs::read_to_string(root().join("src/engine/mod.rs")).unwrap();
        assert_eq!(drawn_chain(&header), CHAIN.iter().map(|group| group.to_vec()).collect::<Vec<_>>());
        let declared: BTreeSet<&str> =
            header.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
        let ruled: BTreeSet<&str> = CHAIN
            .iter()
            .flat_map(|group| group.iter())
            .chain(BESIDE.iter().map(|(name, _)| name))
            .copied()
            .collect();
        assert_eq!(declared, ruled, "modules of the engine, and those that a rule speaks of");
    }

    #[test]
    fn no_file_grows_beyond_reading() {
        let long = text_files(&["src", "www", "xtask"]).into_iter().filter_map(|path| {
            let n_lines = std::fs::read_to_string(&path).ok()?.lines().count();
            (n_lines > MAX_LINES).then(|| format!("{}: {n_lines} lines, at most {MAX_LINES}", path.display()))
        });
        none(long);
    }

    #[test]
    fn no_source_knows_the_machine_it_was_written_on() {
        let folders =
            ["src", "www", "xtask", "tests", "benches", "docs", "README.md", "index.html", "Trunk.toml"];
        none(text_files(&folders).into_iter().flat_map(|path| {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            machine_paths(&text).map(|place| format!("{}: {place}", path.display())).collect::<Vec<_>>()
        }));
    }

    // The checks themselves must be able to fail.

    #[test]
    fn violations_are_found_in_every_spelling() {
        let table = module("engine::table::column");
        for text in [
            "use crate::engine::ingest::Reader;",
            "use super::super::ingest::Reader;",
            "use crate::engine::{error::Result, ingest::{self, Reader}};",
            "fn f() { crate::engine::ingest::read() }",
            "fn f() { for _ in crate::engine::ingest::rows() {} }",
            "mod inner { use super::super::super::ingest; }",
            "use crate::engine as all;",
            "use crate::engine::*;",
        ] {
            assert_ne!(engine_violations(&table, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_is_allowed_is_not_reported() {
        let table = module("engine::table::column");
        for text in [
            "use super::{Dictionary, Validity}; use crate::engine::error::{Error, Result};",
            "pub(in crate::engine) fn f() {} pub(super) fn g() {}",
            "// crate::engine::session\n/* super::super::ingest */ const A: &str = \"crate::engine::ingest::x\";",
            "#[cfg(test)] mod tests { use crate::engine::session::Session; fn f() { if true {} } }",
            "mod inner { use super::super::Dictionary; }",
            "const OPEN: char = '{'; fn f<'a>(x: &'a str) {}",
        ] {
            assert_eq!(engine_violations(&table, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn neighbours_and_islands_are_kept_apart() {
        assert_eq!(engine_violations(&module("engine::detect"), "use super::learn::Split;").len(), 1);
        assert_eq!(engine_violations(&module("engine::evaluate"), "use super::table::Table;").len(), 1);
        assert_eq!(engine_violations(&module("engine::explain"), "use super::evaluate::auc;").len(), 1);
        assert_eq!(engine_violations(&module("engine::session"), "use super::evaluate::auc;").len(), 0);
        assert_eq!(engine_violations(&module("engine::math"), "use super::rng::Rng;").len(), 1);
    }

    #[test]
    fn names_of_crates_and_layers_are_seen() {
        assert_eq!(named(&module("engine::host"), "use web_sys::Window;", WEB_CRATES).len(), 1);
        assert_eq!(
            named(&module("engine::host"), "let t = std::time::Instant::now();", SURROUNDINGS).len(),
            1
        );
        assert_eq!(named(&module("engine::host"), "use std::{fs, io};", SURROUNDINGS).len(), 1);
        assert_eq!(named(&module("engine::host"), "use std::fmt;", SURROUNDINGS).len(), 0);
        let below = ["engine", "protocol"];
        assert_eq!(layer_violations(&module("protocol"), "use crate::web::Engine;", &below).len(), 1);
    }

    #[test]
    fn machine_paths_are_seen() {
        let place = ["read ", "/ro", "ot/notes.txt"].concat();
        assert_eq!(machine_paths(&place).count(), 1);
        assert_eq!(machine_paths("src/engine/mod.rs, https://example.org/home").count(), 0);
    }

    /// Fails with one line per finding.
    fn none(findings: impl Iterator<Item = String>) {
        let findings: Vec<String> = findings.collect();
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    fn engine_violations(module: &[String], text: &str) -> Vec<String> {
        let Some(from) = module.get(1) else { return Vec::new() };
        let referred = paths(module, text).into_iter().filter(|path| path[0] == "engine");
        let forbidden = referred.filter(|path| match path.get(1).map(String::as_str) {
            None | Some("*") => true,
            Some(to) => to != from && !may_know(from, to),
        });
        forbidden.map(|path| format!("{} must not know {}", module.join("::"), path.join("::"))).collect()
    }

    fn may_know(from: &str, to: &str) -> bool {
        let place = |name: &str| CHAIN.iter().position(|group| group.contains(&name));
        let listed =
            |list: &[(&str, &[&str])]| list.iter().any(|(name, knows)| *name == from && knows.contains(&to));
        match (place(from), place(to)) {
            (None, _) => listed(BESIDE),
            (Some(from), Some(to)) if to < from => true,
            (Some(0), Some(0)) => listed(FOUNDATION),
            (Some(_), Some(_)) => false,
            (place_of_from, None) => place_of_from > place("explain"),
        }
    }

    fn layer_violations(module: &[String], text: &str, may_know: &[&str]) -> Vec<String> {
        let forbidden = paths(module, text).into_iter().filter(|path| !may_know.contains(&path[0].as_str()));
        forbidden.map(|path| format!("{} must not know {}", module.join("::"), path.join("::"))).collect()
    }

    /// Paths in `text` that begin with one of `forbidden`.
    fn named(module: &[String], text: &str, forbidden: &[&str]) -> Vec<String> {
        let begins = |path: &str, name: &str| {
            path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let found = all_paths(text).into_iter().map(|found| found.path.join("::"));
        let found = found.filter(|path| forbidden.iter().any(|name| begins(path, name)));
        found.map(|path| format!("{} must not name {path}", module.join("::"))).collect()
    }

    /// The crate's modules that `text`, the source of `module`, refers to, as absolute paths without `crate`.
    fn paths(module: &[String], text: &str) -> Vec<Vec<String>> {
        let absolute = all_paths(text).into_iter().filter_map(|Found { path, inside }| {
            let mut at: Vec<String> = module.iter().chain(&inside).cloned().collect();
            let mut rest = path.into_iter().peekable();
            match rest.next()?.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop();
                    while rest.next_if(|part| part == "super").is_some() {
                        at.pop();
                    }
                }
                _ => return None,
            }
            at.extend(rest.filter(|part| part != "self"));
            (!at.is_empty()).then_some(at)
        });
        absolute.collect()
    }

    /// A path as written, its `use` tree resolved, and the inline modules around it.
    struct Found {
        path: Vec<String>,
        inside: Vec<String>,
    }

    /// Every path of two parts or more outside of tests.
    fn all_paths(text: &str) -> Vec<Found> {
        let tokens = tokens(text);
        let mut found = Vec::new();
        let mut depth = 0;
        let mut inside: Vec<(usize, String)> = Vec::new();
        let mut i = 0;
        while i < tokens.len() {
            let is = |at: usize, what: &str| tokens.get(at).is_some_and(|token| token == what);
            if is(i, "#")
                && tokens[i..].iter().take(7).map(String::as_str).eq(["#", "[", "cfg", "(", "test", ")", "]"])
            {
                i = after_item(&tokens, i + 7);
                continue;
            }
            if is(i, "mod") && is(i + 2, "{") {
                inside.push((depth, tokens[i + 1].clone()));
            }
            match tokens[i].as_str() {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    inside.pop_if(|(outer, _)| *outer == depth);
                }
                _ => {}
            }
            let is_visibility = i >= 2 && is(i - 1, "in") && is(i - 2, "(");
            let starts = is_name(&tokens[i]) && !is_visibility && (i == 0 || !is(i - 1, "::"));
            let inside_use = is(i, "use");
            if inside_use || (starts && is(i + 1, "::")) {
                let mut written = Vec::new();
                i = read_tree(&tokens, i + usize::from(inside_use), &mut Vec::new(), &mut written);
                let inside: Vec<String> = inside.iter().map(|(_, name)| name.clone()).collect();
                found.extend(written.into_iter().map(|path| Found { path, inside: inside.clone() }));
            } else {
                i += 1;
            }
        }
        found
    }

    /// Reads one path or tree of paths at `i` and returns the place after it.
    fn read_tree(
        tokens: &[String],
        mut i: usize,
        prefix: &mut Vec<String>,
        written: &mut Vec<Vec<String>>,
    ) -> usize {
        let outer = prefix.len();
        loop {
            match tokens.get(i).map(String::as_str) {
                Some("{") => {
                    i += 1;
                    while tokens.get(i).is_some_and(|token| token != "}") {
                        i = read_tree(tokens, i, prefix, written);
                        if tokens.get(i).is_some_and(|token| token == ",") {
                            i += 1;
                        }
                    }
                    i += 1;
                    break;
                }
                Some(name) if name == "*" || is_name(name) => {
                    prefix.push(name.to_owned());
                    i += 1;
                    if tokens.get(i).is_none_or(|token| token != "::") {
                        written.push(prefix.clone());
                        break;
                    }
                    i += 1;
                }
                // A generic argument (`Vec::<u8>::new`): what came before it is the path.
                _ => {
                    written.push(prefix.clone());
                    break;
                }
            }
        }
        prefix.truncate(outer);
        if tokens.get(i).is_some_and(|token| token == "as") {
            i += 2;
        }
        i.max(1)
    }

    /// The place after the item at `i`: its closing brace, or its semicolon when it has none.
    fn after_item(tokens: &[String], mut i: usize) -> usize {
        let mut depth = 0;
        while let Some(token) = tokens.get(i) {
            i += 1;
            match token.as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
        }
        i
    }

    fn is_name(token: &str) -> bool {
        token.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }

    /// Names, `::` and single characters; no comments, no strings, no character literals.
    fn tokens(text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        let at = |i: usize| characters.get(i).copied().unwrap_or('\0');
        let mut tokens = Vec::new();
        let mut i = 0;
        while i < characters.len() {
            match at(i) {
                '/' if at(i + 1) == '/' => {
                    while i < characters.len() && at(i) != '\n' {
                        i += 1;
                    }
                }
                '/' if at(i + 1) == '*' => {
                    while i < characters.len() && !(at(i) == '*' && at(i + 1) == '/') {
                        i += 1;
                    }
                    i += 2;
                }
                'r' if at(i + 1) == '"' || (at(i + 1) == '#' && matches!(at(i + 2), '"' | '#')) => {
                    let n_hashes = (i + 1..).take_while(|&j| at(j) == '#').count();
                    i += n_hashes + 2;
                    let closes = |i: usize| at(i) == '"' && (1..=n_hashes).all(|j| at(i + j) == '#');
                    while i < characters.len() && !closes(i) {
                        i += 1;
                    }
                    i += n_hashes + 1;
                }
                '"' => {
                    i += 1;
                    while i < characters.len() && at(i) != '"' {
                        i += 1 + usize::from(at(i) == '\\');
                    }
                    i += 1;
                }
                '\'' if at(i + 1) == '\\' => {
                    i += 3;
                    while i < characters.len() && at(i) != '\'' {
                        i += 1;
                    }
                    i += 1;
                }
                '\'' if at(i + 2) == '\'' => i += 3,
                ':' if at(i + 1) == ':' => {
                    tokens.push("::".to_owned());
                    i += 2;
                }
                first if first.is_alphanumeric() || first == '_' => {
                    let end = (i..characters.len()).find(|&j| !(at(j).is_alphanumeric() || at(j) == '_'));
                    let end = end.unwrap_or(characters.len());
                    tokens.push(characters[i..end].iter().collect());
                    i = end;
                }
                space if space.is_whitespace() => i += 1,
                other => {
                    tokens.push(other.to_string());
                    i += 1;
                }
            }
        }
        tokens
    }

    /// The groups of the chain that the header's `text` block draws.
    fn drawn_chain(header: &str) -> Vec<Vec<&str>> {
        let lines = header.lines().skip_while(|line| !line.contains("```text")).skip(1);
        let drawn = lines.take_while(|line| line.contains("<-"));
        let groups = drawn.flat_map(|line| line.trim_start_matches("//!").split("<-"));
        let mut chain: Vec<Vec<&str>> = Vec::new();
        for group in groups {
            let names: Vec<&str> =
                group.split([' ', ',', '{', '}']).filter(|name| !name.is_empty()).collect();
            if !names.is_empty() {
                chain.push(names);
            }
        }
        chain
    }

    fn is_of_the_web(package: &str) -> bool {
        WEB_CRATES.contains(&package.replace('-', "_").as_str()) || package == "getrandom"
    }

    /// Names of the packages that the library links with these features.
    fn dependencies(features: &[&str], target: Option<&str>) -> BTreeSet<String> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["tree", "--locked", "--package", "isoscope", "--edges", "normal", "--prefix", "none"])
            .args(features)
            .args(target.map(|target| ["--target", target]).into_iter().flatten())
            .current_dir(root())
            .output()
            .expect("cargo tree could not be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    fn machine_paths(text: &str) -> impl Iterator<Item = String> {
        // Spelled apart, so that this file does not find itself.
        let places =
            [["/wo", "rk/"], ["/ro", "ot/"], ["/tm", "p/"], ["/ho", "me/"]].map(|parts| parts.concat());
        let lines = text.lines().enumerate();
        let found = lines.filter(move |(_, line)| places.iter().any(|place| line.contains(place.as_str())));
        found.map(|(i, line)| format!("line {}: {}", i + 1, line.trim())).collect::<Vec<_>>().into_iter()
    }

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn module(path: &str) -> Vec<String> {
        path.split("::").map(str::to_owned).collect()
    }

    /// Sources below `folder` with the module each one is.
    fn rust_files(folder: &str) -> Vec<(Vec<String>, String)> {
        let src = root().join("src");
        let files =
            text_files(&[folder]).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
        // `tests.rs` is what `#[cfg(test)] mod tests;` names.
        let files = files.filter(|path| path.file_stem().is_some_and(|stem| stem != "tests"));
        let files = files.map(|path| {
            let place = path.strip_prefix(&src).expect("below src").with_extension("");
            let mut module: Vec<String> = place
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .filter(|part| part != "mod")
                .collect();
            if module == ["lib"] {
                module = vec!["lib.rs".into()];
            }
            (module, std::fs::read_to_string(&path).expect("a source is UTF-8"))
        });
        files.collect()
    }

    /// Files of text that people write, below the named places of the checkout.
    fn text_files(places: &[&str]) -> Vec<PathBuf> {
        const EXTENSIONS: &[&str] = &["rs", "js", "mjs", "ts", "css", "html", "toml", "md", "py", "sh"];
        let mut files = Vec::new();
        let mut waiting: Vec<PathBuf> = places.iter().map(|place| root().join(place)).collect();
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).expect("a folder of the checkout is readable");
                let entries = entries.map(|entry| entry.expect("an entry is readable").path());
                waiting.extend(entries.filter(|entry| !entry.ends_with("node_modules")));
            } else if path.extension().is_some_and(|ext| EXTENSIONS.iter().any(|known| ext == *known)) {
                files.push(path);
            }
        }
        files.sort();
        files
    }
}
