//! A table of sources and what they are read as.

use super::{Limits, Options, findings, ingest, read, read_all_ways, render, tiny};
use isoscope::engine::ingest::Encoding;
use isoscope::engine::table::ColumnType;

#[track_caller]
fn check(source: impl AsRef<[u8]>, expected: &[&str]) {
    check_with(source, &Options::default(), expected);
}

#[track_caller]
fn check_with(source: impl AsRef<[u8]>, options: &Options, expected: &[&str]) {
    let ingested = ingest(source.as_ref(), options).expect("a table");
    assert_eq!(render(&ingested).split('\n').collect::<Vec<_>>(), expected);
    assert_eq!(ingested.n_bytes, source.as_ref().len() as u64);
}

fn utf_16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn line_ends() {
    let expected = ["a:integer | b:category", "1 | x", "2 | y"];
    check("a,b\n1,x\n2,y\n", &expected);
    check("a,b\n1,x\n2,y", &expected);
    check("a,b\r\n1,x\r\n2,y\r\n", &expected);
    check("a,b\r1,x\r2,y\r", &expected);
    check("a,b\r\n1,x\n2,y\r", &expected);
    check("\n\r\n\na,b\n\n1,x\r\n\r\n\r\n2,y\n\n\n", &expected);
}

#[test]
fn quotes() {
    check(
        "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"line\none\",\"\"\n\"\"\"\",z\n",
        &["a:category | b:category", "x, y | say \"hi\"", "line", "one | ∅", "\" | z"],
    );
    check("a,b\n5\"6,it's \"ok\"\nx,y\n", &["a:category | b:category", "5\"6 | it's \"ok\"", "x | y"]);
    check("\"a\",\"b\"\n\"1\",\"2\"\n", &["a:integer | b:integer", "1 | 2"]);
}

#[test]
fn text_behind_a_closing_quote_is_kept() {
    check(
        "a,b\nx,y\n\"u\"v\"w,1\n\"p\" ,q\n",
        &["a:category | b:category", "x | y", "uv\"w | 1", "p  | q", "! text-after-quote x2 @2:3:8"],
    );
}

#[test]
fn a_quote_that_never_closes_swallows_nothing() {
    check(
        "a,b\nx,1\ny,\"2\nz,3\n\"w \"\"w\"\"\",4\n",
        &[
            "a:category | b:category",
            "x | 1",
            "y | \"2",
            "z | 3",
            "w \"w\" | 4",
            "! unclosed-quote x1 @2:3:8",
            "! mixed-types x1 @2:3:8",
        ],
    );
    // Forgotten in one record, behind which others have quotes of their own, up to the last.
    check(
        "a,b\nx,\"p\ny,q\nz,\"r, s\"\nw,\"t\nv,\"u",
        &[
            "a:category | b:category",
            "x | \"p",
            "y | q",
            "z | r, s",
            "w | \"t",
            "v | \"u",
            "! unclosed-quote x3 @1:2:4",
        ],
    );
    // Quotes and blanks that do not open another field.
    check(
        "a,b\nx,\"p\nsaid \"\"no\"\",\n\"\"yes\"\"\"\n\"y\nz\" ,q\n",
        &[
            "a:category | b:category",
            "x | p",
            "said \"no\",",
            "\"yes\"",
            "y",
            "z  | q",
            "! text-after-quote x1 @2:5:31",
        ],
    );
    check(
        "a,b\nx,p\ny,\"q\nz,r\nw,s\n",
        &["a:category | b:category", "x | p", "y | \"q", "z | r", "w | s", "! unclosed-quote x1 @2:3:8"],
    );
}

#[test]
fn ragged_records_are_kept() {
    check(
        "a,b,c\n1,2,3\n4\n5,6,7,8,9\n,,\n6,7,8,\n",
        &[
            "a:integer | b:integer | c:integer",
            "1 | 2 | 3",
            "4 | ∅ | ∅",
            "5 | 6 | 7",
            "∅ | ∅ | ∅",
            "6 | 7 | 8",
            "! short-record x1 @2:3:12",
            "! long-record x2 @3:4:14",
        ],
    );
}

