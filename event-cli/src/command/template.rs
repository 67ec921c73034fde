//! `cargo event template`: what a topology needs in an account.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules::{self, Rule};
use event_topology::plan::Plan;
use event_topology::template::{Options, Stage, Template};

use super::{report, unwritable};
use crate::exit::Exit;
use crate::input::Input;
use crate::render::clean;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// The file that a service writes its topology to.
const FILE: &str = "topology.json";

/// How deep below the current directory topologies are looked for.
const DEPTH: usize = 6;

/// Print a template that deploys a topology
///
/// Reads `topology.json`, as a service writes it from its `topology()`, and prints a CloudFormation template: the bus,
/// a rule for each consumer and major with retries and a dead-letter queue, queues with their policies, tables,
/// functions, least-privilege policies, and alarms. The same topology gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event template --stage prod > template.yaml
  cargo event template --topology services/shop/topology.json --format cloudformation-json
  cargo event template --out deploy --archive-days 30")]
pub(crate) struct TemplateArgs {
    /// A topology; may be given several times (default: every `topology.json` in the current directory and up to six folders below it)
    #[arg(long = "topology", value_name = "FILE")]
    topologies: Vec<PathBuf>,
    /// The stage that names end with, unless the parameter `Stage` of the template says another
    #[arg(long, value_name = "STAGE", default_value = "prod")]
    stage: String,
    /// The language of the template
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Keep all events of the bus for so many days, for replays; 0 keeps them forever
    #[arg(long, value_name = "DAYS")]
    archive_days: Option<u32>,
    /// Leave the alarms out
    #[arg(long)]
    no_alarms: bool,
    /// Write a file for each topology into this folder, named after its bus (default: standard output)
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
}

/// Prints the template, or writes one for each topology.
pub(crate) fn run(args: &TemplateArgs, terminal: &mut Terminal) -> io::Result<Exit> {
    let made = match make(args) {
        Ok(made) => made,
        Err(problems) => return report(terminal, &problems, &Sources::default()),
    };
    let Some(dir) = &args.out else {
        for (_, text) in &made {
            write!(terminal.out, "{text}")?;
        }
        return Ok(Exit::Fine);
    };
    for (name, text) in &made {
        let path = dir.join(name);
        let written =
            fs::create_dir_all(dir).and_then(|()| event_folder::write_if_changed(&path, text));
        if let Err(error) = written {
            return report(terminal, &[unwritable(&path, &error)], &Sources::default());
        }
        writeln!(terminal.out, "{}", clean(&format!("wrote `{}`", path.display())))?;
    }
    Ok(Exit::Fine)
}

/// File names and templates, or everything that is wrong.
fn make(args: &TemplateArgs) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let stage = Stage::new(&args.stage).map_err(|error| {
        let message = error.to_string();
        problems.push(
            Diagnostic::error(&rules::BAD_STAGE, "".into(), message)
                .with_help(rules::BAD_STAGE.fix),
        );
    });
    let (found, unread) = if args.topologies.is_empty() {
        below(Path::new("."))
    } else {
        (args.topologies.clone(), Vec::new())
    };
    if found.is_empty() && unread.is_empty() {
        let message = format!("no `{FILE}` found below the current directory");
        let d = Diagnostic::error(&rules::TOPOLOGY_MISSING, "".into(), message);
        problems.push(d.with_help(rules::TOPOLOGY_MISSING.fix));
    }
    problems.extend(unread);
    if found.len() > 1 && args.out.is_none() {
        let named: Vec<String> = found.iter().map(|path| format!("`{}`", path.display())).collect();
        let message = format!("{} topologies for one output: {}", found.len(), named.join(", "));
        let d = Diagnostic::error(&rules::SEVERAL_TOPOLOGIES, "".into(), message);
        problems.push(d.with_help(rules::SEVERAL_TOPOLOGIES.fix));
    }
    let mut made: Vec<(String, String)> = Vec::new();
    for path in found {
        match read(&path) {
            Ok(plan) => {
                let Ok(stage) = &stage else { continue };
                match template(args, &plan, stage.clone(), &path) {
                    Ok((name, _)) if made.iter().any(|(other, _)| *other == name) => {
                        let shown = path.to_string_lossy().into_owned();
                        let message = format!("another topology is on the bus `{}`, too", plan.bus);
                        let d = Diagnostic::error(
                            &rules::SEVERAL_TOPOLOGIES,
                            shown.as_str().into(),
                            message,
                        );
                        problems.push(d.with_help(
                            "one service owns a bus: declare its consumers in one topology",
                        ));
                    }
                    Ok(one) => made.push(one),
                    Err(wrong) => problems.extend(wrong),
                }
            }
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(made) } else { Err(problems) }
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

fn template(
    args: &TemplateArgs,
    plan: &Plan,
    stage: Stage,
    path: &Path,
) -> Result<(String, String), Vec<Diagnostic>> {
    let mut options = Options::new(stage).alarms(!args.no_alarms);
    if let Some(days) = args.archive_days {
        options = options.archive_days(days);
    }
    let template = Template::of(plan, &options).map_err(|error| {
        let shown = path.to_string_lossy();
        let diagnostic = |problem: &event_topology::Problem| {
            let message = match &problem.consumer {
                Some(consumer) => format!("consumer `{consumer}`: {}", problem.what),
                None => problem.what.clone(),
            };
            let rule = by_id(problem.rule);
            Diagnostic::error(rule, shown.as_ref().into(), message).with_help(problem.fix.as_str())
        };
        error.problems.iter().map(diagnostic).collect::<Vec<_>>()
    })?;
    Ok(match args.format {
        Format::Cloudformation => (format!("{}.template.yaml", plan.bus), template.to_yaml()),
        Format::CloudformationJson => {
            (format!("{}.template.json", plan.bus), format!("{:#}\n", template.to_json()))
        }
    })
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
}
