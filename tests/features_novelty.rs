//! What is new in a log, against a second implementation on pandas (`tests/golden/scripts/features_novelty.py`), and what
//! must hold whatever the log.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{golden_json, golden_path, plan, roles_of, table, table_of};
use isoscope::engine::features::{Feature, FeatureJob, FeatureMatrix};
use isoscope::engine::plan::guess::suggest;
use isoscope::engine::plan::{LoginRows, NovelKind, Novelty, PartialPlan, Plan, Recipe, Role};
use isoscope::engine::synth::{self, Sample, Spec};
use isoscope::engine::table::Table;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-9;

/// The features of a log; rows may miss values.
fn features(table: &Table, plan: &Plan) -> FeatureMatrix {
    let mut job = FeatureJob::new(table, plan).unwrap();
    let mut done = 0;
    while !job.is_done() {
        let progress = job.step(table).unwrap();
        assert!(progress.done >= done && progress.done <= progress.total, "{progress:?} after {done}");
        done = progress.done;
    }
    job.finish().0
}

/// A plan with novelty whose rows are events.
fn of_events(roles: &[(Role, &str)], novelty: Novelty) -> Plan {
    let mut plan = plan(Recipe::Login, roles);
    plan.parameters.login_rows = LoginRows::Login;
    plan.novelty = Some(novelty);
    plan
}

#[test]
fn every_case_equals_pandas() {
    let golden = golden_json("features_novelty.json");
    let cases = golden["cases"].as_array().unwrap();
    let n_values: usize = cases.iter().map(compare).sum();
    assert!(cases.len() >= 8 && n_values > 20_000, "{n_values} values of {} cases compared", cases.len());
}

