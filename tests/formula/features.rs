//! Formulas as features of a plan.

use super::table;
use isoscope::engine::error::Error;
use isoscope::engine::features::{FeatureJob, FeatureMatrix};
use isoscope::engine::plan::{OwnFeature, Plan, Recipe, Role, Treatment};
use isoscope::engine::table::Table;

const LOG: &str = "\
user,time,action,bytes,bad
ann,2024-07-10 08:00:00,login,100,0
ann,2024-07-11 23:30:00,view,250,0
bob,2024-07-11 02:15:00,login,,1
bob,2024-07-11 02:15:00,view,,0
";

fn plan(recipe: Recipe, formulas: &[(&str, &str)]) -> Plan {
    let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Action, "action")];
    let own = |&(name, formula): &(&str, &str)| OwnFeature {
        name: name.to_owned(),
        formula: formula.to_owned(),
        meaning: None,
        unit: String::new(),
    };
    Plan {
        own_features: formulas.iter().map(own).collect(),
        ..Plan::new(recipe, roles.map(|(role, column)| (role, column.to_owned())).into())
    }
}

fn matrix(table: &Table, plan: &Plan) -> FeatureMatrix {
    let mut job = FeatureJob::new(table, plan).unwrap_or_else(|error| panic!("{error}"));
    while !job.is_done() {
        job.step(table).unwrap();
    }
    job.finish().0
}

fn refused(plan: &Plan) -> Error {
    FeatureJob::new(&table(LOG), plan).map(|_| ()).unwrap_err()
}

/// The last columns of each row.
fn last(matrix: &FeatureMatrix, n: usize) -> Vec<Vec<f64>> {
    let n_columns = matrix.values.ncols();
    (0..matrix.n_rows())
        .map(|row| matrix.values.row(row).iter().skip(n_columns - n).copied().collect())
        .collect()
}

#[test]
fn own_features_stand_after_those_of_every_recipe() {
    let log = table(LOG);
    let own = [
        ("late", "count(hour(time) >= 18)"),
        ("bytes per event", "sum(bytes) / count()"),
        ("first", "first(action) = 'login'"),
    ];
    for (recipe, expected) in [
        (Recipe::Activity, vec![vec![1.0, 175.0, 1.0], vec![0.0, 0.0, 1.0]]),
        (Recipe::Login, vec![vec![1.0, 175.0, 1.0], vec![0.0, 0.0, 1.0]]),
        (Recipe::UserDay, vec![vec![0.0, 100.0, 1.0], vec![1.0, 250.0, 0.0], vec![0.0, 0.0, 1.0]]),
    ] {
        let matrix = matrix(&log, &plan(recipe, &own));
        assert_eq!(last(&matrix, 3), expected, "{}", recipe.name());
        let feature = &matrix.features[matrix.features.len() - 2];
        let parts = (feature.name.as_str(), feature.meaning.as_str(), feature.formula.as_str());
        assert_eq!(parts, ("bytes per event", "bytes per event", "sum(bytes) / count()"));
    }
}

#[test]
fn a_missing_feature_is_missing_in_the_matrix() {
    let matrix = matrix(&table(LOG), &plan(Recipe::Activity, &[("mean", "mean(bytes)")]));
    let values = last(&matrix, 1);
    assert_eq!(values[0], [175.0]);
    assert!(values[1][0].is_nan());
}

#[test]
fn tables_that_come_with_features_have_own_ones_too() {
    let days = table("user,day,clicks,buys\nann,2024-07-10,10,1\nann,2024-07-11,0,0\nbob,2024-07-10,4,2\n");
    let mut plan = plan(Recipe::UserDay, &[("rate", "buys / clicks")]);
    plan.roles =
        [(Role::Entity, "user"), (Role::Time, "day")].map(|(role, column)| (role, column.to_owned())).into();
    let matrix = matrix(&days, &plan);
    let names: Vec<&str> = matrix.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names, ["clicks", "buys", "rate"]);
    let rates: Vec<f64> = last(&matrix, 1).concat();
    assert_eq!((rates[0], rates[1].is_nan(), rates[2]), (0.1, true, 0.5));
}

#[test]
fn plans_with_unusable_formulas_are_refused() {
    let error = refused(&plan(Recipe::Activity, &[("sum", "sum(byte)")]));
    assert_eq!(error.code(), "formula");
    assert!(error.to_string().starts_with("the formula of \"sum\", character 5:"), "{error}");
    for (name, formula, code, says) in [
        ("x", "sum(bytes", "formula", "closing parenthesis"),
        ("x", "action", "formula", "a number or a yes-or-no"),
        (" ", "1", "parameter", "a name for each"),
        ("events_count", "1", "parameter", "no feature of recipe activity"),
    ] {
        let error = refused(&plan(Recipe::Activity, &[(name, formula)]));
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let twice = refused(&plan(Recipe::Activity, &[("x", "1"), ("x", "2")]));
    assert!(twice.to_string().contains("\"x\" twice"), "{twice}");

    let reads_bad = plan(Recipe::Activity, &[("x", "mean(bad)")]);
    let label = refused(&Plan { label: Some("bad".to_owned()), ..reads_bad.clone() });
    assert_eq!((label.code(), label.to_string().contains("the formula of \"x\"")), ("labels", true));
    let treatments = [("bad".to_owned(), Treatment::Drop)].into();
    let dropped = refused(&Plan { treatments, ..reads_bad });
    assert_eq!(
        (dropped.code(), dropped.to_string().contains("\"bad\" kept")),
        ("parameter", true),
        "{dropped}"
    );
}
