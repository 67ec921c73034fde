//! All steps of a build, for build.rs and for the command.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use event_folder::family::{self, Checked, Family};
use event_folder::load::{self, Folder};
use event_folder::lock::{self, Drift, Lock};
use event_folder::problem::{self, any_error, error, help};
use event_folder::refers::Files;
use event_folder::{loose, remove_others, report, write_if_changed};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

use crate::config::Config;
use crate::generate::{Generated, generate_watched};
use crate::{drafts, watch};

/// Compiles the schemas of a folder; called by build.rs. The same as
/// `configure().schemas(folder).compile()`.
pub fn compile(folder: impl Into<PathBuf>) {
    configure().schemas(folder).compile();
}

/// Starts a configuration.
pub fn configure() -> Config {
    Config::default()
}

/// A schema folder, read and checked as far as possible.
#[derive(Debug)]
#[non_exhaustive]
pub struct Project {
    /// The folder.
    pub folder: Folder,
    /// The lock, if it exists and can be read.
    pub lock: Option<Lock>,
    /// The differences between the folder and the lock.
    pub drift: Drift,
    /// The checked events; empty after an error.
    pub families: Vec<Family<Checked>>,
    /// All errors and warnings except those about the lock.
    pub diagnostics: Vec<Diagnostic>,
    /// Problems between the folder and its lock.
    pub lock_diagnostics: Vec<Diagnostic>,
    /// The settings of the folder.
    pub config: Config,
}

impl Project {
    /// Reads and checks the folder `root`.
    pub fn open(root: &Path) -> Project {
        Project::configured(root, Config::default(), None).0
    }

    /// The additional problems of a build: settings without effect, schemas that no Rust type can be
    /// generated for.
    pub fn generation(&self) -> Vec<Diagnostic> {
        if any_error(&self.diagnostics) {
            return Vec::new();
        }
        match crate::generate(&self.families, &self.config) {
            Ok(generated) => generated.warnings,
            Err(problems) => problems,
        }
    }

    /// The same, and the configuration with the settings of the folder's `event.toml`. Drafts of the
    /// package `code` are set aside.
    fn configured(root: &Path, config: Config, code: Option<&Path>) -> (Project, Config) {
        let shown = load::shown(root);
        let (mut folder, mut diagnostics) = Folder::read(root, &shown);
        let mut lock_diagnostics = Vec::new();
        let lock_shown = format!("{shown}/{}", lock::FILE);
        let parsed = folder.parsed_lock();
        if let (Some(code), None | Some(Ok(_))) = (code, &parsed) {
            let none = Lock::default();
            let lock = parsed.as_ref().and_then(|p| p.as_ref().ok()).unwrap_or(&none);
            diagnostics.extend(drafts::set_aside(&mut folder, lock, code));
        }
        let lock = match parsed {
            Some(Ok(lock)) => Some(lock),
            Some(Err(bad)) => {
                lock_diagnostics.push(*bad);
                None
            }
            None => {
                if !folder.is_empty() {
                    lock_diagnostics.push(help(
                        problem::lock_missing(&lock_shown, "the schemas are not locked"),
                        &["run `cargo event lock`, and commit the file that it writes"],
                    ));
                }
                None
            }
        };
        let drift = lock.as_ref().map(|l| Drift::between(l, &folder)).unwrap_or_default();
        lock_diagnostics.extend(drift.diagnostics(&folder));
        lock_diagnostics.extend(lock.as_ref().and_then(|l| old_format(l, &folder, &lock_shown)));

        let (config, bad) = config.with_what_reads(root);
        diagnostics.extend(bad);
        // a deleted version leaves a gap, which is reported only once
        let said = |d: &Diagnostic| d.is(&rules::VERSION_GAP) && !drift.deleted.is_empty();
        let files = Files::of(&folder);
        let (loaded, unreadable) = family::read_with(&folder, config.settings(), &files);
        let loose = loose::judge(&folder, &files);
        if any_error(&loose) && folder.is_empty() {
            diagnostics.retain(|d| !d.is(&rules::NO_SCHEMAS));
        }
        diagnostics.extend(loose);
        diagnostics.extend(unreadable.into_iter().filter(|d| !said(d)));
        let places = loaded.iter().map(|f| f.name.clone());
        let known = folder.events.keys().cloned().chain(places).collect();
        diagnostics.extend(config.unknown_layers(&known));
        let families = match family::check(loaded, config.terms()) {
            Ok((families, warnings)) => {
                diagnostics.extend(warnings);
                families
            }
            Err(breaks) => {
                diagnostics.extend(breaks);
                Vec::new()
            }
        };
        let project = Project {
            folder,
            lock,
            drift,
            families,
            diagnostics,
            lock_diagnostics,
            config: config.clone(),
        };
        (project, config)
    }
}

