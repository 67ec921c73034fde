//! Any content of the folder gives a diagnostic that states what is wrong, where, and what to do.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::Schemas;

const GOOD: &str = r#"{
  "type": "object",
  "properties": { "id": { "type": "string" } },
  "required": ["id"]
}"#;

/// As open as [`until`].
const BARE: &str = r#"{ "type": "object", "properties": {} }"#;

/// `check(name, folder)`: compares the diagnostics with a snapshot.
macro_rules! bad {
    ($name:ident, $schemas:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!($schemas.problems());
        }
    };
}

bad!(not_json, Schemas::new(&[("core/a.b/1.0.json", "{\n  \"type\": object\n}")]).locked());
bad!(empty_file, Schemas::new(&[("core/a.b/1.0.json", "")]).locked());
bad!(
    duplicate_key,
    Schemas::new(&[("core/a.b/1.0.json", "{\"type\":\"object\",\n\"type\":\"string\"}")]).locked()
);
bad!(empty_folder, Schemas::new(&[]));
bad!(event_without_versions, Schemas::new(&[("core/a.b/README.md", "soon")]));
bad!(missing_lock, Schemas::new(&[("core/a.b/1.0.json", GOOD)]));
bad!(
    broken_lock,
    Schemas::new(&[
        ("core/a.b/1.0.json", GOOD),
        ("schemas.lock", "version = 1\n[[schema]]\nregistry = 1\n")
    ])
);
bad!(
    lock_of_the_future,
    Schemas::new(&[("core/a.b/1.0.json", GOOD), ("schemas.lock", "version = 9\n")])
);
bad!(reference_to_nowhere, Schemas::new(&[("core/a.b/1.0.json", "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"to\": { \"$ref\": \"#/definitions/Address\" }\n  }\n}")]).locked());
bad!(reference_to_the_network, Schemas::new(&[("core/a.b/1.0.json", "{ \"type\": \"object\", \"properties\": { \"to\": { \"$ref\": \"https://example.com/a.json\" } } }")]).locked());
bad!(reference_out_of_the_folder, Schemas::new(&[("core/a.b/1.0.json", "{ \"type\": \"object\", \"properties\": { \"to\": { \"$ref\": \"../../../Cargo.lock\" } } }")]).locked());
bad!(
    version_gap,
    Schemas::new(&[("core/a.b/1.0.json", GOOD), ("core/a.b/1.2.json", GOOD)]).locked()
);
bad!(
    no_version,
    Schemas::new(&[("core/a.b/latest.json", GOOD), ("core/a.b/1.0.json", GOOD)]).locked()
);
bad!(
    version_with_leading_zero,
    Schemas::new(&[("core/a.b/1.0.json", GOOD), ("core/a.b/1.01.json", GOOD)]).locked()
);
bad!(
    folder_in_an_event,
    Schemas::new(&[("core/a.b/1.0.json", GOOD), ("core/a.b/old/1.0.json", GOOD)]).locked()
);
bad!(
    detail_type_of_another_major,
    Schemas::new(&[(
        "core/a.b/2.0.json",
        "{ \"x-amazon-events-detail-type\": \"a.b:v1\", \"type\": \"object\", \"properties\": {} }"
    )])
    .locked()
);
bad!(
    source_changed,
    Schemas::new(&[
        (
            "core/a.b/1.0.json",
            "{ \"x-amazon-events-source\": \"app.a\", \"type\": \"object\", \"properties\": {} }"
        ),
        (
            "core/a.b/1.1.json",
            "{ \"x-amazon-events-source\": \"app.b\", \"type\": \"object\", \"properties\": {} }"
        ),
    ])
    .locked()
);

/// A version of a major that states until when the previous one is published; `null` states nothing.
fn until(day: &str) -> String {
    format!("{{ \"type\": \"object\",\n  \"x-event-sunset\": {day}, \"properties\": {{}} }}")
}

#[test]
fn sunset_moved_earlier() {
    let versions = [until("\"2027-06-30\""), BARE.into(), until("\"2026-12-31\"")];
    let schemas = Schemas::new(&[
        ("core/a.b/1.0.json", BARE),
        ("core/a.b/2.0.json", &versions[0]),
        ("core/a.b/2.1.json", &versions[1]),
        ("core/a.b/2.2.json", &versions[2]),
    ]);
    insta::assert_snapshot!(schemas.locked().problems());
}

#[test]
fn sunset_is_no_day() {
    let (word, number) = (until("\"2026-02-30\""), until("20261231"));
    let schemas = Schemas::new(&[("core/a.b/2.0.json", &word), ("core/a.b/2.1.json", &number)]);
    insta::assert_snapshot!(schemas.locked().problems());
}

#[test]
fn a_sunset_may_move_later_and_each_major_has_its_own() {
    let days = ["2026-12-31", "2026-12-31", "2027-06-30", "2026-01-31"];
    let versions = days.map(|day| until(&format!("\"{day}\"")));
    let names = ["2.0", "2.1", "2.2", "3.0"].map(|v| format!("core/a.b/{v}.json"));
    let files: Vec<_> =
        names.iter().zip(&versions).map(|(n, v)| (n.as_str(), v.as_str())).collect();
    Schemas::new(&files).locked().generated();
}

#[test]
fn missing_folder() {
    let schemas = Schemas::new(&[]);
    let (diagnostics, generated) = schemas.config().schemas(schemas.root().join("nowhere")).run();
    assert!(generated.is_none());
    insta::assert_snapshot!(common::shown(&diagnostics));
}

#[test]
fn not_utf8() {
    let schemas = Schemas::new(&[]);
    schemas.write("core/a.b/1.0.json", "");
    std::fs::write(schemas.root().join("core/a.b/1.0.json"), [b'{', 0xff, b'}']).unwrap();
    insta::assert_snapshot!(schemas.problems());
}

#[cfg(unix)]
#[test]
fn link_out_of_the_folder() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("1.0.json"), GOOD).unwrap();
    let schemas = Schemas::new(&[("core/a.b/1.0.json", GOOD)]).locked();
    std::os::unix::fs::symlink(outside.path(), schemas.root().join("core/a.c")).unwrap();
    insta::assert_snapshot!(schemas.problems());
}

#[test]
fn locked_schemas_are_immutable() {
    let schemas =
        Schemas::new(&[("core/a.b/1.0.json", GOOD), ("core/a.b/1.1.json", GOOD)]).locked();
    schemas.generated();
    schemas.write("core/a.b/1.1.json", &GOOD.replace("id", "key"));
    schemas.remove("core/a.b/1.0.json");
    schemas.write("core/a.b/1.2.json", GOOD);
    insta::assert_snapshot!(schemas.problems());
}

#[test]
fn other_line_ends_are_the_same_version() {
    let schemas = Schemas::new(&[("core/a.b/1.0.json", GOOD)]).locked();
    schemas.write("core/a.b/1.0.json", &GOOD.replace('\n', "\r\n"));
    schemas.generated();
}

#[test]
fn all_problems_are_reported_in_one_run() {
    let schemas = Schemas::new(&[
        ("core/a.b/1.0.json", "{"),
        (
            "core/c.d/1.0.json",
            "{ \"type\": \"object\", \"properties\": { \"x\": { \"$ref\": \"#/definitions/X\" } } }",
        ),
        ("core/e.f/1.0.json", GOOD),
        ("core/e.f/1.1.json", "{ \"type\": \"object\", \"properties\": {} }"),
    ]);
    let text = schemas.problems();
    for part in ["a.b/1.0.json", "c.d/1.0.json", "e.f/1.1.json", "schemas.lock"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}
