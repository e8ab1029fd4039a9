//! What formulas give.

use super::{all_rows, table};
use isoscope::engine::formula::{
    FUNCTIONS, Formula, FormulaCheck, PreviewValue, ValueType, check as check_text,
};
use isoscope::engine::table::{Column, ColumnData, Table, Validity};
use isoscope::engine::time::zone::Zone;
use std::sync::Arc;

const LOG: &str = "\
user,time,action,country,bytes,status,ok,note
ann,2024-07-10 08:00:00,login,DE,100,200,true,first
ann,2024-07-10 23:30:00,view,DE,250.5,404,false,
ann,2024-07-13 12:00:00,view,FR,,200,true,It's
bob,2024-07-11 02:15:00,LOGIN,,0,500,false,12.5
bob,2024-07-11 02:15:00,view,US,40,200,true, 7
";

const ANN: [u32; 3] = [0, 1, 2];

fn value_of(text: &str, table: &Table, rows: &[u32]) -> Option<f64> {
    let formula = Formula::parse(text).unwrap_or_else(|error| panic!("{error}"));
    let mut program = formula.compile(table).unwrap_or_else(|error| panic!("{error}"));
    let value = program.value(table, rows);
    // Scratch memory of one entity is nothing to the next.
    assert_eq!(program.value(table, rows), value, "{text}");
    value
}

#[track_caller]
fn check(cases: &[(&str, Option<f64>)], rows: &[u32]) {
    let log = table(LOG);
    for &(text, expected) in cases {
        assert_eq!(value_of(text, &log, rows), expected, "{text}");
    }
}

