//! `cargo event init`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::scratch::{ORDER_1_0, Scratch};

const MANIFEST: &str = "# ours\n[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]   # none yet\n";
const LIBRARY: &str = "//! A shop.\n\n/// One.\npub fn one() -> u8 {\n    1\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn it_works() {\n        assert_eq!(super::one(), 1);\n    }\n}\n";

fn shop() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("Cargo.toml", MANIFEST);
    scratch.write("src/lib.rs", LIBRARY);
    scratch
}

/// Returns all files with their texts.
fn files(scratch: &Scratch) -> Vec<(String, String)> {
    let (mut out, mut todo) = (Vec::new(), vec![scratch.path("")]);
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                out.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn init_sets_up_a_crate_once() {
    let scratch = shop();
    let before = files(&scratch);
    let dry = scratch.run(&["init", "--example", "--dry-run"]);
    dry.says(0, &[]);
    assert!(dry.out.contains("would write `schemas/shop/order.placed/1.0.json`"), "{}", dry.out);
    assert_eq!(files(&scratch), before);

    let run = scratch.run(&["init", "--example"]);
    run.says(0, &[]);
    for line in [
        "wrote `schemas/shop/order.placed/1.0.json`: ",
        "wrote `schemas/schemas.lock`: ",
        "changed `Cargo.toml`: `event-runtime = \"0.1\"` in `[dependencies]`, `event-codegen = \"0.1\"` in `[build-dependencies]`",
        "changed `src/lib.rs`: `mod events { event_runtime::include_events!(); }`",
        "wrote `build.rs`: ",
        "wrote `examples/order.rs`: ",
        "next:\n  build: `cargo build`\n  run it: `cargo run --example order`\n",
    ] {
        assert!(run.out.contains(line), "no `{line}` in\n{}", run.out);
    }
    assert!(!run.out.contains("by hand"), "{}", run.out);
    assert!(scratch.read("Cargo.toml").starts_with(MANIFEST), "{}", scratch.read("Cargo.toml"));
    scratch.run(&["check"]).says(0, &[]);
    scratch.run(&["lock", "--check"]).says(0, &[]);

    let after = files(&scratch);
    let again = scratch.run(&["init", "--example"]);
    again.says(0, &[]);
    assert!(
        again.out.lines().all(|l| !l.starts_with("wrote") && !l.starts_with("changed")),
        "{}",
        again.out
    );
    assert_eq!(files(&scratch), after);
}

#[test]
fn existing_text_is_kept() {
    let scratch = shop();
    let script = "#[rustfmt::skip]\nfn main() { println!(\"cargo::rustc-cfg=x\") }\n";
    scratch.write("build.rs", script);
    scratch.write("src/lib.rs", "pub mod events;\n");
    scratch.write("src/events.rs", "pub struct Mine;\n");
    scratch.write("schemas/shop/order.placed/1.0.json", ORDER_1_0);
    let run = scratch.run(&["init", "--example"]);
    run.says(0, &[]);
    for line in [
        "kept `schemas`: ",
        "kept `build.rs`: ",
        "kept `src/lib.rs`: it already has the name `events`",
        "in `build.rs`: `event_codegen::compile(\"schemas\");` in `main`",
        "in `src/lib.rs`: `mod events { event_runtime::include_events!(); }`",
    ] {
        assert!(run.out.contains(line), "no `{line}` in\n{}", run.out);
    }
    assert_eq!(scratch.read("build.rs"), script);
    assert!(!scratch.path("schemas/schemas.lock").exists());
    // nothing to do if another file includes the types
    scratch.write("src/events.rs", "event_runtime::include_events!();\n");
    let json = scratch.run(&["init", "--format", "json"]).json();
    assert_eq!(json["byHand"].as_array().unwrap().len(), 1, "{json:#}");
    assert_eq!(json["files"][2]["file"], "src/events.rs");
}

#[test]
fn refused_init_writes_nothing() {
    let scratch = shop();
    scratch
        .run(&["init", "--path", "nowhere"])
        .says(2, &["error[bad-manifest]", "nowhere/Cargo.toml", "`cargo init`"]);
    for (manifest, says) in [
        ("[package\n", "line 1"),
        ("[workspace]\n", "--path DIR"),
        ("[package]\nname = \"a\"\nbuild = false\n", "remove the line"),
    ] {
        scratch.write("Cargo.toml", manifest);
        scratch.run(&["init"]).says(2, &["error[bad-manifest]", says]);
    }
    scratch.write("Cargo.toml", MANIFEST);
    scratch.write("build.rs", b"\xff");
    scratch.run(&["init"]).says(2, &["error[unreadable]", "build.rs"]);
    scratch.remove("build.rs");
    scratch.write("schemas", "");
    scratch.run(&["init"]).says(2, &["error[schema-folder-missing]"]);
    assert_eq!(
        (scratch.read("Cargo.toml"), scratch.read("src/lib.rs")),
        (MANIFEST.to_owned(), LIBRARY.to_owned())
    );
    assert!(!scratch.path("build.rs").exists());
}

/// Asserts that the package or workspace builds without a warning.
fn builds(scratch: &Scratch) {
    cargo(scratch, &["check"]);
}

/// Returns what cargo prints, which must succeed without a warning.
fn cargo(scratch: &Scratch, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .args(["--offline", "--quiet", "--color=never"])
        .current_dir(scratch.path(""))
        // kept between runs, so that the dependencies are built once
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("init"))
        .env_remove("OUT_DIR")
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && err.is_empty(), "{err}");
    String::from_utf8(output.stdout).unwrap()
}

