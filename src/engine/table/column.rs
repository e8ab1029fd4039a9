//! One column: a name, typed values, and which of them are there.

use super::{Codes, Dictionary, Validity};
use crate::engine::time::zone::{WallClock, Zone};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The types a column can have: what its values mean. How they are stored is [`ColumnData`]; several types share a
/// storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnType {
    /// 64-bit integers in canonical form (no leading zeros, no plus sign).
    Integer,
    /// Finite 64-bit floats.
    Float,
    /// True or false.
    Boolean,
    /// Milliseconds since 1970-01-01T00:00:00, UTC where the file names a zone, else the file's own clock.
    Timestamp,
    /// Spans of time, stored as floats, seconds.
    Duration,
    /// IP addresses, version 4 or 6, stored as categories in the file's spelling.
    Ip,
    /// User agent strings, stored as categories.
    UserAgent,
    /// Dictionary-coded values.
    Category,
    /// Prose: long values that hardly repeat, stored as categories.
    Text,
}

impl ColumnType {
    /// All of them.
    pub const ALL: [ColumnType; 9] = [
        ColumnType::Integer,
        ColumnType::Float,
        ColumnType::Boolean,
        ColumnType::Timestamp,
        ColumnType::Duration,
        ColumnType::Ip,
        ColumnType::UserAgent,
        ColumnType::Category,
        ColumnType::Text,
    ];

    /// The name as serialised.
    pub fn name(self) -> &'static str {
        match self {
            ColumnType::Integer => "integer",
            ColumnType::Float => "float",
            ColumnType::Boolean => "boolean",
            ColumnType::Timestamp => "timestamp",
            ColumnType::Duration => "duration",
            ColumnType::Ip => "ip",
            ColumnType::UserAgent => "user-agent",
            ColumnType::Category => "category",
            ColumnType::Text => "text",
        }
    }

    /// Whether values of this type are stored as `data` has them.
    fn fits(self, data: &ColumnData) -> bool {
        match data {
            ColumnData::Integer(_) => self == ColumnType::Integer,
            ColumnData::Float(_) => matches!(self, ColumnType::Float | ColumnType::Duration),
            ColumnData::Boolean(_) => self == ColumnType::Boolean,
            ColumnData::Timestamp { .. } => self == ColumnType::Timestamp,
            ColumnData::Category { .. } => {
                matches!(
                    self,
                    ColumnType::Category | ColumnType::Text | ColumnType::Ip | ColumnType::UserAgent
                )
            }
        }
    }
}

/// Values by type. Where the column's validity says missing, the value is 0 and means nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// See [`ColumnType::Integer`].
    Integer(Vec<i64>),
    /// See [`ColumnType::Float`].
    Float(Vec<f64>),
    /// See [`ColumnType::Boolean`].
    Boolean(Vec<bool>),
    /// Milliseconds since the epoch; `zoned` when the file named a zone or offset, so that they are UTC.
    Timestamp {
        /// Milliseconds since 1970-01-01T00:00:00.
        ms: Vec<i64>,
        /// Whether the file named a zone.
        zoned: bool,
    },
    /// Codes into a dictionary.
    Category {
        /// One code per row.
        codes: Codes,
        /// The values.
        dictionary: Dictionary,
    },
}

/// One column of a [`super::Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    column_type: ColumnType,
    data: ColumnData,
    validity: Validity,
    /// The zone that times are read by; they are UTC then.
    zone: Option<Arc<Zone>>,
    /// Whether the day stood before the month where dates were read that have it so or so.
    day_first: Option<bool>,
    /// Whether its times were written without a year, which was assumed.
    no_year: bool,
    /// The columns of whose values its times were made; none where it is one of the source's own.
    joined_of: Vec<String>,
}

impl Column {
    /// A column from its parts, of the plain type of its storage.
    ///
    /// # Panics
    /// If values and validity differ in length.
    pub fn new(name: impl Into<String>, data: ColumnData, validity: Validity) -> Self {
        let column_type = match &data {
            ColumnData::Integer(_) => ColumnType::Integer,
            ColumnData::Float(_) => ColumnType::Float,
            ColumnData::Boolean(_) => ColumnType::Boolean,
            ColumnData::Timestamp { .. } => ColumnType::Timestamp,
            ColumnData::Category { .. } => ColumnType::Category,
        };
        let (zone, day_first, no_year, joined_of) = (None, None, false, Vec::new());
        let name = name.into();
        let column = Column { name, column_type, data, validity, zone, day_first, no_year, joined_of };
        assert_eq!(column.len(), column.validity.len(), "one validity bit per value");
        column
    }

