//! Guessed plans: the built-in samples, the fixtures, published logs, and tables that leave questions.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod features_support;

use features_support::{golden_path, shared_file, table, table_of};
use isoscope::engine::plan::guess::{Suggestion, suggest};
use isoscope::engine::plan::{Parameters, Recipe, Role};
use isoscope::engine::synth::{self, Sample, Spec};

/// Roles of a suggestion as `role=column`, in the order of roles.
fn roles(suggestion: &Suggestion) -> Vec<String> {
    suggestion.plan.roles.iter().map(|(role, column)| format!("{}={column}", role.name())).collect()
}

fn suggested(csv: &str) -> Suggestion {
    suggest(&table(csv)).unwrap()
}

/// `n` records by a template whose `#u` is one of 40 users, `#t` a time and `#i` the record's number.
fn log(header: &str, template: &str, n: usize) -> String {
    let mut csv = format!("{header}\n");
    for i in 0..n {
        let time = format!("2026-01-{:02} {:02}:{:02}:00", 1 + i / 40 % 28, i % 24, i % 60);
        let record = template.replace("#u", &(i * 7 % 40).to_string()).replace("#t", &time);
        csv.push_str(&format!("{}\n", record.replace("#i", &i.to_string())));
    }
    csv
}

#[test]
fn logins_are_pointed_out() {
    let outcome = |header: &str, template: &str| {
        let suggestion = suggested(&log(header, template, 400).replacen("true", "false", 20));
        assert_eq!(suggestion.plan.recipe, Recipe::Activity);
        suggestion.reasons.into_iter().find(|reason| reason.role == Role::Outcome).unwrap().reason
    };
    let says_so = |reason: String| reason.contains("the recipe login");
    assert!(says_so(outcome("user,time,country,success", "u#u,#t,DE,true")));
    assert!(!says_so(outcome("user,time,success", "u#u,#t,true")));
    assert!(!says_so(outcome("user,time,country,action,success", "u#u,#t,DE,a#u,true")));
}

#[test]
fn built_in_samples() {
    let expect = |name, expected_roles: &[&str], recipe| {
        let csv = synth::generate(&Spec { users: 60, ..Spec::new(name) }).unwrap().csv;
        let suggestion = suggest(&table_of(&csv)).unwrap();
        assert_eq!(roles(&suggestion), expected_roles);
        assert_eq!(suggestion.plan.recipe, recipe, "{name:?}");
        assert!(suggestion.questions.is_empty(), "{:?}", suggestion.questions);
        assert_eq!(suggestion.reasons.len(), expected_roles.len(), "a reason for every role");
    };
    expect(Sample::OfficeActivity, &["entity=user_id", "time=timestamp", "action=action"], Recipe::Activity);
    expect(
        Sample::WebSessions,
        &["entity=user", "time=time", "action=action", "session=session_id"],
        Recipe::UserDay,
    );
    expect(
        Sample::Logins,
        &[
            "entity=user",
            "time=time",
            "device=device",
            "address=ip_address",
            "country=country",
            "browser=browser",
            "outcome=success",
        ],
        Recipe::Activity,
    );
}

#[test]
fn a_labelled_login_log() {
    let csv = std::fs::read(golden_path("features/login_attempts.csv")).unwrap();
    let suggestion = suggest(&table_of(&csv)).unwrap();
    assert_eq!(
        roles(&suggestion),
        [
            "entity=username",
            "time=datetime",
            "address=source_ip",
            "outcome=success",
            "label=in_attack_window"
        ]
    );
    assert_eq!(suggestion.plan.label.as_deref(), Some("in_attack_window"));
    assert_eq!(suggestion.plan.parameters, Parameters::default());
}

#[test]
fn extended_logs() {
    let iis = |i: usize| {
        let time = format!("2026-01-{:02} {:02}:{:02}:00", 1 + i / 40 % 28, i % 24, i % 60);
        let (user, client, server) = (i * 7 % 40, i % 31, i % 2);
        format!(
            "{time} 10.0.0.{server} GET /{} CORP\\\\u{user} 192.0.2.{client} Mozilla/5.0+(X11) {}\n",
            i % 9,
            200 + i % 3 * 100
        )
    };
    let names = "#Fields: date time s-ip cs-method cs-uri-stem cs-username c-ip cs(User-Agent) sc-status\n";
    let log: String = std::iter::once(names.to_owned()).chain((0..400).map(iis)).collect();
    let named = suggested(&log.replace(" GET /1 ", " PUT /1 "));
    assert_eq!(
        roles(&named),
        [
            "entity=cs-username",
            "time=date time",
            "action=cs-method",
            "address=c-ip",
            "browser=cs(User-Agent)",
            "resource=cs-uri-stem",
            "outcome=sc-status",
        ]
    );
    let nameless = suggested(
        &log.replace("cs-username ", "")
            .replace("CORP\\\\", "")
            .lines()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').filter(|word| !word.starts_with('u')).collect();
                words.join(" ") + "\n"
            })
            .collect::<String>(),
    );
    assert_eq!(nameless.plan.roles[&Role::Entity], "c-ip", "the client and not the server");
    assert!(nameless.questions.is_empty(), "{:?}", nameless.questions);
}

