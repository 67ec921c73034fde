//! Every rule that a diagnostic may name: those about change, of `event-schema`, and those about
//! folders, locks, events and registries, which stand here, a file for each of these.

mod asked;
mod folder;
mod published;
mod registry;

use event_schema::rules::{self, Breaks, Level, Rule};

use crate::exit::Exit;

/// The source of an event changed.
pub(crate) static SOURCE_CHANGED: Rule = Rule {
    id: "event-source-changed",
    rows: &[70],
    level: Level::Break,
    breaks: &[Breaks::OldConsumers],
    why: "EventBridge's rules match on the source; those of the old one no longer see the event",
    example: r#""x-amazon-events-source": "app.a" → "app.b""#,
    fix: "keep the source; a change of it is a new major, published beside the old one: `cargo event new-version TYPE --major`",
};

/// The detail-type of an event changed.
pub(crate) static DETAIL_TYPE_CHANGED: Rule = Rule {
    id: "detail-type-changed",
    rows: &[70],
    level: Level::Break,
    breaks: &[Breaks::OldConsumers],
    why: "EventBridge's rules match on the detail-type; those of the old one no longer see the event",
    example: r#""x-amazon-events-detail-type": "order.placed:v1" → "order.placed.v1""#,
    fix: "keep the detail-type; a change of it is a new major, published beside the old one: `cargo event new-version TYPE --major`",
};

/// A rule that is not about a change: it has no row in the table of changes, and always counts.
const fn rule(
    id: &'static str,
    why: &'static str,
    example: &'static str,
    fix: &'static str,
) -> Rule {
    Rule { id, rows: &[], level: Level::Break, breaks: &[], why, example, fix }
}

/// Rules of `event-schema` about a document that can't be read; its other ones are about change.
const READING: [&str; 7] = [
    "malformed-keyword",
    "malformed-schema",
    "not-a-schema",
    "payload-not-found",
    "remote-reference",
    "schema-too-large",
    "unresolved-reference",
];

fn here() -> impl Iterator<Item = &'static (Exit, Rule)> {
    [published::RULES, folder::RULES, asked::RULES, registry::RULES].into_iter().flatten()
}

/// All rules: about change first, then about what holds the schemas.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    let here = here().map(|(_, rule)| rule);
    let all = rules::all().chain([&SOURCE_CHANGED, &DETAIL_TYPE_CHANGED]).chain(here);
    // a rule that two rooms know is listed once
    let mut seen = std::collections::HashSet::new();
    all.filter(move |rule| seen.insert(rule.id))
}

/// The rule of this id.
pub(crate) fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// What an error of this rule means for the exit code. A rule that nobody knows is no break.
pub(crate) fn exit(id: &str) -> Exit {
    if let Some((exit, _)) = here().find(|(_, rule)| rule.id == id) {
        *exit
    } else if find(id).is_some() && !READING.contains(&id) {
        Exit::No
    } else {
        Exit::BadInput
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kebab_case_and_texts_are_one_line() {
        for rule in all() {
            let kebab = rule
                .id
                .split('-')
                .all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(kebab, "{}", rule.id);
            for text in [rule.why, rule.example, rule.fix] {
                assert!(!text.is_empty() && !text.contains('\n') && !text.ends_with('.'), "{text}");
            }
        }
    }

    #[test]
    fn the_rules_of_reading_exist() {
        for id in READING {
            assert!(rules::find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn exits() {
        for id in ["enum-value-added", "undecided", "lock-missing", "event-source-changed"] {
            assert_eq!(exit(id), Exit::No, "{id}");
        }
        for id in ["unresolved-reference", "schema-not-json", "version-gap", "never-heard-of"] {
            assert_eq!(exit(id), Exit::BadInput, "{id}");
        }
    }
}
