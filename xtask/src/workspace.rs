//! Where things are: the checkout, cargo's output folder, the per-user cache.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders every command works in.
pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's output folder, wherever configuration puts it.
    pub target: PathBuf,
    /// The per-user cache of tools: `$XDG_CACHE_HOME/isoscope`, or the platform's own place.
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds them from the environment that cargo gives and from cargo's own answer.
    pub fn find() -> Result<Self> {
        // Asked at run time: where checkouts share a target folder, this may be a program that another one compiled.
        let manifest =
            std::env::var_os("CARGO_MANIFEST_DIR").context("start it with cargo: `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("xtask lies in the checkout")?;
        let metadata = Command::new(cargo())
            .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
            .current_dir(root)
            .output()
            .context("cargo metadata could not be started")?;
        let metadata = String::from_utf8(metadata.stdout).context("cargo metadata is not UTF-8")?;
        let target =
            json_string(&metadata, "target_directory").context("cargo metadata names no target_directory")?;
        Ok(Workspace { root: root.to_owned(), target: target.into(), cache: user_cache()?.join("isoscope") })
    }

    /// Where wasm-bindgen's glue and the sources that import it meet, and where the page's parts wait for Trunk.
    pub fn build(&self) -> PathBuf {
        self.root.join("build")
    }

    /// The npm package.
    pub fn pkg(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// The static site.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The version of `package` in `Cargo.lock`.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock =
            std::fs::read_to_string(&path).with_context(|| format!("{} is not readable", path.display()))?;
        locked_version(&lock, package).with_context(|| format!("Cargo.lock has no package '{package}'"))
    }
}

/// The cargo that runs this, so that nested calls use the same toolchain.
pub fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// Where cargo keeps the sources of crates.
pub fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    named.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn user_cache() -> Result<PathBuf> {
    let from = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || from("HOME").map(|home| home.join(".cache"));
    match from("XDG_CACHE_HOME").or_else(|| from("LOCALAPPDATA")).or_else(home) {
        Some(cache) => Ok(cache),
        None => bail!("no place for tools: set XDG_CACHE_HOME (or HOME, or LOCALAPPDATA) to a folder"),
    }
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}

/// The first string value of `key` in a JSON text: enough for the one path we ask cargo for, without a JSON parser
/// in everyone's first build.
fn json_string(json: &str, key: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{key}\":\""))?;
    let mut value = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some(value),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_that_of_the_named_package_alone() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.129"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }

    #[test]
    fn windows_paths_lose_their_escapes() {
        let json = r#"{"packages":[],"target_directory":"C:\\work\\target","version":1}"#;
        assert_eq!(json_string(json, "target_directory").as_deref(), Some(r"C:\work\target"));
        assert_eq!(json_string(json, "absent"), None);
    }
}
