//! The texts that diagnostics point into, by the name in diagnostics.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use event_codegen::Project;

/// Texts by name.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    texts: BTreeMap<String, Arc<str>>,
    /// The name and the path of a folder, from which files that schemas refer to are read.
    folder: Option<(String, PathBuf)>,
}

impl Sources {
    /// Returns the files of a schema folder.
    pub(crate) fn of_project(project: &Project) -> Sources {
        let mut sources = Sources::default();
        sources.add_project(project);
        sources
    }

    /// Adds the files of a schema folder.
    pub(crate) fn add_project(&mut self, project: &Project) {
        let folder = &project.folder;
        self.texts.extend(folder.files().map(|f| (f.shown.to_string(), f.text.clone())));
        self.folder = Some((folder.shown.clone(), folder.root.clone()));
    }

    /// Adds a text.
    pub(crate) fn insert(&mut self, shown: &str, text: Arc<str>) {
        self.texts.insert(shown.to_owned(), text);
    }

    /// Returns the text of a file, if it is known or readable.
    pub(crate) fn get(&self, shown: &str) -> Option<Arc<str>> {
        if let Some(text) = self.texts.get(shown) {
            return Some(text.clone());
        }
        let (folder, root) = self.folder.as_ref()?;
        let below = shown.strip_prefix(folder.as_str())?.strip_prefix('/')?;
        std::fs::read_to_string(root.join(below)).ok().map(Arc::from)
    }
}
