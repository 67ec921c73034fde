//! Fields that EventBridge rules match on: a minor with another source or detail-type reaches nobody.

use super::policy::Policy;
use super::report::{Change, Place};
use crate::diagnostic::Severity;
use crate::read::{EventSchema, Fact, Facts};
use crate::rules::{self, Rule};

/// Changes of the fields that both versions state.
pub(super) fn changes(old: &EventSchema, new: &EventSchema, policy: Policy) -> Vec<Change> {
    type Part = fn(&Facts) -> Option<&Fact>;
    let parts: [(&str, &'static Rule, Part); 2] = [
        ("source", &rules::EVENT_SOURCE_CHANGED, |f| f.source.as_ref()),
        ("detail-type", &rules::DETAIL_TYPE_CHANGED, |f| f.detail_type.as_ref()),
    ];
    let mut out = Vec::new();
    for (what, rule, part) in parts {
        let (Some(before), Some(after)) = (part(&old.facts), part(&new.facts)) else { continue };
        if before.value == after.value {
            continue;
        }
        let reported = policy == Policy::None;
        out.push(Change {
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
    out
}

fn place(event: &EventSchema, fact: &Fact) -> Place {
    Place {
        file: event.payload.file.clone(),
        pointer: fact.pointer.clone(),
        pos: fact.pos,
        span: fact.span,
    }
}
