//! Lines of well-known logs, in every cut. The lines are in the manner of the examples in Apache's and OpenSSH's
//! documentation and of public collections of logs; addresses and names are made up.

use super::{Options, ingest, render};
use isoscope::engine::finding::FindingKind;
use isoscope::engine::ingest::{Format, Ingest};
use isoscope::engine::table::ColumnData;
use isoscope::engine::time::zone::Zone;
use std::sync::Arc;

#[track_caller]
fn check(source: impl AsRef<[u8]>, format: Format, expected: &[&str]) {
    let ingested = ingest(source.as_ref(), &Options::default()).expect("a table");
    assert_eq!(render(&ingested).split('\n').collect::<Vec<_>>(), expected);
    assert_eq!(ingested.format, format);
    let told = Options { format: Some(format), ..Options::default() };
    assert_eq!(ingest(source.as_ref(), &told).expect("a table").table, ingested.table, "the format told");
}

#[test]
fn combined() {
    check(
        concat!(
            "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326 ",
            "\"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\"\n",
            "2001:db8::7 - - [10/Oct/2000:13:55:37 -0700] \"POST /a \\\"b\\\" c HTTP/1.1\" 404 - \"-\" \"say \\\"hi\\\" \\\\ \"\n",
            "not a line\n",
            "192.0.2.4 - John Doe [10/Oct/2000:13:55:38 -0700] \"\\x16\\x03\\x01\" 400 173 \"-\" \"-\"\n",
            "192.0.2.4 - - [10/Oct/2000:13:55:39 -0700] \"GET / HTTP/1.1\" 200 17 \"-\" \"cut"
        ),
        Format::CombinedLog,
        &[
            "address:ip | ident:category | user:category | time:timestamp | method:category | path:category | \
             protocol:category | status:integer | bytes:integer | referrer:category | user_agent:user-agent",
            "127.0.0.1 | ∅ | frank | 2000-10-10T20:55:36Z | GET | /apache_pb.gif | HTTP/1.0 | 200 | 2326 | \
             http://www.example.com/start.html | Mozilla/4.08 [en] (Win98; I ;Nav)",
            "2001:db8::7 | ∅ | ∅ | 2000-10-10T20:55:37Z | POST | /a \"b\" c | HTTP/1.1 | 404 | ∅ | ∅ | say \"hi\" \\ ",
            "192.0.2.4 | ∅ | John Doe | 2000-10-10T20:55:38Z | ∅ | \\x16\\x03\\x01 | ∅ | 400 | 173 | ∅ | ∅",
            "! bad-record x2 @3:3:257",
        ],
    );
}

#[test]
fn common_with_a_virtual_host_and_more() {
    check(
        concat!(
            "www.example.com:443 192.0.2.1 - anna [01/Mar/2024:00:00:01 +0000] \"GET /x?a=1 HTTP/2.0\" 200 5 0.004\n",
            "192.0.2.2 - - [01/Mar/2024:00:00:02 +0000] \"GET /old\" 301 -\n",
        ),
        Format::CommonLog,
        &[
            "address:ip | ident:category | user:category | time:timestamp | method:category | path:category | \
             protocol:category | status:integer | bytes:integer | vhost:category | extra:float",
            "192.0.2.1 | ∅ | anna | 2024-03-01T00:00:01Z | GET | /x?a=1 | HTTP/2.0 | 200 | 5 | www.example.com:443 | 0.004",
            "192.0.2.2 | ∅ | ∅ | 2024-03-01T00:00:02Z | GET | /old | ∅ | 301 | ∅ | ∅ | ∅",
        ],
    );
}

