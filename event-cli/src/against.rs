//! Compares the schema folder with an earlier state of it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use event_codegen::Project;
use event_folder::family::{self, Family, Loaded, Member};
use event_folder::load::{EventName, Folder, Version};
use event_folder::lock::{Drift, Lock};
use event_folder::problem::{self, any_error};
use event_schema::compat;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

#[cfg(not(feature = "registry"))]
use crate::command::absent;
use crate::git;
use crate::sources::Sources;

/// The word for the registries; a folder of this name is `./registry`.
const REGISTRY: &str = "registry";

/// The earlier state to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Against {
    /// A revision of the repository around the schema folder.
    Git(String),
    /// Another schema folder.
    Folder(PathBuf),
    /// The registries of AWS's Schema Registry that the folder and its lock name.
    Registry,
}

impl FromStr for Against {
    type Err = String;

    fn from_str(text: &str) -> Result<Against, String> {
        match text.strip_prefix("git:") {
            // git would parse it as an option
            Some(rev) if rev.is_empty() || rev.starts_with('-') => {
                Err(format!("invalid revision `{rev}`: expected one such as `git:origin/main`"))
            }
            Some(rev) => Ok(Against::Git(rev.to_owned())),
            None if text.is_empty() => {
                Err("expected a revision `git:REV`, a folder, or `registry`".to_owned())
            }
            None if text == REGISTRY => Ok(Against::Registry),
            None => Ok(Against::Folder(text.into())),
        }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Against::Git(rev) => write!(f, "git:{rev}"),
            Against::Folder(path) => path.display().fmt(f),
            Against::Registry => f.write_str(REGISTRY),
        }
    }
}

/// An earlier state.
struct Earlier {
    name: String,
    folder: Folder,
    families: Vec<Family<Loaded>>,
    /// The published versions: those in its lock, or all without a lock.
    published: Lock,
}

impl Against {
    /// Checks the folder against the earlier state. Returns the number of versions that were published there, and the
    /// problems. Adds the texts of the earlier state to `sources`.
    pub(crate) fn compare(
        &self,
        now: &Project,
        sources: &mut Sources,
    ) -> Result<(usize, Vec<Diagnostic>), Vec<Diagnostic>> {
        let earlier = match self {
            #[cfg(feature = "registry")]
            Against::Registry => return crate::remote::compare(now),
            #[cfg(not(feature = "registry"))]
            Against::Registry => return Err(vec![absent::problem("registry")]),
            Against::Git(rev) => from_git(rev, now)?,
            Against::Folder(path) => from_folder(path, now)?,
        };
        for file in earlier.folder.files() {
            sources.insert(&file.shown, file.text.clone());
        }
        Ok((earlier.published.entries.len(), earlier.differences(now)))
    }
}

fn from_git(rev: &str, now: &Project) -> Result<Earlier, Vec<Diagnostic>> {
    let checkout = git::checkout(rev, &now.folder).map_err(|d| vec![*d])?;
    Earlier::read(
        format!("git:{rev}"),
        checkout.path(),
        &format!("{rev}:{}", now.folder.shown),
        now,
    )
}

fn from_folder(path: &Path, now: &Project) -> Result<Earlier, Vec<Diagnostic>> {
    let shown = path.to_string_lossy();
    if !path.is_dir() {
        let message = "the folder in `--against` does not exist";
        let d = problem::schema_folder_missing(&shown, message);
        return Err(vec![d.with_help("correct the path, or name a revision: `git:REV`")]);
    }
    Earlier::read(shown.to_string(), path, &shown, now)
}

impl Earlier {
    fn read(
        name: String,
        root: &Path,
        shown: &str,
        now: &Project,
    ) -> Result<Earlier, Vec<Diagnostic>> {
        let (folder, problems) = Folder::read(root, shown);
        // nothing can have changed in an empty folder
        let problems: Vec<_> = problems.into_iter().filter(|d| !d.is(&rules::NO_SCHEMAS)).collect();
        if any_error(&problems) {
            return Err(problems);
        }
        let mut published = match folder.parsed_lock() {
            Some(lock) => lock.map_err(|d| vec![*d])?,
            None => Lock::of(&folder),
        };
        published.upgrade(&folder);
        // both states are read with the current settings: otherwise a correction of the settings would be a change of
        // every schema. An earlier schema that is no longer readable is compared by its text only
        let (families, _) = family::read(&folder, now.config.settings());
        Ok(Earlier { name, folder, families, published })
    }

