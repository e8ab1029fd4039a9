//! What a source is, from its first bytes: encoding, delimiter, header, and a type for each column.
//!
//! The sample is the first MiB, or the whole source when it is shorter. Its cut is at a fixed byte, never where a
//! chunk happened to end, so the same source is always understood the same way.

use super::batch::{Batch, Numbering};
use super::encoding::{Decoder, Encoding};
use super::format::Format;
use super::framed::{Frame, Framed};
use super::guess::{Guess, ReadAs, Says, Tally};
use super::header;
use super::magic;
use super::missing::Missing;
use super::options::{Limits, Options, is_delimiter};
use super::recognize;
use super::records::Splitter;
use super::sampled::{N_SAMPLED, Sampled};
use crate::engine::error::{Error, ErrorKind, Position, Result};
use crate::engine::finding::{FindingKind, Findings};
use std::borrow::Cow;

/// Delimiters that are tried; the first wins where others explain the text equally well.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Control characters that are tried before those, where the text has them: what Hive writes, and the separators of units and
/// records. Texts hardly hold any, so nothing else is tried where nearly all records have them.
const CONTROL_DELIMITERS: [u8; 3] = [0x01, 0x1F, 0x1E];

/// The share of records that they must part.
const MOST_RECORDS: f64 = 0.9;

/// Delimiters that are tried where none of those splits anything. They stand in texts as well, so all records must have as
/// many fields, of which one at least holds numbers or times.
const RARE_DELIMITERS: [u8; 3] = [b'^', b'~', b' '];

/// Lines above the header that are seen as a title; with more, something else is going on.
const MOST_LINES_ABOVE: usize = 20;

/// What the sample says.
#[derive(Debug, Clone)]
pub(super) struct Sniffed {
    pub(super) format: Format,
    pub(super) encoding: Encoding,
    /// Length of the byte order mark.
    pub(super) n_bom: usize,
    /// Means nothing where the format has none.
    pub(super) delimiter: u8,
    /// Where the first record starts, for other formats than delimited.
    pub(super) frame: Frame,
    /// Records before the first data record.
    pub(super) numbering: Numbering,
    /// Unique column names.
    pub(super) names: Vec<String>,
    /// Whether the file gives the names.
    pub(super) has_header: bool,
    /// One per name; none where the columns are known.
    pub(super) columns: Vec<ReadAs>,
}

/// The first bytes of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether they are all.
    pub(super) is_whole: bool,
    /// Which file of the source, from 0.
    pub(super) file: u32,
    /// The columns of the files before.
    pub(super) known: Option<&'a [String]>,
}

