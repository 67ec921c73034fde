//! Checks `x-event-sunset` from version to version: consumers plan by the day, so it may move later, never earlier.

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use event_shape::baseline::days;

use super::Member;
use crate::problem::{error, help};

/// The keyword.
pub(super) const KEY: &str = "x-event-sunset";

/// Checks the days that the versions of one major state, in ascending order. A version without the keyword keeps the
/// day of the version before.
pub(super) fn check(members: &[&Member], problems: &mut Vec<Diagnostic>) {
    let mut latest: Option<(&Member, &str)> = None;
    for member in members {
        let Some(stated) = member.extension(KEY) else { continue };
        let Some(day) = stated.as_str().filter(|text| days(text).is_some()) else {
            problems.push(no_day(member, stated));
            continue;
        };
        // days in this format sort as text
        match latest {
            Some((earlier, planned)) if day < planned => {
                problems.push(moved_earlier(member, day, earlier, planned));
            }
            _ => latest = Some((member, day)),
        }
    }
}

fn no_day(member: &Member, stated: &serde_json::Value) -> Diagnostic {
    let message = format!("`{KEY}` is {stated}: expected a day");
    let d = at_the_key(error(&rules::SUNSET_IS_NO_DAY, &member.file.shown, message), member);
    help(d, &[&format!("write the year, month and day: `\"{KEY}\": \"2026-12-31\"`")])
}

fn moved_earlier(member: &Member, day: &str, earlier: &Member, planned: &str) -> Diagnostic {
    let message = format!(
        "the sunset moved earlier: {} states that the older major is published until {planned}, and consumers plan by that day",
        earlier.version
    );
    let mut d =
        at_the_key(error(&rules::SUNSET_MOVED_EARLIER, &member.file.shown, message), member);
    d.was = Some(format!("`{planned}`"));
    d.now = Some(format!("`{day}`"));
    help(d, &[&format!("keep `{planned}`, state a later day, or remove `{KEY}`")])
}

/// Points the diagnostic at the value of the keyword; at the payload, if the value is in another file.
fn at_the_key(mut d: Diagnostic, member: &Member) -> Diagnostic {
    let payload = &member.event.payload;
    let node = payload.node(payload.resolve(payload.root));
    let value = member.document.root.pointer(&node.pointer).and_then(|json| json.get(KEY));
    match value {
        Some(value) if node.file.is_none() => {
            d.pos = Some(member.document.pos(value.span));
            d.span = Some(value.span);
        }
        _ => d.pos = Some(payload.node(payload.root).pos),
    }
    d
}
