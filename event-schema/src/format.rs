//! The `format` of strings: which formats are asserted, what they accept, and how regular languages
//! approximate them.
//!
//! Other names are annotations (`password`, `binary`, custom names).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::StringRules;

/// An asserted format.
pub(crate) struct Format {
    /// The name.
    pub(crate) name: &'static str,
    /// Whether a string has the format.
    pub(crate) check: fn(&str) -> bool,
    /// A language, in Rust's regex syntax, that contains every string of the format.
    pub(crate) within: &'static str,
    /// A language that only contains strings of the format; empty if none is worth writing.
    pub(crate) surely: &'static str,
    /// Some strings of the format.
    pub(crate) samples: &'static [&'static str],
}

const DATE: &str = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";
const ANY: &str = r"(?s:.)*";

/// The asserted format with this name.
pub(crate) fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// The names of the asserted formats.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|f| f.name)
}

/// The asserted formats of a string's keywords: `format` and `contentEncoding`.
pub(crate) fn of(rules: &StringRules) -> impl Iterator<Item = &'static Format> {
    let encoding = rules.content_encoding.as_deref().filter(|e| *e == "base64");
    rules.format.as_deref().and_then(find).into_iter().chain(encoding.map(|_| &BASE64))
}

static BASE64: Format = Format {
    name: "contentEncoding base64",
    check: is_base64,
    within: "[0-9A-Za-z+/]*={0,2}",
    surely: "(?:[0-9A-Za-z+/]{3}[AQgw])*",
    samples: &["", "YQ=="],
};

static FORMATS: [Format; 19] = [
    Format {
        name: "date",
        check: is_date,
        within: DATE,
        surely: r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
        samples: &["2024-01-31", "1999-12-01"],
    },
    Format {
        name: "date-time",
        check: is_date_time,
        within: r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.[0-9]+)?(?:[Zz]|[+-][0-2][0-9]:[0-5][0-9])",
        surely: r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?Z",
        samples: &["2024-01-31T12:00:00Z", "1999-12-01T00:00:00.5+01:00"],
    },
    Format {
        name: "time",
        check: is_time,
        within: r"[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.[0-9]+)?(?:[Zz]|[+-][0-2][0-9]:[0-5][0-9])",
        surely: r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?Z",
        samples: &["12:00:00Z", "00:30:00+01:00"],
    },
    Format {
        name: "duration",
        check: is_duration,
        within: r"P[0-9TYMWDHS]+",
        surely: "P[0-9]+(?:D|W|Y|M)",
        samples: &["P1D", "PT1H", "P3W"],
    },
    Format {
        name: "uuid",
        check: is_uuid,
        within: r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        surely: r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        samples: &["123e4567-e89b-12d3-a456-426614174000"],
    },
    Format {
        name: "ipv4",
        check: |s| s.parse::<Ipv4Addr>().is_ok(),
        within: r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.|\z)){4}",
        surely: r"(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])(?:\.(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}",
        samples: &["127.0.0.1", "10.0.0.1"],
    },
    Format {
        name: "ipv6",
        check: |s| s.parse::<Ipv6Addr>().is_ok(),
        within: r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*",
        surely: r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|::",
        samples: &["::1", "2001:db8::1", "::"],
    },
    Format {
        name: "hostname",
        check: is_hostname,
        within: r"[0-9A-Za-z.-]+",
        surely: "[a-z][0-9a-z]{0,40}",
        samples: &["example.com", "a"],
    },
    Format {
        name: "idn-hostname",
        check: |s| !s.is_empty() && s.chars().all(|c| c == '.' || c == '-' || c.is_alphanumeric()),
        within: r"(?s:.)+",
        surely: "[a-z][0-9a-z]{0,40}",
        samples: &["example.com"],
    },
    Format {
        name: "email",
        check: is_email,
        within: r"(?s:.)+@(?s:.)+",
        surely: r"[a-z]{1,30}@[a-z]{1,30}\.[a-z]{2,10}",
        samples: &["a@b.co", "joe.bloggs@example.com"],
    },
    Format {
        name: "idn-email",
        check: is_email,
        within: r"(?s:.)+@(?s:.)+",
        surely: r"[a-z]{1,30}@[a-z]{1,30}\.[a-z]{2,10}",
        samples: &["a@b.co"],
    },
    Format {
        name: "uri",
        check: |s| is_uri(s, true, false),
        within: r"[A-Za-z][0-9A-Za-z+.-]*:[!-~]*",
        surely: r"https?://[a-z]{1,30}(?:/[0-9a-z]*)*",
        samples: &["http://example.com/", "urn:a:b"],
    },
    Format {
        name: "uri-reference",
        check: |s| is_uri(s, false, false),
        within: "[!-~]*",
        surely: r"(?:/[0-9a-z]+)*",
        samples: &["/a/b", "http://example.com/"],
    },
    Format {
        name: "iri",
        check: |s| is_uri(s, true, true),
        within: r"[A-Za-z][0-9A-Za-z+.-]*:(?s:.)*",
        surely: r"https?://[a-z]{1,30}(?:/[0-9a-z]*)*",
        samples: &["http://example.com/"],
    },
    Format {
        name: "iri-reference",
        check: |s| is_uri(s, false, true),
        within: ANY,
        surely: r"(?:/[0-9a-z]+)*",
        samples: &["/a/b"],
    },
    Format {
        name: "uri-template",
        check: |s| {
            is_uri(&s.replace(['{', '}'], ""), false, true)
                && s.matches('{').count() == s.matches('}').count()
        },
        within: ANY,
        surely: r"(?:/[0-9a-z]+)*",
        samples: &["/a/{b}"],
    },
    Format {
        name: "json-pointer",
        check: is_json_pointer,
        within: r"(?:/(?s:.)*)?",
        surely: r"(?:/[0-9a-z]*)*",
        samples: &["", "/a/0"],
    },
    Format {
        name: "relative-json-pointer",
        check: |s| {
            let digits = s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let rest = &s[digits..];
            digits > 0
                && (digits == 1 || !s.starts_with('0'))
                && (rest == "#" || is_json_pointer(rest))
        },
        within: r"[0-9]+(?s:.)*",
        surely: r"[1-9][0-9]*#?",
        samples: &["1/a", "0#"],
    },
    Format {
        name: "regex",
        check: |s| crate::pattern::translate(s).is_some(),
        within: ANY,
        surely: "[0-9a-z]*",
        samples: &["^a$", "a"],
    },
];

