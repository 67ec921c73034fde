//! `cargo event template`: what a topology needs in an account.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules::{self, Rule};
use event_topology::plan::Plan;
use event_topology::template::{Options, Stage, Template, Terraform};
use event_topology::{Problem, Services, TopologyError};

use super::{report, unwritable};
use crate::day;
use crate::exit::Exit;
use crate::render::clean;
use crate::sources::Sources;
use crate::terminal::Terminal;
use crate::topologies;
use crate::whole;

/// Print a template that deploys a topology: CloudFormation, SAM or Terraform
///
/// Reads `topology.json`, as a service writes it from its `topology()`, and prints a template: the bus, a rule for each
/// consumer and major with retries and a dead-letter queue, queues with their policies, tables, functions,
/// least-privilege policies, and alarms. The same topology gives the same bytes.
///
/// Several topologies are checked against each other. Each gets a template, or each bus with `--combine`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event template --stage prod > template.yaml
  cargo event template --topology services/shop/topology.json --format terraform
  cargo event template --out deploy --archive-days 30
  cargo event template --combine --format sam --out deploy")]
pub(crate) struct TemplateArgs {
    /// A topology; may be given several times (default: every `topology.json` in the current directory and up to six
    /// folders below it)
    #[arg(long = "topology", value_name = "FILE", num_args = 1..)]
    topologies: Vec<PathBuf>,
    /// Set the stage at the end of names (the parameter `Stage` of the template overrides it)
    #[arg(long, value_name = "STAGE", default_value = "prod")]
    stage: String,
    /// Set the language of the template
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write one template for all topologies on a bus
    #[arg(long)]
    combine: bool,
    /// Keep all events of the bus for this number of days, for replays; 0 keeps them forever
    #[arg(long, value_name = "DAYS")]
    archive_days: Option<u32>,
    /// Include the alarms (default)
    #[arg(long, overrides_with = "no_alarms")]
    alarms: bool,
    /// Omit the alarms
    #[arg(long)]
    no_alarms: bool,
    /// Write the files into this folder, all or none, named after the bus (default: standard output)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The language of a template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// CloudFormation in YAML, with comments
    #[default]
    Cloudformation,
    /// CloudFormation in JSON
    CloudformationJson,
    /// SAM in YAML: functions have their queue among their events
    Sam,
    /// Terraform or OpenTofu in their JSON syntax, a folder for each template
    Terraform,
}

impl Format {
    /// The file of a template, in the folder of all.
    fn file(self, name: &str) -> PathBuf {
        // `..` names a bus
        let name = match name.strip_prefix('.') {
            Some(rest) => format!("_{rest}"),
            None => name.to_owned(),
        };
        match self {
            Self::Cloudformation => format!("{name}.template.yaml").into(),
            Self::CloudformationJson => format!("{name}.template.json").into(),
            Self::Sam => format!("{name}.sam.yaml").into(),
            // all files of a folder are one configuration
            Self::Terraform => Path::new(&name).join("main.tf.json"),
        }
    }
}

/// A topology, and the file that it was read from.
struct Read {
    shown: String,
    plan: Plan,
}

/// A template, and its file in the folder of all.
struct Made {
    file: PathBuf,
    text: String,
}

/// Prints the template, or writes one for each topology.
pub(crate) fn run(args: &TemplateArgs, terminal: &mut Terminal) -> io::Result<Exit> {
    let (mut notes, made) = make(args);
    let made = match made {
        Ok(made) => made,
        Err(problems) => {
            notes.extend(problems);
            return report(terminal, &notes, &Sources::default());
        }
    };
    report(terminal, &notes, &Sources::default())?;
    let Some(dir) = &args.out else {
        for Made { text, .. } in &made {
            write!(terminal.out, "{text}")?;
        }
        return Ok(Exit::Fine);
    };
    let files: Vec<(PathBuf, &str)> =
        made.iter().map(|made| (dir.join(&made.file), made.text.as_str())).collect();
    let written = match whole::write_all(&files) {
        Ok(written) => written,
        Err((path, error)) => {
            return report(terminal, &[unwritable(&path, &error)], &Sources::default());
        }
    };
    for ((path, _), written) in files.iter().zip(written) {
        let did = if written { "wrote" } else { "unchanged:" };
        writeln!(terminal.out, "{}", clean(&format!("{did} `{}`", path.display())))?;
    }
    Ok(Exit::Fine)
}

