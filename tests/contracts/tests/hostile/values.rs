//! Values near those that a schema allows, read and written by the types that compile.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use event_tests::scratch::Scratch;
use serde_json::{Value, json};

use crate::Case;

const RUNNER: &str = r#"
fn read<T: serde::Serialize + serde::de::DeserializeOwned>(name: &str, json: &str) {
    match serde_json::from_str::<T>(json) {
        Ok(value) => match serde_json::to_string(&value) {
            Ok(text) => println!("{name}\t{json}\tok\t{text}"),
            Err(error) => println!("{name}\t{json}\tunwritten\t{error}"),
        },
        Err(error) => println!("{name}\t{json}\tunread\t{error}"),
    }
}
"#;

/// The number of tried values, and the errors.
pub(crate) fn judged(scratch: &Scratch, cases: &[&Case]) -> (usize, Vec<String>) {
    let mut main = format!("{}{}{RUNNER}", super::PRELUDE, super::HELP);
    let mut calls = String::new();
    let mut texts = String::new();
    let mut schemas = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        main.push_str(&case.code);
        let module = case.code.split("pub mod ").nth(1).unwrap().split(' ').next().unwrap();
        writeln!(calls, "        \"{i}\" => read::<{module}::E>(name, json),").unwrap();
        let schema = judge_of(&case.schema);
        let mut all: BTreeSet<String> = BTreeSet::new();
        for value in samples(&schema, &schema, 0) {
            all.insert(value.to_string());
            around(&value, 0, &mut |near| {
                all.insert(near.to_string());
            });
        }
        for value in all {
            writeln!(texts, "{i}\t{value}").unwrap();
        }
        schemas.push(jsonschema::draft4::new(&schema).unwrap());
    }
    write!(
        main,
        "fn main() {{\n    for line in include_str!(\"values.txt\").lines() {{\n        \
         let (name, json) = line.split_once('\\t').unwrap();\n        \
         match name {{\n{calls}        _ => unreachable!() }}\n    }}\n}}\n"
    )
    .unwrap();
    scratch.write("src/values.txt", &texts);
    scratch.write("src/main.rs", &main);
    scratch.write("src/lib.rs", "");
    let output = scratch.cargo(&["run", "--quiet"]).env("OUT_DIR", scratch.out()).output().unwrap();
    scratch.remove("src/main.rs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut problems = Vec::new();
    let mut count = 0;
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        count += 1;
        let mut parts = line.splitn(4, '\t');
        let mut next = || parts.next().unwrap();
        let (case, json, how, text) = (next().parse::<usize>().unwrap(), next(), next(), next());
        let valid = schemas[case].is_valid(&serde_json::from_str(json).unwrap());
        let problem = match how {
            "unread" if valid => format!("refuses the valid {json}: {text}"),
            "unwritten" => format!("reads {json} and does not write it: {text}"),
            "ok" => {
                let written: Value = serde_json::from_str(text).unwrap();
                if written.to_string().len() != text.len() {
                    format!("reads {json} and writes a key twice: {text}")
                } else if let Err(error) = schemas[case].validate(&written) {
                    format!("reads {json} and writes the invalid {text}: {error}")
                } else {
                    continue;
                }
            }
            _ => continue,
        };
        if told.insert(case) {
            problems.push(format!("{}: {problem}", cases[case].name));
        }
    }
    (count, problems)
}

/// The schema without the keywords that types do not check: an open list is not a list.
fn judge_of(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let open = map.get("x-open") == Some(&json!(true));
            let keep = |key: &str| !(open && (key == "enum" || key == "oneOf"));
            map.iter().filter(|(k, _)| keep(k)).map(|(k, v)| (k.clone(), judge_of(v))).collect()
        }
        Value::Array(items) => items.iter().map(judge_of).collect(),
        other => other.clone(),
    }
}

/// Some values of a schema.
fn samples(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    if depth > 6 {
        return vec![];
    }
    if let Some(to) = schema["$ref"].as_str() {
        return samples(root.pointer(&to[1..]).unwrap(), root, depth + 1);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.clone();
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(branches) = schema[key].as_array() {
            return branches.iter().flat_map(|b| samples(b, root, depth + 1)).collect();
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object", "string"],
    };
    let mut out = Vec::new();
    for ty in types {
        match ty {
            "null" => out.push(Value::Null),
            "boolean" => out.extend([json!(true), json!(false)]),
            "integer" => out.extend([json!(schema["minimum"].as_i64().unwrap_or(-3)), json!(7)]),
            "number" => out.push(json!(1.5)),
            "string" if schema["format"] == "date-time" => out.push(json!("2026-01-31T12:00:00Z")),
            "string" => out.extend([json!("x"), json!("1"), json!("quote\" and ü")]),
            "array" => {
                let items = match &schema["items"] {
                    Value::Array(places) => {
                        let place = |p| samples(p, root, depth + 1).first().cloned();
                        out.push(places.iter().filter_map(place).collect());
                        continue;
                    }
                    items => samples(items, root, depth + 1),
                };
                out.extend([json!([]), Value::Array(items.clone())]);
                out.extend(items.into_iter().take(2).map(|item| json!([item])));
            }
            _ => out.extend(objects(schema, root, depth)),
        }
    }
    out
}

fn objects(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    let empty = serde_json::Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let mut full = serde_json::Map::new();
    let mut out = Vec::new();
    for (name, property) in properties {
        let values = samples(property, root, depth + 1);
        if let Some(first) = values.first() {
            full.insert(name.clone(), first.clone());
        }
    }
    out.push(Value::Object(full.clone()));
    for (name, property) in properties {
        for value in samples(property, root, depth + 1).into_iter().skip(1) {
            let mut changed = full.clone();
            changed.insert(name.clone(), value);
            out.push(Value::Object(changed));
        }
    }
    for key in ["x-1", "other"] {
        let rest = match (&schema["patternProperties"], &schema["additionalProperties"]) {
            (Value::Object(patterns), _) if key == "x-1" => patterns.values().next().cloned(),
            (_, more @ Value::Object(_)) => Some(more.clone()),
            _ => None,
        };
        for value in rest.iter().flat_map(|rest| samples(rest, root, depth + 1)).take(2) {
            let mut more = full.clone();
            more.insert(key.to_owned(), value);
            out.push(Value::Object(more));
        }
    }
    out
}

/// The value with one part missing, of another type, or added.
fn around(value: &Value, depth: usize, out: &mut dyn FnMut(Value)) {
    for other in [
        json!(null),
        json!("x"),
        json!(-1),
        json!(3),
        json!(1.5),
        json!([]),
        json!({}),
        json!(true),
        json!(false),
    ] {
        out(other);
    }
    match value {
        Value::Object(map) if depth < 4 => {
            for key in map.keys() {
                let mut less = map.clone();
                less.remove(key);
                out(Value::Object(less));
                around(&map[key], depth + 1, &mut |part| {
                    let mut changed = map.clone();
                    changed[key] = part;
                    out(Value::Object(changed));
                });
            }
            for (key, extra) in
                [("nobody knows", json!(1)), ("old", json!("x")), ("second", json!(-1))]
            {
                let mut more = map.clone();
                more.insert(key.to_owned(), extra);
                out(Value::Object(more));
            }
        }
        Value::Array(items) if depth < 4 => {
            for (i, item) in items.iter().enumerate().take(2) {
                around(item, depth + 1, &mut |part| {
                    let mut changed = items.clone();
                    changed[i] = part;
                    out(Value::Array(changed));
                });
            }
        }
        _ => {}
    }
}