fn number(s: &str, digits: usize) -> Option<u32> {
    (s.len() == digits && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().ok()).flatten()
}

fn is_date(s: &str) -> bool {
    let mut parts = s.splitn(3, '-');
    let mut part = |digits| parts.next().and_then(|p| number(p, digits));
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_time(s: &str) -> bool {
    let Some((clock, rest)) = s.split_at_checked(8) else { return false };
    let mut parts = clock.splitn(3, ':');
    let mut part = || parts.next().and_then(|p| number(p, 2));
    let (Some(h), Some(m), Some(sec)) = (part(), part(), part()) else { return false };
    let zone =
        rest.strip_prefix('.').map_or(rest, |f| f.trim_start_matches(|c: char| c.is_ascii_digit()));
    if rest.starts_with('.') && zone.len() + 1 == rest.len() {
        return false;
    }
    let offset = if zone.eq_ignore_ascii_case("z") {
        0
    } else {
        let (sign, hours, minutes) =
            match (zone.get(..1), zone.get(1..3), zone.get(3..4), zone.get(4..)) {
                (Some(sign @ ("+" | "-")), Some(h), Some(":"), Some(m)) => {
                    (sign, number(h, 2), number(m, 2))
                }
                _ => return false,
            };
        match (hours, minutes) {
            (Some(h @ 0..=23), Some(m @ 0..=59)) => {
                let minutes = i64::from(h * 60 + m);
                if sign == "+" { minutes } else { -minutes }
            }
            _ => return false,
        }
    };
    // a leap second is the last second of a day in UTC
    let utc = (i64::from(h * 60 + m) - offset).rem_euclid(24 * 60);
    h <= 23 && m <= 59 && (sec <= 59 || (sec == 60 && utc == 23 * 60 + 59))
}

pub(crate) fn is_date_time(s: &str) -> bool {
    let (Some(date), Some(mark), Some(time)) = (s.get(..10), s.get(10..11), s.get(11..)) else {
        return false;
    };
    is_date(date) && mark.eq_ignore_ascii_case("t") && is_time(time)
}

fn is_duration(s: &str) -> bool {
    fn units(mut s: &str, order: &str) -> bool {
        let mut order = order.chars();
        while !s.is_empty() {
            let digits = s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let Some(unit) = s[digits..].chars().next() else { return false };
            if digits == 0 || !order.any(|o| o == unit) {
                return false;
            }
            s = &s[digits + unit.len_utf8()..];
        }
        true
    }
    let Some(rest) = s.strip_prefix('P') else { return false };
    match rest.split_once('T') {
        Some((date, time)) => !time.is_empty() && units(date, "YMD") && units(time, "HMS"),
        None => !rest.is_empty() && (units(rest, "YMD") || units(rest, "W")),
    }
}

fn is_uuid(s: &str) -> bool {
    s.len() == 36
        && s.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn is_hostname(s: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    s.len() <= 253 && s.split('.').all(label)
}

fn is_email(s: &str) -> bool {
    let Some((local, domain)) = s.rsplit_once('@') else { return false };
    let quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    let dotted = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.contains(|c: char| {
            c.is_whitespace() || c.is_control() || "()<>[]:;@\\,\"".contains(c)
        });
    let literal = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')).is_some_and(|d| {
        d.parse::<Ipv4Addr>().is_ok()
            || d.strip_prefix("IPv6:").is_some_and(|d| d.parse::<Ipv6Addr>().is_ok())
    });
    let name = |d: &str| {
        d.is_ascii() && is_hostname(d)
            || !d.is_ascii() && d.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
    };
    local.len() <= 64 && (quoted || dotted) && (literal || name(domain))
}