/// Warnings, and the templates or everything that is wrong.
fn make(args: &TemplateArgs) -> (Vec<Diagnostic>, Result<Vec<Made>, Vec<Diagnostic>>) {
    let mut problems = Vec::new();
    let stage = Stage::new(&args.stage).map_err(|error| {
        let message = error.to_string();
        problems.push(
            Diagnostic::error(&rules::BAD_STAGE, "".into(), message)
                .with_help(rules::BAD_STAGE.fix),
        );
    });
    let read = read(&args.topologies, &mut problems);
    let services = Services::new(read.iter().map(|it| (it.shown.as_str(), &it.plan)));
    let late = services.past_sunset(&day::today());
    let warnings = late.iter().map(|(service, problem)| diagnostic(problem, service)).collect();
    let combined;
    let named: Vec<(String, String, &Plan)> = if args.combine {
        combined = services.combined().unwrap_or_else(|error| {
            problems.extend(error.problems.iter().map(|problem| diagnostic(problem, "")));
            Vec::new()
        });
        combined.iter().map(|plan| (String::new(), plan.bus.clone(), plan)).collect()
    } else {
        problems.extend(services.problems().iter().map(|problem| diagnostic(problem, "")));
        read.iter().map(|it| (it.shown.clone(), name(it, &read), &it.plan)).collect()
    };
    if named.len() > 1 && args.out.is_none() {
        let files: Vec<String> = read.iter().map(|it| format!("`{}`", it.shown)).collect();
        let what = if args.combine { "buses" } else { "topologies" };
        let message = format!("{} {what} for one output: {}", named.len(), files.join(", "));
        let d = Diagnostic::error(&rules::SEVERAL_TOPOLOGIES, "".into(), message);
        problems.push(d.with_help(rules::SEVERAL_TOPOLOGIES.fix));
    }
    let mut made: Vec<Made> = Vec::new();
    if let Ok(stage) = &stage {
        for (shown, name, plan) in named {
            match template(args, plan, stage.clone()) {
                Ok(text) => {
                    let file = args.format.file(&name);
                    // some file systems do not tell upper and lower case apart
                    let same = |it: &Made| {
                        it.file.to_string_lossy().eq_ignore_ascii_case(&file.to_string_lossy())
                    };
                    if made.iter().any(same) {
                        let message = format!("two templates have the file `{}`", file.display());
                        let d = Diagnostic::error(
                            &rules::SEVERAL_TOPOLOGIES,
                            shown.as_str().into(),
                            message,
                        );
                        let help = "put each topology in a folder of its service's name, or `--combine` for one template";
                        problems.push(d.with_help(help));
                    }
                    made.push(Made { file, text });
                }
                Err(error) => {
                    problems
                        .extend(error.problems.iter().map(|problem| diagnostic(problem, &shown)));
                }
            }
        }
    }
    (warnings, if problems.is_empty() { Ok(made) } else { Err(problems) })
}

/// Every topology that can be read.
fn read(named: &[PathBuf], problems: &mut Vec<Diagnostic>) -> Vec<Read> {
    let (found, unread) = topologies::named_or_below(named);
    if found.is_empty() && unread.is_empty() {
        problems.push(topologies::missing());
    }
    problems.extend(unread);
    let mut read = Vec::new();
    let mut seen = BTreeSet::new();
    // one file by two names is one service
    for path in
        found.into_iter().filter(|it| seen.insert(it.canonicalize().unwrap_or_else(|_| it.clone())))
    {
        match topologies::read(&path) {
            Ok(plan) => read.push(Read { shown: path.to_string_lossy().into_owned(), plan }),
            Err(problem) => problems.push(*problem),
        }
    }
    read
}

/// What the file of a template is called after: the bus, and the folder of the topology where several share the bus.
fn name(read: &Read, all: &[Read]) -> String {
    let bus = &read.plan.bus;
    if all.iter().filter(|other| other.plan.bus == *bus).count() == 1 {
        return bus.clone();
    }
    let folder = Path::new(&read.shown).parent().and_then(Path::file_name);
    match folder {
        Some(folder) => format!("{bus}.{}", folder.to_string_lossy()),
        None => bus.clone(),
    }
}

fn template(args: &TemplateArgs, plan: &Plan, stage: Stage) -> Result<String, TopologyError> {
    let mut options = Options::new(stage).alarms(args.alarms || !args.no_alarms);
    if let Some(days) = args.archive_days {
        options = options.archive_days(days);
    }
    Ok(match args.format {
        Format::Cloudformation => Template::of(plan, &options)?.to_yaml(),
        Format::CloudformationJson => format!("{:#}\n", Template::of(plan, &options)?.to_json()),
        Format::Sam => Template::of(plan, &options.sam(true))?.to_yaml(),
        Format::Terraform => Terraform::of(plan, &options)?.to_text(),
    })
}

fn diagnostic(problem: &Problem, shown: &str) -> Diagnostic {
    let message = match &problem.consumer {
        Some(consumer) => format!("consumer `{consumer}`: {}", problem.what),
        None => problem.what.clone(),
    };
    let rule = by_id(problem.rule);
    let mut d = Diagnostic::error(rule, shown.into(), message);
    if rule.level == rules::Level::Warn {
        d.severity = Severity::Warning;
    }
    d.with_help(problem.fix.as_str())
}

/// The rule of a problem. A topology knows its rules by their ids, since it is used where this toolkit is not.
fn by_id(id: &str) -> &'static Rule {
    rules::find(id).unwrap_or(&rules::TOPOLOGY_INCONSISTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_in_the_folder() {
        for bus in ["..", ".", "...", "a"] {
            for format in [Format::Terraform, Format::Sam] {
                let file = format.file(bus);
                let mut parts = file.components();
                assert!(parts.all(|it| matches!(it, std::path::Component::Normal(_))), "{file:?}");
            }
        }
    }
}
