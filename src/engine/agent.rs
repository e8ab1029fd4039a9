//! User agents: what browser, on what system, on what kind of device, from the string that browsers send.
//!
//! Our own table, as kept crates do not fit: `woothee` (last release 2021) and `uaparser` both match by the `regex`
//! crate, which alone is larger than the engine may be in a browser, and the latter needs a megabyte of patterns. What
//! analysis asks is whether a user came with *another* browser, not which minor version it was, and for that the few
//! marks below are enough. They are looked for from the top, because a later browser names those it descends from:
//!
//! | what | first found of |
//! | --- | --- |
//! | program | `bot`, `spider`, `crawl` and the like in any word, its family being that word; `PROGRAMS` |
//! | browser | `BROWSERS`; else the product that the string begins with |
//! | system | `SYSTEMS` |
//! | device | programs are bots; tablets and phones say so (an Android that does not say `Mobile` is a tablet); a known system is a desktop |
//!
//! Of the 9,999 requests of a published access log (`tests/agent_golden.rs`), `ua-parser` names the family of 8,865: it
//! is the same here for 95.9 %, and so are 99.1 % of the systems it names and 98.1 % of the requests that it calls
//! crawlers'. The rest are browsers built on another and counted as that one here (Iceweasel as Firefox, Opera Mini as
//! Opera, Internet Explorer with Chrome Frame as itself), apps that show pages, crawlers that pass as a browser but for a
//! word (`favicon`), and Kindles, which say Linux. Feed readers and tools, of which `ua-parser` names none or does not say
//! that they are programs, are programs here.

use std::borrow::Cow;

/// What a user agent string says. What it does not say is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent<'a> {
    /// Browser or program without its version: `Chrome`, `Edge`, `Googlebot`, `curl`.
    pub family: Option<&'a str>,
    /// `Windows`, `macOS`, `Linux`, `Android`, `iOS`, `ChromeOS`, and rarer ones.
    pub system: Option<&'static str>,
    /// Kind of device.
    pub device: Option<Device>,
}

/// Kinds of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// A computer with a keyboard.
    Desktop,
    /// A phone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A program that is no browser: crawlers, feed readers, libraries, command-line tools.
    Bot,
}

impl Device {
    /// The name, lower case.
    pub fn name(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
            Device::Tablet => "tablet",
            Device::Bot => "bot",
        }
    }
}

/// Parts of words, in lower case, that only programs have.
const BOT_WORDS: &[&str] = &[
    "bot",
    "spider",
    "crawl",
    "slurp",
    "archiver",
    "externalhit",
    "fetcher",
    "feed",
    "scan",
    "validator",
    "monitor",
    "preview",
    "nutch",
    "sleuth",
    "embedly",
];

/// Words that have such a part and are no programs: makers of phones.
const NO_BOT_WORDS: &[&str] = &["cubot"];

/// Marks of programs and libraries, with their family.
const PROGRAMS: &[(&str, &str)] = &[
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("python-requests/", "Python Requests"),
    ("python-httpx/", "Python HTTPX"),
    ("aiohttp/", "Python aiohttp"),
    ("Python-urllib/", "Python urllib"),
    ("okhttp/", "OkHttp"),
    ("Go-http-client/", "Go"),
    ("Apache-HttpClient/", "Apache HttpClient"),
    ("Java/", "Java"),
    ("axios/", "axios"),
    ("node-fetch/", "node-fetch"),
    ("undici", "Node"),
    ("PostmanRuntime/", "Postman"),
    ("libwww-perl", "Perl"),
    ("WindowsPowerShell/", "PowerShell"),
    ("PowerShell/", "PowerShell"),
    ("HTTP_Request", "PHP"),
    ("PHP/", "PHP"),
    ("Ruby", "Ruby"),
    ("libfetch/", "libfetch"),
    ("RSS/", "Tiny Tiny RSS"),
    ("LiveJournal.com", "LiveJournal"),
    ("YandexImages/", "YandexImages"),
    ("Microsoft Office", "Microsoft Office"),
];