#[test]
fn positions_count_lines_inside_quotes_and_blank_ones() {
    check(
        "a,b\r\n\"1\r\n2\r3\n4\",x\r\n\r\ny\r\n",
        &["a:category | b:category", "1\r", "2\r3", "4 | x", "y | ∅", "! short-record x1 @2:7:21"],
    );
}

#[test]
fn delimiters() {
    for delimiter in [',', ';', '\t', '|'] {
        let source =
            "time,who,what\n2024-01-01,anna,x y\n2024-01-02,ben,z\n".replace(',', &delimiter.to_string());
        let ingested = ingest(source.as_bytes(), &Options::default()).unwrap();
        assert_eq!(
            (ingested.delimiter.map(char::from), ingested.table.columns().len()),
            (Some(delimiter), 3)
        );
    }
    // What texts have as well parts fields where each record has as many, and some are numbers or times.
    for delimiter in ['^', '~', ' '] {
        let source = "who,what,n\nanna,x,1\nben,z,2\n".replace(',', &delimiter.to_string());
        let ingested = ingest(source.as_bytes(), &Options::default()).unwrap();
        assert_eq!(
            (ingested.delimiter.map(char::from), ingested.table.columns().len()),
            (Some(delimiter), 3)
        );
    }
    for source in [
        "name\nanna b c\nben d e\n",
        "note\nit is 5\nit was 6 then\n",
        "at\n2024-01-01 10:00:00\n",
        "10 Jan 2024\n11 Jan 2024\n",
    ] {
        assert_eq!(
            ingest(source.as_bytes(), &Options::default()).unwrap().table.columns().len(),
            1,
            "{source}"
        );
    }
    // A decimal comma is no delimiter, and neither is one inside quotes.
    let ingested = ingest(b"a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5\n", &Options::default()).unwrap();
    assert_eq!((ingested.delimiter, ingested.table.columns().len()), (Some(b';'), 3));
    let ingested = ingest(b"a|b\n\"1,2,3\"|x\n\"4,5,6\"|y\n", &Options::default()).unwrap();
    assert_eq!((ingested.delimiter, ingested.table.columns().len()), (Some(b'|'), 2));
    check("only\nx\ny\n", &["only:category", "x", "y"]);
    check_with(
        "a,b;c\n1,2;3\n",
        &Options { delimiter: Some(b';'), ..Options::default() },
        &["a,b:float | c:integer", "1.2 | 3"],
    );
    check("sep=|\na|b\n1|2\n", &["a:integer | b:integer", "1 | 2", "! skipped-lines x1 @0:1:0"]);
}

#[test]
fn control_characters_as_delimiters() {
    for delimiter in ['\u{1}', '\u{1f}', '\u{1e}'] {
        // Values with commas, as many in each record, are values all the same.
        let source = "time,who,what\n2024-01-01,anna,x;y\n2024-01-02,ben,z;y\n\\N,ben,z;\n";
        let source = source.replace(',', &delimiter.to_string()).replace(';', ",");
        check(
            &source,
            &[
                "time:timestamp | who:category | what:category",
                "2024-01-01T00:00:00 | anna | x,y",
                "2024-01-02T00:00:00 | ben | z,y",
                "∅ | ben | z,",
            ],
        );
        let ingested = ingest(source.as_bytes(), &Options::default()).unwrap();
        assert_eq!(ingested.delimiter.map(char::from), Some(delimiter));
        let label = ingested.format.label(ingested.delimiter);
        assert!(label.contains("0x") && !label.contains(char::is_control), "{label:?}");
    }
    // Nearly all bytes may be delimiters; of others that is only so where they are named.
    let short = |byte: &str| "1,2,3,4,5,6\n".replace(',', byte).repeat(40);
    let n_columns = |source: &str, delimiter: Option<u8>| {
        let options = Options { delimiter, header: Some(false), ..Options::default() };
        ingest(source.as_bytes(), &options).map(|ingested| ingested.table.columns().len())
    };
    assert_eq!(n_columns(&short("\u{1}"), None), Ok(6));
    assert_eq!(n_columns(&short("\u{4}"), Some(4)), Ok(6));
    assert_eq!(n_columns(&short("\u{4}"), None).unwrap_err().code(), "not-text");
    // One in a text here and there is none.
    let texts = "who,note\nanna,a\u{1f}b\nben,c\ncleo,d\n";
    assert_eq!(ingest(texts.as_bytes(), &Options::default()).unwrap().delimiter, Some(b','));
}

