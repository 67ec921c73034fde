//! What the catalogue shows, gathered from a schema folder and from topologies.

use std::collections::BTreeMap;

use event_codegen::Project;
use event_folder::family::{Family, Loaded, Member};
use event_schema::compat::{self, Labels};
use event_schema::diagnostic::Severity;
use event_topology::plan::Plan;
use serde_json::{Value, json};

use super::example::example;
use super::tree::{Field, fields};
use crate::patterns::{Major, majors};

/// How many changes of one version are shown.
const CHANGES: usize = 60;

/// All of it.
pub(crate) struct Catalogue {
    pub(crate) title: String,
    pub(crate) events: Vec<Event>,
    /// Publishers and consumers by the name of their service.
    pub(crate) buses: Vec<String>,
}

/// An event.
pub(crate) struct Event {
    pub(crate) registry: String,
    pub(crate) name: String,
    pub(crate) docs: Option<String>,
    /// Ascending.
    pub(crate) majors: Vec<MajorPage>,
}

/// A major of an event.
pub(crate) struct MajorPage {
    pub(crate) major: u32,
    pub(crate) source: Option<String>,
    pub(crate) detail_type: String,
    pub(crate) retired: bool,
    pub(crate) sunset: Option<String>,
    /// Ascending.
    pub(crate) versions: Vec<VersionPage>,
    /// The fields of the newest version.
    pub(crate) fields: Vec<Field>,
    /// A whole event as it is on the bus.
    pub(crate) example: Option<Value>,
    pub(crate) publishers: Vec<String>,
    pub(crate) readers: Vec<Reader>,
}

/// A version.
pub(crate) struct VersionPage {
    pub(crate) version: String,
    pub(crate) locked: bool,
    /// The schema's text.
    pub(crate) text: std::sync::Arc<str>,
    /// The version that it is compared with.
    pub(crate) before: Option<String>,
    pub(crate) changes: Vec<Change>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// What changed.
pub(crate) struct Change {
    pub(crate) rule: &'static str,
    /// Whether it breaks somebody within a major.
    pub(crate) breaks: bool,
    pub(crate) message: String,
    pub(crate) was: Option<String>,
    pub(crate) now: Option<String>,
    pub(crate) witness: Option<String>,
}

/// A consumer.
pub(crate) struct Reader {
    pub(crate) name: String,
    pub(crate) bus: String,
    pub(crate) built_with: String,
    pub(crate) upcast_to: Option<u32>,
}

impl Catalogue {
    /// Gathers it.
    pub(crate) fn of(
        title: &str,
        families: &[Family<Loaded>],
        project: &Project,
        plans: &[Plan],
    ) -> Catalogue {
        let majors = majors(families, project);
        let events = families.iter().map(|family| {
            let own: Vec<&Major<'_>> = majors.iter().filter(|m| *m.event == family.name).collect();
            event(family, &own, project, plans)
        });
        let mut buses: Vec<String> = plans.iter().map(|plan| plan.bus.clone()).collect();
        buses.sort();
        buses.dedup();
        Catalogue { title: title.to_owned(), events: events.collect(), buses }
    }
}

fn event(
    family: &Family<Loaded>,
    majors: &[&Major<'_>],
    project: &Project,
    plans: &[Plan],
) -> Event {
    let docs = family.members.last().and_then(|member| {
        let payload = &member.event.payload;
        payload.node(payload.resolve(payload.root)).notes.description.clone()
    });
    let mut before: Option<&Member> = None;
    let mut pages = Vec::new();
    for major in majors {
        let mut versions = Vec::new();
        for member in &major.members {
            versions.push(version(before, member, project));
            before = Some(member);
        }
        pages.push(page(major, versions, project, plans));
    }
    Event {
        registry: family.name.registry.clone(),
        name: family.name.event.clone(),
        docs,
        majors: pages,
    }
}

fn version(before: Option<&Member>, member: &Member, project: &Project) -> VersionPage {
    let key = (member.file.name.clone(), member.version);
    let mut page = VersionPage {
        version: member.version.to_string(),
        locked: project.lock.as_ref().is_some_and(|lock| lock.entries.contains_key(&key)),
        text: member.file.text.clone(),
        before: before.map(|before| before.version.to_string()),
        changes: Vec::new(),
        more: 0,
    };
    let Some(before) = before else { return page };
    let (old, new) = (before.version.to_string(), page.version.clone());
    let report = compat::check_event(&before.event, &member.event, project.config.terms());
    for change in &report.changes {
        let d = change.diagnostic(Labels { old: &old, new: &new });
        if page.changes.len() == CHANGES {
            page.more += 1;
            continue;
        }
        page.changes.push(Change {
            rule: d.rule.id,
            breaks: d.severity == Severity::Error,
            message: d.message,
            was: d.was,
            now: d.now,
            witness: d.witness,
        });
    }
    page
}

fn page(
    major: &Major<'_>,
    versions: Vec<VersionPage>,
    project: &Project,
    plans: &[Plan],
) -> MajorPage {
    let newest = major.members[major.members.len() - 1];
    let source = project.config.source_of(newest);
    let detail_type = newest.detail_type();
    let is = |event: &str, number: u32, from: &str| {
        event == major.event.event
            && number == major.major
            && source.as_deref().is_none_or(|source| source == from)
    };
    let mut publishers = Vec::new();
    let mut readers: BTreeMap<(String, String), Reader> = BTreeMap::new();
    for plan in plans {
        for publisher in &plan.publishers {
            if publisher.publishes.iter().any(|p| is(&p.event_type, p.major, &p.source)) {
                publishers.push(publisher.name.clone());
            }
        }
        for consumer in &plan.consumers {
            let read = consumer.reads.iter().find(|r| is(&r.event_type, r.major, &r.source));
            if let Some(read) = read {
                let reader = Reader {
                    name: consumer.name.clone(),
                    bus: plan.bus.clone(),
                    built_with: format!("{}.{}", read.major, read.minor),
                    upcast_to: read.upcast_to,
                };
                readers.insert((plan.bus.clone(), consumer.name.clone()), reader);
            }
        }
    }
    publishers.sort();
    publishers.dedup();
    let example = example(&newest.event.payload)
        .map(|payload| whole(major, source.as_deref(), &detail_type, newest, payload));
    MajorPage {
        major: major.major,
        source,
        detail_type,
        retired: major.retired,
        sunset: major.sunset.clone(),
        versions,
        fields: fields(&newest.event.payload),
        example,
        publishers,
        readers: readers.into_values().collect(),
    }
}

/// A payload as it is on the bus: in the runtime's envelope, or directly in `detail` where the schema says so.
fn whole(
    major: &Major<'_>,
    source: Option<&str>,
    detail_type: &str,
    member: &Member,
    payload: Value,
) -> Value {
    let source = source.unwrap_or("..");
    let detail = if member.event.facts.path.as_slice() == ["detail"] {
        payload
    } else {
        json!({
            "id": "01J9ZXW5A7Q3G8T6V2M4N0K1BC",
            "source": source,
            "type": major.event.event,
            "version": format!("v{}", major.major),
            "occurredAt": "2026-01-31T12:00:00Z",
            "data": payload,
        })
    };
    json!({ "source": source, "detail-type": detail_type, "detail": detail })
}
