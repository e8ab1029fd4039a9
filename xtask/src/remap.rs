//! Names in the wasm for folders of the machine that builds it: panics name their source file, and whoever is served
//! the file need not learn whose home it was compiled in. The same sources give the same file anywhere, too.
//!
//! These flags add to those in `.cargo/config.toml`, where `RUSTFLAGS` would replace them.

use crate::command::say;
use crate::workspace::{Workspace, cargo_home};
use std::path::PathBuf;

const CONFIG_KEY: &str = "target.wasm32-unknown-unknown.rustflags";
/// Cargo adds its flags to the configuration's.
pub const VARIABLE: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// For `cargo --config`.
pub fn for_config(workspace: &Workspace) -> String {
    // Debug's escapes are those of a TOML string for every character that paths have.
    format!("{CONFIG_KEY}={:?}", flags(workspace))
}

/// For a cargo that another program calls, in [`VARIABLE`].
pub fn for_variable(workspace: &Workspace) -> String {
    let (whole, torn): (Vec<_>, Vec<_>) =
        flags(workspace).into_iter().partition(|flag| !flag.contains(char::is_whitespace));
    for flag in torn {
        // Cargo splits the variable at spaces and knows no quotes.
        say(format_args!("the page's wasm will name folders of this machine: {flag} has a space"));
    }
    whole.join(" ")
}

/// The last flag whose folder holds a file is the one that counts.
fn flags(workspace: &Workspace) -> Vec<String> {
    let home = std::env::home_dir().filter(|home| home.parent().is_some());
    let crates: Option<PathBuf> = cargo_home();
    let folders = [
        (home, "home"),
        (crates.clone(), "cargo"),
        (crates.map(|home| home.join("registry").join("src")), "crates"),
        (Some(workspace.root.clone()), "isoscope"),
        (Some(workspace.target.clone()), "target"),
    ];
    let known = folders.into_iter().filter_map(|(folder, name)| Some((folder?, name)));
    known.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_toml_whatever_the_folder_is_called() {
        let workspace =
            Workspace { root: r#"C:\my "work""#.into(), target: "/target".into(), cache: "/cache".into() };
        let config = for_config(&workspace);
        assert!(config.contains(r#""--remap-path-prefix=C:\\my \"work\"=isoscope""#), "{config}");
        assert!(!for_variable(&workspace).contains("my"), "a flag that cargo would tear apart");
    }
}
