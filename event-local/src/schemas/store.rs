//! The server's data, in memory: registries, schemas, versions, discoverers, policies.
//!
//! Names are only keys of maps: a name from a client never becomes a path.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use super::call::Tags;
use super::error::ApiError;

/// The format of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `OpenApi3`.
    OpenApi3,
    /// `JSONSchemaDraft4`.
    JsonSchemaDraft4,
}

impl Kind {
    /// The name of the format in the API.
    pub fn name(self) -> &'static str {
        match self {
            Kind::OpenApi3 => "OpenApi3",
            Kind::JsonSchemaDraft4 => "JSONSchemaDraft4",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Kind, ApiError> {
        match name {
            "OpenApi3" => Ok(Kind::OpenApi3),
            "JSONSchemaDraft4" => Ok(Kind::JsonSchemaDraft4),
            _ => {
                let name = name.escape_default();
                let message =
                    format!("`Type` is `{name}`: expected `OpenApi3` or `JSONSchemaDraft4`");
                Err(ApiError::bad_request(message))
            }
        }
    }
}

/// A schema that a server starts with. It is not validated, so a test can put schemas into a
/// registry that the API would refuse.
#[derive(Debug, Clone)]
pub struct Preset {
    /// The registry. It is created if it does not exist.
    pub registry: String,
    /// The schema's name.
    pub name: String,
    /// The format of the schema.
    pub kind: Kind,
    /// The texts of versions `1`, `2`, …
    pub versions: Vec<Arc<str>>,
    /// When the newest version was written (default: when the server started).
    pub modified: Option<SystemTime>,
}

/// A version.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) kind: Kind,
    pub(super) content: Arc<str>,
    pub(super) created: Timestamp,
}

/// A schema.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) description: Option<String>,
    pub(super) tags: Tags,
    pub(super) versions: BTreeMap<u64, Version>,
    /// The last number that was assigned. The number of a deleted version is not assigned again.
    pub(super) last: u64,
    pub(super) modified: Timestamp,
}

impl Schema {
    /// The newest version; every schema has one.
    pub(super) fn newest(&self) -> Result<(u64, &Version), ApiError> {
        let newest = self.versions.last_key_value();
        newest.map(|(n, v)| (*n, v)).ok_or_else(|| ApiError::not_found("the schema has no version"))
    }

    /// The version that a client names, or the newest.
    pub(super) fn version(&self, named: Option<&str>) -> Result<(u64, &Version), ApiError> {
        let Some(named) = named else { return self.newest() };
        let number = number(named);
        number.and_then(|n| self.versions.get(&n).map(|v| (n, v))).ok_or_else(|| {
            ApiError::not_found(format!("the schema has no version `{}`", named.escape_default()))
        })
    }
}

/// The number of a version as this server writes it: no sign, no leading zeros.
pub(super) fn number(spelled: &str) -> Option<u64> {
    spelled.parse::<u64>().ok().filter(|n| n.to_string() == spelled)
}

/// A resource-based policy.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) text: String,
    pub(super) revision: String,
}

/// A registry.
#[derive(Debug, Clone, Default)]
pub(super) struct Registry {
    pub(super) description: Option<String>,
    pub(super) tags: Tags,
    pub(super) policy: Option<Policy>,
    pub(super) schemas: BTreeMap<String, Schema>,
}

/// A discoverer. Its state is stored, but it does not listen to a bus.
#[derive(Debug, Clone)]
pub(super) struct Discoverer {
    pub(super) description: Option<String>,
    pub(super) source_arn: String,
    pub(super) started: bool,
    pub(super) cross_account: bool,
    pub(super) tags: Tags,
}

/// All data of the server.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) registries: BTreeMap<String, Registry>,
    pub(super) discoverers: BTreeMap<String, Discoverer>,
    /// The counter for IDs and revisions.
    pub(super) counter: u64,
}

impl Store {
    /// Adds the presets. A schema that is given twice gets the versions of both.
    pub(super) fn preset(&mut self, preset: Preset) {
        let modified = preset.modified.and_then(|t| Timestamp::try_from(t).ok());
        let modified = modified.unwrap_or_else(Timestamp::now);
        let registry = self.registries.entry(preset.registry).or_default();
        if preset.versions.is_empty() {
            return;
        }
        let schema = registry.schemas.entry(preset.name).or_insert_with(|| Schema {
            description: None,
            tags: Tags::new(),
            versions: BTreeMap::new(),
            last: 0,
            modified,
        });
        for content in preset.versions {
            schema.last += 1;
            let version = Version { kind: preset.kind, content, created: modified };
            schema.versions.insert(schema.last, version);
        }
    }

    pub(super) fn registry(&self, name: &str) -> Result<&Registry, ApiError> {
        self.registries.get(name).ok_or_else(|| no_registry(name))
    }

    pub(super) fn registry_mut(&mut self, name: &str) -> Result<&mut Registry, ApiError> {
        self.registries.get_mut(name).ok_or_else(|| no_registry(name))
    }

    pub(super) fn schema(&self, registry: &str, name: &str) -> Result<&Schema, ApiError> {
        self.registry(registry)?.schemas.get(name).ok_or_else(|| no_schema(registry, name))
    }

    pub(super) fn schema_mut(
        &mut self,
        registry: &str,
        name: &str,
    ) -> Result<&mut Schema, ApiError> {
        let schemas = &mut self.registry_mut(registry)?.schemas;
        schemas.get_mut(name).ok_or_else(|| no_schema(registry, name))
    }

    /// Returns a new number.
    pub(super) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}

fn no_registry(name: &str) -> ApiError {
    ApiError::not_found(format!("registry `{}` does not exist", name.escape_default()))
}

pub(super) fn no_schema(registry: &str, name: &str) -> ApiError {
    let (registry, name) = (registry.escape_default(), name.escape_default());
    ApiError::not_found(format!("registry `{registry}` has no schema `{name}`"))
}
