//! Events: their payloads, the parts around them, and the fields that EventBridge rules match on.
//!
//! The payload is compared by itself, so that messages use its own names. The parts around it are compared
//! with a payload that allows everything.

use super::family::check_family;
use super::policy::Verdict;
use super::report::{Labels, Report};
use super::routing;
use super::terms::Terms;
use crate::diagnostic::{Diagnostic, Related, Severity};
use crate::model::Schema;
use crate::read::EventSchema;
use crate::rules;

/// Compares an event with an earlier version of it: the payload, the parts of the envelope or the AWS event
/// beside it, and the source and detail-type.
///
/// ```
/// use event_schema::compat::{self, Policy, Verdict};
/// use event_schema::document::Document;
/// use event_schema::read;
///
/// let read = |id: &str| {
///     let text = format!(
///         r#"{{"properties": {{"id": {{"type": "{id}"}}, "type": {{}}, "source": {{}}, "occurredAt": {{}}, "data": {{}}}}}}"#
///     );
///     read::events(&Document::parse("a.json", text).unwrap()).unwrap().remove(0)
/// };
/// let report = compat::check_event(&read("string"), &read("integer"), Policy::Additive);
/// assert_eq!(report.verdict, Verdict::Breaking);
/// ```
pub fn check_event(old: &EventSchema, new: &EventSchema, terms: impl Into<Terms>) -> Report {
    let terms = terms.into();
    let mut report = super::check(&old.payload, &new.payload, terms);
    if let (Some(a), Some(b)) = (&old.around, &new.around)
        && old.facts.path == new.facts.path
    {
        let mut around = super::check(a, b, terms);
        for change in &mut around.changes {
            change.message = beside(&change.message, new);
        }
        if around.verdict == Verdict::Breaking {
            report.verdict = Verdict::Breaking;
        }
        report.changes.append(&mut around.changes);
        report.changes.sort_by_key(|change| change.severity);
    }
    let routing = routing::changes(old, new, terms.policy);
    if routing.iter().any(|change| change.severity == Severity::Error) {
        report.verdict = Verdict::Breaking;
    }
    report.changes.splice(0..0, routing);
    report
}

/// Compares every minor with every earlier one, like [`check_family`], including the parts around the
/// payloads. Reports a warning for minors that describe different layers.
pub fn check_events(minors: &[(&str, &EventSchema)], terms: impl Into<Terms>) -> Vec<Diagnostic> {
    let terms = terms.into();
    let payloads: Vec<(&str, &Schema)> =
        minors.iter().map(|(label, event)| (*label, &event.payload)).collect();
    let mut out = check_family(&payloads, terms);
    for pair in minors.windows(2) {
        let labels = Labels { old: pair[0].0, new: pair[1].0 };
        let routing = routing::changes(pair[0].1, pair[1].1, terms.policy);
        let told = routing.iter().filter(|change| change.severity != Severity::Note);
        out.extend(told.map(|change| change.diagnostic(labels)));
        out.extend(layer_changed(pair[0], pair[1]));
    }
    let mut paths: Vec<_> = minors.iter().map(|(_, event)| &event.facts.path).collect();
    paths.sort();
    paths.dedup();
    for path in paths.into_iter().filter(|path| !path.is_empty()) {
        let mut of_path = minors.iter().filter(|(_, event)| event.facts.path == *path);
        let around: Vec<(&str, &Schema)> = of_path
            .clone()
            .filter_map(|(label, event)| Some((*label, event.around.as_ref()?)))
            .collect();
        let Some((_, event)) = of_path.next_back() else { continue };
        for mut diagnostic in check_family(&around, terms) {
            diagnostic.message = beside(&diagnostic.message, event);
            out.push(diagnostic);
        }
    }
    out
}

/// The message with its place, because names around the payload are not the event's.
fn beside(message: &str, event: &EventSchema) -> String {
    match event.facts.path.last() {
        Some(inner) => format!("beside `{inner}`: {message}"),
        None => message.to_owned(),
    }
}

fn layer_changed(
    (was, old): (&str, &EventSchema),
    (_, new): (&str, &EventSchema),
) -> Option<Diagnostic> {
    if old.facts.path == new.facts.path {
        return None;
    }
    let (a, b) = (old.payload.node(old.payload.root), new.payload.node(new.payload.root));
    let message = format!(
        "the schema describes another layer than {was}, so the parts around the payload are not compared"
    );
    let mut diagnostic =
        Diagnostic::error(&rules::LAYER_CHANGED, new.payload.file.clone(), message);
    diagnostic.severity = Severity::Warning;
    (diagnostic.span, diagnostic.pos) = (Some(b.span), Some(b.pos));
    diagnostic.pointer.clone_from(&b.pointer);
    diagnostic.was = Some(old.facts.compared().to_owned());
    diagnostic.now = Some(new.facts.compared().to_owned());
    diagnostic.help.push(rules::LAYER_CHANGED.fix.into());
    diagnostic.related.push(Related {
        file: old.payload.file.clone(),
        span: Some(a.span),
        pos: Some(a.pos),
        label: format!("the payload of {was}"),
    });
    Some(diagnostic)
}
