//! The worlds: small schemas of one kind each, for which a search is easily incomplete.

use serde_json::{Map, Value, json};

use super::choices::{Choices, Spoken};

/// A maker of schemas.
pub(crate) type World = fn(&mut Choices<'_>) -> Value;

/// A schema of a few values or types.
fn leaf(c: &mut Choices<'_>) -> Value {
    match c.below(12) {
        0 => c.dialect.anything(),
        1 => c.dialect.never(),
        2 | 3 => {
            let pool = [json!(0), json!(1), json!("a"), json!("b"), json!(null), json!(1.5)];
            let value = c.pick(&pool);
            c.dialect.exactly(&value)
        }
        4 | 5 => {
            let pool = [json!(0), json!(1), json!(2), json!("a"), json!("b"), json!([]), json!({})];
            let mut values: Vec<Value> = Vec::new();
            for _ in 0..=c.below(3) {
                let value = c.pick(&pool);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            json!({ "enum": values })
        }
        6 => json!({ "not": leaf_type(c) }),
        7 => {
            let (a, b) = (c.pick(&NAMES), c.pick(&NAMES));
            if c.dialect == Spoken::OpenApi30 || a == b {
                json!({ "type": a })
            } else {
                json!({ "type": [a, b] })
            }
        }
        8 if c.dialect == Spoken::OpenApi30 => {
            json!({ "type": c.pick(&["string", "integer"]), "nullable": true })
        }
        _ => leaf_type(c),
    }
}

const NAMES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

fn leaf_type(c: &mut Choices<'_>) -> Value {
    json!({ "type": c.pick(&NAMES) })
}

/// Combines schemas of a world, or takes one.
fn combined(c: &mut Choices<'_>, depth: usize, one: World) -> Value {
    if depth == 0 {
        return one(c);
    }
    let branches = |c: &mut Choices<'_>| {
        (0..2 + c.below(2)).map(|_| combined(c, depth - 1, one)).collect::<Vec<_>>()
    };
    match c.below(9) {
        0 | 1 => json!({ "anyOf": branches(c) }),
        2 => json!({ "oneOf": branches(c) }),
        3 => json!({ "allOf": branches(c) }),
        4 => json!({ "not": combined(c, depth - 1, one) }),
        5 if c.dialect >= Spoken::Draft7 => json!({
            "if": combined(c, depth - 1, one),
            "then": combined(c, depth - 1, one),
            "else": combined(c, depth - 1, one),
        }),
        _ => one(c),
    }
}

pub(crate) fn arrays(c: &mut Choices<'_>) -> Value {
    combined(c, 1, array)
}

fn array(c: &mut Choices<'_>) -> Value {
    if c.one_in(8) {
        let item = |c: &mut Choices<'_>| c.pick(&[json!(0), json!(1), json!("a"), json!([0])]);
        let lists: Vec<Value> =
            (0..=c.below(3)).map(|_| (0..c.below(3)).map(|_| item(c)).collect()).collect();
        let mut unique: Vec<Value> = Vec::new();
        for list in lists {
            if !unique.contains(&list) {
                unique.push(list);
            }
        }
        return json!({ "enum": unique });
    }
    let mut out = Map::new();
    if c.below(3) > 0 {
        out.insert("type".into(), "array".into());
    }
    let dialect = c.dialect;
    match c.below(3) {
        0 if dialect != Spoken::OpenApi30 => {
            let first: Vec<Value> = (0..=c.below(2)).map(|_| item(c)).collect();
            let rest = (c.below(2) == 0).then(|| item(c));
            dialect.tuple(&mut out, first, rest);
        }
        1 => {
            out.insert("items".into(), item(c));
        }
        _ => {}
    }
    if c.below(2) == 0 {
        let min = c.below(4);
        out.insert("minItems".into(), min.into());
        if c.below(2) == 0 {
            out.insert("maxItems".into(), (min + c.below(2)).into());
        }
    } else if c.below(3) == 0 {
        out.insert("maxItems".into(), c.below(4).into());
    }
    if c.below(3) == 0 {
        out.insert("uniqueItems".into(), true.into());
    }
    if c.dialect.has_const() && c.below(3) == 0 {
        out.insert("contains".into(), item(c));
        if c.dialect.has_unevaluated() {
            if c.below(2) == 0 {
                out.insert("minContains".into(), c.below(3).into());
            }
            if c.below(2) == 0 {
                out.insert("maxContains".into(), c.below(3).into());
            }
        }
    }
    out.into()
}

fn item(c: &mut Choices<'_>) -> Value {
    if !c.one_in(6) {
        return leaf(c);
    }
    let length = 1 + c.below(2);
    json!({ "type": "array", "minItems": length, "maxItems": length, "items": leaf(c) })
}

pub(crate) fn maps(c: &mut Choices<'_>) -> Value {
    combined(c, 1, map)
}

fn map(c: &mut Choices<'_>) -> Value {
    const MEMBERS: [&str; 4] = ["a", "b", "ab", "c"];
    if c.one_in(10) {
        let pool = [json!({}), json!({"a": 0}), json!({"b": "a"}), json!({"a": 0, "b": 0})];
        let (a, b) = (c.pick(&pool), c.pick(&pool));
        return if a == b { json!({ "enum": [a] }) } else { json!({ "enum": [a, b] }) };
    }
    let mut out = Map::new();
    if c.below(3) > 0 {
        out.insert("type".into(), "object".into());
    }
    if c.below(2) == 0 {
        out.insert("additionalProperties".into(), leaf(c));
    }
    if c.below(3) == 0 {
        let name = c.pick(&MEMBERS);
        out.insert("properties".into(), json!({ name: leaf(c) }));
    }
    if c.dialect != Spoken::OpenApi30 && c.below(3) == 0 {
        let mut patterns = Map::new();
        for _ in 0..=c.below(2) {
            let pattern = c.pick(&["^a", "b$", "^[ab]$", ".", "^(a|b|ab)$"]);
            patterns.insert(pattern.into(), leaf(c));
        }
        out.insert("patternProperties".into(), patterns.into());
    }
    if c.dialect.has_const() && c.below(4) == 0 {
        let names = [
            json!({"enum": ["a", "b"]}),
            json!({"enum": [1, "ab", "a"]}),
            json!({"pattern": "^a"}),
            json!({"maxLength": 1}),
            json!({"not": {"enum": ["a"]}}),
            json!({"anyOf": [{"const": "a"}, {"pattern": "b"}]}),
            json!({"type": ["string", "null"], "minLength": 1}),
        ];
        out.insert("propertyNames".into(), c.pick(&names));
    }
    if c.below(4) == 0 {
        out.insert("minProperties".into(), c.below(4).into());
    }
    if c.below(4) == 0 {
        out.insert("maxProperties".into(), c.below(4).into());
    }
    if c.below(4) == 0 {
        out.insert("required".into(), json!([c.pick(&MEMBERS)]));
    }
    if c.below(5) == 0 {
        let (key, need) = (c.pick(&MEMBERS), c.pick(&MEMBERS));
        match c.dialect {
            Spoken::OpenApi30 => {}
            Spoken::Draft2019 | Spoken::Draft2020 | Spoken::OpenApi31 => {
                out.insert("dependentRequired".into(), json!({ key: [need] }));
            }
            _ => {
                out.insert("dependencies".into(), json!({ key: [need] }));
            }
        }
    }
    out.into()
}

/// `unevaluatedProperties` and `unevaluatedItems` beside every keyword that evaluates.
pub(crate) fn unevaluated(c: &mut Choices<'_>) -> Value {
    let mut out = evaluating(c, 2);
    if c.below(4) > 0 {
        let definition = evaluating(c, 1);
        out.insert("$defs".into(), json!({ "It": definition }));
    } else {
        out.insert("$defs".into(), json!({ "It": {"$dynamicAnchor": "it", "type": "object"} }));
    }
    if c.below(4) > 0 {
        let rest = if c.below(2) == 0 { json!(false) } else { leaf(c) };
        out.insert("unevaluatedProperties".into(), rest);
    }
    if c.below(3) == 0 {
        let rest = if c.below(2) == 0 { json!(false) } else { leaf(c) };
        out.insert("unevaluatedItems".into(), rest);
    }
    out.into()
}

fn evaluating(c: &mut Choices<'_>, depth: usize) -> Map<String, Value> {
    const MEMBERS: [&str; 3] = ["a", "b", "k"];
    let mut out = Map::new();
    if c.below(2) == 0 {
        let name = c.pick(&MEMBERS);
        out.insert("properties".into(), json!({ name: leaf(c) }));
    }
    if c.one_in(8) {
        out.insert("patternProperties".into(), json!({ "^a": leaf(c) }));
    }
    if c.one_in(10) {
        out.insert("additionalProperties".into(), leaf(c));
    }
    if c.one_in(4) {
        out.insert("required".into(), json!([c.pick(&MEMBERS)]));
    }
    if c.one_in(5) {
        let (first, rest) = (vec![leaf(c)], c.one_in(3).then(|| leaf(c)));
        c.dialect.tuple(&mut out, first, rest);
    } else if c.one_in(8) {
        out.insert("items".into(), leaf(c));
    } else if c.dialect == Spoken::Draft2019 && c.one_in(8) {
        out.insert("additionalItems".into(), leaf(c));
    }
    if c.one_in(6) {
        out.insert("contains".into(), leaf(c));
        if c.one_in(3) {
            out.insert("minContains".into(), c.below(2).into());
        }
    }
    if depth == 0 {
        return out;
    }
    let part = |c: &mut Choices<'_>| -> Value {
        let mut part = evaluating(c, depth - 1);
        if c.one_in(8) {
            part.insert("unevaluatedProperties".into(), leaf(c));
        }
        if c.one_in(6) {
            part.insert("unevaluatedItems".into(), leaf(c));
        }
        part.into()
    };
    match c.below(9) {
        0 => drop(out.insert("allOf".into(), json!([part(c)]))),
        1 => drop(out.insert("anyOf".into(), json!([part(c), part(c)]))),
        2 => drop(out.insert("oneOf".into(), json!([part(c), part(c)]))),
        3 => {
            out.insert("if".into(), part(c));
            if c.below(3) > 0 {
                out.insert("then".into(), part(c));
            }
            if c.below(3) == 0 {
                out.insert("else".into(), part(c));
            }
        }
        4 => drop(out.insert("dependentSchemas".into(), json!({ "k": part(c) }))),
        5 => drop(out.insert("not".into(), part(c))),
        6 if depth == 2 => drop(out.insert("$ref".into(), "#/$defs/It".into())),
        7 if depth == 2 && c.dialect != Spoken::Draft2019 => {
            out.insert("allOf".into(), json!([{ "$ref": "#/$defs/It" }, part(c)]));
        }
        _ => {}
    }
    out
}

