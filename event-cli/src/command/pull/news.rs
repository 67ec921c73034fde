//! What is new in a pulled version: its changes since the version before.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use event_folder::family::{Checked, Family, Member};
use event_folder::load::{EventName, SchemaFile, Version};
use event_registry::pull::Plan;
use event_schema::compat::{self, Labels, Policy, Report, Terms};
use serde_json::{Value, json};

use crate::changes;
use crate::command::count;
use crate::render;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// The families of a plan, by the folder of their members.
pub(super) type Families<'p> = BTreeMap<&'p EventName, Vec<&'p Family<Checked>>>;

/// Groups the families once, because a registry may have thousands.
pub(super) fn families(plan: &Plan) -> Families<'_> {
    let mut out = Families::new();
    for family in &plan.families {
        let names: BTreeSet<&EventName> = family.members.iter().map(|m| &m.file.name).collect();
        for name in names {
            out.entry(name).or_default().push(family);
        }
    }
    out
}

/// What is new in a version of an event.
pub(super) struct News {
    event: String,
    version: Version,
    since: Option<Since>,
}

/// The version before, and what changed since then.
struct Since {
    version: Version,
    report: Report,
}

impl News {
    /// Compares a version with the minor before. A new major is compared with the newest of the major before, from
    /// which everything may change.
    pub(super) fn of(file: &SchemaFile, families: &Families<'_>, plan: &Plan) -> Vec<News> {
        let its = |m: &&Member| m.file.name == file.name && m.version == file.version;
        let news = families.get(&file.name).into_iter().flatten().flat_map(|family| {
            family.members.iter().filter(its).map(|new| {
                let earlier = family.members.iter().filter(|m| m.version < new.version);
                let since = earlier.max_by_key(|m| m.version).map(|old| {
                    let same_major = old.version.major == new.version.major;
                    let policy = if same_major { plan.terms.policy } else { Policy::None };
                    let terms = Terms { policy, ..plan.terms };
                    let report = compat::check_event(&old.event, &new.event, terms);
                    Since { version: old.version, report }
                });
                News { event: new.name.event.clone(), version: new.version, since }
            })
        });
        news.collect()
    }

    /// Returns the changes in one line.
    pub(super) fn words(&self) -> String {
        match &self.since {
            None => "a new event".to_owned(),
            Some(since) if since.version.major != self.version.major => {
                let changes = count(since.report.changes.len(), "change");
                format!("a new major, {changes} since {}", since.version)
            }
            Some(since) => {
                let (old, new) = (since.version.to_string(), self.version.to_string());
                changes::summary(&since.report, Labels { old: &old, new: &new })
            }
        }
    }

    /// Returns the changes as `cargo event diff` prints them, with both versions.
    pub(super) fn json(&self) -> Value {
        json!({
            "type": self.event,
            "from": self.since.as_ref().map(|s| s.version.to_string()),
            "diff": self.since.as_ref().map(|s| s.report.to_json()),
        })
    }

    /// Prints every change, including harmless ones.
    pub(super) fn show(&self, sources: &Sources, terminal: &mut Terminal) -> io::Result<()> {
        let Some(Since { version, report }) = &self.since else { return Ok(()) };
        let (old, new) = (version.to_string(), self.version.to_string());
        let labels = Labels { old: &old, new: &new };
        for change in &report.changes {
            let drawn = render::diagnostic(&change.diagnostic(labels), sources, terminal.out_width);
            writeln!(terminal.out, "\n{}", drawn.trim_end_matches('\n'))?;
        }
        if report.changes.is_empty() { Ok(()) } else { writeln!(terminal.out) }
    }
}
