//! Reasons that say what is new: which country, not only that one is; at every level, and nothing where nothing is known.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{plan, table};
use isoscope::engine::explain::{
    Baselines, Compared, Explanation, Split, explain_row, rule_text, subject_sentence,
};
use isoscope::engine::features::{FeatureJob, FeatureMatrix};
use isoscope::engine::plan::{LoginRows, Novelty, Plan, Recipe, Role};

const ROLES: [(Role, &str); 7] = [
    (Role::Entity, "user"),
    (Role::Time, "time"),
    (Role::Action, "action"),
    (Role::Address, "ip"),
    (Role::Country, "country"),
    (Role::Browser, "browser"),
    (Role::Resource, "file"),
];

/// Twenty users who do the same on each of twenty days, and these events of Anna's on the day after.
fn log(of_anna: &[&str]) -> String {
    let mut csv = "user,time,action,ip,country,browser,file\n".to_owned();
    let users = std::iter::once("anna".to_owned()).chain((1..20).map(|user| format!("u{user}")));
    for user in users {
        for day in 1..=20 {
            csv.push_str(&format!(
                "{user},2026-01-{day:02} 09:00:00,view,10.0.0.1,DE,Chrome 81.0,plan.xlsx\n"
            ));
            csv.push_str(&format!(
                "{user},2026-01-{day:02} 09:10:00,view,10.0.0.1,DE,Chrome 81.0,plan.xlsx\n"
            ));
        }
    }
    for (minute, event) in of_anna.iter().enumerate() {
        csv.push_str(&format!("anna,2026-01-21 09:{minute:02}:00,{event}\n"));
    }
    csv
}

fn with_novelty(recipe: Recipe, rows: LoginRows) -> Plan {
    let mut plan = plan(recipe, &ROLES);
    plan.parameters.login_rows = rows;
    plan.novelty = Some(Novelty { peers: 0, ..Novelty::default() });
    plan
}

fn of_logins() -> Plan {
    with_novelty(Recipe::Login, LoginRows::Login)
}

fn matrix(csv: &str, plan: &Plan) -> FeatureMatrix {
    let table = table(csv);
    let mut job = FeatureJob::new(&table, plan).unwrap();
    while !job.is_done() {
        job.step(&table).unwrap();
    }
    job.finish().0
}

fn place(matrix: &FeatureMatrix, feature: &str) -> usize {
    matrix.features.iter().position(|f| f.name == feature).unwrap_or_else(|| panic!("no {feature}"))
}

/// The last row of Anna, the first user: that of her new events, but where rows are users.
fn last_of_anna(matrix: &FeatureMatrix) -> usize {
    matrix.subject_of_row.iter().rposition(|&subject| subject == 0).unwrap()
}

fn baselines(matrix: &FeatureMatrix, flagged: &[usize]) -> Baselines {
    let flags: Vec<u8> = (0..matrix.n_rows()).map(|row| u8::from(flagged.contains(&row))).collect();
    Baselines::fit(&matrix.features, matrix.values.view(), &flags)
}

/// As if nothing but these features had moved the score, the first most.
fn explain(matrix: &FeatureMatrix, row: usize, features: &[&str]) -> Explanation {
    let mut shares = vec![0.0; matrix.features.len()];
    for (nth, feature) in features.iter().enumerate() {
        shares[place(matrix, feature)] = 0.3 - 0.05 * nth as f64;
    }
    let split = Split { base: 0.4, errors: vec![0.0; shares.len()], shares };
    explain_row(matrix, &baselines(matrix, &[row]), &Compared::default(), row, 0.8, &split)
}

