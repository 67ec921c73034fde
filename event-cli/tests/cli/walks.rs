//! Follows the steps of a team with the command and real builds: from an empty crate to a second registry, once from a
//! schema and once from a struct.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use event_local::schemas::Server;

use crate::pull::{Registry, tree};
use crate::scratch::{Run, Scratch};

/// A package beside this project, with dependencies that are built once for all nested builds.
pub(crate) struct Crate {
    pub(crate) scratch: Scratch,
}

/// The output of a cargo command.
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) text: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn fine(&self) -> &Said {
        assert!(self.success, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn fails(&self, texts: &[&str]) -> &Said {
        assert!(!self.success, "it succeeds:\n{}", self.text);
        self.says(texts)
    }

    #[track_caller]
    pub(crate) fn says(&self, texts: &[&str]) -> &Said {
        for text in texts {
            assert!(self.text.contains(text), "no `{text}` in\n{}", self.text);
        }
        self
    }

    #[track_caller]
    pub(crate) fn quiet(&self) {
        let silent = !self.text.contains("warning") && !self.text.contains("error");
        assert!(self.success && silent, "{}", self.text);
    }
}

/// The folder of this project.
pub(crate) fn clone() -> String {
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    clone.display().to_string()
}

impl Crate {
    /// Creates an empty library, as `cargo new --lib NAME` does. Each test uses its own names: packages with one name
    /// share their place in the target folder, and with it the output of their build scripts.
    pub(crate) fn empty(name: &str) -> Crate {
        let scratch = Scratch::empty();
        let made = Crate { scratch };
        made.write("src/lib.rs", "//! A shop.\n");
        made.write(
            "Cargo.toml",
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[profile.dev]\ndebug = false\n"),
        );
        fs::copy(Path::new(&clone()).join("Cargo.lock"), made.scratch.path("Cargo.lock")).unwrap();
        made
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        self.scratch.write(name, text);
    }

    /// Appends to a file.
    fn append(&self, name: &str, text: &str) {
        self.write(name, self.scratch.read(name) + text);
    }

    /// Replaces a text in a file.
    #[track_caller]
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.scratch.read(name);
        assert!(text.contains(from), "no `{from}` in {name}:\n{text}");
        self.write(name, text.replace(from, to));
    }

    /// Runs `cargo event ARGS`.
    pub(crate) fn event(&self, args: &[&str]) -> Run {
        let mut command = self.scratch.command(args);
        run(nested(&mut command).output().unwrap())
    }

    pub(crate) fn build(&self) -> Said {
        self.cargo(&["build", "--color=never"])
    }

    pub(crate) fn cargo(&self, args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO"));
        let output = nested(command.args(args).current_dir(self.scratch.path("."))).output();
        let output = output.unwrap();
        let text = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap()).concat();
        for bad in ["panicked at event", "stack backtrace"] {
            assert!(!text.contains(bad), "{text}");
        }
        Said { success: output.status.success(), text }
    }
}

fn nested(command: &mut Command) -> &mut Command {
    command
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("init"))
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("OUT_DIR")
        .env_remove("RUST_BACKTRACE")
        .env_remove("CARGO_MANIFEST_DIR")
}