#[test]
fn arithmetic_is_that_of_school_and_python() {
    let cases: [(&str, f64); 27] = [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("7 - 2 - 1", 4.0),
        ("12 / 2 / 3", 2.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("2 ^ -1", 0.5),
        ("--3", 3.0),
        ("7 % 3", 1.0),
        ("-7 % 3", 2.0),
        ("7 % -3", -2.0),
        ("-6 % 3", 0.0),
        (".5 + 1e-1 + 2.", 2.6),
        ("1 < 2", 1.0),
        ("2 <> 2", 0.0),
        ("2 == 2 && 1 != 2 || false", 1.0),
        ("NOT 1 = 2", 1.0),
        ("!true", 0.0),
        ("true and not false or false", 1.0),
        ("round(2.5) + round(-2.5) + round(0.4)", 0.0),
        ("floor(-1.5) * 10 + ceil(-1.5)", -21.0),
        ("min(3, 1, 2) + MAX(3, 1, 2)", 4.0),
        ("clamp(5, 0, 3) + clamp(-5, 0, 3) + clamp(1, 0, 3)", 4.0),
        ("log(exp(2)) + log2(8) + log10(1000) + log1p(0)", 8.0),
        ("sqrt(16) + abs(-1)", 5.0),
        ("if(1 < 2, 10, 20) + if(0, 1, 2)", 12.0),
        ("in(3, 1, 2, 3) + in(4, 1, 2, 3)", 1.0),
    ];
    let log = table(LOG);
    for (text, expected) in cases {
        let value = value_of(text, &log, &[0]).unwrap();
        assert!((value - expected).abs() < 1e-12, "{text}: {value}");
    }
}

#[test]
fn what_is_no_finite_number_is_missing() {
    for text in [
        "1 / 0",
        "0 / 0",
        "5 % 0",
        "log(0)",
        "log(-1)",
        "log1p(-1)",
        "sqrt(-1)",
        "exp(1000)",
        "10 ^ 400",
        "(-8) ^ 0.5",
    ] {
        check(
            &[
                (text, None),
                (&format!("is_missing({text})"), Some(1.0)),
                (&format!("coalesce({text}, 9)"), Some(9.0)),
            ],
            &[0],
        );
    }
}

#[test]
fn missing_goes_in_and_comes_out() {
    let cases = [
        // The bytes of row 2 and the country of row 3 are missing.
        ("bytes + 1", None),
        ("bytes > 1", None),
        ("not bytes", None),
        ("min(bytes, 1)", None),
        ("max(1, bytes)", None),
        ("bytes ^ 0", None),
        ("if(bytes > 1, 1, 2)", None),
        ("if(true, 1, bytes)", Some(1.0)),
        ("if(true, bytes, 1)", None),
        ("bytes > 1 and false", Some(0.0)),
        ("bytes > 1 and true", None),
        ("true or bytes > 1", Some(1.0)),
        ("bytes > 1 or false", None),
        ("in(bytes, 1, 2)", None),
        ("in(1, bytes, 1)", Some(1.0)),
        ("in(2, bytes, 1)", None),
        ("is_missing(bytes)", Some(1.0)),
        ("coalesce(bytes, 7)", Some(7.0)),
        ("is_missing(note)", Some(0.0)),
    ];
    check(&cases, &[2]);
    let cases = [
        ("country = 'DE'", None),
        ("country != 'DE'", None),
        ("in(country, 'DE', 'FR')", None),
        ("length(country)", None),
        ("contains(country, '')", None),
        ("is_missing(country)", Some(1.0)),
        ("coalesce(country, 'none') = 'none'", Some(1.0)),
        ("coalesce(country, action) = 'LOGIN'", Some(1.0)),
        ("lower(coalesce(country, action)) = 'login'", Some(1.0)),
        ("length(coalesce(country, 'none'))", Some(4.0)),
    ];
    check(&cases, &[3]);
}

#[test]
fn texts_are_compared_as_spelled() {
    let cases = [
        ("action = 'login'", Some(1.0)),
        ("'login' = action", Some(1.0)),
        ("action == \"login\"", Some(1.0)),
        ("action = 'Login'", Some(0.0)),
        ("action != 'login'", Some(0.0)),
        ("action = 'no such action'", Some(0.0)),
        ("'a' = 'a' and 'a' != 'b'", Some(1.0)),
        ("action = action", Some(1.0)),
        ("action = country", Some(0.0)),
        ("lower('LOGIN') = action", Some(1.0)),
        ("in(action, 'view', 'login')", Some(1.0)),
        ("in(action, country, lower('LOGIN'))", Some(1.0)),
        ("contains(action, 'ogi') and starts_with(action, 'lo') and ends_with(action, 'in')", Some(1.0)),
        ("length(action) + length('größe')", Some(10.0)),
        ("if(ok, country, action) = 'DE'", Some(1.0)),
        ("if(not ok, country, action) = 'login'", Some(1.0)),
        ("`action` = 'login' and [action] = 'login'", Some(1.0)),
    ];
    check(&cases, &[0]);
    check(&[("note = 'It''s'", Some(1.0)), ("note = \"It's\"", Some(1.0))], &[2]);
    check(&[("number(note)", Some(12.5)), ("number(ok) + number(3)", Some(3.0))], &[3]);
    check(&[("number(note)", Some(7.0))], &[4]);
    check(&[("number(note)", None)], &[0]);
}

#[test]
fn times_are_read_by_the_clock() {
    let cases = [
        ("hour(time)", Some(23.0)),
        ("weekday(time)", Some(2.0)),
        ("day(time) * 100 + month(time)", Some(1007.0)),
        ("is_weekend(time)", Some(0.0)),
        ("is_night(time, 22, 6)", Some(1.0)),
        ("is_night(time, 0, 6)", Some(0.0)),
        ("time > '2024-07-10' and time < '2024-07-11'", Some(1.0)),
        ("'2024-07-10 23:30' = time", Some(1.0)),
        ("minutes('2024-07-10', time)", Some(23.5 * 60.0)),
        ("minutes(time, '2024-07-10')", Some(-23.5 * 60.0)),
        ("hour(max(time, '2024-07-11 05:00'))", Some(5.0)),
        ("in(time, '2024-07-10', '2024-07-10 23:30')", Some(1.0)),
    ];
    check(&cases, &[1]);
    check(&[("is_weekend(time)", Some(1.0))], &[2]);

    // 22:30 UTC is half past midnight of the next day in Berlin.
    let zone = Arc::new(Zone::new("Europe/Berlin", vec![(0, 3_600), (1_711_846_800_000, 7_200)]).unwrap());
    let mut validity = Validity::new();
    validity.push(true);
    let ms = ColumnData::Timestamp { ms: vec![1_720_650_600_000], zoned: true };
    let table = Table::new(vec![Column::new("time", ms, validity).in_zone(zone)]);
    for (text, expected) in [
        ("hour(time)", 0.0),
        ("day(time)", 11.0),
        ("time = '2024-07-11 00:30'", 1.0),
        ("time = '2024-07-10 22:30:00Z'", 1.0),
    ] {
        assert_eq!(value_of(text, &table, &[0]), Some(expected), "{text}");
    }
}

#[test]
fn aggregates_are_over_the_rows() {
    let cases = [
        ("count()", Some(3.0)),
        ("count(ok)", Some(2.0)),
        ("count(bytes > 100)", Some(1.0)),
        ("share(bytes > 100)", Some(0.5)),
        ("share(action = 'view')", Some(2.0 / 3.0)),
        ("sum(bytes)", Some(350.5)),
        ("mean(bytes)", Some(175.25)),
        ("lowest(bytes) + highest(bytes)", Some(350.5)),
        ("stddev(status)", Some((2.0 * 204.0f64 * 204.0 / 9.0).sqrt())),
        ("median(status)", Some(200.0)),
        ("median(bytes)", Some(175.25)),
        ("first(bytes)", Some(100.0)),
        ("last(bytes)", Some(250.5)),
        ("first(country) = last(country)", Some(0.0)),
        ("first(country) = 'DE'", Some(1.0)),
        ("distinct(country)", Some(2.0)),
        ("distinct(lower(action))", Some(2.0)),
        ("distinct(coalesce(note, action))", Some(3.0)),
        ("distinct(status)", Some(2.0)),
        ("distinct(hour(time))", Some(3.0)),
        ("minutes(lowest(time), highest(time))", Some(76.0 * 60.0)),
        ("hour(first(time))", Some(8.0)),
        ("in(first(country), 'DE', last(country))", Some(1.0)),
        ("sum(bytes) / max(count(), 1)", Some(350.5 / 3.0)),
        ("if(count() > 2, 1, 0) + count(not ok) * 10", Some(11.0)),
        // Without an aggregate it is the mean over the rows.
        ("status >= 400", Some(1.0 / 3.0)),
        ("bytes", Some(175.25)),
        ("5", Some(5.0)),
    ];
    check(&cases, &ANN);
    let cases = [
        ("sum(bytes)", Some(0.0)),
        ("count(bytes > 0)", Some(0.0)),
        ("distinct(bytes)", Some(0.0)),
        ("share(bytes > 0)", None),
        ("mean(bytes)", None),
        ("lowest(bytes)", None),
        ("last(bytes)", None),
        ("stddev(bytes)", None),
        ("median(bytes)", None),
        ("bytes", None),
        ("coalesce(mean(bytes), 0)", Some(0.0)),
    ];
    check(&cases, &[2]);
}

#[test]
fn an_entity_of_many_blocks_is_one() {
    let mut csv = String::from("user,x,word\n");
    for row in 0..5_000 {
        csv.push_str(&format!("u,{},w{}\n", row % 977, row % 1_300));
    }
    let table = table(&csv);
    let rows = all_rows(&table);
    let xs: Vec<f64> = (0..5_000).map(|row| f64::from(row % 977)).collect();
    for (text, expected) in [
        ("count()", 5_000.0),
        ("sum(x)", xs.iter().sum()),
        ("distinct(x)", 977.0),
        ("distinct(word)", 1_300.0),
        ("last(x)", xs[4_999]),
        ("highest(x)", 976.0),
        ("count(word = 'w1299')", 3.0),
        (
            &format!(
                "count(in(word, {}))",
                (0..40).map(|n| format!("'w{n}', 'x{n}'")).collect::<Vec<_>>().join(", ")
            ),
            160.0,
        ),
    ] {
        assert_eq!(value_of(text, &table, &rows), Some(expected), "{text}");
    }
}

#[test]
fn printed_formulas_have_no_needless_parentheses() {
    for (text, printed) in [
        ("((a))+( b*c )", "a + b * c"),
        ("(a + b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a^b)^c", "(a ^ b) ^ c"),
        ("a^(b^c)", "a ^ b ^ c"),
        ("-(a+b)", "-(a + b)"),
        ("NOT(a and b)or c", "not (a and b) or c"),
        ("not (a = b)", "not a = b"),
        ("(not a) = b", "(not a) = b"),
        ("SUM ( [a b] )", "sum(`a b`)"),
        ("[or]||`a``b`", "`or` or `a``b`"),
        ("user.name==\"it's\"", "user.name = 'it''s'"),
    ] {
        assert_eq!(Formula::parse(text).unwrap().to_string(), printed, "{text}");
    }
}

#[test]
fn a_formula_tells_its_columns_and_whether_it_aggregates() {
    let formula = Formula::parse("sum(b) / count(a > 1 and b = `c d`)").unwrap();
    assert_eq!((formula.columns(), formula.aggregates()), (vec!["b", "a", "c d"], true));
    assert!(!Formula::parse("a + lower(b)").unwrap().aggregates());
}

#[test]
fn every_function_is_documented_as_it_is_called() {
    for function in FUNCTIONS {
        assert!(function.signature.starts_with(&format!("{}(", function.name)), "{}", function.signature);
        assert!(!function.doc.is_empty() && !function.doc.ends_with('.'), "{}", function.name);
        // As many arguments as its signature has.
        let call = function.signature.split(", count(").next().unwrap().replace(", ...", "");
        Formula::parse(&call).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_reference_has_every_function() {
    let reference = include_str!("../../docs/formulas.md");
    let (values, aggregates) = reference.split_once("## Aggregates").unwrap();
    for function in FUNCTIONS {
        let row = format!("| `{}` | {} |\n", function.signature, function.doc);
        let section = if function.aggregate { aggregates } else { values };
        assert!(section.contains(&row), "docs/formulas.md lacks {row}");
    }
    // And its examples are formulas.
    let examples = reference.lines().filter_map(|line| line.split_once("formula: "));
    let examples: Vec<String> = examples
        .map(|(_, rest)| {
            let quote = rest.chars().next().unwrap();
            rest[1..].split(quote).next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(examples.len(), 4);
    for example in examples {
        Formula::parse(&example).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_check_shows_first_rows_or_first_entities() {
    let log = table(LOG);
    let of = |text: &str| {
        let check = check_text(text, &log, Some(0), Some(1));
        assert_eq!((check.ok, check.error), (true, None), "{text}");
        let shown = |PreviewValue { of, value }| format!("{of}: {}", value.unwrap_or_default());
        let shown = check.preview.into_iter().map(shown).collect::<Vec<_>>().join(", ");
        (check.value_type.unwrap(), check.aggregates, shown, check.preview_rows)
    };
    let rows = "row 1: 100, row 2: 250.5, row 3: , row 4: 0, row 5: 40";
    assert_eq!(of("bytes"), (ValueType::Number, false, rows.to_owned(), 5));
    let entities = "ann: true, bob: true".to_owned();
    assert_eq!(of("count(not ok) > 0"), (ValueType::Boolean, true, entities, 5));
    assert_eq!(of("first(action) = 'LOGIN'").2, "ann: false, bob: true");
    assert_eq!(
        of("lower(action) = 'login'").2,
        "row 1: true, row 2: false, row 3: false, row 4: true, row 5: false"
    );
    let whole = check_text("count()", &log, None, None).preview;
    assert_eq!(whole, [PreviewValue { of: "all rows".to_owned(), value: Some("5".to_owned()) }]);
}

#[test]
fn a_check_shows_texts_and_times_too_but_they_are_no_features() {
    let log = table(LOG);
    for (text, value_type, first) in [
        ("last(country)", ValueType::Text, "FR"),
        ("if(true, lower(action), note)", ValueType::Text, "login"),
        ("highest(time)", ValueType::Time, "2024-07-13T12:00:00"),
    ] {
        let check = check_text(text, &log, Some(0), Some(1));
        assert_eq!((check.ok, check.value_type), (false, Some(value_type)), "{text}");
        assert_eq!(check.preview[0].value.as_deref(), Some(first));
        assert!(check.error.unwrap().expected.starts_with("a number"));
    }
}

#[test]
fn a_check_counts_as_javascript_does() {
    let FormulaCheck { ok, value_type, error, preview, .. } =
        check_text("'😀' = cuntry", &table(LOG), None, None);
    let error = error.unwrap();
    assert_eq!((ok, value_type, preview.len(), error.start, error.end), (false, None, 0, 7, 13));
    assert_eq!(error.found, "\"cuntry\" (did you mean \"country\"?)");
    assert!(error.message.ends_with("\n  '😀' = cuntry\n        ^^^^^^"), "{}", error.message);
}
