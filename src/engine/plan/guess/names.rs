//! What column names mean: a table of the names that logs use, and how a name is compared with it.

use crate::engine::plan::Role;

/// How a known name must stand in a column's name.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stands {
    /// It is the whole name.
    Whole,
    /// It is the whole name or its last words: "time" in "Login Time".
    Last,
}
use Stands::{Last, Whole};

/// Known names by role, as words between single spaces, and how surely they mean the role: 3 plainly, 2 likely,
/// 1 if nothing better is there.
#[rustfmt::skip]
const KNOWN: &[(Role, u32, Stands, &[&str])] = &[
    (Role::Entity, 3, Last, &[
        "user", "user id", "userid", "uid", "user name", "username", "user email", "user identifier", "user key",
        "account", "account id", "account name", "login name", "logon name", "employee", "employee id", "emp id",
        "staff id", "customer id", "member id", "person id", "upn", "user principal name", "sam account name",
        "auth user", "subject user name", "target user name",
    ]),
    (Role::Entity, 2, Last, &[
        "employee name", "customer", "customer name", "client id", "member", "subscriber id", "cust id", "person",
        "actor", "principal", "owner", "operator", "player id", "visitor id", "patient id", "student id",
        "driver id", "badge id", "card id", "email", "email address", "user hash", "caller", "sender",
    ]),
    (Role::Entity, 2, Whole, &["subject", "subject id", "login", "logon", "who", "name", "agent id", "entity", "entity id"]),
    (Role::Entity, 1, Last, &[
        "client ip", "clientip", "c ip", "source ip", "src ip", "remote addr", "remote address", "remote host", "remote ip",
        "client address", "source address", "client host", "source host", "ip", "ip address", "ip addr", "host",
        "hostname", "host name", "computer", "computer name", "machine", "machine name", "workstation", "device id",
        "case id", "caseid", "process id", "object id", "client", "src", "source",
    ]),
    (Role::Time, 3, Last, &[
        "timestamp", "time stamp", "datetime", "date time", "event time", "eventtime", "time created", "ts",
        "login time", "event date", "log time", "time generated", "creation time", "access time", "start time",
        "occurred at", "happened at", "created at",
    ]),
    (Role::Time, 2, Last, &["time", "date", "day", "when", "start", "started at", "created", "logged at", "created on", "utc"]),
    (Role::Time, 1, Last, &["end time", "ended at", "updated at", "modified", "modified at", "last seen", "epoch"]),
    (Role::Label, 3, Last, &[
        "label", "labels", "ground truth", "truth", "is anomaly", "is anomalous", "anomaly", "anomalous", "is outlier",
        "outlier", "is fraud", "fraud", "is attack", "in attack window", "is malicious", "malicious", "is anomaly user",
        "is abnormal", "abnormal", "is insider", "is threat", "attack", "anomaly label", "fraud flag",
        "anomaly flag", "attack flag", "fraudulent", "is fraudulent", "is account takeover", "account takeover",
        "is takeover", "is compromised", "compromised",
    ]),
    (Role::Label, 2, Last, &[
        "attacker ip and window", "is attacker", "is suspicious", "suspicious", "is bad", "is intrusion", "intrusion",
        "insider", "is bot", "attack type", "attack cat", "takeover",
    ]),
    // Of an address, which is known of the network, and not of what came of a record.
    (Role::Label, 1, Last, &[
        "is attack ip", "attack ip", "is attacker ip", "attacker ip", "is malicious ip", "malicious ip", "is bad ip", "bad ip",
        "is suspicious ip", "suspicious ip", "is bot ip", "is threat ip",
    ]),
    (Role::Label, 1, Whole, &["class", "target", "y"]),
    (Role::Session, 3, Last, &["session id", "sessionid", "session", "session key", "session identifier", "sid", "logon id", "visit id", "visit"]),
    (Role::Address, 3, Last, &[
        "ip", "ip address", "ip addr", "ipaddress", "source ip", "src ip", "client ip", "clientip", "c ip", "remote addr",
        "remote address", "remote ip", "source address", "client address", "ipv4", "ipv6", "source network address",
    ]),
    (Role::Address, 2, Whole, &["address", "addr", "src", "source", "src host", "rhost", "remote host"]),
    (Role::Country, 3, Last, &["country", "country code", "country name", "country iso code", "nation", "geo country"]),
    (Role::Region, 3, Last, &["region", "region name", "state", "province", "county", "geo region"]),
    (Role::City, 3, Last, &["city", "city name", "town", "geo city"]),
    (Role::Browser, 3, Last, &["browser", "browser name", "browser name and version", "user agent", "useragent", "user agent string", "browser info", "ua", "http user agent"]),
    (Role::Device, 3, Last, &["device", "device id", "device type", "device name", "device model", "user device"]),
    (Role::Device, 2, Last, &["pc", "computer", "computer name", "machine", "machine name", "workstation", "workstation name", "terminal", "platform", "os", "operating system"]),
    (Role::Device, 1, Last, &["host", "hostname", "host name"]),
    (Role::Outcome, 3, Last, &["success", "successful", "succeeded", "outcome", "is success", "login successful", "login success", "login result", "failed", "is failed", "authentication result"]),
    (Role::Outcome, 2, Last, &["result", "status", "status code", "response code", "http status", "sc status", "response", "failure", "result type"]),
    (Role::Action, 3, Last, &[
        "action", "action name", "action type", "activity", "activity type", "event", "event type", "event name",
        "eventname", "event action", "operation", "operation name", "command", "method", "http method",
        "request method", "verb", "user action",
    ]),
    (Role::Action, 2, Last, &["event id", "eventid", "eventcode", "event code", "request", "cmd", "op", "api call", "api", "query type", "event category", "task", "transaction type"]),
    (Role::Action, 1, Whole, &["type", "page", "url", "uri", "path", "category", "process", "process name", "program", "service", "app", "application", "resource", "message", "description"]),
    (Role::Resource, 3, Last, &[
        "resource", "resource name", "resource id", "file name", "filename", "file path", "filepath", "object name",
        "document name", "document id", "request url", "request uri", "request path", "page url", "uri stem",
        "target file", "target resource", "folder path", "share name", "table name", "bucket name",
    ]),
    (Role::Resource, 2, Whole, &["file", "path", "url", "uri", "page", "document", "object", "folder", "directory", "repository", "bucket"]),
    (Role::Group, 3, Last, &["department", "department name", "dept", "business unit", "division", "org unit", "organizational unit", "team", "team name", "user group", "functional unit"]),
    (Role::Group, 2, Whole, &["group", "group name", "role", "user role", "job role", "job title", "cost center", "branch", "office"]),
    (Role::Amount, 3, Last, &["amount", "transaction amount", "amt", "price", "cost", "payment"]),
    (Role::Amount, 2, Last, &["bytes", "bytes sent", "bytes out", "size", "file size", "value", "volume", "sum"]),
    (Role::Duration, 3, Last, &["duration", "duration s", "duration sec", "duration secs", "duration seconds", "duration ms", "duration min", "duration minutes", "elapsed", "elapsed time", "elapsed ms", "time on page", "session duration", "time spent", "dwell time"]),
    (Role::Duration, 2, Last, &["latency", "latency ms", "response time", "response time ms", "rtt", "time taken"]),
];

