//! A clone of this project, whose crates a package depends on by their paths.

use std::fs;
use std::path::{Component, Path, PathBuf};

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use toml_edit::{DocumentMut, Item};

/// The crates that a package may get, each in a folder of its name.
const CRATES: [&str; 2] = ["event-runtime", "event-codegen"];

/// The folder of a clone as a package's manifest names it: relative where `given` is, with `/` between parts.
///
/// # Errors
///
/// Where the folder is no clone, or has crates of a version that this command does not fit.
pub(crate) fn of(given: &Path, package: &Path) -> Result<String, Box<Diagnostic>> {
    for name in CRATES {
        let path = given.join(name).join("Cargo.toml");
        let shown = path.to_string_lossy().into_owned();
        let bad = |message: String| {
            let d = Diagnostic::error(&rules::NO_CLONE, shown.as_str().into(), message);
            Box::new(d.with_help(
                "name the folder that this command was built in, the one that holds `event-runtime` and `event-codegen`: `--crates DIR`",
            ))
        };
        let text = fs::read_to_string(&path).map_err(|e| bad(format!("can't be read: {e}")))?;
        let manifest: DocumentMut =
            text.parse().map_err(|_| bad("is no manifest that can be read".to_owned()))?;
        let says = manifest.get("package").and_then(|p| p.get("name")).and_then(Item::as_str);
        if says != Some(name) {
            return Err(bad(format!("is not the manifest of `{name}`")));
        }
    }
    let bad = |e: std::io::Error| {
        let shown = given.to_string_lossy();
        Box::new(Diagnostic::error(&rules::NO_CLONE, shown.into(), format!("can't be read: {e}")))
    };
    let to = given.canonicalize().map_err(bad)?;
    if given.is_absolute() {
        return Ok(slashes(&to));
    }
    let here = if package.as_os_str().is_empty() { Path::new(".") } else { package };
    Ok(slashes(&relative(&here.canonicalize().map_err(bad)?, &to)))
}

/// The way from one whole path to another; the other itself where no way leads there.
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
    fn the_way() {
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
