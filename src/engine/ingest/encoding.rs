//! Encodings, and decoding to UTF-8 in chunks of any cut.
//!
//! The decoder is our own: `encoding_rs` links its tables for every legacy encoding as soon as one decoder is made
//! (measured: 178 kB of wasm, 132 kB gzipped, half the engine's budget), and logs need three: both UTF-16 and
//! Windows-1252. UTF-8 passes through untouched; what is not UTF-8 in it is found where a value is first used.

use std::fmt;

/// How the bytes of a source spell characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, ASCII included. The default.
    Utf8,
    /// UTF-16, low byte first, as Windows tools write it.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252 as browsers read it, a superset of Latin-1.
    Windows1252,
}

impl Encoding {
    /// The WHATWG name: `"utf-8"`, `"utf-16le"`, `"utf-16be"`, `"windows-1252"`.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
        }
    }

    /// The encoding of a name or a common alias, whatever its case.
    pub fn from_name(name: &str) -> Option<Encoding> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "ascii" | "us-ascii" => Some(Encoding::Utf8),
            "utf-16" | "utf16" | "utf-16le" | "utf16le" => Some(Encoding::Utf16Le),
            "utf-16be" | "utf16be" => Some(Encoding::Utf16Be),
            "windows-1252" | "cp1252" | "latin1" | "latin-1" | "iso-8859-1" => Some(Encoding::Windows1252),
            _ => None,
        }
    }

    /// How many source bytes a decoded text was read from.
    pub(super) fn source_len(self, text: &[u8]) -> u64 {
        // Continuation bytes belong to the character before them; four-byte characters are two UTF-16 units.
        let n_chars = || text.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        let n_pairs = || text.iter().filter(|&&b| (0xF0..0xF8).contains(&b)).count();
        match self {
            Encoding::Utf8 => text.len() as u64,
            Encoding::Windows1252 => n_chars() as u64,
            Encoding::Utf16Le | Encoding::Utf16Be => 2 * (n_chars() + n_pairs()) as u64,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Stands for a UTF-16 unit that is no character. It is never UTF-8, so that whoever reads the value replaces and
/// reports it like any other byte that is none.
const NO_CHARACTER: u8 = 0xFF;

/// Turns chunks of an encoding other than UTF-8 into UTF-8.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    encoding: Encoding,
    /// First byte of a UTF-16 unit cut by the chunk's end.
    half_unit: Option<u8>,
    /// High surrogate that waits for its low one.
    high: Option<u16>,
}

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Decoder { encoding, half_unit: None, high: None }
    }

    /// Appends the decoded chunk to `out`.
    pub(super) fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Utf8 => out.extend_from_slice(bytes),
            Encoding::Windows1252 => bytes.iter().for_each(|&byte| push_char(windows_1252(byte), out)),
            Encoding::Utf16Le | Encoding::Utf16Be => {
                for &byte in bytes {
                    match self.half_unit.take() {
                        None => self.half_unit = Some(byte),
                        Some(first) if self.encoding == Encoding::Utf16Le => {
                            self.unit(u16::from_le_bytes([first, byte]), out);
                        }
                        Some(first) => self.unit(u16::from_be_bytes([first, byte]), out),
                    }
                }
            }
        }
    }

    /// What is left when the source ends inside a character.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.high.take().is_some() {
            out.push(NO_CHARACTER);
        }
        if self.half_unit.take().is_some() {
            out.push(NO_CHARACTER);
        }
    }

    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if let Some(Ok(c)) = char::decode_utf16([high, unit]).next() {
                return push_char(c, out);
            }
            out.push(NO_CHARACTER);
        }
        match unit {
            0xD800..=0xDBFF => self.high = Some(unit),
            _ => match char::from_u32(u32::from(unit)) {
                Some(c) => push_char(c, out),
                None => out.push(NO_CHARACTER),
            },
        }
    }
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The character of a Windows-1252 byte, after the WHATWG index: bytes without a character are C1 controls.
fn windows_1252(byte: u8) -> char {
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => C1[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: Encoding, chunks: &[&[u8]]) -> Vec<u8> {
        let mut decoder = Decoder::new(encoding);
        let mut out = Vec::new();
        chunks.iter().for_each(|chunk| decoder.decode(chunk, &mut out));
        decoder.finish(&mut out);
        out
    }

    #[test]
    fn utf_16_decodes_the_same_however_it_is_cut() {
        let text = "aé€😀,\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for cut in 0..=le.len() {
            assert_eq!(decoded(Encoding::Utf16Le, &[&le[..cut], &le[cut..]]), text.as_bytes());
            assert_eq!(decoded(Encoding::Utf16Be, &[&be[..cut], &be[cut..]]), text.as_bytes());
        }
        assert_eq!(Encoding::Utf16Le.source_len(text.as_bytes()), le.len() as u64);
    }

    #[test]
    fn lone_surrogates_and_cut_units_become_one_bad_byte_each() {
        assert_eq!(decoded(Encoding::Utf16Le, &[&[0x00, 0xD8, 0x41, 0x00]]), [NO_CHARACTER, b'A']);
        assert_eq!(
            decoded(Encoding::Utf16Le, &[&[0x00, 0xDC, 0x41, 0x00, 0x42]]),
            [NO_CHARACTER, b'A', NO_CHARACTER]
        );
        assert_eq!(decoded(Encoding::Utf16Le, &[&[0x00, 0xD8]]), [NO_CHARACTER]);
    }

    #[test]
    fn windows_1252_is_latin_1_with_punctuation() {
        let text = decoded(Encoding::Windows1252, &[b"caf\xE9 \x80 \x93q\x94"]);
        assert_eq!(String::from_utf8(text.clone()).unwrap(), "café € “q”");
        assert_eq!(Encoding::Windows1252.source_len(&text), 10);
    }

    #[test]
    fn names_round_trip() {
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1252] {
            assert_eq!(Encoding::from_name(encoding.name()), Some(encoding));
        }
        assert_eq!(Encoding::from_name("Latin1"), Some(Encoding::Windows1252));
        assert_eq!(Encoding::from_name("klingon"), None);
    }
}
