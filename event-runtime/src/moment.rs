//! Parses timestamps of events, with a fast path.
//!
//! Every envelope has a timestamp, every EventBridge event another, and nearly all are written in
//! one form: `2026-11-23T13:06:06Z`, or the same with a fraction. That form is parsed here.
//! [`Timestamp`] parses everything else and reports all errors.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::de::value::StrDeserializer;
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// For `#[serde(deserialize_with = "…")]`: accepts what [`Timestamp`] accepts, with its errors.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = Timestamp;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a timestamp string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
            match usual(text) {
                Some(moment) => Ok(moment),
                None => Timestamp::deserialize(StrDeserializer::new(text)),
            }
        }
    }
    from.deserialize_str(Text)
}

/// The same for a string.
pub(crate) fn parse(text: &str) -> Result<Timestamp, jiff::Error> {
    usual(text).map_or_else(|| text.parse(), Ok)
}

/// `YYYY-MM-DDTHH:MM:SSZ`, with up to nine digits of a second before the `Z`. `None` if the text
/// has another form or is not a date.
fn usual(text: &str) -> Option<Timestamp> {
    let (head, rest) = text.as_bytes().split_first_chunk::<19>()?;
    #[rustfmt::skip]
    let &[y3, y2, y1, y0, b'-', o1, o0, b'-', d1, d0, b'T', h1, h0, b':', m1, m0, b':', s1, s0] = head
    else {
        return None;
    };
    let digits = [y3, y2, y1, y0, o1, o0, d1, d0, h1, h0, m1, m0, s1, s0].map(digit);
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let nanosecond = match rest {
        [b'Z'] => 0,
        [b'.', fraction @ .., b'Z'] => nanoseconds(fraction)?,
        _ => return None,
    };
    let two = |at: usize| (digits[at] * 10 + digits[at + 1]).cast_signed();
    let year = i16::from(two(0)) * 100 + i16::from(two(2));
    let civil = DateTime::new(year, two(4), two(6), two(8), two(10), two(12), nanosecond);
    Offset::UTC.to_timestamp(civil.ok()?).ok()
}

/// Over 9 if the byte is not a digit.
fn digit(byte: u8) -> u8 {
    byte.wrapping_sub(b'0')
}

/// Converts one to nine digits after the decimal point of a second.
fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    const UNITS: [i32; 10] =
        [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let unit = UNITS.get(fraction.len()).filter(|unit| **unit > 0)?;
    let mut value = 0;
    for byte in fraction {
        let digit = digit(*byte);
        if digit > 9 {
            return None;
        }
        value = value * 10 + i32::from(digit);
    }
    Some(value * unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Ours(#[serde(deserialize_with = "deserialize")] Timestamp);

    /// Jiff's own reader is the judge: the same point in time, or the same words.
    fn agrees(value: &Value) {
        let ours = serde_json::from_value::<Ours>(value.clone()).map(|ours| ours.0);
        let theirs = serde_json::from_value::<Timestamp>(value.clone());
        let words = |read: serde_json::Result<Timestamp>| read.map_err(|error| error.to_string());
        assert_eq!(words(ours), words(theirs), "{value}");
        if let Some(text) = value.as_str() {
            let words = |read: Result<Timestamp, jiff::Error>| read.map_err(|e| e.to_string());
            assert_eq!(words(parse(text)), words(text.parse()), "{text:?}");
        }
    }

    #[test]
    fn odd_texts_and_values_parse_like_jiff() {
        for text in [
            "",
            "Z",
            "2026-11-23T13:06:06",
            "2026-11-23T13:06:06.Z",
            "2026-11-23T13:06:06.1234567890Z",
            "2026-11-23T13:06:06,25Z",
            "2026-11-23T13:06:06z",
            "2026-11-23t13:06:06Z",
            "2026-11-23 13:06:06Z",
            "2026-11-23T13:06:06Z ",
            " 2026-11-23T13:06:06Z",
            "2026-11-23T13:06:06+00:00",
            "2026-11-23T13:06:06.25-05:30",
            "2026-11-23T13:06:06Z[Europe/Berlin]",
            "2026-11-23T13:06Z",
            "20261123T130606Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T23:60:00Z",
            // leap seconds: written so, and one that never was
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.5Z",
            "2016-12-31T23:59:61Z",
            // days that a calendar has, or hasn't
            "2024-02-29T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2000-02-29T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-13-10T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-04-00T00:00:00Z",
            // the ends of what there is
            "0000-01-01T00:00:00Z",
            "-000000-01-01T00:00:00Z",
            "-009999-01-02T01:59:59Z",
            "9999-12-30T22:00:00.999999999Z",
            "9999-12-30T22:00:01Z",
            "9999-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            // digits that are none, and characters of more bytes than one
            "２０26-11-23T13:06:06Z",
            "202٣-11-23T13:06:06Z",
            "2026-11-23T13:06:06.2é5Z",
            "2026-11-23T13:06:0/Z",
            "2026-11-23T13:06:0:Z",
            "+026-11-23T13:06:06Z",
            "2026-11-23T13:06:06.+5Z",
            "2026-11-23T13:06:06.Z5Z",
        ] {
            agrees(&json!(text));
        }
        for value in
            [json!(null), json!(1_764_000_000), json!(1.5), json!(true), json!([]), json!({})]
        {
            agrees(&value);
        }
    }

    #[test]
    fn written_timestamps_take_fast_path() {
        for text in ["2026-11-23T13:06:06Z", "0000-01-01T00:00:00.5Z", "9999-12-30T22:00:00Z"] {
            assert_eq!(usual(text), Some(text.parse().unwrap()));
        }
    }

    /// Mostly the usual form, its parts a little out of their ranges.
    fn near() -> impl Strategy<Value = String> {
        let date =
            ("[0-9]{4}", 0..14_u8, 0..33_u8).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"));
        let time =
            (0..26_u8, 0..62_u8, 0..62_u8).prop_map(|(h, m, s)| format!("{h:02}:{m:02}:{s:02}"));
        (date, "[Tt ]?", time, "([.,][0-9]{0,11})?", "(Z|z|[+-]0[0-9](:?[0-9]{2})?)?")
            .prop_map(|(date, t, time, fraction, zone)| format!("{date}{t}{time}{fraction}{zone}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn every_timestamp_round_trips(
            second in Timestamp::MIN.as_second()..Timestamp::MAX.as_second(),
            nanosecond in prop_oneof![Just(0), (0..1_000).prop_map(|ms| ms * 1_000_000), 0..1_000_000_000],
        ) {
            let moment = Timestamp::new(second, nanosecond).unwrap();
            let text = moment.to_string();
            prop_assert_eq!(parse(&text).unwrap(), moment);
            prop_assert_eq!(usual(&text).is_some(), !text.starts_with('-'));
        }

        #[test]
        fn near_misses_parse_like_jiff(text in near()) {
            agrees(&json!(text));
        }

        #[test]
        fn one_wrong_character_parses_like_jiff(
            text in "[0-9]{4}-(0[1-9]|1[0-2])-[0-2][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z",
            at in any::<prop::sample::Index>(),
            with in any::<char>(),
            cut in any::<bool>(),
        ) {
            agrees(&json!(text));
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            characters[at] = with;
            if cut {
                characters.truncate(at);
            }
            agrees(&json!(String::from_iter(characters)));
        }
    }
}