/// Looks at the sample; `None` when it ends before its first record does and more is to come.
///
/// # Errors
/// `empty-source`, `not-text`, `no-records`, `record-too-long`, `too-many-columns`.
pub(super) fn sniff(
    Sample { bytes: sample, is_whole, file, known }: Sample<'_>,
    options: &Options,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Option<Sniffed>> {
    if sample.is_empty() {
        return Err(Error::new(ErrorKind::EmptySource));
    }
    let not_text = |what: &str| Err(Error::new(ErrorKind::NotText { what: what.to_owned() }));
    if let Some(what) = magic::binary_format(sample) {
        return not_text(what);
    }
    let (encoding, n_bom) = encoding_of(sample, is_whole, options.encoding);
    let text = decoded(&sample[n_bom..], encoding);
    if magic::is_binary(&text, options.delimiter) {
        return not_text("a binary file");
    }
    let is_told = options.format.is_some() || options.delimiter.is_some();
    if !is_told && let Some(what) = magic::document_format(&text) {
        return not_text(what);
    }
    let format = match options.format {
        Some(format) => format,
        None if is_told => Format::Delimited,
        None => recognize::format(&text, is_whole)?,
    };
    if format != Format::Delimited {
        let framing = Framing { format, encoding, n_bom, text: &text };
        let sample = Sample { bytes: sample, is_whole, file, known };
        return sniff_framed(framing, sample, options, limits, findings);
    }

    let split = |delimiter: u8| -> Result<Splitter> {
        let mut ignored = Findings::default();
        // Until the first record is known, it is counted as the header that it most often is.
        let numbering = Numbering { n_before: u64::from(options.header != Some(false)), file };
        let mut splitter =
            Splitter::new(delimiter, encoding, limits.record_bytes, n_bom as u64).numbered(numbering);
        splitter.push(&text, &mut ignored)?;
        if is_whole {
            splitter.finish(&mut ignored);
        }
        Ok(splitter)
    };
    let named = options.delimiter.or_else(|| delimiter_line(&text));
    let controls = CONTROL_DELIMITERS.into_iter().filter(|byte| named.is_none() && text.contains(byte));
    let usual = named.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<(f64, u8, Splitter)> = None;
    for delimiter in controls.chain(usual) {
        let splitter = split(delimiter)?;
        let counts = FieldCounts::of(&splitter.batch());
        let is_control = named.is_none() && CONTROL_DELIMITERS.contains(&delimiter);
        let is_plain = is_control && counts.usual > 1 && counts.share >= MOST_RECORDS;
        let score = counts.score();
        if is_plain || !is_control && best.as_ref().is_none_or(|(best_score, ..)| score > *best_score) {
            best = Some((score, delimiter, splitter));
        }
        if is_plain {
            break;
        }
    }
    let is_one_text =
        |(score, _, splitter): &(f64, u8, Splitter)| *score == 0.0 && !is_typed(&splitter.batch(), 0);
    if named.is_none() && best.as_ref().is_some_and(is_one_text) {
        for delimiter in RARE_DELIMITERS {
            let splitter = split(delimiter)?;
            if is_split_by(&splitter.batch()) {
                best = Some((0.0, delimiter, splitter));
                break;
            }
        }
    }
    let Some((_, delimiter, splitter)) = best else { return Ok(None) };
    let batch = splitter.batch();
    if batch.n_records() == 0 {
        return if is_whole { Err(Error::new(ErrorKind::NoRecords { n_columns: 0 })) } else { Ok(None) };
    }

    let counts = FieldCounts::of(&batch);
    let n_above = if delimiter_line(&text).is_some() { 1 } else { counts.n_above };
    if n_above >= batch.n_records() {
        return Err(Error::new(ErrorKind::NoRecords { n_columns: 0 }));
    }
    let has_header = options.header.unwrap_or_else(|| {
        known.is_some_and(|names| header::has_names(&batch, n_above, names))
            || header::is_header(&batch, n_above)
    });
    let n_before = n_above + usize::from(has_header);
    let numbering = Numbering { n_before: n_before as u64, file };
    let splitter = splitter.numbered(numbering);
    let batch = splitter.batch();

    let n_fields = if has_header { batch.n_fields(n_above) } else { counts.usual };
    let has_row_names = has_header && counts.usual == n_fields + 1 && !ends_empty(&batch, n_before, n_fields);
    let n_columns = n_fields + usize::from(has_row_names);
    if n_columns > limits.columns {
        return Err(Error::new(ErrorKind::TooManyColumns { found: n_columns, limit: limits.columns }));
    }
    if is_whole && batch.n_records() == n_before {
        return Err(Error::new(ErrorKind::NoRecords { n_columns }));
    }

    report_decoding(encoding, file, findings);
    if n_above > 0 {
        for line in 0..n_above {
            findings.report_record(
                FindingKind::SkippedLines,
                1,
                batch.position(line),
                || batch.record(line),
                || "lines above the header that have none of its columns were left out".to_owned(),
            );
        }
    }
    let names = if has_header {
        header::names(&batch, n_above, has_row_names, findings)
    } else {
        (1..=n_columns).map(header::name_of_place).collect()
    };
    // Where the columns are known, so are their types.
    let columns = columns_of(&batch, n_before, &names, known.is_some(), delimiter == b',', options, findings);
    let frame = Frame::default();
    Ok(Some(Sniffed { format, encoding, n_bom, delimiter, frame, numbering, names, has_header, columns }))
}

/// How to read each column, by the sample; nothing where the columns are known.
fn columns_of(
    batch: &Batch<'_>,
    n_before: usize,
    names: &[String],
    are_known: bool,
    comma_delimits: bool,
    options: &Options,
    findings: &mut Findings,
) -> Vec<ReadAs> {
    let missing = Missing::new(options.missing.as_deref());
    let unknown = if are_known { &[] } else { names };
    let read_as = |(column, name): (usize, &String)| {
        let named = options.types.get(name).copied();
        let sampled = Sampled { batch, n_before, column, name, comma_delimits };
        let (guess, style) = sampled.guess(named, &missing, findings);
        ReadAs::new(name, guess, style, options)
    };
    unknown.iter().enumerate().map(read_as).collect()
}

/// What is known of a sample in another format than delimited.
struct Framing<'a> {
    format: Format,
    encoding: Encoding,
    n_bom: usize,
    text: &'a [u8],
}

