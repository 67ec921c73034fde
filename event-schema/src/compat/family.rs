//! All minors of a major, each compared with each earlier one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::path::{Step, label};
use super::policy::Policy;
use super::prepared::Prepared;
use super::report::Labels;
use super::terms::Terms;
use crate::diagnostic::{Diagnostic, Related, Severity};
use crate::kernel::{Cache, Classes};
use crate::model::{NodeId, Schema};
use crate::rules;

/// The maximum depth at which names are collected.
const MAX_DEPTH: usize = 12;

/// The maximum number of places that names are collected from.
const MAX_PLACES: usize = 50_000;

/// Compares every minor with every earlier one. The minors are in order, each with its name.
///
/// Each problem is reported once, for the nearest pair that has it. Notes are left out.
pub fn check_family(minors: &[(&str, &Schema)], terms: impl Into<Terms>) -> Vec<Diagnostic> {
    let terms = terms.into();
    let prepared: Vec<Arc<Prepared>> =
        minors.iter().map(|(_, schema)| Prepared::of(schema, terms)).collect();
    let classes: Vec<&Classes> = prepared.iter().map(|p| &p.classes).collect();
    let given: Vec<&Schema> = minors.iter().map(|(_, schema)| *schema).collect();
    let minors: Vec<(&str, &Schema)> =
        minors.iter().zip(&prepared).map(|((label, s), p)| (*label, p.form(s))).collect();
    let deep = prepared.iter().any(|p| p.deep);
    super::deep::with_room(deep, |deep| compare_all(&minors, &given, &classes, terms, deep))
}

fn compare_all(
    minors: &[(&str, &Schema)],
    given: &[&Schema],
    classes: &[&Classes],
    terms: Terms,
    deep: bool,
) -> Vec<Diagnostic> {
    let policy = terms.policy;
    let cache = Cache::new(deep);
    let mut out: Vec<Diagnostic> = Vec::new();
    for later in 1..minors.len() {
        for earlier in (0..later).rev() {
            let (old, new) = (minors[earlier], minors[later]);
            let (before, after) = (given[earlier], given[later]);
            let report = super::agreed::check(before, after, terms, || {
                super::readings::check(before, after, terms).unwrap_or_else(|| {
                    super::check_prepared(
                        (old.1, classes[earlier]),
                        (new.1, classes[later]),
                        policy,
                        &cache,
                    )
                })
            });
            let labels = Labels { old: old.0, new: new.0 };
            for change in report.changes.iter().filter(|c| c.severity != Severity::Note) {
                let diagnostic = change.diagnostic(labels);
                let told = out.iter().any(|d| {
                    d.rule == diagnostic.rule
                        && d.pointer == diagnostic.pointer
                        && d.file == diagnostic.file
                });
                // a break between two earlier minors occurs again in each later pair
                let inherited = minors[earlier + 1..later].iter().any(|(_, between)| {
                    out.iter().any(|d| {
                        d.is(change.rule)
                            && d.file == between.file
                            && d.pointer == change.new.pointer
                    })
                });
                if !told && !inherited {
                    out.push(diagnostic);
                }
            }
        }
    }
    if policy == Policy::Additive {
        reused(minors, classes, &mut out);
    }
    out
}

/// Names that are removed and come back with another meaning, which no pair of neighbours shows.
fn reused(minors: &[(&str, &Schema)], classes: &[&Classes], out: &mut Vec<Diagnostic>) {
    let names: Vec<BTreeMap<String, NodeId>> =
        minors.iter().map(|(_, schema)| declared(schema)).collect();
    for later in 2..minors.len() {
        for (name, node) in &names[later] {
            if names[later - 1].contains_key(name) {
                continue;
            }
            let Some(earlier) = (0..later - 1).rev().find(|i| names[*i].contains_key(name)) else {
                continue;
            };
            let before = names[earlier][name];
            if classes[earlier].of(before) == classes[later].of(*node) {
                continue;
            }
            let (old, new) = (minors[earlier], minors[later]);
            let (a, b) = (old.1.node(before), new.1.node(*node));
            let pointer = b.pointer.clone();
            if out.iter().any(|d| {
                d.file == new.1.file && d.pointer == pointer && d.severity == Severity::Error
            }) {
                continue;
            }
            let message = format!("{name} came back with another meaning than in {}", old.0);
            let mut diagnostic =
                Diagnostic::error(&rules::REMOVED_NAME_REUSED, new.1.file.clone(), message);
            (diagnostic.span, diagnostic.pos, diagnostic.pointer) =
                (Some(b.span), Some(b.pos), pointer);
            diagnostic.was = Some(super::local::show_types(a));
            diagnostic.now = Some(super::local::show_types(b));
            diagnostic.help.push(rules::REMOVED_NAME_REUSED.fix.into());
            diagnostic.related.push(Related {
                file: old.1.file.clone(),
                span: Some(a.span),
                pos: Some(a.pos),
                label: format!("{} declares it here", old.0),
            });
            out.push(diagnostic);
        }
    }
}

/// Every declared name by its place in an event, as far as the places form a tree.
fn declared(schema: &Schema) -> BTreeMap<String, NodeId> {
    let mut out = BTreeMap::new();
    let mut stack = vec![(Vec::new(), schema.root)];
    let mut visited = 0;
    while let Some((path, id)) = stack.pop() {
        visited += 1;
        if visited > MAX_PLACES {
            break;
        }
        let id = schema.resolve(id);
        let node = schema.node(id);
        if !path.is_empty() {
            out.entry(label(&path).into_owned()).or_insert(id);
        }
        if path.len() >= MAX_DEPTH {
            continue;
        }
        for part in node.all_of.iter().chain(&node.reference) {
            stack.push((path.clone(), *part));
        }
        for property in node.object.iter().flat_map(|r| &r.properties) {
            let mut path = path.clone();
            path.push(Step::Member(property.name.clone()));
            stack.push((path, property.node));
        }
        for items in node.array.iter().filter_map(|r| r.items) {
            let mut path = path.clone();
            path.push(Step::Item(0));
            stack.push((path, items));
        }
    }
    out
}
