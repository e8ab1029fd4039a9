//! Touches against the mouse, by the device.

use super::counts::Amounts;
use crate::engine::agent;
use crate::engine::features::coded::CodedColumn;
use crate::engine::plan::guess::names::words_of;
use crate::engine::table::{EntityCodes, Table};

/// Words of devices that are touched.
const TOUCH_WORDS: &[&str] = &[
    "mobile",
    "phone",
    "smartphone",
    "cellphone",
    "tablet",
    "handheld",
    "iphone",
    "ipad",
    "ipod",
    "android",
    "ios",
    "touchscreen",
    "phablet",
];
/// Words of devices that have a mouse.
const MOUSE_WORDS: &[&str] = &[
    "pc",
    "desktop",
    "computer",
    "laptop",
    "notebook",
    "workstation",
    "windows",
    "mac",
    "macos",
    "macbook",
    "linux",
    "chromebook",
    "web",
];

/// What people point with on each device.
#[derive(Debug)]
pub(super) struct Device {
    column: CodedColumn,
    /// By code: whether it is touched, where that is known.
    is_touched: Vec<Option<bool>>,
}

impl Device {
    pub fn new(table: &Table, column: usize) -> Self {
        let codes = EntityCodes::of(table, column);
        let is_touched = (0..codes.n_codes() as u32).map(|code| is_touched(&codes.label(code))).collect();
        Device { column: CodedColumn::new(table, column), is_touched }
    }
}

/// Whether a device is touched, by its name or by what its browser says of itself.
fn is_touched(label: &str) -> Option<bool> {
    let words = words_of(label);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    match (has(TOUCH_WORDS), has(MOUSE_WORDS)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        // "Linux; Android": more is said of it than a word.
        _ => match agent::Agent::of(label).device? {
            agent::Device::Mobile | agent::Device::Tablet => Some(true),
            agent::Device::Desktop => Some(false),
            agent::Device::Bot => None,
        },
    }
}

/// Touches and mouse of a session on some device.
#[derive(Debug)]
pub(super) struct Pointer {
    pub device: Device,
    pub touch: Amounts,
    /// Mouse movement or, where that was not measured, clicks.
    pub mouse: Amounts,
}

impl Pointer {
    /// How much of the pointing fits the device, and how much does not; missing where the device is not known.
    pub fn split(&self, table: &Table, row: usize) -> (f64, f64) {
        let code = self.device.column.view(table).get(row as u32);
        let (touch, mouse) = (self.touch.get(table, row), self.mouse.get(table, row));
        match code.and_then(|code| self.device.is_touched[code as usize]) {
            Some(true) => (touch, mouse),
            Some(false) => (mouse, touch),
            None => (f64::NAN, f64::NAN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_touched;

    #[test]
    fn devices_by_name_and_by_agent() {
        for label in ["Mobile", "iPhone 12", "android-tablet", "SMARTPHONE"] {
            assert_eq!(is_touched(label), Some(true), "{label}");
        }
        for label in ["PC", "Desktop", "laptop (windows)", "Mac"] {
            assert_eq!(is_touched(label), Some(false), "{label}");
        }
        let phone =
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36";
        assert_eq!(is_touched(phone), Some(true));
        assert_eq!(is_touched("TV"), None);
    }
}
