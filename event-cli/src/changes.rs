//! The summary of the changes from one version of an event to another, for `diff` and `pull --check`.

use event_schema::compat::{Labels, Report};

use crate::command::count;

/// Returns the summary line.
pub(crate) fn summary(found: &Report, labels: Labels<'_>) -> String {
    let (all, bad) = (found.changes.len(), found.breaks().count());
    let changes = match (all, bad) {
        (0, _) => "no changes".to_owned(),
        (n, 0) => count(n, "change"),
        (n, bad) if n == bad => count(bad, "breaking change"),
        (n, bad) => format!("{}, {}", count(bad, "breaking change"), count(n - bad, "other")),
    };
    let verdict = found.verdict.as_str();
    format!("{} to {}, policy {}: {verdict}, {changes}", labels.old, labels.new, found.policy)
}
