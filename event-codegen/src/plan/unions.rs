//! `oneOf` and `anyOf`: the enum that represents them.
//!
//! - all branches but one are null: that one, nullable
//! - branches that only state `required` beside declared properties: not a union
//! - strings, one of any kind and one with a format that has a type: a `String`
//! - objects that all require one property with a constant of its own, or a discriminator of `OpenAPI`:
//!   internally tagged
//! - closed objects of one property each, and constants: externally tagged
//! - otherwise untagged, the branch with the most requirements first

use std::collections::BTreeSet;

use event_schema::model::{NodeId, Types};
use event_schema::tag;
use serde_json::Value;

use super::build::{Builder, Site};
use super::loss::Loss;
use super::naming::unique;
use super::view::{Union, View};
use super::{Tag, Ty, Variant, values};
use crate::names::{pascal, value};

/// The type of a view with a union, if types can represent the union.
pub(super) fn ty<'a>(
    b: &mut Builder<'a>,
    ids: &[NodeId],
    view: &View<'a>,
    site: &Site,
) -> Option<Ty> {
    let union = the_union(b, view)?;
    let rest = real_branches(b, &union);
    match rest.as_slice() {
        [] => Some(Ty::Null),
        [one] if adds_nothing(view) => Some(b.ty(&[*one], site)),
        _ if adds_nothing(view) && is_any_text(b, &rest) => Some(Ty::Str(String::new())),
        _ => Some(Ty::Def(b.union_def(ids, view, site)?)),
    }
}

/// Whether all branches are strings, one of any kind and one with a format that has a type: an enum of the
/// two would read a string that looks like a date as one, and write it in another spelling.
fn is_any_text(b: &Builder<'_>, branches: &[NodeId]) -> bool {
    let (mut any, mut typed) = (false, false);
    for id in branches {
        let view = View::new(b.schema, &[*id]);
        if view.types != Types::STRING || !view.unions.is_empty() {
            return false;
        }
        match view.string_format {
            Some(format) if event_shape::has_type(format) => typed = true,
            _ => any |= view.values.is_none(),
        }
    }
    any && typed
}

/// The branches that accept some instance other than null.
pub(super) fn real_branches(b: &Builder<'_>, union: &Union<'_>) -> Vec<NodeId> {
    let real = |id: &NodeId| !b.schema.node(*id).never && !is_null(b, *id);
    union.branches.iter().copied().filter(real).collect()
}

/// The only union that types can represent. With several at once, none is: what they allow together is not
/// an enum that people would write.
pub(super) fn the_union<'a>(b: &Builder<'a>, view: &View<'a>) -> Option<Union<'a>> {
    match real(b, view).as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The unions that do more than constrain their neighbours.
pub(super) fn real<'a>(b: &Builder<'a>, view: &View<'a>) -> Vec<Union<'a>> {
    view.unions.iter().copied().filter(|u| !only_constrains(b, view, u)).collect()
}

/// `anyOf: [{required: [a]}, {required: [b]}]` beside properties: its branches only state that properties
/// must be present.
fn only_constrains<'a>(b: &Builder<'a>, view: &View<'a>, union: &Union<'a>) -> bool {
    !view.properties.is_empty()
        && union.branches.iter().all(|id| {
            let branch = View::new(b.schema, &[*id]);
            let anything = |id: &NodeId| b.schema.node(b.schema.resolve(*id)).allows_anything();
            branch.values.is_none()
                && branch.unions.is_empty()
                && branch.additional.is_empty()
                && branch.patterns.is_empty()
                && branch.types.intersects(Types::OBJECT)
                && branch.properties.iter().all(|p| {
                    view.properties.iter().any(|q| q.name == p.name) && p.nodes.iter().all(anything)
                })
        })
}

pub(super) fn is_null(b: &Builder<'_>, id: NodeId) -> bool {
    let view = View::new(b.schema, &[id]);
    view.types == Types::NULL
        || view.values.is_some_and(|v| !v.is_empty() && v.iter().all(|l| l.value.is_null()))
}

/// Whether the union's neighbours add nothing to its branches.
fn adds_nothing(view: &View<'_>) -> bool {
    view.properties.is_empty()
        && view.required.is_empty()
        && view.additional.is_empty()
        && view.patterns.is_empty()
}

/// The branches, where a branch that is only a union is replaced by its own branches: beside properties,
/// each branch is a struct that includes them.
fn opened(b: &Builder<'_>, ids: Vec<NodeId>) -> Vec<NodeId> {
    let mut out: Vec<NodeId> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut todo: Vec<NodeId> = ids.into_iter().rev().collect();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        let view = View::new(b.schema, &[id]);
        match the_union(b, &view) {
            Some(inner) if adds_nothing(&view) && view.values.is_none() => {
                todo.extend(real_branches(b, &inner).into_iter().rev());
            }
            _ => out.push(id),
        }
    }
    out
}

