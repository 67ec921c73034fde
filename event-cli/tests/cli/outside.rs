//! Names and links that lead out of the schema folder, which `cargo event pull` does not follow.

use event_local::schemas::{Preset, Server};

use crate::pull::{Registry, preset, schema, tree};
use crate::scratch::Scratch;

/// Pulls hostile names beside files that must not change.
#[test]
fn pull_writes_nothing_outside_of_the_folder() {
    let names = [
        "../../x",
        "..",
        ".",
        "/etc/passwd",
        "/x",
        "C:\\x",
        "a/../../../x",
        "a\0b",
        "NUL",
        "aux",
        "COM1.json",
        "x.",
        "x ",
        ".git",
        ".pull",
        "schemas.lock",
        "~",
        "%2E%2E%2Fx",
        "a\nb",
    ];
    let all: Vec<Preset> = names.iter().map(|n| preset(n, &[schema(1), schema(2)])).collect();
    let registry = Registry::serve(Server::builder().presets(all));
    let scratch = Scratch::empty();
    for sentinel in ["x", "a/x", "home/x", "home/.git/config", "home/schemas.lock"] {
        scratch.write(sentinel, "stays");
    }
    let outside = || {
        let mut all = tree(&scratch.path(""));
        all.retain(|name, _| !name.starts_with("home/crate/schemas/"));
        all
    };
    let before = outside();
    std::fs::create_dir_all(scratch.path("home/crate")).unwrap();
    let pull = |registry: &Registry, args: &[&str]| {
        let mut command = registry.command(&scratch, args);
        command.current_dir(scratch.path("home/crate")).output().unwrap()
    };
    let output = pull(&registry, &["pull", "--registry", "core"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(outside(), before);
    // each has its folder
    let inside = tree(&scratch.path("home/crate/schemas"));
    assert_eq!(inside.len(), names.len() * 2 + 1, "{:?}", inside.keys());
    for name in inside.keys() {
        assert!(name == "schemas.lock" || name.starts_with("core/"), "{name}");
    }
    let again = pull(&registry, &["pull", "--check"]);
    assert!(again.status.success(), "{again:?}");

    // a name too long for a file system, two names that differ in case, and an invalid registry
    let long = Registry::serve(Server::builder().presets([preset(&"x".repeat(380), &[schema(1)])]));
    let twins = Registry::serve(
        Server::builder().presets([preset("order", &[schema(1)]), preset("Order", &[schema(1)])]),
    );
    for (registry, rule) in [(&long, "registry-name"), (&twins, "registry-names-clash")] {
        let output = pull(registry, &["pull", "--registry", "core", "--schemas", "schemas/new"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(rule), "{said}");
    }
    for name in ["../../x", "/x", "a\nb", "aux", ""] {
        let output = pull(&registry, &["pull", "--registry", name]);
        assert_eq!(output.status.code(), Some(2), "{name}: {output:?}");
    }
    assert_eq!((outside(), tree(&scratch.path("home/crate/schemas"))), (before, inside));
}

#[cfg(unix)]
#[test]
fn pull_does_not_follow_links() {
    use std::os::unix::fs::symlink;
    let registry = Registry::serve(Server::builder().presets([preset("order", &[schema(1)])]));
    for place in ["core", "core/order", "core/order/1.0.json", "schemas.lock", ".pull"] {
        let scratch = Scratch::empty();
        scratch.write("outside/dir/keep", "stays");
        scratch.write("outside/file", "stays");
        let link = scratch.path(&format!("schemas/{place}"));
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        let file = place.contains(".json") || place.contains("lock");
        // a link whose target does not exist
        for target in [if file { "outside/file" } else { "outside/dir" }, "outside/none"] {
            let before = tree(&scratch.path("outside"));
            symlink(scratch.path(target), &link).unwrap();
            let run = registry.run(&scratch, &["pull", "--registry", "core"]);
            assert_eq!(run.code, 2, "{place} {target}: {run:?}");
            assert_eq!(tree(&scratch.path("outside")), before, "{place} {target}");
            std::fs::remove_file(&link).unwrap();
        }
    }
}