#[test]
fn what_came_of_a_record_is_the_label_before_what_is_known_of_an_address() {
    let mut csv = "User ID,Login Timestamp,Is Attack IP,Is Account Takeover\n".to_owned();
    for i in 0..400 {
        let time = format!("2026-01-{:02} {:02}:{:02}:00", 1 + i / 40 % 28, i % 24, i % 60);
        csv.push_str(&format!("u{},{time},{},{}\n", i * 7 % 40, i % 9 == 0, i % 50 == 0));
    }
    let suggestion = suggested(&csv);
    assert_eq!(suggestion.plan.label.as_deref(), Some("Is Account Takeover"));
    assert!(suggestion.questions.is_empty(), "{:?}", suggestion.questions);
    let why = suggestion.reasons.iter().find(|reason| reason.role == Role::Label).unwrap();
    assert!(why.reason.contains("Is Attack IP"), "{why:?}");
    // It is better than none.
    let alone = suggested(&csv.replace(",Is Account Takeover", ",Remark"));
    assert_eq!(alone.plan.label.as_deref(), Some("Is Attack IP"));
}

#[test]
fn names_in_other_spellings() {
    for (header, template) in [
        ("UserName,@timestamp,EventType", "p#u,#t,open"),
        ("Account ID,Login Timestamp,Event Type", "#u,#t,open"),
        ("employee,created_at,operation", "e#u,#t,open"),
        ("Email,Date Time,Activity", "p#u@example.org,#t,open"),
    ] {
        let csv = log(header, template, 400).replacen(",open", ",close", 100);
        let suggestion = suggested(&csv);
        let names: Vec<&str> = header.split(',').collect();
        let expected =
            [format!("entity={}", names[0]), format!("time={}", names[1]), format!("action={}", names[2])];
        assert_eq!(roles(&suggestion), expected);
        assert!(suggestion.questions.is_empty(), "{:?}", suggestion.questions);
    }
}

#[test]
fn content_decides_where_names_do_not() {
    let suggestion = suggested(&log("kto,kiedy,skad,numer", "osoba-#u,#t,10.0.0.#u,#i", 400));
    assert_eq!(roles(&suggestion), ["entity=kto", "time=kiedy", "address=skad"]);
    let question = &suggestion.questions[0];
    assert_eq!((question.role, question.candidates[0].as_str()), (Role::Entity, "kto"));
}

#[test]
fn an_entity_repeats() {
    // "user_id" numbers the records here, so the log is about hosts.
    let suggestion = suggested(&log("user_id,timestamp,host", "#i,#t,h#u", 400));
    assert_eq!(suggestion.plan.roles[&Role::Entity], "host");
    // Nothing repeats: the name is all there is.
    let suggestion = suggested(&log("employee_id,hours_worked,hired_on", "E#i,38.5,#t", 100));
    assert_eq!(suggestion.plan.roles[&Role::Entity], "employee_id");
    // The log of one user: their days are compared.
    let suggestion = suggested(&log("user,timestamp,x", "anna,#t,#u", 400));
    assert_eq!(suggestion.plan.roles[&Role::Entity], "user");
    assert_eq!(suggestion.plan.recipe, Recipe::UserDay);
}

#[test]
fn few_subjects_are_compared_day_by_day() {
    let many = suggested(&log("user,time,action", "u#u,#t,a", 800));
    assert_eq!((many.plan.recipe, many.plan.contamination), (Recipe::Activity, 0.05));
    let few = suggested(&log("user,time,action", "u#u,#t,a", 800).replace("u1", "u2").replace("u3", "u2"));
    assert_eq!((few.plan.recipe, few.plan.contamination), (Recipe::UserDay, 0.06));
}

#[test]
fn a_table_of_days_and_its_second_label() {
    let mut csv = "user_id,date,sessions_count,night_ratio,is_anomaly_user,is_attack\n".to_owned();
    for i in 0..200 {
        let (user, day) = (i / 5, 1 + i % 5);
        csv.push_str(&format!("u{user},2026-01-{day:02},{},0.{i},{},{}\n", i % 4, user % 2, i % 2));
    }
    let suggestion = suggested(&csv);
    assert_eq!(suggestion.plan.recipe, Recipe::UserDay);
    assert_eq!(
        roles(&suggestion),
        ["entity=user_id", "time=date", "label=is_anomaly_user", "ignore=is_attack"]
    );
}

