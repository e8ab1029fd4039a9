//! Installing what is missing, and only that.
//!
//! Programs written in Rust are built into `<cache>/tools/<crate>-<version>/bin`, with a profile made for tools that
//! run for seconds: their own release profiles spend most of a quarter of an hour on link-time optimisation.

use crate::command::{Step, answer, duration, say, succeeds};
use crate::workspace::{Workspace, cargo};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const MIN_NODE_MAJOR: u32 = 20;
/// The newest whose minimum Rust version is not above ours.
const TRUNK_VERSION: &str = "0.21.14";
const CARGO_DENY_VERSION: &str = "0.20.2";

/// A program from crates.io at one version.
pub struct CargoTool {
    package: &'static str,
    version: String,
    /// Of `opt-level`: how long the tool runs decides how much compiling it is worth.
    opt_level: u8,
}

impl CargoTool {
    pub fn trunk() -> Self {
        CargoTool { package: "trunk", version: TRUNK_VERSION.into(), opt_level: 0 }
    }

    pub fn cargo_deny() -> Self {
        CargoTool { package: "cargo-deny", version: CARGO_DENY_VERSION.into(), opt_level: 0 }
    }

    /// The command-line half of wasm-bindgen, which must have the very version of the library in `Cargo.lock`.
    pub fn wasm_bindgen(workspace: &Workspace) -> Result<Self> {
        let version = workspace.locked_version("wasm-bindgen")?;
        Ok(CargoTool { package: "wasm-bindgen-cli", version, opt_level: 1 })
    }

    fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.cache.join("tools").join(format!("{}-{}", self.package, self.version))
    }

    /// The folder of its programs, installed first if need be.
    pub fn provide(&self, workspace: &Workspace) -> Result<PathBuf> {
        let folder = self.folder(workspace);
        if !folder.exists() {
            self.install(workspace, &folder)?;
        }
        Ok(folder.join("bin"))
    }

    fn install(&self, workspace: &Workspace, folder: &Path) -> Result<()> {
        let started = Instant::now();
        let work = workspace.cache.join("work").join(format!("{}-{}", self.package, self.version));
        let installed = work.join("installed");
        std::fs::create_dir_all(&installed)
            .with_context(|| format!("{} cannot be made", installed.display()))?;
        let label = format!("installing {} {} (once per machine)", self.package, self.version);
        let opt_level = self.opt_level.to_string();
        // Away from the checkout and without what cargo handed to us: its configuration and its flags are the
        // product's, not the tool's.
        let mut step = Step::new(label, cargo())
            .args(["install", "--locked", "--no-track", "--version", &self.version, "--root"])
            .args([installed.as_os_str(), self.package.as_ref()])
            .dir(&work);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_of_this_build) {
                step = step.env_remove(name);
            }
        }
        step.env("CARGO_TARGET_DIR", work.join("target"))
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .run()?;
        // Moved into place only when whole, so that an interrupted installation is never taken for a tool.
        let tools = folder.parent().context("a tool lies in the folder of tools")?;
        std::fs::create_dir_all(tools)?;
        std::fs::rename(&installed, folder)
            .with_context(|| format!("{} cannot be moved to {}", installed.display(), folder.display()))?;
        std::fs::remove_dir_all(&work).with_context(|| format!("{} cannot be removed", work.display()))?;
        say(format_args!("{} {} installed in {}", self.package, self.version, duration(started.elapsed())));
        Ok(())
    }
}

/// Whether an environment variable speaks of the build that runs us, or of settings for the product.
fn is_of_this_build(name: &str) -> bool {
    const PREFIXES: [&str; 5] =
        ["CARGO_PKG_", "CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || (name.starts_with("CARGO_TARGET_") && (name.ends_with("_DIR") || name.ends_with("_RUSTFLAGS")))
}

/// The standard library of wasm.
pub fn provide_wasm_target() -> Result<()> {
    let sysroot = answer("rustc", &["--print", "sysroot"]).context("rustc could not be started")?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM_TARGET).exists() {
        return Ok(());
    }
    Step::new(format!("installing the Rust target {WASM_TARGET}"), "rustup")
        .args(["target", "add", WASM_TARGET])
        .run()
        .with_context(|| format!("the target {WASM_TARGET} is missing and rustup could not add it"))
}