/// Compares one case and says how many values it had.
fn compare(case: &Value) -> usize {
    let file = case["file"].as_str().unwrap();
    let text = std::fs::read_to_string(golden_path(&format!("{file}.csv"))).unwrap();
    let n_rows = case["n_rows"].as_u64().map_or(usize::MAX, |n| n as usize);
    let text: String = text.split_inclusive('\n').take(n_rows.saturating_add(1)).collect();
    let table = table(&text);
    let novelty: Novelty = serde_json::from_value(case["novelty"].clone()).unwrap();
    let recipe: Recipe = serde_json::from_value(case["recipe"].clone()).unwrap();
    let plan = Plan { recipe, ..of_events(&roles_of(case), novelty) };
    let matrix = features(&table, &plan);

    let place = |name: &str| matrix.features.iter().position(|feature| feature.name == name);
    let names: Vec<&str> = case["features"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
    let first = place(names[0]).unwrap_or_else(|| panic!("{file}: no {} in {:?}", names[0], matrix.features));
    let found: Vec<&str> = matrix.features[first..].iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(found, names, "{file}");
    let rows = case["rows"].as_object().unwrap();
    let mut n_of_entity: BTreeMap<String, usize> = BTreeMap::new();
    for row in 0..matrix.n_rows() {
        let entity = matrix.entity(row);
        let nth = n_of_entity.entry(entity.clone()).or_default();
        let expected = &rows[&entity][*nth];
        *nth += 1;
        for (column, name) in names.iter().enumerate() {
            let found = matrix.values[[row, first + column]];
            let is_equal = match expected[column].as_f64() {
                Some(expected) => (found - expected).abs() <= TOLERANCE * expected.abs().max(1.0),
                None => found.is_nan(),
            };
            assert!(is_equal, "{file} {entity}, {name}: expected {}, found {found}", expected[column]);
        }
    }
    assert_eq!(rows.values().map(|rows| rows.as_array().unwrap().len()).sum::<usize>(), matrix.n_rows());
    matrix.n_rows() * names.len()
}

const ROLES: [(Role, &str); 6] = [
    (Role::Entity, "user"),
    (Role::Time, "time"),
    (Role::Action, "action"),
    (Role::Address, "ip"),
    (Role::Country, "country"),
    (Role::Browser, "browser"),
];

/// A few users' events in order of time; times may be equal, values missing.
#[derive(Debug, Clone)]
struct Log(Vec<String>);

impl Log {
    fn csv(&self) -> String {
        format!("user,team,time,action,ip,country,browser\n{}\n", self.0.join("\n"))
    }

    fn first(&self, n: usize) -> Log {
        Log(self.0[..n].to_vec())
    }
}

/// Logs long enough for peers to be found twice.
fn logs(gaps_from: i64) -> impl Strategy<Value = Log> {
    let event = (gaps_from..400i64, 0..7u8, 0..2u8, 0..4u8, 0..5u8, 0..4u8, 0..3u8);
    prop::collection::vec(event, 2..300).prop_map(|events| {
        let mut minutes = 0;
        let rows = events.into_iter().map(|(gap, user, team, action, ip, country, browser)| {
            minutes += gap;
            let time = isoscope::engine::time::iso(1_735_689_600_000 + minutes * 60_000, false);
            let country = ["DE", "US", "", "FR"][usize::from(country)];
            format!("u{user},t{team},{time},a{action},10.0.{}.{ip},{country},Chrome {browser}.0", ip % 2)
        });
        Log(rows.collect())
    })
}

fn short_look_backs() -> Novelty {
    let kinds = [NovelKind::Action, NovelKind::Address, NovelKind::AddressRange, NovelKind::Country];
    Novelty {
        look_back_days: kinds.into_iter().zip([3.0, 0.5, 8.0, 1.5]).collect(),
        dormant_days: 2.0,
        new_account_days: 4.0,
        peers: 2,
        ..Novelty::default()
    }
}

/// The values of each table row, as bits; of categories the labels, since their places are those of first appearance; and
/// the names of what is new.
fn by_table_row(matrix: &FeatureMatrix, name_of: impl Fn(u32) -> String) -> BTreeMap<String, Vec<String>> {
    let bits = |row: usize| {
        let values = matrix.values.row(row);
        let text = |(value, feature): (&f64, &Feature)| match feature.labels.get(*value as usize) {
            Some(label) if !value.is_nan() => label.clone(),
            _ => format!("{:x}", value.to_bits()),
        };
        let names = (0..matrix.features.len()).map(|feature| format!("{:?}", matrix.named(row, feature)));
        values.iter().zip(&matrix.features).map(text).chain(names).collect()
    };
    (0..matrix.n_rows()).map(|row| (name_of(matrix.table_rows.rows(row)[0]), bits(row))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nothing_looks_into_the_future(log in logs(0), part in 0.0..1.0f64, by_team in any::<bool>()) {
        let mut plan = of_events(&ROLES, short_look_backs());
        if by_team {
            plan.roles.insert(Role::Group, "team".to_owned());
        }
        let n = 1 + ((log.0.len() - 1) as f64 * part) as usize;
        let by_row = |log: &Log| by_table_row(&features(&table(&log.csv()), &plan), |row| format!("{row:04}"));
        let (whole, first) = (by_row(&log), by_row(&log.first(n)));
        prop_assert_eq!(first.len(), n);
        for (row, values) in first {
            prop_assert_eq!(&values, &whole[&row], "row {}", row);
        }
    }

    #[test]
    fn what_is_new_on_a_day_is_what_is_new_in_its_events(log in logs(0)) {
        let table = table(&log.csv());
        let of_events = of_events(&ROLES, short_look_backs());
        let of_days = Plan { recipe: Recipe::UserDay, ..of_events.clone() };
        let (events, days) = (features(&table, &of_events), features(&table, &of_days));
        let event_of_row: BTreeMap<u32, usize> =
            (0..events.n_rows()).map(|event| (events.table_rows.rows(event)[0], event)).collect();
        for (one, many) in [
            ("new_country", "new_countries"),
            ("new_address_range", "new_address_ranges"),
            ("action_new_to_peers", "actions_new_to_peers"),
            ("address_new_to_everyone", "addresses_new_to_everyone"),
        ] {
            let place = |matrix: &FeatureMatrix, name: &str| {
                matrix.features.iter().position(|feature| feature.name == name).unwrap()
            };
            let (one, many) = (place(&events, one), place(&days, many));
            for day in 0..days.n_rows() {
                let of_day = days.table_rows.rows(day).iter().map(|row| event_of_row[row]);
                let mut expected: Vec<String> = Vec::new();
                for event in of_day.filter(|&event| events.values[[event, one]] == 1.0) {
                    let value = events.named(event, one).unwrap().values.remove(0);
                    if !expected.contains(&value) {
                        expected.push(value);
                    }
                }
                let named = days.named(day, many).map_or_else(Vec::new, |named| named.values);
                prop_assert_eq!(named, expected);
            }
        }
    }

    #[test]
    fn the_order_of_the_file_does_not_matter(log in logs(1), seed in any::<u64>()) {
        let mut shuffled = log.clone();
        isoscope::engine::rng::Rng::new(seed).shuffle(&mut shuffled.0);
        for plan in [of_events(&ROLES, short_look_backs()), of_events(&ROLES, Novelty::default())] {
            let by_text = |log: &Log| {
                by_table_row(&features(&table(&log.csv()), &plan), |row| log.0[row as usize].clone())
            };
            prop_assert_eq!(by_text(&log), by_text(&shuffled));
        }
    }
}

fn value(matrix: &FeatureMatrix, row: usize, name: &str) -> f64 {
    let column = matrix.features.iter().position(|feature| feature.name == name);
    matrix.values[[row, column.unwrap_or_else(|| panic!("no {name} in {:?}", matrix.features))]]
}

#[test]
fn equal_times_count_in_the_order_of_the_file() {
    let csv = "user,time,country\na,2025-01-01,DE\na,2025-01-01,US\na,2025-01-01,DE\nb,2025-01-01,US\n";
    let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Country, "country")];
    let matrix = features(&table(csv), &of_events(&roles, Novelty::default()));
    let new: Vec<f64> = (0..4).map(|row| value(&matrix, row, "new_country")).collect();
    assert_eq!(new, [0.0, 1.0, 0.0, 0.0]);
    let own: Vec<f64> = (1..3).map(|row| value(&matrix, row, "own_share_country")).collect();
    assert_eq!(own, [0.0, 0.5]);
    assert_eq!(value(&matrix, 3, "everyone_share_country"), 1.0);
    assert_eq!(value(&matrix, 2, "country_changes"), 2.0);
    assert!((0..4).all(|row| value(&matrix, row, "burst").is_nan()), "nothing is earlier than an hour ago");
}

