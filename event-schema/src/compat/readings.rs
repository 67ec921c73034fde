//! Schemas with places that readers understand in two ways: a change must be compatible in both.

use super::policy::Verdict;
use super::report::{Change, Report};
use super::terms::Terms;
use crate::model::{Schema, Twofold};

/// Compares in both ways if one of the schemas has such places; `None` if neither has.
pub(super) fn check(old: &Schema, new: &Schema, terms: Terms) -> Option<Report> {
    if old.readings.is_none() && new.readings.is_none() {
        return None;
    }
    let by_letter = super::check_once(letter(old), letter(new), terms);
    let by_intent = super::check_once(intent(old), intent(new), terms);
    let places = |s: &Schema| s.readings.as_deref().map(|r| r.places.clone()).unwrap_or_default();
    let (before, after) = (places(old), places(new));
    let verdict = by_letter.verdict.max(by_intent.verdict);
    let mut changes = Vec::new();
    let (mine, others) = (by_letter.changes, by_intent.changes);
    let shared = |change: &Change, of: &[Change]| {
        of.iter().any(|c| {
            c.rule.id == change.rule.id
                && c.severity == change.severity
                && (c.new.pointer == change.new.pointer || c.old.pointer == change.old.pointer)
        })
    };
    for change in &others {
        if !shared(change, &mine) {
            changes.push(told(change.clone(), &before, &after, true));
        }
    }
    for change in mine {
        let both = shared(&change, &others);
        changes.push(if both { change } else { told(change, &before, &after, false) });
    }
    changes.sort_by(|a, b| a.severity.cmp(&b.severity).then(a.new.pos.cmp(&b.new.pos)));
    debug_assert!((verdict == Verdict::Breaking) || !changes.iter().any(is_break));
    Some(Report { policy: terms.policy, verdict, changes })
}

fn letter(schema: &Schema) -> &Schema {
    schema.readings.as_deref().map_or(schema, |readings| &readings.letter)
}

fn intent(schema: &Schema) -> &Schema {
    schema.readings.as_deref().map_or(schema, |readings| &readings.intent)
}

fn is_break(change: &Change) -> bool {
    change.severity == crate::diagnostic::Severity::Error
}

/// Adds the reading that a change applies to.
fn told(mut change: Change, before: &[Twofold], after: &[Twofold], counts: bool) -> Change {
    let above = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let near = |places: &[Twofold], pointer: &str| {
        let related = |p: &&Twofold| above(pointer, &p.pointer) || above(&p.pointer, pointer);
        places.iter().find(related).cloned()
    };
    let place = near(after, &change.new.pointer)
        .or_else(|| near(before, &change.old.pointer))
        .or_else(|| after.first().or(before.first()).cloned());
    if let Some(place) = place {
        let reading = if counts {
            format!("for readers that apply {}", place.keyword)
        } else {
            format!("for readers that ignore {}", place.keyword)
        };
        change.message = format!("{}, {reading}", change.message);
        let note = format!(
            "{}:{}: {} has no meaning in {}, but some readers apply it; use a form that both understand",
            place.file, place.pos, place.keyword, place.dialect
        );
        if is_break(&change) {
            change.help.push(note);
        }
    }
    change
}
