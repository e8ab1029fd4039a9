//! Values of a log by name, in sentences: the country that is new, not only that one is.

use super::phrase::{Direction, phrase};
use crate::engine::features::{Feature, FeatureMatrix, Named, Tells};
use std::collections::BTreeSet;

/// Values named in one place, at most; of more it is said how many.
const MAX_VALUES: usize = 2;
/// Characters of a value, at most.
const MAX_CHARS: usize = 40;
/// Different values counted over several rows, at most: beyond, it is not said how many.
const MAX_COUNTED: usize = 1_000;

/// The values that a feature of novelty tells of in some matrix rows, each once; `None` where it tells of none in one of
/// them.
pub(super) fn named(matrix: &FeatureMatrix, rows: &[usize], feature: usize) -> Option<Named> {
    let (&first, others) = rows.split_first()?;
    let mut all = matrix.named(first, feature)?;
    let mut seen: BTreeSet<String> = all.values.iter().cloned().collect();
    for &row in others {
        let Named { values, is_cut, .. } = matrix.named(row, feature)?;
        all.values.extend(values.into_iter().filter(|value| seen.insert(value.clone())));
        all.is_cut |= is_cut || all.values.len() > MAX_COUNTED;
        if all.is_cut {
            break;
        }
    }
    Some(all)
}

/// Values as a list: "BR", "BR and RU", "BR, RU and 3 more"; where not all were looked up, "BR, RU and at least 98 more".
pub(super) fn listed(Named { values, is_cut, .. }: &Named) -> String {
    let shown: Vec<String> = values.iter().take(MAX_VALUES).map(|value| quoted(value)).collect();
    match (values.len().saturating_sub(MAX_VALUES), *is_cut) {
        (0, false) => shown.join(" and "),
        (0, true) => format!("at least {}", shown.join(" and ")),
        (n_more, false) => format!("{} and {n_more} more", shown.join(", ")),
        (n_more, true) => format!("{} and at least {n_more} more", shown.join(", ")),
    }
}

/// A value of a log, fit for a sentence: short, of visible characters only, and in quotation marks where its words could
/// be taken for those of the sentence.
fn quoted(value: &str) -> String {
    let value = shortened(value);
    let is_plain = |c: char| c.is_alphanumeric() || "._-:/@+#%&=~$*".contains(c);
    if value.chars().all(is_plain) { value } else { format!("\"{}\"", value.replace('"', "'")) }
}

/// At most [`MAX_CHARS`] characters of a value, those that would break or turn a line around replaced.
pub(super) fn shortened(value: &str) -> String {
    let mut chars = value.trim().chars().map(|c| if is_layout(c) { char::REPLACEMENT_CHARACTER } else { c });
    let mut out: String = chars.by_ref().take(MAX_CHARS).collect();
    if chars.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// Characters that are not seen but change how others are: control characters, breaks of lines, directions of writing,
/// joiners and marks without width.
fn is_layout(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How a feature that tells of one value differs, with the value: "first time from BR for the user in 90 days". `None` where
/// it tells of none.
pub(super) fn phrase_naming(feature: &Feature, direction: Direction, named: &Named) -> Option<String> {
    let is_one = match named.told.tells {
        Tells::New(_) => named.told.is_event && direction == Direction::High,
        Tells::Share(_) => named.values.len() == 1 && !named.is_cut,
    };
    let meaning = || named.told.meaning(Some(&listed(named)));
    is_one.then(|| match named.told.tells {
        Tells::New(_) => meaning(),
        Tells::Share(_) => phrase(&Feature { meaning: meaning(), ..feature.clone() }, direction),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::features::{NewTo, Told};
    use crate::engine::plan::NovelKind;

    #[test]
    fn lists_are_short() {
        let named = |values: &[&str], is_cut| {
            let values = values.iter().map(|&value| value.to_owned()).collect();
            let tells = Tells::New(NewTo::User);
            let told = Told { kind: NovelKind::Country, tells, is_event: true, days: 90.0 };
            listed(&Named { told, values, is_cut })
        };
        let of = |values: &[&str]| named(values, false);
        assert_eq!(named(&["BR", "RU", "CN"], true), "BR, RU and at least 1 more");
        assert_eq!(named(&["BR"], true), "at least BR");
        assert_eq!(of(&["BR"]), "BR");
        assert_eq!(of(&["BR", "RU"]), "BR and RU");
        assert_eq!(of(&["BR", "RU", "CN"]), "BR, RU and 1 more");
        assert_eq!(of(&["São Paulo", "10.1.2.0/24"]), "\"São Paulo\" and 10.1.2.0/24");
    }

    #[test]
    fn a_value_never_speaks_for_the_sentence() {
        assert_eq!(quoted("x. Nothing \"unusual\""), "\"x. Nothing 'unusual'\"");
        assert_eq!(quoted("<b>&amp;</b>"), "\"<b>&amp;</b>\"", "text is shown as text");
        assert_eq!(quoted("a\u{1b}[31mb\r\nc\u{202e}d"), "\"a\u{fffd}[31mb\u{fffd}\u{fffd}c\u{fffd}d\"");
        assert_eq!(quoted(&"/very/long".repeat(9)), format!("\"{}…\"", &"/very/long".repeat(4)[..39]));
        assert_eq!(quoted(&"é".repeat(40)), "é".repeat(40));
    }
}
