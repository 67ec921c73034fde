//! Unions, intersections, negations and conditions.

use std::collections::{HashMap, HashSet};

use super::discriminator;
use super::members::{condition, merge};
use super::path::Step;
use super::walk::{Claims, Found, Walk};
use crate::model::{Node, NodeId, Types};
use crate::rules;
use crate::tag::Tagged;

pub(super) fn compare(
    walk: &mut Walk<'_>,
    old: NodeId,
    new: NodeId,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let composes = |n: &Node| {
        n.reference.is_some()
            || !n.all_of.is_empty()
            || !n.branches().is_empty()
            || n.not.is_some()
            || n.conditional.is_some()
            || n.discriminator.is_some()
    };
    if !composes(a) && !composes(b) {
        return;
    }
    let here = walk.here();
    // if one side states it in place and the other behind a reference, no change is reported here: the
    // kernel's answer for the place counts
    if let (Some(p), Some(q)) = (a.reference, b.reference) {
        merge(claimed, walk.pair(p, q));
    }
    all_of(walk, a, b, &here, out, claimed);
    unions(walk, old, new, &here, out, claimed);
    match (a.not, b.not) {
        (Some(p), Some(q)) if walk.same(p, q) => {}
        (None, None) => {}
        (was, now) => condition(&here, "not", was.is_none(), now.is_none(), out),
    }
    let same = |p: Option<NodeId>, q: Option<NodeId>| match (p, q) {
        (Some(p), Some(q)) => walk.same(p, q),
        (p, q) => p.is_none() && q.is_none(),
    };
    match (&a.conditional, &b.conditional) {
        (None, None) => {}
        (Some(p), Some(q))
            if walk.same(p.condition, q.condition)
                && same(p.then, q.then)
                && same(p.otherwise, q.otherwise) => {}
        (was, now) => condition(&here, "if", was.is_none(), now.is_none(), out),
    }
    discriminator::compare(walk, old, new, out, claimed);
}

/// Branches of each list without a counterpart in the other.
fn unmatched(walk: &Walk<'_>, old: &[NodeId], new: &[NodeId]) -> (Vec<NodeId>, Vec<NodeId>) {
    let mut twins: HashMap<u128, usize> = HashMap::new();
    for id in new {
        *twins.entry(walk.new_classes.of(*id)).or_default() += 1;
    }
    let mut matched: HashMap<u128, usize> = HashMap::new();
    let mut gone = Vec::new();
    for id in old {
        let class = walk.old_classes.of(*id);
        match twins.get_mut(&class).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                *matched.entry(class).or_default() += 1;
            }
            None => gone.push(*id),
        }
    }
    let come = new.iter().copied().filter(|id| {
        let left = matched.get_mut(&walk.new_classes.of(*id)).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_none()
    });
    (gone, come.collect())
}

fn all_of(
    walk: &mut Walk<'_>,
    a: &Node,
    b: &Node,
    here: &str,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    if a.all_of.is_empty() && b.all_of.is_empty() {
        return;
    }
    let (gone, come) = unmatched(walk, &a.all_of, &b.all_of);
    match (gone.as_slice(), come.as_slice()) {
        ([], []) => {}
        (gone, come) if gone.len() == come.len() => {
            for (p, q) in gone.iter().zip(come) {
                merge(claimed, walk.pair(*p, *q));
            }
        }
        ([], _) => out.push(Found::new(
            &rules::ALL_OF_ADDED,
            Claims::BOTH,
            format!("`allOf` of {here} gained a part"),
        )),
        (_, []) => out.push(Found::new(
            &rules::ALL_OF_REMOVED,
            Claims::BOTH,
            format!("`allOf` of {here} lost a part"),
        )),
        _ => out.push(Found::new(
            &rules::UNION_CHANGED,
            Claims::BOTH,
            format!("the parts of `allOf` of {here} changed"),
        )),
    }
}