#[test]
fn questions_where_the_table_does_not_decide() {
    let no_time = suggested(&log("user,hour,action", "u#u,43:30.8,a", 200));
    assert_eq!(no_time.plan.roles.get(&Role::Time), None);
    assert_eq!(no_time.questions[0].role, Role::Time);

    let named_time = suggested(&log("user,Login Timestamp", "u#u,43:30.#i", 200));
    assert_eq!(named_time.questions[0].candidates, ["Login Timestamp"]);
    let question = &named_time.questions[0].question;
    assert!(
        question.contains("\"Login Timestamp\" is named so, and has \"43:30.0\": spreadsheets"),
        "{question}"
    );
    let of_words = suggested(&log("user,timestamp", "u#u,soon", 200));
    let question = &of_words.questions[0].question;
    assert!(question.ends_with("\"timestamp\" is named so, and has \"soon\"."), "{question}");

    let no_user = suggested(&log("timestamp,message", "#t,text #i", 200));
    let asked: Vec<Role> = no_user.questions.iter().map(|question| question.role).collect();
    assert_eq!(asked, [Role::Entity]);

    let two_users = suggested(&log("user_id,username,time", "#u,name-#u,#t", 200));
    let question = &two_users.questions[0];
    assert_eq!(
        (question.role, question.candidates.as_slice()),
        (Role::Entity, ["user_id".to_owned(), "username".to_owned()].as_slice())
    );

    let two_times = suggested(&log("user,created_at,timestamp", "u#u,#t,#t", 200));
    assert_eq!(two_times.questions[0].role, Role::Time);
}

#[test]
fn odd_tables_have_a_plan_too() {
    for csv in ["a\n1\n", "user,time\n,\n", "x,x,x\n1,2,3\n1,2,3\n", "<script>,=1+1\na,b\na,b\n"] {
        let suggestion = suggested(csv);
        let asks = suggestion.questions.iter().any(|question| question.role == Role::Time);
        assert!(asks || suggestion.plan.recipe == Recipe::Table, "{csv}");
    }
}

#[test]
fn published_logs() {
    let cases: [(&str, &[&str], Recipe); 7] = [
        (
            "systems/a_user_activity.csv",
            &["entity=user_id", "time=timestamp", "action=action"],
            Recipe::Activity,
        ),
        (
            "systems/b_user_day_features.csv",
            &["entity=user_id", "time=date", "label=is_anomaly_user"],
            Recipe::UserDay,
        ),
        (
            "logs/ssh_auth.csv",
            &["entity=user", "time=timestamp", "action=process", "device=host", "address=source_ip"],
            Recipe::Activity,
        ),
        (
            "logs/apache_access.csv",
            &[
                "entity=client_ip",
                "time=timestamp",
                "action=request",
                "browser=user_agent",
                "outcome=status",
                "amount=bytes",
            ],
            Recipe::Activity,
        ),
        (
            "logs/file_operations.csv",
            &["entity=case_id", "time=timestamp", "action=operation"],
            Recipe::Activity,
        ),
        ("systems/d_employees.csv", &["entity=employee_id"], Recipe::Table),
        (
            "logs/rba_2000.csv",
            &[
                "entity=User ID",
                "device=Device Type",
                "address=IP Address",
                "country=Country",
                "region=Region",
                "city=City",
                "browser=Browser Name and Version",
                "outcome=Login Successful",
                "label=Is Attack IP",
            ],
            Recipe::Activity,
        ),
    ];
    for (file, expected, recipe) in cases {
        let Some(bytes) = shared_file(file) else { continue };
        let suggestion = suggest(&table_of(&bytes)).unwrap();
        assert_eq!(roles(&suggestion), expected, "{file}");
        assert_eq!(suggestion.plan.recipe, recipe, "{file}");
    }
}

/// Numbers that nothing else stands beside describe records, however often one stands there.
#[test]
fn the_only_number_describes_records() {
    let of = |csv: &str| {
        let suggestion = suggested(csv);
        assert!(suggestion.questions.is_empty(), "{:?}", suggestion.questions);
        (suggestion.plan.recipe, suggestion.plan.roles.get(&Role::Entity).cloned())
    };
    let rows = |header: &str, row: &dyn Fn(usize) -> String| {
        let rows: String = (0..60).map(|i| format!("{}\n", row(i))).collect();
        format!("{header}\n{rows}")
    };
    let nothing = || (Recipe::Table, None);
    assert_eq!(of(&rows("amount", &|i| (i * 37 % 19).to_string())), nothing());
    assert_eq!(of(&rows("weight", &|i| format!("{:.2}", (i * 37 % 61) as f64 / 7.0))), nothing());
    let team = |i: usize| ["red", "blue", "green"][i % 3];
    assert_eq!(of(&rows("score,team", &|i| format!("{},{}", i * 37 % 19, team(i)))), nothing());
    // Another number describes them, a name is one, and text alone may be columns that nothing separates.
    let named = suggested(&rows("user,team", &|i| format!("{},{}", i * 37 % 19, team(i))));
    assert_eq!(named.plan.roles.get(&Role::Entity).map(String::as_str), Some("user"));
    assert_eq!(suggested(&rows("team", &|i| team(i).to_owned())).plan.recipe, Recipe::Activity);
    let events = suggested(&log("code,time", "#u,#t", 400));
    assert_eq!(roles(&events), ["entity=code", "time=time"]);
}
