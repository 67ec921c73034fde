//! Scratch crates: packages that a test builds beside the workspace, with the workspace's crates
//! and versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use event_codegen::Generated;
use event_folder::load::Folder;
use event_folder::lock::Lock;

/// The lock of a scratch crate's schemas.
pub const LOCK: &str = "schemas/schemas.lock";

/// A crate in a folder of its own.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
    target: PathBuf,
}

impl Scratch {
    /// Returns the crate of this name below a test's temporary folder
    /// (`env!("CARGO_TARGET_TMPDIR")`), without the files of an earlier run. Its build output is
    /// beside it, and stays for the next run.
    pub fn new(tmp: &str, name: &str) -> Scratch {
        let dir = Path::new(tmp).join(name);
        Scratch { root: dir.join("scratch"), target: dir.join("target") }
    }

    /// Uses a shared target folder, so that common dependencies are compiled once.
    #[must_use]
    pub fn target(self, target: PathBuf) -> Scratch {
        Scratch { target, ..self }
    }

    /// The crate's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file of the crate.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file if it differs: cargo compares modification times.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let (path, text) = (self.path(name), text.as_ref());
        if fs::read(&path).is_ok_and(|old| old == text) {
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces a text that occurs once.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, text.replace(from, to));
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Removes a folder, if it exists.
    pub fn clear(&self, name: &str) {
        let _ = fs::remove_dir_all(self.path(name));
    }

    /// Writes Cargo.toml: a package of this name, these tables, and no debug information. The versions
    /// are the workspace's.
    pub fn manifest(&self, package: &str, tables: &str) {
        self.write(
            "Cargo.toml",
            format!(
                "[package]\nname = \"{package}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{tables}\n\n\
                 [profile.dev]\ndebug = false\n\n[workspace]\n"
            ),
        );
        self.write("Cargo.lock", fs::read(workspace().join("Cargo.lock")).unwrap());
    }

    /// Locks the current state of the crate's schemas.
    pub fn lock(&self) {
        let (folder, _) = Folder::read(&self.path("schemas"), "schemas");
        self.write(LOCK, Lock::of(&folder).to_text());
    }

    /// Compiles the crate's schemas, all of them locked, into `out/event-contracts`: for a crate without a
    /// build script, whose compiler gets [`out`](Scratch::out) as its `OUT_DIR`.
    pub fn compile_schemas(&self, registry: &str, source: &str) -> Generated {
        self.lock();
        let config =
            event_codegen::configure().schemas(self.path("schemas")).source(registry, source);
        let (diagnostics, generated) = config.run();
        let Some(generated) = generated else { panic!("{diagnostics:#?}") };
        generated.write(&self.out().join("event-contracts")).unwrap();
        generated
    }

    /// Where [`compile_schemas`](Scratch::compile_schemas) writes.
    pub fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Returns cargo in the crate, without network access and without the environment of this
    /// test's own build.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(args)
            .arg("--offline")
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("OUT_DIR")
            .env_remove("RUSTFLAGS");
        command
    }
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A line of `[dependencies]` that names a crate of the workspace; `more` follows its path, such as
/// `, default-features = false`.
pub fn dependency(name: &str, more: &str) -> String {
    format!("{name} = {{ path = '{}'{more} }}\n", workspace().join(name).display())
}
