//! What is said below the changes from one version of an event to another: `diff` says it, and `pull --check`.

use event_schema::compat::{Labels, Report};

use crate::command::count;

/// The line under the changes.
pub(crate) fn summary(found: &Report, labels: Labels<'_>) -> String {
    let (all, bad) = (found.changes.len(), found.breaks().count());
    let changes = match (all, bad) {
        (0, _) => "no change".to_owned(),
        (n, 0) => count(n, "change"),
        (n, bad) if n == bad => count(bad, "breaking change"),
        (n, bad) => format!("{}, {}", count(bad, "breaking change"), count(n - bad, "other")),
    };
    let verdict = found.verdict.as_str();
    format!("{} to {}, policy {}: {verdict}, {changes}", labels.old, labels.new, found.policy)
}
