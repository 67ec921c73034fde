//! Where a version is in a registry, and which account or server that registry belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::load::{EventName, Version};

/// The account and region of a registry, or its endpoint: distinguishes `app-core` of staging from `app-core` of
/// production.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Site {
    /// Not recorded: the lock has an earlier format.
    #[default]
    Unknown,
    /// A registry of AWS.
    Aws {
        /// The region, such as `eu-central-1`.
        region: String,
        /// The account: twelve digits, or `aws` for registries that AWS owns.
        account: String,
    },
    /// A server on this machine, such as `http://127.0.0.1:8787`. All such servers report the same account and region.
    Endpoint(String),
}

impl Site {
    /// Returns the place that a registry's ARN names: `arn:aws:schemas:<region>:<account>:registry/<name>`.
    ///
    /// ```
    /// use event_folder::lock::Site;
    ///
    /// let place = Site::of_arn("arn:aws:schemas:eu-central-1:123456789012:registry/app-core");
    /// assert_eq!(place.unwrap().to_string(), "eu-central-1/123456789012");
    /// assert_eq!(Site::of_arn("arn:aws:s3:::bucket"), None);
    /// ```
    pub fn of_arn(arn: &str) -> Option<Site> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "schemas", region, account, _] = parts.as_slice() else { return None };
        let account = if account.is_empty() { "aws" } else { account };
        Site::try_from(format!("{region}/{account}")).ok()
    }

    /// Returns the place of an endpoint on this machine, or `None` for any other endpoint.
    ///
    /// ```
    /// use event_folder::lock::Site;
    ///
    /// let place = Site::of_endpoint("http://127.0.0.1:8787/").unwrap();
    /// assert_eq!(place.to_string(), "http://127.0.0.1:8787");
    /// assert_eq!(Site::of_endpoint("https://schemas.eu-central-1.amazonaws.com"), None);
    /// ```
    pub fn of_endpoint(url: &str) -> Option<Site> {
        let (_, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next()?,
            None => authority.split(':').next()?,
        };
        let ip = host.parse::<std::net::IpAddr>();
        let local =
            ip.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback());
        let scheme = if url.starts_with("https:") { "https" } else { "http" };
        let place = format!("{scheme}://{}", authority.to_ascii_lowercase());
        local.then_some(Site::Endpoint(place))
    }
}

/// The error for a text that is not the place of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotASite {
    /// The text.
    pub given: String,
}

impl fmt::Display for NotASite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invalid place `{}`: expected `<region>/<account>` or the endpoint of a local server",
            self.given.escape_default()
        )
    }
}

impl std::error::Error for NotASite {}

impl TryFrom<String> for Site {
    type Error = NotASite;

    fn try_from(text: String) -> Result<Site, NotASite> {
        if let Some(place) = Site::of_endpoint(&text) {
            return Ok(place);
        }
        let plain = |s: &str| {
            !s.is_empty()
                && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let numbered = |s: &str| s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit());
        match text.split_once('/') {
            Some((region, account)) if plain(region) && (account == "aws" || numbered(account)) => {
                Ok(Site::Aws { region: region.to_owned(), account: account.to_owned() })
            }
            _ => Err(NotASite { given: text }),
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Site::Unknown => f.write_str("an unrecorded account"),
            Site::Aws { region, account } => write!(f, "{region}/{account}"),
            Site::Endpoint(url) => f.write_str(url),
        }
    }
}

/// Where a version is in the `EventBridge` Schema Registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The account and region, or the endpoint.
    #[serde(default)]
    pub place: Site,
    /// The registry's name there.
    pub registry: String,
    /// The schema's name there.
    pub schema: String,
    /// The version number there, which counts changes of content and has no majors.
    pub version: u64,
    /// Whether a pull of the newest revisions skipped registry versions between the previous listed one and this one.
    #[serde(default)]
    pub newest: bool,
}

impl Origin {
    fn is_in(&self, place: &Site, registry: &str) -> bool {
        self.place == *place && self.registry == registry
    }
}

/// Where the versions of a folder are: each in any number of registries, at most once in each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<(EventName, Version), BTreeSet<Origin>>);

impl Origins {
    /// Returns all origins of a version.
    pub fn of(&self, key: &(EventName, Version)) -> impl Iterator<Item = &Origin> {
        self.0.get(key).into_iter().flatten()
    }

