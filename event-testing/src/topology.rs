//! Files that a package generates from its topology, kept equal to its code.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

use event_folder::write_if_changed;
use event_runtime::Timestamp;
use event_runtime::topology::Topology;

#[cfg(doc)]
use crate::ACCEPT;
use crate::difference::Causes;
use crate::{accepts, package};

/// Asserts that a file of the package under test equals the printed topology, so that commands such as `cargo event
/// template` do not need to compile the service. With [`EVENT_ACCEPT=1`](ACCEPT) it writes the file. A consumer that reads a
/// major past its sunset is a warning on standard error.
///
/// The path is relative to the package (`CARGO_MANIFEST_DIR`); by convention it is `topology.json`.
///
/// # Example
///
/// ```no_run
/// use event_runtime::topology::{Topology, TopologyError};
///
/// fn topology() -> Result<Topology, TopologyError> {
///     Topology::on("shop").build()
/// }
///
/// event_testing::assert_topology("topology.json", &topology().unwrap());
/// ```
///
/// # Panics
///
/// If the file is missing or differs, with the first line that does.
#[track_caller]
pub fn assert_topology(file: impl AsRef<Path>, topology: &Topology) {
    for late in topology.plan().past_sunset(&today()) {
        // Not by `eprintln!`: what that prints is shown for tests that fail.
        _ = writeln!(io::stderr(), "warning: {late}");
    }
    let text = match serde_json::to_string_pretty(topology) {
        Ok(text) => text + "\n",
        Err(error) => panic!("failed to print the topology: {error}"),
    };
    assert_file(file, &text);
}

/// Today as `yyyy-mm-dd`, in UTC.
fn today() -> String {
    Timestamp::now().to_string().chars().take("yyyy-mm-dd".len()).collect()
}

/// Asserts that a file of the package under test has exactly this text, for example a committed template that is made
/// from the topology. With [`EVENT_ACCEPT=1`](ACCEPT) it writes the file.
///
/// # Panics
///
/// If the file is missing or differs, with the first line that does.
#[track_caller]
pub fn assert_file(file: impl AsRef<Path>, text: &str) {
    if let Err(stale) = fresh(&package().join(&file), text, accepts()) {
        panic!("{}", Causes(&stale))
    }
}

/// Why [`assert_file`] fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Stale {
    /// The file is missing.
    #[error("`{file}` is missing\nto write it: `EVENT_ACCEPT=1 cargo test`")]
    Missing {
        /// The file.
        file: String,
    },
    /// The file differs from the generated text.
    #[error(
        "`{file}` is out of date at line {line}\n- {was}\n+ {is}\nto write it again: `EVENT_ACCEPT=1 cargo test`"
    )]
    Differs {
        /// The file.
        file: String,
        /// The first line that differs, from 1.
        line: usize,
        /// That line in the file; empty after its end.
        was: String,
        /// That line of the new text; empty after its end.
        is: String,
    },
    /// The file cannot be read or written.
    #[error("failed to read or write `{file}`")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
}

fn fresh(path: &Path, text: &str, accept: bool) -> Result<(), Stale> {
    let file = path.display().to_string();
    let was = match fs::read_to_string(path) {
        // Git may have checked the file out with other line ends.
        Ok(was) => Some(was.replace("\r\n", "\n")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(Stale::Io { file, source }),
    };
    if was.as_deref() == Some(text) {
        return Ok(());
    }
    if accept {
        let written = write_if_changed(path, text);
        return written.map(drop).map_err(|source| Stale::Io { file, source });
    }
    let Some(was) = was else { return Err(Stale::Missing { file }) };
    let (mut old, mut new) = (was.lines(), text.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (was, is) = (old.next(), new.next());
        if was != is || was.is_none() {
            let text = |line: Option<&str>| line.unwrap_or_default().to_owned();
            return Err(Stale::Differs { file, line, was: text(was), is: text(is) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_file_is_reported_with_its_first_line_that_differs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("topology.json");
        assert!(matches!(fresh(&path, "a\nb\n", false), Err(Stale::Missing { .. })));
        fresh(&path, "a\nb\n", true).unwrap();
        fresh(&path, "a\nb\n", false).unwrap();
        let stale = fresh(&path, "a\nc\n", false).unwrap_err();
        assert!(matches!(&stale, Stale::Differs { line: 2, .. }), "{stale}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\n");
        fs::write(&path, "a\r\nb\r\n").unwrap();
        fresh(&path, "a\nb\n", false).unwrap();
    }
}