#[test]
fn sshd() {
    let lines = [
        ("Invalid user webmaster from 192.0.2.9", "invalid user | webmaster | 192.0.2.9 | ∅ | ∅"),
        (
            "Failed password for invalid user web from 192.0.2.9 port 38926 ssh2",
            "failed password | web | 192.0.2.9 | 38926 | password",
        ),
        (
            "Failed none for invalid user  from 192.0.2.9 port 7 ssh2",
            "failed none | ∅ | 192.0.2.9 | 7 | none",
        ),
        (
            "Failed password for root from 1.1.1.1 from 192.0.2.9 port 5 ssh2",
            "failed password | root from 1.1.1.1 | 192.0.2.9 | 5 | password",
        ),
        (
            "Accepted publickey for anna from 2001:db8::1 port 22 ssh2: RSA SHA256:abc",
            "accepted publickey | anna | 2001:db8::1 | 22 | publickey",
        ),
        (
            "message repeated 5 times: [ Failed password for root from 192.0.2.9 port 6 ssh2]",
            "failed password | root | 192.0.2.9 | 6 | password",
        ),
        (
            "Received disconnect from 192.0.2.9: 11: Bye Bye [preauth]",
            "disconnect received | ∅ | 192.0.2.9 | ∅ | ∅",
        ),
        (
            "Connection closed by authenticating user root 192.0.2.9 port 40 [preauth]",
            "connection closed | root | 192.0.2.9 | 40 | ∅",
        ),
        ("Disconnected from user anna 192.0.2.9 port 41", "disconnected | anna | 192.0.2.9 | 41 | ∅"),
        (
            "pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)",
            "session opened | anna | ∅ | ∅ | ∅",
        ),
        (
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.9  user=root",
            "authentication failure | root | 192.0.2.9 | ∅ | ∅",
        ),
        (
            "reverse mapping checking getaddrinfo for a.example [192.0.2.9] failed - POSSIBLE BREAK-IN ATTEMPT!",
            "reverse mapping failed | ∅ | 192.0.2.9 | ∅ | ∅",
        ),
        ("Did not receive identification string from 192.0.2.9", "no identification | ∅ | 192.0.2.9 | ∅ | ∅"),
        ("something of another version", "∅ | ∅ | ∅ | ∅ | ∅"),
    ];
    let source: String =
        lines.iter().map(|(line, _)| format!("Dec  9 06:55:46 LabSZ sshd[24200]: {line}\n")).collect();
    let mut expected = vec![
        "time:timestamp | host:category | process:category | pid:integer | event:category | user:category | \
         address:ip | port:integer | method:category | message:category"
            .to_owned(),
    ];
    for (line, said) in lines {
        expected.push(format!("Dec 9 06:55:46 | LabSZ | sshd | 24200 | {said} | {line}"));
    }
    expected.push("! no-year x14 @1:1:0".to_owned());
    check(source, Format::Sshd, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn syslog() {
    check(
        concat!(
            "Mar  1 00:00:01 web-1 CRON[123]: (root) CMD (run: now)\n",
            "<34>Mar 11 22:14:15 mymachine su: 'su root' failed\n",
            "2024-03-01T00:00:02.5+01:00 web-1 kernel: [ 1.5] up\n",
            "Mar  1 00:00:03 web-1 last message repeated 2 times\n",
            "continued\n",
        ),
        Format::Syslog,
        &[
            "time:timestamp | host:category | process:category | pid:integer | message:category | \
             facility:category | severity:category",
            "2000-03-01T00:00:01 | web-1 | CRON | 123 | (root) CMD (run: now) | ∅ | ∅",
            "2000-03-11T22:14:15 | mymachine | su | ∅ | 'su root' failed | auth | critical",
            "2024-02-29T23:00:02.500 | web-1 | kernel | ∅ | [ 1.5] up | ∅ | ∅",
            "2000-03-01T00:00:03 | web-1 | ∅ | ∅ | last message repeated 2 times | ∅ | ∅",
            "! no-year x3 @1:1:0",
            "! mixed-time-formats x1 @3:3:106",
            "! bad-record x1 @5:5:210",
        ],
    );
    check(
        concat!(
            "<165>1 2003-10-11T22:14:15.003Z a.example evntslog - ID47 [x@1 iut=\"3]\" s=\"\\\"\"][y@2] \u{FEFF}An event\n",
            "<0>1 2003-10-11T22:14:16Z a.example su 8 - - \n",
        ),
        Format::Syslog,
        &[
            "time:timestamp | host:category | process:category | pid:integer | message:category | \
             facility:category | severity:category | message_id:category | data:category",
            "2003-10-11T22:14:15.003Z | a.example | evntslog | ∅ | An event | local4 | notice | ID47 | \
             [x@1 iut=\"3]\" s=\"\\\"\"][y@2]",
            "2003-10-11T22:14:16Z | a.example | su | 8 | ∅ | kern | emergency | ∅ | ∅",
        ],
    );
}

#[test]
fn extended_as_iis_writes_it() {
    let names =
        "#Fields: date time cs-method cs-uri-stem cs-username c-ip cs(User-Agent) sc-status time-taken";
    let source = [
        "#Software: Microsoft Internet Information Services 10.0",
        "#Date: 2024-03-01 00:00:01",
        names,
        "2024-03-01 00:00:01 GET /a+b - 192.0.2.1 Mozilla/5.0+(Windows+NT+10.0;+Win64) 200 15",
        "#Software: Microsoft Internet Information Services 10.0",
        "#Date: 2024-03-02 06:00:00",
        names,
        "2024-03-02 06:00:02 POST /x CORP\\anna 192.0.2.2 - 401 31",
        "2024-03-02 06:00:03 POST /cut",
        "",
    ];
    check(
        source.join("\r\n"),
        Format::ExtendedLog,
        &[
            "date time:timestamp | cs-method:category | cs-uri-stem:category | cs-username:category | c-ip:ip | \
             cs(User-Agent):user-agent | sc-status:integer | time-taken:integer",
            "2024-03-01T00:00:01Z | GET | /a+b | ∅ | 192.0.2.1 | Mozilla/5.0 (Windows NT 10.0; Win64) | 200 | 15",
            "2024-03-02T06:00:02Z | POST | /x | CORP\\anna | 192.0.2.2 | ∅ | 401 | 31",
            "! bad-record x1 @3:9:504",
        ],
    );
}

#[test]
fn extended_as_cloudfront_writes_it() {
    check(
        concat!(
            "#Version: 1.0\n",
            "#Fields: date time x-edge-location sc-bytes c-ip cs(Host) cs(User-Agent) cs-uri-query\n",
            "2024-03-01\t00:00:01\tFRA2\t23\t192.0.2.1\td1.example\tMozilla/5.0%20(X11;%20Linux)%20A+B/1\t-\n",
            "2024-03-01\t00:00:02\tTXL 5\t24\t2001:db8::7\td1.example\tMozilla/5.0%2520(X11;%2520Linux)\ta=%20+b\n",
        ),
        Format::ExtendedLog,
        &[
            "date time:timestamp | x-edge-location:category | sc-bytes:integer | c-ip:ip | cs(Host):category | \
             cs(User-Agent):user-agent | cs-uri-query:category",
            "2024-03-01T00:00:01Z | FRA2 | 23 | 192.0.2.1 | d1.example | Mozilla/5.0 (X11; Linux) A+B/1 | ∅",
            "2024-03-01T00:00:02Z | TXL 5 | 24 | 2001:db8::7 | d1.example | Mozilla/5.0 (X11; Linux) | a=%20+b",
        ],
    );
}

#[test]
fn extended_with_quotes_and_a_day_of_its_own() {
    check(
        concat!(
            "#Version: 1.0\n",
            "#Date: 12-Jan-1996 00:00:00\n",
            "#Remark: \"none\"\n",
            "#Fields: time cs-method  cs-uri user user\n",
            "00:34:23 GET \"/foo bar\" \"say \"\"hi\"\"\" a\"b\n",
            " 12:21:16   GET /x  - \"open\n",
            "#Date: 13-Jan-1996 00:00:00\n",
            "# a line that is none\n",
            "#Remark: nothing\n",
            "00:00:01 PUT /x \"a\" \"-\"\n",
            "- PUT /x \"a\" b\n",
            "00:00:02 PUT /x - -\n00:00:03 PUT /x - -\n",
        ),
        Format::ExtendedLog,
        &[
            "date time:timestamp | cs-method:category | cs-uri:category | user:category | user (2):category",
            "1996-01-12T00:34:23Z | GET | /foo bar | say \"hi\" | a\"b",
            "1996-01-12T12:21:16Z | GET | /x | ∅ | \"open",
            "1996-01-13T00:00:01Z | PUT | /x | a | ∅",
            "∅ | PUT | /x | a | b",
            "1996-01-13T00:00:02Z | PUT | /x | ∅ | ∅",
            "1996-01-13T00:00:03Z | PUT | /x | ∅ | ∅",
            "! duplicate-header x1 @1:4:58",
            "! bad-record x1 @3:8:197",
        ],
    );
}

#[test]
fn extended_of_local_times_and_of_commas() {
    check(
        concat!(
            "#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n",
            "#Fields: date time action src-port\n\n",
            "2024-03-01 00:00:01 ALLOW 5353\n",
            "2024-03-01 00:00:02 DROP -\n",
        ),
        Format::ExtendedLog,
        &[
            "date time:timestamp | action:category | src-port:integer",
            "2024-03-01T00:00:01 | ALLOW | 5353",
            "2024-03-01T00:00:02 | DROP | ∅",
        ],
    );
    check(
        concat!(
            "#Log-type: Message Tracking Log\n#Fields: date-time,client-ip,subject,n\n",
            "2024-03-01T00:00:01.500Z,192.0.2.1,\"a, \"\"b\"\" c\",1\n",
            "2024-03-01T00:00:02.500Z,,hello you,\n",
        ),
        Format::ExtendedLog,
        &[
            "date-time:timestamp | client-ip:ip | subject:category | n:integer",
            "2024-03-01T00:00:01.500Z | 192.0.2.1 | a, \"b\" c | 1",
            "2024-03-01T00:00:02.500Z | ∅ | hello you | ∅",
        ],
    );
}

#[test]
fn extended_with_other_names_further_down() {
    check(
        concat!(
            "#Fields: date time c-ip sc-status\n",
            "2024-03-01 00:00:01 192.0.2.1 200\n",
            "#Fields: date  time c-ip sc-status\n",
            "2024-03-01 - 192.0.2.1 201\n- - 192.0.2.1 202\n",
            "#Fields: sc-status c-ip cs-username time date\n",
            "404 192.0.2.2 anna 00:00:03 2024-03-01\n",
            "405 - ben 00:00:05 2024-03-01\n406 - ben 00:00:06 2024-03-01\n",
            "2024-03-01 00:00:04 192.0.2.1 200\n",
            "#Fields: c-ip sc-status\n",
            "192.0.2.3 500\n",
        ),
        Format::ExtendedLog,
        &[
            "date time:timestamp | c-ip:ip | sc-status:integer | cs-username:category",
            "2024-03-01T00:00:01Z | 192.0.2.1 | 200 | ∅",
            "∅ | 192.0.2.1 | 201 | ∅",
            "∅ | 192.0.2.1 | 202 | ∅",
            "2024-03-01T00:00:03Z | 192.0.2.2 | 404 | anna",
            "2024-03-01T00:00:05Z | ∅ | 405 | ben",
            "2024-03-01T00:00:06Z | ∅ | 406 | ben",
            "∅ | 192.0.2.3 | 500 | ∅",
            "! bad-time x1 @2:4:103",
            "! other-names x2 @4:6:148",
            "! bad-record x1 @7:10:293",
        ],
    );
}

#[test]
fn extended_with_names_that_stand_many_times() {
    let lines = [vec!["a"; 2_000].join(" "), vec!["1"; 2_000].join(" ")];
    let mut reading = Ingest::new(Options::default()).expect("options");
    reading.push(format!("#Fields: {}\n{}\n", lines[0], lines[1]).as_bytes()).expect("a log");
    let table = reading.finish().expect("a table").table;
    let names: Vec<&str> = [0, 1, 1_999].map(|column| table.columns()[column].name()).to_vec();
    assert_eq!(names, ["a", "a (2)", "a (2000)"]);
}

/// Names that stand twice are told where they stand, and once: neither where the same line of names comes again, nor where
/// a part of the file is read by another that is told what stands above it.
#[test]
fn extended_with_names_that_stand_twice() {
    let head = "#Fields: time user user user\n";
    let source = format!(
        "{head}00:00:01 a b c\n{head}#Date: 2024-03-01\n00:00:02 a b c\n#Fields: time user user\n00:00:03 a b\n"
    );
    let ingested = ingest(source.as_bytes(), &Options::default()).unwrap();
    let told: Vec<(u64, u64, &str)> = ingested
        .findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::DuplicateHeader)
        .map(|finding| (finding.count, finding.first.line, finding.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [(3, 1, "columns of the same name got a number, as \"user (2)\"")],
        "two names above, and one below"
    );
}

/// Times of an extended log are of UTC, whatever zone the reader's clocks are in.
#[test]
fn extended_times_in_a_zone() {
    let source = b"#Fields: date time user\n2024-03-01 00:00:01 anna\n";
    let zone = Zone::new("Test/Zone", vec![(0, 3600)]).unwrap();
    let options = Options { zone: Some(Arc::new(zone)), ..Options::default() };
    let table = ingest(source, &options).unwrap().table;
    let ColumnData::Timestamp { ms, .. } = table.columns()[0].data() else { panic!("no times") };
    assert_eq!(ms.as_slice(), [1_709_251_201_000]);
}

#[test]
fn tables_are_no_logs() {
    for source in [
        "Dec 10 06:55:46,LabSZ,sshd[1]: x\nDec 10 06:55:47,LabSZ,sshd[1]: y\n",
        "2024-03-01T00:00:02,anna smith,x\n2024-03-01T00:00:03,ben jones,y\n",
        "time,user\n2024-03-01T00:00:02Z,anna\n",
    ] {
        assert_eq!(
            ingest(source.as_bytes(), &Options::default()).unwrap().format,
            Format::Delimited,
            "{source}"
        );
    }
}

#[test]
fn a_log_of_another_kind_is_refused() {
    for format in [Format::CombinedLog, Format::CommonLog, Format::ExtendedLog, Format::Sshd, Format::Syslog]
    {
        let told = Options { format: Some(format), ..Options::default() };
        let error = ingest(b"user,action\nanna,login\n", &told).unwrap_err();
        assert_eq!(error.code(), "wrong-format");
        assert!(error.to_string().contains("user,action"), "{error}");
    }
}