    /// Returns the origin of a version in one registry.
    pub fn in_registry(
        &self,
        key: &(EventName, Version),
        place: &Site,
        registry: &str,
    ) -> Option<&Origin> {
        self.of(key).find(|origin| origin.is_in(place, registry))
    }

    /// Returns every version with each of its origins.
    pub fn iter(&self) -> impl Iterator<Item = (&(EventName, Version), &Origin)> {
        self.0.iter().flat_map(|(key, origins)| origins.iter().map(move |origin| (key, origin)))
    }

    /// Returns whether no version has an origin.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Records where a version is. Replaces its origin in the same registry, and an equal origin without a place.
    pub fn insert(&mut self, key: (EventName, Version), origin: Origin) {
        let origins = self.0.entry(key).or_default();
        origins.retain(|o| {
            let same = o.registry == origin.registry
                && o.schema == origin.schema
                && o.version == origin.version;
            !(o.is_in(&origin.place, &origin.registry) || (o.place == Site::Unknown && same))
        });
        origins.insert(origin);
    }

    /// Removes all origins of a version.
    pub fn remove(&mut self, key: &(EventName, Version)) {
        self.0.remove(key);
    }

    /// Keeps the origins for which `keep` returns `true`.
    pub fn retain(&mut self, mut keep: impl FnMut(&(EventName, Version), &Origin) -> bool) {
        self.0.retain(|key, origins| {
            origins.retain(|origin| keep(key, origin));
            !origins.is_empty()
        });
    }

    /// Returns a message about two versions with the same origin, of which the registry can only have one, or about a
    /// version with two origins in one registry.
    pub(crate) fn doubled(&self) -> Option<String> {
        let mut seen: BTreeMap<(&Site, &str, &str, u64), &(EventName, Version)> = BTreeMap::new();
        for (key, origin) in self.iter() {
            let Origin { place, registry, schema, version, .. } = origin;
            if let Some((name, version)) = seen.insert((place, registry, schema, *version), key) {
                return Some(format!(
                    "`{}` {version} and `{}` {} have the same origin: version {} of `{}` in the registry \
                     `{}` ({})",
                    name.event,
                    key.0.event,
                    key.1,
                    origin.version,
                    origin.schema,
                    origin.registry,
                    origin.place
                ));
            }
        }
        let registry = |o: &Origin| (o.place.clone(), o.registry.clone());
        let (key, origins) = self.0.iter().find(|(_, origins)| {
            origins.iter().map(registry).collect::<BTreeSet<_>>().len() < origins.len()
        })?;
        let origin = origins.first()?;
        Some(format!(
            "`{}` {} has two origins in the registry `{}` ({})",
            key.0.event, key.1, origin.registry, origin.place
        ))
    }
}

impl FromIterator<((EventName, Version), Origin)> for Origins {
    fn from_iter<I: IntoIterator<Item = ((EventName, Version), Origin)>>(all: I) -> Self {
        let mut out = Origins::default();
        for (key, origin) in all {
            out.0.entry(key).or_default().insert(origin);
        }
        out
    }
}

/// One origin, as in locks of format 1, or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(Origin),
    More(Vec<Origin>),
}

impl OneOrMore {
    pub(super) fn into_vec(self) -> Vec<Origin> {
        match self {
            OneOrMore::One(origin) => vec![origin],
            OneOrMore::More(origins) => origins,
        }
    }
}

/// Returns the origins of a version as the lock lists them, one per line.
pub(super) fn print<'o>(origins: impl Iterator<Item = &'o Origin>) -> String {
    let quote = |s: &str| toml::Value::String(s.to_owned()).to_string();
    let mut out = String::new();
    for Origin { place, registry, schema, version, newest } in origins {
        let place = match place {
            Site::Unknown => String::new(),
            known => format!("place = {}, ", quote(&known.to_string())),
        };
        let (registry, schema) = (quote(registry), quote(schema));
        let _ = writeln!(
            out,
            "  {{ {place}registry = {registry}, schema = {schema}, version = {version}{} }},",
            if *newest { ", newest = true" } else { "" }
        );
    }
    if out.is_empty() { out } else { format!("origin = [\n{out}]\n") }
}