/// A component of the Rust toolchain: clippy, rustfmt.
pub fn provide_component(component: &str, subcommand: &str) -> Result<()> {
    if succeeds(cargo(), &[subcommand, "--version"]) {
        return Ok(());
    }
    Step::new(format!("installing {component}"), "rustup").args(["component", "add", component]).run()
}

/// The pinned development packages in `node_modules`.
pub fn provide_node_packages(workspace: &Workspace) -> Result<()> {
    let version = answer("node", &["--version"]).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= MIN_NODE_MAJOR => {}
        Some(_) => bail!("Node {version} is too old: install {MIN_NODE_MAJOR} or newer"),
        None => bail!("Node is missing: install {MIN_NODE_MAJOR} or newer, with npm"),
    }
    provide_npm_packages(&workspace.root)
}

/// What `folder`'s `package-lock.json` pins, in its `node_modules`.
pub fn provide_npm_packages(folder: &Path) -> Result<()> {
    let lock = std::fs::read(folder.join("package-lock.json"))?;
    // npm's own record of what it installed is in another format; a copy of the lock tells exactly.
    let stamp = folder.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Step::new("installing the development packages (npm ci)", npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .dir(folder)
        .run()?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

/// A Chromium and the driver of its version.
pub struct Chromium {
    pub browser: PathBuf,
    pub driver: PathBuf,
}

/// The machine's Chromium and chromedriver; `CHROMIUM` and `CHROMEDRIVER` name others. Where we may, apt installs
/// them.
pub fn provide_chromium() -> Result<Chromium> {
    if let Some(chromium) = find_chromium() {
        return Ok(chromium);
    }
    install_chromium()?;
    find_chromium().context(HOW_TO_GET_CHROMIUM)
}

const HOW_TO_GET_CHROMIUM: &str = "no Chromium with its chromedriver was found: install both (of one version), or set \
                                   CHROMIUM and CHROMEDRIVER to their programs";

fn find_chromium() -> Option<Chromium> {
    let named = |variable| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists());
    let on_path = |names: &[&str]| names.iter().find_map(|name| which(name));
    let browsers =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome.exe"];
    let fixed = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"].map(PathBuf::from);
    let browser = named("CHROMIUM")
        .or_else(|| on_path(&browsers))
        .or_else(|| fixed.into_iter().find(|path| path.exists()))?;
    let driver = named("CHROMEDRIVER").or_else(|| on_path(&["chromedriver", "chromedriver.exe"]))?;
    Some(Chromium { browser, driver })
}

fn install_chromium() -> Result<()> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is = |id: &str| release.lines().any(|line| line == format!("ID={id}"));
    let packages = match (is("debian"), is("ubuntu")) {
        (true, _) => ["chromium", "chromium-driver"],
        (_, true) => ["chromium-browser", "chromium-chromedriver"],
        _ => bail!(HOW_TO_GET_CHROMIUM),
    };
    let is_root = answer("id", &["-u"]).as_deref() == Some("0");
    if !is_root && !succeeds("sudo", &["-n", "true"]) {
        bail!("{HOW_TO_GET_CHROMIUM} (here: `sudo apt-get install {}`)", packages.join(" "));
    }
    let apt = |label: &str, arguments: &[&str]| {
        let (program, prefix): (_, &[&str]) =
            if is_root { ("apt-get", &[]) } else { ("sudo", &["-n", "apt-get"]) };
        Step::new(label, program).args(prefix).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").run()
    };
    apt("asking apt what there is", &["update", "--quiet"])?;
    apt(
        "installing Chromium and its driver with apt",
        &["install", "--yes", "--quiet", "--no-install-recommends", packages[0], packages[1]],
    )
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.is_file())
}

/// `PATH` with `folders` in front.
pub fn path_with(folders: &[PathBuf]) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(folders.iter().cloned().chain(std::env::split_paths(&path)))
        .context("a folder of tools cannot be put on PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_built_without_the_products_flags() {
        for name in ["CARGO_TARGET_DIR", "CARGO_PROFILE_RELEASE_LTO", "CARGO_BUILD_TARGET"] {
            assert!(is_of_this_build(name), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_HTTP_PROXY", "RUSTUP_TOOLCHAIN", "PATH"] {
            assert!(!is_of_this_build(name), "{name}");
        }
    }
}
