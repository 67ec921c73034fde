//! The tokens that the derives write, as readable files: `tests/snapshots`. `EVENT_BLESS=1 cargo test -p
//! event-macros` rewrites them; review the diff before you commit it.

use std::fs;
use std::path::Path;

use event_shape::baseline::{Baseline, Def, Field, Object, Version, parse_ty};
use proc_macro2::TokenStream;
use syn::DeriveInput;

/// A field of the schema: its name (with `?` in front if optional), and the compact text of its type.
fn object(fields: &[(&str, &str)]) -> Object {
    let mut out = Object { open: true, patterned: false, rest: None, fields: Vec::new() };
    for (line, (name, ty)) in fields.iter().enumerate() {
        let plain = name.trim_start_matches('?');
        out.fields.push(Field {
            name: plain.to_owned(),
            rust: plain.to_owned(),
            line: u32::try_from(line).expect("few lines") + 5,
            optional: plain != *name,
            ty: parse_ty(ty).expect("a type"),
        });
    }
    out
}

fn version(major: u32, minor: u32, fields: &[(&str, &str)]) -> Version {
    Version {
        major,
        minor,
        locked: true,
        file: format!("schemas/shop/order.placed/{major}.{minor}.json"),
        source: Some("app.shop".to_owned()),
        detail_type: None,
        sunset: None,
        root: object(fields),
        defs: vec![Def {
            rust: "Line".to_owned(),
            line: 20,
            ty: parse_ty("o~21,!4:item4:items0:)").expect("a type"),
        }],
    }
}

/// Both majors of `order.placed`.
fn versions() -> Vec<Version> {
    let first: [(&str, &str); 5] = [
        ("?at", "s9:date-time"),
        ("id", "s0:"),
        ("lines", "[@0;"),
        ("?note", "s0:"),
        ("paid", "b"),
    ];
    let second: [(&str, &str); 4] =
        [("?at", "s9:date-time"), ("lines", "[@0;"), ("order_id", "s0:"), ("paid", "b")];
    vec![version(1, 0, &first), version(2, 0, &second)]
}

fn expanded(input: &str, is_event: bool) -> TokenStream {
    let out = tempfile::tempdir().expect("a folder");
    let folder = out.path().join("event-contracts/baseline");
    fs::create_dir_all(&folder).expect("a folder");
    let baseline = Baseline {
        event: "order.placed".to_owned(),
        registry: "shop".to_owned(),
        versions: versions(),
    };
    fs::write(folder.join("order"), baseline.to_text()).expect("written");
    fs::write(folder.join("index"), "order.placed\tshop\torder\n").expect("written");
    let input: DeriveInput = syn::parse_str(input).expect("a type");
    if is_event {
        super::event(&input, Some(out.path().to_owned()))
    } else {
        super::event_data(&input)
    }
}

/// Compares the derive's output with the snapshot of this name.
fn check(name: &str, input: &str, is_event: bool) {
    let file = syn::parse2(expanded(input, is_event)).expect("Rust code");
    let mut text = String::from("// Of\n");
    for line in input.lines() {
        text.extend(["// ", line, "\n"]);
    }
    text.push_str(&prettyplease::unparse(&file));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("EVENT_BLESS").is_some() {
        fs::write(&path, &text).expect("written");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == text,
        "{} differs from what the derive writes now:\n{text}\nto fix: `EVENT_BLESS=1 cargo test -p event-macros`",
        path.display()
    );
}

#[test]
fn event_as_locked_is_one_comparison_of_numbers() {
    check(
        "event_as_locked.rs",
        r#"#[event(type = "order.placed", version = "1.0")]
struct Placed {
    id: String,
    paid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    lines: Vec<Line>,
}"#,
        true,
    );
}

#[test]
fn breaks_are_unmet_bounds_with_their_rules() {
    check(
        "event_with_breaks.rs",
        r#"#[event(type = "order.placed", version = "1.0")]
struct Broken {
    #[serde(rename = "ident")]
    id: String,
    note: String,
    lines: String,
    new: u32,
}"#,
        true,
    );
}

#[test]
fn superseded_major_is_converted_both_ways() {
    check(
        "event_that_supersedes.rs",
        r#"#[event(type = "order.placed", version = "2.0", supersedes = v1::Placed, upcast, down(note = None))]
struct PlacedAgain {
    #[event(from = "id", try_down = shorter, up = longer)]
    order_id: String,
    #[event(down_default = false)]
    paid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    lines: Vec<Line>,
}"#,
        true,
    );
}

#[test]
fn flattened_fields_are_questions() {
    check(
        "event_with_flattened.rs",
        r#"#[event(type = "order.placed", version = "1.0")]
struct Flattened {
    id: String,
    #[serde(flatten)]
    rest: Rest,
}"#,
        true,
    );
}

#[test]
fn mistakes_in_attributes_leave_the_impls() {
    check(
        "event_with_mistakes.rs",
        r#"#[event(typ = "order.placed", version = 1.0)]
struct Mistaken {
    id: String,
}"#,
        true,
    );
}

#[test]
fn enum_is_its_variants_sorted() {
    check(
        "part_enum.rs",
        r#"/// How it is paid.
#[serde(tag = "kind", rename_all = "snake_case")]
#[event(crate = my::runtime)]
enum Payment {
    Invoice { days: u8 },
    /// By a card.
    Card(Card),
    Cash,
    #[serde(untagged)]
    Other(serde_json::Value),
}"#,
        false,
    );
}

#[test]
fn generic_part_names_itself_by_a_marker() {
    check(
        "part_generic.rs",
        r"struct Page<T, const N: usize> {
    items: Vec<T>,
    next: Option<Box<Page<T, N>>>,
}",
        false,
    );
}

#[test]
fn superseded_part_is_converted_variant_by_variant() {
    check(
        "part_that_supersedes.rs",
        r"#[event(supersedes = v1::Choice, upcast)]
enum Choice {
    None,
    One(Line),
    Pair(u8, Line),
    Named { r#type: Line },
}",
        false,
    );
}
