//! Plans a push: which versions of the folder the registry does not have.
//!
//! Reads and decides; `upload` sends. A new version comes after all versions of its schema that the registry has, so
//! versions that somebody else pushed must be pulled first.

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

/// The longest content of a schema, in characters (Schemas API reference, `CreateSchema`).
pub const MAX_CONTENT: usize = 100_000;

/// A version to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The event.
    pub event: EventName,
    /// The version.
    pub version: Version,
    /// The content.
    pub text: Arc<str>,
    /// Whether it is an `OpenAPI` document, and not `JSONSchemaDraft4`.
    pub openapi: bool,
}

/// The changes of a push.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Plan {
    /// The versions to upload by schema, in order.
    pub uploads: BTreeMap<String, Vec<Upload>>,
    /// The schemas that the registry does not have yet.
    pub creates: BTreeSet<String>,
    /// The newest registry version of each schema.
    pub newest: BTreeMap<String, u64>,
    /// The lock, with the origins of versions that the registry already has.
    pub lock: Lock,
}

/// The schemas and contents that a folder has for a registry.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Targets {
    /// The schemas, by event and major.
    pub schemas: BTreeMap<(EventName, u32), String>,
    /// The content of each version.
    pub contents: BTreeMap<(EventName, Version), Content>,
}

/// Returns the schema of each major of the registry's events: the one that the lock names (default:
/// `<source>@<type>-v<major>`).
///
/// # Errors
///
/// Names and contents that the API does not accept, before any request is sent.
pub fn targets(folder: &Folder, lock: &Lock, registry: &str) -> Result<Targets, Vec<Diagnostic>> {
    let here = format!("registry:{registry}");
    let mut problems = Vec::new();
    let plain = |n: &str| n.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if registry.len() > MAX_REGISTRY || !plain(registry) || registry.starts_with("aws.") {
        let message = format!(
            "invalid name `{}` of a registry: expected at most 64 letters, digits, `.`, `-` and `_`, without `aws.` at the start",
            registry.escape_default()
        );
        let way = "name another registry with `--registry NAME`";
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
                format!("the schema has {length} characters: expected at most {MAX_CONTENT}");
            let way = "split it into one schema per event, or remove descriptions in a new version";
            problems
                .push(help(error(&rules::REGISTRY_CONTENT_TOO_LONG, &file.shown, message), &[way]));
        }
        let key = (file.name.clone(), file.version.major);
        let known = lock.origins.iter().find(|((name, version), o)| {
            *name == key.0 && version.major == key.1 && o.registry == registry
        });
        // the source of the newest minor is the one that counts
        let schema = known.map_or_else(|| name::schema_of(file), |(_, o)| o.schema.clone());
        out.schemas.insert(key, schema);
        out.contents.insert((file.name.clone(), file.version), content);
    }
    let mut names: BTreeMap<&str, &EventName> = BTreeMap::new();
    for ((event, _), schema) in &out.schemas {
        if schema.chars().count() > MAX_SCHEMA {
            let message = format!(
                "the name of the schema `{schema}` for `{}` is too long: expected at most {MAX_SCHEMA} characters",
                event.event
            );
            problems.push(help(
                fault::registry_name(&here, message),
                &["shorten the name of the event or its source"],
            ));
        }
        let other = names.insert(schema, event);
        if other.is_some_and(|other| other != event) {
            let message = format!("`{schema}` would be the schema of two events");
            problems.push(help(
                fault::registry_names_clash(&here, message),
                &["rename one of the events"],
            ));
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// Returns the files that belong to a registry, in order.
fn of<'f>(folder: &'f Folder, registry: &str) -> impl Iterator<Item = &'f SchemaFile> {
    let dir = to_folder(registry).ok();
    folder.files().filter(move |f| dir.as_deref() == Some(f.name.registry.as_str()))
}

/// Plans a push to the registry at this place. `fetched` is everything that it has of the targets now: a version that
/// was not fetched is not in the registry, even if the lock records it.
///
/// # Errors
///
/// If the registry has versions that the folder does not, or a version would come after a later one.
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
        let message = format!(
            "the registry has `{}` {}, which is missing in the folder",
            file.name.event, file.version
        );
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
                    "`{}` {} is in the registry, but an earlier minor is not",
                    file.name.event, file.version
                );
                let way = "a registry only appends: put the content of the earlier minor into a new version";
                problems.push(help(problem::registry_ahead(&file.shown, message), &[way]));
            }
            continue;
        }
        // the registry makes no new version for identical content
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
