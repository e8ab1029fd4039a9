//! Running other programs so that a person, or a CI log, always sees that something happens.
//!
//! Output is passed on line by line as it comes, both streams in one order; a program that is silent for a while
//! gets a line with the time it has taken so far. Standard input is closed: nothing may wait for an answer.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, PipeReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Silence after which a sign of life is printed.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long output is still waited for after the program itself has ended: a child of its may hold the pipe open.
const DRAIN: Duration = Duration::from_secs(2);
/// No step takes this long unless it hangs.
const LIMIT: Duration = Duration::from_secs(40 * 60);

/// One run of a program.
pub struct Step {
    label: String,
    command: Command,
    quiet: bool,
    limit: Duration,
}

impl Step {
    /// A step that is announced as `label` ("building the engine").
    pub fn new(label: impl Into<String>, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        // Flags in the environment replace those of .cargo/config.toml: a user's `-C target-cpu=native` would cost
        // the engine its SIMD and break the tools of wasm.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        Step { label: label.into(), command, quiet: false, limit: LIMIT }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Shows the output only when the program fails.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Ends the program after `limit`. Default: 40 minutes.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it.
    ///
    /// # Errors
    /// When the program cannot be started, fails, or exceeds its limit.
    pub fn run(self) -> Result<()> {
        self.run_with(|_| {})
    }

    /// Runs it and shows each line of its output to `on_line`, whatever becomes of it.
    pub fn run_with(self, on_line: impl FnMut(&str)) -> Result<()> {
        let label = self.label.clone();
        let status = self.status(on_line)?;
        if !status.success() {
            bail!("{label} failed ({status})");
        }
        Ok(())
    }

    fn status(mut self, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
        say(&self.label);
        let program = self.command.get_program().to_string_lossy().into_owned();
        let (reader, writer) = std::io::pipe().context("no pipe could be made")?;
        self.command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = self.command.spawn().with_context(|| format!("{program} could not be started"))?;
        // The command still holds the pipe's writing end, and the reader would wait for it.
        drop(self.command);

        let lines = read_lines(reader);
        let started = Instant::now();
        let mut last_sign = Instant::now();
        let mut ended: Option<(ExitStatus, Instant)> = None;
        let mut held_back = Vec::new();
        loop {
            match lines.recv_timeout(Duration::from_millis(200)) {
                Ok(line) => {
                    on_line(&line);
                    if self.quiet {
                        held_back.push(line);
                    } else {
                        println!("{line}");
                        last_sign = Instant::now();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if ended.is_none() {
                ended = child.try_wait()?.map(|status| (status, Instant::now()));
            }
            match ended {
                Some((_, at)) if at.elapsed() > DRAIN => break,
                Some(_) => {}
                None if started.elapsed() > self.limit => {
                    child.kill()?;
                    child.wait()?;
                    bail!("{} was ended: no result within {}", self.label, duration(self.limit));
                }
                None if last_sign.elapsed() > HEARTBEAT => {
                    println!("   … {}: {} so far", self.label, duration(started.elapsed()));
                    last_sign = Instant::now();
                }
                None => {}
            }
        }
        let status = match ended {
            Some((status, _)) => status,
            None => child.wait()?,
        };
        if !status.success() {
            held_back.iter().for_each(|line| println!("{line}"));
        }
        Ok(status)
    }
}

/// One line of ours, told apart from the output of the programs we run.
pub fn say(message: impl std::fmt::Display) {
    println!("── {message}");
}

/// `75.3 s` or `12 min 05 s`.
pub fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0..100 => format!("{:.1} s", duration.as_secs_f64()),
        secs => format!("{} min {:02} s", secs / 60, secs % 60),
    }
}

/// Whether `program` starts with `argument` and ends well, without showing its output.
pub fn succeeds(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    answer(program, arguments).is_some()
}

/// Standard output of a short program, or `None` when it cannot be started or fails.
pub fn answer(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read_lines(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(n) if n > 0) {
            if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Step {
        Step::new("a script", "sh").args(["-c", script])
    }

    #[test]
    fn both_streams_arrive_in_their_order() {
        let mut lines = Vec::new();
        shell("echo one; echo two >&2; echo three").run_with(|line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, ["one", "two", "three"]);
    }

    #[test]
    fn failure_names_the_step_and_the_status() {
        let error = shell("exit 3").run().unwrap_err().to_string();
        assert!(error.contains("a script failed") && error.contains('3'), "{error}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error = shell("exec sleep 60").limit(Duration::from_millis(300)).run().unwrap_err().to_string();
        assert!(error.contains("no result within 0.3 s"), "{error}");
    }

    #[test]
    fn a_child_that_keeps_the_pipe_open_does_not_hold_us() {
        let started = Instant::now();
        shell("sleep 20 & echo done").run().unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