#[test]
fn headers() {
    check("1,x\n2,y\n3,x\n", &["column 1:integer | column 2:category", "1 | x", "2 | y", "3 | x"]);
    check(
        "anna,login\nben,logout\nanna,logout\nben,login\n",
        &[
            "column 1:category | column 2:category",
            "anna | login",
            "ben | logout",
            "anna | logout",
            "ben | login",
        ],
    );
    check("user,action\nanna,login\n", &["user:category | action:category", "anna | login"]);
    check("7,8\n", &["column 1:integer | column 2:integer", "7 | 8"]);
    check("a,b,c\n1,b,c\n2,b,c\n", &["a:integer | b:category | c:category", "1 | b | c", "2 | b | c"]);
    // Lines that are written alike, where the first would be no name.
    check(
        "host-1 up\nhost-2 down\nhost-17 up\n",
        &["column 1:category", "host-1 up", "host-2 down", "host-17 up"],
    );
    check("host\nhost-2\nhost-17\n", &["host:category", "host-2", "host-17"]);
    check("q1;q2\nyes, sir;a1\nno;b2\n", &["q1:category | q2:category", "yes, sir | a1", "no | b2"]);
    let no = Options { header: Some(false), ..Options::default() };
    check_with("a,b\nc,d\n", &no, &["column 1:category | column 2:category", "a | b", "c | d"]);
    let yes = Options { header: Some(true), ..Options::default() };
    check_with("1,2\n3,4\n", &yes, &["1:integer | 2:integer", "3 | 4"]);
}

#[test]
fn header_names_are_made_unique() {
    check(
        "a, a ,,a (2),a,\nx,y,z,u,v,w\n",
        &[
            "a:category | a (3):category | column 3:category | a (2):category | a (4):category | column 6:category",
            "x | y | z | u | v | w",
            "! duplicate-header x2 @0:1:0",
            "! empty-header x2 @0:1:0",
        ],
    );
}

#[test]
fn a_title_above_the_header_and_a_column_of_row_names() {
    check(
        "Exported on Monday\nuser,n\nanna,1\nben,2\n",
        &["user:category | n:integer", "anna | 1", "ben | 2", "! skipped-lines x1 @0:1:0"],
    );
    check(
        "user,n\nr1,anna,1\nr2,ben,2\n",
        &[
            "column 1:category | user:category | n:integer",
            "r1 | anna | 1",
            "r2 | ben | 2",
            "! empty-header x1 @0:1:0",
        ],
    );
    check(
        "user,n\nanna,1,\nben,2,\n",
        &["user:category | n:integer", "anna | 1", "ben | 2", "! long-record x2 @1:2:7"],
    );
}

#[test]
fn types() {
    check(
        "i,f,b,t,c,id,long\n-1,1.5,true,2024-01-01 10:00:00,x,007,12345678901234567890\n \
         2,1e308,FALSE,2024-01-02T00:00:00,NO,+5,1\n,NA,null,-,None,N/A,NULL\n",
        &[
            "i:integer | f:float | b:boolean | t:timestamp | c:category | id:category | long:category",
            "-1 | 1.5 | true | 2024-01-01T10:00:00 | x | 007 | 12345678901234567890",
            "2 | 1e308 | false | 2024-01-02T00:00:00 | NO | +5 | 1",
            "∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅",
        ],
    );
    check("b,c\n yes,  a \nno, NA\n  , \n", &["b:boolean | c:category", "true |   a ", "false | ∅", "∅ | ∅"]);
    check("b\nyes\nno\n\nyes\n", &["b:boolean", "true", "false", "true"]);
}

