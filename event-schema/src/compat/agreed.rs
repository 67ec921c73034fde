//! Unions that are tagged by a discriminator alone: readers choose the branch by it, JSON Schema does not.
//!
//! Publishers and generated types choose by the tag, and the additive policy is about them: there, the
//! schemas are compared with the tags written into the branches. The other policies also follow JSON
//! Schema: a change must be compatible in both ways.

use std::collections::HashMap;

use super::policy::{Policy, Verdict};
use super::report::{Change, Report, Writer};
use super::terms::Terms;
use crate::diagnostic::Severity;
use crate::model::{Literal, Node, NodeId, ObjectRules, Property, Schema, Types};
use crate::pattern::Matchers;
use crate::tag::{self, By};
use crate::validate::Judge;

/// Returns the report, with the breaks for readers that choose branches by a discriminator. `plain`
/// compares the schemas as written.
pub(super) fn check(
    old: &Schema,
    new: &Schema,
    terms: Terms,
    plain: impl FnOnce() -> Report,
) -> Report {
    let (before, after) = (enforced(old), enforced(new));
    let stated = (before.as_ref(), after.as_ref());
    if before.is_none() && after.is_none() {
        return plain();
    }
    let twofold = old.readings.is_some() || new.readings.is_some();
    if twofold || !matches!(terms.policy, Policy::Additive | Policy::None) {
        let report = plain();
        if report.verdict == Verdict::Breaking {
            return report;
        }
        let mut by_tag = by_tag(old, new, stated, terms);
        if by_tag.verdict == Verdict::Compatible {
            return report;
        }
        for change in by_tag.changes.iter_mut().filter(|c| c.severity == Severity::Error) {
            let message = &change.message;
            change.message =
                format!("{message}, for readers that choose the branch by its discriminator");
        }
        return by_tag;
    }
    by_tag(old, new, stated, terms)
}

fn by_tag(
    old: &Schema,
    new: &Schema,
    enforced: (Option<&Schema>, Option<&Schema>),
    terms: Terms,
) -> Report {
    let (before, after) = (enforced.0.unwrap_or(old), enforced.1.unwrap_or(new));
    let mut report = super::check_once(before, after, terms);
    for change in &mut report.changes {
        confirm(change, old, new);
    }
    report
}

/// Keeps a witness only if the schemas as written confirm it too.
fn confirm(change: &mut Change, old: &Schema, new: &Schema) {
    let Some(witness) = &change.witness else { return };
    let matchers = Matchers::default();
    let holds = |schema| {
        let judge = Judge { by_tag: false, for_all_readers: true, ..Judge::new(schema, &matchers) };
        judge.holds(schema.root, witness)
    };
    let (writer, reader) = if change.writer == Some(Writer::New) { (new, old) } else { (old, new) };
    if holds(writer) != Some(true) || holds(reader) != Some(false) {
        (change.witness, change.excerpt, change.writer) = (None, None, None);
    }
}

/// The schema with each tag that only a discriminator assigns written into its branch; `None` if it has
/// none.
fn enforced(schema: &Schema) -> Option<Schema> {
    let agreed: Vec<_> = schema
        .nodes()
        .filter(|(_, node)| node.discriminator.is_some() && !node.branches().is_empty())
        .filter_map(|(id, _)| Some((id, tag::of(schema, id).filter(|t| !t.proved)?)))
        .filter_map(|(id, tagged)| match tagged.by {
            By::Property(name) => Some((id, name, tagged.branches)),
            _ => None,
        })
        .collect();
    if agreed.is_empty() {
        return None;
    }
    let mut out = schema.clone();
    for (union, name, branches) in agreed {
        let mut stated = HashMap::new();
        for branch in branches.into_iter().filter(|b| !b.tags.is_empty()) {
            let node = with_tag(&mut out, branch.node, &name, branch.tags);
            stated.insert(branch.node, node);
        }
        let targets: HashMap<NodeId, NodeId> =
            stated.iter().map(|(from, to)| (schema.resolve(*from), *to)).collect();
        let node = &mut out.nodes[union.index()];
        for id in node.one_of.iter_mut().chain(&mut node.any_of) {
            *id = stated.get(id).copied().unwrap_or(*id);
        }
        let mapping = node.discriminator.iter_mut().flat_map(|d| &mut d.mapping);
        for (_, id) in mapping {
            *id = targets.get(&schema.resolve(*id)).copied().unwrap_or(*id);
        }
    }
    Some(out)
}

/// A node for the branch, with its tag.
fn with_tag(
    schema: &mut Schema,
    branch: NodeId,
    name: &str,
    tags: Vec<serde_json::Value>,
) -> NodeId {
    let own = schema.node(schema.resolve(branch));
    let (pos, span) = (own.pos, own.span);
    let place =
        Node { pointer: own.pointer.clone(), file: own.file.clone(), span, pos, ..Node::default() };
    let values = tags.into_iter().map(|value| Literal { value, pos, span }).collect();
    let tag = push(schema, Node { values: Some(values), ..place.clone() });
    let mut rules = ObjectRules {
        properties: vec![Property { name: name.to_owned(), node: tag, pos, span }],
        required: vec![name.to_owned()],
        ..ObjectRules::default()
    };
    rules.index();
    let object = Some(Box::new(rules));
    let guard = push(schema, Node { types: Types::OBJECT, object, ..place.clone() });
    push(schema, Node { all_of: vec![guard, branch], ..place })
}

fn push(schema: &mut Schema, node: Node) -> NodeId {
    let id = NodeId(u32::try_from(schema.nodes.len()).unwrap_or(u32::MAX));
    schema.nodes.push(node);
    id
}