#[test]
fn a_login_says_from_where_and_with_what() {
    let log = log(&["download,203.0.113.9,BR,Firefox 120.0,payroll.xlsx"]);
    let matrix = matrix(&log, &of_logins());
    let row = last_of_anna(&matrix);
    let sentence = |feature: &str| explain(&matrix, row, &[feature]).sentence;
    for (feature, expected) in [
        ("new_country", "First time from BR for the user in 90 days."),
        ("country_new_to_everyone", "First time from BR for anybody in 90 days."),
        ("new_address", "First time from 203.0.113.9 for the user in 180 days."),
        ("new_address_range", "First time from 203.0.113.0/24 for the user in 180 days."),
        ("new_browser", "First time with Firefox for the user in 30 days."),
        ("new_action", "First use of download by the user in 180 days."),
        ("resource_new_to_everyone", "First use of payroll.xlsx by anybody in 180 days."),
        (
            "everyone_share_country",
            "An unusually low share of other users who used the country BR before (0 %, typically 100 %).",
        ),
    ] {
        assert_eq!(sentence(feature), expected, "{feature}");
    }
    assert_eq!(
        explain(&matrix, row, &["new_country", "new_resource"]).sentence,
        "First time from BR for the user in 90 days and first use of payroll.xlsx by the user in 180 days."
    );
    let contribution = &explain(&matrix, row, &["new_country"]).contributions[0];
    assert_eq!((contribution.value, contribution.text.as_deref()), (1.0, Some("yes (BR)")));
    assert_eq!(contribution.typical_text.as_deref(), Some("no"));
    assert_eq!(
        rule_text(&matrix, row, place(&matrix, "new_country"), 0.0),
        "first use of a country by the user in 90 days is yes (BR), above no"
    );
}

#[test]
fn peers_are_named_as_such() {
    let mut plan = of_logins();
    plan.novelty = Some(Novelty { peers: 5, ..Novelty::default() });
    let matrix = matrix(&log(&["view,10.0.0.1,BR,Chrome 81.0,plan.xlsx"]), &plan);
    let row = last_of_anna(&matrix);
    assert_eq!(
        explain(&matrix, row, &["country_new_to_peers"]).sentence,
        "First time from BR among the user's peers in 90 days."
    );
}

