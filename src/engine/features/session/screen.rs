//! Area and shape of the screen.

use crate::engine::features::coded::CodedColumn;
use crate::engine::features::measure::{Events, Measure};
use crate::engine::features::{Feature, YES_NO};
use crate::engine::table::{ColumnData, EntityCodes, Table};

/// Width and height of screens, and how the device says it is held.
#[derive(Debug)]
pub(super) struct Screen {
    size: Size,
    orientation: Option<Orientation>,
}

#[derive(Debug)]
enum Size {
    /// Words such as `1920x1080`, by code.
    Words(CodedColumn, Vec<Option<(f64, f64)>>),
    /// Columns of width and height.
    Numbers(usize, usize),
}

#[derive(Debug)]
struct Orientation {
    column: CodedColumn,
    /// By code, where it says either.
    is_portrait: Vec<Option<bool>>,
}

/// Width and height: two numbers above 0 with an `x`, `×` or `*` between, pixels or without a unit.
fn size_of(text: &str) -> Option<(f64, f64)> {
    let text = text.replace("px", "");
    let (width, height) = text.split_once(['x', 'X', '×', '*'])?;
    let side = |text: &str| text.trim().parse::<u32>().ok().filter(|&side| side > 0);
    Some((f64::from(side(width)?), f64::from(side(height)?)))
}

impl Screen {
    /// From a column of words of which at least half are sizes.
    pub fn of_words(table: &Table, column: usize, orientation: Option<usize>) -> Option<Self> {
        let ColumnData::Category { dictionary, .. } = table.columns()[column].data() else { return None };
        let sizes: Vec<_> = dictionary.iter().map(size_of).collect();
        let n_sizes = sizes.iter().flatten().count();
        (n_sizes > 0 && n_sizes * 2 >= sizes.len()).then(|| Screen {
            size: Size::Words(CodedColumn::new(table, column), sizes),
            orientation: orientation.map(|column| Orientation::new(table, column)),
        })
    }

    pub fn of_numbers(table: &Table, width: usize, height: usize, orientation: Option<usize>) -> Self {
        Screen {
            size: Size::Numbers(width, height),
            orientation: orientation.map(|column| Orientation::new(table, column)),
        }
    }

    fn size(&self, table: &Table, row: u32) -> Option<(f64, f64)> {
        match &self.size {
            Size::Words(column, sizes) => sizes[column.view(table).get(row)? as usize],
            Size::Numbers(width, height) => {
                let side = |column: usize| {
                    table.columns()[column].number(row as usize).filter(|side| (1.0..1e9).contains(side))
                };
                Some((side(*width)?, side(*height)?))
            }
        }
    }
}

impl Orientation {
    fn new(table: &Table, column: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let is_portrait = |code| {
            let label = codes.label(code).to_ascii_lowercase();
            match (label.contains("portrait"), label.contains("landscape")) {
                (true, false) => Some(true),
                (false, true) => Some(false),
                _ => None,
            }
        };
        Orientation {
            column: CodedColumn::new(table, column),
            is_portrait: (0..codes.n_codes() as u32).map(is_portrait).collect(),
        }
    }

    fn is_portrait(&self, table: &Table, row: u32) -> Option<bool> {
        self.is_portrait[self.column.view(table).get(row)? as usize]
    }
}

impl Measure for Screen {
    fn features(&self) -> Vec<Feature> {
        let mut features = vec![
            Feature::new("screen_area", "screen area", "px").with_formula("width · height"),
            Feature::new("screen_shape", "shape of the screen", "").with_formula("width ÷ height"),
            Feature::new("is_portrait_screen", "whether it is a screen higher than wide", YES_NO)
                .with_formula("1 where height > width, else 0"),
        ];
        if self.orientation.is_some() {
            features.push(
                Feature::new(
                    "is_turned_screen",
                    "whether it is a screen turned otherwise than the device",
                    YES_NO,
                )
                .with_formula("1 where a wide screen is held in portrait or a high one in landscape, else 0"),
            );
        }
        features
    }

    fn measure(&mut self, events: &Events<'_>, values: &mut Vec<f64>) {
        let (table, row) = (events.table, events.rows[0]);
        let size = self.size(table, row);
        let of_size = |of: fn(f64, f64) -> f64| size.map_or(f64::NAN, |(width, height)| of(width, height));
        values.extend([
            of_size(|width, height| width * height),
            of_size(|width, height| width / height),
            of_size(|width, height| f64::from(u8::from(height > width))),
        ]);
        if let Some(orientation) = &self.orientation {
            let is_turned = match (size, orientation.is_portrait(table, row)) {
                (Some((width, height)), Some(is_portrait)) => {
                    f64::from(u8::from(if is_portrait { width > height } else { height > width }))
                }
                _ => f64::NAN,
            };
            values.push(is_turned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::size_of;

    #[test]
    fn sizes_of_screens() {
        for text in
            ["1920x1080", "1920 × 1080", "1920X1080", " 1920 * 1080 ", "1920x1080px", "1920px x 1080px"]
        {
            assert_eq!(size_of(text), Some((1920.0, 1080.0)), "{text}");
        }
        for text in ["", "1920", "x", "1920x", "0x0", "axb", "-1x5", "1920x1080x24"] {
            assert_eq!(size_of(text), None, "{text}");
        }
    }
}
