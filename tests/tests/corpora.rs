//! Real schemas and events, from the folder that `EVENT_CORPORA` names: types for all of them, compiled
//! by rustc, and real events decoded by these types. The code generator's own shapes are compiled always. The `jsonschema` crate says which events a schema
//! allows; what it allows must decode.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that says what it did"
)]
#![allow(
    clippy::format_collect,
    clippy::unnecessary_debug_formatting,
    reason = "short, and only a test"
)]

#[path = "corpora/strict.rs"]
mod strict;
#[path = "corpora/tolerant.rs"]
mod tolerant;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use event_codegen::Config;
use event_codegen::lock::Lock;
use event_schema::diagnostic::{Diagnostic, Severity};
use serde_json::Value;

/// The corpora, or a word that they aren't here.
fn corpora() -> Option<PathBuf> {
    let dir = std::env::var_os("EVENT_CORPORA").map(PathBuf::from);
    if dir.is_none() {
        println!("skipped: EVENT_CORPORA is not set (`just corpora DIR`)");
    }
    dir
}

/// One schema of a corpus: its name, and its text.
fn schemas(dir: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json")
            && path.file_name().unwrap() != "examples.json"
        {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            out.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    out
}

/// Puts schemas where the toolkit looks for them, one event each, and locks them. Tests run side by side:
/// each has a folder of its own, named for it.
fn lay_out(test: &str, corpus: &str, schemas: &BTreeMap<String, String>) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora").join(test).join(corpus);
    let _ = fs::remove_dir_all(&root);
    for (name, text) in schemas {
        let dir = root.join("schemas").join(corpus).join(name);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("1.0.json"), text).unwrap();
    }
    let (folder, problems) = event_codegen::load::Folder::read(&root.join("schemas"), "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas/schemas.lock"), Lock::of(&folder).to_text()).unwrap();
    root
}

/// Generates a corpus. Schemas that no type can be made of are listed, each with its diagnostic, and
/// left out; the rest is returned as a folder that generates without an error.
fn generate(
    test: &str,
    corpus: &str,
    dir: &Path,
) -> (PathBuf, event_codegen::Generated, Vec<String>) {
    generate_with(test, corpus, dir, |config| config)
}

fn generate_with(
    test: &str,
    corpus: &str,
    dir: &Path,
    knobs: impl Fn(Config) -> Config,
) -> (PathBuf, event_codegen::Generated, Vec<String>) {
    let mut schemas = schemas(dir);
    let all = schemas.len();
    let mut listed: Vec<String> = Vec::new();
    loop {
        let root = lay_out(test, corpus, &schemas);
        let config = event_codegen::configure().schemas(root.join("schemas"));
        let config = knobs(config.source(corpus, "test"));
        let (diagnostics, generated) = config.run();
        if let Some(generated) = generated {
            println!("{corpus}: {} of {all} schemas generate", schemas.len());
            for line in &listed {
                println!("  {line}");
            }
            return (root, generated, listed);
        }
        let errors: Vec<&Diagnostic> =
            diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(!errors.is_empty(), "{corpus}: no code and no error");
        for d in errors {
            let at = d.file.split('/').nth_back(1).unwrap_or_default().to_owned();
            assert!(!d.message.contains("panicked"), "{}", d.headline());
            listed.push(d.headline());
            schemas.remove(&at);
        }
        assert!(listed.len() <= 10 * all, "{corpus}: the same errors come again: {listed:#?}");
    }
}

