//! The settings: the same in code and in `event.toml`; and mistakes in the file.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Schemas, shown};
use event_codegen::{Config, Derive};

const SCHEMA: &str = r#"{ "type": "object", "required": ["n", "at", "id"], "properties": { "n": { "type": "number" },
    "at": { "type": "string", "format": "date-time" }, "id": { "type": "string", "format": "uuid" } } }"#;

fn schemas() -> Schemas {
    Schemas::new(&[("core/a.b/1.0.json", SCHEMA), ("core/c.d/1.0.json", SCHEMA)]).locked()
}

/// A setting in the form of the file, and in code.
type Knob = (&'static str, fn(Config) -> Config);

/// Every setting of the file.
const KNOBS: [Knob; 8] = [
    ("runtime = \"events\"", |c| c.runtime("events")),
    ("number = \"dec::Decimal\"", |c| c.number("dec::Decimal")),
    ("derives = [\"Eq\", \"Hash\", \"Default\"]", |c| {
        c.number("dec::Decimal").derives([Derive::Eq, Derive::Hash, Derive::Default])
    }),
    ("tolerant = [\"core/c.d\"]", |c| c.tolerant("core/c.d")),
    ("tolerant = [\"core\"]", |c| c.tolerant("core")),
    ("sources.core = \"app.file\"", |c| c.source("core", "app.file")),
    ("formats.uuid = \"uuid::Uuid\"", |c| c.format("uuid", "uuid::Uuid")),
    ("formats.date-time = \"my::Time\"", |c| c.format("date-time", "my::Time")),
];

#[test]
fn each_setting_in_the_file_equals_the_one_in_code() {
    let schemas = schemas();
    let plain = event_codegen::configure().schemas(schemas.root());
    let without = plain.run().1.unwrap();
    for (file, code) in KNOBS {
        let by_code = code(plain.clone()).run().1.unwrap();
        assert_ne!(by_code, without, "{file} turns nothing");
        // derives show in types without floats
        let number = if file.starts_with("derives") { "number = \"dec::Decimal\"\n" } else { "" };
        schemas.write("event.toml", &format!("{number}{file}\n"));
        assert_eq!(plain.run().1.unwrap(), by_code, "{file}");
        schemas.remove("event.toml");
    }
}

#[test]
fn all_settings_apply_together_and_code_takes_precedence() {
    let schemas = schemas();
    let plain = event_codegen::configure().schemas(schemas.root());
    let all = KNOBS.iter().filter(|(file, _)| *file != "tolerant = [\"core\"]");
    let by_code = all.clone().fold(plain.clone(), |c, (_, code)| code(c)).run().1.unwrap();
    let file: Vec<&str> = all.map(|(file, _)| *file).collect();
    schemas.write("event.toml", &file.join("\n"));
    assert_eq!(plain.run().1.unwrap(), by_code);

    let both = plain.runtime("mine").number("f32").source("core", "app.code");
    let rust =
        both.format("uuid", "my::Id").format("date-time", "mine::Time").run().1.unwrap().rust;
    for part in ["my::Id", "mine::Time", "f32", "app.code", "mine::", "Hash,"] {
        assert!(rust.contains(part), "{part} is not in\n{rust}");
    }
    for part in ["app.file", "uuid::", "dec::", "events::", "my::Time"] {
        assert!(!rust.contains(part), "{part} is in\n{rust}");
    }
}

#[test]
fn every_mistake_has_its_place() {
    let schemas = schemas();
    let wrong = |file: &str| {
        schemas.write("event.toml", file);
        let (diagnostics, generated) = event_codegen::configure().schemas(schemas.root()).run();
        assert!(generated.is_none(), "{file}");
        format!("{file}---\n{}\n", shown(&diagnostics))
    };
    let said = [
        "numbers = \"f32\"\ncolour = 1\nruntime = \"a b\"\n",
        "number = 1\nderives = [\"Eqs\", 2]\ntolerant = \"core\"\nsources = []\nformats.uuid = \"Vec<\"\n\
         [readers]\nnul = \"absent\"\nconstraints = \"enforce\"\n",
        "number = \nruntime = \"a\nruntime = 1\n",
        "tolerant = [\"core/a.c\", \"cores\"]\n[sources]\nelsewhere = \"app\"\nCore = \"app\"\n[formats]\nuid = \"u::U\"\nemail = \"e::E\"\n",
    ]
    .map(wrong);
    insta::assert_snapshot!(said.join("\n"));
}
