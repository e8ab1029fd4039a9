//! How many tests ran, read from what the runners print.

use std::ops::AddAssign;

/// Results of one part, or of all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Counts {
    /// One check that passed.
    pub const ONE: Counts = Counts { passed: 1, failed: 0, skipped: 0 };

    /// Adds what one line of a runner's output says, if it is a line of totals:
    /// `test result: ok. 5 passed; 0 failed; 1 ignored; ...` of libtest and wasm-bindgen-test,
    /// `ℹ pass 5` or `# pass 5` of Node, `5 passed, 0 failed` of our own scripts.
    pub fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some((_, totals)) = line.split_once("test result: ") {
            for total in totals.split(['.', ';']) {
                self.add_pair(total.trim().split_once(' ').map(|(count, what)| (what, count)));
            }
        } else if let Some(total) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) {
            self.add_pair(total.split_once(' '));
        } else if line.contains(" passed, ") {
            for total in line.split(", ") {
                self.add_pair(total.split_once(' ').map(|(count, what)| (what, count)));
            }
        }
    }

    fn add_pair(&mut self, pair: Option<(&str, &str)>) {
        let Some((what, Ok(count))) = pair.map(|(what, count)| (what, count.parse::<u64>())) else { return };
        match what {
            "passed" | "pass" => self.passed += count,
            "failed" | "fail" | "cancelled" => self.failed += count,
            "ignored" | "skipped" | "todo" => self.skipped += count,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts_of(output: &str) -> (u64, u64, u64) {
        let mut counts = Counts::default();
        output.lines().for_each(|line| counts.read(line));
        (counts.passed, counts.failed, counts.skipped)
    }

    #[test]
    fn libtest() {
        let output = "running 3 tests\ntest a ... ok\n\
                      test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.02s\n\
                      test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s";
        assert_eq!(counts_of(output), (7, 2, 1));
    }

    #[test]
    fn node() {
        let output =
            "✔ opens (3ms)\nℹ tests 6\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0";
        assert_eq!(counts_of(output), (3, 2, 1));
        assert_eq!(counts_of("# tests 2\n# pass 2\n# fail 0"), (2, 0, 0));
    }

    #[test]
    fn our_scripts() {
        assert_eq!(counts_of("4 passed, 1 failed"), (4, 1, 0));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(counts_of("test engine::pass ... ok\npass 3\nall 9 passed\n# pass the salt"), (0, 0, 0));
    }
}
