//! From checked families to the texts of all files. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use event_schema::diagnostic::Diagnostic;
use event_shape::baseline::{self as wire, Baseline};
use proc_macro2::TokenStream;

use crate::config::Config;
use crate::family::{Checked, Family, Member};
use crate::load::EventName;
use crate::lower::{self, Natives};
use crate::plan::{Names, Plan, plan, tolerant};
use crate::watch::{self, Progress};
use crate::{baseline, emit, names, problem};

/// What a build writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The Rust text: what `event_runtime::include_events!()` includes.
    pub rust: String,
    /// The baselines that the derive reads, by file name, and `index`: event type, registry and file, a line
    /// each, sorted by the bytes of the event type.
    pub baselines: BTreeMap<String, String>,
}

/// Generates all. Families are [`Checked`]: there is no way from a schema to code around the checker.
///
/// # Errors
///
/// Schemas that no Rust type could be made of, each by name.
pub fn generate(
    families: &[Family<Checked>],
    config: &Config,
) -> Result<Generated, Vec<Diagnostic>> {
    let (families, config) = (families.to_vec(), config.clone());
    let work = move |progress: &Progress| generate_watched(&families, &config, progress);
    watch::bounded(watch::LIMIT, work).unwrap_or_else(|late| Err(vec![*late]))
}

/// The same for a caller who has a watched thread already.
pub(crate) fn generate_watched(
    families: &[Family<Checked>],
    config: &Config,
    progress: &Progress,
) -> Result<Generated, Vec<Diagnostic>> {
    let natives = Natives {
        runtime: config.runtime.clone(),
        formats: config.formats.clone().into_iter().collect(),
        number: config.number.clone(),
    };
    let mut problems = config.unknown(families);
    let mut modules: BTreeMap<String, Vec<(&EventName, TokenStream)>> = BTreeMap::new();
    let mut baselines = BTreeMap::new();
    let mut index = BTreeMap::new();
    for family in families {
        if let Some(newest) = family.members.last() {
            progress.begin(&newest.file.shown);
        }
        match event(family, families, config, &natives) {
            Ok((items, base)) => {
                modules
                    .entry(names::snake(&family.name.event))
                    .or_default()
                    .push((&family.name, items));
                let file = baseline_file(&family.name);
                index.insert((&family.name.event, &family.name.registry), file.clone());
                baselines.insert(file, base.to_text());
            }
            Err(more) => problems.extend(more),
        }
    }
    progress.end();
    let index = index.iter().fold(String::new(), |mut text, ((event, registry), file)| {
        let _ = writeln!(text, "{event}\t{registry}\t{file}");
        text
    });
    baselines.insert("index".to_owned(), index);
    if !problems.is_empty() {
        return Err(problems);
    }
    let rust =
        arrange(modules).map_err(|why| vec![problem::error("internal", "event-codegen", why)])?;
    Ok(Generated { rust, baselines })
}

/// One module an event. Where two registries have an event of one name (or of names that become one in
/// Rust), each stands in a module of its registry.
fn arrange(modules: BTreeMap<String, Vec<(&EventName, TokenStream)>>) -> Result<String, String> {
    let mut out = emit::HEAD.to_owned();
    let mut by_registry: BTreeMap<String, TokenStream> = BTreeMap::new();
    let top: BTreeSet<String> = modules.keys().cloned().collect();
    for (module, events) in modules {
        if let [(name, items)] = events.as_slice() {
            let doc = format!("`{}` of the registry `{}`.", name.event, name.registry);
            out.push_str(&emit::print(emit::module(&module, &doc, &lint_free(items)))?);
            continue;
        }
        let mut taken = BTreeSet::new();
        for (name, items) in events {
            let mut registry = names::snake(&name.registry);
            while top.contains(&registry) {
                registry.push_str("_registry");
            }
            let mut module = module.clone();
            while !taken.insert((registry.clone(), module.clone())) {
                module.push('_');
            }
            let doc = format!("`{}` of the registry `{}`.", name.event, name.registry);
            let items = emit::module(&module, &doc, &lint_free(&items));
            by_registry.entry(registry).or_default().extend(items);
        }
    }
    for (registry, items) in by_registry {
        let doc = "Events whose names other registries have too.";
        out.push_str(&emit::print(emit::module(&registry, doc, &items))?);
    }
    Ok(out)
}

