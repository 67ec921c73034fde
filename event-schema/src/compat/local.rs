//! The keywords of two nodes themselves: annotations, types, values, bounds, patterns and formats.

use std::collections::HashSet;

use serde_json::Value;

use super::walk::{Claims, Found, Walk};
use crate::format;
use crate::model::{Bound, Literal, Node, NodeId, NumberRules, StringRules, Types};
use crate::rules;
use crate::validate::{canonical, describe_types, equal};

pub(super) fn compare(walk: &Walk<'_>, old: NodeId, new: NodeId) -> Vec<Found> {
    let (a, b) = (walk.old_node(old), walk.new_node(new));
    let mut out = Vec::new();
    let same = walk.same(old, new);
    if same && a.notes == b.notes {
        return out;
    }
    let here = walk.here();
    notes(&here, a, b, &mut out);
    if same {
        return out;
    }
    if types(&here, a, b, &mut out) {
        values(walk, &here, a, b, &mut out);
        numbers(&here, a, b, &mut out);
        strings(&here, a, b, &mut out);
    }
    out
}

#[expect(clippy::many_single_char_names, reason = "pairs of old and new, as everywhere here")]
pub(super) fn notes(here: &str, a: &Node, b: &Node, out: &mut Vec<Found>) {
    let (x, y) = (&a.notes, &b.notes);
    let texts =
        x.title == y.title && x.description == y.description && x.deprecated == y.deprecated;
    if !texts || x.examples.len() != y.examples.len() {
        let message = format!("the description of {here} changed");
        out.push(Found::new(&rules::ANNOTATION_CHANGED, Claims::NONE, message));
    }
    if x.open != y.open {
        let what = if y.open { "is open now" } else { "is no longer open" };
        out.push(Found::new(&rules::OPENNESS_CHANGED, Claims::RUST, format!("{here} {what}")));
    }
    let change = match (&x.default, &y.default) {
        (Some(d), Some(e)) if !equal(&d.value, &e.value) => Found::new(
            &rules::DEFAULT_CHANGED,
            Claims::NONE,
            format!("the default of {here} changed"),
        ),
        (None, Some(_)) => Found::new(
            &rules::DEFAULT_ADDED,
            Claims::RUST,
            format!("{here} gained a default: its Rust type is no longer an `Option`"),
        ),
        (Some(_), None) => Found::new(
            &rules::DEFAULT_REMOVED,
            Claims::RUST,
            format!("{here} lost its default: its Rust type is an `Option` now"),
        ),
        _ => return,
    };
    let show = |l: &Option<Literal>| l.as_ref().map_or("none".to_owned(), |l| l.value.to_string());
    out.push(change.was_now(show(&x.default), show(&y.default)));
}

/// Whether the other keywords are worth comparing.
fn types(here: &str, a: &Node, b: &Node, out: &mut Vec<Found>) -> bool {
    let (x, y) = (a.types, b.types);
    if x == y {
        return true;
    }
    let (was, now) = (describe_types(x), describe_types(y));
    let (gone, come) = (x.difference(y), y.difference(x));
    let fraction = Types::NUMBER.difference(Types::INTEGER);
    let found = if x == Types::ALL && y != Types::ALL {
        Found::new(
            &rules::FIELD_TYPED,
            Claims::BACK,
            format!("{here} allowed any value and is now {now}"),
        )
    } else if y == Types::ALL {
        Found::new(
            &rules::FIELD_UNTYPED,
            Claims::FORTH,
            format!("{here} was {was} and now allows any value"),
        )
    } else if gone.is_empty() && come == Types::NULL {
        Found::new(&rules::NULL_ALLOWED, Claims::FORTH, format!("{here} may be null now"))
    } else if come.is_empty() && gone == Types::NULL {
        Found::new(&rules::NULL_FORBIDDEN, Claims::BACK, format!("{here} may no longer be null"))
    } else if gone.is_empty() && come == fraction && x.contains(Types::INTEGER) {
        Found::new(
            &rules::INTEGER_WIDENED,
            Claims::FORTH.and_rust(),
            format!("{here} may have a fraction now"),
        )
    } else if come.is_empty() && gone == fraction && y.contains(Types::INTEGER) {
        Found::new(
            &rules::NUMBER_NARROWED,
            Claims::BACK.and_rust(),
            format!("{here} may no longer have a fraction"),
        )
    } else if gone.is_empty() {
        Found::new(&rules::TYPE_WIDENED, Claims::FORTH, format!("{here} allows more types now"))
    } else if come.is_empty() {
        Found::new(&rules::TYPE_NARROWED, Claims::BACK, format!("{here} allows fewer types now"))
    } else {
        let message = format!("the type of {here} changed");
        out.push(Found::new(&rules::FIELD_TYPE_CHANGED, Claims::BOTH, message).was_now(was, now));
        return !x.intersection(y).is_empty();
    };
    out.push(found.was_now(was, now));
    true
}