/// A crate around generated code; `main` is its program.
fn scratch(root: &Path, name: &str, main: &str) -> Command {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let runtime = workspace.join("event-runtime");
    fs::create_dir_all(root.join("src")).unwrap();
    fs::write(
        root.join("Cargo.toml"),
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nevent-runtime = {{ path = {runtime:?} }}\nserde_json = \"1\"\n\n[workspace]\n"
        ),
    )
    .unwrap();
    // a build script, so that there is an OUT_DIR for the derive to read the baselines from
    fs::write(
        root.join("build.rs"),
        "fn main() {\n    let from = std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"event-contracts\");\n    \
         let out = std::path::PathBuf::from(std::env::var_os(\"OUT_DIR\").unwrap()).join(\"event-contracts\");\n    \
         std::fs::create_dir_all(out.join(\"baseline\")).unwrap();\n    \
         std::fs::copy(from.join(\"events.rs\"), out.join(\"events.rs\")).unwrap();\n    \
         for e in std::fs::read_dir(from.join(\"baseline\")).unwrap() {\n        let e = e.unwrap();\n        \
         std::fs::copy(e.path(), out.join(\"baseline\").join(e.file_name())).unwrap();\n    }\n    \
         println!(\"cargo::rerun-if-changed=event-contracts\");\n}\n",
    )
    .unwrap();
    fs::write(root.join("src/main.rs"), main).unwrap();
    fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora-target"))
        .env_remove("RUSTFLAGS")
        .env_remove("OUT_DIR");
    cargo
}

const NO_WARNINGS: &str = "#![deny(warnings)]\n#![allow(dead_code, unused)]\nmod events { event_runtime::include_events!(); }\n";