    /// Reports published versions that were edited or deleted, and what new and edited versions break.
    fn differences(&self, now: &Project) -> Vec<Diagnostic> {
        let drift = Drift::between(&self.published, &now.folder);
        let mut out: Vec<Diagnostic> =
            drift.edited.iter().map(|key| self.edited(key, &now.folder)).collect();
        out.extend(drift.deleted.iter().map(|key| self.deleted(key, &now.folder)));
        let shared = Drift { shared: drift.shared.clone(), ..Drift::default() };
        out.extend(shared.diagnostics(&now.folder).into_iter().map(|d| self.edited_there(d)));
        let mut changed: BTreeSet<_> = drift.edited;
        changed.extend(drift.deleted);
        changed.extend(drift.shared.into_values().flatten());
        let (families, _) = family::read(&now.folder, now.config.settings());
        for old in &self.families {
            let Some(new) = families.iter().find(|f| f.name == old.name) else { continue };
            for (old, new) in pairs(old, new, &changed) {
                // the check of the folder itself compares what is unchanged
                let label = format!("{} of {}", old.version, self.name);
                let minors =
                    [(label.as_str(), &old.event), (&*new.version.to_string(), &new.event)];
                out.extend(compat::check_events(&minors, now.config.terms()));
            }
        }
        out
    }

    /// Adapts the diagnostic of the lock's own check about a shared definition.
    fn edited_there(&self, mut d: Diagnostic) -> Diagnostic {
        d.message = d.message.replacen("is locked by", "is referred to by", 1).replacen(
            " and was edited;",
            &format!(", published in `{}`, and was edited since;", self.name),
            1,
        );
        d.help.truncate(1);
        let take_back = self.take_back(&d.file);
        d.with_help(take_back)
    }

    fn edited(&self, (name, version): &(EventName, Version), folder: &Folder) -> Diagnostic {
        let shown = place(folder, name, *version);
        let message = format!(
            "`{}` {version} is published in `{}` and was edited since then",
            name.event, self.name
        );
        let d = problem::locked_schema_edited(&shown, message);
        d.with_help(format!(
            "put the change into a new version: copy the file to the next version, such as `cp {shown} {}`",
            place(folder, name, next_minor(folder, name, *version))
        ))
        .with_help(self.take_back(&shown))
    }

    fn deleted(&self, (name, version): &(EventName, Version), folder: &Folder) -> Diagnostic {
        let shown = place(folder, name, *version);
        let message = format!(
            "`{}` {version} is published in `{}` and was deleted since then",
            name.event, self.name
        );
        let d = problem::locked_schema_deleted(&shown, message);
        d.with_help(self.take_back(&shown).replacen("then ", "", 1))
    }

    fn take_back(&self, shown: &str) -> String {
        match self.name.strip_prefix("git:") {
            Some(rev) => {
                format!("then restore the published text: `git checkout {rev} -- {shown}`")
            }
            None => format!("then restore the published text from `{}`", self.name),
        }
    }
}

fn next_minor(folder: &Folder, name: &EventName, version: Version) -> Version {
    let own = folder.events.get(name).into_iter().flat_map(|v| v.keys());
    let newest = own.filter(|v| v.major == version.major).map(|v| v.minor).max();
    Version { minor: newest.unwrap_or(version.minor).saturating_add(1), ..version }
}

fn place(folder: &Folder, name: &EventName, version: Version) -> String {
    format!("{}/{}/{}/{version}.json", folder.shown, name.registry, name.event)
}

/// Pairs each changed earlier version with the versions of its major from it on. The folder's own check cannot compare
/// them, because the earlier text is gone.
fn pairs<'m>(
    old: &'m Family<Loaded>,
    new: &'m Family<Loaded>,
    changed: &BTreeSet<(EventName, Version)>,
) -> Vec<(&'m Member, &'m Member)> {
    let gone = old.members.iter().filter(|m| changed.contains(&(m.file.name.clone(), m.version)));
    gone.flat_map(|old| {
        let later =
            move |m: &&Member| m.version.major == old.version.major && m.version >= old.version;
        new.members.iter().filter(later).map(move |new| (old, new))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_folders_and_the_registry_parse() {
        assert_eq!("git:HEAD~1".parse(), Ok(Against::Git("HEAD~1".into())));
        assert_eq!("../old".parse(), Ok(Against::Folder("../old".into())));
        assert_eq!("registry".parse(), Ok(Against::Registry));
        assert_eq!("./registry".parse(), Ok(Against::Folder("./registry".into())));
        for bad in ["", "git:", "git:--output=x"] {
            assert!(bad.parse::<Against>().is_err(), "{bad}");
        }
    }
}