/// A lock of the previous format does not show whether shared definitions were edited.
fn old_format(lock: &Lock, folder: &Folder, shown: &str) -> Option<Diagnostic> {
    let refers = lock.old_format && !Lock::of(folder).refers.is_empty();
    refers.then(|| {
        let mut d = error(
            &rules::LOCK_FORMAT,
            shown,
            "the lock has format 1, which does not cover what schemas refer to in other files",
        );
        d.severity = Severity::Warning;
        help(d, &["run `cargo event lock`: it rewrites the lock in format 2, and from then on an edit of a shared definition is an error"])
    })
}

impl Config {
    /// Reads, checks, generates and writes; called by build.rs. Prints the instructions for cargo. After an
    /// error nothing is written, and cargo fails the build.
    pub fn compile(&self) {
        let out = std::io::stdout();
        let mut out = out.lock();
        // if stdout is closed, cargo has ended
        let _ = self.compile_to(&mut out);
    }

    fn compile_to(&self, out: &mut impl Write) -> std::io::Result<()> {
        let root = self.root();
        report::instruction(out, "rerun-if-changed", &root.to_string_lossy())?;
        let (diagnostics, generated) = self.outcome(true);
        report::write(out, &diagnostics)?;
        let Some(generated) = generated else { return Ok(()) };
        let cargos = || std::env::var_os("OUT_DIR").map(PathBuf::from);
        let Some(dir) = self.out_dir.clone().or_else(cargos) else {
            let message = "OUT_DIR is not set: `compile` is for build.rs; elsewhere, set a folder with `out_dir`";
            return report::instruction(out, "error", message);
        };
        let dir = dir.join("event-contracts");
        if self.sunset_is_error {
            // the derive reads it when a day has passed
            report::instruction(out, "rustc-env", "EVENT_CONTRACTS_SUNSET=error")?;
        }
        if let Err(e) = generated.write(&dir) {
            report::instruction(out, "error", &format!("cannot write the generated code: {e}"))?;
        }
        Ok(())
    }

    /// Reads, checks and generates without writing. The generated texts are present if no diagnostic is an
    /// error.
    pub fn run(&self) -> (Vec<Diagnostic>, Option<Generated>) {
        self.outcome(false)
    }

    /// `begins`: an empty folder may be one whose first event begins in the code.
    fn outcome(&self, begins: bool) -> (Vec<Diagnostic>, Option<Generated>) {
        let (root, given) = (self.root(), self.clone());
        // a released version must be locked
        let release = std::env::var_os("PROFILE").is_some_and(|profile| profile == "release");
        let code = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let code = code.filter(|_| begins && !release);
        let work = move |progress: &watch::Progress| {
            let (project, config) = Project::configured(&root, given, code.as_deref());
            let mut diagnostics = project.diagnostics;
            if begins {
                for problem in &mut diagnostics {
                    project.folder.may_begin_in_code(problem);
                }
            }
            diagnostics.extend(project.lock_diagnostics);
            if any_error(&diagnostics) {
                return (diagnostics, None);
            }
            match generate_watched(&project.families, &config, progress) {
                Ok(generated) => {
                    diagnostics.extend(generated.warnings.iter().cloned());
                    (diagnostics, Some(generated))
                }
                Err(more) => {
                    diagnostics.extend(more);
                    (diagnostics, None)
                }
            }
        };
        watch::bounded(watch::LIMIT, work).unwrap_or_else(|late| (vec![*late], None))
    }

    fn root(&self) -> PathBuf {
        let manifest =
            std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        manifest.join(&self.schemas)
    }
}

fn named(path: &Path, e: &std::io::Error) -> std::io::Error {
    std::io::Error::new(e.kind(), format!("{}: {e}", path.display()))
}

