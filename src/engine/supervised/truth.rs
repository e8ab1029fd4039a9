//! What is to be learned of every row.

use super::options::LearnOptions;
use crate::engine::analysis::Analysis;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::features::RowUnit;
use crate::engine::learn::{LearnTarget, Target, Task};
use crate::engine::plan::Role;
use crate::engine::plan::words::LabelReader;
use crate::engine::rng::Rng;
use crate::engine::table::{Column, ColumnData, Table};
use std::collections::BTreeMap;

/// Classes that a column may have, at most.
const MAX_CLASSES: usize = 50;
/// Rows of each kind without which there is nothing to learn from or nothing to judge by.
pub(super) const MIN_OF_EACH_KIND: usize = 2;

/// What is worth learning of an analysis first: the label column, where the plan has one and there are rows enough of both
/// kinds to learn from some and be tested on others, else the flags.
pub fn first_target(analysis: &Analysis) -> LearnTarget {
    let labels = analysis.labels.as_deref().unwrap_or_default();
    let n_abnormal = labels.iter().filter(|&&label| label).count();
    match n_abnormal.min(labels.len() - n_abnormal) >= 2 * MIN_OF_EACH_KIND {
        true => LearnTarget::Label,
        false => LearnTarget::Flags,
    }
}

/// The truth about matrix rows. Places below count the rows that have one.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct Truth {
    /// Matrix rows that have one, ascending.
    pub rows: Vec<usize>,
    pub kind: Kind,
    /// Rows without a value of the target, or with one that too few have.
    pub n_unknown: usize,
    /// Of these the rows with a value that too few have.
    pub n_rare: usize,
}

/// What the truth is, by place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) enum Kind {
    Classes { names: Vec<String>, codes: Vec<u32> },
    Values(Vec<f64>),
}

impl Truth {
    pub(in crate::engine) fn task(&self) -> Task {
        match &self.kind {
            Kind::Classes { names, .. } if names.len() == 2 => Task::Binary,
            Kind::Classes { .. } => Task::Classes,
            Kind::Values(_) => Task::Regression,
        }
    }

    pub(in crate::engine) fn n_outputs(&self) -> usize {
        match &self.kind {
            Kind::Classes { names, .. } => names.len(),
            Kind::Values(_) => 1,
        }
    }

    /// By matrix row, of `n_rows`: the place of the class, or the number; `NaN` where there is no truth.
    pub(super) fn by_row(&self, n_rows: usize) -> Vec<f64> {
        let mut by_row = vec![f64::NAN; n_rows];
        for (place, &row) in self.rows.iter().enumerate() {
            by_row[row] = match &self.kind {
                Kind::Classes { codes, .. } => f64::from(codes[place]),
                Kind::Values(values) => values[place],
            };
        }
        by_row
    }

    /// Classes by place; all 0 for numbers.
    pub(super) fn codes(&self) -> Vec<u32> {
        match &self.kind {
            Kind::Classes { codes, .. } => codes.clone(),
            Kind::Values(values) => vec![0; values.len()],
        }
    }

    /// Places that stand for all, ascending: of each class its share of `most`, but `least` at least where it has them.
    pub(super) fn drawn(&self, most: usize, least: usize, rng: &mut Rng) -> Vec<usize> {
        let mut of_class: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        self.codes()
            .iter()
            .enumerate()
            .for_each(|(place, &code)| of_class.entry(code).or_default().push(place));
        let mut drawn = Vec::new();
        for places in of_class.values() {
            let wanted = (places.len() * most / self.rows.len()).max(least);
            drawn.extend(rng.sample_indices(places.len(), wanted).into_iter().map(|at| places[at]));
        }
        drawn.sort_unstable();
        drawn
    }

    /// The same of some places only, in their order.
    pub(in crate::engine) fn select(&self, places: &[usize]) -> Truth {
        Truth {
            rows: places.iter().map(|&place| self.rows[place]).collect(),
            kind: match &self.kind {
                Kind::Classes { names, codes } => Kind::Classes {
                    names: names.clone(),
                    codes: places.iter().map(|&place| codes[place]).collect(),
                },
                Kind::Values(values) => Kind::Values(places.iter().map(|&place| values[place]).collect()),
            },
            n_unknown: self.n_unknown,
            n_rare: self.n_rare,
        }
    }

