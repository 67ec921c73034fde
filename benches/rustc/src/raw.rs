//! The output of typify alone.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};
use typify::{TypeSpace, TypeSpaceSettings};

use crate::krate::Krate;

/// The text of one schema, if typify generates one.
pub fn text(schema: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(schema).ok()?;
    point_at_definitions(&mut document);
    let definitions = document["components"]["schemas"].take();
    let root = serde_json::from_value(json!({ "definitions": definitions })).ok()?;
    let lower = || {
        let mut space = TypeSpace::new(&TypeSpaceSettings::default());
        space.add_root_schema(root).ok()?;
        Some(prettyplease::unparse(&syn::parse2(space.to_stream()).ok()?))
    };
    catch_unwind(AssertUnwindSafe(lower)).ok().flatten()
}

fn point_at_definitions(json: &mut Value) {
    match json {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace("#/components/schemas/", "#/definitions/");
            }
            map.values_mut().for_each(point_at_definitions);
        }
        Value::Array(elements) => elements.iter_mut().for_each(point_at_definitions),
        _ => {}
    }
}

/// The names of the texts that rustc refuses. It may find some only when others are removed.
pub fn refused(texts: &BTreeMap<&str, String>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    loop {
        let kept: Vec<(&str, &String)> =
            texts.iter().filter(|(n, _)| !out.contains(**n)).map(|(n, t)| (*n, t)).collect();
        let modules: Vec<String> = kept.iter().map(|(_, t)| (*t).clone()).collect();
        let Err(said) = Krate::of("refused", &modules).check() else { return out };
        let before = out.len();
        for line in said.lines().filter(|l| l.contains(": error")) {
            // src/m17.rs:3:9: error[E0428]: ..
            let number = line.split_once("src/m").and_then(|(_, rest)| rest.split_once(".rs:"));
            let index = number.and_then(|(n, _)| n.parse::<usize>().ok());
            out.extend(index.and_then(|i| kept.get(i)).map(|(name, _)| (*name).to_owned()));
        }
        assert!(out.len() > before, "rustc refuses something else:\n{said}");
    }
}