#[test]
fn the_farthest_times_and_the_emptiest_columns() {
    let far = ["0001-01-01T00:00:00", "1970-01-01T00:00:00", "9999-12-31T23:59:59"];
    let mut csv = "user,time,country,ip,browser\n".to_owned();
    for (i, time) in far.iter().cycle().take(30).enumerate() {
        csv.push_str(&format!("u{},{time},{},,\n", i % 4, if i % 5 == 0 { "" } else { "DE" }));
    }
    let roles = [
        (Role::Entity, "user"),
        (Role::Time, "time"),
        (Role::Country, "country"),
        (Role::Address, "ip"),
        (Role::Browser, "browser"),
    ];
    let novelty = Novelty { dormant_days: 36_525.0, ..Novelty::default() };
    let matrix = features(&table(&csv), &of_events(&roles, novelty));
    assert!(
        matrix.features.iter().all(|feature| feature.name != "new_address_range"),
        "there are no addresses"
    );
    assert!((0..matrix.n_rows()).all(|row| value(&matrix, row, "own_share_address").is_nan()));
    assert!((0..matrix.n_rows()).all(|row| value(&matrix, row, "new_browser") == 0.0));
}

#[test]
fn one_user_has_no_peers_and_everybody_else_is_nobody() {
    let mut csv = "user,time,action\n".to_owned();
    for i in 0..400 {
        csv.push_str(&format!("anna,2025-01-{:02} {:02}:00:00,a{}\n", 1 + i / 20, i % 20, i % 3));
    }
    let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Action, "action")];
    let matrix = features(&table(&csv), &of_events(&roles, Novelty::default()));
    for row in 0..matrix.n_rows() {
        assert!(value(&matrix, row, "peer_share_action").is_nan());
        assert!(value(&matrix, row, "everyone_share_action").is_nan());
        assert_eq!(value(&matrix, row, "action_new_to_everyone"), 0.0);
    }
}

