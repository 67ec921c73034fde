//! `cargo event template`: what a topology needs in an account.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use event_folder::problem;
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules::{self, Rule};
use event_topology::plan::Plan;
use event_topology::template::{Options, Stage, Template, Terraform};
use event_topology::{Problem, Services, TopologyError};

use super::{report, unwritable};
use crate::exit::Exit;
use crate::input::Input;
use crate::render::clean;
use crate::sources::Sources;
use crate::terminal::Terminal;
use crate::whole;

/// The file that a service writes its topology to.
const FILE: &str = "topology.json";

/// How deep below the current directory topologies are looked for.
const DEPTH: usize = 6;

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
    let read = topologies(&args.topologies, &mut problems);
    let services = Services::new(read.iter().map(|it| (it.shown.as_str(), &it.plan)));
    let late = services.past_sunset(&today());
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
fn topologies(named: &[PathBuf], problems: &mut Vec<Diagnostic>) -> Vec<Read> {
    let (found, unread) =
        if named.is_empty() { below(Path::new(".")) } else { (named.to_vec(), Vec::new()) };
    if found.is_empty() && unread.is_empty() {
        let message = format!("no `{FILE}` found below the current directory");
        let d = Diagnostic::error(&rules::TOPOLOGY_MISSING, "".into(), message);
        problems.push(d.with_help(rules::TOPOLOGY_MISSING.fix));
    }
    problems.extend(unread);
    let mut read = Vec::new();
    let mut seen = BTreeSet::new();
    // one file by two names is one service
    for path in
        found.into_iter().filter(|it| seen.insert(it.canonicalize().unwrap_or_else(|_| it.clone())))
    {
        match self::read(&path) {
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

fn read(path: &Path) -> Result<Plan, Box<Diagnostic>> {
    let mut input = Input::open(path)?;
    let text = input.text()?;
    serde_json::from_str(&text).map_err(|error| {
        let shown = input.shown.as_str();
        let message = format!("failed to read the topology: {error}");
        let d = Diagnostic::error(&rules::TOPOLOGY_UNREADABLE, shown.into(), message);
        Box::new(d.with_help(rules::TOPOLOGY_UNREADABLE.fix))
    })
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

/// Today as `yyyy-mm-dd`, in UTC.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    day(seconds / 86_400)
}

/// A day by its number since 1970. Days are counted from March, so that a leap day is the last of its year.
fn day(number: u64) -> String {
    let shifted = number + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

/// The rule of a problem. A topology knows its rules by their ids, since it is used where this toolkit is not.
fn by_id(id: &str) -> &'static Rule {
    rules::find(id).unwrap_or(&rules::TOPOLOGY_INCONSISTENT)
}

/// Returns every topology below a folder, in order, and an error for every folder that could not be read: a topology
/// in it would be missing from the template. Skips hidden folders, build output and installed packages, and follows no
/// links.
fn below(root: &Path) -> (Vec<PathBuf>, Vec<Diagnostic>) {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.unwrap_or_else(|error| {
            unread.push(folder_unreadable(&folder, &error));
            Vec::new()
        }) {
            let name = entry.file_name();
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    unread.push(folder_unreadable(&entry.path(), &error));
                    continue;
                }
            };
            let skipped = name.to_string_lossy().starts_with('.')
                || name == "target"
                || name == "node_modules";
            if kind.is_dir() && depth < DEPTH && !skipped {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() && name == FILE {
                found.push(shown(&entry.path()));
            }
        }
    }
    found.sort();
    unread.sort_by(|a, b| a.file.cmp(&b.file));
    (found, unread)
}

fn folder_unreadable(folder: &Path, error: &io::Error) -> Diagnostic {
    let folder = shown(folder);
    let message = format!("failed to read the folder: {error}");
    problem::unreadable(&folder.to_string_lossy(), message)
        .with_help("make it readable, or name each topology with `--topology FILE`")
}

/// The path without the `./` of the current directory.
fn shown(path: &Path) -> PathBuf {
    match path.strip_prefix(".") {
        Ok(below) if below.as_os_str().is_empty() => path.to_owned(),
        Ok(below) => below.to_owned(),
        Err(_) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_that_cannot_be_read_is_an_error_that_names_it() {
        let scratch = tempfile::tempdir().unwrap();
        let missing = scratch.path().join("services");
        let (found, unread) = below(&missing);
        assert_eq!(found, Vec::<PathBuf>::new());
        let headlines: Vec<String> = unread.iter().map(Diagnostic::headline).collect();
        let [headline] = &*headlines else { panic!("{headlines:?}") };
        assert!(headline.contains(&*missing.to_string_lossy()), "{headline}");
        assert!(headline.contains("failed to read the folder: "), "{headline}");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (number, text) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_454, "2026-01-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(day(number), text);
        }
    }

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