/// Looks at a sample in another format than delimited.
fn sniff_framed(
    framing: Framing<'_>,
    sample: Sample<'_>,
    options: &Options,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Option<Sniffed>> {
    let Framing { format, encoding, n_bom, text } = framing;
    let Sample { is_whole, file, known, .. } = sample;
    if is_whole && text.trim_ascii().is_empty() {
        return Err(Error::new(ErrorKind::NoRecords { n_columns: 0 }));
    }
    let frame =
        if format == Format::JsonArray { recognize::frame(text, is_whole)? } else { Frame::default() };
    let sniffed = Sniffed {
        format,
        encoding,
        n_bom,
        delimiter: 0,
        frame,
        numbering: Numbering { n_before: 0, file },
        names: Vec::new(),
        has_header: true,
        columns: Vec::new(),
    };
    let mut ignored = Findings::default();
    let mut framed = Framed::of(&sniffed, limits);
    framed.push(text, &mut ignored)?;
    if is_whole && !framed.is_full() {
        framed.finish(&mut ignored)?;
    }
    let batch = framed.batch();
    if batch.n_records() == 0 {
        return match framed.first_refused() {
            Some((why, line)) => Err(recognize::refused(format, why, line)),
            None if is_whole => Err(Error::new(ErrorKind::NoRecords { n_columns: 0 })),
            None => Ok(None),
        };
    }
    report_decoding(encoding, file, findings);
    let names = framed.names().to_vec();
    let columns = columns_of(&batch, 0, &names, known.is_some(), false, options, findings);
    Ok(Some(Sniffed { names, columns, ..sniffed }))
}

/// The encoding and the length of its byte order mark: as told, by the mark, by where NUL bytes stand, else UTF-8
/// unless most of what is not ASCII is no UTF-8.
fn encoding_of(sample: &[u8], is_whole: bool, told: Option<Encoding>) -> (Encoding, usize) {
    const MARKS: [(&[u8], Encoding); 3] = [
        (b"\xEF\xBB\xBF", Encoding::Utf8),
        (b"\xFF\xFE", Encoding::Utf16Le),
        (b"\xFE\xFF", Encoding::Utf16Be),
    ];
    let marked = MARKS.into_iter().find(|(mark, _)| sample.starts_with(mark));
    match (told, marked) {
        (None, Some((mark, encoding))) => return (encoding, mark.len()),
        (Some(told), Some((mark, encoding))) if told == encoding => return (told, mark.len()),
        (Some(told), _) => return (told, 0),
        (None, None) => {}
    }
    if let Some(encoding) = utf_16_without_mark(sample) {
        return (encoding, 0);
    }
    let (mut n_characters, mut n_invalid) = (0, 0);
    let mut seen = 0;
    for chunk in sample.utf8_chunks() {
        n_characters += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
        seen += chunk.valid().len() + chunk.invalid().len();
        let is_cut = !is_whole && seen == sample.len();
        n_invalid += usize::from(!chunk.invalid().is_empty() && !is_cut);
    }
    if n_invalid > n_characters { (Encoding::Windows1252, 0) } else { (Encoding::Utf8, 0) }
}

/// UTF-16 shows as NUL bytes all on one side of each pair, line ends among them.
fn utf_16_without_mark(sample: &[u8]) -> Option<Encoding> {
    let pairs = || sample.chunks_exact(2);
    let n_even = pairs().filter(|pair| pair[0] == 0).count();
    let n_odd = pairs().filter(|pair| pair[1] == 0).count();
    let (encoding, n_more, n_less) =
        if n_odd > n_even { (Encoding::Utf16Le, n_odd, n_even) } else { (Encoding::Utf16Be, n_even, n_odd) };
    if n_more * 20 < sample.len() || n_less * 20 > n_more {
        return None;
    }
    let line_end: &[[u8; 2]; 2] = match encoding {
        Encoding::Utf16Le => &[[b'\n', 0], [b'\r', 0]],
        _ => &[[0, b'\n'], [0, b'\r']],
    };
    let n_line_bytes = sample.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let n_line_ends = pairs().filter(|pair| line_end.iter().any(|end| end == pair)).count();
    let is_text = if n_line_bytes > 0 { n_line_ends * 2 > n_line_bytes } else { n_more * 4 > sample.len() };
    is_text.then_some(encoding)
}

/// The sample as UTF-8, a character cut by its end left out or marked.
fn decoded(bytes: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    if encoding == Encoding::Utf8 {
        return Cow::Borrowed(bytes);
    }
    let mut text = Vec::new();
    Decoder::new(encoding).decode(bytes, &mut text);
    Cow::Owned(text)
}

fn report_decoding(encoding: Encoding, file: u32, findings: &mut Findings) {
    if encoding != Encoding::Utf8 {
        let start = Position { line: 1, file, ..Position::default() };
        findings.report(FindingKind::Decoded, "", start, || {
            format!("the text is not UTF-8 and was read as {encoding}; if it looks wrong, give the file's encoding")
        });
    }
}

/// The delimiter that a first line `sep=;` names, as spreadsheets write it.
fn delimiter_line(text: &[u8]) -> Option<u8> {
    match text {
        [b's', b'e', b'p', b'=', delimiter, b'\r' | b'\n', ..] if is_delimiter(*delimiter) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// How many fields the records of a sample have.
struct FieldCounts {
    /// The most common count, the larger of two that are equally common.
    usual: usize,
    /// The share of records with that count.
    share: f64,
    /// Leading records of one field, where others have more.
    n_above: usize,
    /// Whether the first record behind these has the usual count.
    starts_usual: bool,
}

impl FieldCounts {
    fn of(batch: &Batch<'_>) -> Self {
        let n = batch.n_records().min(N_SAMPLED);
        let counts: Vec<usize> = (0..n).map(|row| batch.n_fields(row)).collect();
        let mut sorted = counts.clone();
        sorted.sort_unstable();
        let (n_usual, usual) =
            sorted.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).max().unwrap_or((0, 0));
        let n_single = counts.iter().take_while(|&&count| count == 1).count();
        let n_above = if usual > 1 && n_single <= MOST_LINES_ABOVE { n_single } else { 0 };
        FieldCounts {
            usual,
            share: n_usual as f64 / n.max(1) as f64,
            n_above,
            starts_usual: counts.get(n_above) == Some(&usual),
        }
    }

    /// How well a delimiter explains the sample: consistency first, then the number of fields. A delimiter that the
    /// header does not have, as the decimal comma, counts little.
    fn score(&self) -> f64 {
        const MANY_FIELDS: usize = 8;
        let fields = self.usual.saturating_sub(1).min(MANY_FIELDS) as f64;
        let trust = match (self.n_above, self.starts_usual) {
            (0, true) => 1.0,
            (0, false) => 0.5,
            _ => 0.25,
        };
        self.share * self.share * fields * trust
    }
}

/// Whether a delimiter that texts have as well parts fields: three and more in each record, some of them with a type.
fn is_split_by(batch: &Batch<'_>) -> bool {
    let counts = FieldCounts::of(batch);
    let is_even = counts.share == 1.0 && counts.usual >= 3 && batch.n_records() >= 2;
    is_even && (0..counts.usual).any(|column| is_typed(batch, column))
}

/// Whether a column's values, those below what may be a header, are numbers, times or anything but words.
fn is_typed(batch: &Batch<'_>, column: usize) -> bool {
    let missing = Missing::default();
    let (mut tally, mut scratch) = (Tally::default(), Vec::new());
    for row in 1..batch.n_records().min(N_SAMPLED) {
        if let Some(field) = batch.field(row, column) {
            tally.add(field.value(&mut scratch), &missing);
        }
    }
    !matches!(tally.guess(Says::default()), Guess::Category | Guess::Unknown)
}

/// Whether records that have one field more than the header have nothing in it: a delimiter ends each line.
fn ends_empty(batch: &Batch<'_>, n_before: usize, column: usize) -> bool {
    let mut scratch = Vec::new();
    let rows = n_before..batch.n_records().min(N_SAMPLED);
    let extra = rows.filter_map(|row| batch.field(row, column));
    extra.take(100).all(|field| field.value(&mut scratch).is_empty())
}