#[test]
fn what_is_needed_and_out_of_range_is_said() {
    let log = table("user,time,country\na,2025-01-01,DE\nb,2025-01-02,US\n");
    let roles = [(Role::Entity, "user"), (Role::Time, "time"), (Role::Country, "country")];
    for (novelty, name) in [
        (Novelty { peers: 1_001, ..Novelty::default() }, "peers"),
        (Novelty { dormant_days: 0.0, ..Novelty::default() }, "dormantDays"),
        (Novelty { country_change_hours: f64::NAN, ..Novelty::default() }, "countryChangeHours"),
        (
            Novelty { look_back_days: [(NovelKind::Country, -1.0)].into(), ..Novelty::default() },
            "lookBackDays",
        ),
    ] {
        let error = FeatureJob::new(&log, &of_events(&roles, novelty)).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn it_is_suggested_where_it_helps_and_can_be_declined() {
    let of = |sample| {
        let csv = synth::generate(&Spec { users: 40, ..Spec::new(sample) }).unwrap().csv;
        let table = table_of(&csv);
        let suggested = suggest(&table).unwrap().plan;
        (table, suggested)
    };
    let filled = |(table, suggested): &(Table, Plan), recipe, novelty| {
        let partial = PartialPlan { recipe: Some(recipe), novelty, ..PartialPlan::default() };
        partial.fill(suggested.clone(), table)
    };
    let (logins, office) = (of(Sample::Logins), of(Sample::OfficeActivity));
    for (recipe, is_suggested) in [(Recipe::Activity, false), (Recipe::UserDay, true), (Recipe::Login, true)]
    {
        assert_eq!(filled(&logins, recipe, None).novelty.is_some(), is_suggested, "{}", recipe.name());
        assert_eq!(filled(&office, recipe, None).novelty, None, "nothing but actions");
    }
    let names = |plan: &Plan| {
        let matrix = features(&logins.0, plan);
        matrix.features.into_iter().map(|feature| feature.name).collect::<Vec<_>>()
    };
    let with = names(&filled(&logins, Recipe::UserDay, None));
    let declined = Novelty { enabled: false, ..Novelty::default() };
    let without = names(&filled(&logins, Recipe::UserDay, Some(declined)));
    assert!(with.starts_with(&without) && with.contains(&"new_countries".to_owned()));
    assert!(!without.contains(&"new_countries".to_owned()));
}

#[test]
fn as_many_users_and_values_as_events() {
    const N: usize = 30_000;
    let mut csv = "user,time,action,ip\n".to_owned();
    for i in 0..N {
        let (hour, minute, second) = (i / 3_600, i / 60 % 60, i % 60);
        csv.push_str(&format!("u{i},2025-01-01 {hour:02}:{minute:02}:{second:02},a{i},10.{}.1.1\n", i % 200));
    }
    let roles =
        [(Role::Entity, "user"), (Role::Time, "time"), (Role::Action, "action"), (Role::Address, "ip")];
    let matrix = features(&table(&csv), &of_events(&roles, Novelty::default()));
    assert_eq!(matrix.n_rows(), N);
    for row in [1, N / 2, N - 1] {
        assert!(value(&matrix, row, "own_share_action").is_nan());
        assert_eq!(value(&matrix, row, "everyone_share_action"), 0.0);
        assert_eq!(value(&matrix, row, "action_new_to_everyone"), 1.0);
        // Each range of addresses is another user's every 200 events.
        let share = value(&matrix, row, "everyone_share_address_range");
        let expected = (row / 200) as f64 / row as f64;
        assert!((share - expected).abs() < 1e-6, "{share}, not {expected}");
    }
}
