//! `cargo event readers`: who reads which major of an event.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use event_codegen::Project;
use event_folder::family::{self, Family, Loaded};
use event_folder::load::EventName;
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;

use super::refuse;
use crate::exit::Exit;
use crate::format::Plain;
use crate::patterns::{Major, majors};
use crate::readers::{Found, Kind, Verdict, declared, report, wanted};
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// List who reads which major of an event
///
/// Declared readers are in `topology.json` files and in templates (`--patterns`), deployed ones are rules of a bus
/// (`--bus`, with how often they matched), registered ones are tags of the registry's schema (`--registry`, written by
/// `cargo event push --readers`). Needs the permissions `events:ListRules`, `events:ListTargetsByRule` and
/// `cloudwatch:GetMetricData`; without one, the answer is "undecided".
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event readers order.placed
  cargo event readers order.placed@1 --patterns infra/template.yaml
  cargo event readers order.placed@1 --bus shop-prod --days 30

Exit codes: 0 nobody reads it; 1 somebody does; 2 bad input or usage; 3 undecided.")]
pub(crate) struct Readers {
    /// The event, and a major (default: all majors)
    #[arg(value_name = "TYPE[@MAJOR]")]
    event: String,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// Where readers are looked for.
#[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "only deployed rules are measured"))]
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// A topology; may be given several times (default: every `topology.json` below the current directory)
    #[arg(long = "topology", value_name = "FILE")]
    topologies: Vec<PathBuf>,
    /// A file with patterns, such as a template or a plan of Terraform; may be given several times
    #[arg(long = "patterns", value_name = "FILE", num_args = 1..)]
    patterns: Vec<PathBuf>,
    /// A bus whose deployed rules are read; may be given several times
    #[arg(long = "bus", value_name = "NAME")]
    pub(crate) buses: Vec<String>,
    /// For how many days back the matched events of deployed rules are counted
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=455))]
    days: u32,
    /// A registry whose tags are read
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
}

impl EvidenceArgs {
    /// The registry whose tags are read.
    pub(crate) fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }
}

/// A folder with what is known of its events.
pub(crate) struct Known {
    pub(crate) project: Project,
    pub(crate) families: Vec<Family<Loaded>>,
}

impl Known {
    /// Reads the folder. A schema or a lock that cannot be read is an error: its readers would not be seen.
    pub(crate) fn open(folder: &Folder) -> Result<Known, (Vec<Diagnostic>, Sources)> {
        let project = folder.open().map_err(|missing| (vec![*missing], Sources::default()))?;
        let (families, problems) = family::read(&project.folder, project.config.settings());
        let lock = project.lock_diagnostics.iter().filter(|d| d.is(&rules::BAD_LOCK));
        let problems: Vec<Diagnostic> = problems
            .into_iter()
            .filter(|d| d.severity == Severity::Error)
            .chain(lock.cloned())
            .collect();
        if problems.is_empty() {
            Ok(Known { project, families })
        } else {
            Err((problems, Sources::of_project(&project)))
        }
    }
}

/// Lists the readers.
pub(crate) fn run(args: &Readers, terminal: &mut Terminal) -> io::Result<Exit> {
    let known = match Known::open(&args.folder) {
        Ok(known) => known,
        Err((problems, sources)) => return refuse(terminal, args.format, &problems, &sources),
    };
    let majors = majors(&known.families, &known.project);
    let sources = Sources::of_project(&known.project);
    let (event, major) = match wanted::find(&args.event, &majors, &known.project.folder.shown) {
        Ok(wanted) => wanted,
        Err(problem) => return refuse(terminal, args.format, &[*problem], &sources),
    };
    let found = match gather(&args.evidence, event, &majors, &known.project) {
        Ok(found) => found,
        Err(problems) => return refuse(terminal, args.format, &problems, &sources),
    };
    let of_event = majors.iter().filter(|m| m.event == event);
    let shown: Vec<&Major<'_>> = of_event.filter(|m| major.is_none_or(|n| n == m.major)).collect();
    match args.format {
        Plain::Human => write!(terminal.out, "{}", report::human(&found, &shown))?,
        Plain::Json => writeln!(terminal.out, "{:#}", report::json(&found, &shown))?,
    }
    Ok(shown.iter().map(|m| exit(&found.verdict(m.major))).max().unwrap_or(Exit::Fine))
}

/// How a command ends that asks who reads a major.
pub(crate) fn exit(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Somebody(_) => Exit::No,
        Verdict::Undecided(_) => Exit::Undecided,
        Verdict::Nobody => Exit::Fine,
    }
}

/// Gathers all evidence that is asked for.
pub(crate) fn gather(
    args: &EvidenceArgs,
    event: &EventName,
    majors: &[Major<'_>],
    project: &Project,
) -> Result<Found, Vec<Diagnostic>> {
    let mut found = Found::default();
    declared::gather(&args.topologies, &args.patterns, event, majors, &mut found)?;
    if args.buses.is_empty() {
        found.not_asked.push((Kind::Deployed, "name the bus: `--bus NAME`"));
    } else {
        deployed(args, event, majors, &mut found);
    }
    match &args.registry {
        None => found.not_asked.push((Kind::Registered, "name the registry: `--registry NAME`")),
        Some(registry) => registered(registry, event, majors, project, &mut found),
    }
    found.sightings.sort_by(|a, b| {
        (a.major, a.kind, &a.who, &a.place).cmp(&(b.major, b.kind, &b.who, &b.place))
    });
    Ok(found)
}

#[cfg(feature = "aws")]
fn deployed(args: &EvidenceArgs, event: &EventName, majors: &[Major<'_>], found: &mut Found) {
    use crate::readers::live::Live;

    let live = match Live::connect() {
        Ok(live) => live,
        Err(why) => return absent(Kind::Deployed, &why, found),
    };
    for bus in &args.buses {
        let bar = indicatif::ProgressBar::new(0);
        if let Ok(style) =
            indicatif::ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} rules")
        {
            bar.set_style(style);
        }
        bar.set_message(format!("reading bus `{}`", crate::render::clean(bus)));
        live.gather(bus, args.days, event, majors, found, &mut |done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
    }
}

#[cfg(not(feature = "aws"))]
fn deployed(_: &EvidenceArgs, _: &EventName, _: &[Major<'_>], found: &mut Found) {
    let why = "this build has no AWS SDK: `cargo install cargo-event --features aws`";
    absent(Kind::Deployed, why, found);
}

#[cfg(feature = "registry")]
fn registered(
    registry: &str,
    event: &EventName,
    majors: &[Major<'_>],
    project: &Project,
    found: &mut Found,
) {
    crate::readers::tags::gather(registry, event, majors, project, found);
}

#[cfg(not(feature = "registry"))]
fn registered(_: &str, _: &EventName, _: &[Major<'_>], _: &Project, found: &mut Found) {
    let why = "this build has no AWS SDK: `cargo install cargo-event --features registry`";
    absent(Kind::Registered, why, found);
}

fn absent(kind: Kind, why: &str, found: &mut Found) {
    let (looked_at, problems) = ("nothing".to_owned(), vec![why.to_owned()]);
    found.evidence.push(crate::readers::Evidence { kind, looked_at, problems });
}