#[test]
fn numbers_that_are_not_finite_are_missing_and_said() {
    check(
        "x,n\na,1e308\nb,NaN\nc,-1e308\nd,inf\ne,1e999\nf,NA\n",
        &[
            "x:category | n:float",
            "a | 1e308",
            "b | ∅",
            "c | -1e308",
            "d | ∅",
            "e | ∅",
            "f | ∅",
            "! bad-number x3 @2:3:12",
        ],
    );
}

/// A column `v` of 200 numbers with other values in some rows (from 0).
fn numbers_with(others: &[(usize, &str)]) -> String {
    let mut source = "k,v\n".to_owned();
    for row in 0..200 {
        let value =
            others.iter().find(|(at, _)| *at == row).map_or(row.to_string(), |(_, v)| (*v).to_owned());
        source.push_str(&format!("k,{value}\n"));
    }
    source
}

/// Reads with a sample that ends before the odd rows, in several chunkings.
fn read_behind_sample(source: &str) -> super::Ingested {
    let limits = Limits { sample_bytes: 40, batch_bytes: 64, ..Limits::default() };
    read_all_ways(source.as_bytes(), &Options::default(), &limits).expect("a table")
}

#[test]
fn few_bad_numbers_are_missing_many_make_categories() {
    let few = read_behind_sample(&numbers_with(&[(100, "oops"), (150, "inf"), (160, "")]));
    assert_eq!(findings(&few), ["! bad-number x2 @101:102:494"]);
    let column = &few.table.columns()[1];
    assert_eq!((column.column_type(), column.validity().n_missing()), (ColumnType::Integer, 3));

    let many: Vec<(usize, &str)> = (100..110).map(|row| (row, "svc")).chain([(150, "")]).collect();
    let many = read_behind_sample(&numbers_with(&many));
    assert_eq!(findings(&many), ["! mixed-types x10 @101:102:494"]);
    let column = &many.table.columns()[1];
    assert_eq!((column.column_type(), column.validity().n_missing()), (ColumnType::Category, 1));
    assert_eq!([99, 100, 110].map(|row| column.text(row).into_owned()), ["99", "svc", "110"]);
}

#[test]
fn identifiers_that_no_integer_gives_back_stay_exact() {
    let ids: Vec<(usize, &str)> = (100..110).map(|row| (row, "0042")).collect();
    let ingested = read_behind_sample(&numbers_with(&ids));
    let column = &ingested.table.columns()[1];
    assert_eq!([42, 100].map(|row| column.text(row).into_owned()), ["42", "0042"]);
}

#[test]
fn integers_become_floats_at_the_first_fraction() {
    let ingested = read_behind_sample(&numbers_with(&[(120, "0.5")]));
    let column = &ingested.table.columns()[1];
    assert_eq!(column.column_type(), ColumnType::Float);
    assert_eq!([119, 120, 121].map(|row| column.number(row)), [Some(119.0), Some(0.5), Some(121.0)]);
    assert_eq!(ingested.findings, []);
}

#[test]
fn a_column_that_turns_into_text_does_so_halfway() {
    let mut source = "v\n".to_owned();
    (0..1000).for_each(|n| source.push_str(&format!("{n}\n")));
    (0..4000).for_each(|n| source.push_str(&format!("user-{}\n", n % 7)));
    let limits = Limits { sample_bytes: 64, batch_bytes: 500, ..Limits::default() };
    let whole = read([source.as_bytes()], &Options::default(), &limits).unwrap();
    assert_eq!(read(source.as_bytes().chunks(1), &Options::default(), &limits).unwrap(), whole);
    let column = &whole.table.columns()[0];
    assert_eq!(
        [0, 999, 1000, 4999].map(|row| column.text(row).into_owned()),
        ["0", "999", "user-0", "user-2"]
    );
    assert_eq!(findings(&whole), ["! mixed-types x1025 @1001:1002:3892"]);
}

