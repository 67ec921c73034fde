//! `cargo event diff`: what changed from one version to another, and whom it breaks.

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
use crate::render::{self, clean};
use crate::schemas::Folder;
use crate::side::{Given, Side};
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Say what changed between two versions, and whom it breaks
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
    /// What is asked of the change
    #[arg(long, value_enum, default_value_t)]
    policy: Asked,
    /// What bounds, lengths and patterns are to readers; else as `event.toml` of the schema folder says,
    /// else enforced
    #[arg(long, value_enum)]
    constraints: Option<ConstraintsAre>,
    /// What null is to readers of an optional property; else as `event.toml` of the schema folder says,
    /// else a value
    #[arg(long, value_enum)]
    null: Option<NullIs>,
    /// What the schemas of files describe; else what their names say
    ///
    /// A schema that declares `id`, `type`, `source`, `occurredAt` and `data` is taken for an envelope. Versions of
    /// the schema folder are read as its `event.toml` says, and a file that is compared with one is read like it.
    #[arg(long, value_enum)]
    layer: Option<LayerIs>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    folder: Folder,
}

/// A policy, as it is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Asked {
    /// Stored events and old consumers go on working, no declared name vanishes, Rust code compiles
    #[default]
    Additive,
    /// Whatever the old schema allows, the new one allows
    Backward,
    /// Whatever the new schema allows, the old one allows
    Forward,
    /// Both allow the same
    Full,
    /// Nothing: the changes are only reported
    None,
}

/// What constraints are to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConstraintsAre {
    /// An event that breaks one is refused
    Enforced,
    /// Nobody refuses an event for them
    Documentation,
}

/// What null is to readers of an optional property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NullIs {
    /// A value, that the schema must allow
    Value,
    /// As good as absent, as serde's `Option` has it
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
    /// What was asked for; what wasn't said is as `folder` has it.
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
                writeln!(terminal.out, "compared: {}", clean(line))?;
            }
            writeln!(terminal.out, "{}", clean(&changes::summary(&found, labels)))?;
            if major {
                let line = format!(
                    "{} is a new major, published beside {}: what would break within a major breaks nobody here",
                    labels.new, labels.old
                );
                writeln!(terminal.out, "{}", clean(&line))?;
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

/// Whether the later version is of a later major: both are published side by side.
fn new_major((old, new): &(String, String)) -> bool {
    let version = |label: &String| label.parse::<Version>().ok();
    matches!((version(old), version(new)), (Some(old), Some(new)) if old.major < new.major)
}

/// Both sides' labels, which layers were compared, and the report.
type Outcome = ((String, String), Vec<String>, Report);

fn compare(args: &Diff, sources: &mut Sources) -> Result<Outcome, Vec<Diagnostic>> {
    if args.old == STDIN && args.new == STDIN {
        let message = "standard input is one text, and was given as both sides";
        return Err(vec![problem::unreadable(STDIN, message)]);
    }
    let layer = args.layer.map(Layer::from);
    let old = Given::open(&args.old, &args.folder, sources);
    let new = Given::open(&args.new, &args.folder, sources);
    // the next version of an event describes what the one before it does
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
    // breaks first, whichever event and part they are of
    whole.changes.sort_by_key(|c| c.severity);
    let labels = if old.label == new.label {
        (args.old.clone(), args.new.clone())
    } else {
        (old.label, new.label)
    };
    Ok((labels, compared, whole))
}

/// Which layer of each side was taken for the payload.
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
        "{} of the old schema with {} of the new one; what stands beside is not compared",
        payload(old),
        payload(new)
    )
}

/// The events to compare: the one of each side, or those of the same names.
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

/// Says why there is nothing to compare, where the format's reader looks.
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
