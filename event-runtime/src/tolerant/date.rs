//! Parses dates in the formats of real events.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// Greater numbers are milliseconds: as seconds, they start in the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;

/// Parses a timestamp from: RFC 3339; RFC 2822 and RFC 1123 (`Thu, 13 Aug 2020 09:14:52 GMT`); RFC
/// 3339 with a space, without a colon in the offset, or without an offset (taken as UTC); a date
/// alone (midnight, UTC); `Sep 1, 2017 4:12:29 PM` (UTC); seconds or milliseconds since 1970 as
/// digits.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let utc = |civil: DateTime| TimeZone::UTC.to_timestamp(civil).ok();
    let plain = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).map(str::trim_end);
    text.parse()
        .ok()
        .or_else(|| rfc2822::parse(text).ok().map(|z| z.timestamp()))
        .or_else(|| strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok())
        .or_else(|| strtime::parse("%Y-%m-%d %H:%M:%S%.f %z", text).ok()?.to_timestamp().ok())
        .or_else(|| utc(plain.unwrap_or(text).parse::<DateTime>().ok()?))
        .or_else(|| utc(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))
        .or_else(|| utc(strtime::parse("%b %d, %Y %I:%M:%S %p", text).ok()?.to_datetime().ok()?))
        .or_else(|| since_1970(text))
}

fn since_1970(text: &str) -> Option<Timestamp> {
    if let Ok(whole) = text.parse::<i64>() {
        return if whole.abs() < MILLISECONDS {
            Timestamp::from_second(whole).ok()
        } else {
            Timestamp::from_millisecond(whole).ok()
        };
    }
    // seconds with a fraction, as some services write them
    let (seconds, fraction) = text.split_once('.')?;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Timestamp::new(seconds.parse().ok()?, nanoseconds).ok()
}