fn values(walk: &Walk<'_>, here: &str, a: &Node, b: &Node, out: &mut Vec<Found>) {
    let show = |values: &[Literal]| {
        let shown: Vec<_> = values.iter().take(12).map(|l| l.value.to_string()).collect();
        let rest = if values.len() > 12 { " | …" } else { "" };
        format!("{}{rest}", shown.join(" | "))
    };
    match (&a.values, &b.values) {
        (Some(x), Some(y)) => {
            let (was, now) = (show(x), show(y));
            if let ([one], [other]) = (x.as_slice(), y.as_slice()) {
                if !equal(&one.value, &other.value) {
                    let message = format!("the only value of {here} changed");
                    let mut found =
                        Found::new(&rules::CONST_CHANGED, Claims::BOTH, message).was_now(was, now);
                    found.probe = Some(one.value.clone());
                    out.push(found);
                }
                return;
            }
            let (come, gone) = (missing(y, x), missing(x, y));
            let list = |values: &[&Literal]| {
                let shown: Vec<_> = values
                    .iter()
                    .take(5)
                    .map(|l| {
                        l.value
                            .as_str()
                            .map_or_else(|| format!("`{}`", l.value), |s| format!("`{s}`"))
                    })
                    .collect();
                let rest = values.len().saturating_sub(5);
                if rest > 0 {
                    format!("{} and {rest} more", shown.join(", "))
                } else {
                    shown.join(", ")
                }
            };
            if let Some(first) = come.first() {
                let message = format!("{here} gained {}", list(&come));
                let message = if a.notes.open {
                    message
                } else {
                    format!("{message}; earlier readers have a closed enum")
                };
                let mut found = Found::new(&rules::ENUM_VALUE_ADDED, Claims::FORTH, message)
                    .was_now(was.clone(), now.clone());
                found.probe = Some(first.value.clone());
                found.new = Some(super::report::Place {
                    pos: first.pos,
                    span: first.span,
                    ..walk.new_place(b)
                });
                out.push(found);
            }
            if let Some(first) = gone.first() {
                let message = format!("{here} lost {}", list(&gone));
                // readers of an open enum keep the value, but code that uses the variant no longer compiles
                let claims = if a.notes.open { Claims::BACK.and_rust() } else { Claims::BACK };
                let mut found =
                    Found::new(&rules::ENUM_VALUE_REMOVED, claims, message).was_now(was, now);
                found.probe = Some(first.value.clone());
                found.old = Some(super::report::Place {
                    pos: first.pos,
                    span: first.span,
                    ..walk.old_place(a)
                });
                out.push(found);
            }
        }
        (None, Some(y)) => {
            let message = format!("{here} now only allows listed values");
            out.push(
                Found::new(&rules::ENUM_ADDED, Claims::BACK, message).was_now("any value", show(y)),
            );
        }
        (Some(x), None) => {
            let message = format!("{here} now also allows unlisted values");
            out.push(
                Found::new(&rules::ENUM_REMOVED, Claims::FORTH, message)
                    .was_now(show(x), "any value"),
            );
        }
        (None, None) => {}
    }
}

/// The values that another list lacks.
fn missing<'l>(values: &'l [Literal], from: &[Literal]) -> Vec<&'l Literal> {
    let known: HashSet<String> = from.iter().map(|l| canonical(&l.value)).collect();
    values.iter().filter(|l| !known.contains(&canonical(&l.value))).collect()
}

/// Reports a bound that was tightened or loosened.
pub(super) fn bound(
    here: &str,
    keyword: &str,
    tightened: bool,
    was: Option<String>,
    now: Option<String>,
    out: &mut Vec<Found>,
) {
    let none = || "none".to_owned();
    let (rule, claims, how) = if tightened {
        (&rules::BOUND_TIGHTENED, Claims::BACK, "tightened")
    } else {
        (&rules::BOUND_LOOSENED, Claims::FORTH, "loosened")
    };
    let found = Found::new(rule, claims, format!("`{keyword}` of {here} is {how}"));
    out.push(found.was_now(was.unwrap_or_else(none), now.unwrap_or_else(none)));
}

/// Compares a count such as `maxLength`.
pub(super) fn limit(
    here: &str,
    keyword: &str,
    upper: bool,
    was: Option<u64>,
    now: Option<u64>,
    out: &mut Vec<Found>,
) {
    if was == now {
        return;
    }
    let tightened = match (was, now) {
        (Some(was), Some(now)) => (now < was) == upper,
        (None, _) => true,
        (_, None) => false,
    };
    bound(here, keyword, tightened, was.map(|n| n.to_string()), now.map(|n| n.to_string()), out);
}