/// Marks of browsers, with their family, the most particular first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("OPiOS/", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("Vivaldi/", "Vivaldi"),
    ("UCBrowser/", "UC Browser"),
    ("UBrowser/", "UC Browser"),
    ("MiuiBrowser/", "MIUI Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("Whale/", "Whale"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("Silk/", "Silk"),
    ("GSA/", "Google App"),
    ("SeaMonkey/", "SeaMonkey"),
    ("PaleMoon/", "Pale Moon"),
    ("Epiphany/", "Epiphany"),
    ("Konqueror/", "Konqueror"),
    ("Camino/", "Camino"),
    ("Midori/", "Midori"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("Iceweasel/", "Firefox"),
    ("Minefield/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("MSIE ", "Internet Explorer"),
    ("Trident/", "Internet Explorer"),
    ("ELinks", "ELinks"),
    ("Links (", "Links"),
    ("Lynx/", "Lynx"),
    ("w3m/", "w3m"),
    ("Dalvik/", "Android app"),
];

/// Marks of systems, the most particular first.
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows Phone", "Windows Phone"),
    ("Windows Mobile", "Windows Phone"),
    ("IEMobile", "Windows Phone"),
    ("Windows", "Windows"),
    ("Win64", "Windows"),
    ("Tizen", "Tizen"),
    ("KAIOS", "KaiOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("iPod", "iOS"),
    ("CPU OS ", "iOS"),
    ("MobileSafari", "iOS"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Mac_PowerPC", "macOS"),
    ("FreeBSD", "BSD"),
    ("NetBSD", "BSD"),
    ("OpenBSD", "BSD"),
    ("SunOS", "Solaris"),
    ("Linux", "Linux"),
    ("linux", "Linux"),
    ("X11", "Linux"),
    ("BlackBerry", "BlackBerry"),
    ("BB10", "BlackBerry"),
    ("MIDP", "Java ME"),
];

impl<'a> Agent<'a> {
    /// Reads a user agent string. Any text at all is one; what is not recognised has no system and no device.
    pub fn of(text: &'a str) -> Agent<'a> {
        let found = |table: &[(&str, &'static str)]| {
            table.iter().find(|(mark, _)| text.contains(mark)).map(|(_, is)| *is)
        };
        let system = found(SYSTEMS);
        if let Some(program) = bot_word(text).or_else(|| found(PROGRAMS)) {
            return Agent { family: Some(program), system, device: Some(Device::Bot) };
        }
        let browser = found(BROWSERS);
        let family = browser
            .or_else(|| (system == Some("Android") && text.contains("Safari/")).then_some("Android Browser"))
            .or_else(|| text.contains("Safari/").then_some("Safari"))
            .or_else(|| (system == Some("iOS") && text.contains("AppleWebKit/")).then_some("iOS app"))
            .or_else(|| leading_product(text));
        // Only a link tells some crawlers from the browser that they pretend to be.
        let has_bot_link = contains_ignoring_case(text, "bot.htm");
        let device = if has_bot_link { Some(Device::Bot) } else { device_of(text, browser, system) };
        Agent { family, system, device }
    }
}

fn device_of(text: &str, browser: Option<&str>, system: Option<&str>) -> Option<Device> {
    let says_mobile = text.contains("Mobi") || text.contains("Opera Mini");
    Some(match system {
        Some("Windows" | "macOS" | "Linux" | "ChromeOS" | "BSD" | "Solaris") => Device::Desktop,
        Some("iOS") if text.contains("iPad") => Device::Tablet,
        Some("Android") if browser == Some("Android app") => Device::Mobile,
        Some("Android") if !says_mobile || text.contains("Tablet") => Device::Tablet,
        Some(_) => Device::Mobile,
        None if says_mobile => Device::Mobile,
        None => return None,
    })
}

/// The word that says it is a program, as `Googlebot` in `(compatible; Googlebot/2.1; +http://...)`.
fn bot_word(text: &str) -> Option<&str> {
    let words = text.split([' ', ';', '(', ')', ',', '+']).filter(|word| {
        // Addresses name the crawler's page, or a person.
        !word.contains("://") && !word.contains('@') && !word.starts_with("www.")
    });
    let names = words.map(|word| word.split('/').next().unwrap_or(word));
    names.into_iter().find(|name| {
        BOT_WORDS.iter().any(|part| contains_ignoring_case(name, part))
            && !NO_BOT_WORDS.iter().any(|part| contains_ignoring_case(name, part))
    })
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// The name in front of the first `/` and its version; not `Mozilla`, which all say.
fn leading_product(text: &str) -> Option<&str> {
    let (name, version) = text.split_once('/')?;
    let is_product = version.starts_with(|c: char| c.is_ascii_digit())
        && (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_product && name != "Mozilla").then_some(name)
}

/// Whether a text is built as browsers build theirs.
pub fn is_agent(text: &str) -> bool {
    ["Mozilla/", "Opera/", "Dalvik/"].iter().any(|start| text.starts_with(start))
}

/// The browser without its version: of user agent strings their family, of `Chrome Mobile 81.0.4044` what stands
/// before the last number, of anything else all of it.
pub fn family(text: &str) -> Cow<'_, str> {
    if text.contains('/') {
        return Cow::Borrowed(Agent::of(text).family.unwrap_or(text));
    }
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_name = name.len() < text.len() && name.ends_with([' ', '\t']);
    Cow::Borrowed(if is_name { name.trim_end() } else { text })
}

/// System and kind of device as one text, as `Android mobile`; empty where the string tells neither.
pub fn machine(text: &str) -> String {
    let Agent { system, device, .. } = Agent::of(text);
    let parts: Vec<&str> = system.into_iter().chain(device.map(Device::name)).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strings of the published access log and of current browsers, judged by hand.
    #[test]
    fn strings_that_browsers_and_programs_send() {
        use Device::{Bot, Desktop, Mobile, Tablet};
        for (text, family, system, device) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
                "Edge",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/46.0.2486.0 Safari/537.36 Edge/13.10586",
                "Edge",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.107 Safari/537.36",
                "Chrome",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 OPR/105.0.0.0",
                "Opera",
                "Windows",
                Desktop,
            ),
            ("Opera/9.80 (X11; Linux x86_64) Presto/2.12.388 Version/12.16", "Opera", "Linux", Desktop),
            (
                "Opera/9.80 (iPhone; Opera Mini/7.0.3/34.1244; U; de) Presto/2.8.119 Version/11.10",
                "Opera",
                "iOS",
                Mobile,
            ),
            (
                "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/34.1244; U; en) Presto/2.8.119 Version/11.10",
                "Opera",
                "Java ME",
                Mobile,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0",
                "Firefox",
                "Linux",
                Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:24.0) Gecko/20100101 Firefox/24.0",
                "Firefox",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/118.0 Firefox/118.0",
                "Firefox",
                "Android",
                Mobile,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/118.0 Mobile/15E148 Safari/605.1.15",
                "Firefox",
                "iOS",
                Mobile,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/118.0 Mobile/15E148 Safari/604.1",
                "Chrome",
                "iOS",
                Mobile,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.73.11 (KHTML, like Gecko) Version/7.0.1 Safari/537.73.11",
                "Safari",
                "macOS",
                Desktop,
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 6_1_3 like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) Version/6.0 Mobile/10B329 Safari/8536.25",
                "Safari",
                "iOS",
                Tablet,
            ),
            (
                "Mozilla/5.0 (iPod; CPU iPhone OS 6_1_5 like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) Version/6.0 Mobile/10B400 Safari/8536.25",
                "Safari",
                "iOS",
                Mobile,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) GSA/3.2.1.25875 Mobile/11B554a Safari/8536.25",
                "Google App",
                "iOS",
                Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/22.0 Chrome/111.0.5563.116 Mobile Safari/537.36",
                "Samsung Internet",
                "Android",
                Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; Android 12; SM-T870) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0.0.0 Safari/537.36",
                "Chrome",
                "Android",
                Tablet,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0.0.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
                Mobile,
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 2.3.6; es-us; ALCATEL ONE TOUCH 4010A Build/GRK39F) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1",
                "Android Browser",
                "Android",
                Mobile,
            ),
            (
                "Dalvik/1.6.0 (Linux; U; Android 4.1.2; GT-I8190 Build/JZO54K)",
                "Android app",
                "Android",
                Mobile,
            ),
            (
                "Mozilla/5.0 (X11; CrOS armv7l 4920.83.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.103 Safari/537.36",
                "Chrome",
                "ChromeOS",
                Desktop,
            ),
            (
                "Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/31.0.1650.63 Chrome/31.0.1650.63 Safari/537.36",
                "Chromium",
                "Linux",
                Desktop,
            ),
            (
                "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; WOW64; Trident/6.0)",
                "Internet Explorer",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.3; ARM; Trident/7.0; Touch; rv:11.0) like Gecko",
                "Internet Explorer",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2; Media Center PC 6.0; Tablet PC 2.0)",
                "Internet Explorer",
                "Windows",
                Desktop,
            ),
            (
                "Mozilla/5.0 (X11; U; SunOS sun4u; en-US; rv:1.7.5) Gecko/20050105 Epiphany/1.4.8",
                "Epiphany",
                "Solaris",
                Desktop,
            ),
            ("Midori/0.2 (X11; Linux; U; fr-fr) WebKit/531.2+", "Midori", "Linux", Desktop),
            ("ELinks (0.4.3; NetBSD 3.0.2_PATCH sparc64; 141x19)", "ELinks", "BSD", Desktop),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 6_0 like Mac OS X) AppleWebKit/536.26 (KHTML, like Gecko) Version/6.0 Mobile/10A5376e Safari/8536.25 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                "Googlebot",
                "iOS",
                Bot,
            ),
            (
                "Mozilla/5.0 (X11; U; Linux x86_64; en-US) Gecko/2010040121 Firefox/3.0.19 (compatible; MJ12bot/v1.4.4; http://www.majestic12.co.uk/bot.php?+)",
                "MJ12bot",
                "Linux",
                Bot,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.107 Safari/537.36 slurp",
                "slurp",
                "Linux",
                Bot,
            ),
            ("curl/7.22.0 (i686-pc-linux-gnu) libcurl/7.22.0 OpenSSL/1.0.1", "curl", "Linux", Bot),
            ("Wget/1.14 (linux-gnu)", "Wget", "Linux", Bot),
            ("python-requests/1.2.0 CPython/2.7.4 Linux/3.8.0-33-generic", "Python Requests", "Linux", Bot),
        ] {
            let agent = Agent::of(text);
            assert_eq!(
                (agent.family, agent.system, agent.device),
                (Some(family), Some(system), Some(device)),
                "{text}"
            );
        }
    }

    #[test]
    fn programs_that_name_no_system() {
        for (text, family) in [
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
            (
                "Mozilla/5.0 (compatible; archive.org_bot +http://www.archive.org/details/archive.org_bot)",
                "archive.org_bot",
            ),
            ("Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)", "Slurp"),
            ("msnbot/2.0b (+http://search.msn.com/msnbot.htm)", "msnbot"),
            ("Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)", "spider"),
            (
                "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
                "facebookexternalhit",
            ),
            ("UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/", "UniversalFeedParser"),
            ("Tiny Tiny RSS/1.11 (http://tt-rss.org/)", "Tiny Tiny RSS"),
            ("okhttp/4.9.0", "OkHttp"),
            ("Go-http-client/1.1", "Go"),
            ("Python-urllib/2.7", "Python urllib"),
            ("Ruby", "Ruby"),
        ] {
            let expected = Agent { family: Some(family), system: None, device: Some(Device::Bot) };
            assert_eq!(Agent::of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        for text in ["", "-", "&as_qdr=all", "Mozilla/4.0", "login"] {
            assert_eq!(Agent::of(text), Agent { family: None, system: None, device: None }, "{text}");
        }
        assert_eq!(Agent::of("distilator/0.1 (http://people.freebsd.org/~x/)").family, Some("distilator"));
    }

    #[test]
    fn families_without_their_versions() {
        for (text, expected) in [
            ("Chrome 81.0.4044", "Chrome"),
            ("Chrome Mobile WebView 85.0.4183", "Chrome Mobile WebView"),
            ("Firefox 20.0.0.1618", "Firefox"),
            ("Edge", "Edge"),
            ("Android 2.3.6", "Android"),
            ("360 Browser", "360 Browser"),
            ("81.0.4044", "81.0.4044"),
            ("", ""),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0", "Firefox"),
            ("n/a", "n/a"),
        ] {
            assert_eq!(family(text), expected, "{text}");
        }
    }

    #[test]
    fn machines_are_system_and_device() {
        let text = "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0 Mobile Safari/537.36";
        assert_eq!(machine(text), "Android mobile");
        assert_eq!(machine("unknown"), "");
    }
}