/// A union with a known tag.
pub(super) struct Classified {
    tag: Tag,
    branches: Vec<Branch>,
}

/// The branches' tags, each with the index of its branch, which may have several.
type Wires = Vec<(usize, String)>;

struct Branch {
    /// The schemas that apply together in this branch: the branch, and the union's neighbours.
    ids: Vec<NodeId>,
    wire: String,
    name: String,
    line: u32,
    /// For an external variant with content: the property's schemas.
    content: Option<Vec<NodeId>>,
    demands: usize,
    types: Types,
}

impl Classified {
    pub(super) fn new<'a>(b: &Builder<'a>, ids: &[NodeId], view: &View<'a>) -> Option<Classified> {
        let union = the_union(b, view)?;
        let beside: &[NodeId] = if adds_nothing(view) { &[] } else { ids };
        let mut ids = real_branches(b, &union);
        if !beside.is_empty() {
            ids = opened(b, ids);
        }
        if ids.is_empty() {
            return None;
        }
        let views: Vec<View<'a>> = ids.iter().map(|id| View::new(b.schema, &[*id])).collect();
        let plain = views.iter().all(|v| v.unions.is_empty());
        let together = |id: &NodeId| std::iter::once(*id).chain(beside.iter().copied()).collect();
        let wholes: Vec<Vec<NodeId>> = ids.iter().map(together).collect();
        let (tag, wires) = plain
            .then(|| internal(b, &union, &ids, &wholes))
            .flatten()
            .or_else(|| external(b, &views, beside.is_empty()))
            .unwrap_or_else(|| {
                (Tag::Untagged, (0..ids.len()).map(|i| (i, String::new())).collect())
            });
        let mut branches: Vec<Branch> = wires
            .into_iter()
            .map(|(at, wire)| (ids[at], &views[at], wire))
            .map(|(id, branch, wire)| Branch {
                ids: std::iter::once(id).chain(beside.iter().copied()).collect(),
                name: if wire.is_empty() { untagged_name(b, id, branch) } else { wire.clone() },
                line: branch.line(),
                content: match (&tag, branch.properties.as_slice()) {
                    (Tag::External, [one]) => Some(one.nodes.clone()),
                    _ => None,
                },
                demands: branch.required.len(),
                wire,
                types: branch.types,
            })
            .collect();
        if tag == Tag::Untagged {
            branches.sort_by_key(|b| std::cmp::Reverse(b.demands));
        }
        Some(Classified { tag, branches })
    }

    /// The union of the schemas that extend a base, by its discriminator.
    pub(super) fn of_base(b: &Builder<'_>, base: NodeId) -> Option<Classified> {
        let tag = b.schema.node(base).discriminator.as_ref()?.property.clone();
        let branch = |(wire, id): &(String, NodeId)| {
            let own = View::new(b.schema, &[*id]);
            let within = own.nodes.iter().any(|n| std::ptr::eq(*n, b.schema.node(base)));
            Branch {
                ids: if within { vec![*id] } else { vec![*id, base] },
                wire: wire.clone(),
                name: wire.clone(),
                line: own.line(),
                content: None,
                demands: 0,
                types: Types::OBJECT,
            }
        };
        let branches = b.bases.children(base)?.iter().map(branch).collect();
        Some(Classified { tag: Tag::Internal(tag), branches })
    }

    pub(super) fn variants(self, b: &mut Builder<'_>, site: &Site) -> (Tag, Vec<Variant>) {
        let name = |branch: &Branch| {
            if branch.wire.is_empty() { pascal(&branch.name) } else { value(&branch.wire) }
        };
        let names = unique(self.branches.iter().map(name));
        let tag = self.tag;
        let mixed = self.branches.iter().any(|b| b.types != Types::OBJECT);
        let variants = self.branches.into_iter().zip(names).map(|(branch, rust)| {
            let word = match branch.ids.first().and_then(|id| b.definition_name(*id)) {
                Some(definition) => definition.to_owned(),
                None => branch.name.clone(),
            };
            let site = site.step(&format!("<{rust}>"), &word);
            let ty = match (&tag, branch.content) {
                (Tag::Internal(tag), _) => {
                    let view = View::new(b.schema, &branch.ids);
                    let only_tag = view.properties.iter().all(|p| p.name == tag);
                    (!only_tag).then(|| Ty::Def(b.struct_def(&branch.ids, &view, &site, Some(tag))))
                }
                (Tag::External, content) => content.map(|ids| b.ty(&ids, &site)),
                (Tag::Untagged, _) => Some(match branch.ids.as_slice() {
                    [alone] => b.ty(&[*alone], &site),
                    ids => joined(b, ids, &site),
                }),
            };
            let object = branch.types == Types::OBJECT;
            Variant {
                wire: branch.wire,
                rust,
                doc: String::new(),
                line: branch.line,
                ty,
                object_only: tag == Tag::Untagged && object && mixed,
            }
        });
        let variants = variants.collect();
        (tag, variants)
    }
}

