//! Laws of generated text, over random schemas: an added field or value never renames anything in use,
//! wherever it is added; and the same schemas give the same text, whatever the order of their definitions.
//! The vocabulary is small, so that names often collide.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::collections::BTreeMap;

use common::Schemas;
use serde_json::{Map, Value, json};

const WORDS: [&str; 10] =
    ["address", "user_id", "userId", "items", "item", "type", "r#type", "Address", "state", "2nd"];

/// xorshift64*, so that a seed identifies a test case.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % sides
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.roll(WORDS.len())]
    }
}

fn node(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 3 } else { 7 }) {
        0 => json!({ "type": "string" }),
        1 => json!({ "type": "integer" }),
        2 => json!({ "type": "string", "x-open": true, "enum": ["on", "ON", "off"] }),
        3 => json!({ "type": "array", "items": object(dice, depth - 1) }),
        _ => object(dice, depth - 1),
    }
}

fn object(dice: &mut Dice, depth: usize) -> Value {
    let properties: Map<String, Value> =
        (0..=dice.roll(4)).map(|_| (dice.word().to_owned(), node(dice, depth))).collect();
    json!({ "type": "object", "properties": properties })
}

/// Adds fields everywhere: before and between the existing ones, by their names.
fn grow(schema: &mut Value, dice: &mut Dice) {
    if let Some(items) = schema.get_mut("items") {
        grow(items, dice);
    }
    let Some(old) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    old.values_mut().for_each(|p| grow(p, dice));
    let mut new = Map::new();
    for _ in 0..dice.roll(3) {
        let word = dice.word();
        if !old.contains_key(word) {
            new.insert(word.to_owned(), node(dice, 1));
        }
    }
    new.append(old);
    *old = new;
}

/// The fields and variants of each type, by its name.
fn types(rust: &str) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open = None;
    for line in rust.split("mod __shapes").next().unwrap().lines().map(str::trim) {
        let head = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
        if let Some(name) = head.and_then(|h| h.strip_suffix(" {")) {
            open = Some(out.entry(name.to_owned()).or_default());
        } else if line == "}" {
            open = None;
        } else if let Some(members) = &mut open
            && !line.starts_with("///")
            && !line.starts_with('#')
        {
            members.push(line.to_owned());
        }
    }
    out
}

#[test]
fn additions_rename_nothing() {
    for seed in 1..40 {
        let mut dice = Dice(seed * 0x9e37_79b9);
        let old = object(&mut dice, 3);
        let mut new = old.clone();
        grow(&mut new, &mut dice);
        let (old, new) = (old.to_string(), new.to_string());
        let before = Schemas::new(&[("core/a.b/1.0.json", &old)]).locked().generated();
        let files = [("core/a.b/1.0.json", old.as_str()), ("core/a.b/1.1.json", new.as_str())];
        let after = types(&Schemas::new(&files).locked().generated().rust);
        let before = types(&before.rust);
        assert!(before.contains_key("AB"));
        for (name, members) in before {
            for member in members {
                let kept = after.get(&name).is_some_and(|m| m.contains(&member));
                assert!(kept, "seed {seed}: `{name}` lost `{member}`\n{old}\n{new}\n{after:#?}");
            }
        }
    }
}

#[test]
fn value_added_in_front_renames_no_variant() {
    let schema = |values: &str| {
        format!(
            r#"{{ "type": "object", "properties": {{ "state": {{ "type": "string", "x-open": true, "enum": [{values}] }} }} }}"#
        )
    };
    let (old, new) = (schema(r#""on", "off""#), schema(r#""ON", "on", "off", "On""#));
    let files = [("core/a.b/1.0.json", old.as_str()), ("core/a.b/1.1.json", new.as_str())];
    let rust = Schemas::new(&files).locked().generated().rust;
    let state = rust.split("pub enum State {").nth(1).unwrap().split('}').next().unwrap();
    let squeezed = state.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed.contains(r#"#[serde(rename = "ON")] On2,"#), "{squeezed}");
    assert!(squeezed.contains(r#"#[serde(rename = "On")] On3,"#), "{squeezed}");
}

#[test]
fn the_order_of_definitions_changes_nothing() {
    for seed in 1..40 {
        let mut dice = Dice(seed * 0x51_7cc1_b727);
        let names = ["Zone", "Order", "line.item", "Aux"];
        let mut definitions: Vec<(&str, Value)> =
            names.iter().map(|n| (*n, object(&mut dice, 2))).collect();
        for (_, definition) in &mut definitions {
            let target =
                json!({ "$ref": format!("#/definitions/{}", names[dice.roll(names.len())]) });
            definition["properties"]["link"] = target;
        }
        let text = |definitions: &[(&str, Value)]| {
            // written by hand, because a map of serde_json may sort
            let list: Vec<String> =
                definitions.iter().map(|(n, v)| format!("{n:?}: {v}")).collect();
            format!(
                "{{ \"type\": \"object\", \"properties\": {{ \"first\": {{ \"$ref\": \"#/definitions/Zone\" }}, \
                 \"last\": {{ \"$ref\": \"#/definitions/Aux\" }} }}, \"definitions\": {{ {} }} }}",
                list.join(", ")
            )
        };
        let forward = Schemas::new(&[("core/a.b/1.0.json", &text(&definitions))]).locked();
        let first = forward.generated();
        assert_eq!(first, forward.generated(), "seed {seed}: two runs");
        definitions.reverse();
        let backward = Schemas::new(&[("core/a.b/1.0.json", &text(&definitions))]).locked();
        assert_eq!(first.rust, backward.generated().rust, "seed {seed}");
    }
}
