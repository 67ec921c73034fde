//! Reads `event.toml`, the settings of a schema folder.

use std::io::ErrorKind;
use std::path::Path;

use event_schema::diagnostic::Diagnostic;
use event_schema::settings::Settings;

use crate::CONFIG_FILE;
use crate::load::{link_out, read_text, shown, stays_inside};
use crate::problem::{self, help, merge_conflict};

/// Reads the settings of the folder `root`; a folder without the file has the default ones. Returns what was readable
/// beside the problems, so that the rest of the file still applies to the schemas.
///
/// ```
/// let (settings, problems) = event_folder::settings::read(std::path::Path::new("no/such/folder"));
/// assert!(problems.is_empty() && settings.sources.is_empty());
/// ```
pub fn read(root: &Path) -> (Settings, Vec<Diagnostic>) {
    let path = root.join(CONFIG_FILE);
    let shown = format!("{}/{CONFIG_FILE}", shown(root));
    if path.is_symlink() && !stays_inside(&path, root) {
        // a file outside of the folder is neither read nor shown
        return (Settings::default(), vec![link_out(&shown)]);
    }
    if path.symlink_metadata().is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        return (Settings::default(), Vec::new());
    }
    let text = match read_text(&path) {
        Ok(text) => text,
        Err(why) => return (Settings::default(), vec![problem::unreadable(&shown, why)]),
    };
    match merge_conflict(&shown, &text) {
        Some(conflict) => (Settings::default(), vec![help(conflict, &[problem::KEEP_ONE])]),
        None => Settings::read(&text, &shown),
    }
}