/// Unions whose branches a tag distinguishes, or almost distinguishes.
pub(crate) fn tags(c: &mut Choices<'_>) -> Value {
    let keyword = c.pick(&["oneOf", "anyOf"]);
    let tuple = c.dialect != Spoken::OpenApi30 && c.one_in(4);
    let branches: Vec<Value> = (0..2 + c.below(3))
        .map(|at| {
            let value = if c.one_in(6) { c.pick(&["x", "y"]) } else { ["x", "y", "z", "w"][at] };
            let tag = if c.one_in(6) {
                json!({ "enum": [value, c.pick(&["v", "y"])] })
            } else {
                c.dialect.exactly(&value.into())
            };
            if tuple {
                let mut out = Map::new();
                let (first, rest) = (vec![tag, leaf(c)], c.one_in(3).then(|| leaf(c)));
                c.dialect.tuple(&mut out, first, rest);
                out.insert("type".into(), "array".into());
                out.insert("minItems".into(), (1 + c.below(2)).into());
                return out.into();
            }
            let mut out = json!({ "type": "object", "properties": { "tag": tag } });
            if !c.one_in(8) {
                out["required"] = json!(["tag"]);
            }
            for name in ["a", "b"] {
                if c.below(2) == 0 {
                    out["properties"][name] = leaf(c);
                }
            }
            if c.one_in(4) {
                out["additionalProperties"] = c.dialect.never();
            }
            out
        })
        .collect();
    json!({ keyword: branches })
}