/// A branch with the union's neighbours, without the union itself.
fn joined(b: &mut Builder<'_>, ids: &[NodeId], site: &Site) -> Ty {
    let view = View::new(b.schema, ids);
    if view.unions.len() > 1
        && let Some(node) = view.nodes.first()
    {
        let message = "a branch of the union has a union of its own, and the Rust type only follows the outer one";
        let help = "join them into one `oneOf`, or give each a property of its own";
        b.lose(Loss::warning(node, message).help(help));
    }
    let types = view.types.difference(Types::NULL);
    if view.values.is_some() {
        values::ty(b, ids, &view, site)
    } else if types.intersects(Types::OBJECT) {
        Ty::Def(b.struct_def(ids, &view, site, None))
    } else {
        b.typed(ids, types, &view, site)
    }
}

fn internal<'a>(
    b: &Builder<'a>,
    union: &Union<'a>,
    ids: &[NodeId],
    wholes: &[Vec<NodeId>],
) -> Option<(Tag, Wires)> {
    let views: Vec<View<'a>> = wholes.iter().map(|ids| View::new(b.schema, ids)).collect();
    let objects = |v: &View<'a>| v.types == Types::OBJECT || !v.properties.is_empty();
    if !views.iter().all(objects) {
        return None;
    }
    let distinct = |wires: &[String]| wires.iter().collect::<BTreeSet<_>>().len() == wires.len();
    // by constants; those that a discriminator names come first
    let first = views.first()?;
    let stated = union.discriminator.map(|d| d.property.as_str());
    let others = first.properties.iter().map(|p| p.name).filter(|name| Some(*name) != stated);
    let branches: Vec<&[NodeId]> = wholes.iter().map(Vec::as_slice).collect();
    for candidate in stated.into_iter().chain(others).filter(|_| branches.len() > 1) {
        let constant = |values: Vec<Value>| match values.as_slice() {
            [Value::String(one)] => Some(one.clone()),
            _ => None,
        };
        let values = tag::values(b.schema, &branches, candidate).unwrap_or_default();
        if let Some(wires) = values.into_iter().map(constant).collect::<Option<Vec<String>>>()
            && !wires.is_empty()
        {
            let wires = wires.into_iter().enumerate().collect();
            return Some((Tag::Internal(candidate.to_owned()), wires));
        }
    }
    // by a discriminator: the keys of the mapping, otherwise the definition's name
    let discriminator = union.discriminator?;
    let mut wires = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let found = tag::mapped(b.schema, discriminator, *id);
        if found.is_empty() {
            return None;
        }
        wires.extend(found.into_iter().map(|wire| (at, wire)));
    }
    let all: Vec<String> = wires.iter().map(|(_, wire)| wire.clone()).collect();
    distinct(&all).then(|| (Tag::Internal(discriminator.property.clone()), wires))
}

fn external(b: &Builder<'_>, views: &[View<'_>], alone: bool) -> Option<(Tag, Wires)> {
    if !alone || views.len() < 2 {
        return None;
    }
    let wire = |v: &View<'_>| {
        if let Some(values) = &v.values {
            return match values.as_slice() {
                [one] => one.value.as_str().map(str::to_owned),
                _ => None,
            };
        }
        match v.properties.as_slice() {
            [one]
                if v.types == Types::OBJECT
                    && v.required.contains(one.name)
                    && v.required.len() == 1
                    && !v.is_open(b.schema) =>
            {
                Some(one.name.to_owned())
            }
            _ => None,
        }
    };
    let wires = views.iter().map(wire).collect::<Option<Vec<String>>>()?;
    let distinct = wires.iter().collect::<BTreeSet<_>>().len() == wires.len();
    distinct.then(|| (Tag::External, wires.into_iter().enumerate().collect()))
}

fn untagged_name(b: &Builder<'_>, id: NodeId, view: &View<'_>) -> String {
    if let Some(name) = b.definition_name(id) {
        return name.to_owned();
    }
    if let Some([one]) = view.values.as_deref()
        && let Some(s) = one.value.as_str()
    {
        return s.to_owned();
    }
    if view.values.is_some() {
        return "Known".to_owned();
    }
    // an object that is identified by its only required property
    let mut required = view.required.iter();
    if let (Some(only), None) = (required.next(), required.next())
        && view.types.intersects(Types::OBJECT)
    {
        return (*only).to_owned();
    }
    let by_type = [
        (Types::STRING, "String"),
        (Types::INTEGER, "Integer"),
        (Types::NUMBER, "Number"),
        (Types::BOOLEAN, "Bool"),
        (Types::ARRAY, "Array"),
        (Types::OBJECT, "Object"),
    ];
    by_type.iter().find(|(t, _)| *t == view.types).map_or("Other", |(_, n)| n).to_owned()
}