    /// The same values with another meaning.
    ///
    /// # Panics
    /// If values of that type are stored otherwise.
    pub fn with_type(mut self, column_type: ColumnType) -> Self {
        assert!(
            column_type.fits(&self.data),
            "{} in the storage of {}",
            column_type.name(),
            self.column_type.name()
        );
        self.column_type = column_type;
        self
    }

    /// The same times, from dates whose day stood before their month, or after it.
    pub fn with_day_first(self, day_first: Option<bool>) -> Self {
        Column { day_first, ..self }
    }

    /// Whether the day stood before the month in the dates that were read; `None` where it was none of the two.
    pub fn day_first(&self) -> Option<bool> {
        self.day_first
    }

    /// The same times, of a year that the source does not name.
    pub fn without_year(self, no_year: bool) -> Self {
        Column { no_year, ..self }
    }

    /// Whether the source names no year for its times, none of which is a year or more from another: the one assumed is not
    /// to be told then.
    pub fn no_year(&self) -> bool {
        self.no_year
    }

    /// The same times, made of several columns: of the day, or its parts, and the time of day.
    pub fn made_of(self, columns: Vec<String>) -> Self {
        Column { joined_of: columns, ..self }
    }

    /// The columns of which its times were made; `None` where it is one of the source's own.
    pub fn joined_of(&self) -> Option<&[String]> {
        (!self.joined_of.is_empty()).then_some(&self.joined_of)
    }

    /// The same times, UTC, read by the clocks of a zone.
    ///
    /// # Panics
    /// If the column does not hold times in UTC.
    pub fn in_zone(mut self, zone: Arc<Zone>) -> Self {
        assert!(
            matches!(self.data, ColumnData::Timestamp { zoned: true, .. }),
            "only times in UTC have a zone"
        );
        self.zone = Some(zone);
        self
    }

    /// Read as another column was, whose values it holds: by its zone, its order of day and month, its year, from its columns.
    pub fn read_as(self, other: &Column) -> Self {
        let Column { zone, day_first, no_year, joined_of, .. } = other;
        let (zone, joined_of) = (zone.clone(), joined_of.clone());
        Column { zone, day_first: *day_first, no_year: *no_year, joined_of, ..self }
    }

    /// The zone that the caller named for the column's times.
    pub fn zone(&self) -> Option<&Zone> {
        self.zone.as_deref()
    }

    /// [`Column::zone`], to be given to another column.
    pub fn shared_zone(&self) -> Option<Arc<Zone>> {
        self.zone.clone()
    }