/// Numbers and listed values: `const` beside `enum`, points, steps that leave gaps.
pub(crate) fn values(c: &mut Choices<'_>) -> Value {
    combined(c, 1, value)
}

fn value(c: &mut Choices<'_>) -> Value {
    let pool = [
        json!(0),
        json!(1),
        json!(1.0),
        json!(2),
        json!(2.0),
        json!(6),
        json!(0.5),
        json!("a"),
        json!(""),
        json!(null),
        json!([1]),
        json!([1.0]),
        json!({"a": 1}),
    ];
    let mut out = Map::new();
    if c.below(3) == 0 {
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..=c.below(4) {
            let value = c.pick(&pool);
            let known =
                |v: &Value| v.to_string().replace(".0", "") == value.to_string().replace(".0", "");
            if !values.iter().any(known) {
                values.push(value);
            }
        }
        out.insert("enum".into(), values.into());
        if c.dialect.has_const() && c.below(2) == 0 {
            out.insert("const".into(), c.pick(&pool));
        }
        if c.below(2) == 0 {
            out.insert("type".into(), c.pick(&["integer", "number", "string"]).into());
        }
        return out.into();
    }
    if c.below(3) > 0 {
        out.insert("type".into(), c.pick(&["integer", "number"]).into());
    }
    if c.below(2) == 0 {
        out.insert("minimum".into(), c.pick(&[json!(0), json!(1), json!(-3), json!(0.5)]));
    }
    if c.below(2) == 0 {
        out.insert("maximum".into(), c.pick(&[json!(1), json!(3), json!(12), json!(6.5)]));
    }
    if c.below(2) == 0 {
        out.insert(
            "multipleOf".into(),
            c.pick(&[json!(2), json!(3), json!(0.5), json!(1), json!(5)]),
        );
    }
    if c.below(3) == 0 {
        let step = c.pick(&[json!(2), json!(3), json!(0.25)]);
        out.insert("not".into(), json!({ "multipleOf": step }));
    }
    out.into()
}

/// Schemas that contain themselves.
pub(crate) fn recursive(c: &mut Choices<'_>) -> Value {
    let mut node = Map::new();
    node.insert("type".into(), "object".into());
    let own = json!({ "$ref": "#/definitions/Node" });
    let child = match c.below(5) {
        0 => own.clone(),
        1 => json!({ "type": "array", "items": own, "maxItems": 1 + c.below(2) }),
        2 => json!({ "anyOf": [own, leaf(c)] }),
        3 => json!({ "oneOf": [leaf(c), own] }),
        _ => json!({ "type": "array", "items": own, "uniqueItems": true, "minItems": c.below(3) }),
    };
    node.insert("properties".into(), json!({ "child": child, "a": leaf(c) }));
    if c.below(3) == 0 {
        node.insert("required".into(), json!([c.pick(&["child", "a"])]));
    }
    if c.below(3) == 0 {
        node.insert("additionalProperties".into(), c.dialect.never());
    }
    if c.one_in(4) {
        node.insert("minProperties".into(), c.below(3).into());
    }
    json!({ "definitions": { "Node": node }, "allOf": [{ "$ref": "#/definitions/Node" }] })
}
