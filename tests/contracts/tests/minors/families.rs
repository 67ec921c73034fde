//! Families of minors: those of this workspace, and random ones.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Family;
use crate::dice::Dice;

/// The majors of the schema folders, and the pairs of the corpus.
pub(crate) fn own() -> Vec<Family> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut out = Vec::new();
    for folder in ["schemas", "../schemas"] {
        for registry in folders(&tests.join(folder)) {
            for event in folders(&registry) {
                let mut names: Vec<(u32, u32)> = fs::read_dir(&event)
                    .unwrap()
                    .filter_map(|f| version(&f.unwrap().path()))
                    .collect();
                names.sort_unstable();
                for minors in names.chunk_by(|a, b| a.0 == b.0) {
                    let text = |(major, minor): &(u32, u32)| {
                        fs::read_to_string(event.join(format!("{major}.{minor}.json"))).unwrap()
                    };
                    let texts: Vec<String> = minors.iter().map(text).collect();
                    let origin = format!("{} {}", event.display(), minors[0].0);
                    out.extend(Family::read(&origin, &texts));
                }
            }
        }
    }
    for rule in folders(&tests.join("../event-schema/tests/rules")) {
        for file in fs::read_dir(&rule).unwrap().map(|f| f.unwrap().path()) {
            let pair: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            if pair.get("old").is_none() {
                continue;
            }
            let texts = ["old", "new"].map(|side| titled(pair[side].clone()).to_string());
            out.extend(Family::read(&file.display().to_string(), &texts));
        }
    }
    out
}

fn folders(of: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|e| e.unwrap().path());
    let mut out: Vec<_> = entries.filter(|p| p.is_dir()).collect();
    out.sort();
    out
}

/// `2.1.json` → (2, 1)
fn version(file: &Path) -> Option<(u32, u32)> {
    let (major, minor) = file.file_stem()?.to_str()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Adds a name to an event.
fn titled(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.entry("title").or_insert_with(|| "Thing".into());
    }
    schema
}

/// Random families of two to four minors. Most edits are meant to be additive, some are not: the
/// change rules decide.
pub(crate) fn random() -> Vec<Family> {
    let wanted = std::env::var("EVENT_MINOR_FAMILIES").ok().and_then(|n| n.parse().ok());
    let wanted: usize = wanted.unwrap_or(60);
    let mut out = Vec::new();
    for seed in 0..wanted as u64 {
        let mut dice = Dice::new(seed << 20);
        let origin = format!("random family {seed}");
        let mut texts = vec![titled(object(&mut dice, 3)).to_string()];
        for _ in 0..12 {
            let mut next: Value = serde_json::from_str(texts.last().unwrap()).unwrap();
            edit(&mut next, &mut dice);
            texts.push(next.to_string());
            let accepted = Family::read(&origin, &texts).is_some_and(|f| f.is_accepted());
            if !accepted || texts[texts.len() - 2] == texts[texts.len() - 1] {
                texts.pop();
            }
            if texts.len() == 4 {
                break;
            }
        }
        out.extend(Family::read(&origin, &texts).filter(|f| f.minors.len() > 1));
    }
    out
}

const NAMES: [&str; 8] = ["id", "total", "state", "lines", "type", "createdAt", "ref", "note"];

fn object(dice: &mut Dice, depth: usize) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in NAMES {
        if dice.one_in(2) {
            properties.insert(name.to_owned(), schema(dice, depth - 1));
            if dice.one_in(2) {
                required.push(name);
            }
        }
    }
    properties.entry("key").or_insert_with(|| json!({ "type": "string" }));
    let mut out = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        out["required"] = json!(required);
    }
    if dice.one_in(8) {
        out["additionalProperties"] = false.into();
    }
    out
}

fn schema(dice: &mut Dice, depth: usize) -> Value {
    if depth > 0 && dice.one_in(3) {
        return match dice.below(4) {
            0 => json!({ "type": "array", "items": schema(dice, depth - 1) }),
            1 => json!({ "type": "object", "additionalProperties": schema(dice, depth - 1) }),
            _ => object(dice, depth),
        };
    }
    dice.pick(&[
        json!({ "type": "string" }),
        json!({ "type": "string", "minLength": 1, "maxLength": 8 }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "format": "date" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "string", "enum": ["draft", "published"] }),
        json!({ "type": "string", "enum": ["draft", "published"], "x-open": true }),
        json!({ "type": "integer" }),
        json!({ "type": "integer", "minimum": 0, "maximum": 100 }),
        json!({ "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 }),
        json!({ "type": "number" }),
        json!({ "type": "boolean" }),
        json!({ "type": ["string", "null"] }),
        json!({ "type": ["integer", "null"] }),
        json!({ "type": "string", "description": "free text" }),
        json!({}),
    ])
    .clone()
}

/// One edit, somewhere in the schema.
fn edit(schema: &mut Value, dice: &mut Dice) {
    let below = schema["properties"].as_object().map_or(0, Map::len);
    if below > 0 && dice.one_in(2) {
        let at = dice.below(below);
        let properties = schema["properties"].as_object_mut().unwrap();
        edit(properties.values_mut().nth(at).unwrap(), dice);
        return;
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            edit(&mut schema[inner], dice);
            return;
        }
    }
    let Some(members) = schema.as_object_mut() else { return };
    match dice.below(10) {
        0..=5 if below > 0 => {
            let name = *dice.pick(&["extra", "comment", "since", "parts", "kind"]);
            let properties = members["properties"].as_object_mut().unwrap();
            properties.entry(name).or_insert_with(|| self::schema(dice, 2));
        }
        6 => _ = members.insert("description".into(), "said anew".into()),
        7 => _ = members.remove("required"),
        8 => {
            let bound = *dice.pick(&["minimum", "maximum", "minLength", "maxLength", "format"]);
            members.remove(bound);
        }
        _ => {
            if let Some(values) = members.get_mut("enum").and_then(Value::as_array_mut) {
                values.push("archived".into());
            }
        }
    }
}
