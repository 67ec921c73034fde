//! Generates the texts of all files from checked families. Writes nothing.

use std::collections::BTreeMap;
use std::fmt::Write;

use event_folder::family::{Checked, Family, Member};
use event_folder::load::EventName;
use event_folder::problem::any_error;
use event_folder::{load, problem};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;
use event_shape::baseline::{self as wire, Baseline};

use crate::baseline;
use crate::config::Config;
use crate::emit::{self, Style, configured};
use crate::lower::{self, Lowered, Natives};
use crate::plan::{Names, Plan, keep_undeclared, plan, tolerant};
use crate::watch::{self, Progress};

mod arrange;
mod shared;

use self::arrange::Arrangement;
use self::shared::Shared;

/// The files of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generated {
    /// The Rust text with the types.
    pub rust: String,
    /// The text that `event_runtime::include_events!()` includes: the types, if the runtime has the same
    /// release.
    pub include: String,
    /// The baselines that the derive reads, by file name, and `index`: one line per event with type,
    /// registry and file, sorted by the bytes of the event type.
    pub baselines: BTreeMap<String, String>,
    /// What schemas state and no type expresses.
    pub warnings: Vec<Diagnostic>,
}

/// Generates everything. Families are [`Checked`]: no code is generated from an unchecked schema.
///
/// # Errors
///
/// Returns the schemas that no Rust type could be generated for, each with its file.
pub fn generate(
    families: &[Family<Checked>],
    config: &Config,
) -> Result<Generated, Vec<Diagnostic>> {
    let (families, config) = (families.to_vec(), config.clone());
    let work = move |progress: &Progress| generate_watched(&families, &config, progress);
    watch::bounded(watch::LIMIT, work).unwrap_or_else(|late| Err(vec![*late]))
}

/// One major of an event, from its newest minor.
struct Draft<'a> {
    family: &'a Family<Checked>,
    member: &'a Member,
    plan: Plan,
    tolerant: bool,
}

/// The same, for a caller with a watched thread.
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
    let mut warnings = Vec::new();
    let mut baselines = BTreeMap::new();
    let mut index = BTreeMap::new();
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    for family in families {
        if let Some(newest) = family.members.last() {
            progress.begin(&newest.file.shown);
        }
        let (base, planned) = event(family, config);
        for draft in planned {
            let said = draft.plan.losses.iter().map(|l| l.diagnostic(&draft.member.file.shown));
            let (errors, more): (Vec<_>, Vec<_>) =
                said.partition(|d| d.severity == Severity::Error);
            // a payload that is not an object has no types
            if errors.is_empty() {
                drafts.push(draft);
            }
            problems.extend(errors);
            warnings.extend(more);
        }
        let file = baseline_file(&family.name);
        index.insert((&family.name.event, &family.name.registry), file.clone());
        baselines.insert(file, base.to_text());
    }
    progress.end();
    let arrangement = Arrangement::of(families, config);
    let root = families.first().map(|f| root_shown(f.members.first())).unwrap_or_default();
    let plans = drafts.iter_mut().map(|d| (&mut d.plan, d.tolerant));
    let shared = Shared::of(plans, &root);
    let style = Style { natives: &natives, derive: config.derive, further: &config.derives };

    let mut modules: BTreeMap<&EventName, proc_macro2::TokenStream> = BTreeMap::new();
    for draft in &drafts {
        progress.begin(&draft.member.file.shown);
        match module(draft, &arrangement, config, style) {
            Ok(tokens) => {
                let (event, version) = (&draft.family.name.event, draft.member.version);
                let doc =
                    format!("Major {}, from its newest minor: `{event}` {version}.", version.major);
                let tokens = emit::module(&format!("v{}", version.major), &doc, &tokens);
                modules.entry(&draft.family.name).or_default().extend(tokens);
            }
            Err(why) => {
                let message = format!("cannot generate Rust types for this schema: {why}");
                problems.push(problem::error(
                    &rules::CANNOT_LOWER,
                    &draft.member.file.shown,
                    message,
                ));
            }
        }
    }
    progress.end();
    let shared = match shared_modules(&shared, &drafts, config, style) {
        Ok(modules) => modules,
        Err(d) => {
            problems.push(*d);
            Vec::new()
        }
    };
    let index = index.iter().fold(String::new(), |mut text, ((event, registry), file)| {
        let _ = writeln!(text, "{event}\t{registry}\t{file}");
        text
    });
    baselines.insert("index".to_owned(), index);
    if any_error(&problems) {
        problems.extend(warnings);
        return Err(problems);
    }
    let mut used = configured::Used::default();
    for draft in &drafts {
        used.add(&draft.plan);
    }
    let internal = |why| vec![problem::error(&rules::INTERNAL, "event-codegen", why)];
    // the derive checks each field of a type by itself
    let checks = configured::checks(&used, &natives).map_err(internal)?;
    let rust = arrangement.text(modules, shared, checks).map_err(internal)?;
    warnings.dedup();
    let release = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    let include = format!("{}::__included! {{ \"{release}\" }}\n", natives.runtime);
    Ok(Generated { rust, include, baselines, warnings })
}

