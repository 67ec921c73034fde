//! A filter against a payload: each condition must be one that some event meets.

use std::collections::BTreeSet;

use serde_json::Value;

use super::payload::{Payload, Shape};
use crate::pattern::{AnythingBut, Condition, Member, Object, Range};

/// A mistake of a filter.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) path: String,
    pub(super) what: String,
    pub(super) why: String,
    pub(super) fix: String,
}

/// What a place of the payload can be.
#[derive(Debug, Clone)]
struct Place<'a> {
    shapes: Vec<&'a Shape>,
    /// Whether every event has a value there.
    always: bool,
}

pub(super) fn mistakes(filter: &Object, payload: &Payload) -> Vec<Mistake> {
    let (shapes, always) = payload.alternatives(&payload.root);
    let mut checked = Check { payload, found: Vec::new() };
    checked.object(filter, &Place { shapes, always }, "");
    checked.found
}

/// Dots of a name up to which it is also taken for a path: each dot doubles the ways to read it.
const MAX_DOTS: usize = 8;

struct Check<'a> {
    payload: &'a Payload,
    found: Vec<Mistake>,
}

impl<'a> Check<'a> {
    fn add(&mut self, path: &str, what: String, why: String, fix: String) {
        self.found.push(Mistake { path: path.to_owned(), what, why, fix });
    }

    fn object(&mut self, object: &Object, place: &Place<'a>, path: &str) {
        for member in object.members() {
            match member {
                Member::Or(alternatives) => {
                    for alternative in alternatives {
                        self.object(alternative, place, path);
                    }
                }
                Member::Object(name, inner) => {
                    let path = joined(path, name);
                    let Some(next) = self.field(place, name, &path) else { continue };
                    if next.shapes.iter().all(|shape| !has_fields(shape)) {
                        let what = "it has no fields".to_owned();
                        let fix = format!("conditions on the value: `\"{name}\": [..]`");
                        self.add(&path, what, format!("it is {}", listed(&next.shapes)), fix);
                        continue;
                    }
                    self.object(inner, &next, &path);
                }
                Member::Values(name, conditions) => {
                    let path = joined(path, name);
                    let Some(next) = self.field(place, name, &path) else { continue };
                    if !next.shapes.iter().any(|shape| is_scalar(shape)) && !next.shapes.is_empty()
                    {
                        let what = "it is an object".to_owned();
                        let why = "EventBridge compares values, and not objects".to_owned();
                        let fix =
                            format!("conditions on its fields: `\"{name}\": {{\"..\": [..]}}`");
                        self.add(&path, what, why, fix);
                        continue;
                    }
                    for condition in conditions {
                        self.condition(condition, &next, &path);
                    }
                }
            }
        }
    }

