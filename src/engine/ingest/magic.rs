//! What a source that is no text is instead, by its first bytes.

/// First bytes and what they are the mark of, as in "this is {what}".
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1A\n", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF-", "a PDF document"),
    (b"\x1F\x8B", "a gzip archive (unpack it first)"),
    (b"BZh", "a bzip2 archive (unpack it first)"),
    (b"\xFD7zXZ\0", "an xz archive (unpack it first)"),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive (unpack it first)"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive (unpack it first)"),
    (b"Rar!\x1A\x07", "a RAR archive (unpack it first)"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1\0", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\0asm", "a WebAssembly module"),
    (b"\x7FELF", "an ELF program"),
    (b"\xCA\xFE\xBA\xBE", "a compiled program"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document (.xls or .doc)"),
    (b"ElfFile\0", "a Windows event log (.evtx)"),
    (b"\xD4\xC3\xB2\xA1", "a packet capture"),
    (b"\xA1\xB2\xC3\xD4", "a packet capture"),
    (b"\x0A\x0D\x0D\x0A", "a packet capture"),
];

/// Names the format of a binary source, or `None` when its first bytes have no known mark.
pub(super) fn binary_format(sample: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| sample.starts_with(magic)) {
        return Some(what);
    }
    if sample.starts_with(b"PK\x03\x04") {
        let has = |name: &[u8]| memchr::memmem::find(sample, name).is_some();
        return Some(match () {
            () if has(b"xl/") => "an Excel workbook (.xlsx)",
            () if has(b"word/") => "a Word document (.docx)",
            () => "a zip archive (unpack it first)",
        });
    }
    if sample.starts_with(b"RIFF") && sample.get(8..12) == Some(b"WEBP") {
        return Some("a WebP picture");
    }
    if sample.starts_with(b"MZ") && sample.contains(&0) {
        return Some("a Windows program");
    }
    None
}

/// Names a text format that has structure of another kind than delimited records.
pub(super) fn document_format(text: &[u8]) -> Option<&'static str> {
    let text = text.trim_ascii_start();
    let head = text.get(..text.len().min(64)).unwrap_or_default().to_ascii_lowercase();
    if head.starts_with(b"<?xml") {
        Some("an XML document")
    } else if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") {
        Some("a web page")
    } else if head.starts_with(b"{\\rtf") {
        Some("an RTF document")
    } else {
        None
    }
}

/// Whether so many bytes are control characters that this cannot be text: over a twentieth, and more than a few. The delimiter
/// named is none of them, nor are the separators of ASCII; and 0x01 to 0x03, which part fields in files of Hive, are none
/// where there are no others.
pub(super) fn is_binary(sample: &[u8], delimiter: Option<u8>) -> bool {
    let is_text = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B | 0x1C..=0x1F);
    let is_control = |b: u8| b < 0x20 && !is_text(b) && Some(b) != delimiter;
    let has_others = sample.iter().any(|&b| is_control(b) && !matches!(b, 0x01..=0x03));
    let n_control = sample.iter().filter(|&&b| is_control(b)).count();
    has_others && n_control * 20 > sample.len().max(100)
}
