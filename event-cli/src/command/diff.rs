//! `cargo event diff`: shows what changed from one version to another, and whom it breaks.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use event_folder::load::Version;
use event_folder::problem;
use event_schema::compat::{self, Constraints, Labels, Null, Policy, Report, Terms, Verdict};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::read::{EventSchema, Layer};
use event_schema::rules;

use super::{refuse, report};
use crate::changes;
use crate::exit::Exit;
use crate::format::{Format, Plain, github, sarif};
use crate::input::STDIN;
use crate::layout::wrapped;
use crate::render::{self, clean};
use crate::schemas::Folder;
use crate::side::{Given, Side};
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Show what changed between two versions, and whom it breaks
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event diff old.json new.json
  cargo event diff order.placed@1.0 order.placed@1.1
  cargo event diff order.placed@1.1 draft.json --policy backward
  git show main:order.json | cargo event diff - order.json --format json")]
pub(crate) struct Diff {
    /// The earlier version: a schema file, `-` for standard input, or TYPE@VERSION of the schema folder
    old: String,
    /// The later version, given in the same way
    new: String,
    /// Set what the change must keep
    #[arg(long, value_enum, default_value_t)]
    policy: Asked,
    /// Set whether readers enforce bounds, lengths and patterns (default: `event.toml` of the schema folder, else
    /// enforced)
    #[arg(long, value_enum)]
    constraints: Option<ConstraintsAre>,
    /// Set what null means to readers of an optional property (default: `event.toml` of the schema folder, else value)
    #[arg(long, value_enum)]
    null: Option<NullIs>,
    /// Set what the schemas of files describe (default: what their properties suggest)
    ///
    /// A schema that declares `id`, `type`, `source`, `occurredAt` and `data` counts as an envelope. Versions of the
    /// schema folder are read as its `event.toml` states, and a file that is compared with one is read in the same way.
    #[arg(long, value_enum)]
    layer: Option<LayerIs>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    folder: Folder,
}

/// A policy on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Asked {
    /// Stored events and old consumers keep working, declared names stay, Rust code compiles
    #[default]
    Additive,
    /// The new schema allows everything that the old one allows
    Backward,
    /// The old schema allows everything that the new one allows
    Forward,
    /// Both schemas allow the same
    Full,
    /// The change may break everything: changes are only listed
    None,
}

/// What constraints mean to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConstraintsAre {
    /// Readers reject an event that violates one
    Enforced,
    /// Readers accept an event that violates one
    Documentation,
}

/// What null means to readers of an optional property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NullIs {
    /// A value that the schema must allow
    Value,
    /// The same as an absent property, as for serde's `Option`
    Absent,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LayerIs {
    /// The payload
    Payload,
    /// The envelope, with the payload as its `data`
    Envelope,
    /// The event as EventBridge delivers it, with the payload as its `detail`
    AwsEvent,
}

impl From<LayerIs> for Layer {
    fn from(layer: LayerIs) -> Layer {
        match layer {
            LayerIs::Payload => Layer::Payload,
            LayerIs::Envelope => Layer::Envelope,
            LayerIs::AwsEvent => Layer::AwsEvent,
        }
    }
}

impl Diff {
    /// Returns the terms of the options (default: those of `folder`).
    fn terms(&self, folder: Terms) -> Terms {
        Terms {
            policy: self.policy.into(),
            constraints: match self.constraints {
                Some(ConstraintsAre::Enforced) => Constraints::Enforced,
                Some(ConstraintsAre::Documentation) => Constraints::Documentation,
                None => folder.constraints,
            },
            null: match self.null {
                Some(NullIs::Value) => Null::Value,
                Some(NullIs::Absent) => Null::Absent,
                None => folder.null,
            },
        }
    }
}

impl From<Asked> for Policy {
    fn from(asked: Asked) -> Policy {
        match asked {
            Asked::Additive => Policy::Additive,
            Asked::Backward => Policy::Backward,
            Asked::Forward => Policy::Forward,
            Asked::Full => Policy::Full,
            Asked::None => Policy::None,
        }
    }
}

/// Compares.
pub(crate) fn run(args: &Diff, terminal: &mut Terminal) -> io::Result<Exit> {
    let mut sources = Sources::default();
    let (labels, compared, found) = match compare(args, &mut sources) {
        Ok(outcome) => outcome,
        Err(problems) => return unreadable(args.format, &problems, &sources, terminal),
    };
    let major = new_major(&labels);
    let labels = Labels { old: &labels.0, new: &labels.1 };
    let diagnostics = found.changes.iter().map(|c| {
        let mut d = c.diagnostic(labels);
        if major {
            d.severity = d.severity.max(Severity::Note);
        }
        d
    });
    match args.format {
        Format::Human => {
            for d in diagnostics {
                writeln!(terminal.out, "{}", render::diagnostic(&d, &sources, terminal.out_width))?;
            }
            for line in &compared {
                let line = wrapped(&clean(line), 10, terminal.out_width);
                writeln!(terminal.out, "compared: {line}")?;
            }
            let summary = clean(&changes::summary(&found, labels));
            writeln!(terminal.out, "{}", wrapped(&summary, 0, terminal.out_width))?;
            if major {
                let line = format!(
                    "{} is a new major and published beside {}, so the breaks within a major do not count",
                    labels.new, labels.old
                );
                writeln!(terminal.out, "{}", wrapped(&clean(&line), 0, terminal.out_width))?;
            }
        }
        Format::Json => {
            let mut answer = found.to_json();
            answer["compared"] = compared.into();
            if major && let Some(answer) = answer.as_object_mut() {
                answer.insert("newMajor".to_owned(), true.into());
            }
            writeln!(terminal.out, "{answer:#}")?;
        }
        Format::Github => github::write(&mut *terminal.out, &diagnostics.collect::<Vec<_>>())?,
        Format::Sarif => {
            let log = sarif::log(&diagnostics.collect::<Vec<_>>());
            writeln!(terminal.out, "{log:#}")?;
        }
    }
    Ok(if major || found.verdict == Verdict::Compatible { Exit::Fine } else { Exit::No })
}

