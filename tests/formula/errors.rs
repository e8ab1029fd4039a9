//! What is refused, where, and with which words.

use super::table;
use isoscope::engine::error::{Error, ErrorKind};
use isoscope::engine::formula::{Formula, MAX_CHARS};

const LOG: &str =
    "user,time,country,clicks,ok\nann,2024-07-10 08:00:00,DE,3,true\nbob,2024-07-10 09:00:00,FR,5,false\n";

fn error_of(text: &str) -> Error {
    match Formula::parse(text).and_then(|formula| formula.compile_number(&table(LOG))) {
        Ok(_) => panic!("{text} is a formula"),
        Err(error) => error,
    }
}

/// The part that the carets are under, what was expected there and what was found.
fn parts(error: &Error) -> (String, String, String) {
    match error.kind() {
        ErrorKind::Formula { formula, at, expected, found, .. } => {
            let underlined = formula.chars().skip(at.0).take(at.1 - at.0).collect();
            (underlined, expected.clone(), found.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn mistakes_are_found_where_they_are() {
    for (text, at, expected, found) in [
        ("", "", "a formula", "nothing"),
        ("  ", "", "a formula", "nothing"),
        ("clicks +", "", "a value", "the end"),
        ("clicks + * 2", "*", "a value", "\"*\""),
        ("(clicks", "(", "closing parenthesis", "the end"),
        ("sum(clicks", "(", "closing parenthesis", "the end"),
        ("clicks)", ")", "no closing parenthesis", "\")\""),
        ("clicks, 2", ",", "arguments of a function", "\",\""),
        ("clicks clicks", "clicks", "an operator or the end", "\"clicks\""),
        ("clicks & ok", "&", "an operator or the end", "write and"),
        ("min(clicks; 2)", ";", "an operator", "\";\""),
        ("country = 'DE", "'DE", "a closing '", "the end"),
        ("[clicks", "[clicks", "a closing ]", "the end"),
        ("12abc", "12abc", "a number", "\"12abc\""),
        ("1.2.3", "1.2.", "a number", "\"1.2.\""),
        ("1e999", "1e999", "1.8e308", "1e999"),
        ("1 < clicks < 5", "<", "joined by and", "a comparison of a comparison"),
        ("and", "and", "a value", "\"and\""),
        ("summ(clicks)", "summ", "a function", "\"summ\" (did you mean \"sum\"?)"),
        ("clicks(3)", "clicks", "a function", "\"clicks\""),
        ("if(ok, 1)", "if(ok, 1)", "if(condition, a, b)", "2 arguments"),
        ("abs()", "abs()", "abs(x)", "no argument"),
        ("count(ok, ok)", "count(ok, ok)", "count()", "2 arguments"),
        ("clikcs * 2", "clikcs", "a column of the table", "\"clikcs\" (did you mean \"clicks\"?)"),
        ("Clicks * 2", "Clicks", "a column of the table", "did you mean \"clicks\"?"),
        ("zzz", "zzz", "a column of the table", "\"zzz\""),
        ("clicks / country", "country", "a number", "the column \"country\" (type category)"),
        ("hour(clicks)", "clicks", "a time", "the column \"clicks\" (type integer)"),
        ("time + 1", "time", "minutes(", "the column \"time\" (type timestamp)"),
        ("lower(clicks) = 'x'", "clicks", "a text", "type integer"),
        ("country = 5", "5", "a text, as the column \"country\" (type category)", "the number 5"),
        ("5 = country", "5", "a text, as the column \"country\"", "the number 5"),
        ("clicks = '5'", "'5'", "a number, as the column \"clicks\" (type integer)", "the text '5'"),
        ("country < 'X'", "country < 'X'", "numbers or times", "texts"),
        ("time > 'yesterday'", "'yesterday'", "a time such as", "the text 'yesterday'"),
        ("time = clicks", "clicks", "a time", "type integer"),
        ("if(ok, clicks, 'x')", "'x'", "a number, as the column", "the text 'x'"),
        ("min(country, 'x')", "country", "numbers or times", "type category"),
        ("contains(country, user)", "user", "a text in quotes", "something else"),
        ("is_night(time, 25, 6)", "25", "an hour", "something else"),
        ("mean(country)", "country", "a number", "type category"),
        ("highest(country)", "country", "numbers or times", "type category"),
        ("sum(mean(clicks))", "mean(clicks)", "each row has", "mean(…) inside an aggregate"),
        ("clicks / sum(clicks)", "clicks", "mean(clicks)", "of single rows"),
        ("country", "country", "a number or a yes-or-no", "a text"),
        ("first(time)", "first(time)", "a number", "a time"),
        ("clicks + €", "€", "a name, a number", "\"€\""),
    ] {
        let error = error_of(text);
        let (underlined, says_expected, says_found) = parts(&error);
        assert_eq!(error.code(), "formula");
        assert_eq!(underlined, at, "{text}: {error}");
        assert!(says_expected.contains(expected), "{text}: {error}");
        assert!(says_found.contains(found), "{text}: {error}");
    }
}

#[test]
fn the_message_shows_the_place() {
    assert_eq!(
        error_of("clikcs / 2").in_feature("rate").to_string(),
        "the formula of \"rate\", character 1: expected a column of the table, found \"clikcs\" (did you mean \"clicks\"?)\n  \
         clikcs / 2\n  ^^^^^^"
    );
    assert_eq!(
        error_of("ok +\n\t'ä' + 1").to_string().lines().skip(1).collect::<Vec<_>>(),
        ["  ok +  'ä' + 1", "        ^^^"]
    );
    assert_eq!(error_of("ok *").to_string().lines().last(), Some("      ^"));
    let long = format!("{}zzz{}", "clicks + ".repeat(30), " + clicks".repeat(30));
    let message = error_of(&long).to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert!(lines[1].starts_with("  …") && lines[1].ends_with('…'), "{message}");
    let place = lines[2].find('^').unwrap();
    assert_eq!(lines[1].chars().skip(place).take(3).collect::<String>(), "zzz", "{message}");
    assert_eq!(lines[2].trim(), "^^^");
}

#[test]
fn what_is_too_long_or_too_deep_is_refused() {
    for deep in [
        "(".repeat(9_999),
        "-".repeat(9_999),
        "not ".repeat(2_499),
        "abs(".repeat(2_499),
        "1^".repeat(4_999),
        format!("{}1{}", "(".repeat(4_999), ")".repeat(4_999)),
    ] {
        assert!(parts(&error_of(&deep)).1.contains("64 deep"));
    }
    let error = error_of(&"(".repeat(100_000));
    assert!(parts(&error).1.contains(&format!("at most {MAX_CHARS} characters")), "{error}");
    // Long is not deep.
    for operator in [" + ", " or ", " * "] {
        let long = vec!["1"; 1_600].join(operator);
        let formula = Formula::parse(&long).unwrap();
        assert_eq!(formula.to_string(), long);
        formula.compile(&table(LOG)).unwrap();
    }
    let deepest = format!("{}1{}", "(".repeat(64), ")".repeat(64));
    assert_eq!(Formula::parse(&deepest).unwrap().to_string(), "1");
}
