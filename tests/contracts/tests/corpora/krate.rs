//! A crate around generated code, for cargo and rustc to judge; and the paths of the types in it.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A crate around generated code; `main` is its program.
pub(super) fn scratch(root: &Path, name: &str, main: &str) -> Command {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
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
    // a build script, so that an OUT_DIR with the baselines exists
    fs::write(
        root.join("build.rs"),
        "fn main() {\n    let from = std::path::Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"event-contracts\");\n    \
         let out = std::path::PathBuf::from(std::env::var_os(\"OUT_DIR\").unwrap()).join(\"event-contracts\");\n    \
         std::fs::create_dir_all(out.join(\"baseline\")).unwrap();\n    \
         for name in [\"events.rs\", \"include.rs\"] {\n        std::fs::copy(from.join(name), out.join(name)).unwrap();\n    }\n    \
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

pub(super) const NO_WARNINGS: &str = "#![deny(warnings)]\n#![allow(dead_code, unused)]\nmod events { event_runtime::include_events!(); }\n";

pub(super) fn run(cargo: &mut Command, what: &str) -> String {
    let out = cargo.output().unwrap();
    assert!(
        out.status.success(),
        "{what} failed:\n{}\n{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap()
}

/// The paths of all types in generated text.
pub(super) fn types(rust: &str) -> Vec<String> {
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

/// `events::module::v1::Type` of the event in the generated text: the first type of the module whose
/// doc comment names the event.
pub(super) fn type_path(rust: &str, event: &str) -> String {
    let at = rust
        .find(&format!("/// `{event}` of the registry"))
        .unwrap_or_else(|| panic!("{event} is not generated"));
    let path = types(&rust[at..]).into_iter().next().unwrap();
    format!("events::{path}")
}
