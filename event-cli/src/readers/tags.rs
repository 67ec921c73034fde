//! Readers as tags of a registry's schema: `push --readers` writes them, `readers` and `retire` read them back.
//!
//! One tag a consumer: the key is `event-reader:<bus>/<consumer>`, the value is the version that the consumer was built
//! with. Other tags stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use event_codegen::Project;
use event_folder::load::EventName;
use event_registry::client::Client;
use event_registry::name;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use event_topology::plan::Plan;

use super::{Evidence, Found, Kind, Reads, Sighting};
use crate::patterns::Major;
use crate::topologies;

/// What the keys of these tags begin with.
const KEY: &str = "event-reader:";

/// The most tags of a resource (*Amazon EventBridge Schemas API Reference*, `TagResource`).
const TAGS: usize = 50;

/// The most characters of a tag's key (*AWS Tagging Best Practices*, "Tag naming limits").
const KEY_CHARS: usize = 128;

/// What the registry's schemas of an event say of its readers.
pub(crate) fn gather(
    registry: &str,
    event: &EventName,
    majors: &[Major<'_>],
    project: &Project,
    found: &mut Found,
) {
    let mut evidence = Evidence {
        kind: Kind::Registered,
        looked_at: format!("tags of the schemas in registry `{registry}`"),
        problems: Vec::new(),
    };
    match Client::connect() {
        Err(problems) => evidence.problems.extend(problems.iter().map(|d| d.message.clone())),
        Ok(client) => {
            for major in majors.iter().filter(|m| m.event == event) {
                let schema = schema(registry, major, project);
                match client.tags(registry, &schema) {
                    // a schema that is not in the registry has no readers there
                    Ok(None) => {}
                    Ok(Some(tags)) => {
                        found.sightings.extend(sightings(registry, &schema, major.major, &tags));
                    }
                    Err(problem) => evidence.problems.push(problem.message.clone()),
                }
            }
        }
    }
    found.evidence.push(evidence);
}

fn sightings<'t>(
    registry: &str,
    schema: &str,
    major: u32,
    tags: &'t BTreeMap<String, String>,
) -> impl Iterator<Item = Sighting> + 't {
    let place = format!("registry:{registry}/{schema}");
    tags.iter().filter_map(move |(key, version)| {
        let (bus, who) = key.strip_prefix(KEY)?.rsplit_once('/')?;
        Some(Sighting {
            major,
            kind: Kind::Registered,
            who: who.to_owned(),
            bus: Some(bus.to_owned()),
            place: place.clone(),
            details: vec![format!("built with {version}")],
            reads: Reads::Yes,
            measured: None,
        })
    })
}

/// What a major is called in a registry: as the lock says, else as a push would call it.
fn schema(registry: &str, major: &Major<'_>, project: &Project) -> String {
    let newest = major.members[major.members.len() - 1];
    let key = (newest.file.name.clone(), newest.version);
    let origins = project.lock.iter().flat_map(|lock| lock.origins.of(&key));
    let known = origins.filter(|origin| origin.registry == registry).last();
    known.map_or_else(|| name::schema_of(&newest.file), |origin| origin.schema.clone())
}

/// The tags that a push writes and removes, by schema.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) add: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) remove: BTreeMap<String, Vec<String>>,
}

/// Reads the topologies whose readers are to be registered.
///
/// # Errors
///
/// Files and folders that cannot be read, and files that are not topologies; or if no topology was found.
pub(crate) fn plans(files: &[PathBuf]) -> Result<Vec<Plan>, Vec<Diagnostic>> {
    let plans = topologies::plans(files)?;
    if plans.is_empty() { Err(vec![topologies::missing()]) } else { Ok(plans) }
}

/// Writes the readers of these topologies as tags of the schemas that they read, and removes those of consumers of
/// the same buses that do not read them any more.
pub(crate) fn push(
    client: &Client,
    registry: &str,
    majors: &[Major<'_>],
    plans: &[Plan],
    project: &Project,
    dry_run: bool,
) -> Result<Changes, Vec<Diagnostic>> {
    let (mut changes, mut problems) = (Changes::default(), Vec::new());
    let buses: BTreeSet<&str> = plans.iter().map(|plan| plan.bus.as_str()).collect();
    let here = majors.iter().filter(|m| {
        name::from_registry(registry) == m.event.registry || registry == m.event.registry
    });
    for major in here {
        let schema = schema(registry, major, project);
        let there = match client.tags(registry, &schema) {
            Ok(Some(tags)) => tags,
            Ok(None) => continue,
            Err(problem) => {
                problems.push(*problem);
                continue;
            }
        };
        let wanted = wanted(major, plans);
        let own = |key: &str| {
            let bus = key.strip_prefix(KEY).and_then(|rest| rest.rsplit_once('/'));
            bus.is_some_and(|(bus, _)| buses.contains(bus))
        };
        let gone: Vec<String> =
            there.keys().filter(|key| own(key) && !wanted.contains_key(*key)).cloned().collect();
        let new: BTreeMap<String, String> =
            wanted.into_iter().filter(|(key, value)| there.get(key) != Some(value)).collect();
        let added = new.keys().filter(|key| !there.contains_key(*key)).count();
        if let Some(long) = new.keys().find(|key| key.chars().count() > KEY_CHARS) {
            problems.push(too_many(
                registry,
                &schema,
                format!("the key `{long}` has more than {KEY_CHARS} characters"),
            ));
        } else if there.len() - gone.len() + added > TAGS {
            let all = there.len() - gone.len() + added;
            problems.push(too_many(
                registry,
                &schema,
                format!("{all} tags; AWS takes up to {TAGS} of one schema"),
            ));
        } else {
            if !gone.is_empty() {
                changes.remove.insert(schema.clone(), gone);
            }
            if !new.is_empty() {
                changes.add.insert(schema, new);
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if !dry_run {
        let schemas: BTreeSet<&String> = changes.add.keys().chain(changes.remove.keys()).collect();
        for schema in schemas {
            let (none, nothing) = (BTreeMap::new(), Vec::new());
            let add = changes.add.get(schema).unwrap_or(&none);
            let remove = changes.remove.get(schema).unwrap_or(&nothing);
            if let Err(problem) = client.retag(registry, schema, add, remove) {
                problems.push(*problem);
            }
        }
    }
    if problems.is_empty() { Ok(changes) } else { Err(problems) }
}

fn too_many(registry: &str, schema: &str, message: String) -> Diagnostic {
    let at = format!("registry:{registry}/{schema}");
    let d = Diagnostic::error(&rules::TOO_MANY_READERS, at.as_str().into(), message);
    d.with_help(rules::TOO_MANY_READERS.fix)
}

/// The tags of the consumers that read a major.
fn wanted(major: &Major<'_>, plans: &[Plan]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for plan in plans {
        for consumer in &plan.consumers {
            let reads = consumer.reads.iter().find(|read| {
                read.event_type == major.event.event
                    && read.major == major.major
                    && (major.sources.is_empty() || major.sources.contains(&read.source))
            });
            if let Some(read) = reads {
                let key = format!("{KEY}{}/{}", plan.bus, consumer.name);
                out.insert(key, format!("{}.{}", read.major, read.minor));
            }
        }
    }
    out
}
