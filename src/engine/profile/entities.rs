//! How many entities have 1, 2, 3, ... rows, countries, devices and so on.

use super::keys::BLOCK;
use super::report::{ColumnReport, EntityDistribution};
use crate::engine::table::{Codes, ColumnData, ColumnType, EntityCodes, Groups, Table};

/// Columns counted per entity at most.
const MAX_COLUMNS: usize = 12;
/// Numbers up to this have a bin each.
const N_SINGLE: u64 = 10;

/// Distributions in the making, column by column, entity by entity.
#[derive(Debug)]
pub(super) struct EntityJob {
    entity: String,
    by_entity: Groups,
    /// Columns still to count, the next one last.
    columns: Vec<usize>,
    counting: Option<Counting>,
    result: Vec<EntityDistribution>,
}

#[derive(Debug)]
struct Counting {
    column: usize,
    /// Codes of a column without a dictionary.
    codes: Option<Codes>,
    /// The last entity each code was seen with, counted from 1.
    seen_with: Vec<u32>,
    next_entity: usize,
    bins: Bins,
}

impl EntityJob {
    /// Groups the rows by entity and counts them. `roles` are columns that are counted however many values they have.
    pub fn new(table: &Table, reports: &[ColumnReport], entity: usize, roles: &[usize]) -> Self {
        let codes = EntityCodes::of(table, entity);
        let by_entity = Groups::by_code(table.n_rows(), codes.n_codes(), |row| codes.get(row));
        let mut bins = Bins::default();
        for entity in 0..by_entity.len() {
            bins.add(by_entity.rows(entity).len() as u64);
        }
        let mut columns: Vec<usize> = countable(table, entity, roles)
            .filter(|&column| {
                let report = &reports[column];
                let n_values = table.n_rows() - report.missing;
                report.distinct > 1 && (roles.contains(&column) || report.distinct <= n_values / 2)
            })
            .take(MAX_COLUMNS)
            .collect();
        columns.reverse();
        let name = reports[entity].name.clone();
        let rows = bins.into_distribution(&name, None);
        EntityJob { entity: name, by_entity, columns, counting: None, result: vec![rows] }
    }

    /// Counts on for some milliseconds at most, whole entities; false when all is done. An entity with most of the rows
    /// makes one long step.
    pub fn step(&mut self, table: &Table) -> bool {
        let mut counting = match self.counting.take() {
            Some(counting) => counting,
            None => match self.columns.pop() {
                Some(column) => Counting::new(table, column),
                None => return false,
            },
        };
        let column = &table.columns()[counting.column];
        let codes = match (&counting.codes, column.data()) {
            (Some(codes), _) => codes,
            (None, ColumnData::Category { codes, .. }) => codes,
            (None, _) => unreachable!("a column without a dictionary is numbered"),
        };
        let mut n_rows = 0;
        while counting.next_entity < self.by_entity.len() && n_rows < BLOCK {
            let rows = self.by_entity.rows(counting.next_entity);
            counting.next_entity += 1;
            n_rows += rows.len();
            let mark = counting.next_entity as u32;
            let mut n_distinct = 0;
            for &row in rows {
                if column.is_valid(row as usize) {
                    let seen = &mut counting.seen_with[codes.get(row as usize) as usize];
                    n_distinct += u64::from(*seen != mark);
                    *seen = mark;
                }
            }
            counting.bins.add(n_distinct);
        }
        if counting.next_entity < self.by_entity.len() {
            self.counting = Some(counting);
        } else {
            self.result.push(counting.bins.into_distribution(&self.entity, Some(column.name().to_owned())));
        }
        true
    }

    pub fn finish(self) -> Vec<EntityDistribution> {
        self.result
    }
}

/// Columns that could be counted: categories, and others where a role says that their values are things.
fn countable(table: &Table, entity: usize, roles: &[usize]) -> impl Iterator<Item = usize> {
    (0..table.columns().len()).filter(move |&index| {
        let column = &table.columns()[index];
        let is_category = matches!(column.data(), ColumnData::Category { .. });
        let has_role = roles.contains(&index) && matches!(column.data(), ColumnData::Integer(_));
        index != entity && column.column_type() != ColumnType::Text && (is_category || has_role)
    })
}

/// Distributions there can be at most, for progress.
pub(super) fn n_units(table: &Table, entity: usize, roles: &[usize]) -> u64 {
    1 + countable(table, entity, roles).count().min(MAX_COLUMNS) as u64
}

impl Counting {
    fn new(table: &Table, column: usize) -> Self {
        let coded = EntityCodes::of(table, column);
        let has_dictionary = matches!(table.columns()[column].data(), ColumnData::Category { .. });
        let codes =
            (!has_dictionary).then(|| (0..table.n_rows()).map(|row| coded.get(row).unwrap_or(0)).collect());
        Counting { column, codes, seen_with: vec![0; coded.n_codes()], next_entity: 0, bins: Bins::default() }
    }
}

/// Numbers of things by bins: 1 to 10 one by one, then 11 to 20, to 50, to 100, to 200, and so on.
#[derive(Debug, Default)]
struct Bins {
    counts: Vec<u64>,
    max: u64,
}

impl Bins {
    /// Adds an entity with that many; one with none is in no bin.
    fn add(&mut self, n: u64) {
        if n == 0 {
            return;
        }
        let mut bin = 0;
        while at_least(bin + 1) <= n {
            bin += 1;
        }
        if self.counts.len() <= bin {
            self.counts.resize(bin + 1, 0);
        }
        self.counts[bin] += 1;
        self.max = self.max.max(n);
    }

    fn into_distribution(self, entity: &str, of: Option<String>) -> EntityDistribution {
        EntityDistribution {
            entity: entity.to_owned(),
            of,
            at_least: (0..self.counts.len()).map(at_least).collect(),
            entities: self.counts,
            max: self.max,
        }
    }
}

/// The lower end of a bin.
fn at_least(bin: usize) -> u64 {
    let bin = bin as u64;
    if bin < N_SINGLE {
        return bin + 1;
    }
    let (decade, step) = ((bin - N_SINGLE) / 3, (bin - N_SINGLE) % 3);
    [1, 2, 5][step as usize] * 10_u64.pow(decade as u32 + 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_widen_behind_ten() {
        let ends: Vec<u64> = (0..16).map(at_least).collect();
        assert_eq!(ends, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 21, 51, 101, 201, 501]);
        let mut bins = Bins::default();
        [0, 1, 1, 10, 11, 20, 21].into_iter().for_each(|n| bins.add(n));
        assert_eq!(bins.counts, [2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1]);
        assert_eq!(bins.max, 21);
    }
}
