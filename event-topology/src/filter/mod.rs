//! Content filters: a consumer takes only events whose payload has certain values.
//!
//! A filter is checked against what the payload of the event can be ([`Payload`]) when the topology is built. A field
//! that no event has, a value that the field never has, or an enum value that does not exist would otherwise be a rule
//! that matches nothing, without a word.

mod check;
mod payload;

use crate::pattern::{EventPattern, Member, Object};
use crate::{Declaration, Problem};

pub use payload::{Field, Payload, Shape};

/// A content filter of a consumer, for one major of an event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    event_type: String,
    major: u32,
    pattern: String,
    payload: Payload,
}

/// The rule that a filter breaks.
const RULE: &str = "content-filter";

impl Filter {
    pub(crate) fn new(event_type: &str, major: u32, pattern: &str, payload: Payload) -> Self {
        let (event_type, pattern) = (event_type.to_owned(), pattern.to_owned());
        Self { event_type, major, pattern, payload }
    }

    pub(crate) fn is_of(&self, event_type: &str, major: u32) -> bool {
        self.event_type == event_type && self.major == major
    }

    /// What the rule asks of the payload; nothing, where the filter is not a pattern.
    pub(crate) fn object(&self) -> Option<Object> {
        EventPattern::parse(&self.pattern).ok().map(|pattern| pattern.object().clone())
    }
}

/// Everything that is wrong with the filters of a consumer.
pub(crate) fn problems(declared: &Declaration) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |what: String, why: String, fix: String| {
        problems.push(Problem::new(RULE, Some(&declared.name), what, why, fix));
    };
    for (at, filter) in declared.filters.iter().enumerate() {
        let detail_type = format!("{}:v{}", filter.event_type, filter.major);
        let reads = |major: u32| {
            declared.reads.iter().any(|it| it.event_type == filter.event_type && it.major == major)
        };
        if !reads(filter.major) {
            let what = format!("it filters `{detail_type}`, which it does not read");
            let why = "the filter would have no rule".to_owned();
            add(what, why, "add the event to what it reads, or remove the filter".to_owned());
            continue;
        }
        if declared.filters[..at].iter().any(|it| it.is_of(&filter.event_type, filter.major)) {
            let what = format!("`{detail_type}` has two filters");
            let why = "a rule has one pattern".to_owned();
            add(what, why, "one filter with the fields of both".to_owned());
            continue;
        }
        if declared.one_rule {
            let what = format!("`{detail_type}` has a filter, and the consumer has one rule");
            let why = "the filter of one event would be asked of all of them".to_owned();
            add(what, why, "remove `.one_rule()`".to_owned());
        }
        let mut others = declared.reads.iter().filter(|it| {
            it.event_type == filter.event_type
                && !declared.filters.iter().any(|other| other.is_of(&it.event_type, it.major))
        });
        if let Some(other) = others.next() {
            let what = format!("it filters `{detail_type}` and not `{}`", other.detail_type);
            let why = "both are one event: what the filter leaves out arrives as the other major"
                .to_owned();
            add(what, why, format!("filter `{}` too", other.detail_type));
        }
        match EventPattern::parse(&filter.pattern) {
            Err(invalid) => {
                let what = format!("the filter of `{detail_type}` is not a pattern");
                let why: Vec<String> = invalid
                    .problems
                    .iter()
                    .map(|it| format!("{}: {}", it.path, it.message))
                    .collect();
                let fix = "conditions as in an event pattern: `{\"status\": [\"paid\"]}`";
                add(what, why.join("\n"), fix.to_owned());
            }
            Ok(pattern) => {
                let replaced: Vec<&str> = pattern.replaced().collect();
                if !replaced.is_empty() {
                    let what =
                        format!("the filter of `{detail_type}` has two conditions on one field");
                    let why = format!(
                        "EventBridge keeps the later one only: `{}`",
                        replaced.join("`, `")
                    );
                    add(
                        what,
                        why,
                        "one list with both values, or one alternative of `$or`".to_owned(),
                    );
                }
                for check::Mistake { path, what, why, fix } in
                    check::mistakes(pattern.object(), &filter.payload)
                {
                    add(format!("the filter of `{detail_type}`: `{path}`: {what}"), why, fix);
                }
            }
        }
    }
    problems
}

/// A pattern that asks the same, and this of the payload.
pub(crate) fn narrowed(pattern: &EventPattern, payload: Object) -> Option<EventPattern> {
    let data = Object { members: vec![Member::Object("data".to_owned(), payload)] };
    let mut object = pattern.object().clone();
    object.members.push(Member::Object("detail".to_owned(), data));
    EventPattern::of(object)
}
