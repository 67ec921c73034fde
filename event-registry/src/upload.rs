//! Executes a planned push, one schema after another and one version after another.

use aws_sdk_schemas::Client as Api;
use aws_sdk_schemas::types::Type;
use event_folder::lock::{Lock, Origin, Site};
use event_folder::problem::{self, help};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use crate::client::{Client, PAGES, Progress, of_arn, place};
use crate::failure::{self, Asked};
use crate::fault;
use crate::push::{Plan, Upload};

/// The result of a push.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Pushed {
    /// The lock, with the origins of versions that are in the registry now. Write it after a failure, too: the next
    /// push continues from there.
    pub lock: Lock,
    /// The number of uploaded versions.
    pub uploaded: usize,
    /// The failures, at most one per schema. Later versions of a failed schema were not uploaded.
    pub failures: Vec<Diagnostic>,
}

impl Client {
    /// Executes a push. Creates the registry if it does not exist.
    ///
    /// # Errors
    ///
    /// If the registry cannot be created. Later failures are in [`Pushed::failures`].
    pub fn push(
        &self,
        registry: &str,
        plan: &Plan,
        mut progress: impl FnMut(Progress),
    ) -> Result<Pushed, Vec<Diagnostic>> {
        self.runtime.block_on(push(&self.api, self.local.as_ref(), registry, plan, &mut progress))
    }
}

async fn push(
    api: &Api,
    local: Option<&Site>,
    registry: &str,
    plan: &Plan,
    progress: &mut dyn FnMut(Progress),
) -> Result<Pushed, Vec<Diagnostic>> {
    let mut out = Pushed { lock: plan.lock.clone(), uploaded: 0, failures: Vec::new() };
    if plan.uploads.is_empty() {
        return Ok(out);
    }
    let place = create(api, local, registry).await.map_err(|d| vec![d])?;
    let total = plan.uploads.len();
    for (done, (schema, uploads)) in plan.uploads.iter().enumerate() {
        progress(Progress { done, total });
        let mut new = plan.creates.contains(schema);
        let mut newest = plan.newest.get(schema).copied().unwrap_or_default();
        for upload in uploads {
            let mut uploaded = one(api, registry, schema, upload, new).await;
            if let Ok(version) = uploaded
                && let Err(d) = follows(api, registry, schema, upload, newest, version).await
            {
                uploaded = Err(d);
            }
            match uploaded {
                Ok(version) => {
                    newest = version;
                    let (place, registry) = (place.clone(), registry.to_owned());
                    let origin =
                        Origin { place, registry, schema: schema.clone(), version, newest: false };
                    // a schema that was deleted and created again counts from 1
                    let same = origin.clone();
                    out.lock.origins.retain(|_, o| *o != same);
                    out.lock.origins.insert((upload.event.clone(), upload.version), origin);
                    out.uploaded += 1;
                }
                Err(d) => {
                    out.failures.push(d);
                    break;
                }
            }
            new = false;
        }
        // these failures would repeat for every schema
        let hopeless = [
            &rules::REGISTRY_CREDENTIALS,
            &rules::REGISTRY_ACCESS_DENIED,
            &rules::REGISTRY_UNREACHABLE,
            &rules::REGISTRY_THROTTLED,
        ];
        if out.failures.last().is_some_and(|d| hopeless.contains(&d.rule)) {
            break;
        }
    }
    Ok(out)
}

async fn create(api: &Api, local: Option<&Site>, registry: &str) -> Result<Site, Diagnostic> {
    if let Some(place) = place(api, local, registry).await? {
        return Ok(place);
    }
    let e = match api.create_registry().registry_name(registry).send().await {
        Ok(made) => return of_arn(local, made.registry_arn.as_deref(), registry),
        Err(e) => e,
    };
    // an attempt whose answer was lost may have created it
    if let Ok(Some(place)) = place(api, local, registry).await {
        return Ok(place);
    }
    let what = format!("registry:{registry}");
    Err(failure::diagnose(Asked { what: &what, operation: "CreateRegistry" }, &e))
}

/// Checks that no version came between the newest known one and the uploaded one. A version that somebody else pushed
/// at the same time was not checked against it and is not in the folder. If the lock listed the version after it, no
/// later pull could fetch the one before.
async fn follows(
    api: &Api,
    registry: &str,
    schema: &str,
    upload: &Upload,
    newest: u64,
    version: u64,
) -> Result<(), Diagnostic> {
    if version <= newest + 1 {
        return Ok(());
    }
    let what = format!("registry:{registry}/{schema}");
    let list = api.list_schema_versions().registry_name(registry).schema_name(schema);
    let mut pages = list.into_paginator().send();
    let asked = Asked { what: &what, operation: "ListSchemaVersions" };
    let mut left = PAGES;
    while let Some(page) = pages.next().await {
        left = left.checked_sub(1).ok_or_else(|| failure::endless(asked))?;
        let page = page.map_err(|e| failure::diagnose(asked, &e))?;
        let numbers = page.schema_versions.into_iter().flatten().filter_map(|v| v.schema_version);
        let mut numbers = numbers.filter_map(|n| n.parse::<u64>().ok());
        if let Some(other) = numbers.find(|n| newest < *n && *n < version) {
            let message = format!(
                "`{}` {} is registry version {version}, but somebody else pushed version {other} at \
                 the same time",
                upload.event.event, upload.version
            );
            let way = format!(
                "run `cargo event pull --registry {registry}`, rename the file here to the next version, then push again"
            );
            return Err(help(problem::registry_ahead(&what, message), &[&way]));
        }
    }
    Ok(())
}

/// Uploads a version, and returns its registry version.
async fn one(
    api: &Api,
    registry: &str,
    schema: &str,
    upload: &Upload,
    new: bool,
) -> Result<u64, Diagnostic> {
    let what = format!("registry:{registry}/{schema}");
    let kind = if upload.openapi { Type::OpenApi3 } else { Type::JsonSchemaDraft4 };
    let text = &*upload.text;
    let (number, failed) = if new {
        let call = api.create_schema().registry_name(registry).schema_name(schema);
        match call.r#type(kind).content(text).send().await {
            Ok(done) => (done.schema_version, None),
            Err(e) => {
                let asked = Asked { what: &what, operation: "CreateSchema" };
                (None, Some(failure::diagnose(asked, &e)))
            }
        }
    } else {
        let call = api.update_schema().registry_name(registry).schema_name(schema);
        match call.r#type(kind).content(text).send().await {
            Ok(done) => (done.schema_version, None),
            Err(e) => {
                let asked = Asked { what: &what, operation: "UpdateSchema" };
                (None, Some(failure::diagnose(asked, &e)))
            }
        }
    };
    if let Some(number) = number.and_then(|n| n.parse().ok()) {
        return Ok(number);
    }
    // an attempt whose answer was lost may have uploaded it; the next attempt was then refused, or answered with 304
    let newest = api.describe_schema().registry_name(registry).schema_name(schema).send().await;
    let there = newest.ok().filter(|n| n.content.as_deref() == Some(text));
    match there.and_then(|n| n.schema_version?.parse().ok()) {
        Some(number) => Ok(number),
        None => Err(failed.unwrap_or_else(|| {
            fault::registry_unreachable(&what, "the answer lacks the number of the version")
        })),
    }
}
