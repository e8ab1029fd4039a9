//! What a saved model lies in: who wrote it in which version, a header to read without the rest, the rest, and a checksum
//! over all of it. All numbers are little-endian.
//!
//! | bytes | content |
//! | --- | --- |
//! | 8 | `ISOSCOPE` |
//! | 4 | version of the format |
//! | 4 | length of the header, `h` |
//! | 8 | length of the payload, `p` |
//! | `h` | header: JSON in UTF-8 |
//! | `p` | payload: as the version has it |
//! | 8 | CRC-64/XZ of everything before |
//!
//! The first 24 bytes and the checksum's place stay as they are in every version.

use crate::engine::error::{Error, ErrorKind, Result};
use crc::{CRC_64_XZ, Crc, Table};

const MAGIC: &[u8; 8] = b"ISOSCOPE";
/// The version that is written, and the latest that is read.
pub(super) const VERSION: u32 = 1;
const FRONT: usize = 24;
const CHECKSUM: usize = 8;
/// One table of 2 KiB: checksums are no bottleneck, wasm bytes are counted.
static CRC: Crc<u64, Table<1>> = Crc::<u64, Table<1>>::new(&CRC_64_XZ);

/// A checksum, as in the envelope.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    CRC.checksum(bytes)
}

/// Header and payload as a file.
pub(super) fn write(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(FRONT + header.len() + payload.len() + CHECKSUM);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(header.len() as u32).to_le_bytes());
    file.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    file.extend_from_slice(header);
    file.extend_from_slice(payload);
    file.extend_from_slice(&checksum(&file).to_le_bytes());
    file
}

/// The version, header and payload of a file.
///
/// # Errors
/// `not-a-model`, `model-cut`, `model-too-new`, `model-damaged`.
pub(super) fn read(file: &[u8]) -> Result<(u32, &[u8], &[u8])> {
    let cut = |expected| Error::new(ErrorKind::ModelCut { expected, found: file.len() as u64 });
    let n_magic = file.len().min(MAGIC.len());
    if file.is_empty() || file[..n_magic] != MAGIC[..n_magic] {
        return Err(Error::new(ErrorKind::NotAModel { found: seems(file).to_owned() }));
    }
    let Some((front, rest)) = file.split_at_checked(FRONT) else { return Err(cut(None)) };
    let number = |from: usize, n: usize| {
        front[from..from + n].iter().rev().fold(0u64, |number, &byte| number << 8 | u64::from(byte))
    };
    let (version, n_header, n_payload) = (number(8, 4) as u32, number(12, 4), number(16, 8));
    if version > VERSION {
        return Err(Error::new(ErrorKind::ModelTooNew { version, newest: VERSION }));
    }
    let n_rest = n_header.saturating_add(n_payload).saturating_add(CHECKSUM as u64);
    if (rest.len() as u64) < n_rest {
        return Err(cut(Some(n_rest.saturating_add(FRONT as u64))));
    }
    if rest.len() as u64 > n_rest {
        return Err(damaged("something follows its end"));
    }
    let (content, _) = file.split_at(file.len() - CHECKSUM);
    if checksum(content).to_le_bytes() != file[content.len()..] {
        return Err(damaged("its checksum does not fit its bytes"));
    }
    if version == 0 {
        return Err(damaged("there is no version 0 of the format"));
    }
    let (header, payload) = content[FRONT..].split_at(n_header as usize);
    Ok((version, header, payload))
}

/// A model that cannot be what was written.
pub(super) fn damaged(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::ModelDamaged { what: what.into() })
}

/// Whether a message of ONNX begins here: the version of its format, then who made it, a text or the graph.
fn is_onnx(start: &[u8]) -> bool {
    matches!(start, [0x08, 1..=63, 0x12 | 0x1a | 0x22 | 0x2a | 0x32 | 0x3a | 0x42, ..])
}

fn find(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

/// What bytes seem to be that are no model.
fn seems(file: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\x80\x04", "a Python pickle"),
        (b"\x80\x05", "a Python pickle"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a PNG picture"),
    ];
    let of_known = KNOWN.iter().find(|(magic, _)| file.starts_with(magic)).map(|(_, what)| *what);
    let start = &file[..file.len().min(512)];
    match of_known {
        Some(what) => what,
        None if file.is_empty() => "empty",
        None if is_onnx(start) => "an ONNX model, which other programs run",
        None if start.iter().any(|byte| matches!(byte, 0..=8 | 14..=31)) => "data of another program",
        None if find(start, b"\"learner\"") && find(start, b"{") => {
            "boosted trees as XGBoost's JSON, which learn takes"
        }
        None if matches!(start.trim_ascii_start().first(), Some(b'{' | b'[')) => "JSON, such as a plan",
        None => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(file: &[u8]) -> &'static str {
        read(file).unwrap_err().code()
    }

    #[test]
    fn what_is_written_can_be_read() {
        let file = write(b"{}", b"payload");
        assert_eq!(read(&file).unwrap(), (VERSION, &b"{}"[..], &b"payload"[..]));
        assert_eq!(read(&write(b"", b"")).unwrap(), (VERSION, &b""[..], &b""[..]));
        // The check value of the catalogue.
        assert_eq!(checksum(b"123456789"), 0x995d_c9bb_df19_39fa);
    }

    #[test]
    fn every_cut_and_every_wrong_byte_has_its_error() {
        let file = write(b"{\"a\":1}", b"payload");
        for end in 1..file.len() {
            assert_eq!(code(&file[..end]), "model-cut", "cut at {end}");
        }
        for place in 0..file.len() {
            let mut wrong = file.clone();
            wrong[place] ^= 0x40;
            let codes: &[&str] = match place {
                0..8 => &["not-a-model"],
                8..12 => &["model-too-new"],
                12..24 => &["model-cut", "model-damaged"],
                _ => &["model-damaged"],
            };
            assert!(codes.contains(&code(&wrong)), "byte {place}: {}", code(&wrong));
        }
        let mut longer = file.clone();
        longer.push(0);
        assert_eq!(code(&longer), "model-damaged");
    }

    #[test]
    fn other_files_are_named() {
        for (bytes, what) in [
            (&b""[..], "empty"),
            (b"user,time\na,1\n", "text"),
            (b" {\"recipe\": 1}", "JSON"),
            (b"PK\x03\x04...", "zip"),
            (b"\x80\x04\x95", "pickle"),
            (b"\x08\x07\x00\x00", "another program"),
            (b"\x08\x08\x12\x08isoscope:", "ONNX"),
            (b"\x01\x02\x03", "another program"),
            (b"{\"learner\":{}}", "XGBoost"),
        ] {
            let error = read(bytes).unwrap_err();
            assert_eq!(error.code(), "not-a-model");
            assert!(error.to_string().contains(what), "{error}");
        }
    }
}
