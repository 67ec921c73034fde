//! What changed from one version of an event to another: the schema's changes, and those of what
//! EventBridge's rules match on. `diff` shows them, and `pull --check`.

use event_schema::compat::{self, Change, Labels, Place, Policy, Report, Terms, Verdict};
use event_schema::diagnostic::Severity;
use event_schema::read::{EventSchema, Fact, Facts};
use event_schema::rules::{self, Rule};

use crate::command::count;

/// Compares two versions of an event.
pub(crate) fn between(old: &EventSchema, new: &EventSchema, terms: Terms) -> Report {
    let mut found = compat::check_event(old, new, terms);
    let mut routing = routing(old, new, terms.policy);
    if routing.iter().any(|c| c.severity == Severity::Error) {
        found.verdict = Verdict::Breaking;
    }
    routing.append(&mut found.changes);
    Report { changes: routing, ..found }
}

/// The line under the changes.
pub(crate) fn summary(found: &Report, labels: Labels<'_>) -> String {
    let (all, bad) = (found.changes.len(), found.breaks().count());
    let changes = match (all, bad) {
        (0, _) => "no change".to_owned(),
        (n, 0) => count(n, "change"),
        (n, bad) if n == bad => count(bad, "breaking change"),
        (n, bad) => format!("{}, {}", count(bad, "breaking change"), count(n - bad, "other")),
    };
    let verdict = found.verdict.as_str();
    format!("{} to {}, policy {}: {verdict}, {changes}", labels.old, labels.new, found.policy)
}

/// Changes of what EventBridge's rules match on.
fn routing(old: &EventSchema, new: &EventSchema, policy: Policy) -> Vec<Change> {
    type Part = fn(&Facts) -> Option<&Fact>;
    let parts: [(&str, &'static Rule, Part); 2] = [
        ("source", &rules::EVENT_SOURCE_CHANGED, |f| f.source.as_ref()),
        ("detail-type", &rules::DETAIL_TYPE_CHANGED, |f| f.detail_type.as_ref()),
    ];
    let mut changes = Vec::new();
    for (what, rule, part) in parts {
        let (Some(before), Some(after)) = (part(&old.facts), part(&new.facts)) else { continue };
        if before.value == after.value {
            continue;
        }
        let reported = policy == Policy::None;
        changes.push(Change {
            rule,
            severity: if reported { Severity::Note } else { Severity::Error },
            breaks: rule.breaks.to_vec(),
            old: place(old, before),
            new: place(new, after),
            message: format!(
                "the {what} changed; rules that match `{}` no longer see the event",
                before.value
            ),
            was: Some(format!("`{}`", before.value)),
            now: Some(format!("`{}`", after.value)),
            witness: None,
            excerpt: None,
            writer: None,
            help: vec![rule.fix.to_owned()],
        });
    }
    changes
}

fn place(event: &EventSchema, fact: &Fact) -> Place {
    Place {
        file: event.payload.file.clone(),
        pointer: fact.pointer.clone(),
        pos: fact.pos,
        span: fact.span,
    }
}
