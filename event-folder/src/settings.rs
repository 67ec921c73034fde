//! `event.toml` of a schema folder, read from the folder.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use event_schema::diagnostic::Diagnostic;
use event_schema::settings::Settings;

use crate::CONFIG_FILE;
use crate::load::{link_out, shown, stays_inside};
use crate::problem::{self};

/// Reads the settings of the folder `root`; a folder without the file has none. What could be read is returned beside
/// the problems, so that after one mistake the schemas are still read as the rest of the file says.
///
/// ```
/// let (settings, problems) = event_folder::settings::read(std::path::Path::new("no/such/folder"));
/// assert!(problems.is_empty() && settings.sources.is_empty());
/// ```
pub fn read(root: &Path) -> (Settings, Vec<Diagnostic>) {
    let path = root.join(CONFIG_FILE);
    let shown = format!("{}/{CONFIG_FILE}", shown(root));
    if path.is_symlink() && !stays_inside(&path, root) {
        // nothing outside of the folder is read, or shown
        return (Settings::default(), vec![link_out(&shown)]);
    }
    match fs::read_to_string(&path) {
        Ok(text) => Settings::read(&text, &shown),
        Err(e) if e.kind() == ErrorKind::NotFound => (Settings::default(), Vec::new()),
        Err(e) => {
            let problem = problem::unreadable(&shown, format!("cannot be read: {e}"));
            (Settings::default(), vec![problem])
        }
    }
}