/// The schema folder, as its files are shown.
fn root_shown(member: Option<&Member>) -> String {
    let folder = member.and_then(|m| m.file.path.ancestors().nth(3));
    folder.map(load::shown).unwrap_or_default()
}

/// An event's baseline with all of its versions, and the plans of its majors.
fn event<'a>(family: &'a Family<Checked>, config: &Config) -> (Baseline, Vec<Draft<'a>>) {
    let mut base = Baseline {
        event: family.name.event.clone(),
        registry: family.name.registry.clone(),
        versions: Vec::new(),
    };
    let tolerance = config.is_tolerant(&family.name);
    let mut drafts = Vec::new();
    for members in family.majors().into_values() {
        let mut given = Names::default();
        let mut newest: Option<(&Member, Plan)> = None;
        for member in members {
            let planned = plan(
                &member.event.payload,
                &root_name(&family.name),
                config.terms().constraints,
                &mut given,
            );
            base.versions.push(version(family, member, &planned, config));
            newest = Some((member, planned));
        }
        let Some((member, mut planned)) = newest else { continue };
        if tolerance {
            planned = tolerant(planned);
        }
        if config.keeps_undeclared() {
            planned = keep_undeclared(planned);
        }
        drafts.push(Draft { family, member, plan: planned, tolerant: tolerance });
    }
    (base, drafts)
}

fn module(
    draft: &Draft<'_>,
    arrangement: &Arrangement,
    config: &Config,
    style: Style<'_>,
) -> Result<proc_macro2::TokenStream, String> {
    let Draft { family, member, plan, tolerant } = draft;
    let lowered = lower::lower(plan, style.natives)?;
    // the derive compares types with a schema, which tolerant types do not match
    let style = Style { derive: style.derive && !tolerant, ..style };
    emit::major(&emit::Major {
        event: &family.name.event,
        registry: &family.name.registry,
        ambiguous: arrangement.is_ambiguous(&family.name),
        version: member.version,
        file: &member.file.shown,
        source: config.source_of(member).as_deref(),
        detail_type: &member.detail_type(),
        plan,
        lowered: &lowered,
        depth: arrangement.depth(&family.name) + 1,
        tolerant: *tolerant,
        style,
    })
}

/// The modules of files that several events refer to: name, documentation and items.
fn shared_modules(
    shared: &Shared,
    drafts: &[Draft<'_>],
    config: &Config,
    style: Style<'_>,
) -> Result<Vec<(String, String, proc_macro2::TokenStream)>, Box<Diagnostic>> {
    let asked =
        |d: &Draft<'_>| emit::needs_shapes(config.source_of(d.member).as_deref(), d.tolerant);
    let shapes = drafts.iter().any(asked);
    let failed = |file: &str, why: String| {
        let message = format!("cannot generate Rust types for this file: {why}");
        Box::new(problem::error(&rules::CANNOT_LOWER, file, message))
    };
    let any = shared.modules.values().next().cloned().unwrap_or_default();
    let lowered: Lowered =
        lower::lower(&shared.plan, style.natives).map_err(|why| failed(&any, why))?;
    let mut out = Vec::new();
    for (module, file) in &shared.modules {
        let items = emit::shared(&shared.plan, &lowered, module, shapes, style)
            .map_err(|why| failed(file, why))?;
        out.push((
            module.clone(),
            format!("Types of `{file}`, for all events that refer to it."),
            items,
        ));
    }
    Ok(out)
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
        source: config.source_of(member),
        detail_type: (detail_type != usual).then_some(detail_type),
        sunset: member.sunset().map(str::to_owned),
        root,
        defs,
    }
}

/// The name of the payload's type: that of the event; after an `@`, that of the event in AWS's registry
/// (`aws.s3@ObjectCreated`).
fn root_name(name: &EventName) -> String {
    let event = name.event.rsplit('@').next().unwrap_or(&name.event);
    event.to_owned()
}

/// `<registry>--<type>`, with every byte that a file name may not contain in hexadecimal.
fn baseline_file(name: &EventName) -> String {
    let mut out = String::new();
    for (i, part) in [&name.registry, &name.event].into_iter().enumerate() {
        if i > 0 {
            out.push_str("--");
        }
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => out.push(byte as char),
                // capitals too, because file systems that ignore case would merge two events
                _ => {
                    let _ = write!(out, "%{byte:02x}");
                }
            }
        }
    }
    out
}
