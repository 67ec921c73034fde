//! A blocking client of the Schemas API on AWS's SDK: build.rs and the command have no async runtime.
//!
//! Reads registries as [`Fetched`]. It plans nothing, and reads and writes no files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_schemas::Client as Api;
use aws_sdk_schemas::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_schemas::config::timeout::TimeoutConfig;
use aws_sdk_schemas::config::{ProvideCredentials, SharedHttpClient};
use aws_smithy_http_client::tls;
use event_folder::lock::Site;
use event_folder::problem::help;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::endpoint;
use crate::failure::{self, Asked};
use crate::fault;
use crate::garbled::Garbled;
use crate::pull::{Fetched, Known};

/// The number of schemas that are read at the same time. The API throttles an account, and more requests would be
/// throttled.
const AT_ONCE: usize = 8;

/// The number of attempts of one request, including the first.
const TRIES: u32 = 8;

/// The number of items on a page, the most that the API returns (Schemas API reference, `ListSchemas`).
const PAGE: i32 = 100;

/// The number of pages of a list, at most: a hundred thousand items. A list without an end would be read forever.
pub(super) const PAGES: usize = 1000;

/// The progress of a fetch or a push, in schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The number of finished schemas.
    pub done: usize,
    /// The number of all schemas.
    pub total: usize,
}

/// A client of the Schemas API.
pub struct Client {
    pub(super) runtime: Runtime,
    pub(super) api: Api,
    /// The place of all registries, if the endpoint is a server on this machine.
    pub(super) local: Option<Site>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client with the region, the credentials and the endpoint (`AWS_ENDPOINT_URL_SCHEMAS`, else
    /// `AWS_ENDPOINT_URL`) of the environment and AWS's configuration files.
    ///
    /// # Errors
    ///
    /// If the region or the credentials are missing, or the endpoint is invalid.
    pub fn connect() -> Result<Client, Vec<Diagnostic>> {
        let runtime = runtime()?;
        let (config, problems) = runtime.block_on(async {
            let loader = aws_config::defaults(BehaviorVersion::latest());
            let config = loader.http_client(https()).timeout_config(timeouts()).load().await;
            let mut problems: Vec<_> = endpoint::problem().into_iter().collect();
            if config.region().is_none() {
                problems.push(failure::no_region());
            }
            match config.credentials_provider() {
                Some(provider) => {
                    if let Err(e) = provider.provide_credentials().await {
                        problems.push(failure::no_credentials(&e));
                    }
                }
                None => problems.push(failure::no_credentials(&fmt::Error)),
            }
            (config, problems)
        });
        let endpoint = endpoint::named().map(|(_, url)| url);
        let endpoint = endpoint.or_else(|| config.endpoint_url().map(str::to_owned));
        if problems.is_empty() {
            Ok(Client::on(runtime, &config, endpoint.as_deref()))
        } else {
            Err(problems)
        }
    }

    /// Creates a client with a configuration from the caller. This module sets retries and time-outs.
    ///
    /// # Errors
    ///
    /// If the operating system does not provide resources for the client.
    pub fn new(config: &SdkConfig) -> Result<Client, Vec<Diagnostic>> {
        Ok(Client::on(runtime()?, config, config.endpoint_url()))
    }

    fn on(runtime: Runtime, config: &SdkConfig, endpoint: Option<&str>) -> Client {
        // no budget shared by all requests: each has its attempts, however many requests are sent
        let partition =
            RetryPartition::custom("event-registry").token_bucket(TokenBucket::unlimited()).build();
        let retries = RetryConfig::standard()
            .with_max_attempts(TRIES)
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(5));
        let http = config.http_client().unwrap_or_else(https);
        let config = aws_sdk_schemas::config::Builder::from(config)
            .http_client(http)
            .retry_config(retries)
            .retry_partition(partition)
            .retry_classifier(Garbled)
            .timeout_config(timeouts())
            .build();
        let local = endpoint.and_then(Site::of_endpoint);
        Client { runtime, api: Api::from_conf(config), local }
    }

    /// Returns the names of all registries that the caller may see.
    ///
    /// # Errors
    ///
    /// If the request fails.
    pub fn registries(&self) -> Result<Vec<String>, Box<Diagnostic>> {
        self.runtime.block_on(registries(&self.api)).map_err(Box::new)
    }

    /// Returns the account and region of a registry, or the endpoint of a server on this machine; `None` if the
    /// registry does not exist.
    ///
    /// # Errors
    ///
    /// If the request fails, or the answer does not name the account and region.
    pub fn place(&self, registry: &str) -> Result<Option<Site>, Box<Diagnostic>> {
        self.runtime.block_on(place(&self.api, self.local.as_ref(), registry)).map_err(Box::new)
    }