fn is_uri(s: &str, absolute: bool, unicode: bool) -> bool {
    let forbidden = |c: char| {
        c.is_control() || c == ' ' || "\"<>\\^`{|}".contains(c) || (!unicode && !c.is_ascii())
    };
    let escaped = s
        .split('%')
        .skip(1)
        .all(|rest| rest.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())));
    let scheme = s.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    // without a scheme, the first segment of a path has no colon
    let first = s.split(['/', '?', '#']).next().unwrap_or_default();
    let relative = !first.contains(':');
    // square brackets are only allowed around an address
    let brackets = s.matches(['[', ']']).count();
    let address = brackets == 0 || (brackets == 2 && s.contains("//[") && s.contains(']'));
    !s.contains(forbidden)
        && s.matches('#').count() <= 1
        && escaped
        && address
        && (scheme || (!absolute && relative))
}

fn is_base64(s: &str) -> bool {
    let digits = s.trim_end_matches('=');
    s.len().is_multiple_of(4)
        && s.len() - digits.len() <= 2
        && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

fn is_json_pointer(s: &str) -> bool {
    let escaped = s.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    (s.is_empty() || s.starts_with('/')) && escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_bracket_the_check() {
        for format in &FORMATS {
            let within =
                regex_automata::meta::Regex::new(&format!(r"\A(?:{})\z", format.within)).unwrap();
            for sample in format.samples {
                assert!((format.check)(sample), "{}: {sample}", format.name);
                assert!(within.is_match(*sample), "{}: {sample}", format.name);
            }
        }
    }

    #[test]
    fn dates_and_times_follow_calendar_and_clock() {
        for (name, yes, no) in [
            ("date", "2024-02-29", "2023-02-29"),
            ("time", "23:59:60Z", "22:59:60Z"),
            ("date-time", "1990-12-31T15:59:60-08:00", "2024-01-01 00:00:00Z"),
            ("duration", "P1Y2DT3H", "P1D2H"),
            ("hostname", "a-b.c", "-a.b"),
            ("email", "a@[127.0.0.1]", "a..b@c"),
            ("uri", "urn:a:b", "//host/path"),
            ("uri-reference", "a/b:c", "1:b"),
            ("ipv4", "1.2.3.4", "01.2.3.4"),
            ("json-pointer", "/a~1", "/a~2"),
            ("relative-json-pointer", "1#", "01#"),
        ] {
            let format = find(name).unwrap();
            assert!((format.check)(yes), "{name}: {yes}");
            assert!(!(format.check)(no), "{name}: {no}");
        }
    }
}