/// Generated code is nobody's to lint.
fn lint_free(items: &TokenStream) -> TokenStream {
    quote::quote! {
        #![allow(missing_docs, unreachable_pub, rustdoc::all, clippy::all, clippy::pedantic)]
        #items
    }
}

/// The module of one event: a module a major, from its newest minor; and its baseline, with all.
fn event(
    family: &Family<Checked>,
    all: &[Family<Checked>],
    config: &Config,
    natives: &Natives,
) -> Result<(TokenStream, Baseline), Vec<Diagnostic>> {
    let ambiguous = all.iter().filter(|f| f.name.event == family.name.event).count() > 1;
    let mut base = Baseline {
        event: family.name.event.clone(),
        registry: family.name.registry.clone(),
        versions: Vec::new(),
    };
    let mut problems = Vec::new();
    let mut items = TokenStream::new();
    for (major, members) in family.majors() {
        let mut given = Names::default();
        let mut newest: Option<(&Member, Plan)> = None;
        for member in members {
            let planned = plan(
                &member.event.payload,
                &root_name(&family.name),
                config.terms.constraints,
                &mut given,
            );
            base.versions.push(version(family, member, &planned, config));
            newest = Some((member, planned));
        }
        let Some((member, mut planned)) = newest else { continue };
        let lenient = config.is_tolerant(&family.name);
        if lenient {
            planned = tolerant(planned);
        }
        match module(family, member, &planned, (ambiguous, lenient), config, natives) {
            Ok(tokens) => {
                let doc = format!(
                    "Major {major}, from its newest minor: `{}` {}.",
                    family.name.event, member.version
                );
                items.extend(emit::module(&format!("v{major}"), &doc, &tokens));
            }
            Err(why) => {
                let message = format!("no Rust types could be made of this schema: {why}");
                problems.push(problem::error("cannot-lower", &member.file.shown, message));
            }
        }
    }
    if problems.is_empty() { Ok((items, base)) } else { Err(problems) }
}

fn module(
    family: &Family<Checked>,
    member: &Member,
    planned: &Plan,
    (ambiguous, tolerant): (bool, bool),
    config: &Config,
    natives: &Natives,
) -> Result<TokenStream, String> {
    let lowered = lower::lower(planned, natives)?;
    emit::major(&emit::Major {
        event: &family.name.event,
        registry: &family.name.registry,
        ambiguous,
        version: member.version,
        file: &member.file.shown,
        source: member.source(config).as_deref(),
        detail_type: &member.detail_type(),
        plan: planned,
        lowered: &lowered,
        natives,
        // the derive holds types to a schema, and these are not held to it
        derive: config.derive && !tolerant,
        tolerant,
        further: &config.derives,
    })
}

fn version(
    family: &Family<Checked>,
    member: &Member,
    planned: &Plan,
    config: &Config,
) -> wire::Version {
    let (root, defs) = baseline::types(planned, config);
    let detail_type = member.detail_type();
    let usual = format!("{}:v{}", family.name.event, member.version.major);
    wire::Version {
        major: member.version.major,
        minor: member.version.minor,
        locked: true,
        file: member.file.shown.to_string(),
        source: member.source(config),
        detail_type: (detail_type != usual).then_some(detail_type),
        sunset: member.sunset().map(str::to_owned),
        root,
        defs,
    }
}

/// What the payload's type is called: after the event; behind an `@` where the registry's name has one
/// (`aws.s3@ObjectCreated`).
fn root_name(name: &EventName) -> String {
    let event = name.event.rsplit('@').next().unwrap_or(&name.event);
    event.to_owned()
}

/// `<registry>--<type>`, with every byte that a file name may not have in hexadecimal.
fn baseline_file(name: &EventName) -> String {
    let mut out = String::new();
    for (i, part) in [&name.registry, &name.event].into_iter().enumerate() {
        if i > 0 {
            out.push_str("--");
        }
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => out.push(byte as char),
                // capitals too: file systems that ignore case would merge two events
                _ => {
                    let _ = write!(out, "%{byte:02x}");
                }
            }
        }
    }
    out
}
