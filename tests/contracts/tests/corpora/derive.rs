//! The derive as a judge of generated code, which does not use it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::krate::{NO_WARNINGS, run, scratch, types};
use super::{WITHOUT_TYPES, corpora, lay_out};

/// The derive finds no errors in generated code, and the shapes from the code generator equal those
/// from the derive. The schemas of the generator's snapshots need no corpora.
#[test]
fn the_derive_agrees() {
    let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-codegen/tests/shapes");
    let mut schemas = super::schemas(&shapes);
    assert!(schemas.len() >= 12, "the shapes are gone");
    if let Some(corpora) = corpora() {
        schemas.extend(super::schemas(&corpora.join("orcabus")));
        schemas.extend(super::schemas(&corpora.join("custom")));
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

/// Compares two shapes edge by edge, except for the IDs of types, which are places in the source.
const SAME: &str = r#"
use event_runtime::__private::v0_1::event_shape::{Body, EventData, Field, Ref, Shape};
fn same<A: EventData, B: EventData>(name: &str) {
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