impl Generated {
    /// Writes the files below `dir`: only those that differ, each atomically.
    ///
    /// # Errors
    ///
    /// Returns any I/O error.
    pub fn write(&self, dir: &Path) -> std::io::Result<()> {
        let baselines = dir.join("baseline");
        let mut keep = BTreeSet::new();
        for (name, text) in &self.baselines {
            let path = baselines.join(name);
            write_if_changed(&path, text).map_err(|e| named(&path, &e))?;
            keep.insert(path);
        }
        remove_others(&baselines, &keep)?;
        for (name, text) in [("events.rs", &self.rust), ("include.rs", &self.include)] {
            let path = dir.join(name);
            write_if_changed(&path, text).map_err(|e| named(&path, &e))?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use std::fs;

    use super::*;

    /// A file's path, text and time.
    type Written = (PathBuf, String, std::time::SystemTime);

    /// The output of build.rs for a schema folder, and the time and text of each file that it wrote.
    fn build(config: &Config, out: &Path) -> (String, Vec<Written>) {
        let mut text = Vec::new();
        config.clone().out_dir(out).compile_to(&mut text).unwrap();
        let mut files = Vec::new();
        let mut todo = vec![out.to_owned()];
        while let Some(dir) = todo.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    todo.push(path);
                } else {
                    let time = fs::metadata(&path).unwrap().modified().unwrap();
                    files.push((path.clone(), fs::read_to_string(&path).unwrap(), time));
                }
            }
        }
        files.sort();
        (String::from_utf8(text).unwrap(), files)
    }

    const SCHEMA: &str = r#"{ "type": "object", "properties": { "id": { "type": "string" } } }"#;

    #[test]
    fn an_empty_folder_is_a_warning_where_a_first_event_may_begin() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("schemas");
        let (out, config) = (dir.path().join("out"), configure().schemas(&root));
        let (text, files) = build(&config, &out);
        assert!(text.contains("cargo::error=[schema-folder-missing]"), "{text}");
        assert!(text.contains("mkdir schemas"), "{text}");
        assert!(files.is_empty(), "{files:?}");

        fs::create_dir(&root).unwrap();
        let (text, files) = build(&config, &out);
        assert!(text.contains("cargo::warning=[no-schemas]"), "{text}");
        assert!(!text.contains("cargo::error"), "{text}");
        assert!(files.iter().any(|(path, index, _)| path.ends_with("index") && index.is_empty()));
        assert!(any_error(&config.run().0), "for `cargo event` it is an error");

        // a lock with entries means that schemas are missing
        fs::write(root.join(lock::FILE), "version = 1\n").unwrap();
        assert!(build(&config, &out).0.contains("cargo::error=[no-schemas]"));
    }

    /// Cargo watches a folder with everything in it: new, edited and deleted files and folders, the lock
    /// and `event.toml`. So one line is always right, and must always be printed.
    #[test]
    fn the_folder_is_watched_whatever_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("schemas");
        let (out, config) = (dir.path().join("out"), configure().schemas(&root));
        let watched = format!("cargo::rerun-if-changed={}\n", root.display());
        let said = |what: &str| {
            let text = build(&config, &out).0;
            assert!(text.starts_with(&watched), "{what}: {text}");
            assert_eq!(text.matches("rerun-if").count(), 1, "{what}: {text}");
            text
        };
        assert!(said("missing").contains("cargo::error="));
        fs::create_dir_all(root.join("core/a.b")).unwrap();
        assert!(said("empty").contains("cargo::error="));
        fs::write(root.join("core/a.b/1.0.json"), "{").unwrap();
        assert!(said("broken").contains("cargo::error="));
        fs::write(root.join("core/a.b/1.0.json"), SCHEMA).unwrap();
        let (folder, _) = Folder::read(&root, "schemas");
        fs::write(root.join(lock::FILE), Lock::of(&folder).to_text()).unwrap();
        assert_eq!(said("good"), watched);
        fs::write(root.join("event.toml"), "number = 1").unwrap();
        assert!(said("bad settings").contains("[bad-config]"));
    }

    #[test]
    fn unchanged_files_are_not_touched_and_stale_ones_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("schemas");
        let (out, config) = (dir.path().join("out"), configure().schemas(&root));
        let locked = |events: &[&str]| {
            let _ = fs::remove_dir_all(&root);
            for event in events {
                fs::create_dir_all(root.join("core").join(event)).unwrap();
                fs::write(root.join("core").join(event).join("1.0.json"), SCHEMA).unwrap();
            }
            let (folder, _) = Folder::read(&root, "schemas");
            fs::write(root.join(lock::FILE), Lock::of(&folder).to_text()).unwrap();
        };
        locked(&["a.b", "c.d"]);
        let first = build(&config, &out).1;
        // the module, its include, two baselines and their index
        assert_eq!(first.len(), 5);
        // the same folder, written again in another order
        locked(&["c.d", "a.b"]);
        assert_eq!(build(&config, &out).1, first);
        // one event less: its baseline is removed, the other one is unchanged
        locked(&["c.d"]);
        let less = build(&config, &out).1;
        assert_eq!(less.len(), 4);
        let kept = less.iter().find(|(path, ..)| path.ends_with("core--c.d")).unwrap();
        assert!(first.contains(kept));
        // a folder with a mistake leaves all files as they were
        fs::write(root.join("core/c.d/1.0.json"), "{").unwrap();
        assert_eq!(build(&config, &out).1, less);
    }
}