    /// As models take it.
    pub(in crate::engine) fn target(&self) -> Target<'_> {
        match &self.kind {
            Kind::Classes { names, codes } => Target::Classes { classes: codes, n_classes: names.len() },
            Kind::Values(values) => Target::Values(values),
        }
    }

    /// Reads the target of every row.
    ///
    /// # Errors
    /// `labels` when there is none, or it has too few rows of a kind or too many kinds; `no-such-column`; `wrong-type` for
    /// a column of times.
    pub(super) fn read(table: &Table, analysis: &Analysis, options: &LearnOptions) -> Result<Truth> {
        let n_rows = analysis.matrix.n_rows();
        let abnormal = |is_abnormal: Vec<bool>| -> Result<Truth> {
            check_kinds(&is_abnormal, &options.target)?;
            Ok(Truth {
                rows: (0..n_rows).collect(),
                kind: Kind::Classes {
                    names: ["normal", "abnormal"].map(str::to_owned).to_vec(),
                    codes: is_abnormal.into_iter().map(u32::from).collect(),
                },
                n_unknown: 0,
                n_rare: 0,
            })
        };
        let refuse = |message: &str| Error::new(ErrorKind::Labels { message: message.to_owned() });
        let rules = || {
            analysis.rules.as_ref().ok_or_else(|| {
                refuse("the plan has no rules to learn from; give it some, or learn the flags")
            })
        };
        match &options.target {
            LearnTarget::Flags => abnormal(analysis.flags.iter().map(|&flag| flag != 0).collect()),
            LearnTarget::Label => abnormal(analysis.labels.clone().ok_or_else(|| {
                refuse("there is no label column to learn from; give a column the role label, or learn the flags")
            })?),
            LearnTarget::Rules => {
                let rules = rules()?;
                abnormal((0..n_rows).map(|row| rules.is_reached(row)).collect())
            }
            LearnTarget::RulePoints => {
                let truth = Truth {
                    rows: (0..n_rows).collect(),
                    kind: Kind::Values(rules()?.points.clone()),
                    n_unknown: 0,
                n_rare: 0,
                };
                truth.check_numbers("the points of the plan's rules")
            }
            LearnTarget::Column(name) => {
                let column = &table.columns()[table.index_of(name)?];
                of_column(column, analysis, options)
            }
        }
    }

    fn check_numbers(self, what: &str) -> Result<Truth> {
        let Kind::Values(values) = &self.kind else { return Ok(self) };
        let is_alike = values.iter().all(|value| *value == values[0]);
        if values.len() < 2 * MIN_OF_EACH_KIND || is_alike {
            let message = format!(
                "{what} have {} values{}; learning and testing need at least {} that differ: choose another target",
                values.len(),
                if is_alike && !values.is_empty() { ", all the same" } else { "" },
                2 * MIN_OF_EACH_KIND
            );
            return Err(Error::new(ErrorKind::Labels { message }));
        }
        Ok(self)
    }
}

fn of_column(column: &Column, analysis: &Analysis, options: &LearnOptions) -> Result<Truth> {
    if let ColumnData::Timestamp { .. } = column.data() {
        return Err(Error::new(ErrorKind::WrongType {
            column: column.name().to_owned(),
            expected: "numbers or categories to learn".to_owned(),
            found: "times".to_owned(),
        }));
    }
    let table_rows = &analysis.matrix.table_rows;
    let n_rows = analysis.matrix.n_rows();
    let is_number = matches!(column.data(), ColumnData::Integer(_) | ColumnData::Float(_));
    if is_number && options.task.is_none_or(|task| task == Task::Regression) {
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        for row in 0..n_rows {
            let known: Vec<f64> =
                table_rows.rows(row).iter().filter_map(|&r| column.number(r as usize)).collect();
            if !known.is_empty() {
                rows.push(row);
                values.push(known.iter().sum::<f64>() / known.len() as f64);
            }
        }
        let n_unknown = n_rows - rows.len();
        let first = values.first().copied();
        let second = values.iter().copied().find(|value| Some(*value) != first);
        let is_of_two = values.iter().all(|value| Some(*value) == first || Some(*value) == second);
        if !is_of_two || options.task.is_some() {
            let what = format!("numbers of \"{}\"", column.name());
            return Truth { rows, kind: Kind::Values(values), n_unknown, n_rare: 0 }.check_numbers(&what);
        }
    } else if !is_number && options.task == Some(Task::Regression) {
        return Err(Error::new(ErrorKind::WrongType {
            column: column.name().to_owned(),
            expected: "numbers, which a regression learns".to_owned(),
            found: format!("values of type {}", column.column_type().name()),
        }));
    }
    classes_of(column, analysis)
}

