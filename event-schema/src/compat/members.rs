//! Members of objects and items of arrays.

use std::borrow::Cow;

use super::local::{limit, show_types};
use super::path::Step;
use super::report::Place;
use super::walk::{Claims, Found, Walk};
use crate::model::{ArrayRules, NodeId, ObjectRules, Property, Types};
use crate::rules;

pub(super) fn compare(
    walk: &mut Walk<'_>,
    old: NodeId,
    new: NodeId,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let (none_object, none_array) = (ObjectRules::default(), ArrayRules::default());
    let both = a.types.intersection(b.types);
    if both.intersects(Types::OBJECT) && (a.object.is_some() || b.object.is_some()) {
        let x = a.object.as_deref().unwrap_or(&none_object);
        let y = b.object.as_deref().unwrap_or(&none_object);
        objects(walk, x, y, out, claimed);
    }
    if both.intersects(Types::ARRAY) && (a.array.is_some() || b.array.is_some()) {
        let x = a.array.as_deref().unwrap_or(&none_array);
        let y = b.array.as_deref().unwrap_or(&none_array);
        arrays(walk, x, y, out, claimed);
    }
}

pub(super) fn merge(claimed: &mut (bool, bool), more: (bool, bool)) {
    claimed.0 |= more.0;
    claimed.1 |= more.1;
}

pub(super) fn old_place(walk: &Walk<'_>, p: &Property) -> Place {
    let node = walk.old_place(walk.old_node(p.node));
    Place { pos: p.pos, span: p.span, ..node }
}

pub(super) fn new_place(walk: &Walk<'_>, p: &Property) -> Place {
    let node = walk.new_place(walk.new_node(p.node));
    Place { pos: p.pos, span: p.span, ..node }
}

fn objects(
    walk: &mut Walk<'_>,
    x: &ObjectRules,
    y: &ObjectRules,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let gone: Vec<_> = x.properties.iter().filter(|p| y.property(&p.name).is_none()).collect();
    let mut come: Vec<_> = y.properties.iter().filter(|p| x.property(&p.name).is_none()).collect();
    for lost in gone {
        let renamed = come.iter().position(|c| is_rename(walk, x, y, lost, c));
        if let Some(at) = renamed {
            let now = come.remove(at);
            let message = format!("`{}` was renamed to `{}`", lost.name, now.name);
            let mut found = Found::new(&rules::FIELD_RENAMED, Claims::BOTH.and_loss(), message)
                .was_now(format!("`{}`", lost.name), format!("`{}`", now.name));
            (found.old, found.new) = (Some(old_place(walk, lost)), Some(new_place(walk, now)));
            out.push(found);
            continue;
        }
        let name = member(walk, &lost.name);
        let mut found = if x.is_required(&lost.name) {
            Found::new(
                &rules::REQUIRED_FIELD_REMOVED,
                Claims::BOTH.and_loss(),
                format!("{name} was required and was removed"),
            )
        } else {
            Found::new(
                &rules::OPTIONAL_FIELD_REMOVED,
                Claims::BOTH.and_loss(),
                format!("{name} was removed"),
            )
        };
        found.was = Some(show_types(walk.old_node(walk.old.resolve(lost.node))));
        found.old = Some(old_place(walk, lost));
        out.push(found);
    }
    for added in come {
        added_member(walk, x, y, added, out);
    }
    for p in &x.properties {
        let Some(q) = y.property(&p.name) else { continue };
        let (was, now) = (x.is_required(&p.name), y.is_required(&p.name));
        if was != now {
            let name = member(walk, &p.name);
            let mut found = if now {
                let message = format!("{name} was optional and is now required");
                Found::new(&rules::FIELD_MADE_REQUIRED, Claims::BACK, message)
            } else {
                let message = format!("{name} was required and is now optional");
                Found::new(&rules::FIELD_MADE_OPTIONAL, Claims::FORTH, message)
            };
            (found.old, found.new) = (Some(old_place(walk, p)), Some(new_place(walk, q)));
            out.push(found);
        }
        let claims = walk.step(Step::Member(p.name.clone()), p.node, q.node);
        merge(claimed, claims);
    }
    for name in &y.required {
        if !x.is_required(name) && y.property(name).is_none() {
            let message = format!("`{name}` is now required, but not declared");
            out.push(Found::new(&rules::REQUIRED_NAME_ADDED, Claims::BACK, message));
        }
    }
    for name in &x.required {
        if !y.is_required(name) && x.property(name).is_none() {
            let message = format!("`{name}` is no longer required");
            out.push(Found::new(&rules::REQUIRED_NAME_REMOVED, Claims::FORTH, message));
        }
    }
    additional(walk, x, y, out, claimed);
    patterns(walk, x, y, out, claimed);
    let quiet = (x.min_properties, x.max_properties) == (y.min_properties, y.max_properties)
        && x.dependent_required == y.dependent_required
        && x.dependent_schemas.is_empty()
        && y.dependent_schemas.is_empty()
        && x.names.is_none()
        && y.names.is_none();
    if quiet {
        return;
    }
    let here = walk.here();
    limit(&here, "minProperties", false, Some(x.min_properties), Some(y.min_properties), out);
    limit(&here, "maxProperties", true, x.max_properties, y.max_properties, out);
    let same_list = |a: &[(String, NodeId)], b: &[(String, NodeId)]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && walk.same(a.1, b.1))
    };
    if x.dependent_required != y.dependent_required {
        condition(
            &here,
            "dependentRequired",
            x.dependent_required.is_empty(),
            y.dependent_required.is_empty(),
            out,
        );
    }
    if !same_list(&x.dependent_schemas, &y.dependent_schemas) {
        condition(
            &here,
            "dependentSchemas",
            x.dependent_schemas.is_empty(),
            y.dependent_schemas.is_empty(),
            out,
        );
    }
    match (x.names, y.names) {
        (Some(p), Some(q)) => merge(claimed, walk.step(Step::Name, p, q)),
        (None, None) => {}
        (was, now) => condition(&here, "propertyNames", was.is_none(), now.is_none(), out),
    }
}

