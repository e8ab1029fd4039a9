//! A log that does not fit into memory, folded into one row per user while it is read.
//!
//! The first MiB is read as ever, to guess which column is what unless the caller says. Then the whole source goes through
//! an [`Ingest`] that reads these columns alone, as categories and times, and gives its rows away in blocks; each block is
//! folded into the users ([`LoginUsers`]) and dropped. What is held is the users, not the rows. The table at the end has
//! one row per user with the features of recipe "login", which an analysis takes as they are.
//!
//! Every row is accounted for: folded into a user's row, or set aside. The rows cannot be had back, so there is nothing
//! to show behind a user; and a file is read by one engine from start to end, not in slices by several.
//!
//! Memory, counted natively on two million rows of a log with the proportions of the public risk-based-authentication
//! data (one user for seven rows, every role present): 40 bytes a row at the highest point, when the table is made. At its
//! full 31.3 million rows and 4.3 million users that is 1.3 GB. Reading only the seven columns of those roles instead
//! takes 77 bytes a row at most, 2.4 GB, and recipe "login" over them 62, 2 GB.
//! `tests/streaming_memory.rs` measures it.
//!
//! A time in several columns is joined as in a table that is held, by what its first MiB shows: what turns out to be no part
//! of a time later leaves its row without one, which is said.
//!
//! Values that would have told something only when the whole column is known must be told by the caller: see
//! [`Ingest::take_block`].

use super::error::{Error, ErrorKind, Position, Result};
use super::features::{LoginRoles, LoginUsers};
use super::finding::{FindingKind, Findings, Places};
use super::ingest::{BlockJoin, Ingest, Ingested, Options, read_sample};
use super::plan::guess::suggest;
use super::table::{ColumnType, Table};

/// Bytes that guesses rest on, as those of [`Ingest`].
const SAMPLE_BYTES: usize = 1 << 20;

/// Rows of a block: enough that what they have in common is looked up once for many.
const BLOCK_ROWS: usize = 65_536;

/// Reads a source into one row per user.
#[derive(Debug)]
pub struct Aggregation {
    options: Options,
    /// Guessed when `None`.
    roles: Option<LoginRoles>,
    block_rows: usize,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Collecting the sample: what has come, in order.
    Sampling {
        parts: Vec<Part>,
        n_bytes: usize,
    },
    Folding(Box<Folding>),
}

/// A part of a source.
#[derive(Debug)]
enum Part {
    File(String),
    Bytes(Vec<u8>),
}

#[derive(Debug)]
struct Folding {
    ingest: Ingest,
    folded: Folded,
}

/// What has been folded so far.
#[derive(Debug)]
struct Folded {
    users: LoginUsers,
    /// Makes the times, where the source has them in several columns.
    join: Option<BlockJoin>,
    n_used: u64,
    /// Rows without a user or a time, by file.
    unused: Vec<u64>,
    unused_places: Places,
}

impl Aggregation {
    /// Reads as `options` say, by columns of the given roles or of guessed ones.
    ///
    /// # Errors
    /// `options`.
    pub fn new(options: Options, roles: Option<LoginRoles>) -> Result<Self> {
        Aggregation::with_blocks(options, roles, BLOCK_ROWS)
    }

    /// As [`Aggregation::new`], with blocks of at least so many rows.
    ///
    /// # Errors
    /// `options`.
    pub fn with_blocks(options: Options, roles: Option<LoginRoles>, block_rows: usize) -> Result<Self> {
        // Said now rather than after the sample.
        Ingest::new(options.clone())?;
        let stage = Stage::Sampling { parts: Vec::new(), n_bytes: 0 };
        Ok(Aggregation { options, roles, block_rows, stage })
    }

    /// Begins the next file of the source.
    ///
    /// # Errors
    /// As [`Aggregation::push`], about the file that ends.
    pub fn begin_file(&mut self, name: &str) -> Result<()> {
        match &mut self.stage {
            Stage::Sampling { parts, .. } => {
                parts.push(Part::File(name.to_owned()));
                Ok(())
            }
            Stage::Folding(folding) => folding.begin_file(name),
        }
    }