/// Words that make a summary of what the other words name: "avg session duration" is no duration of an event.
const SUMMARY_WORDS: &[&str] = &[
    "avg", "average", "mean", "median", "count", "counts", "num", "n", "number", "ratio", "share", "rate",
    "std", "min", "max", "total", "per", "between", "pct", "percent", "distinct", "unique",
];

/// The words of a column name, lower case: split at anything but letters and digits, and at changes of case.
pub(crate) fn words_of(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let previous = i.checked_sub(1).map(|i| chars[i]);
        let next = chars.get(i + 1);
        let starts_word = c.is_ascii_uppercase()
            && previous.is_some_and(|p| {
                // "userId", and the last capital of a run before a small letter: "IPAddress", but not "IDs".
                p.is_ascii_lowercase()
                    || p.is_ascii_digit()
                    || (p.is_ascii_uppercase() && next.is_some_and(|n| n.is_ascii_lowercase()))
            });
        if (!c.is_alphanumeric() || starts_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// How surely a column name means a role: 0 to 99, or `None` where it does not. A whole name counts more than its
/// last words, and of those more words more than fewer.
pub(super) fn score(role: Role, name: &str) -> Option<u32> {
    let words = words_of(name);
    let joined = words.join(" ");
    let is_summary = words.iter().any(|word| SUMMARY_WORDS.contains(&word.as_str()));
    let score_of = |surety: u32, stands: Stands, known: &str| {
        if joined == known {
            return Some(surety * 30 + 9);
        }
        let rest = joined.strip_suffix(known)?;
        let is_last = stands == Last && rest.ends_with(' ') && !is_summary;
        is_last.then(|| surety * 30 + known.split(' ').count().min(5) as u32)
    };
    KNOWN
        .iter()
        .filter(|(of, ..)| *of == role)
        .flat_map(|(_, surety, stands, names)| {
            names.iter().filter_map(|known| score_of(*surety, *stands, known))
        })
        .max()
}

/// Whether the name of a label says that it is one of addresses.
pub(super) fn labels_addresses(name: &str) -> bool {
    words_of(name).last().is_some_and(|word| word == "ip")
}

/// Whether a column name means some role.
pub(super) fn means_anything(name: &str) -> bool {
    Role::ALL.into_iter().any(|role| score(role, name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_spelling_have_the_same_words() {
        for name in ["user_id", "User ID", "userId", "UserID", "user.id", "USER-ID", " user  id "] {
            assert_eq!(words_of(name), ["user", "id"], "{name}");
        }
        assert_eq!(words_of("@timestamp"), ["timestamp"]);
        assert_eq!(words_of("IPAddress"), ["ip", "address"]);
        assert_eq!(words_of("SHA256Hash"), ["sha256", "hash"]);
        assert_eq!(words_of("«»"), Vec::<String>::new());
    }

    #[test]
    fn summaries_are_not_what_they_summarise() {
        for name in ["avg_session_duration", "sessions_count", "actions_count", "avg_time_between_sessions"] {
            for role in Role::ALL {
                assert_eq!(score(role, name), None, "{name} as {}", role.name());
            }
        }
    }

    #[test]
    fn known_names_are_written_as_words() {
        for (role, surety, _, names) in KNOWN {
            assert!((1..=3).contains(surety));
            for name in *names {
                let words = words_of(name).join(" ");
                assert_eq!(&words, name, "of role {}", role.name());
            }
        }
    }
}
