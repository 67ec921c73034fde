//! `enum` and `const`: a Rust enum with exactly these values.

use std::collections::BTreeSet;

use event_schema::model::{NodeId, Types};
use serde_json::Value;

use super::build::{Builder, Site};
use super::loss::Loss;
use super::view::View;
use super::{Kind, Repr, Tag, Ty, Variant};
use crate::names;

/// The type of a view with listed values.
pub(super) fn ty<'a>(b: &mut Builder<'a>, ids: &[NodeId], view: &View<'a>, site: &Site) -> Ty {
    let listed = view.values.as_deref().unwrap_or_default();
    let allowed = |v: &Value| view.types.intersects(type_of(v));
    if let Some(node) = view.nodes.first().filter(|_| !view.unions.is_empty()) {
        let message = "values are listed beside a union, and the Rust type only follows the list";
        b.lose(
            Loss::warning(node, message)
                .help("list the values that the union allows, and remove the union"),
        );
    }
    let mut rest: Vec<(&Value, u32)> = Vec::new();
    for literal in listed.iter().filter(|l| !l.value.is_null() && allowed(&l.value)) {
        // a value that is listed twice is one value
        if rest.iter().all(|(known, _)| !same(known, &literal.value)) {
            rest.push((&literal.value, literal.pos.line));
        }
    }
    if rest.is_empty() {
        if listed.iter().any(|l| l.value.is_null() && allowed(&l.value)) {
            return Ty::Null;
        }
        if let Some(node) = view.nodes.first() {
            b.lose(
                Loss::warning(node, "no value is allowed here, so the Rust type is `Value`")
                    .help("list a value of the type beside the `enum`"),
            );
        }
        return Ty::Any;
    }
    let strings: Option<Vec<(&str, u32)>> =
        rest.iter().map(|(v, line)| Some((v.as_str()?, *line))).collect();
    if let Some(wires) = strings {
        let index = b.reserve(Some(ids));
        let rust = b.name(site);
        let wanted = wires.iter().map(|(wire, _)| (*wire, names::value(wire)));
        let names = b.names.members(&site.place, wanted, "");
        let variants = wires.iter().zip(names);
        let variants = variants
            .map(|((wire, line), rust)| Variant::unit((*wire).to_owned(), rust, *line))
            .collect();
        let kind = Kind::Enum { open: view.open_enum(), tag: Tag::External, variants };
        return b.define(index, rust, view, kind, ids);
    }
    let repr = repr(&rest);
    let both = |v: bool| rest.iter().any(|(value, _)| value.as_bool() == Some(v));
    if repr == Repr::Bool && both(true) && both(false) {
        return Ty::Bool;
    }
    if view.open_enum() {
        // a later minor may add any value of these types, so no list is final
        let types = rest.iter().fold(Types::NONE, |all, (v, _)| all.union(type_of(v)));
        return match types {
            Types::BOOLEAN => Ty::Bool,
            Types::INTEGER => Ty::Int(None, None),
            types if Types::NUMBER.contains(types) => Ty::Num(false),
            _ => Ty::Any,
        };
    }
    let index = b.reserve(Some(ids));
    let rust = b.name(site);
    let texts: Vec<(String, String, u32)> =
        rest.iter().map(|(v, line)| (text(v), name(v), *line)).collect();
    let wanted = texts.iter().map(|(wire, name, _)| (wire.as_str(), name.clone()));
    let names = b.names.members(&site.place, wanted, "");
    let variants = texts.iter().zip(names);
    let variants =
        variants.map(|((wire, _, line), rust)| Variant::unit(wire.clone(), rust, *line)).collect();
    b.define(index, rust, view, Kind::Values { repr, variants }, ids)
}

fn repr(values: &[(&Value, u32)]) -> Repr {
    if values.iter().all(|(v, _)| v.is_boolean()) {
        return Repr::Bool;
    }
    let ints: Option<BTreeSet<i128>> = values.iter().map(|(v, _)| whole(v)).collect();
    match ints.map(|i| (i.first().copied(), i.last().copied())) {
        Some((Some(lo), Some(hi))) if fits(lo, hi) => Repr::Int(lo, hi),
        _ => Repr::Any,
    }
}

/// Whether one Rust integer type includes both.
fn fits(lo: i128, hi: i128) -> bool {
    (lo >= i128::from(i64::MIN) && hi <= i128::from(i64::MAX)) || lo >= 0
}

/// The JSON text of a value; an integer without its fraction.
fn text(value: &Value) -> String {
    whole(value).map_or_else(|| value.to_string(), |n| n.to_string())
}

/// A variant's name for a value.
fn name(value: &Value) -> String {
    match value {
        Value::String(s) => names::value(s),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(_) => names::value(&text(value)),
        Value::Array(_) => "Array".to_owned(),
        Value::Object(_) => "Object".to_owned(),
        Value::Null => "Null".to_owned(),
    }
}

/// Whether JSON Schema treats them as one value, such as `1` and `1.0`.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            x == y || x.as_f64() == y.as_f64() && whole(a) == whole(b)
        }
        _ => a == b,
    }
}

pub(super) fn type_of(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(_) if whole(value).is_some() => Types::INTEGER,
        Value::Number(_) => Types::NUMBER.difference(Types::INTEGER),
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

/// The integer that a value is; `5.0` is 5.
fn whole(value: &Value) -> Option<i128> {
    let exact = || value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    let float = || {
        let f = value.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9_007_199_254_740_992.0)?;
        format!("{f:.0}").parse().ok()
    };
    exact().or_else(float)
}
