//! Types of a file that several events refer to: one module with the same types for all, without
//! warnings of rustc.

use std::fs;
use std::path::{Path, PathBuf};

use event_folder::lock::Lock;

use super::krate::{NO_WARNINGS, run, scratch};

const COMMON: &str = r##"{ "definitions": {
  "User": { "type": "object", "required": ["login", "kind"], "properties": {
    "login": { "type": "string" }, "kind": { "type": "string", "enum": ["bot", "person"] },
    "level": { "enum": [1, 2] }, "plan": { "$ref": "plan.json" },
    "address": { "type": "object", "properties": { "city": { "type": "string" } } } } },
  "Tree": { "type": "object", "required": ["leaf"], "properties": { "leaf": { "type": "string" },
    "next": { "$ref": "#/definitions/Tree" }, "owner": { "$ref": "#/definitions/User" },
    "either": { "oneOf": [{ "$ref": "#/definitions/User" }, { "type": "array", "items": { "$ref": "#/definitions/Tree" } }] } } },
  "Result": { "type": "object", "properties": { "ok": { "type": "boolean" } } },
  "unused": { "type": "object", "properties": { "never": { "type": "string" } } }
} }"##;

const PLAN: &str = r#"{ "type": "object", "properties": { "name": { "type": "string" },
  "price": { "type": "number" }, "owner": { "$ref": "common.json#/definitions/User" } } }"#;

fn lay_out(name: &str, files: &[(&str, String)]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora/shared").join(name);
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join("schemas").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (folder, problems) = event_folder::load::Folder::read(&root.join("schemas"), "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas/schemas.lock"), Lock::of(&folder).to_text()).unwrap();
    root
}

fn event(properties: &str) -> String {
    format!(
        r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {{ {properties} }} }}"#
    )
}

#[test]
fn shared_types_are_one_type_for_all_events() {
    let user = r#""user": { "$ref": "../../common.json#/definitions/User" }"#;
    let tree = r#""tree": { "$ref": "../../common.json#/definitions/Tree" }"#;
    let result = r#""result": { "$ref": "../../common.json#/definitions/Result" }"#;
    // an event with a `User` of its own names the shared one after its file
    let own = r#""mine": { "type": "object", "properties": { "user": { "type": "object", "properties": { "a": { "type": "string" } } } } }"#;
    let root = lay_out(
        "one",
        &[
            ("common.json", COMMON.to_owned()),
            ("plan.json", PLAN.to_owned()),
            ("core/a.made/1.0.json", event(&format!("{user}, {tree}"))),
            ("core/b.made/1.0.json", event(&format!("{user}, {result}"))),
            ("core/b.made/2.0.json", event(user)),
            ("core/c.made/1.0.json", event(&format!("{own}, {user}"))),
        ],
    );
    let config =
        event_codegen::configure().schemas(root.join("schemas")).source("core", "app.core");
    let config = config.derives([event_codegen::Derive::Default]);
    let (diagnostics, generated) = config.run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let rust = &generated.rust;
    for (text, times) in [
        ("pub struct User {", 2),
        ("pub struct Tree {", 1),
        ("pub struct Plan {", 1),
        ("pub struct UserAddress {", 1),
        ("pub struct ResultType {", 1),
        ("never", 0),
    ] {
        assert_eq!(rust.matches(text).count(), times, "{text} in\n{rust}");
    }
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!(
        "{NO_WARNINGS}use events::{{a_made, b_made, c_made, shared}};\n\
         fn shape<T: event_runtime::__private::v0_1::event_shape::EventData>() {{}}\n\
         fn main() {{\n    \
         let text = r#\"{{\"user\":{{\"login\":\"ada\",\"kind\":\"bot\",\"level\":2,\"plan\":{{\"price\":1.5}},\"address\":{{\"city\":\"Ulm\"}}}},\
         \"tree\":{{\"leaf\":\"x\",\"next\":{{\"leaf\":\"y\"}},\"either\":[]}}}}\"#;\n    \
         let a: a_made::v1::AMade = event_runtime::__private::v0_1::serde_json::from_str(text).unwrap();\n    \
         let user: a_made::v1::User = a.user.clone().unwrap();\n    \
         let same: shared::common::User = user.clone();\n    \
         let b = b_made::v1::BMade {{ user: Some(user.clone()), result: None }};\n    \
         let b2 = b_made::v2::BMade {{ user: Some(same.clone()) }};\n    \
         let c = c_made::v1::CMade {{ user: Some(same), ..Default::default() }};\n    \
         shape::<a_made::v1::AMade>(); shape::<shared::plan::Plan>(); shape::<c_made::v1::CMade>();\n    \
         assert_eq!(event_runtime::__private::v0_1::serde_json::to_string(&a).unwrap(), text);\n    \
         println!(\"ok\");\n}}\n"
    );
    let out =
        run(scratch(&root, "scratch-shared", &main).args(["run", "--offline", "-q"]), "compiling");
    assert_eq!(out.trim(), "ok");
}

#[test]
fn shared_names_stay_stable_when_event_uses_more_of_file() {
    let common = r#"{ "definitions": {
        "A": { "type": "object", "properties": { "address": { "type": "object", "properties": { "a": { "type": "string" } } } } },
        "B": { "type": "object", "properties": { "address": { "type": "object", "properties": { "b": { "type": "string" } } } } } } }"#;
    let reference =
        |name: &str| format!(r#""{name}": {{ "$ref": "../../common.json#/definitions/{name}" }}"#);
    let shared = |events: &[String]| {
        let mut files = vec![("common.json", common.to_owned())];
        let names = ["core/x.made/1.0.json", "core/y.made/1.0.json"];
        files.extend(names.into_iter().zip(events.iter().cloned()));
        let root = lay_out("names", &files);
        let config = event_codegen::configure().schemas(root.join("schemas"));
        let rust = config.run().1.unwrap().rust;
        let module = rust.split("pub mod shared {").nth(1).unwrap();
        let module = module.split("pub mod registries").next().unwrap();
        let types = module.lines().filter_map(|l| l.trim().strip_prefix("pub struct "));
        types.map(|l| l.trim_end_matches(" {").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shared(&[event(&reference("B"))]), ["B", "BAddress"]);
    let both = [event(&reference("B")), event(&format!("{}, {}", reference("A"), reference("B")))];
    assert_eq!(shared(&both), ["A", "AAddress", "B", "BAddress"]);
}
