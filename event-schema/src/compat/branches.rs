//! Unions, intersections, negations, conditions and discriminators.

use super::members::condition;
use super::walk::{Claims, Found, Walk};
use crate::model::{Node, NodeId, Types};
use crate::rules;

pub(super) fn compare(
    walk: &mut Walk<'_>,
    old: NodeId,
    new: NodeId,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let here = walk.here();
    // Where one side says it in place and the other behind a reference, nothing is named: the kernel's
    // answer for the place stands.
    if let (Some(p), Some(q)) = (a.reference, b.reference) {
        merge(claimed, walk.pair(p, q));
    }
    all_of(walk, a, b, &here, out, claimed);
    unions(walk, a, b, &here, out, claimed);
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
    discriminator(walk, a, b, &here, out);
}

fn merge(claimed: &mut (bool, bool), more: (bool, bool)) {
    claimed.0 |= more.0;
    claimed.1 |= more.1;
}

/// Branches of both lists that have no twin in the other.
fn unmatched(walk: &Walk<'_>, old: &[NodeId], new: &[NodeId]) -> (Vec<NodeId>, Vec<NodeId>) {
    let mut come: Vec<NodeId> = new.to_vec();
    let mut gone = Vec::new();
    for id in old {
        match come.iter().position(|other| walk.same(*id, *other)) {
            Some(at) => {
                come.remove(at);
            }
            None => gone.push(*id),
        }
    }
    (gone, come)
}

fn all_of(
    walk: &mut Walk<'_>,
    a: &Node,
    b: &Node,
    here: &str,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
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
            format!("`allOf` of {here} has other parts"),
        )),
    }
}

#[expect(clippy::many_single_char_names, reason = "pairs of old and new, as everywhere here")]
fn unions(
    walk: &mut Walk<'_>,
    a: &Node,
    b: &Node,
    here: &str,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let branches = |n: &Node| [n.any_of.clone(), n.one_of.clone()].concat();
    let (x, y) = (branches(a), branches(b));
    if x.is_empty() && y.is_empty() {
        return;
    }
    let (gone, come) = unmatched(walk, &x, &y);
    let is_null = |node: &Node| node.types == Types::NULL;
    let counts = |n: usize| match n {
        0 => "no union".to_owned(),
        n => format!("{n} branches"),
    };
    let mut push = |rule, claims, message: String| {
        out.push(Found::new(rule, claims, message).was_now(counts(x.len()), counts(y.len())));
    };
    if x.is_empty() || y.is_empty() {
        push(
            &rules::UNION_CHANGED,
            Claims::BOTH,
            format!("{here} {} a union now", if x.is_empty() { "is" } else { "is no longer" }),
        );
        return;
    }
    if a.one_of.is_empty() != b.one_of.is_empty() && a.any_of.is_empty() != b.any_of.is_empty() {
        let (rule, claims, what) = if a.any_of.is_empty() {
            (&rules::UNION_RELAXED, Claims::FORTH, "may fit several branches now")
        } else {
            (&rules::UNION_TIGHTENED, Claims::BACK, "may no longer fit several branches")
        };
        push(rule, claims, format!("{here} {what}"));
    }
    match (gone.as_slice(), come.as_slice()) {
        ([], []) => {}
        ([], [one]) if is_null(walk.new_node(walk.new.resolve(*one))) => {
            push(&rules::NULL_ALLOWED, Claims::BOTH, format!("{here} may be null now"));
        }
        ([one], []) if is_null(walk.old_node(walk.old.resolve(*one))) => {
            push(&rules::NULL_FORBIDDEN, Claims::BOTH, format!("{here} may no longer be null"));
        }
        ([], more) => push(
            &rules::BRANCH_ADDED,
            Claims::BOTH,
            format!("{here} gained {}", counts(more.len())),
        ),
        (less, []) => push(
            &rules::BRANCH_REMOVED,
            Claims::BOTH,
            format!("{here} lost {}", counts(less.len())),
        ),
        ([p], [q]) => merge(claimed, walk.pair(*p, *q)),
        _ => push(&rules::UNION_CHANGED, Claims::BOTH, format!("the branches of {here} changed")),
    }
}

fn discriminator(walk: &Walk<'_>, a: &Node, b: &Node, here: &str, out: &mut Vec<Found>) {
    let (Some(p), Some(q)) = (&a.discriminator, &b.discriminator) else {
        if a.discriminator.is_some() != b.discriminator.is_some() {
            let message = format!(
                "the discriminator of {here} {}",
                if b.discriminator.is_some() { "is new" } else { "is gone" }
            );
            out.push(Found::new(&rules::DISCRIMINATOR_CHANGED, Claims::RUST, message));
        }
        return;
    };
    if p.property != q.property {
        let message = format!("the branch of {here} is chosen by another field");
        out.push(
            Found::new(&rules::DISCRIMINATOR_CHANGED, Claims::BOTH.and_rust(), message)
                .was_now(format!("`{}`", p.property), format!("`{}`", q.property)),
        );
    }
    for (value, node) in &p.mapping {
        match q.mapping.iter().find(|(other, _)| other == value) {
            Some((_, other)) if walk.same(*node, *other) => {}
            _ => {
                let message = format!("`{value}` stands for another branch of {here}, or for none");
                out.push(Found::new(
                    &rules::DISCRIMINATOR_CHANGED,
                    Claims::BOTH.and_rust(),
                    message,
                ));
            }
        }
    }
    for (value, _) in &q.mapping {
        if !p.mapping.iter().any(|(other, _)| other == value) {
            let message = format!("{here} gained the branch `{value}`");
            out.push(Found::new(&rules::MAPPING_ADDED, Claims::FORTH.and_loss(), message));
        }
    }
}
