//! What a push uploads: from the folder to the versions that a registry hasn't.
//!
//! Reads and decides; `client` uploads. A version goes up after all that the registry has of its
//! schema, so what somebody else has put there since must be pulled first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use event_folder::load::{EventName, Folder, SchemaFile, Version};
use event_folder::lock::{Lock, Site};
use event_folder::name::to_folder;
use event_folder::problem::{self, error, help};
use event_folder::refers::Files;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use crate::content::{self, Content};
use crate::fault;
use crate::name::{self, MAX_REGISTRY, MAX_SCHEMA};
use crate::pull::{self, Fetched, Revisions};

/// Longest content of a schema, in characters (Schemas API reference, `CreateSchema`).
pub const MAX_CONTENT: usize = 100_000;

/// A version that goes up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Whose it is.
    pub event: EventName,
    /// Which.
    pub version: Version,
    /// The content.
    pub text: Arc<str>,
    /// Whether it is an `OpenAPI` document; else `JSONSchemaDraft4`.
    pub openapi: bool,
}

/// What a push does.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Plan {
    /// The versions by schema, each in order.
    pub uploads: BTreeMap<String, Vec<Upload>>,
    /// The schemas that the registry hasn't yet.
    pub creates: BTreeSet<String>,
    /// The newest version that the registry has of a schema, by its number there.
    pub newest: BTreeMap<String, u64>,
    /// The lock, with what is known to be in the registry already.
    pub lock: Lock,
}

/// What the folder has for a registry.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Targets {
    /// The schemas, by event and major.
    pub schemas: BTreeMap<(EventName, u32), String>,
    /// What goes up of each version.
    pub contents: BTreeMap<(EventName, Version), Content>,
}

/// Which schema each major of the registry's events is: the one that the lock names, else
/// `<source>@<type>-v<major>`.
///
/// # Errors
///
/// Names and contents that the API doesn't take: said before anything is asked of it.
pub fn targets(folder: &Folder, lock: &Lock, registry: &str) -> Result<Targets, Vec<Diagnostic>> {
    let here = format!("registry:{registry}");
    let mut problems = Vec::new();
    let plain = |n: &str| n.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if registry.len() > MAX_REGISTRY || !plain(registry) || registry.starts_with("aws.") {
        let message =
            format!("`{}` can't be the name of a registry of one's own", registry.escape_default());
        let way = "at most 64 letters, digits, `.`, `-` and `_`, not beginning with `aws.`; name another with `--registry NAME`";
        problems.push(help(fault::registry_name(&here, message), &[way]));
        return Err(problems);
    }
    let mut out = Targets::default();
    let files = Files::of(folder);
    for file in of(folder, registry) {
        let content = match content::of(&files, file) {
            Ok(content) => content,
            Err(d) => {
                problems.push(*d);
                continue;
            }
        };
        let length = content.text.chars().count();
        if length > MAX_CONTENT {
            let message =
                format!("the schema has {length} characters; a registry takes {MAX_CONTENT}");
            let way = "give each event of it a schema of its own, or leave out descriptions in a new version";
            problems
                .push(help(error(&rules::REGISTRY_CONTENT_TOO_LONG, &file.shown, message), &[way]));
        }
        let key = (file.name.clone(), file.version.major);
        let known = lock.origins.iter().find(|((name, version), o)| {
            *name == key.0 && version.major == key.1 && o.registry == registry
        });
        // the newest minor's word for the source is the one that counts
        let schema = known.map_or_else(|| name::schema_of(file), |(_, o)| o.schema.clone());
        out.schemas.insert(key, schema);
        out.contents.insert((file.name.clone(), file.version), content);
    }
    let mut names: BTreeMap<&str, &EventName> = BTreeMap::new();
    for ((event, _), schema) in &out.schemas {
        if schema.chars().count() > MAX_SCHEMA {
            let message = format!(
                "`{}` would be the schema `{schema}`, which is too long: a registry takes {MAX_SCHEMA} characters",
                event.event
            );
            problems.push(help(
                fault::registry_name(&here, message),
                &["give the event or its source a shorter name"],
            ));
        }
        let other = names.insert(schema, event);
        if other.is_some_and(|other| other != event) {
            let message = format!("`{schema}` would be the schema of two events");
            problems.push(help(
                fault::registry_names_clash(&here, message),
                &["give one of them another name"],
            ));
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The files that belong into a registry, in order.
fn of<'f>(folder: &'f Folder, registry: &str) -> impl Iterator<Item = &'f SchemaFile> {
    let dir = to_folder(registry).ok();
    folder.files().filter(move |f| dir.as_deref() == Some(f.name.registry.as_str()))
}

/// Plans a push into the registry of this place; `fetched` is what it has of the targets, all of it read
/// now. A version that was not fetched is not there, whatever the lock says.
///
/// # Errors
///
/// Where the registry has what the folder hasn't, or a version would come after a later one.
pub fn plan(
    root: &Path,
    folder: &Folder,
    place: &Site,
    registry: &str,
    targets: &Targets,
    fetched: &[Fetched],
) -> Result<Plan, Vec<Diagnostic>> {
    let mut pulled = pull::plan(root, place, registry, fetched, Revisions::All)?;
    let mut problems = Vec::new();
    for file in &pulled.change.files {
        let message =
            format!("the registry has `{}` {}, which is not here", file.name.event, file.version);
        let way = format!("run `cargo event pull --registry {registry}`, then push again");
        problems
            .push(help(problem::registry_ahead(&format!("registry:{registry}"), message), &[&way]));
    }
    if *place != Site::Unknown {
        let schemas: BTreeSet<&str> = targets.schemas.values().map(String::as_str).collect();
        let there = |schema: &str, version: u64| {
            fetched.iter().any(|f| f.schema == schema && f.versions.contains_key(&version))
        };
        pulled.change.lock.origins.retain(|_, o| {
            let asked =
                o.place == *place && o.registry == registry && schemas.contains(o.schema.as_str());
            !asked || there(&o.schema, o.version)
        });
    }
    let mut plan = Plan { lock: pulled.change.lock, ..Plan::default() };
    let there: BTreeSet<&str> = fetched.iter().map(|f| f.schema.as_str()).collect();
    let newest = |f: &Fetched| Some((f.schema.clone(), *f.versions.keys().next_back()?));
    plan.newest = fetched.iter().filter_map(newest).collect();
    let mut before: BTreeMap<&str, &Content> = BTreeMap::new();
    for file in of(folder, registry) {
        let key = (file.name.clone(), file.version);
        let schema = targets.schemas.get(&(file.name.clone(), file.version.major));
        let (Some(schema), Some(content)) = (schema, targets.contents.get(&key)) else { continue };
        let earlier = before.insert(schema, content);
        let known = *place != Site::Unknown;
        if known && plan.lock.origins.in_registry(&key, place, registry).is_some() {
            if plan.uploads.contains_key(schema) {
                let message = format!(
                    "`{}` {} is in the registry, and an earlier minor is not",
                    file.name.event, file.version
                );
                let way =
                    "a registry only appends: put the earlier minor's content into a new version";
                problems.push(help(problem::registry_ahead(&file.shown, message), &[way]));
            }
            continue;
        }
        // identical content is no version there
        if earlier.is_some_and(|e| e.text == content.text) {
            continue;
        }
        if !there.contains(schema.as_str()) {
            plan.creates.insert(schema.clone());
        }
        plan.uploads.entry(schema.clone()).or_default().push(Upload {
            event: file.name.clone(),
            version: file.version,
            text: content.text.clone(),
            openapi: content.openapi,
        });
    }
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}