    /// The clock that the column's times are read by. Days, hours and weekdays of times are asked of it alone.
    pub fn wall_clock(&self) -> WallClock<'_> {
        WallClock::new(self.zone()).without_year(self.no_year)
    }

    /// The header name, made unique by ingest.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values.
    pub fn data(&self) -> &ColumnData {
        &self.data
    }

    /// Which values are there.
    pub fn validity(&self) -> &Validity {
        &self.validity
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match &self.data {
            ColumnData::Integer(values) => values.len(),
            ColumnData::Float(values) => values.len(),
            ColumnData::Boolean(values) => values.len(),
            ColumnData::Timestamp { ms, .. } => ms.len(),
            ColumnData::Category { codes, .. } => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type.
    pub fn column_type(&self) -> ColumnType {
        self.column_type
    }

    /// Whether row `row` has a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.validity.is_valid(row)
    }

    /// The value as a number: integers, floats, and booleans as 0 and 1. `None` for missing and other types.
    pub fn number(&self, row: usize) -> Option<f64> {
        if !self.is_valid(row) {
            return None;
        }
        match &self.data {
            ColumnData::Integer(values) => Some(values[row] as f64),
            ColumnData::Float(values) => Some(values[row]),
            ColumnData::Boolean(values) => Some(f64::from(u8::from(values[row]))),
            ColumnData::Timestamp { .. } | ColumnData::Category { .. } => None,
        }
    }

    /// A number for the value, the same where values are: the bits of a number, the code of a category. `None` for missing.
    pub fn key(&self, row: usize) -> Option<u64> {
        self.is_valid(row).then(|| match &self.data {
            ColumnData::Integer(values) | ColumnData::Timestamp { ms: values, .. } => values[row] as u64,
            ColumnData::Float(values) => values[row].to_bits(),
            ColumnData::Boolean(values) => u64::from(values[row]),
            ColumnData::Category { codes, .. } => codes.get(row).into(),
        })
    }

    /// [`Column::key`] of some rows, into as many first places; where the value is missing, that of another.
    pub(super) fn keys(&self, rows: Range<usize>, keys: &mut [u64]) {
        fn fill<T: Copy>(keys: &mut [u64], values: &[T], key: impl Fn(T) -> u64) {
            keys.iter_mut().zip(values).for_each(|(place, &value)| *place = key(value));
        }
        match &self.data {
            ColumnData::Integer(values) | ColumnData::Timestamp { ms: values, .. } => {
                fill(keys, &values[rows], |value| value as u64);
            }
            ColumnData::Float(values) => fill(keys, &values[rows], f64::to_bits),
            ColumnData::Boolean(values) => fill(keys, &values[rows], u64::from),
            ColumnData::Category { codes, .. } => {
                keys.iter_mut().zip(rows).for_each(|(place, row)| *place = codes.get(row).into());
            }
        }
    }

    /// The value as text for a person; empty for missing. Times are ISO 8601: with `Z` when the file named a zone, with
    /// the offset at that moment when the caller did; without a year as `Jul 10 18:07:32`.
    pub fn text(&self, row: usize) -> Cow<'_, str> {
        if !self.is_valid(row) {
            return Cow::Borrowed("");
        }
        match &self.data {
            ColumnData::Integer(values) => Cow::Owned(values[row].to_string()),
            ColumnData::Float(values) => Cow::Owned(float_text(values[row])),
            ColumnData::Boolean(values) => Cow::Borrowed(if values[row] { "true" } else { "false" }),
            ColumnData::Timestamp { ms, zoned } => Cow::Owned(self.wall_clock().text(ms[row], *zoned)),
            ColumnData::Category { codes, dictionary } => Cow::Borrowed(dictionary.get(codes.get(row))),
        }
    }

    /// Gives back memory that was reserved for more rows.
    pub fn shrink_to_fit(&mut self) {
        match &mut self.data {
            ColumnData::Integer(values) => values.shrink_to_fit(),
            ColumnData::Float(values) => values.shrink_to_fit(),
            ColumnData::Boolean(values) => values.shrink_to_fit(),
            ColumnData::Timestamp { ms, .. } => ms.shrink_to_fit(),
            ColumnData::Category { codes, dictionary } => {
                codes.shrink_to_fit();
                dictionary.shrink_to_fit();
            }
        }
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.validity.heap_bytes()
            + match &self.data {
                ColumnData::Integer(values) => values.capacity() * 8,
                ColumnData::Float(values) => values.capacity() * 8,
                ColumnData::Boolean(values) => values.capacity(),
                ColumnData::Timestamp { ms, .. } => ms.capacity() * 8,
                ColumnData::Category { codes, dictionary } => codes.heap_bytes() + dictionary.heap_bytes(),
            }
    }
}

/// The shortest text that reads back as the same number, with an exponent only where digits would pile up that are not
/// the number's own, as Python writes it.
pub fn float_text(value: f64) -> String {
    if value != 0.0 && !(1e-7..1e16).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_text() {
        for (value, text) in [
            (1.5, "1.5"),
            (5.0, "5"),
            (-0.0, "-0"),
            (1e308, "1e308"),
            (1e-9, "1e-9"),
            (1e15, "1000000000000000"),
            (-4.32e18, "-4.32e18"),
        ] {
            assert_eq!(float_text(value), text);
            assert_eq!(text.parse::<f64>(), Ok(value));
        }
    }
}