fn run(cargo: &mut Command, what: &str) -> String {
    let out = cargo.output().unwrap();
    assert!(
        out.status.success(),
        "{what} failed:\n{}\n{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap()
}

/// Why a schema of the corpora has no type: its references lead to files that are not there.
const WITHOUT_TYPES: &[&str] = &[
    "ecommerce_delivery",
    "ecommerce_orders",
    "ecommerce_products",
    "ecommerce_users",
    "ecommerce_warehouse",
];

#[test]
fn every_schema_generates_and_compiles() {
    let Some(corpora) = corpora() else { return };
    let mut modules = String::new();
    let mut root = PathBuf::new();
    for corpus in ["aws-events", "aws-events-draft4", "custom", "orcabus"] {
        let (at, generated, listed) = generate("every-schema", corpus, &corpora.join(corpus));
        for line in &listed {
            assert!(line.starts_with("[unresolved-reference] "), "{line}");
            assert!(WITHOUT_TYPES.iter().any(|w| line.contains(w)), "{line}");
        }
        generated.write(&at.join("event-contracts")).unwrap();
        let file = at.join("event-contracts/events.rs");
        writeln!(modules, "mod {} {{ include!({file:?}); }}", corpus.replace('-', "_")).unwrap();
        root = at;
    }
    let main = format!("#![deny(warnings)]\n#![allow(dead_code)]\n{modules}fn main() {{}}\n");
    run(scratch(&root, "scratch-all", &main).args(["check", "--offline"]), "all corpora");
}

/// What the code generator makes of its odd schemas compiles; which of them have no types, and why, its own
/// test shows.
#[test]
fn odd_schemas_compile() {
    let odd = Path::new(env!("CARGO_MANIFEST_DIR")).join("../event-codegen/tests/odd");
    let (root, generated, listed) = generate("odd-schemas", "odd", &odd);
    assert!(generated.baselines.len() > 30, "too few become types: {listed:#?}");
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!("{NO_WARNINGS}fn main() {{}}\n");
    run(scratch(&root, "scratch-odd", &main).args(["check", "--offline"]), "odd schemas");
}

/// The derive, which generated code does without, finds nothing wrong with it; and the shapes that the
/// code generator writes are those that the derive would. The schemas that the generator's snapshots show
/// need no corpora.
#[test]
fn the_derive_agrees() {
    let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../event-codegen/tests/shapes");
    let mut schemas = schemas(&shapes);
    assert!(schemas.len() >= 12, "the shapes are gone");
    if let Some(corpora) = corpora() {
        schemas.extend(self::schemas(&corpora.join("orcabus")));
        schemas.extend(self::schemas(&corpora.join("custom")));
        schemas.retain(|name, _| !WITHOUT_TYPES.contains(&name.as_str()));
    }
    let root = lay_out("derive-agrees", "derive", &schemas);
    let config =
        event_codegen::configure().schemas(root.join("schemas")).source("derive", "app.test");
    let (_, plain) = config.run();
    let (_, derived) = config.derive(true).run();
    let (plain, derived) = (plain.unwrap(), derived.unwrap());
    derived.write(&root.join("event-contracts")).unwrap();
    let plain_file = root.join("plain.rs");
    fs::write(&plain_file, &plain.rust).unwrap();
    let mut pairs = String::new();
    for path in types(&plain.rust) {
        writeln!(pairs, "    same::<plain::{path}, events::{path}>({path:?});").unwrap();
    }
    assert!(pairs.lines().count() > 40);
    let main = format!(
        "{NO_WARNINGS}mod plain {{ include!({plain_file:?}); }}\n{SAME}\nfn main() {{\n{pairs}}}\n"
    );
    run(scratch(&root, "scratch-derive", &main).args(["run", "--offline", "-q"]), "the derive");
}

/// Compares two shapes edge by edge; the ids of types, which are places in the source, aside.
const SAME: &str = r#"
use event_runtime::__private::event_shape::{Body, EventShape, Field, Ref, Shape};
fn same<A: EventShape, B: EventShape>(name: &str) {
    assert_eq!(text(A::SHAPE, &mut Vec::new()), text(B::SHAPE, &mut Vec::new()), "{name}");
}
fn text(r: Ref, above: &mut Vec<*const Shape>) -> String {
    let shape: &'static Shape = r.get();
    if let Some(back) = above.iter().position(|s| std::ptr::eq(*s, shape)) {
        return format!("^{back}");
    }
    above.push(shape);
    let fields = |fields: &[Field], above: &mut Vec<*const Shape>| -> String {
        fields.iter().map(|f| format!("{:?} {} {};", f.name, f.flags, text(f.shape, above))).collect()
    };
    let out = match shape {
        Shape::Nullable(r) => format!("null {}", text(*r, above)),
        Shape::Array(r) => format!("array {}", text(*r, above)),
        Shape::Map(r) => format!("map {}", text(*r, above)),
        Shape::Newtype(r) => format!("new {}", text(*r, above)),
        Shape::Tuple(all) => all.iter().map(|r| format!("({})", text(*r, above))).collect(),
        Shape::Object(o) => format!("{} {} {{{}}}", o.ty.name, o.closed, fields(o.fields, above)),
        Shape::Enum(e) => {
            let variants: String = e.variants.iter().map(|v| match v.body {
                Body::Unit => format!("{:?};", v.name),
                Body::One(r) => format!("{:?} {};", v.name, text(r, above)),
                Body::Fields(f) => format!("{:?} {};", v.name, fields(f, above)),
            }).collect();
            format!("{} {:?} {} {} {} [{variants}]", e.ty.name, e.tag, e.closed, e.open, e.writes_unknown)
        }
        leaf => format!("{leaf:?}"),
    };
    above.pop();
    out
}
"#;

/// The paths of all types in generated text.
fn types(rust: &str) -> Vec<String> {
    let mut modules: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for line in rust.lines() {
        let (depth, line) = ((line.len() - line.trim_start().len()) / 4, line.trim_start());
        let name = |rest: &str| -> String {
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '#').collect()
        };
        if let Some(rest) = line.strip_prefix("pub mod ") {
            modules.truncate(depth);
            modules.push(name(rest));
        } else if let Some(rest) =
            line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))
        {
            out.push(format!("{}::{}", modules[..depth].join("::"), name(rest)));
        }
    }
    out
}

#[test]
fn aws_samples_decode() {
    let Some(corpora) = corpora() else { return };
    let (root, generated, _) = generate("samples", "aws-events", &corpora.join("aws-events"));
    let samples = aws_samples(&corpora, &generated);
    let decoded = decode(&root, "scratch-aws-samples", &generated, &samples);
    println!("{decoded} of {} samples decode", samples.len());
    // what the schemas refuse here is a string field that holds a number and two required ones missing
    assert!(decoded < samples.len(), "the strict types have become lenient");
}