fn unions(
    walk: &mut Walk<'_>,
    old: NodeId,
    new: NodeId,
    here: &str,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let branches = |n: &Node| [n.any_of.clone(), n.one_of.clone()].concat();
    let (x, y) = (branches(a), branches(b));
    if x.is_empty() && y.is_empty() {
        return;
    }
    let push = |out: &mut Vec<Found>, rule, claims, message: String| {
        out.push(Found::new(rule, claims, message).was_now(counts(x.len()), counts(y.len())));
    };
    if x.is_empty() || y.is_empty() {
        let message = format!("{here} {} a union now", if x.is_empty() { "is" } else { "is not" });
        push(out, &rules::UNION_CHANGED, Claims::BOTH, message);
        return;
    }
    if a.one_of.is_empty() != b.one_of.is_empty() && a.any_of.is_empty() != b.any_of.is_empty() {
        let (rule, claims, what) = if a.any_of.is_empty() {
            (&rules::UNION_RELAXED, Claims::FORTH, "may fit several branches now")
        } else {
            (&rules::UNION_TIGHTENED, Claims::BACK, "may no longer fit several branches")
        };
        push(out, rule, claims, format!("{here} {what}"));
    }
    let (gone, come) = unmatched(walk, &x, &y);
    let readings = (walk.old_classes.tagged(walk.old, old), walk.new_classes.tagged(walk.new, new));
    let pairs = match &readings {
        (Some(was), Some(now)) if was.by == now.by => by_tag(was, now, &gone, &come),
        _ => by_class(walk, gone, come),
    };
    for (p, q, tag) in &pairs.both {
        if !walk.same(*p, *q) {
            let more = match tag {
                Some(tag) => walk.step(Step::Branch(tag.clone()), *p, *q),
                None => walk.pair(*p, *q),
            };
            merge(claimed, more);
        }
    }
    let old_null = |id: &NodeId| walk.old_node(walk.old.resolve(*id)).types == Types::NULL;
    let new_null = |id: &NodeId| walk.new_node(walk.new.resolve(*id)).types == Types::NULL;
    match (pairs.gone.as_slice(), pairs.come.as_slice()) {
        ([], []) => {}
        ([], [one]) if new_null(&one.0) => {
            push(out, &rules::NULL_ALLOWED, Claims::BOTH, format!("{here} may be null now"));
        }
        ([one], []) if old_null(&one.0) => {
            let message = format!("{here} may no longer be null");
            push(out, &rules::NULL_FORBIDDEN, Claims::BOTH, message);
        }
        (gone, come)
            if gone.is_empty() || come.is_empty() || (pairs.tagged && !pairs.both.is_empty()) =>
        {
            if !come.is_empty() {
                let message = format!("{here} gained {}", listed(come));
                push(out, &rules::UNION_BRANCH_ADDED, Claims::BOTH, message);
            }
            if !gone.is_empty() {
                let message = format!("{here} lost {}", listed(gone));
                push(out, &rules::UNION_BRANCH_REMOVED, Claims::BOTH, message);
            }
        }
        _ => {
            let message = format!("the branches of {here} changed");
            push(out, &rules::UNION_CHANGED, Claims::BOTH, message);
        }
    }
}

fn counts(n: usize) -> String {
    match n {
        0 => "no union".to_owned(),
        1 => "1 branch".to_owned(),
        n => format!("{n} branches"),
    }
}

/// The branches by their tags, or their number.
pub(super) fn listed(branches: &[(NodeId, Option<String>)]) -> String {
    let tags: Vec<String> = branches.iter().filter_map(|(_, tag)| tag.clone()).collect();
    if tags.len() < branches.len() {
        return counts(branches.len());
    }
    let shown: Vec<String> = tags.iter().take(5).map(|tag| format!("`{tag}`")).collect();
    let rest = match tags.len() - shown.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let noun = if tags.len() == 1 { "the branch" } else { "the branches" };
    format!("{noun} {}{rest}", shown.join(", "))
}

/// Pairs the branches of both unions.
#[derive(Default)]
struct Pairs {
    both: Vec<(NodeId, NodeId, Option<String>)>,
    gone: Vec<(NodeId, Option<String>)>,
    come: Vec<(NodeId, Option<String>)>,
    tagged: bool,
}

/// By their tags; branches without a counterpart are left over.
fn by_tag(was: &Tagged, now: &Tagged, gone: &[NodeId], come: &[NodeId]) -> Pairs {
    let mut pairs = Pairs { tagged: true, ..Pairs::default() };
    let (gone, come): (HashSet<_>, HashSet<_>) = (gone.iter().collect(), come.iter().collect());
    let mut taken: Vec<bool> = now.branches.iter().map(|b| !come.contains(&b.node)).collect();
    for branch in was.branches.iter().filter(|b| gone.contains(&b.node)) {
        let tagged = branch.tags.iter().find_map(|tag| now.branch_of(tag));
        let typed = || {
            now.branches.iter().position(|b| {
                b.tags.is_empty()
                    && b.types.intersects(branch.types)
                    && b.tag_types.is_empty() == branch.tag_types.is_empty()
                    && (b.tag_types.is_empty() || b.tag_types.intersects(branch.tag_types))
            })
        };
        let found = if branch.tags.is_empty() { typed() } else { tagged };
        match found.filter(|at| !taken[*at]) {
            Some(at) => {
                taken[at] = true;
                let told = !branch.tags.is_empty() || !branch.tag_types.is_empty();
                let name = told.then(|| branch.name());
                pairs.both.push((branch.node, now.branches[at].node, name));
            }
            None => pairs.gone.push((branch.node, Some(branch.name()))),
        }
    }
    let new = now.branches.iter().zip(taken).filter(|(_, taken)| !taken);
    pairs.come = new.map(|(branch, _)| (branch.node, Some(branch.name()))).collect();
    pairs
}

/// Without tags: equal branches, and branches at the same position with the same name.
fn by_class(walk: &Walk<'_>, mut gone: Vec<NodeId>, mut come: Vec<NodeId>) -> Pairs {
    let mut pairs = Pairs::default();
    if let ([p], [q]) = (gone.as_slice(), come.as_slice()) {
        pairs.both.push((*p, *q, None));
        return pairs;
    }
    let named = |p: NodeId, q: NodeId| {
        let (p, q) = (walk.old.resolve(p), walk.new.resolve(q));
        walk.old.definition_name(p).is_some_and(|n| walk.new.definition_name(q) == Some(n))
    };
    gone.retain(|p| match come.iter().position(|q| named(*p, *q)) {
        Some(at) => {
            let q = come.remove(at);
            let name = walk.old.definition_name(walk.old.resolve(*p)).map(str::to_owned);
            pairs.both.push((*p, q, name));
            false
        }
        None => true,
    });
    pairs.gone = gone.into_iter().map(|id| (id, None)).collect();
    pairs.come = come.into_iter().map(|id| (id, None)).collect();
    pairs
}
