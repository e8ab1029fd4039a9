//! The formats a log can be in, with their names for options and for people.

use serde::{Deserialize, Serialize};

/// How the text of a source is laid out. The code is the kebab-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// Records of fields with a separator between them: CSV and its kin.
    #[default]
    Delimited,
    /// One JSON object per line (NDJSON).
    JsonLines,
    /// A JSON array of objects, or an object that holds one.
    JsonArray,
    /// Web server lines in Apache's "combined" layout, nginx's default.
    CombinedLog,
    /// Web server lines in the "common" layout: combined without referrer and user agent.
    CommonLog,
    /// The W3C's extended format, of IIS, CloudFront and proxies: the file names its values.
    ExtendedLog,
    /// OpenSSH's lines in a system log.
    Sshd,
    /// System log lines, RFC 3164 or RFC 5424.
    Syslog,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 8] = [
        Format::Delimited,
        Format::JsonLines,
        Format::JsonArray,
        Format::CombinedLog,
        Format::CommonLog,
        Format::ExtendedLog,
        Format::Sshd,
        Format::Syslog,
    ];

    /// The stable code, as in options.
    pub fn code(self) -> &'static str {
        match self {
            Format::Delimited => "delimited",
            Format::JsonLines => "json-lines",
            Format::JsonArray => "json-array",
            Format::CombinedLog => "combined-log",
            Format::CommonLog => "common-log",
            Format::ExtendedLog => "extended-log",
            Format::Sshd => "sshd",
            Format::Syslog => "syslog",
        }
    }

    /// Whether records name their values.
    pub(super) fn is_json(self) -> bool {
        matches!(self, Format::JsonLines | Format::JsonArray)
    }

    /// Whether columns may appear behind the first record.
    pub(super) fn can_grow(self) -> bool {
        self != Format::Delimited
    }

    /// As a person names it. `delimiter` is that of a delimited source.
    pub fn label(self, delimiter: Option<u8>) -> String {
        let label = match (self, delimiter) {
            (Format::Delimited, Some(b',')) => "comma-separated",
            (Format::Delimited, Some(b';')) => "semicolon-separated",
            (Format::Delimited, Some(b'\t')) => "tab-separated",
            (Format::Delimited, Some(b'|')) => "pipe-separated",
            (Format::Delimited, Some(b' ')) => "space-separated",
            (Format::Delimited, Some(0x01)) => "separated by 0x01 (Hive)",
            (Format::Delimited, Some(0x1E)) => "separated by 0x1E (record separator)",
            (Format::Delimited, Some(0x1F)) => "separated by 0x1F (unit separator)",
            (Format::Delimited, Some(other)) if other.is_ascii_control() => {
                return format!("separated by 0x{other:02X}");
            }
            (Format::Delimited, Some(other)) => return format!("separated by {:?}", char::from(other)),
            (Format::Delimited, None) => "delimited text",
            (Format::JsonLines, _) => "JSON lines",
            (Format::JsonArray, _) => "JSON array",
            (Format::CombinedLog, _) => "web server log (combined)",
            (Format::CommonLog, _) => "web server log (common)",
            (Format::ExtendedLog, _) => "W3C extended log (IIS)",
            (Format::Sshd, _) => "OpenSSH log",
            (Format::Syslog, _) => "system log",
        };
        label.to_owned()
    }
}
