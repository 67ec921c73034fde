//! Drafts of events that begin in the code: versions that are written, not locked, and declared by a struct
//! of the package. The struct is their source, and a build must not prevent the test that rewrites them
//! from running.

use std::fs;
use std::path::Path;

use event_folder::load::Folder;
use event_folder::lock::Lock;
use event_folder::problem::{self, help};
use event_schema::diagnostic::{Diagnostic, Severity};

/// The maximum number of files of a package that are read.
const MAX_FILES: usize = 20_000;

/// The texts of all Rust files that may declare versions of the folder `schemas` when `package` is built:
/// the package's own and, if the folder belongs to the workspace, those of all packages beside it.
fn claiming(package: &Path, schemas: &Path) -> Vec<String> {
    let real = (package.canonicalize(), schemas.canonicalize());
    let around = match &real {
        (Ok(package), Ok(schemas)) if !schemas.starts_with(package) => schemas.parent(),
        _ => None,
    };
    let Some(workspace) = around.filter(|dir| dir.join("Cargo.toml").is_file()) else {
        return sources(package);
    };
    let mut out = Vec::new();
    read(workspace, Within::Workspace, &mut out);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// A package's own folder.
    Root,
    /// Below it; another package begins there.
    Package,
    /// All packages of a workspace.
    Workspace,
}

/// The texts of all Rust files of a package, without other packages below it and cargo's output.
pub fn sources(package: &Path) -> Vec<String> {
    let mut out = Vec::new();
    read(package, Within::Root, &mut out);
    out
}

fn read(dir: &Path, within: Within, out: &mut Vec<String>) {
    let other = within == Within::Package && dir.join("Cargo.toml").exists();
    if other || (within != Within::Root && dir.join("CACHEDIR.TAG").exists()) {
        return;
    }
    let below = if within == Within::Root { Within::Package } else { within };
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = entries.map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden || path.is_symlink() || out.len() >= MAX_FILES {
            continue;
        }
        if path.is_dir() {
            read(&path, below, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.extend(fs::read_to_string(&path));
        }
    }
}

/// Whether a text contains `#[event(type = "EVENT", ..)]`, with this version if one is given. This is a
/// text search; the compiler has the last word.
pub fn declares(text: &str, event: &str, version: Option<&str>) -> bool {
    let plain: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(str::split_whitespace)
        .collect();
    let wanted = format!("type=\"{event}\"");
    plain.match_indices(&wanted).any(|(at, _)| {
        let Some(version) = version else { return true };
        let begin = plain[..at].rfind("event(").unwrap_or(at);
        let end = plain[at..].find(")]").map_or(plain.len(), |end| at + end);
        plain[begin..end].contains(&format!("version=\"{version}\""))
    })
}

/// Removes the drafts from a folder, with a warning for each.
pub(crate) fn set_aside(folder: &mut Folder, lock: &Lock, package: &Path) -> Vec<Diagnostic> {
    let unlocked = |f: &&event_folder::load::SchemaFile| {
        !lock.entries.contains_key(&(f.name.clone(), f.version))
    };
    let candidates: Vec<_> = folder.files().filter(unlocked).cloned().collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let texts = claiming(package, &folder.root);
    let mut out = Vec::new();
    for file in candidates {
        let version = file.version.to_string();
        if !texts.iter().any(|text| declares(text, &file.name.event, Some(&version))) {
            continue;
        }
        if let Some(versions) = folder.events.get_mut(&file.name) {
            versions.remove(&file.version);
        }
        let message = format!(
            "`{}` {version} is a draft of a struct: not locked, so the struct is not checked against it",
            file.name.event
        );
        let mut d = problem::schema_not_locked(&file.shown, message);
        d.severity = Severity::Warning;
        out.push(help(
            d,
            &[
                &format!("after you edit the struct: `cargo event new-version {} --from-code` rewrites the file", file.name.event),
                "once it is final: `cargo event lock`; a release build requires it",
            ],
        ));
    }
    folder.events.retain(|_, versions| !versions.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn struct_is_found_by_type_and_version_of_one_attribute() {
        let text = "#[derive(Event)]\n#[event(\n  version = \"1.1\", // new\n  type = \"order.placed\", source = \"a\")]\nstruct A;\n#[event(type = \"order.paid\", version = \"1.0\")]\nstruct B;\n// #[event(type = \"gone\", version = \"1.0\")]\n";
        assert!(
            declares(text, "order.placed", None) && declares(text, "order.placed", Some("1.1"))
        );
        assert!(!declares(text, "order.placed", Some("1.0")));
        assert!(
            declares(text, "order.paid", Some("1.0")) && !declares(text, "order.paid", Some("1.1"))
        );
        assert!(!declares(text, "gone", None) && !declares(text, "order", None));
    }
}