    /// The field of this name; a mistake where no event has it.
    fn field(&mut self, place: &Place<'a>, name: &str, path: &str) -> Option<Place<'a>> {
        let found = self.find(place, name);
        if found.is_none() {
            let known: BTreeSet<&str> =
                place.shapes.iter().flat_map(|shape| names(shape)).collect();
            let fix = match nearest(name, known.iter().copied()) {
                Some(near) => format!("`{near}`"),
                None => "a field of the event, or no condition".to_owned(),
            };
            let all: Vec<String> = known.iter().take(20).map(|name| format!("`{name}`")).collect();
            let why = if all.is_empty() {
                "its object has no fields".to_owned()
            } else {
                format!("the fields there are {}", all.join(", "))
            };
            self.add(path, "no event has this field".to_owned(), why, fix);
        }
        found
    }

    /// A name with dots is also a path: EventBridge joins names by dots.
    fn find(&self, place: &Place<'a>, name: &str) -> Option<Place<'a>> {
        let mut found: Option<Place<'a>> = self.exact(place, name);
        if name.matches('.').count() > MAX_DOTS {
            return found;
        }
        for (at, _) in name.match_indices('.') {
            let (first, rest) = (&name[..at], &name[at + 1..]);
            let Some(inner) = self.exact(place, first).and_then(|next| self.find(&next, rest))
            else {
                continue;
            };
            match &mut found {
                Some(found) => {
                    found.shapes.extend(inner.shapes);
                    found.always = false;
                }
                None => found = Some(inner),
            }
        }
        found
    }

    fn exact(&self, place: &Place<'a>, name: &str) -> Option<Place<'a>> {
        let mut shapes = Vec::new();
        let mut always = place.always;
        let mut known = false;
        for &shape in &place.shapes {
            let field = match shape {
                Shape::Any => {
                    shapes.push(shape);
                    (known, always) = (true, false);
                    continue;
                }
                Shape::Map(values) => Some((&**values, false)),
                Shape::Object(fields) => {
                    let field = fields.iter().find(|field| field.name == name);
                    field.map(|field| (&field.shape, field.required))
                }
                _ => None,
            };
            let Some((shape, required)) = field else {
                always = false;
                continue;
            };
            let (alternatives, filled) = self.payload.alternatives(shape);
            shapes.extend(alternatives);
            known = true;
            always &= required && filled;
        }
        known.then_some(Place { shapes, always })
    }

    fn condition(&mut self, condition: &Condition, place: &Place<'a>, path: &str) {
        let is = || format!("it is {}", listed(&place.shapes));
        match condition {
            Condition::Exists(false) if place.always => {
                let fix = "remove the condition".to_owned();
                self.add(
                    path,
                    "`exists: false` never matches".to_owned(),
                    "every event has it".to_owned(),
                    fix,
                );
            }
            Condition::Exists(_) => {}
            Condition::AnythingBut(excluded) => {
                let impossible =
                    items(excluded).into_iter().filter(|it| !possible(it, &place.shapes));
                for item in impossible.collect::<Vec<_>>() {
                    let what = format!("`anything-but` excludes {item}, which it never is");
                    self.add(path, what, is(), suggestion(&item, &place.shapes));
                }
                if !possible(condition, &place.shapes) {
                    let what = "`anything-but` excludes every value".to_owned();
                    self.add(path, what, is(), "leave a value that it can be".to_owned());
                }
            }
            other if !possible(other, &place.shapes) => {
                let fix = suggestion(other, &place.shapes);
                self.add(path, format!("it is never {other}"), is(), fix);
            }
            _ => {}
        }
    }
}

/// What `anything-but` excludes, as conditions.
fn items(excluded: &AnythingBut) -> Vec<Condition> {
    match excluded {
        AnythingBut::Strings(texts) => texts.iter().cloned().map(Condition::String).collect(),
        AnythingBut::Numbers(numbers) => numbers.iter().cloned().map(Condition::Number).collect(),
        AnythingBut::Prefixes(texts) => texts.iter().cloned().map(Condition::Prefix).collect(),
        AnythingBut::Suffixes(texts) => texts.iter().cloned().map(Condition::Suffix).collect(),
        AnythingBut::EqualsIgnoreCase(texts) => {
            texts.iter().cloned().map(Condition::EqualsIgnoreCase).collect()
        }
        AnythingBut::Wildcards(texts) => texts.iter().cloned().map(Condition::Wildcard).collect(),
    }
}

/// Whether a value of one of the shapes meets the condition.
fn possible(condition: &Condition, shapes: &[&Shape]) -> bool {
    shapes.iter().any(|shape| match shape {
        // lists, alternatives and types were taken apart before
        Shape::Any | Shape::List(_) | Shape::Either(_) | Shape::Type(_) => true,
        Shape::Null => condition.takes(&Value::Null),
        Shape::Bool => [true, false].iter().any(|&value| condition.takes(&value.into())),
        Shape::OneOf(values) => values.iter().any(|value| condition.takes(value)),
        Shape::Integer(least, most) => number(condition, Some((*least, *most))),
        Shape::Number => number(condition, None),
        Shape::Text => matches!(
            condition,
            Condition::String(_)
                | Condition::Prefix(_)
                | Condition::PrefixIgnoreCase(_)
                | Condition::Suffix(_)
                | Condition::SuffixIgnoreCase(_)
                | Condition::EqualsIgnoreCase(_)
                | Condition::Wildcard(_)
                | Condition::AnythingBut(_)
                | Condition::Cidr(_)
        ),
        Shape::Map(_) | Shape::Object(_) => false,
    })
}

/// Whether a number meets the condition: one between the bounds, an integer, where there are some.
fn number(condition: &Condition, bounds: Option<(i128, i128)>) -> bool {
    match (condition, bounds) {
        (Condition::Number(_) | Condition::Numeric(_) | Condition::AnythingBut(_), None) => true,
        (Condition::Number(number), Some((least, most))) => match number.text().parse::<i128>() {
            Ok(number) => (least..=most).contains(&number),
            // `5.0` and `5e0` are 5 for EventBridge
            Err(_) => {
                number.as_f64().is_some_and(|it| it.fract() == 0.0 && within(it, least, most))
            }
        },
        (Condition::Numeric(range), Some((least, most))) => overlaps(range, least, most),
        (Condition::AnythingBut(_), Some((least, most))) => least < most,
        _ => false,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bounds of types are compared with doubles of a pattern"
)]
fn within(number: f64, least: i128, most: i128) -> bool {
    number >= least as f64 && number <= most as f64
}

/// Whether an integer between the bounds is in the range.
#[expect(
    clippy::cast_precision_loss,
    reason = "bounds of types are compared with doubles of a pattern"
)]
fn overlaps(range: &Range, least: i128, most: i128) -> bool {
    let lowest = match range.low() {
        Some(low) if low.is_inclusive() => low.number().ceil(),
        Some(low) => low.number().floor() + 1.0,
        None => f64::NEG_INFINITY,
    };
    let highest = match range.high() {
        Some(high) if high.is_inclusive() => high.number().floor(),
        Some(high) => high.number().ceil() - 1.0,
        None => f64::INFINITY,
    };
    lowest.max(least as f64) <= highest.min(most as f64)
}

fn is_scalar(shape: &Shape) -> bool {
    !matches!(shape, Shape::Map(_) | Shape::Object(_))
}

fn has_fields(shape: &Shape) -> bool {
    matches!(shape, Shape::Map(_) | Shape::Object(_) | Shape::Any)
}

fn names(shape: &Shape) -> Vec<&str> {
    match shape {
        Shape::Object(fields) => fields.iter().map(|field| field.name.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `a string`, `an integer from 0 to 255 or null`.
fn listed(shapes: &[&Shape]) -> String {
    let mut all: Vec<String> = Vec::new();
    for shape in shapes {
        let text = match shape {
            Shape::Null => "null".to_owned(),
            Shape::Bool => "`true` or `false`".to_owned(),
            Shape::Integer(least, most) => format!("an integer from {least} to {most}"),
            Shape::Number => "a number".to_owned(),
            Shape::Text => "a string".to_owned(),
            Shape::OneOf(values) => {
                let values: Vec<String> =
                    values.iter().take(20).map(|it| format!("`{}`", plain(it))).collect();
                format!("one of {}", values.join(", "))
            }
            Shape::Map(_) | Shape::Object(_) => "an object".to_owned(),
            _ => "any value".to_owned(),
        };
        if !all.contains(&text) {
            all.push(text);
        }
    }
    if all.is_empty() { "always an empty list".to_owned() } else { all.join(" or ") }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The value that was probably meant.
fn suggestion(condition: &Condition, shapes: &[&Shape]) -> String {
    let values: Vec<String> = shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::OneOf(values) => Some(values.iter().map(plain)),
            _ => None,
        })
        .flatten()
        .collect();
    let asked = match condition {
        Condition::String(text) => text.clone(),
        other => other.to_string(),
    };
    match nearest(&asked, values.iter().map(String::as_str)) {
        Some(near) => format!("`{near}`"),
        None => "a value that it can be".to_owned(),
    }
}

/// The name that differs least, in at most a third of its letters or in case alone.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let asked = name.to_lowercase();
    let near = known.map(|other| (distance(&asked, &other.to_lowercase()), other));
    let (distance, other) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= name.chars().count().div_ceil(3)).then_some(other)
}

/// The number of letters to insert, remove or replace. Names of fields are short; longer ones are not compared.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = before + usize::from(x != y);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(before + 1);
        }
    }
    row[b.len()]
}
