//! Diagnostics about a registry, one function a rule.

use event_folder::problem::error;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

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

/// The diagnostic about a name that one side cannot have.
pub(crate) fn registry_name(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_NAME, file, message)
}

/// The diagnostic about two schemas that would be one event.
pub(crate) fn registry_names_clash(file: &str, message: impl Into<String>) -> Diagnostic {
    error(&rules::REGISTRY_NAMES_CLASH, file, message)
}
