//! Repairs JSON to match a wire shape, and lists the repairs.

use std::fmt::Write;

use event_shape::{Body, Enum, Field, Object, Ref, Shape, Tag};
use serde_json::{Map, Number, Value};

use super::{Repair, Seen, Tolerance, date, format};

/// The format of an AWS account: its 12 digits are a name, not a number.
pub(super) const ACCOUNT: &str = "aws-account";

/// Repairs `json` to match the shape as far as possible.
pub(super) fn repair(json: &mut Value, shape: &'static Shape) -> Vec<Repair> {
    let mut work = Work { path: String::new(), repairs: Vec::new() };
    // serde reports errors at the root better
    let _ = work.fits(json, shape);
    work.repairs
}

struct Work {
    path: String,
    repairs: Vec<Repair>,
}

impl Work {
    /// Whether the value matches, or could be repaired. A value that does not match may be changed
    /// in part.
    fn fits(&mut self, json: &mut Value, shape: &'static Shape) -> bool {
        match shape {
            Shape::Any | Shape::Unknown | Shape::Back(_) => true,
            Shape::Null => json.is_null(),
            Shape::Bool => json.is_boolean() || self.coerce(json, boolean),
            Shape::Int(lo, hi) => {
                let inside = |v: &Value| integer(v).is_some_and(|n| (*lo..=*hi).contains(&n));
                if matches!(json, Value::Number(n) if !n.is_f64()) {
                    return inside(json);
                }
                let number = |v: &Value| {
                    integer(v)
                        .filter(|n| (*lo..=*hi).contains(n))
                        .and_then(Number::from_i128)
                        .map(Value::Number)
                };
                self.coerce(json, number)
            }
            Shape::Values(values) => values.iter().any(|v| match v {
                event_shape::Scalar::Bool(value) => json.as_bool() == Some(*value),
                event_shape::Scalar::Int(value) => integer(json) == Some(*value),
            }),
            Shape::Num(_) => json.is_number() || self.coerce(json, number),
            Shape::Str("date-time") => self.date(json),
            Shape::Str("" | "decimal") => json.is_string() || self.coerce(json, string),
            Shape::Str(ACCOUNT) => json.is_string() || self.coerce(json, account),
            Shape::Str(format) => json.as_str().is_some_and(|s| format::allows(format, s)),
            Shape::Nullable(inner) => json.is_null() || self.fits(json, inner.get()),
            Shape::Newtype(inner) => self.fits(json, inner.get()),
            Shape::Array(inner) => self.array(json, inner.get()),
            Shape::Tuple(places) => self.places(json, places),
            Shape::Fixed(inner, length) => self.places(json, &vec![*inner; *length]),
            Shape::Map(inner) => match json {
                Value::Object(map) => {
                    let keys: Vec<String> = map.keys().cloned().collect();
                    self.entries(map, &keys, inner.get());
                    true
                }
                _ => false,
            },
            Shape::Object(object) => match json {
                Value::Object(map) => self.object(map, object),
                _ => false,
            },
            Shape::Enum(e) => self.enumeration(json, e),
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, object: &Object) -> bool {
        // check all of them, also after one that does not match: serde must report that one
        let mut fits = true;
        for field in object.fields.iter().filter(|f| !f.has(Field::FLATTEN)) {
            fits &= self.field(map, field);
        }
        for field in object.fields.iter().filter(|f| f.has(Field::FLATTEN)) {
            match field.shape.get() {
                Shape::Map(inner) => {
                    let declared = |k: &&String| object.fields.iter().any(|f| f.name == **k);
                    let keys: Vec<String> = map.keys().filter(|k| !declared(k)).cloned().collect();
                    self.entries(map, &keys, inner.get());
                }
                Shape::Object(inner) => fits &= self.object(map, inner),
                _ => {}
            }
        }
        fits
    }

    fn field(&mut self, map: &mut Map<String, Value>, field: &Field) -> bool {
        let shape = field.shape.get();
        let (may_be_absent, inner) = match shape {
            Shape::Nullable(inner) => (true, inner.get()),
            _ => (field.has(Field::DEFAULT), shape),
        };
        // a field that only the tolerance made optional has `DEFAULT`; one that may be absent is
        // skipped, too
        let tolerated = field.has(Field::DEFAULT);
        let depth = self.enter(field.name);
        let fits = match map.get_mut(field.name) {
            None => {
                if tolerated || !field.has(Field::SKIPS) {
                    self.say(Tolerance::Missing, None, None);
                }
                may_be_absent
            }
            Some(Value::Null) if may_be_absent => {
                if tolerated && !matches!(inner, Shape::Any | Shape::Null) {
                    self.say(Tolerance::Null, Some(Seen::of(&Value::Null)), None);
                }
                true
            }
            Some(value) => {
                let before = self.repairs.len();
                let fits = self.fits(value, inner);
                if !fits && may_be_absent {
                    self.leave_out(value, before);
                    map.remove(field.name);
                }
                fits || may_be_absent
            }
        };
        self.path.truncate(depth);
        fits
    }

    /// Repairs the entries of a map; entries that do not match are left out.
    fn entries(&mut self, map: &mut Map<String, Value>, keys: &[String], inner: &'static Shape) {
        for key in keys {
            let depth = self.enter(key);
            if let Some(value) = map.get_mut(key) {
                let before = self.repairs.len();
                if !self.fits(value, inner) {
                    self.leave_out(value, before);
                    map.remove(key);
                }
            }
            self.path.truncate(depth);
        }
    }

    fn array(&mut self, json: &mut Value, inner: &'static Shape) -> bool {
        if !json.is_array() {
            let before = self.repairs.len();
            let mut single = json.clone();
            self.say(
                Tolerance::Single,
                Some(Seen::of(json)),
                Some(Seen::of(&Value::Array(vec![]))),
            );
            let depth = self.index(0);
            let fits = !single.is_null() && self.fits(&mut single, inner);
            self.path.truncate(depth);
            if fits {
                *json = Value::Array(vec![single]);
            } else {
                self.repairs.truncate(before);
            }
            return fits;
        }
        let Value::Array(elements) = json else { return false };
        let mut at = 0;
        elements.retain_mut(|element| {
            let depth = self.index(at);
            at += 1;
            let before = self.repairs.len();
            let fits = self.fits(element, inner);
            if !fits {
                self.leave_out(element, before);
            }
            self.path.truncate(depth);
            fits
        });
        true
    }

    fn places(&mut self, json: &mut Value, places: &[Ref]) -> bool {
        match json {
            Value::Array(elements) if elements.len() == places.len() => {
                elements.iter_mut().zip(places).enumerate().all(|(i, (element, place))| {
                    let depth = self.index(i);
                    let fits = self.fits(element, place.get());
                    self.path.truncate(depth);
                    fits
                })
            }
            _ => false,
        }
    }

    fn enumeration(&mut self, json: &mut Value, e: &Enum) -> bool {
        let named = |name: &str| e.variants.iter().find(|v| v.name == name);
        match e.tag {
            Tag::External => match json {
                Value::Object(map) if map.len() == 1 => {
                    let Some((name, content)) = map.iter_mut().next() else { return e.open };
                    let depth = self.enter(name);
                    let fits = named(name).map_or(e.open, |v| self.body(content, &v.body));
                    self.path.truncate(depth);
                    fits
                }
                Value::String(name) => named(name).is_some() || e.open,
                Value::Number(_) | Value::Bool(_) => {
                    let known = |v: &Value| {
                        string(v)
                            .filter(|s| s.as_str().is_some_and(|s| e.open || named(s).is_some()))
                    };
                    self.coerce(json, known)
                }
                _ => false,
            },
            Tag::Internal(tag) => {
                let Value::Object(map) = json else { return false };
                let variant = map.get(tag).and_then(Value::as_str).and_then(named);
                variant.map_or(e.open, |v| self.body(json, &v.body))
            }
            Tag::Adjacent(..) => json.is_object(),
            Tag::Untagged => {
                let mut best: Option<(Value, Vec<Repair>)> = None;
                for variant in e.variants {
                    let mut tried = json.clone();
                    let before = self.repairs.len();
                    let fits = self.body(&mut tried, &variant.body);
                    let repairs = self.repairs.split_off(before);
                    if fits && best.as_ref().is_none_or(|(_, least)| repairs.len() < least.len()) {
                        best = Some((tried, repairs));
                    }
                }
                let Some((value, repairs)) = best else { return e.open };
                *json = value;
                self.repairs.extend(repairs);
                true
            }
        }
    }

    fn body(&mut self, json: &mut Value, body: &Body) -> bool {
        match (body, json) {
            (Body::Unit, _) => true,
            (Body::One(inner), json) => self.fits(json, inner.get()),
            (Body::Fields(fields), Value::Object(map)) => fields.iter().all(|f| self.field(map, f)),
            (Body::Fields(_), _) => false,
        }
    }

    fn date(&mut self, json: &mut Value) -> bool {
        if json.as_str().is_some_and(|s| s.parse::<jiff::Timestamp>().is_ok()) {
            return true;
        }
        let text = match json {
            Value::String(s) => s.clone(),
            Value::Number(n) => n.to_string(),
            _ => return false,
        };
        let Some(time) = date::read(&text) else { return false };
        let found = Seen::of(json);
        *json = Value::String(time.to_string());
        self.say(Tolerance::Date, Some(found), Some(Seen::of(json)));
        true
    }

    fn coerce(&mut self, json: &mut Value, convert: impl Fn(&Value) -> Option<Value>) -> bool {
        let Some(value) = convert(json) else { return false };
        self.say(Tolerance::Coerced, Some(Seen::of(json)), Some(Seen::of(&value)));
        *json = value;
        true
    }

    /// Reports that the value is left out, instead of all earlier reports about it.
    fn leave_out(&mut self, json: &Value, before: usize) {
        self.repairs.truncate(before);
        self.say(Tolerance::LeftOut, Some(Seen::of(json)), None);
    }

    fn say(&mut self, tolerance: Tolerance, found: Option<Seen>, made: Option<Seen>) {
        self.repairs.push(Repair { path: self.path.clone(), tolerance, found, made });
    }

    /// Enters a field; returns the position to return to.
    fn enter(&mut self, name: &str) -> usize {
        let depth = self.path.len();
        if depth > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        depth
    }

    fn index(&mut self, at: usize) -> usize {
        let depth = self.path.len();
        // writing to a `String` cannot fail
        let _ = write!(self.path, "[{at}]");
        depth
    }
}

fn string(json: &Value) -> Option<Value> {
    match json {
        Value::Number(n) => Some(Value::String(n.to_string())),
        Value::Bool(b) => Some(Value::String(b.to_string())),
        _ => None,
    }
}

fn account(json: &Value) -> Option<Value> {
    let number = json.as_u64().filter(|n| *n < 1_000_000_000_000)?;
    Some(Value::String(format!("{number:012}")))
}

fn boolean(json: &Value) -> Option<Value> {
    let text = match json {
        Value::String(s) => s.trim().to_ascii_lowercase(),
        Value::Number(n) => n.to_string(),
        _ => return None,
    };
    match text.as_str() {
        "true" | "1" => Some(Value::Bool(true)),
        "false" | "0" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// Returns the whole number that a value is or spells.
fn integer(json: &Value) -> Option<i128> {
    match json {
        Value::Number(n) => n.as_i128().or_else(|| whole(&n.to_string())),
        Value::String(s) => s.trim().parse().ok().or_else(|| whole(s.trim())),
        _ => None,
    }
}

/// `12.00` is 12.
fn whole(text: &str) -> Option<i128> {
    let (before, after) = text.split_once('.')?;
    (!after.is_empty() && after.bytes().all(|b| b == b'0')).then(|| before.parse().ok())?
}

fn number(json: &Value) -> Option<Value> {
    let text = json.as_str()?.trim();
    let number = text.parse::<f64>().ok().filter(|f| f.is_finite())?;
    Number::from_f64(number).map(Value::Number)
}
