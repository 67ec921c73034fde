//! Discriminators: the field that chooses the branch, and the branch that each value maps to.
//!
//! The contents of branches are not compared here. A discriminator changes where a value maps to another
//! branch; a branch that gains a field is still the same branch.

use std::collections::{HashMap, HashSet};

use super::members::merge;
use super::path::Step;
use super::walk::{Claims, Found, Walk};
use crate::kernel::Classes;
use crate::model::{Discriminator, NodeId, Schema};
use crate::rules;
use crate::tag::{self, By};

pub(super) fn compare(
    walk: &mut Walk<'_>,
    old: NodeId,
    new: NodeId,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let here = walk.here();
    let (p, q) = match (&a.discriminator, &b.discriminator) {
        (None, None) => return,
        (Some(p), Some(q)) => (p, q),
        _ => {
            // the branches may state the tag themselves
            let by = |tagged: Option<std::sync::Arc<tag::Tagged>>| {
                tagged.filter(|t| t.proved).map(|t| t.by.clone())
            };
            let was = by(walk.old_classes.tagged(walk.old, old));
            let now = by(walk.new_classes.tagged(walk.new, new));
            let stated = a.discriminator.as_ref().or(b.discriminator.as_ref());
            let known = stated.map(|d| By::Property(d.property.clone()));
            let claims = if was.is_some() && was == now && was == known {
                Claims::NONE
            } else {
                Claims::RUST
            };
            let what = if b.discriminator.is_some() { "was added" } else { "was removed" };
            let message = format!("the discriminator of {here} {what}");
            out.push(Found::new(&rules::DISCRIMINATOR_CHANGED, claims, message));
            return;
        }
    };
    if p.property != q.property {
        let message = format!("the branch of {here} is now chosen by another field");
        out.push(
            Found::new(&rules::DISCRIMINATOR_CHANGED, Claims::BOTH.and_rust(), message)
                .was_now(format!("`{}`", p.property), format!("`{}`", q.property)),
        );
        return;
    }
    let was = values(walk.old, walk.old_classes, old, p);
    let now = values(walk.new, walk.new_classes, new, q);
    let own = (
        tagged_by(walk.old, walk.old_classes, old, p),
        tagged_by(walk.new, walk.new_classes, new, q),
    );
    let known = |list: &[(String, NodeId)]| -> HashMap<String, NodeId> {
        list.iter().rev().cloned().collect()
    };
    let (before, after) = (known(&was), known(&now));
    // an added or removed branch is reported as such
    let listed = |schema: &Schema, union: NodeId| -> Vec<NodeId> {
        schema.node(union).branches().iter().map(|id| schema.resolve(*id)).collect()
    };
    let (ours, theirs) = (listed(walk.old, old), listed(walk.new, new));
    // the children of a base are only known by their tags
    let is_base = ours.is_empty() && theirs.is_empty();
    let known_before = |node: NodeId| {
        let node = walk.new.resolve(node);
        !theirs.contains(&node) || ours.iter().any(|branch| stays(walk, *branch, node))
    };
    let known_after = |node: NodeId| {
        let node = walk.old.resolve(node);
        !ours.contains(&node) || theirs.iter().any(|branch| stays(walk, node, *branch))
    };
    for (value, node) in &was {
        let other = after.get(value).copied();
        let message = match other {
            // the tag of a branch that states it moves with the branch
            Some(other) if own.0.contains(node) && own.1.contains(&other) => continue,
            Some(other) if stays(walk, *node, other) => continue,
            Some(_) => format!("`{value}` now maps to another branch of {here}"),
            None if !known_after(*node) => continue,
            None => format!("`{value}` no longer maps to a branch of {here}"),
        };
        // nobody writes a removed child
        let gone = is_base && other.is_none();
        let claims = if gone { Claims::BACK } else { Claims::BOTH }.and_rust();
        let change = Found::new(&rules::DISCRIMINATOR_CHANGED, claims, message);
        out.push(Found { agreed: is_base, ..change });
    }
    for (value, node) in &now {
        if known_before(*node) && !before.contains_key(value) {
            let message = format!("{here} gained the branch `{value}`");
            let change = Found::new(&rules::MAPPING_ADDED, Claims::FORTH.and_loss(), message);
            out.push(Found { agreed: is_base, ..change });
        }
    }
    children(walk, old, new, claimed);
}

/// The node that each value maps to: by the mapping, and for branches without one, by the tag that they
/// state or by their names.
fn values(
    schema: &Schema,
    classes: &Classes,
    union: NodeId,
    discriminator: &Discriminator,
) -> Vec<(String, NodeId)> {
    let mut out = discriminator.mapping.clone();
    let mapped: HashSet<NodeId> = out.iter().map(|(_, node)| schema.resolve(*node)).collect();
    let by = By::Property(discriminator.property.clone());
    let tagged = classes.tagged(schema, union).filter(|t| t.proved && t.by == by);
    for (at, branch) in schema.node(union).branches().iter().enumerate() {
        if mapped.contains(&schema.resolve(*branch)) {
            continue;
        }
        let own = tagged.iter().flat_map(|t| &t.branches[at].tags).filter_map(|v| v.as_str());
        let own: Vec<String> = own.map(str::to_owned).collect();
        let named = || tag::mapped(schema, discriminator, *branch);
        let own = if own.is_empty() { named() } else { own };
        out.extend(own.into_iter().map(|value| (value, *branch)));
    }
    if out.is_empty() {
        out = tag::children(schema, union);
    }
    out
}

/// The branches that state the discriminator's value themselves.
fn tagged_by(
    schema: &Schema,
    classes: &Classes,
    union: NodeId,
    discriminator: &Discriminator,
) -> HashSet<NodeId> {
    let by = By::Property(discriminator.property.clone());
    let tagged = classes.tagged(schema, union).filter(|t| t.proved && t.by == by);
    tagged.iter().flat_map(|t| t.branches.iter().map(|b| b.node)).collect()
}

/// Whether a value still maps to the same branch: the same definition, or an equal one.
fn stays(walk: &Walk<'_>, old: NodeId, new: NodeId) -> bool {
    let (p, q) = (walk.old.resolve(old), walk.new.resolve(new));
    walk.same(p, q)
        || walk.old_node(p).pointer == walk.new_node(q).pointer
        || walk.old.definition_name(p).is_some_and(|n| walk.new.definition_name(q) == Some(n))
}

/// The children of a base, which readers choose by the discriminator although no `oneOf` lists them: a
/// break in a child is a break of the base, whatever JSON Schema states for the base alone.
fn children(walk: &mut Walk<'_>, old: NodeId, new: NodeId, claimed: &mut (bool, bool)) {
    let (was, now) = (tag::children(walk.old, old), tag::children(walk.new, new));
    for (value, child) in was {
        if let Some((_, other)) = now.iter().find(|(known, _)| *known == value) {
            merge(claimed, walk.child(Step::Branch(value), child, *other));
        }
    }
}
