//! One analysis, the same to the bit natively, in Node and in Chromium. This is the native run, which also makes the
//! golden file: `ISOSCOPE_UPDATE=1 cargo test --test golden_analysis` writes it anew after an intended change.

mod golden;

use golden::analysis::Fingerprint;
use std::path::Path;

#[test]
fn the_golden_analysis_is_the_same_natively() {
    let found = Fingerprint::take();
    if std::env::var_os("ISOSCOPE_UPDATE").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/analysis.json");
        std::fs::write(path, found.to_json()).expect("the golden file can be written");
        return;
    }
    assert_eq!(found, Fingerprint::golden());
}
