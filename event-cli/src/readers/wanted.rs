//! `TYPE`, `TYPE@MAJOR` and `REGISTRY/TYPE@MAJOR` of the command line.

use std::collections::BTreeSet;

use event_folder::load::EventName;
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use crate::patterns::Major;

/// An event, and the major that is meant.
pub(crate) fn find<'m>(
    text: &str,
    majors: &[Major<'m>],
    folder: &str,
) -> Result<(&'m EventName, Option<u32>), Box<Diagnostic>> {
    let names: BTreeSet<&EventName> = majors.iter().map(|m| m.event).collect();
    let called = |name: &str| -> Vec<&'m EventName> {
        let is = |event: &&&EventName| {
            event.event == name || format!("{}/{}", event.registry, event.event) == name
        };
        names.iter().filter(is).copied().collect()
    };
    let (mut found, mut major) = (called(text), None);
    if found.is_empty()
        && let Some((name, version)) = text.rsplit_once('@')
    {
        let number = version.strip_prefix('v').unwrap_or(version);
        let Ok(number) = number.parse::<u32>() else {
            let message = format!("`{version}` is not a major such as `2`");
            return Err(Box::new(problem::unknown_event(folder, message)));
        };
        (found, major) = (called(name), Some(number));
    }
    let event = match found.as_slice() {
        [one] => *one,
        [] => {
            let listed: Vec<String> =
                names.iter().take(10).map(|n| format!("`{}`", n.event)).collect();
            let d =
                problem::unknown_event(folder, format!("no event `{text}` in the schema folder"));
            let help = format!("events of the folder: {}", listed.join(", "));
            return Err(Box::new(if listed.is_empty() { d } else { d.with_help(help) }));
        }
        several => {
            let all: Vec<String> =
                several.iter().map(|n| format!("`{}/{}`", n.registry, n.event)).collect();
            let message = format!("`{text}` is an event of {} registries", several.len());
            let d = Diagnostic::error(&rules::AMBIGUOUS_EVENT, folder.into(), message);
            return Err(Box::new(d.with_help(format!("name one: {}", all.join(", ")))));
        }
    };
    let all: Vec<u32> = majors.iter().filter(|m| m.event == event).map(|m| m.major).collect();
    if let Some(major) = major.filter(|major| !all.contains(major)) {
        let shown: Vec<String> = all.iter().map(|major| format!("`{major}`")).collect();
        let d = problem::unknown_event(folder, format!("`{}` has no major {major}", event.event));
        return Err(Box::new(d.with_help(format!("majors of the event: {}", shown.join(", ")))));
    }
    Ok((event, major))
}
