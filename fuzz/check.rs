//! What must hold for any bytes at all. An input is five bytes of settings and then the source.

use isoscope::engine::error::Result;
use isoscope::engine::finding::{Finding, FindingKind};
use isoscope::engine::ingest::{Format, Ingest, Ingested, Limits, Options, RowSample, estimate};
use isoscope::engine::time::zone::Zone;
use std::sync::Arc;

/// The source is read or refused without a panic; chunks change nothing; no record is lost; findings are true to the
/// source's size.
pub fn ingest(input: &[u8]) {
    let Some((&[how, length, sample, batch, more], source)) = input.split_first_chunk::<5>() else { return };
    // Half of the inputs name their format.
    let named = Format::ALL.get(usize::from(more & 15)).copied();
    let zone =
        Zone::new("Europe/Berlin", vec![(0, 3_600), (354_675_600_000, 7_200), (370_400_400_000, 3_600)]);
    let options = Options {
        format: named,
        sample: (more & 16 != 0).then_some(RowSample { share: 0.5, seed: 7, by: None }),
        zone: (more & 32 != 0).then(|| Arc::new(zone.expect("moves in order"))),
        delimiter: [None, Some(b','), Some(b';'), Some(b'\t')][usize::from(how & 3)],
        header: [None, Some(true), Some(false), None][usize::from(how >> 2 & 3)],
        max_rows: (how & 16 != 0).then_some(3),
        ..Options::default()
    };
    let limits = Limits {
        sample_bytes: 1 + 4 * usize::from(sample),
        batch_bytes: 1 + usize::from(batch),
        record_bytes: if how & 32 == 0 { 16 << 20 } else { 64 },
        columns: 64,
    };
    let _ = estimate(source, &options, 1 << 30, false);
    let whole = read([source], &options, &limits);
    let chunks = source.chunks(1 + usize::from(length) % 61);
    assert!(read(chunks, &options, &limits) == whole, "another cut of chunks, another result");
    if let Ok(ingested) = whole {
        let n_rows = ingested.table.n_rows() as u64;
        assert!(n_rows <= ingested.n_records);
        let n_aside: u64 = ingested.files.iter().map(|file| file.set_aside).sum();
        assert_eq!(n_rows + n_aside, ingested.n_records, "a record is lost");
        let reported = |f: &&Finding| {
            matches!(f.kind, FindingKind::BadRecord | FindingKind::RowLimit | FindingKind::Sampled)
        };
        let n_reported: u64 = ingested.findings.iter().filter(reported).map(|finding| finding.count).sum();
        assert_eq!(n_aside, n_reported, "a record is set aside and nothing says so");
        assert_eq!(ingested.n_bytes, source.len() as u64);
        for finding in &ingested.findings {
            assert!(finding.count > 0 && finding.first.byte <= source.len() as u64, "{finding:?}");
        }
        for column in ingested.table.columns() {
            assert_eq!(column.len() as u64, n_rows);
            (0..column.len()).for_each(|row| drop(column.text(row)));
        }
    }
}

/// Reads chunks.
pub fn read<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    options: &Options,
    limits: &Limits,
) -> Result<Ingested> {
    let mut ingest = Ingest::with_limits(options.clone(), limits.clone())?;
    for chunk in chunks {
        ingest.push(chunk)?;
    }
    ingest.finish()
}