    /// Does the same, but a missing registry is an error that lists the existing ones.
    ///
    /// # Errors
    ///
    /// The same as for [`place`](Self::place), and if the registry does not exist.
    pub fn place_or_missing(&self, registry: &str) -> Result<Site, Vec<Diagnostic>> {
        // the first request of a fetch also reports a missing registry
        if let Some(local) = &self.local {
            return Ok(local.clone());
        }
        match self.place(registry).map_err(|d| vec![*d])? {
            Some(place) => Ok(place),
            None => Err(vec![self.runtime.block_on(not_there(&self.api, registry))]),
        }
    }

    /// Reads a registry: all its schemas, or those in `only`, with the contents of all their versions. Contents in
    /// `known` are not read again. A schema or version that is deleted in the meantime is left out.
    ///
    /// # Errors
    ///
    /// All failed requests. After the first failure, no new request is sent.
    pub fn fetch(
        &self,
        registry: &str,
        only: Option<&BTreeSet<String>>,
        known: &Known,
        mut progress: impl FnMut(Progress),
    ) -> Result<Vec<Fetched>, Vec<Diagnostic>> {
        self.runtime.block_on(fetch(&self.api, registry, only, known, &mut progress))
    }
}

fn runtime() -> Result<Runtime, Vec<Diagnostic>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| {
        vec![fault::registry_unreachable("registry", format!("failed to start the client: {e}"))]
    })
}

/// Returns an HTTPS client that trusts the certificates of the system.
fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .read_timeout(Duration::from_secs(20))
        .operation_attempt_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_mins(2))
        .build()
}

async fn registries(api: &Api) -> Result<Vec<String>, Diagnostic> {
    let asked = Asked { what: "registry", operation: "ListRegistries" };
    let mut pages = api.list_registries().into_paginator().page_size(PAGE).send();
    let mut out = Vec::new();
    let mut left = PAGES;
    while let Some(page) = pages.next().await {
        left = left.checked_sub(1).ok_or_else(|| failure::endless(asked))?;
        let page = page.map_err(|e| failure::diagnose(asked, &e))?;
        out.extend(page.registries.into_iter().flatten().filter_map(|r| r.registry_name));
    }
    Ok(out)
}

