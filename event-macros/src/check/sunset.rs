//! The day from which the superseded major should be retired.
//!
//! Consumers plan with it. So a locked schema may state it (`x-event-sunset`); a later version or the
//! attribute may then move it to a later day, never to an earlier one.

use event_shape::baseline::{Baseline, Version, days};
use syn::spanned::Spanned;

use super::{Declared, Warning, last_of};
use crate::ast::Container;
use crate::context::Context;
use crate::rules;

/// Set by `build.rs` (`configure().sunset_is_error(true)`): a day in the past is then an error.
const STRICT: &str = "EVENT_CONTRACTS_SUNSET";

/// From that day on, a warning (or an error, if the build asks for one).
pub(super) fn check(
    cx: &Context,
    c: &Container<'_>,
    declared: &Declared<'_>,
    baseline: &Baseline,
) -> Option<Warning> {
    let locked = locked(declared, baseline);
    if let Some(date) = &c.event.sunset {
        if days(&date.value()).is_none() {
            cx.error(
                rules::SUNSET_IS_NO_DAY,
                date.span(),
                format_args!(
                    "`{}` is not a valid date: expected `yyyy-mm-dd`, such as `sunset = \"2026-12-31\"`",
                    date.value()
                ),
            );
            return None;
        }
        if c.event.supersedes.is_none() {
            cx.error(rules::SUNSET_IS_NO_DAY, date.span(), "`sunset` requires `supersedes`");
            return None;
        }
        // days of this form sort as text
        if let Some((version, stated)) = locked
            && date.value().as_str() < stated
        {
            cx.error(
                rules::SUNSET_MOVED_EARLIER,
                date.span(),
                format_args!(
                    "{} states that the earlier major is published until {stated}: consumers rely on it, so the day can move later but never earlier\n\
                     to fix: `sunset = \"{stated}\"` or later, or leave the key out",
                    version.file
                ),
            );
            return None;
        }
    }
    let path = c.event.supersedes.as_ref()?;
    let said = c.event.sunset.as_ref();
    let (date, span) = match (said, locked) {
        (Some(date), _) => (date.value(), date.span()),
        (None, Some((_, stated))) => (stated.to_owned(), path.span()),
        (None, None) => return None,
    };
    if c.event.retired.is_some() || today()? < days(&date)? {
        return None;
    }
    let text = format!(
        "`{}` was to be retired on {date}: once it has no readers, `retired` here stops its publication; or move the day",
        last_of(path),
    );
    if std::env::var_os(STRICT).is_some_and(|v| v == "error") {
        cx.error(rules::SUNSET_PASSED, span, text);
        return None;
    }
    Some(Warning::new(rules::SUNSET_PASSED, "sunset", span, &text))
}

/// The latest day that a version of this major states, up to the declared version.
fn locked<'b>(declared: &Declared<'_>, baseline: &'b Baseline) -> Option<(&'b Version, &'b str)> {
    let own = |v: &&Version| v.major == declared.major && v.minor <= declared.minor;
    let stated =
        baseline.versions.iter().filter(own).filter_map(|v| Some((v, v.sunset.as_deref()?)));
    stated.filter(|(_, day)| days(day).is_some()).max_by_key(|(_, day)| *day)
}

/// Days since 1970, now. `SOURCE_DATE_EPOCH` (in seconds) replaces the clock, so that a build can be
/// reproduced on any day.
fn today() -> Option<i64> {
    if let Some(seconds) =
        std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse::<i64>().ok())
    {
        return Some(seconds.div_euclid(86_400));
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(now.as_secs() / 86_400).ok()
}
