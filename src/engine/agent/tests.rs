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
        ("Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0", "Firefox", "Linux", Desktop),
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
        ("Dalvik/1.6.0 (Linux; U; Android 4.1.2; GT-I8190 Build/JZO54K)", "Android app", "Android", Mobile),
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
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "facebookexternalhit"),
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

/// Every string of the published log, and some made to be taken for what they are not.
#[test]
fn ruling_marks_out_changes_no_answer() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/golden/agents.json")).unwrap();
    let published =
        golden["agents"].as_array().unwrap().iter().map(|row| row[0].as_str().unwrap().to_owned());
    let mut texts: Vec<String> = published.collect();
    assert!(texts.len() > 500, "{}", texts.len());
    let all_marks = || {
        let named = [PROGRAMS, BROWSERS, SYSTEMS].into_iter().flatten().map(|(mark, _)| *mark);
        named.chain(BOT_WORDS.iter().chain(NO_BOT_WORDS).copied())
    };
    for mark in all_marks() {
        let (first, second) = mark.split_at(mark.len() / 2);
        texts.extend([
            mark.to_owned(),
            mark.to_uppercase(),
            format!("Mozilla/5.0 ({first} {second}) {mark}"),
            format!("x{first}é{mark}{second}/1.0 (+http://example.org/{mark}@bot)"),
            mark.chars().rev().collect(),
            // The same low bits in other bytes.
            mark.bytes().map(|byte| char::from(byte ^ 0x60)).collect(),
            mark.bytes().map(|byte| char::from(byte ^ 0x20)).collect(),
        ]);
    }
    let mut rng = crate::engine::rng::Rng::new(7);
    let marks: Vec<&str> =
        all_marks().chain(["Safari/", "AppleWebKit/", "Mobi", "Opera Mini", "Tablet", "bot.htm"]).collect();
    for _ in 0..5_000 {
        let parts = (0..rng.below(8)).map(|_| {
            let mark = marks[rng.below(marks.len() as u64) as usize];
            let cut = &mark[rng.below(2) as usize..mark.len() - rng.below(2) as usize];
            format!("{cut}{}", [" ", "/", ";", "1", "", "ß"][rng.below(6) as usize])
        });
        texts.push(parts.collect());
    }
    for text in &texts {
        let (searched, plain) = (Searched::new(text), Searched::plainly(text));
        assert_eq!(Agent::of_searched(&searched), Agent::of_searched(&plain), "{text}");
        for mark in all_marks() {
            assert_eq!(searched.contains(mark), text.contains(mark), "{mark} in {text}");
            let is_there = contains_ignoring_case(text, mark);
            assert_eq!(searched.contains_ignoring_case(mark), is_there, "{mark} in {text}");
        }
    }
}
