//! Types that `event.toml` sets for formats and numbers: those that write what the schemas allow
//! compile with a feature of `event-runtime`; others are an error of the generated code with a fix.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use event_folder::lock::Lock;

use super::krate::{NO_WARNINGS, scratch};

const SCHEMA: &str = r#"{ "type": "object", "required": ["id", "at", "price"], "properties": {
    "id": { "type": "string", "format": "uuid" }, "at": { "type": "string", "format": "date-time" },
    "price": { "type": "number" }, "more": { "type": "array", "items": { "type": "string", "format": "date-time" } } } }"#;

/// Builds a crate around the schema with these lines of `event.toml` and these dependencies.
fn build(name: &str, knobs: &str, features: &str, dependencies: &str, main: &str) -> Output {
    let root: PathBuf =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora/configured").join(name);
    let _ = fs::remove_dir_all(&root);
    let dir = root.join("schemas/core/a.b");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("1.0.json"), SCHEMA).unwrap();
    fs::write(root.join("schemas/event.toml"), knobs).unwrap();
    let (folder, problems) = event_folder::load::Folder::read(&root.join("schemas"), "schemas");
    assert_eq!(problems, []);
    fs::write(root.join("schemas/schemas.lock"), Lock::of(&folder).to_text()).unwrap();
    let config =
        event_codegen::configure().schemas(root.join("schemas")).source("core", "app.core");
    let (diagnostics, generated) = config.run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!("{NO_WARNINGS}fn main() {{ {main} }}\n");
    let mut cargo = scratch(&root, &format!("scratch-{name}"), &main);
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest = manifest.replacen(
        "event-runtime\" }",
        &format!("event-runtime\", features = [{features}] }}\n{dependencies}"),
        1,
    );
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    cargo.args(["run", "--offline", "-q"]).output().unwrap()
}

fn text(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

const EVENT: &str = r##"r#"{"id":"67e55044-10b1-426f-9247-bb680e5fe0c8","at":"2026-11-24T14:00:00Z","price":1.5}"#"##;

fn round_trip() -> String {
    format!(
        "let text = {EVENT}; let event: events::a_b::v1::AB = serde_json::from_str(text).unwrap(); \
         assert_eq!(serde_json::to_string(&event).unwrap(), text); println!(\"ok\");"
    )
}

#[test]
fn types_of_other_crates_compile_with_runtime_feature() {
    let out = build(
        "decimal",
        "number = \"rust_decimal::Decimal\"\nformats.uuid = \"uuid::Uuid\"\nformats.date-time = \"event_runtime::time::Rfc3339\"\n",
        "\"rust_decimal-float\", \"uuid\", \"time\"",
        "rust_decimal = { version = \"1\", default-features = false }\nuuid = { version = \"1\", default-features = false }",
        &round_trip(),
    );
    assert!(text(&out).trim() == "ok", "{}", text(&out));
    let out = build(
        "chrono",
        "formats.date-time = \"chrono::DateTime<chrono::Utc>\"\n",
        "\"chrono\"",
        "chrono = { version = \"0.4\", default-features = false }",
        &round_trip(),
    );
    assert!(text(&out).trim() == "ok", "{}", text(&out));
}

#[test]
fn type_that_writes_something_else_does_not_compile() {
    let out = build(
        "text",
        "number = \"rust_decimal::Decimal\"\n",
        "\"rust_decimal\"",
        "rust_decimal = { version = \"1\", default-features = false }",
        "",
    );
    let said = text(&out);
    assert!(!out.status.success(), "{said}");
    for part in [
        "`rust_decimal::Decimal` is configured for numbers, but does not write a JSON number",
        "features = [\"rust_decimal-float\"]",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let out = build("wrong", "formats.uuid = \"String\"\n", "", "", "");
    let said = text(&out);
    assert!(
        !out.status.success()
            && said.contains("strings of the format `uuid`, but writes something else"),
        "{said}"
    );
}

#[test]
fn type_without_shape_reports_line_of_settings() {
    let out = build(
        "shapeless",
        "formats.uuid = \"uuid::Uuid\"\n",
        "",
        "uuid = { version = \"1\", default-features = false, features = [\"serde\"] }",
        "",
    );
    let said = text(&out);
    assert!(!out.status.success(), "{said}");
    assert!(
        said.contains("event-runtime = { version = \"0.1\", features = [\"uuid\"] }"),
        "{said}"
    );
}

#[test]
fn package_without_build_script_reports_it() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpora/configured/no-script");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    let mut cargo = scratch(&root, "scratch-no-script", &format!("{NO_WARNINGS}fn main() {{}}\n"));
    fs::remove_file(root.join("build.rs")).unwrap();
    let out = cargo.args(["check", "--offline", "-q"]).output().unwrap();
    let said = text(&out);
    assert!(!out.status.success(), "{said}");
    for part in
        ["this package has no build script", "event_codegen::compile", "[build-dependencies]"]
    {
        assert!(said.contains(part), "{said}");
    }
}