/// cargo is the judge: a member of a workspace with the packages of this repository builds after `init`, and its code
/// uses the type of the example.
#[test]
fn crate_builds_after_init() {
    let scratch = Scratch::empty();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let dependency =
        |name: &str| format!("{name} = {{ path = '{}' }}\n", ours.join(name).display());
    scratch.write(
        "Cargo.toml",
        format!(
            "[workspace]\nmembers = [\"shop\"]\nresolver = \"3\"\n\n[workspace.dependencies]\n{}{}\n[profile.dev]\ndebug = false\n",
            dependency("event-runtime"),
            dependency("event-codegen")
        ),
    );
    scratch.write("shop/Cargo.toml", MANIFEST);
    scratch.write("shop/src/lib.rs", LIBRARY);
    fs::copy(ours.join("Cargo.lock"), scratch.path("Cargo.lock")).unwrap();
    let run = scratch.run(&["init", "--path", "shop", "--example"]);
    run.says(0, &[]);
    assert!(
        run.out.contains("`event-runtime = { workspace = true }` in `[dependencies]`"),
        "{}",
        run.out
    );
    let library = scratch.read("shop/src/lib.rs");
    scratch.write("shop/src/lib.rs", format!("{library}\n/// The example's event.\npub type Placed = events::order_placed::v1::OrderPlaced;\n"));
    builds(&scratch);
}

/// An example is only added where the command added the runtime, with its default features; a file that is there stays.
#[test]
fn example_program_is_not_added_beside_own_settings() {
    let scratch = shop();
    scratch.write("examples/order.rs", "fn main() {}\n");
    scratch.run(&["init", "--example"]).says(0, &[]);
    assert_eq!(scratch.read("examples/order.rs"), "fn main() {}\n");
    assert!(!scratch.read("Cargo.toml").contains("tokio"));

    let scratch = shop();
    let manifest = MANIFEST.replace("# none yet", "");
    let own = "event-runtime = { version = \"0.1\", default-features = false }\n";
    scratch.write("Cargo.toml", format!("{manifest}{own}"));
    scratch.run(&["init", "--example"]).says(0, &[]);
    assert!(!scratch.path("examples").exists());
}

/// A separate crate that depends on the crates of a clone, as in the README.
#[test]
fn crate_builds_after_init_with_a_clone() {
    let scratch = shop();
    for dir in ["nowhere", "src"] {
        let run = scratch.run(&["init", "--example", "--crates", dir]);
        run.says(2, &["error[no-clone]", "--crates DIR", "event-runtime/Cargo.toml"]);
    }
    assert!(!scratch.path("build.rs").exists());
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let run = scratch.run(&["init", "--example", "--crates", clone.to_str().unwrap()]);
    run.says(0, &[]);
    assert!(run.out.contains("/event-runtime"), "{run:?}");
    let library = scratch.read("src/lib.rs");
    scratch.write("src/lib.rs", format!("{library}\n/// The example's event.\npub type Placed = events::order_placed::v1::OrderPlaced;\n"));
    let manifest = scratch.read("Cargo.toml");
    scratch
        .write("Cargo.toml", format!("{manifest}\n[workspace]\n\n[profile.dev]\ndebug = false\n"));
    fs::copy(clone.join("Cargo.lock"), scratch.path("Cargo.lock")).unwrap();
    let printed = cargo(&scratch, &["run", "--example=order"]);
    assert_eq!(printed, "order A-1 for 1299 cents\n");
}

#[cfg(unix)]
#[test]
fn relative_path_of_a_clone_stays_relative() {
    let scratch = Scratch::empty();
    scratch.write("shop/Cargo.toml", MANIFEST);
    scratch.write("shop/src/lib.rs", LIBRARY);
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["event-runtime", "event-codegen"] {
        let text = fs::read_to_string(clone.join(name).join("Cargo.toml")).unwrap();
        scratch.write(&format!("clone/{name}/Cargo.toml"), text);
    }
    let run = scratch.run(&["init", "--path", "shop", "--crates", "clone"]);
    run.says(0, &[]);
    let manifest = scratch.read("shop/Cargo.toml");
    assert!(
        manifest.contains("event-runtime = { path = \"../clone/event-runtime\" }"),
        "{manifest}"
    );
    assert!(
        manifest.contains("event-codegen = { path = \"../clone/event-codegen\" }"),
        "{manifest}"
    );
}