fn numbers(here: &str, a: &Node, b: &Node, out: &mut Vec<Found>) {
    if (a.number.is_none() && b.number.is_none())
        || !a.types.union(b.types).intersects(Types::NUMBER)
    {
        return;
    }
    let none = NumberRules::default();
    let (x, y) = (a.number.as_deref().unwrap_or(&none), b.number.as_deref().unwrap_or(&none));
    let show = |bound: &Bound| {
        format!("{}{}", bound.value, if bound.exclusive { " (excluded)" } else { "" })
    };
    for (keyword, upper, was, now) in
        [("minimum", false, &x.min, &y.min), ("maximum", true, &x.max, &y.max)]
    {
        if was == now {
            continue;
        }
        let tightened = match (was, now) {
            (Some(was), Some(now)) if was.value == now.value => now.exclusive,
            (Some(was), Some(now)) => (now.value < was.value) == upper,
            (was, _) => was.is_none(),
        };
        bound(here, keyword, tightened, was.as_ref().map(show), now.as_ref().map(show), out);
    }
    if x.multiple_of != y.multiple_of {
        let claims = match (&x.multiple_of, &y.multiple_of) {
            (Some(was), Some(now)) if now.is_multiple_of(was) => Claims::BACK,
            (Some(was), Some(now)) if was.is_multiple_of(now) => Claims::FORTH,
            (None, _) => Claims::BACK,
            (_, None) => Claims::FORTH,
            _ => Claims::BOTH,
        };
        let show =
            |n: &Option<crate::model::Decimal>| n.map_or("none".to_owned(), |n| n.to_string());
        let message = format!("`multipleOf` of {here} changed");
        out.push(
            Found::new(&rules::MULTIPLE_CHANGED, claims, message)
                .was_now(show(&x.multiple_of), show(&y.multiple_of)),
        );
    }
    if x.format != y.format {
        let claims = Claims::BOTH.and_rust();
        let message = format!("the number format of {here} changed");
        let show = |f: &Option<String>| f.clone().unwrap_or_else(|| "none".into());
        out.push(
            Found::new(&rules::NUMBER_FORMAT_CHANGED, claims, message)
                .was_now(show(&x.format), show(&y.format)),
        );
    }
}

fn strings(here: &str, a: &Node, b: &Node, out: &mut Vec<Found>) {
    if (a.string.is_none() && b.string.is_none())
        || !a.types.union(b.types).intersects(Types::STRING)
    {
        return;
    }
    let none = StringRules::default();
    let (x, y) = (a.string.as_deref().unwrap_or(&none), b.string.as_deref().unwrap_or(&none));
    limit(here, "minLength", false, Some(x.min_length), Some(y.min_length), out);
    limit(here, "maxLength", true, x.max_length, y.max_length, out);
    let none = || "none".to_owned();
    let quote = |s: &Option<String>| s.as_ref().map_or_else(none, |s| format!("`{s}`"));
    if x.pattern != y.pattern {
        let (rule, claims, what) = match (&x.pattern, &y.pattern) {
            (None, _) => (&rules::PATTERN_ADDED, Claims::BACK, "gained a pattern"),
            (_, None) => (&rules::PATTERN_REMOVED, Claims::FORTH, "lost its pattern"),
            _ => (&rules::PATTERN_CHANGED, Claims::BOTH, "has another pattern"),
        };
        out.push(
            Found::new(rule, claims, format!("{here} {what}"))
                .was_now(quote(&x.pattern), quote(&y.pattern)),
        );
    }
    if x.format != y.format {
        let known = |f: &Option<String>| f.as_deref().and_then(format::find).is_some();
        let (rule, claims, what) = match (known(&x.format), known(&y.format)) {
            (false, true) => (&rules::FORMAT_ADDED, Claims::BACK.and_rust(), "gained a format"),
            (true, false) => (&rules::FORMAT_REMOVED, Claims::FORTH.and_rust(), "lost its format"),
            (true, true) => (&rules::FORMAT_CHANGED, Claims::BOTH.and_rust(), "has another format"),
            (false, false) => (
                &rules::UNKNOWN_FORMAT_CHANGED,
                Claims::NONE,
                "has another format, which is not checked",
            ),
        };
        out.push(
            Found::new(rule, claims, format!("{here} {what}"))
                .was_now(quote(&x.format), quote(&y.format)),
        );
    }
    if x.content_encoding != y.content_encoding {
        let claims = match (&x.content_encoding, &y.content_encoding) {
            (None, _) => Claims::BACK,
            (_, None) => Claims::FORTH,
            _ => Claims::BOTH,
        };
        let message = format!("the encoding of {here} changed");
        out.push(
            Found::new(&rules::ENCODING_CHANGED, claims.and_rust(), message)
                .was_now(quote(&x.content_encoding), quote(&y.content_encoding)),
        );
    }
}

/// The text of a value, for `was` and `now`.
pub(super) fn show_types(node: &Node) -> String {
    match &node.values {
        Some(values) => values
            .iter()
            .take(6)
            .map(|l: &Literal| Value::to_string(&l.value))
            .collect::<Vec<_>>()
            .join(" | "),
        None => describe_types(node.types),
    }
}
