//! A schema folder for one test.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test may fail loudly"
)]

use std::fs;
use std::path::PathBuf;

use event_codegen::{Config, Generated};
use event_folder::load::Folder;
use event_folder::lock::{self, Lock};
use event_schema::diagnostic::Diagnostic;

/// A folder of schemas that is removed with the value.
pub struct Schemas {
    dir: tempfile::TempDir,
}

impl Schemas {
    /// A folder with these files, by path below it.
    pub fn new(files: &[(&str, &str)]) -> Schemas {
        let schemas = Schemas { dir: tempfile::tempdir().unwrap() };
        // paths are shown relative to the folder with a Cargo.lock
        fs::write(schemas.dir.path().join("Cargo.lock"), "").unwrap();
        fs::create_dir(schemas.root()).unwrap();
        for (path, text) in files {
            schemas.write(path, text);
        }
        schemas
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("schemas")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    /// Locks the current schemas.
    #[must_use]
    pub fn locked(self) -> Schemas {
        let (folder, _) = Folder::read(&self.root(), "schemas");
        self.write(lock::FILE, &Lock::of(&folder).to_text());
        self
    }

    pub fn config(&self) -> Config {
        event_codegen::configure().schemas(self.root()).source("core", "app.core")
    }

    pub fn run(&self) -> (Vec<Diagnostic>, Option<Generated>) {
        self.config().run()
    }

    /// The generated code of a folder without problems.
    pub fn generated(&self) -> Generated {
        let (diagnostics, generated) = self.run();
        generated.unwrap_or_else(|| panic!("{}", shown(&diagnostics)))
    }

    /// All problems, as they are shown.
    pub fn problems(&self) -> String {
        let (diagnostics, generated) = self.run();
        assert!(generated.is_none(), "code was generated");
        shown(&diagnostics)
    }
}

pub fn shown(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().flat_map(|d| {
        std::iter::once(d.headline()).chain(d.details().into_iter().map(|l| format!("  = {l}")))
    });
    lines.collect::<Vec<_>>().join("\n")
}
