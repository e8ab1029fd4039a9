//! A fitted pipeline as one file: plan, preparation, model, threshold, and what is normal.
//!
//! [`Pipeline`] is what an analysis leaves behind and what another one can begin with, without fitting anything:
//! reading imposes the types of the columns it was fitted to, features are put in its order by name, and scores are held
//! against its own threshold. `envelope` is the file around it, `info` its header, `reference` what it remembers of the
//! fitted rows, `fields` the columns it needs, `learned` the supervised model beside the detector, where there is one.
//!
//! The payload is written by postcard (serde, no field names: half a million numbers are not to be read as text). It has
//! no room for guesses, so **a stored type never changes**: variants are added at the end of an enum, and a change of any
//! other kind takes a new version of the format, with the old types kept to read the old one. The tests read a file of
//! every version. A checksum tells accidents from files, but anyone can compute one: what is read is checked as if it had
//! been written by an enemy.

mod envelope;
mod fields;
mod info;
mod learned;
mod pipeline;
mod reference;

pub use info::{FeatureInfo, Field, ModelInfo};
pub use learned::LearnedInfo;
pub use pipeline::{Fitted, Pipeline, Source};
pub use reference::{FlagsFrom, Reference, Verdicts};