#[test]
fn a_column_whose_first_value_comes_late_takes_its_type() {
    let mut source = "k,v\n".to_owned();
    (0..50).for_each(|_| source.push_str("x,\n"));
    source.push_str("x,1.5\nx,-\nx,2\n");
    let ingested = read_behind_sample(&source);
    let column = &ingested.table.columns()[1];
    assert_eq!((column.column_type(), column.validity().n_missing()), (ColumnType::Float, 51));
    assert_eq!((column.number(50), column.number(52)), (Some(1.5), Some(2.0)));
    check("k,v\nx,\ny,\n", &["k:category | v:category", "x | ∅", "y | ∅"]);
}

#[test]
fn bad_times_are_missing_while_most_are_good() {
    let mut source = "k,t\n".to_owned();
    (10..20).for_each(|day| source.push_str(&format!("k,2024-01-{day}\n")));
    let good = source.clone() + "k,soon\nk,\n";
    let ingested = ingest(good.as_bytes(), &Options::default()).unwrap();
    assert_eq!(findings(&ingested), ["! bad-time x1 @11:12:134"]);
    assert_eq!(ingested.table.columns()[1].validity().n_missing(), 2);
}

#[test]
fn times_by_number_need_a_name_that_says_time() {
    check(
        "ts,n\n1720627652,1720627652\n",
        &["ts:timestamp | n:integer", "2024-07-10T16:07:32Z | 1720627652"],
    );
    check("login_time\n1720627652123\n", &["login_time:timestamp", "2024-07-10T16:07:32.123Z"]);
    check("time_on_page\n154\n", &["time_on_page:integer", "154"]);
}

#[test]
fn dates_are_decided_by_the_whole_column() {
    check("d\n3/4/2024\n13/4/2024\n", &["d:timestamp", "2024-04-03T00:00:00", "2024-04-13T00:00:00"]);
    check("d\n5.6.2024 7:08\n", &["d:timestamp", "2024-06-05T07:08:00", "! ambiguous-dates x1 @1:2:2"]);
    check(
        "d\n9.6.2017 15:23\n09/30/2017 11:55:03\n09/14/2017 08:16:30\n",
        &[
            "d:timestamp",
            "2017-09-06T15:23:00",
            "2017-09-30T11:55:03",
            "2017-09-14T08:16:30",
            "! mixed-time-formats x1 @1:2:2",
        ],
    );
    check(
        "t\nDec 31 23:59:59\nJan  1 00:00:01\n",
        &["t:timestamp", "Dec 31 23:59:59", "Jan 1 00:00:01", "! no-year x2 @1:2:2"],
    );
}

#[test]
fn byte_order_marks_and_encodings() {
    check(b"\xEF\xBB\xBFa,b\n1\n", &["a:integer | b:category", "1 | ∅", "! short-record x1 @1:2:7"]);
    let text = "näme,n\r\n\"a\r\n😀\",1\r\nx\r\n";
    let expected = ["näme:category | n:integer", "a\r", "😀 | 1", "x | ∅", "! decoded x1 @0:1:0"];
    let with = |last| [&expected[..], &[last]].concat();
    check([&[0xFF, 0xFE][..], &utf_16(text, u16::to_le_bytes)].concat(), &with("! short-record x1 @2:4:40"));
    check([&[0xFE, 0xFF][..], &utf_16(text, u16::to_be_bytes)].concat(), &with("! short-record x1 @2:4:40"));
    check(utf_16(text, u16::to_le_bytes), &with("! short-record x1 @2:4:38"));
    check(utf_16(text, u16::to_be_bytes), &with("! short-record x1 @2:4:38"));
    check(
        b"name,n\ncaf\xE9 \x80,1\nx\n",
        &[
            "name:category | n:integer",
            "café € | 1",
            "x | ∅",
            "! decoded x1 @0:1:0",
            "! short-record x1 @2:3:16",
        ],
    );
    let told = Options { encoding: Some(Encoding::Windows1252), ..Options::default() };
    check_with("n\né\n".as_bytes(), &told, &["n:category", "Ã©", "! decoded x1 @0:1:0"]);
}

