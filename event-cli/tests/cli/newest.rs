//! `cargo event pull --newest`, from a registry that schema discovery filled.

use event_local::schemas::{Kind, Preset, Server};

use crate::pull::{Registry, tree};
use crate::scratch::Scratch;

const PLACED: &str = "schemas/discovered-schemas/order.placed";

/// The schema that discovery infers from events with these fields in each of them.
fn inferred(fields: &[(&str, &str)]) -> String {
    let names: Vec<String> = fields.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let field = |(name, kind): &(&str, &str)| format!("\"{name}\": {{ \"type\": \"{kind}\" }}");
    let fields: Vec<String> = fields.iter().map(field).collect();
    format!(
        "{{ \"type\": \"object\", \"required\": [{}], \"properties\": {{ {} }} }}\n",
        names.join(", "),
        fields.join(", ")
    )
}

/// Each revision corrects a guess of the one before.
fn revisions() -> Vec<String> {
    vec![
        inferred(&[("id", "integer")]),
        inferred(&[("id", "integer"), ("coupon", "string")]),
        inferred(&[("id", "string"), ("coupon", "string")]),
        inferred(&[("id", "string")]),
    ]
}

fn serve(revisions: &[String], port: u16) -> Registry {
    let versions = revisions.iter().map(|v| v.as_str().into()).collect();
    let preset = Preset {
        registry: "discovered-schemas".to_owned(),
        name: "order.placed".to_owned(),
        kind: Kind::JsonSchemaDraft4,
        versions,
        modified: None,
    };
    Registry::serve(Server::builder().port(port).presets([preset]))
}

const PULL: [&str; 3] = ["pull", "--registry", "discovered-schemas"];

fn place(version: &str) -> String {
    format!("{PLACED}/{version}.json")
}

#[test]
fn newest_revision_becomes_the_first_version_and_the_others_are_left_out() {
    let registry = serve(&revisions(), 0);
    let all = Scratch::empty();
    registry.run(&all, &PULL).says(0, &[]);
    assert!(all.path(&place("2.0")).exists(), "one by one, corrections are majors");

    let here = Scratch::empty();
    let newest = [&PULL[..], &["--newest"]].concat();
    let run = registry.run(&here, &[&newest[..], &["--check"]].concat());
    run.says(1, &[]);
    assert!(run.out.contains("would leave out 3 earlier revisions"), "{}", run.out);
    let run = registry.run(&here, &newest);
    run.says(0, &[]);
    assert!(
        run.out.contains("order.placed 1.0 (version 4 of `order.placed`): a new event")
            && run.out.contains("left out 3 earlier revisions of `discovered-schemas`"),
        "{}",
        run.out
    );
    assert_eq!(here.read(&place("1.0")), revisions()[3]);
    let files = tree(&here.path("schemas"));
    assert_eq!(files.len(), 2, "{:?}", files.keys());
    // the lock records what was left out, so later commands do not ask for it
    for command in [&PULL[..], &newest[..], &["check", "--against", "registry"], &["push"]] {
        registry.run(&here, command).says(0, &[]);
        assert_eq!(tree(&here.path("schemas")), files, "{command:?}");
    }
    here.run(&["check"]).says(0, &[]);
    here.run(&["lock"]).says(0, &[]);
    assert_eq!(tree(&here.path("schemas")), files);
}

#[test]
fn later_revision_is_a_minor_if_it_adds_and_a_major_if_it_breaks() {
    let mut all = revisions();
    let first = serve(&all, 0);
    let here = Scratch::empty();
    let newest = [&PULL[..], &["--newest"]].concat();
    first.run(&here, &newest).says(0, &[]);
    let port = first.server.address().port();
    drop(first);
    let optional = all[3].replace("{ \"id\"", "{ \"note\": { \"type\": \"string\" }, \"id\"");
    all.extend([inferred(&[("id", "boolean")]), optional.clone()]);
    let second = serve(&all, port);
    let json = [&newest[..], &["--format", "json"]].concat();
    let answer = second.run(&here, &json).json();
    let of = &answer["registries"][0];
    assert_eq!(
        (&of["versions"][0]["version"], &of["leftOut"]),
        (&"1.1".into(), &4.into()),
        "{of:#}"
    );
    assert_eq!(here.read(&place("1.1")), optional);
    second.run(&here, &PULL).says(0, &[]);
    second.run(&here, &["check", "--against", "registry"]).says(0, &[]);
    drop(second);

    all.extend([inferred(&[("id", "array")]), inferred(&[("id", "number")])]);
    let third = serve(&all, port);
    // without the option, each revision is a version
    let stepwise = Scratch::empty();
    for (name, bytes) in tree(&here.path("schemas")) {
        stepwise.write(&format!("schemas/{name}"), bytes);
    }
    third.run(&stepwise, &PULL).says(0, &[]);
    assert!(stepwise.path(&place("3.0")).exists());
    third.run(&here, &newest).says(0, &[]);
    assert_eq!(here.read(&place("2.0")), all[7]);
    assert!(!here.path(&place("3.0")).exists());
    here.run(&["check"]).says(0, &[]);
    third.run(&here, &["check", "--against", "registry"]).says(0, &[]);
}

#[test]
fn changed_content_of_a_listed_revision_is_refused() {
    let first = serve(&revisions(), 0);
    let here = Scratch::empty();
    let newest = [&PULL[..], &["--newest"]].concat();
    first.run(&here, &newest).says(0, &[]);
    let port = first.server.address().port();
    drop(first);
    let mut all = revisions();
    all[3] = inferred(&[("id", "array")]);
    let second = serve(&all, port);
    let verify = [&newest[..], &["--verify"]].concat();
    second.run(&here, &verify).says(1, &["registry-history-changed", "registry version 4"]);
}

#[test]
fn major_in_the_detail_type_is_kept() {
    let stated = |text: &String| {
        text.replacen('{', "{ \"x-amazon-events-detail-type\": \"order.placed:v2\",", 1)
    };
    let all: Vec<String> = revisions().iter().map(stated).collect();
    let registry = serve(&all, 0);
    let here = Scratch::empty();
    registry.run(&here, &PULL).says(1, &["field-type-changed"]);
    registry.run(&here, &[&PULL[..], &["--newest"]].concat()).says(0, &[]);
    assert_eq!(here.read(&place("2.0")), all[3]);
    here.run(&["check"]).says(0, &[]);
}

#[test]
fn revision_in_the_folder_is_found_again() {
    let registry = serve(&revisions(), 0);
    let here = Scratch::empty();
    here.write(&place("1.0"), &revisions()[1]);
    here.run(&["lock"]).says(0, &[]);
    let newest = [&PULL[..], &["--newest"]].concat();
    let run = registry.run(&here, &newest);
    run.says(0, &[]);
    assert!(run.out.contains("order.placed 2.0 (version 4"), "{}", run.out);
    assert_eq!(here.read(&place("1.0")), revisions()[1]);
    registry.run(&here, &["check", "--against", "registry"]).says(0, &[]);
    registry.run(&here, &PULL).says(0, &[]);
    assert!(!here.path(&place("3.0")).exists());
}
