//! What fuzzing has found, kept: every input of the corpus and every one that once crashed. See `fuzz/Cargo.toml`.

use super::check;
use std::path::Path;

fn run(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let mut n_inputs = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        // The name is printed when the check fails.
        println!("{}", path.display());
        check::ingest(&std::fs::read(&path).unwrap());
        n_inputs += 1;
    }
    n_inputs
}

#[test]
fn inputs_that_fuzzing_has_collected() {
    assert!(run("corpus/ingest") > 40);
}

#[test]
fn inputs_that_once_crashed() {
    run("crashers");
}
