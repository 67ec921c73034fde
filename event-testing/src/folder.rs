//! The schema folder around an event's schema: its settings, and the files that the schema refers to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_folder::{refers, settings};
use event_schema::compat::Terms;
use event_schema::document::Document;
use event_schema::read::Layer;

use super::Difference;

/// Returns the schema folder of a package: its own, or the nearest one above it in the workspace.
pub(super) fn of_package(package: &Path) -> PathBuf {
    let own = package.join("schemas");
    let mut around = package.ancestors();
    loop {
        let Some(dir) = around.next() else { return own };
        let folder = dir.join("schemas");
        if folder.is_dir() {
            return folder;
        }
        // the root of the workspace
        if dir.join("Cargo.lock").is_file() {
            return own;
        }
    }
}

/// The settings that apply to the schemas of one event.
pub(super) struct Folder {
    /// What the schemas describe, if the settings state it.
    pub(super) layer: Option<Layer>,
    /// How readers read the event.
    pub(super) terms: Terms,
    root: PathBuf,
    /// The folder of the event.
    dir: PathBuf,
}

impl Folder {
    /// Reads the settings of the folder `root` for an event.
    pub(super) fn open(root: &Path, registry: &str, event: &str) -> Result<Folder, Difference> {
        let (settings, problems) = settings::read(root);
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let layer = settings.layer(registry, event);
        let dir = root.join(registry).join(event);
        Ok(Folder { layer, terms: settings.terms, root: root.to_owned(), dir })
    }

    /// Reads a file that the schema refers to, from within the schema folder only.
    pub(super) fn file(&self, reference: &str) -> Option<Arc<Document>> {
        let found = refers::read_below(&self.root, &self.dir.join(reference))?;
        found.ok().map(Arc::new)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::of_package;

    #[test]
    fn folder_is_the_package_s_own_or_the_nearest_in_the_workspace() -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        let (outer, root) = (dir.path(), dir.path().join("root"));
        let package = root.join("services/orders");
        fs::create_dir_all(&package)?;
        fs::create_dir(outer.join("schemas"))?;
        fs::write(root.join("Cargo.lock"), "")?;
        // folders outside of the workspace are not used
        assert_eq!(of_package(&package), package.join("schemas"));
        fs::create_dir(root.join("schemas"))?;
        assert_eq!(of_package(&package), root.join("schemas"));
        fs::create_dir(package.join("schemas"))?;
        assert_eq!(of_package(&package), package.join("schemas"));
        Ok(())
    }
}
