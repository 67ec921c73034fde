//! A single schema against a union: `int` → `int | null`, `$ref` → `oneOf [null, $ref]`, one object →
//! several.
//!
//! The single schema is compared with the branch that it most likely is. The other branches were added or
//! removed; they are not removed fields.

use super::branches::listed;
use super::local;
use super::members::{member, merge, old_place};
use super::walk::{Claims, Found, Walk};
use crate::kernel::Classes;
use crate::model::{NodeId, Schema, Types};
use crate::rules;
use crate::tag::{self, Branch, By, Parts};

/// Whether one of the nodes is only a union, and the other is not a union.
pub(super) fn applies(walk: &Walk<'_>, old: NodeId, new: NodeId) -> bool {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let plain = |n: &crate::model::Node| n.one_of.is_empty() && n.any_of.is_empty();
    let says = |id: NodeId, classes: &Classes| !classes.is_trivial(id);
    (a.is_only_union() && plain(b) && says(new, walk.new_classes))
        || (b.is_only_union() && plain(a) && says(old, walk.old_classes))
}

pub(super) fn compare(
    walk: &mut Walk<'_>,
    old: NodeId,
    new: NodeId,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let here = walk.here();
    local::notes(&here, a, b, out);
    let grows = b.is_only_union();
    let (single, single_schema, union, union_schema) =
        if grows { (old, walk.old, new, walk.new) } else { (new, walk.new, old, walk.old) };
    let branches = union_schema.node(union).branches();
    let same = |branch: NodeId| {
        if grows { walk.same(single, branch) } else { walk.same(branch, single) }
    };
    let counterpart = branches
        .iter()
        .copied()
        .find(|branch| same(union_schema.resolve(*branch)))
        .or_else(|| likely(single_schema, single, union_schema, union));
    let is_null = |id: NodeId| union_schema.node(union_schema.resolve(id)).types == Types::NULL;
    let others: Vec<NodeId> =
        branches.iter().copied().filter(|id| Some(*id) != counterpart).collect();
    let (nulls, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|id| is_null(*id));
    let count = format!("{} branches", branches.len());
    let mut push = |rule, claims, message: String| {
        let (was, now) = if grows { ("no union", &*count) } else { (&*count, "no union") };
        out.push(Found::new(rule, claims, message).was_now(was, now));
    };
    if !nulls.is_empty() {
        if grows {
            push(&rules::NULL_ALLOWED, Claims::BOTH, format!("{here} may be null now"));
        } else {
            push(&rules::NULL_FORBIDDEN, Claims::BOTH, format!("{here} may no longer be null"));
        }
    }
    if !others.is_empty() {
        let tagged = tag::of(union_schema, union);
        let name = |id: NodeId| tagged.as_ref()?.branches.iter().find(|b| b.node == id);
        let named: Vec<(NodeId, Option<String>)> =
            others.iter().map(|id| (*id, name(*id).map(Branch::name))).collect();
        let more = listed(&named);
        let message = match (grows, counterpart) {
            (true, Some(_)) => format!("{here} gained {more}: it is one of {} now", branches.len()),
            (true, None) => format!("{here} is one of {} branches now", branches.len()),
            (false, Some(_)) => format!("{here} lost {more}: it was one of {}", branches.len()),
            (false, None) => format!("{here} is no longer one of {} branches", branches.len()),
        };
        let rule = if grows { &rules::UNION_BRANCH_ADDED } else { &rules::UNION_BRANCH_REMOVED };
        push(rule, Claims::BOTH, message);
    }
    match counterpart {
        Some(branch) => {
            let (p, q) = if grows { (old, branch) } else { (branch, new) };
            merge(claimed, walk.pair(p, q));
        }
        None if grows => gone(walk, old, branches, out),
        None => {}
    }
}

/// The branch that the single schema most likely is: the only one besides null, the one with its tag, or
/// the only one of its type.
fn likely(
    single_schema: &Schema,
    single: NodeId,
    union_schema: &Schema,
    union: NodeId,
) -> Option<NodeId> {
    let branches = union_schema.node(union).branches();
    let types: Vec<Types> = branches.iter().map(|id| tag::types_of(union_schema, *id)).collect();
    let mut real = (0..branches.len()).filter(|at| types[*at] != Types::NULL);
    if let (Some(at), None) = (real.next(), real.next()) {
        return Some(branches[at]);
    }
    if let Some(tagged) = tag::of(union_schema, union)
        && let By::Property(name) = &tagged.by
        && let Some(own) = Parts::new(single_schema, single).required_property(name)
        && let [value] = own.values.as_slice()
    {
        return tagged.branch_of(value).map(|at| branches[at]);
    }
    let own = tag::types_of(single_schema, single).difference(Types::NULL);
    let mut alike = (0..branches.len()).filter(|at| types[*at].intersects(own));
    let first = alike.next()?;
    alike.next().is_none().then(|| branches[first])
}

/// Names that no branch declares any more.
fn gone(walk: &Walk<'_>, old: NodeId, branches: &[NodeId], out: &mut Vec<Found>) {
    let parts = |id: &NodeId| Parts::new(walk.new, *id);
    let kept: Vec<Parts<'_>> = branches.iter().map(parts).collect();
    for property in walk.old_node(old).object.iter().flat_map(|rules| &rules.properties) {
        if kept.iter().any(|parts| parts.declares(&property.name)) {
            continue;
        }
        let message = format!("{} was removed from every branch", member(walk, &property.name));
        let claims = Claims::BOTH.and_loss();
        let mut found = Found::new(&rules::OPTIONAL_FIELD_REMOVED, claims, message);
        found.was = Some(local::show_types(walk.old_node(walk.old.resolve(property.node))));
        found.old = Some(old_place(walk, property));
        out.push(found);
    }
}
