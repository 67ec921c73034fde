//! Finds the crates in a clone of this project, for a package that depends on them by path.

use std::fs;
use std::path::{Component, Path, PathBuf};

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use toml_edit::{DocumentMut, Item};

/// The crates that a package may depend on, each in a folder with its name.
const CRATES: [&str; 2] = ["event-runtime", "event-codegen"];

/// Returns the folder of a clone as the manifest of a package names it: relative if `given` is, with `/` between parts.
///
/// # Errors
///
/// If the folder is not a clone.
pub(crate) fn of(given: &Path, package: &Path) -> Result<String, Box<Diagnostic>> {
    for name in CRATES {
        let path = given.join(name).join("Cargo.toml");
        let shown = path.to_string_lossy().into_owned();
        let bad = |message: String| {
            Box::new(no_clone(&shown, message).with_help(
                "name the folder with `event-runtime` and `event-codegen`, from which this command was built: `--crates DIR`",
            ))
        };
        let text =
            fs::read_to_string(&path).map_err(|e| bad(format!("failed to read the file: {e}")))?;
        let manifest: DocumentMut =
            text.parse().map_err(|_| bad("failed to parse the manifest".to_owned()))?;
        let says = manifest.get("package").and_then(|p| p.get("name")).and_then(Item::as_str);
        if says != Some(name) {
            return Err(bad(format!("this is not the manifest of `{name}`")));
        }
    }
    let bad = |e: std::io::Error| {
        Box::new(no_clone(&given.to_string_lossy(), format!("failed to read the folder: {e}")))
    };
    let to = given.canonicalize().map_err(bad)?;
    if given.is_absolute() {
        return Ok(slashes(&to));
    }
    let here = if package.as_os_str().is_empty() { Path::new(".") } else { package };
    Ok(slashes(&relative(&here.canonicalize().map_err(bad)?, &to)))
}

fn no_clone(file: &str, message: String) -> Diagnostic {
    Diagnostic::error(&rules::NO_CLONE, file.into(), message)
}

/// Returns the path from one absolute path to another, or the other itself if they have nothing in common.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let apart = from.components().next() != to.components().next();
    if common == 0 || apart {
        return to.to_owned();
    }
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(common)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn path_between_folders_is_relative() {
        for (from, to, way) in [
            ("/a/shop", "/a/clone", "../clone"),
            ("/a/b/c", "/a", "../.."),
            ("/a", "/a/clone", "clone"),
            ("/a", "/a", "."),
            ("/a", "/b/c", "../b/c"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(way), "{from} {to}");
        }
    }
}