fn run(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const PLACED: &str = "schemas/stall/order.placed";

#[test]
fn schema_first_works_from_an_empty_crate_to_a_second_registry() {
    let shop = Crate::empty("stall");
    let run = shop.event(&["init", "--crates", &clone()]);
    run.says(0, &[]);
    assert!(run.out.contains("write a first schema: `cargo event new TYPE`"), "{}", run.out);
    shop.build().fine().says(&["warning: stall@0.1.0: [no-schemas]", "`cargo event new TYPE`"]);

    // the first schema
    let run = shop.event(&["new", "order.placed"]);
    run.says(0, &[]);
    shop.build().fails(&[
        "[lock-missing]",
        "run `cargo event lock`",
        "`cargo event check` shows the source",
    ]);
    shop.event(&["check"]).says(1, &["lock-missing"]);
    shop.event(&["lock"]).says(0, &[]);
    shop.append(
        "src/lib.rs",
        "\n/// Two fields of an order.\npub fn id(order: &events::order_placed::v1::OrderPlaced) -> &str {\n    &order.id\n}\n",
    );
    shop.build().quiet();
    shop.event(&["check"]).says(0, &[]);

    // a minor that adds
    let run = shop.event(&["new-version", "order.placed"]);
    assert!(run.out.starts_with(&format!("wrote `{PLACED}/1.1.json` from 1.0\n")), "{run:?}");
    let (minor, id) = (format!("{PLACED}/1.1.json"), "\"id\": { \"type\": \"string\" }");
    shop.edit(&minor, id, &format!("{id},\n    \"note\": {{ \"type\": \"string\" }}"));
    shop.build().fails(&["[schema-not-locked]", "1.1.json", "`cargo event lock`"]);
    let diff = shop.event(&["diff", "order.placed@1.0", "order.placed@1.1"]);
    assert_eq!(diff.code, 0, "{diff:?}");
    shop.event(&["lock"]).says(0, &[]);
    shop.edit("src/lib.rs", "    &order.id\n", "    order.note.as_deref().unwrap_or(&order.id)\n");
    shop.build().quiet();

    // a breaking minor is refused, with the same message everywhere
    shop.event(&["new-version", "order.placed"]).says(0, &[]);
    let broken = format!("{PLACED}/1.2.json");
    shop.edit(&broken, "[\"id\"]", "[\"id\", \"note\"]");
    let words = ["`note` was optional and is now required", "1.2.json"];
    let build = shop.build();
    build.fails(&words).fails(&[
        "[field-made-required]",
        "= witness:",
        "`cargo event check` shows the source",
    ]);
    shop.event(&["check"]).says(1, &words);
    shop.event(&["lock"]).says(1, &words);
    assert_eq!(shop.event(&["diff", "order.placed@1.1", "order.placed@1.2"]).code, 1);

    // a new major, beside the old one
    shop.scratch.remove(&broken);
    let run = shop.event(&["new-version", "order.placed", "--major"]);
    assert!(
        run.out.contains("2.0.json` from 1.1") && run.out.contains("order.placed:v2"),
        "{run:?}"
    );
    shop.edit(&format!("{PLACED}/2.0.json"), "[\"id\"]", "[\"id\", \"note\"]");
    let diff = shop.event(&["diff", "order.placed@1.1", "order.placed@2.0"]);
    assert!(diff.code == 0 && diff.out.contains("2.0 is a new major"), "{diff:?}");
    shop.event(&["lock"]).says(0, &[]);
    shop.append(
        "src/lib.rs",
        "\n/// The note, which is there now.\npub fn note(order: &events::order_placed::v2::OrderPlaced) -> &str {\n    &order.note\n}\n",
    );
    shop.build().quiet();

    // staging and production
    let (staging, production) =
        (Registry::serve(Server::builder()), Registry::serve(Server::builder()));
    for registry in [&staging, &production] {
        let run = registry.run(&shop.scratch, &["push"]);
        assert!(run.code == 0 && run.out.contains("3 versions to push, 3 uploaded"), "{run:?}");
    }
    for registry in [&staging, &production] {
        registry.run(&shop.scratch, &["check", "--against", "registry"]).says(0, &[]);
    }
    shop.build().quiet();
    shop.event(&["lock", "--check"]).says(0, &[]);

    // another service begins with the published versions
    let reader = Crate::empty("reader");
    reader.event(&["init", "--crates", &clone()]).says(0, &[]);
    production.run(&reader.scratch, &["pull", "--registry", "stall"]).says(0, &[]);
    reader.append(
        "src/lib.rs",
        "\n/// What it reads.\npub type Placed = events::order_placed::v2::OrderPlaced;\n",
    );
    reader.build().quiet();
    reader.event(&["check"]).says(0, &[]);
}

const STRUCT: &str = r#"
use event_runtime::Event;
use serde::{Deserialize, Serialize};

/// A parcel is under way.
#[derive(Debug, Event, Serialize, Deserialize)]
#[event(type = "parcel.sent", version = "1.0", registry = "shop", source = "app.shop")]
pub struct ParcelSent {
    /// Which.
    pub parcel: String,
}

#[cfg(test)]
mod tests {
    #[test]
    fn events_are_locked() {
        event_testing::assert_locked::<super::ParcelSent>();
    }
}
"#;

const SENT: &str = "schemas/shop/parcel.sent";

#[test]
fn code_first_works_with_an_edited_draft_a_mistaken_lock_and_a_shared_file() {
    let shop = Crate::empty("parcels");
    shop.event(&["init", "--crates", &clone()]).says(0, &[]);
    let manifest = shop.scratch.read("Cargo.toml");
    let testing =
        format!("\n[dev-dependencies]\nevent-testing = {{ path = '{}/event-testing' }}\n", clone());
    let serde = "[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }";
    shop.write("Cargo.toml", manifest.replace("[dependencies]", serde) + &testing);
    shop.append("src/lib.rs", STRUCT);
    shop.build().fine().says(&["has no schema yet", "assert_locked"]);
    let run = shop.event(&["new-version", "parcel.sent", "--from-code"]);
    run.says(0, &[]);
    assert!(run.out.contains("parcel.sent/1.0.json` from the code"), "{run:?}");

    // the draft is edited, and the build passes
    shop.edit(
        "src/lib.rs",
        "    pub parcel: String,\n",
        "    pub parcel: String,\n    /// How many.\n    pub weight: u32,\n",
    );
    let build = shop.build();
    build.fine().says(&[
        "warning: parcels@0.1.0: [schema-not-locked]",
        "is a draft of a struct",
        "--from-code",
    ]);
    shop.cargo(&["test", "--quiet"]).fails(&[
        "does not match the type",
        "weight",
        "EVENT_ACCEPT=1",
    ]);
    shop.event(&["new-version", "parcel.sent", "--from-code"]).says(0, &[]);
    assert!(shop.scratch.read(&format!("{SENT}/1.0.json")).contains("weight"));
    shop.cargo(&["test", "--quiet"]).fine();
    shop.cargo(&["check", "--release"]).fails(&["error: parcels@0.1.0: [lock-missing]"]);

    // locked by mistake: the weight was meant to be optional
    shop.event(&["lock"]).says(0, &[]);
    shop.cargo(&["test", "--quiet"]).fine();
    shop.edit(
        "src/lib.rs",
        "    pub weight: u32,\n",
        "    #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub weight: Option<u32>,\n",
    );
    shop.build().fails(&["`weight`", "1.0", "locked in schemas/shop/parcel.sent/1.0.json"]);
    let run = shop.event(&["unlock", "parcel.sent@1.0"]);
    run.says(0, &[]);
    assert!(run.out.contains("it is a draft again"), "{run:?}");
    shop.event(&["new-version", "parcel.sent", "--from-code"]).says(0, &[]);
    shop.event(&["lock"]).says(0, &[]);
    shop.cargo(&["test", "--quiet"]).fine();

    // the next version shares a definition with another event
    shop.write(
        "schemas/common.json",
        r#"{ "$schema": "http://json-schema.org/draft-04/schema#", "definitions": { "Place": { "type": "object", "required": ["city"], "properties": { "city": { "type": "string" } } } } }
"#,
    );
    shop.event(&["new-version", "parcel.sent"]).says(0, &[]);
    let next = format!("{SENT}/1.1.json");
    let parcel = "\"parcel\": {";
    shop.edit(
        &next,
        parcel,
        &format!("\"to\": {{ \"$ref\": \"../../common.json#/definitions/Place\" }},\n    {parcel}"),
    );
    shop.event(&["lock"]).says(0, &[]);
    shop.edit("src/lib.rs", "version = \"1.0\"", "version = \"1.1\"");
    shop.edit(
        "src/lib.rs",
        "    /// How many.\n",
        "    /// Whereto.\n    #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub to: Option<Place>,\n    /// How many.\n",
    );
    shop.append(
        "src/lib.rs",
        "\n/// A place.\n#[derive(Debug, event_runtime::EventData, Serialize, Deserialize)]\npub struct Place {\n    /// Its name.\n    pub city: String,\n}\n",
    );
    shop.build().quiet();
    shop.cargo(&["test", "--quiet"]).fine();

    // an edit of the shared file is an error at the definition, and not in the code
    shop.edit("schemas/common.json", "\"required\": [\"city\"], ", "");
    let build = shop.build();
    build.fails(&["[shared-definition-edited] schemas/common.json:1:", "`parcel.sent` 1.1"]);
    assert!(!build.text.contains("E0277") && !build.text.contains("src/lib.rs"), "{}", build.text);
    shop.event(&["check"]).says(1, &["shared-definition-edited"]);
    shop.edit(
        "schemas/common.json",
        "\"type\": \"object\", ",
        "\"type\": \"object\", \"required\": [\"city\"], ",
    );
    shop.build().quiet();

    // both registries have one document per version, with the same meaning as the folder
    let (staging, production) =
        (Registry::serve(Server::builder()), Registry::serve(Server::builder()));
    for registry in [&staging, &production] {
        registry.run(&shop.scratch, &["push"]).says(0, &[]);
        registry.run(&shop.scratch, &["check", "--against", "registry"]).says(0, &[]);
        let before = tree(&shop.scratch.path("schemas"));
        registry.run(&shop.scratch, &["pull"]).says(0, &[]);
        assert_eq!(tree(&shop.scratch.path("schemas")), before);
    }
    shop.event(&["unlock", "parcel.sent@1.1"])
        .says(1, &["version-published", "in the registry `shop`"]);
    shop.event(&["lock", "--check"]).says(0, &[]);
    shop.cargo(&["check", "--release"]).quiet();
    let reader = Scratch::empty();
    staging.run(&reader, &["pull", "--registry", "shop"]).says(0, &[]);
    reader.run(&["check"]).says(0, &[]);
    reader.run(&["lock", "--check"]).says(0, &[]);
    reader.write("e.json", r#"{ "parcel": "a", "to": {} }"#);
    reader.run(&["validate", "parcel.sent@1.1", "e.json"]).says(1, &["city"]);
}

/// A workspace without a package at its root, and the members `orders` and `billing`.
fn workspace() -> Crate {
    let made = Crate::empty("none");
    fs::remove_dir_all(made.scratch.path("src")).unwrap();
    made.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"orders\", \"billing\"]\nresolver = \"3\"\n\n[profile.dev]\ndebug = false\n",
    );
    for member in ["orders", "billing"] {
        made.write(
            &format!("{member}/Cargo.toml"),
            format!("[package]\nname = \"{member}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        );
        made.write(&format!("{member}/src/lib.rs"), format!("//! Ours: {member}.\n"));
    }
    made
}

#[test]
fn members_of_a_workspace_share_its_schema_folder() {
    let shop = workspace();
    let crates = clone();
    shop.event(&["init"]).says(2, &["of a workspace: expected one of a package", "--path DIR"]);
    fs::create_dir(shop.scratch.path("schemas")).unwrap();
    // one has its own build script
    shop.write(
        "billing/build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n}\n",
    );
    for member in ["orders", "billing"] {
        let init = ["init", "--path", member, "--crates", &crates];
        let run = shop.event(&init);
        run.says(0, &[]);
        assert!(run.out.contains("the schemas of the workspace"), "{}", run.out);
        let script = shop.scratch.read(&format!("{member}/build.rs"));
        assert_eq!(
            script.matches("event_codegen::compile(\"../schemas\");").count(),
            1,
            "{script}"
        );
        let before = tree(&shop.scratch.path(member));
        shop.event(&init).says(0, &[]);
        assert_eq!(tree(&shop.scratch.path(member)), before, "once more does nothing more");
        assert!(!shop.scratch.path(&format!("{member}/schemas")).exists());
    }
    shop.event(&["new", "order.placed"]).says(2, &["unknown-registry", "--registry NAME"]);
    shop.event(&["new", "order.placed", "--registry", "shop"]).says(0, &[]);
    shop.event(&["lock"]).says(0, &[]);
    for member in ["orders", "billing"] {
        let library = format!("{member}/src/lib.rs");
        shop.append(
            &library,
            "\n/// An order.\npub type Placed = events::order_placed::v1::OrderPlaced;\n",
        );
    }
    shop.build().quiet();

    // a draft of a struct in one member does not stop another member
    let manifest = shop.scratch.read("orders/Cargo.toml");
    let testing =
        format!("\n[dev-dependencies]\nevent-testing = {{ path = '{crates}/event-testing' }}\n");
    let serde = "[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }";
    shop.write("orders/Cargo.toml", manifest.replace("[dependencies]", serde) + &testing);
    shop.append("orders/src/lib.rs", STRUCT);
    let mut command = shop.scratch.command(&["new-version", "parcel.sent", "--from-code"]);
    let run = run(nested(command.current_dir(shop.scratch.path("orders"))).output().unwrap());
    run.says(0, &[]);
    assert!(shop.scratch.path("schemas/shop/parcel.sent/1.0.json").exists(), "{run:?}");
    assert!(!shop.scratch.path("orders/schemas").exists());
    let build = shop.build();
    build.fine();
    for member in ["orders", "billing"] {
        build.says(&[
            &format!("warning: {member}@0.1.0: [schema-not-locked]"),
            "is a draft of a struct",
        ]);
    }
    shop.event(&["lock"]).says(0, &[]);
    shop.build().quiet();
    shop.cargo(&["test", "--quiet"]).fine();
}

#[test]
fn package_without_a_build_script_gets_an_error_with_the_way_out() {
    let shop = Crate::empty("bare");
    shop.event(&["init", "--example", "--crates", &clone()]).says(0, &[]);
    shop.scratch.remove("build.rs");
    let build = shop.build();
    build.fails(&["this package has no build script", "event_codegen::compile(\"schemas\")"]);
    let errors = build.text.lines().filter(|line| line.starts_with("error")).count();
    assert_eq!(errors, 2, "one mistake, and cargo's last line: {}", build.text);
    // with it back everything is as it was
    shop.event(&["init"]).says(0, &[]);
    shop.build().quiet();
}