/// AWS's own sample events, with the types of `generated`.
fn aws_samples(corpora: &Path, generated: &event_codegen::Generated) -> Vec<Sample> {
    let text = fs::read_to_string(corpora.join("aws-samples/samples.jsonl")).unwrap();
    let schema = |name: &str| {
        fs::read_to_string(corpora.join("aws-events-draft4").join(format!("{name}.json"))).unwrap()
    };
    let sample = |line: &str| {
        let sample: Value = serde_json::from_str(line).unwrap();
        let name = sample["schema"].as_str().unwrap();
        Sample {
            name: name.to_owned(),
            path: type_path(&generated.rust, name),
            schema: serde_json::from_str(&schema(name)).unwrap(),
            event: sample["event"].clone(),
        }
    };
    let samples: Vec<Sample> = text.lines().map(sample).collect();
    assert!(!samples.is_empty());
    samples
}

#[test]
fn orcabus_examples_decode() {
    let Some(corpora) = corpora() else { return };
    let dir = corpora.join("orcabus");
    let (root, generated, listed) = generate("examples", "orcabus", &dir);
    assert_eq!(listed, Vec::<String>::new());
    let list: Value =
        serde_json::from_str(&fs::read_to_string(dir.join("examples.json")).unwrap()).unwrap();
    let samples: Vec<Sample> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            let read = |path: PathBuf| -> Value {
                serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
            };
            let file = e["schema"].as_str().unwrap();
            let name = file.strip_suffix(".json").unwrap();
            Sample {
                name: name.to_owned(),
                path: type_path(&generated.rust, name),
                schema: read(dir.join(file)),
                event: read(dir.join("examples").join(e["example"].as_str().unwrap())),
            }
        })
        .collect();
    assert_eq!(decode(&root, "scratch-orcabus", &generated, &samples), samples.len());
}

