//! Diagnostics about a registry, one function per rule.

use event_folder::load::EventName;
use event_folder::name::NoFolder;
use event_folder::problem::{error, help};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use crate::version::Refusal;

/// The diagnostic about a registry that does not answer.
#[cfg(feature = "client")]
pub(crate) fn registry_unreachable(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_UNREACHABLE, file, message)
}

/// The diagnostic about credentials that are missing or rejected.
#[cfg(feature = "client")]
pub(crate) fn registry_credentials(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_CREDENTIALS, file, message)
}

/// The diagnostic about a registry or schema that is missing.
#[cfg(feature = "client")]
pub(crate) fn registry_not_found(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_NOT_FOUND, file, message)
}

/// The diagnostic about a name that the registry or the folder cannot have.
pub(crate) fn registry_name(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_NAME, file, message)
}

/// The diagnostic about two schemas that would be the same event.
pub(crate) fn registry_names_clash(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_NAMES_CLASH, file, message)
}

fn registry_history_changed(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_HISTORY_CHANGED, file, message)
}

/// The diagnostic about a name of the registry that cannot be the name of a folder.
pub(crate) fn bad_name(file: &str, name: &str, why: NoFolder) -> Diagnostic {
    let message = format!("`{}` cannot be the name of a folder: {why}", name.escape_default());
    registry_name(file, message)
}

/// The diagnostic about two schemas of the registry that would be the same event in the folder.
pub(crate) fn clash(file: &str, event: &str, other: &str) -> Diagnostic {
    let message = format!("`{event}` and `{other}` would be the same event in the folder");
    help(
        registry_names_clash(file, message),
        &["move one of them to another registry, or rename it"],
    )
}

/// The diagnostic about two registries that would be the same folder.
pub(crate) fn clash_of_registries(file: &str, registry: &str, folder: &str) -> Diagnostic {
    let message = format!(
        "the registry `{}` and the folder `{folder}` are the same on file systems that ignore case",
        registry.escape_default()
    );
    help(
        registry_names_clash(file, message),
        &["pull the registry into another schema folder: `--schemas DIR`"],
    )
}

/// The diagnostic about a registry version that gets no version in the folder.
pub(crate) fn refused(file: &str, event: &EventName, refusal: &Refusal) -> Diagnostic {
    let (d, way) = match refusal {
        Refusal::Behind { version, locked } => (
            registry_history_changed(
                file,
                format!(
                    "registry version {version} is new, but the later version {locked} is locked already"
                ),
            ),
            "a registry only appends: put the content into a new version of it",
        ),
        Refusal::Changed { version, here } => (
            registry_history_changed(
                file,
                format!(
                    "registry version {version} is locked as {here}, but its content has changed"
                ),
            ),
            "a published version is immutable: restore its content in the registry, and publish the new content as the next version",
        ),
        Refusal::Taken { version, here } => (
            error(
                &rules::REGISTRY_VERSION_TAKEN,
                file,
                format!(
                    "registry version {version} would be `{}` {here}, which exists with different content",
                    event.event
                ),
            ),
            "rename the file here to the next version, then pull again",
        ),
        Refusal::Exhausted { version } => (
            registry_history_changed(
                file,
                format!("registry version {version} would need a number above the largest one"),
            ),
            "start a new major",
        ),
    };
    help(d, &[way])
}