/// The most frequent value of each row's table rows, of equally frequent ones the first.
fn classes_of(column: &Column, analysis: &Analysis) -> Result<Truth> {
    let (mut names, mut code_of): (Vec<String>, BTreeMap<String, u32>) = (Vec::new(), BTreeMap::new());
    let (mut rows, mut codes) = (Vec::new(), Vec::new());
    let n_rows = analysis.matrix.n_rows();
    let refuse = |message: String| Err(Error::new(ErrorKind::Labels { message }));
    for row in 0..n_rows {
        let mut counts: Vec<(u32, usize)> = Vec::new();
        for &table_row in analysis.matrix.table_rows.rows(row) {
            if !column.is_valid(table_row as usize) {
                continue;
            }
            let text = column.text(table_row as usize);
            let code = match code_of.get(text.as_ref()) {
                Some(&code) => code,
                None => {
                    let code = names.len() as u32;
                    names.push(text.clone().into_owned());
                    code_of.insert(text.into_owned(), code);
                    code
                }
            };
            match counts.iter_mut().find(|(other, _)| *other == code) {
                Some((_, count)) => *count += 1,
                None => counts.push((code, 1)),
            }
        }
        let most = counts.iter().map(|&(_, count)| count).max();
        if let Some(&(code, _)) = counts.iter().find(|&&(_, count)| Some(count) == most) {
            rows.push(row);
            codes.push(code);
        }
        if names.len() > 100 * MAX_CLASSES {
            break;
        }
    }
    let mut n_of = vec![0usize; names.len()];
    codes.iter().for_each(|&code| n_of[code as usize] += 1);
    let is_learnable = |code: u32| n_of[code as usize] >= MIN_OF_EACH_KIND;
    let mut kept: Vec<u32> = (0..names.len() as u32).filter(|&code| is_learnable(code)).collect();
    if kept.len() < 2 || kept.len() > MAX_CLASSES || names.len() > 100 * MAX_CLASSES {
        return refuse(format!(
            "column \"{}\" has {}{} different values{}; classes to learn are 2 to {MAX_CLASSES}, each with at least \
             {MIN_OF_EACH_KIND} rows: choose another target",
            column.name(),
            if names.len() > 100 * MAX_CLASSES { "more than " } else { "" },
            names.len().min(100 * MAX_CLASSES),
            if kept.len() < names.len() {
                format!(", {} of them in enough rows", kept.len())
            } else {
                String::new()
            },
        ));
    }
    // Of two classes the second is looked for: the abnormal one where words or numbers say which, else the rarer.
    if let [first, second] = kept[..] {
        let says = LabelReader::of(column).ok().and_then(|reader| {
            let is_second = |&row: &u32| {
                column.is_valid(row as usize) && column.text(row as usize) == *names[second as usize]
            };
            let row = (0..column.len() as u32).find(is_second)?;
            reader.is_abnormal(column, row as usize)
        });
        if !says.unwrap_or(n_of[second as usize] <= n_of[first as usize]) {
            kept.reverse();
        }
    } else {
        let by_name: BTreeMap<&str, u32> = kept.iter().map(|&code| (&*names[code as usize], code)).collect();
        kept = by_name.into_values().collect();
    }
    let mut place_of = vec![None; names.len()];
    kept.iter().enumerate().for_each(|(place, &code)| place_of[code as usize] = Some(place as u32));
    let n_valued = rows.len();
    let known: Vec<(usize, u32)> = rows
        .into_iter()
        .zip(codes)
        .filter_map(|(row, code)| place_of[code as usize].map(|place| (row, place)))
        .collect();
    Ok(Truth {
        n_unknown: n_rows - known.len(),
        n_rare: n_valued - known.len(),
        rows: known.iter().map(|&(row, _)| row).collect(),
        kind: Kind::Classes {
            codes: known.into_iter().map(|(_, place)| place).collect(),
            names: kept.into_iter().map(|code| std::mem::take(&mut names[code as usize])).collect(),
        },
    })
}

/// When each matrix row begins, milliseconds; nothing where the log does not say.
pub(super) fn times(table: &Table, analysis: &Analysis) -> Result<Vec<i64>> {
    let matrix = &analysis.matrix;
    if matrix.start_of_row.is_some() {
        return Ok((0..matrix.n_rows()).map(|row| matrix.start_of(row).unwrap_or(i64::MIN)).collect());
    }
    let Some(column) = analysis.plan.column(Role::Time, table)? else { return Ok(Vec::new()) };
    let column = &table.columns()[column];
    let ColumnData::Timestamp { ms, .. } = column.data() else { return Ok(Vec::new()) };
    let first = |row: usize| {
        let known = matrix.table_rows.rows(row).iter().find(|&&row| column.is_valid(row as usize));
        known.map_or(i64::MIN, |&row| ms[row as usize])
    };
    Ok((0..matrix.n_rows()).map(first).collect())
}

/// Whether a matrix row has a time of its own: users span the log.
pub(super) fn is_moment(unit: RowUnit) -> bool {
    unit != RowUnit::Subject
}

/// Refuses labels of which one kind is too rare to be both learned from and held out.
fn check_kinds(labels: &[bool], target: &LearnTarget) -> Result<()> {
    let n_abnormal = labels.iter().filter(|&&label| label).count();
    let n_normal = labels.len() - n_abnormal;
    if n_abnormal.min(n_normal) >= MIN_OF_EACH_KIND {
        return Ok(());
    }
    let (what, remedy) = match (target, n_abnormal < n_normal) {
        (LearnTarget::Flags, true) => ("flagged", "lower the threshold"),
        (LearnTarget::Flags, false) => ("flagged", "raise the threshold"),
        (LearnTarget::Rules, true) => {
            ("abnormal by the rules", "lower their limits, or the points that are enough")
        }
        (LearnTarget::Rules, false) => {
            ("abnormal by the rules", "raise their limits, or the points that are enough")
        }
        _ => ("labelled abnormal", "choose another label column, or learn the flags"),
    };
    Err(Error::new(ErrorKind::Labels {
        message: format!(
            "{n_abnormal} of {} rows are {what}; learning and testing need at least {MIN_OF_EACH_KIND} that are and \
             {MIN_OF_EACH_KIND} that are not: {remedy}",
            labels.len()
        ),
    }))
}