/// The name of a member of the current object, for messages.
pub(super) fn member(walk: &Walk<'_>, name: &str) -> Cow<'static, str> {
    let mut path = walk.path.clone();
    path.push(Step::Member(name.to_owned()));
    super::path::label(&path)
}

/// A removed field and a new one with similar names (except for case and separators) and the same schema.
fn is_rename(
    walk: &Walk<'_>,
    x: &ObjectRules,
    y: &ObjectRules,
    lost: &Property,
    come: &Property,
) -> bool {
    let bare = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    walk.same(lost.node, come.node)
        && bare(&lost.name) == bare(&come.name)
        && x.is_required(&lost.name) == y.is_required(&come.name)
}

fn added_member(
    walk: &mut Walk<'_>,
    x: &ObjectRules,
    y: &ObjectRules,
    added: &Property,
    out: &mut Vec<Found>,
) {
    let name = member(walk, &added.name);
    let closed = x.additional.is_some_and(|id| walk.back.is_empty(id));
    let typed =
        x.additional.is_some_and(|id| !walk.old_classes.is_trivial(id)) || !x.patterns.is_empty();
    let mut found = match (y.is_required(&added.name), x.is_required(&added.name)) {
        (true, false) => {
            let message = format!("{name} is new and required");
            Found::new(&rules::REQUIRED_FIELD_ADDED, Claims::BOTH, message)
        }
        _ if closed => {
            let message = format!("{name} is new, but earlier readers reject unknown names");
            Found::new(&rules::FIELD_ADDED_TO_CLOSED_OBJECT, Claims::BOTH, message)
        }
        _ if typed => {
            let message = format!("{name} is now declared, but had another schema before");
            Found::new(&rules::DECLARED_OVER_MAP, Claims::BOTH, message)
        }
        // an object that declares no names may contain any
        (_, named) if named || x.properties.is_empty() => Found::new(
            &rules::FIELD_TYPED,
            Claims::BACK,
            format!("{name} allowed any value and is now declared"),
        ),
        _ => Found::new(
            &rules::OPTIONAL_FIELD_ADDED,
            Claims::BOTH,
            format!("{name} is new and optional"),
        ),
    };
    found.now = Some(show_types(walk.new_node(walk.new.resolve(added.node))));
    found.new = Some(new_place(walk, added));
    out.push(found);
}

fn additional(
    walk: &mut Walk<'_>,
    x: &ObjectRules,
    y: &ObjectRules,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let was = x.additional.filter(|id| !walk.old_classes.is_trivial(*id));
    let now = y.additional.filter(|id| !walk.new_classes.is_trivial(*id));
    if was.is_none() && now.is_none() {
        return;
    }
    let here = walk.here();
    let was_closed = was.is_some_and(|id| walk.back.is_empty(id));
    let now_closed = now.is_some_and(|id| walk.forth.is_empty(id));
    let map = |rules: &ObjectRules, extra: Option<NodeId>, closed: bool| {
        rules.properties.is_empty() && extra.is_some() && !closed
    };
    let (was_map, now_map) = (map(x, was, was_closed), map(y, now, now_closed));
    if (was_map && !y.properties.is_empty() && !now_map)
        || (now_map && !x.properties.is_empty() && !was_map)
    {
        let message = format!("{here} is a {} now", if now_map { "map" } else { "struct" });
        let words = |map| if map { "a map" } else { "a struct" };
        out.push(
            Found::new(&rules::STRUCT_MAP_SWAPPED, Claims::BOTH.and_rust(), message)
                .was_now(words(was_map), words(now_map)),
        );
    }
    match (was, now) {
        (Some(_), Some(_)) if was_closed && now_closed => {}
        (_, Some(_)) if now_closed => {
            let message = format!("{here} now only allows declared names");
            out.push(Found::new(&rules::OBJECT_CLOSED, Claims::BACK.and_loss(), message));
        }
        (Some(_), _) if was_closed => {
            let message =
                format!("{here} now allows undeclared names, but earlier readers reject them");
            out.push(Found::new(&rules::OBJECT_OPENED, Claims::FORTH.and_loss(), message));
        }
        (Some(p), Some(q)) => merge(claimed, walk.step(Step::AnyMember, p, q)),
        (None, Some(_)) => {
            let message = format!("undeclared members of {here} must now match a schema");
            out.push(Found::new(&rules::MAP_TYPED, Claims::BACK, message));
        }
        (Some(_), None) => {
            let message = format!("undeclared members of {here} now allow any value");
            out.push(Found::new(&rules::MAP_UNTYPED, Claims::FORTH, message));
        }
        (None, None) => {}
    }
}

fn patterns(
    walk: &mut Walk<'_>,
    x: &ObjectRules,
    y: &ObjectRules,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let mut changed = Vec::new();
    for (pattern, p) in &x.patterns {
        // parts of `allOf` may have the same pattern twice: each is compared with its counterpart, if it
        // has one
        let mut alike = y.patterns.iter().filter(|(other, _)| other == pattern);
        let equal = alike.clone().find(|(_, q)| walk.same(*p, *q));
        match equal.or_else(|| alike.next()) {
            Some((_, q)) => merge(claimed, walk.step(Step::AnyMember, *p, *q)),
            None => changed.push((pattern, "no longer have a schema of their own")),
        }
    }
    for (pattern, _) in &y.patterns {
        if !x.patterns.iter().any(|(other, _)| other == pattern) {
            changed.push((pattern, "now have a schema of their own"));
        }
    }
    for (pattern, what) in changed {
        let message = format!("members of {} that match `{pattern}` {what}", walk.here());
        out.push(Found::new(&rules::PATTERN_PROPERTIES_CHANGED, Claims::BOTH, message));
    }
}

/// Reports a condition that was added, removed or changed.
pub(super) fn condition(
    here: &str,
    keyword: &str,
    had_none: bool,
    has_none: bool,
    out: &mut Vec<Found>,
) {
    let (rule, claims, what) = match (had_none, has_none) {
        (true, false) => (&rules::CONDITION_ADDED, Claims::BOTH, "is new"),
        (false, true) => (&rules::CONDITION_REMOVED, Claims::BOTH, "is gone"),
        _ => (&rules::CONDITION_CHANGED, Claims::BOTH, "changed"),
    };
    out.push(Found::new(rule, claims, format!("`{keyword}` of {here} {what}")));
}

fn arrays(
    walk: &mut Walk<'_>,
    x: &ArrayRules,
    y: &ArrayRules,
    out: &mut Vec<Found>,
    claimed: &mut (bool, bool),
) {
    let here = walk.here();
    limit(&here, "minItems", false, Some(x.min_items), Some(y.min_items), out);
    limit(&here, "maxItems", true, x.max_items, y.max_items, out);
    if x.unique != y.unique {
        let (rule, claims, what) = if y.unique {
            (&rules::UNIQUE_ITEMS_ADDED, Claims::BACK.and_rust(), "may no longer repeat items")
        } else {
            (&rules::UNIQUE_ITEMS_REMOVED, Claims::FORTH.and_rust(), "may repeat items now")
        };
        out.push(Found::new(rule, claims, format!("{here} {what}")));
    }
    for i in 0..x.prefix.len().min(y.prefix.len()) {
        let claims = walk.step(Step::Item(i), x.prefix[i], y.prefix[i]);
        merge(claimed, claims);
    }
    let places = |n: usize| format!("{n} positions");
    if x.prefix.is_empty() != y.prefix.is_empty() {
        let now = if y.prefix.is_empty() { "a list" } else { "a tuple" };
        let message = format!("{here} is {now} now");
        out.push(
            Found::new(&rules::LIST_TUPLE_SWAPPED, Claims::BOTH.and_rust(), message)
                .was_now(places(x.prefix.len()), places(y.prefix.len())),
        );
    } else if x.prefix.len() != y.prefix.len() {
        let message = format!("the positions of {here} changed");
        out.push(
            Found::new(&rules::TUPLE_CHANGED, Claims::BOTH, message)
                .was_now(places(x.prefix.len()), places(y.prefix.len())),
        );
    }
    let was = x.items.filter(|id| !walk.old_classes.is_trivial(*id));
    let now = y.items.filter(|id| !walk.new_classes.is_trivial(*id));
    match (was, now) {
        (Some(p), Some(q)) => {
            let claims = walk.step(Step::Item(x.prefix.len().max(y.prefix.len())), p, q);
            merge(claimed, claims);
        }
        (None, Some(_)) => {
            out.push(Found::new(
                &rules::ITEMS_TYPED,
                Claims::BACK,
                format!("items of {here} allowed any value before"),
            ));
        }
        (Some(_), None) => {
            out.push(Found::new(
                &rules::ITEMS_UNTYPED,
                Claims::FORTH,
                format!("items of {here} now allow any value"),
            ));
        }
        (None, None) => {}
    }
    match (&x.contains, &y.contains) {
        (None, None) => {}
        (Some(p), Some(q)) if walk.same(p.node, q.node) && (p.min, p.max) == (q.min, q.max) => {}
        (was, now) => condition(&here, "contains", was.is_none(), now.is_none(), out),
    }
}