#[test]
fn a_day_a_session_and_a_user_list_what_is_new_in_order_of_time() {
    let events = [
        "view,10.0.0.1,RU,Chrome 81.0,plan.xlsx",
        "view,10.0.0.1,BR,Chrome 81.0,plan.xlsx",
        "view,10.0.0.1,RU,Chrome 81.0,plan.xlsx",
        "view,10.0.0.1,DE,Chrome 82.0,plan.xlsx",
    ];
    let two = "Unusually many countries that the user did not use in the 90 days before (2: RU and BR, typically 0).";
    for recipe in [Recipe::UserDay, Recipe::Session, Recipe::Activity, Recipe::Login] {
        let matrix = matrix(&log(&events), &with_novelty(recipe, LoginRows::User));
        let explained = explain(&matrix, last_of_anna(&matrix), &["new_countries"]);
        assert_eq!(explained.sentence, two, "{recipe:?}");
        assert_eq!(explained.contributions[0].text.as_deref(), Some("2 (RU and BR)"));
    }
    let many: Vec<String> = (0..5).map(|i| format!("view,10.0.0.1,C{i},Chrome 81.0,plan.xlsx")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let matrix = matrix(&log(&many), &with_novelty(Recipe::UserDay, LoginRows::User));
    assert_eq!(
        explain(&matrix, last_of_anna(&matrix), &["countries_new_to_everyone"]).sentence,
        "Unusually many countries that nobody used in the 90 days before (5: C0, C1 and 3 more, typically 0)."
    );
    let very_many: Vec<String> = (0..150)
        .map(|i| format!("anna,2026-01-21 10:{:02}:{:02},view,10.0.0.1,C{i},,\n", i / 60, i % 60))
        .collect();
    let matrix =
        self::matrix(&(log(&[]) + &very_many.concat()), &with_novelty(Recipe::UserDay, LoginRows::User));
    assert_eq!(
        explain(&matrix, last_of_anna(&matrix), &["new_countries"]).sentence,
        "Unusually many countries that the user did not use in the 90 days before (150: C0, C1 and at least 98 more, typically 0)."
    );
}

#[test]
fn the_list_names_what_is_new_on_one_row_and_on_several() {
    let events = [
        "view,10.0.0.1,BR,Chrome 81.0,plan.xlsx",
        "view,10.0.0.1,RU,Chrome 81.0,plan.xlsx",
        "view,10.0.0.1,DE,,",
    ];
    let mut matrix = matrix(&log(&events), &of_logins());
    let country = place(&matrix, "new_country");
    // Nothing else tells these logins from others.
    for feature in (0..matrix.features.len()).filter(|&feature| feature != country) {
        matrix.values.column_mut(feature).fill(0.0);
    }
    let row = last_of_anna(&matrix);
    let own: Vec<u32> = (0..=row as u32).collect();
    let sentence = |flagged: &[usize]| subject_sentence(&matrix, &baselines(&matrix, flagged), &own, flagged);
    assert_eq!(
        sentence(&[row - 1]),
        "First time from RU for the user in 90 days on 2026-01-21 at 09:01, 1 of 43 records."
    );
    assert_eq!(
        sentence(&[row - 2, row - 1]),
        "First time from BR and RU for the user in 90 days in 2 of 43 records."
    );

    let days = ["view,10.0.0.1,BR,Chrome 81.0,plan.xlsx"; 1];
    let mut csv = log(&days);
    csv.push_str("anna,2026-01-22 09:00:00,view,10.0.0.1,RU,Chrome 81.0,plan.xlsx\n");
    let mut matrix = self::matrix(&csv, &with_novelty(Recipe::UserDay, LoginRows::User));
    let country = place(&matrix, "new_countries");
    for feature in (0..matrix.features.len()).filter(|&feature| feature != country) {
        matrix.values.column_mut(feature).fill(0.0);
    }
    let row = last_of_anna(&matrix);
    let own: Vec<u32> = (0..=row as u32).collect();
    let flagged = [row - 1, row];
    assert_eq!(
        subject_sentence(&matrix, &baselines(&matrix, &flagged), &own, &flagged),
        "Unusually many countries that the user did not use in the 90 days before (BR and RU) on 2 of 22 days."
    );
}

#[test]
fn a_value_is_short_and_cannot_speak_for_the_sentence() {
    let path = "/share/".repeat(30);
    let events = format!("\u{1b}[2J\u{202e}<b>run</b>,10.0.0.1,BR. Nothing unusual,Chrome 81.0,{path}");
    let matrix = matrix(&log(&[&events]), &of_logins());
    let row = last_of_anna(&matrix);
    let sentence = |feature: &str| explain(&matrix, row, &[feature]).sentence;
    assert_eq!(sentence("new_country"), "First time from \"BR. Nothing unusual\" for the user in 90 days.");
    assert_eq!(
        sentence("new_action"),
        "First use of \"\u{fffd}[2J\u{fffd}<b>run</b>\" by the user in 180 days."
    );
    assert_eq!(
        sentence("new_resource"),
        format!("First use of \"{}…\" by the user in 180 days.", &path[..39])
    );
}

#[test]
fn nothing_is_named_where_it_is_not_known() {
    let mut matrix = matrix(&log(&["view,10.0.0.1,BR,Chrome 81.0,plan.xlsx"]), &of_logins());
    let (row, country) = (last_of_anna(&matrix), place(&matrix, "new_country"));
    assert_eq!(matrix.named(row, country).unwrap().values, ["BR"]);
    assert_eq!(matrix.named(row - 1, country), None, "nothing is new");
    assert_eq!(matrix.named(row, place(&matrix, "burst")), None, "no feature of a value");
    matrix.values[[row, country]] = 2.0;
    assert_eq!(matrix.named(row, country), None, "another number of values than were found");
    matrix.values[[row, country]] = 1.0;
    matrix.new_values = None;
    assert_eq!(
        explain(&matrix, row, &["new_country"]).sentence,
        "First use of a country by the user in 90 days."
    );
}