    /// Takes the next bytes of the source, cut anywhere.
    ///
    /// # Errors
    /// As [`Ingest::push`] and [`Ingest::take_block`]; `missing-role` where no column is like a user or a time, `no-such-column` and
    /// `wrong-type` for columns that cannot be what the caller says.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        if let Stage::Sampling { parts, n_bytes } = &mut self.stage {
            *n_bytes += bytes.len();
            parts.push(Part::Bytes(bytes.to_vec()));
            if *n_bytes > SAMPLE_BYTES {
                self.start(false)?;
            }
            return Ok(());
        }
        self.push_on(bytes)
    }

    /// Bytes taken so far.
    pub fn n_bytes(&self) -> u64 {
        match &self.stage {
            Stage::Sampling { n_bytes, .. } => *n_bytes as u64,
            Stage::Folding(folding) => folding.ingest.n_bytes(),
        }
    }

    /// Data records seen so far.
    pub fn n_records(&self) -> u64 {
        match &self.stage {
            Stage::Sampling { .. } => 0,
            Stage::Folding(folding) => folding.ingest.n_records(),
        }
    }

    /// Bytes held: the users so far, and the block under construction.
    pub fn heap_bytes(&self) -> usize {
        match &self.stage {
            Stage::Sampling { n_bytes, .. } => *n_bytes,
            Stage::Folding(folding) => folding.ingest.heap_bytes() + folding.folded.users.heap_bytes(),
        }
    }

    /// Ends the source. [`Ingested::n_aggregated`] says how many rows went into those of the table.
    ///
    /// # Errors
    /// As [`Aggregation::push`], `empty-source`, and `too-few-rows` when no row has a user and a time.
    pub fn finish(mut self) -> Result<Ingested> {
        if let Stage::Sampling { .. } = self.stage {
            self.start(true)?;
        }
        match self.stage {
            Stage::Folding(folding) => folding.finish(),
            Stage::Sampling { .. } => Err(Error::new(ErrorKind::EmptySource)),
        }
    }

    /// Looks at the first file with bytes, and reads what has come.
    fn start(&mut self, is_end: bool) -> Result<()> {
        let Stage::Sampling { parts, .. } = &mut self.stage else { return Ok(()) };
        let parts = std::mem::take(parts);
        let mut sample = first_table(&parts, is_end, &self.options)?;
        let roles = match self.roles.take() {
            Some(roles) => roles,
            None => LoginRoles::of_plan(&suggest(&sample)?.plan, &sample)?,
        };
        let mut options = self.options.clone();
        if sample.index_of(&roles.time).is_err() {
            // Times of several columns that nobody would join unasked.
            options.types.insert(roles.time.clone(), ColumnType::Timestamp);
            sample = first_table(&parts, is_end, &options)?;
        }
        let users = LoginUsers::new(roles, &sample)?;
        let time = &users.roles().time;
        let join = BlockJoin::new(&sample, time, options.zone.clone());
        let mut columns = users.roles().columns();
        columns.iter().filter(|column| *column != time).for_each(|column| {
            options.types.insert(column.clone(), ColumnType::Category);
        });
        match &join {
            Some(join) => {
                columns.retain(|column| column != time);
                options.types.remove(time);
                for (part, column_type) in join.columns() {
                    options.types.insert(part.to_owned(), column_type);
                    if !columns.iter().any(|column| column == part) {
                        columns.push(part.to_owned());
                    }
                }
            }
            None => {
                options.types.insert(time.clone(), ColumnType::Timestamp);
            }
        }
        options.columns = Some(columns);
        self.stage = Stage::Folding(Box::new(Folding {
            ingest: Ingest::new(options)?,
            folded: Folded { users, join, n_used: 0, unused: Vec::new(), unused_places: Places::default() },
        }));
        for part in parts {
            match part {
                Part::File(name) => self.begin_file(&name)?,
                Part::Bytes(bytes) => self.push_on(&bytes)?,
            }
        }
        Ok(())
    }

    /// Reads bytes and folds what they give; in pieces, so that blocks stay small however much comes at once.
    fn push_on(&mut self, bytes: &[u8]) -> Result<()> {
        let Stage::Folding(folding) = &mut self.stage else { return Ok(()) };
        for piece in bytes.chunks(SAMPLE_BYTES) {
            folding.ingest.push(piece)?;
            folding.fold(self.block_rows)?;
        }
        Ok(())
    }
}