/// What an undeclared field holds, its schema says beside the declared ones: the types read exactly what
/// the judge allows, and write all of it back. Needs no corpora.
#[test]
fn undeclared_fields_decode_as_their_schema_says() {
    let schema = |properties: &str, additional: &str| {
        format!(
            r#"{{ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["id"],
            "properties": {{ "id": {{ "type": "string" }} {properties} }},
            "additionalProperties": {additional} }}"#
        )
    };
    let place =
        r#"{ "type": "object", "required": ["x"], "properties": { "x": { "type": "number" } } }"#;
    let schemas = BTreeMap::from([
        ("count".to_owned(), schema(r#", "n": { "type": "integer" }"#, r#"{ "type": "integer" }"#)),
        ("ratio".to_owned(), schema("", r#"{ "type": ["number", "null"] }"#)),
        ("place".to_owned(), schema(r#", "extra": { "type": "boolean" }"#, place)),
        (
            "either".to_owned(),
            schema("", r#"{ "oneOf": [{ "type": "integer" }, { "type": "string" }] }"#),
        ),
        ("at".to_owned(), schema("", r#"{ "type": "string", "format": "date-time" }"#)),
    ]);
    let values = [
        "1",
        "-1",
        "1.5",
        "18446744073709551615",
        "null",
        "true",
        "\"a\"",
        "[]",
        "{}",
        r#"{ "x": 1 }"#,
        r#"{ "x": "1" }"#,
        "\"2026-11-24T14:00:00Z\"",
    ];
    let root = lay_out("undeclared", "extras", &schemas);
    let config = event_codegen::configure().schemas(root.join("schemas"));
    let (diagnostics, generated) = config.source("extras", "app.test").run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let mut samples = Vec::new();
    for (name, schema) in &schemas {
        for value in values {
            let detail = format!(r#"{{ "id": "a", "more": {value}, "12": {value} }}"#);
            let detail: Value = serde_json::from_str(&detail).unwrap();
            samples.push(Sample {
                name: format!("{name} {value}"),
                path: type_path(&generated.rust, name),
                schema: serde_json::from_str(schema).unwrap(),
                event: serde_json::json!({
                    "version": "0", "id": "1", "source": "app.test", "account": "123456789012",
                    "detail-type": format!("{name}:v1"), "time": "2026-11-24T14:00:00Z",
                    "region": "eu-central-1", "resources": [], "detail": detail,
                }),
            });
        }
    }
    // 64 bits are the accepted limit of integers that the schema doesn't bound
    samples.retain(|s| !s.name.ends_with("18446744073709551615") || s.name.starts_with("ratio"));
    let allowed = samples.iter().filter(|s| judge(&s.schema, &s.event)).count();
    assert!(allowed > 8 && allowed < samples.len() / 2, "{allowed}");
    assert_eq!(decode(&root, "scratch-undeclared", &generated, &samples), allowed);
}

/// A real event, and the type and the schema that it belongs to.
struct Sample {
    name: String,
    path: String,
    schema: Value,
    event: Value,
}

/// Decodes the samples by their types. What a sample's schema allows, as the `jsonschema` crate judges,
/// must decode, what it refuses without the keywords that types don't hold must not, and what is written
/// back must be what came. Returns how many decode.
fn decode(
    root: &Path,
    krate: &str,
    generated: &event_codegen::Generated,
    samples: &[Sample],
) -> usize {
    let mut arms = String::new();
    for (i, sample) in samples.iter().enumerate() {
        let path = &sample.path;
        writeln!(arms, "        {i} => serde_json::from_str::<event_runtime::AwsEvent<{path}>>(line).map(|e| serde_json::to_string(&e.detail).unwrap()),").unwrap();
    }
    let events: String = samples.iter().map(|s| format!("{}\n", s.event)).collect();
    fs::write(root.join("events.jsonl"), events).unwrap();
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!(
        "{NO_WARNINGS}fn main() {{\n    let lines = include_str!(\"../events.jsonl\").lines();\n    for (i, line) in lines.enumerate() {{\n        let decoded = match i {{\n{arms}            _ => unreachable!(),\n        }};\n        match decoded {{ Ok(json) => println!(\"ok {{json}}\"), Err(e) => println!(\"no {{e}}\") }}\n    }}\n}}\n"
    );
    let out = run(scratch(root, krate, &main).args(["run", "--offline", "-q"]), "decoding");
    assert_eq!(out.lines().count(), samples.len());

    let mut decoded = 0;
    for (line, sample) in out.lines().zip(samples) {
        let (state, text) = line.split_at(2);
        let allowed = judge(&sample.schema, &sample.event);
        let why = if state == "ok" { "" } else { text };
        println!("{}: decodes: {state}, allowed by its schema: {allowed}{why}", sample.name);
        decoded += usize::from(state == "ok");
        // what the schema allows must decode, and beyond it what only a validator refuses
        assert!(state == "ok" || !allowed, "{}: {text}", sample.name);
        assert_eq!(state == "ok", strict::allows(&sample.schema, &sample.event), "{}", sample.name);
        if state == "ok" {
            let back: Value = serde_json::from_str(text).unwrap();
            assert!(
                subset(&back, &sample.event["detail"]),
                "{}: {back} is not what came",
                sample.name
            );
        }
    }
    decoded
}

/// `events::module::v1::Type` of the event in the generated text: the first type of the module whose
/// doc comment names the event.
fn type_path(rust: &str, event: &str) -> String {
    let at = rust
        .find(&format!("/// `{event}` of the registry"))
        .unwrap_or_else(|| panic!("{event} is not generated"));
    let path = types(&rust[at..]).into_iter().next().unwrap();
    format!("events::{path}")
}

/// Whether the schema allows the event, as the `jsonschema` crate sees it. A schema that describes the
/// payload is held against the payload.
fn judge(schema: &Value, event: &Value) -> bool {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let whole = schema["properties"].get("detail").is_some();
    validator.is_valid(if whole { event } else { &event["detail"] })
}

/// Whether all of `part` is in `whole`, dates and numbers by value.
fn subset(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(k, v)| b.get(k).is_some_and(|w| subset(v, w)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(v, w)| subset(v, w))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => {
            let time = |s: &str| s.parse::<event_runtime::Timestamp>().ok();
            a == b || time(a).is_some_and(|t| Some(t) == time(b))
        }
        (a, b) => a == b,
    }
}
