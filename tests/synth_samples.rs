//! The sample generator: pinned bytes, findable anomalies, ranges.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{features, plan, table_of, value};
use isoscope::engine::features::FeatureMatrix;
use isoscope::engine::plan::{Recipe, Role};
use isoscope::engine::synth::{Generated, Sample, Spec, generate};
use std::collections::BTreeSet;

const SAMPLES: [Sample; 3] = [Sample::OfficeActivity, Sample::WebSessions, Sample::Logins];

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[test]
fn bytes_are_pinned() {
    let hashes = SAMPLES.map(|name| {
        let spec = Spec { users: 30, days: 10, anomalous_share: 0.2, seed: 42, ..Spec::new(name) };
        let generated = generate(&spec).unwrap();
        assert_eq!(generated, generate(&spec).unwrap());
        assert_ne!(generated.csv, generate(&Spec { seed: 43, ..spec }).unwrap().csv);
        format!("{:016x}", hash(&generated.csv))
    });
    assert_eq!(hashes, ["c07916da7ebfaff9", "a6b6bd2798ef19f8", "2fd482b5db399f9d"]);
}

#[test]
fn committed_inputs_of_the_feature_goldens_are_samples() {
    for (name, users, days, file) in [
        (Sample::OfficeActivity, 12, 14, include_bytes!("golden/features/office.csv").as_slice()),
        (Sample::WebSessions, 8, 10, include_bytes!("golden/features/web.csv")),
    ] {
        let generated = generate(&Spec { users, days, seed: 7, ..Spec::new(name) }).unwrap();
        assert!(generated.csv == file, "{name:?}");
    }
}

#[test]
fn logs_are_well_formed() {
    let headers = [
        "user_id,timestamp,action",
        "user,time,action,session_id",
        "user,time,ip_address,country,device,browser,success",
    ];
    for (name, header) in SAMPLES.into_iter().zip(headers) {
        let spec = Spec { users: 2_100, days: 2, anomalous_share: 0.1, ..Spec::new(name) };
        let Generated { csv, planted, kinds } = generate(&spec).unwrap();
        let text = String::from_utf8(csv).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(header));
        let times: Vec<&str> = lines.map(|line| line.split(',').nth(1).unwrap()).collect();
        assert!(times.is_sorted());
        assert!(times[0] >= "2026-01-05" && times[times.len() - 1] < "2026-01-08");

        assert_eq!((planted.len(), kinds.len()), (210, 210));
        let users: BTreeSet<&str> =
            text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        assert!(users.len() > 1_900, "{} names for 2,100 users, some absent on both days", users.len());
        assert!(planted.iter().all(|user| users.contains(user.as_str())));
        assert_eq!(kinds.iter().collect::<BTreeSet<_>>(), name.kinds().iter().collect());
    }
}

#[test]
fn without_anomalies_others_behave_as_before() {
    let spec = Spec { users: 20, days: 5, anomalous_share: 0.0, ..Spec::new(Sample::Logins) };
    let without = generate(&spec).unwrap();
    assert!(without.planted.is_empty());
    let with = generate(&Spec { anomalous_share: 0.25, ..spec }).unwrap();
    assert_eq!(with.planted.len(), 5);
    let of_others = |generated: &Generated| -> Vec<String> {
        let text = String::from_utf8(generated.csv.clone()).unwrap();
        let is_other = |line: &&str| !with.planted.iter().any(|user| line.starts_with(&format!("{user},")));
        text.lines().filter(is_other).map(str::to_owned).collect()
    };
    assert_eq!(of_others(&with), of_others(&without));
}

#[test]
fn out_of_range_is_refused() {
    let spec = Spec::new(Sample::OfficeActivity);
    for bad in [
        Spec { users: 0, ..spec.clone() },
        Spec { users: 1_000_001, ..spec.clone() },
        Spec { days: 0, ..spec.clone() },
        Spec { days: 3_661, ..spec.clone() },
        Spec { users: 1_000_000, days: 2, ..spec.clone() },
        Spec { anomalous_share: -0.1, ..spec.clone() },
        Spec { anomalous_share: 0.51, ..spec.clone() },
        Spec { anomalous_share: f64::NAN, ..spec.clone() },
    ] {
        assert_eq!(generate(&bad).unwrap_err().code(), "parameter", "{bad:?}");
    }
    let smallest = generate(&Spec { users: 1, days: 1, ..spec }).unwrap();
    assert_eq!(smallest.planted.len(), 1, "a share above 0 plants at least one");
}

/// The share of users of a kind whose value of a feature is beyond that of all users without anomalies.
fn share_beyond(generated: &Generated, matrix: &FeatureMatrix, kind: &str, feature: &str) -> f64 {
    let is_planted = |user: &String| generated.planted.contains(user);
    let of_user = |user: &String| value(matrix, user, feature);
    let most = matrix.subjects.iter().filter(|user| !is_planted(user)).map(of_user).fold(f64::MIN, f64::max);
    let users: Vec<&String> = generated
        .planted
        .iter()
        .zip(&generated.kinds)
        .filter(|(_, k)| **k == kind)
        .map(|(user, _)| user)
        .collect();
    users.iter().filter(|user| of_user(user) > most).count() as f64 / users.len() as f64
}

#[test]
fn planted_users_can_be_found() {
    let roles = |time, user| vec![(Role::Time, time), (Role::Entity, user)];
    let mut office = roles("timestamp", "user_id");
    office.push((Role::Action, "action"));
    let mut web = roles("time", "user");
    web.extend([(Role::Action, "action"), (Role::Session, "session_id")]);
    let mut logins = roles("time", "user");
    logins.extend([
        (Role::Address, "ip_address"),
        (Role::Country, "country"),
        (Role::Device, "device"),
        (Role::Outcome, "success"),
    ]);
    /// A sample, its roles, and the feature by which each kind stands out.
    type Case<'a> = (Sample, &'a [(Role, &'a str)], &'a [(&'a str, &'a str)]);
    let cases: [Case<'_>; 3] = [
        (
            Sample::OfficeActivity,
            &office,
            &[
                ("night-worker", "night_share"),
                ("burst-downloader", "busiest_hour_events"),
                ("weekend-worker", "weekend_share"),
                ("mass-deleter", "share_file_delete"),
            ],
        ),
        (
            Sample::WebSessions,
            &web,
            &[
                ("night-sessions", "night_share"),
                ("scraper", "events_per_active_day"),
                ("marathon", "avg_session_duration"),
            ],
        ),
        (
            Sample::Logins,
            &logins,
            &[
                ("brute-force", "failed_share"),
                ("new-countries", "distinct_countries"),
                ("many-devices", "distinct_devices"),
                ("night-logins", "night_share"),
            ],
        ),
    ];
    for (name, roles, signs) in cases {
        let generated = generate(&Spec::new(name)).unwrap();
        let (matrix, _) = features(&table_of(&generated.csv), &plan(Recipe::Activity, roles));
        for (kind, feature) in signs {
            let share = share_beyond(&generated, &matrix, kind, feature);
            assert!(share >= 0.8, "{name:?}: {share} of {kind} stand out by {feature}");
        }
    }
}