async fn fetch(
    api: &Api,
    registry: &str,
    only: Option<&BTreeSet<String>>,
    known: &Known,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Fetched>, Vec<Diagnostic>> {
    let mut names = schemas(api, registry).await.map_err(|d| vec![d])?;
    names.retain(|n| only.is_none_or(|only| only.contains(n)));
    let total = names.len();
    progress(Progress { done: 0, total });
    let mut known_of: BTreeMap<&str, BTreeMap<u64, Arc<str>>> = BTreeMap::new();
    for ((schema, version), text) in known {
        known_of.entry(schema).or_default().insert(*version, text.clone());
    }
    let mut waiting = names.into_iter();
    let mut under_way = JoinSet::new();
    let (mut out, mut problems) = (Vec::with_capacity(total), Vec::new());
    loop {
        while problems.is_empty() && under_way.len() < AT_ONCE {
            let Some(name) = waiting.next() else { break };
            let known = known_of.remove(name.as_str()).unwrap_or_default();
            under_way.spawn(schema(api.clone(), registry.to_owned(), name, known));
        }
        match under_way.join_next().await {
            None => break,
            Some(Ok(Ok(fetched))) => {
                out.push(fetched);
                progress(Progress { done: out.len(), total });
            }
            Some(Ok(Err(problem))) => problems.push(problem),
            Some(Err(e)) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Some(Err(_)) => {}
        }
    }
    if !problems.is_empty() {
        // the same failure of several requests is one problem
        problems.sort_by(|a, b| (a.rule.id, &a.message).cmp(&(b.rule.id, &b.message)));
        problems.dedup_by(|a, b| a.rule == b.rule && a.message == b.message);
        return Err(problems);
    }
    out.retain(|f| !f.versions.is_empty());
    out.sort_by(|a, b| a.schema.cmp(&b.schema));
    Ok(out)
}

/// Returns the names of a registry's schemas.
async fn schemas(api: &Api, registry: &str) -> Result<Vec<String>, Diagnostic> {
    let what = format!("registry:{registry}");
    let asked = Asked { what: &what, operation: "ListSchemas" };
    let mut pages =
        api.list_schemas().registry_name(registry).into_paginator().page_size(PAGE).send();
    let mut out = Vec::new();
    let mut left = PAGES;
    while let Some(page) = pages.next().await {
        left = left.checked_sub(1).ok_or_else(|| failure::endless(asked))?;
        match page {
            Ok(page) => {
                out.extend(page.schemas.into_iter().flatten().filter_map(|s| s.schema_name));
            }
            Err(e) => {
                let diagnosis = failure::diagnose(asked, &e);
                let maybe_missing =
                    failure::refused(&e) && !diagnosis.is(&rules::REGISTRY_CREDENTIALS);
                return Err(if maybe_missing && !exists(api, registry).await.unwrap_or(true) {
                    not_there(api, registry).await
                } else {
                    diagnosis
                });
            }
        }
    }
    Ok(out)
}

/// Returns whether the registry exists.
pub(super) async fn exists(api: &Api, registry: &str) -> Result<bool, Diagnostic> {
    let local = Some(&Site::Unknown);
    place(api, local, registry).await.map(|place| place.is_some())
}

/// Returns the place of a registry by its ARN, or `None` if it does not exist.
pub(super) async fn place(
    api: &Api,
    local: Option<&Site>,
    registry: &str,
) -> Result<Option<Site>, Diagnostic> {
    let what = format!("registry:{registry}");
    match api.describe_registry().registry_name(registry).send().await {
        Ok(described) => of_arn(local, described.registry_arn.as_deref(), registry).map(Some),
        Err(e) if failure::not_found(&e) => Ok(None),
        Err(e) => Err(failure::diagnose(Asked { what: &what, operation: "DescribeRegistry" }, &e)),
    }
}

/// Returns the place that an answer names.
#[expect(clippy::result_large_err, reason = "called once per registry; callers box it")]
pub(super) fn of_arn(
    local: Option<&Site>,
    arn: Option<&str>,
    registry: &str,
) -> Result<Site, Diagnostic> {
    let named = || arn.and_then(Site::of_arn);
    local.cloned().or_else(named).ok_or_else(|| {
        let message = "the answer does not name the account and region of the registry";
        let d = fault::registry_unreachable(&format!("registry:{registry}"), message);
        help(d, &[failure::CHECK_ENDPOINT])
    })
}

/// The diagnostic about a missing registry. It lists the existing ones, one of which may be meant.
async fn not_there(api: &Api, registry: &str) -> Diagnostic {
    const SHOWN: usize = 12;
    let what = format!("registry:{registry}");
    let message = format!(
        "the registry `{}` does not exist in this account and region",
        registry.escape_default()
    );
    let d = fault::registry_not_found(&what, message);
    let Ok(all) = registries(api).await else { return help(d, &[failure::LIST_REGISTRIES]) };
    let mut names: Vec<String> = all.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if names.is_empty() {
        let way = "no registry exists there: check `AWS_REGION` and `AWS_PROFILE`";
        return help(d, &[way]);
    }
    if all.len() > SHOWN {
        names.push(format!("{} more", all.len() - SHOWN));
    }
    let existing = format!("name an existing one with `--registry NAME`: {}", names.join(", "));
    help(d, &[&existing])
}

async fn schema(
    api: Api,
    registry: String,
    schema: String,
    mut known: BTreeMap<u64, Arc<str>>,
) -> Result<Fetched, Diagnostic> {
    let what = format!("registry:{registry}/{schema}");
    let list = api.list_schema_versions().registry_name(&registry).schema_name(&schema);
    let mut pages = list.into_paginator().page_size(PAGE).send();
    let mut numbers = Vec::new();
    let asked = Asked { what: &what, operation: "ListSchemaVersions" };
    let mut left = PAGES;
    while let Some(page) = pages.next().await {
        left = left.checked_sub(1).ok_or_else(|| failure::endless(asked))?;
        match page {
            Ok(page) => numbers.extend(
                page.schema_versions.into_iter().flatten().filter_map(|v| v.schema_version),
            ),
            Err(e) if failure::not_found(&e) => break,
            Err(e) => return Err(failure::diagnose(asked, &e)),
        }
    }
    let mut versions = BTreeMap::new();
    for number in numbers {
        let counted = number.parse::<u64>().map_err(|_| {
            let message = format!(
                "invalid registry version `{}` in the answer: expected a number",
                number.escape_default()
            );
            fault::registry_unreachable(&what, message)
        })?;
        if let Some(text) = known.remove(&counted) {
            versions.insert(counted, text);
            continue;
        }
        let asked = api.describe_schema().registry_name(&registry).schema_name(&schema);
        match asked.schema_version(&number).send().await {
            Ok(described) => {
                // a success without the content is not an answer of the API
                let text = described
                    .content
                    .filter(|_| described.schema_version.as_ref() == Some(&number));
                let text = text.ok_or_else(|| {
                    let message = format!(
                        "the answer to `DescribeSchema` lacks the content of registry version {counted}"
                    );
                    fault::registry_unreachable(&what, message)
                })?;
                versions.insert(counted, text.into());
            }
            Err(e) if failure::not_found(&e) => {}
            Err(e) => {
                let asked = Asked { what: &what, operation: "DescribeSchema" };
                return Err(failure::diagnose(asked, &e));
            }
        }
    }
    Ok(Fetched { schema, versions })
}
