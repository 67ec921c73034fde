//! The majors of the events of a schema folder: what patterns are judged by.

use event_codegen::Project;
use event_folder::family::{Family, Loaded, Member};
use event_folder::load::EventName;

/// A major of an event.
#[expect(clippy::struct_field_names, reason = "its number is called the major everywhere")]
pub(crate) struct Major<'p> {
    pub(crate) event: &'p EventName,
    pub(crate) major: u32,
    /// Its versions, ascending; one at least.
    pub(crate) members: Vec<&'p Member>,
    /// The sources that it may be published under; none where nothing says one.
    pub(crate) sources: Vec<String>,
    pub(crate) detail_types: Vec<String>,
    /// Whether the lock calls it retired.
    pub(crate) retired: bool,
    /// The day from which on it should have no readers.
    pub(crate) sunset: Option<String>,
}

impl Major<'_> {
    /// `proposal.published v2`.
    pub(crate) fn shown(&self) -> String {
        format!("{} v{}", self.event.event, self.major)
    }
}

/// All majors of all events.
pub(crate) fn majors<'p>(families: &'p [Family<Loaded>], project: &Project) -> Vec<Major<'p>> {
    let mut out = Vec::new();
    for family in families {
        let majors = family.majors();
        for (major, members) in &majors {
            let next = majors.range(major + 1..).next();
            let days = next.into_iter().flat_map(|(_, all)| all).filter_map(|m| m.sunset());
            let days = days.filter(|day| event_shape::baseline::days(day).is_some());
            let mut sources: Vec<String> =
                members.iter().filter_map(|m| project.config.source_of(m)).collect();
            let mut detail_types: Vec<String> = members.iter().map(|m| m.detail_type()).collect();
            for all in [&mut sources, &mut detail_types] {
                all.sort();
                all.dedup();
            }
            out.push(Major {
                event: &family.name,
                major: *major,
                members: members.clone(),
                sources,
                detail_types,
                retired: members.iter().any(|m| m.retired),
                sunset: days.max().map(str::to_owned),
            });
        }
    }
    out
}

/// The day, as `yyyy-mm-dd`. `SOURCE_DATE_EPOCH` (seconds) stands for now where an output is to be the same on every
/// day.
pub(crate) fn today() -> String {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<i64>().ok());
    let seconds = set.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
    });
    day(seconds.div_euclid(86_400))
}

/// The date of a day since 1970. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`.
pub(crate) fn day(days: i64) -> String {
    let days = days.clamp(-719_528, 2_932_896) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, date) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_785, "2026-11-28"), (-1, "1969-12-31")]
        {
            assert_eq!(day(days), date);
            assert_eq!(event_shape::baseline::days(date), Some(days));
        }
    }
}
