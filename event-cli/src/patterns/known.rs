//! The majors of the events of a schema folder: what patterns are judged by.

use event_codegen::Project;
use event_folder::family::{Family, Loaded, Member};
use event_folder::load::EventName;
use serde_json::{Value, json};

/// A major of an event.
#[expect(clippy::struct_field_names, reason = "its number is called the major everywhere")]
pub(crate) struct Major<'p> {
    pub(crate) event: &'p EventName,
    pub(crate) major: u32,
    /// Its versions, ascending; one at least.
    pub(crate) members: Vec<&'p Member>,
    /// The sources that it may be published under; none where nothing says one.
    pub(crate) sources: Vec<String>,
    pub(crate) detail_types: Vec<String>,
    /// Whether the lock calls it retired.
    pub(crate) retired: bool,
    /// The day from which on it should have no readers.
    pub(crate) sunset: Option<String>,
}

impl Major<'_> {
    /// As outputs in JSON begin to describe it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "registry": self.event.registry,
            "type": self.event.event,
            "major": self.major,
            "retired": self.retired,
            "sunset": self.sunset,
        })
    }

    /// `proposal.published v2`.
    pub(crate) fn shown(&self) -> String {
        format!("{} v{}", self.event.event, self.major)
    }
}

/// All majors of all events.
pub(crate) fn majors<'p>(families: &'p [Family<Loaded>], project: &Project) -> Vec<Major<'p>> {
    let mut out = Vec::new();
    for family in families {
        let majors = family.majors();
        for (major, members) in &majors {
            let next = majors.range(major + 1..).next();
            let days = next.into_iter().flat_map(|(_, all)| all).filter_map(|m| m.sunset());
            let days = days.filter(|day| event_shape::baseline::days(day).is_some());
            let mut sources: Vec<String> =
                members.iter().filter_map(|m| project.config.source_of(m)).collect();
            let mut detail_types: Vec<String> = members.iter().map(|m| m.detail_type()).collect();
            for all in [&mut sources, &mut detail_types] {
                all.sort();
                all.dedup();
            }
            out.push(Major {
                event: &family.name,
                major: *major,
                members: members.clone(),
                sources,
                detail_types,
                retired: members.iter().any(|m| m.retired),
                sunset: days.max().map(str::to_owned),
            });
        }
    }
    out
}