/// Returns whether the later version has a later major: then both are published side by side.
fn new_major((old, new): &(String, String)) -> bool {
    let version = |label: &String| label.parse::<Version>().ok();
    matches!((version(old), version(new)), (Some(old), Some(new)) if old.major < new.major)
}

/// The labels of both sides, the compared layers, and the report.
type Outcome = ((String, String), Vec<String>, Report);

fn compare(args: &Diff, sources: &mut Sources) -> Result<Outcome, Vec<Diagnostic>> {
    if args.old == STDIN && args.new == STDIN {
        let message = "both sides are standard input: expected at most one";
        return Err(vec![problem::unreadable(STDIN, message)]);
    }
    let layer = args.layer.map(Layer::from);
    let old = Given::open(&args.old, &args.folder, sources);
    let new = Given::open(&args.new, &args.folder, sources);
    // the next version of an event describes the same layer as the one before
    let known = [&old, &new].into_iter().flatten().find_map(Given::layer);
    let old = old.and_then(|side| side.read(layer, known));
    let new = new.and_then(|side| side.read(layer, known));
    let (old, new) = match (old, new) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => return Err([old.err(), new.err()].into_iter().flatten().flatten().collect()),
    };
    let pairs = pair(&old, &new, &args.new).map_err(|d| vec![*d])?;
    let terms = args.terms(new.terms.or(old.terms).unwrap_or_default());
    let mut whole = Report::unchanged(terms.policy);
    let mut compared = Vec::new();
    for (old, new) in pairs {
        let line = layers(old, new);
        if !compared.contains(&line) {
            compared.push(line);
        }
        let found = compat::check_event(old, new, terms);
        whole.verdict = whole.verdict.max(found.verdict);
        whole.changes.extend(found.changes);
    }
    // breaks first, of all events and layers
    whole.changes.sort_by_key(|c| c.severity);
    let labels = if old.label == new.label {
        (args.old.clone(), args.new.clone())
    } else {
        (old.label, new.label)
    };
    Ok((labels, compared, whole))
}

/// Returns which layer of each side is compared.
fn layers(old: &EventSchema, new: &EventSchema) -> String {
    let (was, now) = (old.facts.compared(), new.facts.compared());
    if was == now {
        return now.to_owned();
    }
    let payload = |e: &EventSchema| match e.facts.path.join(".") {
        path if path.is_empty() => "the whole schema".to_owned(),
        path => format!("`{path}`"),
    };
    format!(
        "{} of the old schema with {} of the new one, and nothing beside them",
        payload(old),
        payload(new)
    )
}

/// Returns the events to compare: the only one of each side, or those with the same names.
fn pair<'a>(
    old: &'a Side,
    new: &'a Side,
    shown: &str,
) -> Result<Vec<(&'a EventSchema, &'a EventSchema)>, Box<Diagnostic>> {
    if let ([old], [new]) = (old.events.as_slice(), new.events.as_slice()) {
        return Ok(vec![(old, new)]);
    }
    let names = |side: &Side| {
        let names: Vec<_> = side.events.iter().map(|e| format!("`{}`", e.name)).collect();
        names.join(", ")
    };
    let partner = |e: &'a EventSchema| new.events.iter().find(|n| n.name == e.name).map(|n| (e, n));
    let pairs: Option<Vec<_>> = old.events.iter().map(partner).collect();
    pairs.filter(|p| p.len() == new.events.len()).ok_or_else(|| {
        let message = "the documents describe different events";
        let d = Diagnostic::error(&rules::DIFFERENT_EVENTS, shown.into(), message)
            .with_help(format!("the old one describes {}", names(old)))
            .with_help(format!("the new one describes {}", names(new)));
        Box::new(d)
    })
}

/// Reports why nothing can be compared, in the output format.
fn unreadable(
    format: Format,
    problems: &[Diagnostic],
    sources: &Sources,
    terminal: &mut Terminal,
) -> io::Result<Exit> {
    match format {
        Format::Human => drop(report(terminal, problems, sources)?),
        Format::Json => drop(refuse(terminal, Plain::Json, problems, sources)?),
        Format::Github => github::write(&mut *terminal.out, problems)?,
        Format::Sarif => writeln!(terminal.out, "{:#}", sarif::log(problems))?,
    }
    Ok(Exit::BadInput)
}