/// Whether rows like those of a `sample` can be added up without naming columns: one is like a user, one like a time.
/// What that takes is not to be known from a sample, for it grows with the users.
pub fn can_aggregate(sample: &Table) -> bool {
    let roles = suggest(sample).and_then(|suggested| LoginRoles::of_plan(&suggested.plan, sample));
    roles.and_then(|roles| LoginUsers::new(roles, sample)).is_ok()
}

/// The records of the first file that has some.
fn first_table(parts: &[Part], is_end: bool, options: &Options) -> Result<Table> {
    let mut files: Vec<Vec<u8>> = vec![Vec::new()];
    for part in parts {
        match (part, files.last_mut()) {
            (Part::Bytes(bytes), Some(file)) => file.extend_from_slice(bytes),
            _ => files.push(Vec::new()),
        }
    }
    let mut refusal = None;
    for (index, file) in files.iter().enumerate() {
        let is_whole = is_end || index + 1 < files.len();
        match read_sample(file, options, is_whole) {
            Err(error) if matches!(error.kind(), ErrorKind::EmptySource | ErrorKind::NoRecords { .. }) => {
                refusal.get_or_insert(error);
            }
            read => return Ok(read?.0.table),
        }
    }
    Err(refusal.unwrap_or_else(|| Error::new(ErrorKind::EmptySource)))
}

impl Folding {
    fn begin_file(&mut self, name: &str) -> Result<()> {
        self.ingest.begin_file(name)?;
        // Blocks have rows of one file.
        self.fold(1)
    }

    /// Folds the rows since the last block, if there are so many.
    fn fold(&mut self, block_rows: usize) -> Result<()> {
        match self.ingest.take_block(block_rows)? {
            Some(block) => self.folded.add(block),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<Ingested> {
        let mut ingested = self.ingest.finish()?;
        let mut folded = self.folded;
        folded.add(std::mem::take(&mut ingested.table))?;
        folded.finish(ingested)
    }
}

impl Folded {
    fn add(&mut self, block: Table) -> Result<()> {
        let block = match &mut self.join {
            Some(join) => join.join(block)?,
            None => block,
        };
        let folded = self.users.fold(&block)?;
        self.n_used += folded.n_used;
        if let Some(row) = folded.first_unused {
            let at = block.position(row);
            let file = at.file as usize;
            if self.unused.len() <= file {
                self.unused.resize(file + 1, 0);
            }
            self.unused[file] += folded.n_unused;
            self.unused_places.add(at, || &[]);
        }
        Ok(())
    }

    /// The table of users, in the place of the last block of rows.
    fn finish(self, mut ingested: Ingested) -> Result<Ingested> {
        let Folded { users, join, n_used, unused, unused_places } = self;
        let LoginRoles { entity, time, .. } = users.roles().clone();
        let n_unused: u64 = unused.iter().sum();
        if n_used == 0 {
            return Err(Error::new(ErrorKind::TooFewRows {
                step: format!("aggregation by the columns \"{entity}\" and \"{time}\""),
                unit: "row with both",
                needed: 1,
                found: 0,
                remedy: "choose other columns for the roles entity and time",
            }));
        }
        for (file, n_unused) in ingested.files.iter_mut().zip(unused) {
            file.rows -= n_unused;
            file.set_aside += n_unused;
        }
        let n_unread_outcomes = users.n_unread_outcomes();
        let table = users.finish();
        let mut findings = Findings::default();
        if let Some(join) = join {
            ingested.findings.extend(join.finish());
        }
        findings.report_places(FindingKind::UnusableRecords, "", n_unused, unused_places, || {
            format!("records without a value in \"{entity}\" or a time in \"{time}\" were set aside")
        });
        findings.report_many(FindingKind::Aggregated, "", n_used, Position::default(), || {
            let mut message = format!(
                "rows were added up into {} while they were read, one row for each value of \"{entity}\"; the rows \
                 themselves were not kept and cannot be shown",
                table.n_rows()
            );
            if n_unread_outcomes > 0 {
                message.push_str(&format!(
                    "; {n_unread_outcomes} outcomes say neither success nor failure and count as neither"
                ));
            }
            message
        });
        ingested.findings.extend(findings.into_vec());
        ingested.table = table;
        ingested.n_aggregated = Some(n_used);
        Ok(ingested)
    }
}