#[test]
fn bytes_that_are_no_utf_8_are_replaced_and_counted() {
    check(
        b"k,v\nx,\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\ny,a\xFFb\xC3\nz,a\xFFb\xC3\n",
        &[
            "k:category | v:category",
            "x | éééé",
            "y | a\u{FFFD}b\u{FFFD}",
            "z | a\u{FFFD}b\u{FFFD}",
            "! replaced-bytes x2 @2:3:15",
        ],
    );
    // A lone surrogate is no character either.
    let mut lone = utf_16("\u{FEFF}k,v\nx,y\nz,", u16::to_le_bytes);
    lone.extend([0x00, 0xD8, b'\n', 0]);
    check(
        lone,
        &[
            "k:category | v:category",
            "x | y",
            "z | \u{FFFD}",
            "! decoded x1 @0:1:0",
            "! replaced-bytes x1 @2:3:18",
        ],
    );
}

#[test]
fn nul_bytes_are_kept_and_counted() {
    check(
        b"k,v\nx,a\0\0b\ny,c\nz,\0\n",
        &["k:category | v:category", "x | a\0\0b", "y | c", "z | \0", "! nul-bytes x3 @1:2:4"],
    );
}

#[test]
fn a_row_limit_counts_what_it_leaves_out() {
    let options = Options { max_rows: Some(2), ..Options::default() };
    let ingested = ingest(b"a\n1\n2\n3\n4\n5\n", &options).unwrap();
    assert_eq!((ingested.table.n_rows(), ingested.n_records), (2, 5));
    assert_eq!(findings(&ingested), ["! row-limit x3 @3:4:6"]);
}

#[test]
fn columns_can_be_left_out() {
    let options = Options { columns: Some(vec!["c".into(), "a".into()]), ..Options::default() };
    check_with(
        "a,b,c\n1,2,3\n4,5\n",
        &options,
        &["a:integer | c:integer", "1 | 3", "4 | ∅", "! short-record x1 @2:3:12"],
    );
}

#[test]
fn ten_thousand_columns() {
    let line = |cell: &dyn Fn(usize) -> String| (0..10_000).map(cell).collect::<Vec<_>>().join(",") + "\n";
    let source = line(&|c| format!("c{c}")) + &line(&|c| c.to_string()) + &line(&|c| (2 * c).to_string());
    let ingested = read(source.as_bytes().chunks(1000), &Options::default(), &Limits::default()).unwrap();
    assert_eq!((ingested.table.columns().len(), ingested.table.n_rows()), (10_000, 2));
    assert_eq!(ingested.table.columns()[9_999].number(1), Some(19_998.0));
    assert_eq!(read([source.as_bytes()], &Options::default(), &tiny()).unwrap().table, ingested.table);
}

#[test]
fn cells_are_data_whatever_they_say() {
    check(
        "user,n\n<script>alert(1)</script>,1\n=2+3,2\n",
        &["user:category | n:integer", "<script>alert(1)</script> | 1", "=2+3 | 2"],
    );
}

#[test]
fn a_table_takes_about_as_many_bytes_as_its_values() {
    let mut source = "t,n,f,who\n".to_owned();
    for row in 0..50_000 {
        source.push_str(&format!(
            "2024-01-01 {:02}:{:02}:00,{row},{row}.5,user-{}\n",
            row / 60 % 24,
            row % 60,
            row % 100
        ));
    }
    let ingested = read([source.as_bytes()], &Options::default(), &Limits::default()).unwrap();
    let bytes_per_row = ingested.table.heap_bytes() as f64 / 50_000.0;
    assert!((25.0..25.5).contains(&bytes_per_row), "8 + 8 + 8 + 1 and a dictionary: {bytes_per_row}");
}
