//! `cargo event patterns`: what the event patterns of consumers match.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use event_folder::family;
use event_schema::diagnostic::{Diagnostic, Severity};
use event_schema::rules;
use serde_json::{Value, json};

use super::{count, refuse, report};
use crate::day::today;
use crate::exit::Exit;
use crate::format::{Format, Plain, github, json as to_json, sarif};
use crate::input::Input;
use crate::patterns::{Found, Judged, Kind, Major, find, judge, majors};
use crate::render::{self, clean};
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Check event patterns against the schemas of the events
///
/// Reads patterns out of CloudFormation and SAM templates (YAML and JSON), what the CDK synthesises, plans of Terraform
/// (`terraform show -json`) and `*.tf.json`, Serverless files, `topology.json`, and patterns by themselves. Lists for
/// each which majors of which events it matches, and reports patterns that never match, read a retired major, or have
/// a key that no schema has.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event patterns template.yaml
  cargo event patterns cdk.out/*.template.json --format github
  terraform show -json plan.out | cargo event patterns -")]
pub(crate) struct Patterns {
    /// Files with patterns; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    folder: Folder,
}

/// A pattern, and what it makes of the events.
struct Answer {
    found: Found,
    judged: Option<Judged>,
    diagnostics: Vec<Diagnostic>,
}

/// Checks the patterns of all files.
pub(crate) fn run(args: &Patterns, terminal: &mut Terminal) -> io::Result<Exit> {
    let plain = if args.format == Format::Json { Plain::Json } else { Plain::Human };
    let project = match args.folder.open() {
        Ok(project) => project,
        Err(missing) => return refuse(terminal, plain, &[*missing], &Sources::default()),
    };
    let mut sources = Sources::of_project(&project);
    let (families, problems) = family::read(&project.folder, project.config.settings());
    let mut problems: Vec<Diagnostic> =
        problems.into_iter().filter(|d| d.severity == Severity::Error).collect();
    if project.lock.is_none() {
        // without the lock nothing is known of retired majors
        let unread = project.lock_diagnostics.iter().filter(|d| d.is(&rules::BAD_LOCK));
        problems.extend(unread.cloned());
    }
    let majors = majors(&families, &project);
    let today = today();
    let mut answers = Vec::new();
    for path in &args.files {
        let read = Input::open(path).and_then(|mut input| {
            let text: Arc<str> = input.text()?.into();
            sources.insert(&input.shown, text.clone());
            find(&input.shown, &text)
        });
        match read {
            Ok(found) => {
                answers.extend(found.into_iter().map(|found| answer(found, &majors, &today)));
            }
            Err(problem) => problems.push(*problem),
        }
    }
    let all: Vec<Diagnostic> =
        problems.iter().chain(answers.iter().flat_map(|a| &a.diagnostics)).cloned().collect();
    let exit = Exit::of_all(&all);
    match args.format {
        Format::Human => {
            for answer in &answers {
                writeln!(terminal.out, "{}", human(answer, &majors, &today))?;
            }
            terminal.out.flush()?;
            for d in &all {
                writeln!(terminal.err, "{}", render::diagnostic(d, &sources, terminal.err_width))?;
            }
            terminal.err.flush()?;
            writeln!(terminal.out, "{}", summary(&answers, &all, args.files.len()))?;
        }
        Format::Github => github::write(&mut *terminal.out, &all)?,
        Format::Sarif => writeln!(terminal.out, "{:#}", sarif::log(&all))?,
        Format::Json => {
            let answer = json!({
                "ok": exit == Exit::Fine,
                "patterns": answers.iter().map(|a| as_json(a, &majors)).collect::<Vec<_>>(),
                "diagnostics": all.iter().map(to_json::diagnostic).collect::<Vec<_>>(),
            });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    if args.format == Format::Github {
        // annotations are for the page; the log gets the reasons as well
        report(terminal, &problems, &sources)?;
    }
    Ok(exit)
}

fn answer(found: Found, majors: &[Major<'_>], today: &str) -> Answer {
    let mut diagnostics = crate::patterns::find::mistakes(&found);
    let Ok(lowered) = &found.pattern else {
        return Answer { found, judged: None, diagnostics };
    };
    let judged = judge(&lowered.pattern, majors);
    let subject = format!("{} `{}`", found.kind.as_str(), found.name);
    let at = |rule, place, message: String| crate::patterns::find::at(rule, &found, place, message);
    for (place, why) in &lowered.unknown {
        diagnostics.push(at(&rules::PATTERN_UNDECIDED, *place, format!("{subject}: {why}")));
    }
    for path in lowered.pattern.replaced() {
        let place = lowered.paths.get(path).copied().unwrap_or(found.place);
        let message = format!(
            "{subject}: two conditions on `{path}`, of which EventBridge keeps the last one"
        );
        diagnostics.push(at(&rules::PATTERN_REPLACED_CONDITION, place, message));
    }
    for (path, similar) in &judged.unknown {
        let place = lowered.paths.get(path).copied().unwrap_or(found.place);
        let mut d =
            at(&rules::PATTERN_UNKNOWN_KEY, place, format!("{subject}: no schema has `{path}`"));
        if let Some(similar) = similar {
            d.help = vec![format!("there is `{similar}`")];
        }
        diagnostics.push(d);
    }
    if judged.matches.is_empty() && (judged.undeclared.is_empty() || !judged.never.is_empty()) {
        let place = |path: &str| lowered.paths.get(path).copied().unwrap_or(found.place);
        if judged.never.is_empty() {
            match &judged.ours {
                Some(meant) => {
                    let message = format!("{subject} matches no event: {meant}");
                    let place = place("detail-type");
                    diagnostics.push(at(&rules::PATTERN_NEVER_MATCHES, place, message));
                }
                None if judged.unknown.is_empty() => {
                    let message = format!("{subject} matches no event that has a schema here");
                    let place = found.place;
                    diagnostics.push(at(&rules::PATTERN_OTHER_EVENTS, place, message));
                }
                None => {}
            }
        } else if judged.unknown.is_empty() {
            let (major, why) = &judged.never[judged.never.len() - 1];
            let message = format!(
                "{subject} matches no event of `{}` v{}: {why}",
                majors[*major].event.event, majors[*major].major
            );
            let named = why.split('`').nth(1).unwrap_or_default();
            let mut d = at(&rules::PATTERN_NEVER_MATCHES, place(named), message);
            for (major, why) in judged.never.iter().rev().skip(1) {
                let major = &majors[*major];
                d.help.insert(0, format!("nor one of {}: {why}", major.shown()));
            }
            diagnostics.push(d);
        }
    }
    if found.kind != Kind::Archive {
        for major in judged.matches.iter().map(|at| &majors[*at]) {
            let place = ["detail-type", "source"].iter().find_map(|path| lowered.paths.get(*path));
            let place = place.copied().unwrap_or(found.place);
            let newest = majors.iter().rev().find(|m| m.event == major.event && !m.retired);
            let way =
                newest.map(|m| format!("read {}: `{}`", m.shown(), m.detail_types.join("`, `")));
            let mut d = match &major.sunset {
                _ if major.retired => at(
                    &rules::PATTERN_RETIRED_MAJOR,
                    place,
                    format!("{subject} reads {}, which is retired", major.shown()),
                ),
                Some(day) if day.as_str() <= today => at(
                    &rules::PATTERN_PAST_SUNSET,
                    place,
                    format!("{subject} reads {}, whose last day was {day}", major.shown()),
                ),
                _ => continue,
            };
            if let Some(way) = way.filter(|_| newest.is_some_and(|m| m.major != major.major)) {
                d.help = vec![way];
            }
            diagnostics.push(d);
        }
    }
    Answer { found, judged: Some(judged), diagnostics }
}

fn human(answer: &Answer, majors: &[Major<'_>], today: &str) -> String {
    let Answer { found, judged, .. } = answer;
    let mut text =
        format!("{}:{}: {} `{}`", found.file, found.place.pos, found.kind.as_str(), found.name);
    if let Some(bus) = &found.bus {
        text.extend([" on bus `", bus, "`"]);
    }
    if found.disabled {
        text += " (disabled)";
    }
    let mut lines = vec![text];
    if let Ok(lowered) = &found.pattern
        && !lowered.assumed.is_empty()
    {
        lines.push(format!("with the defaults of the parameters {}", lowered.assumed.join(", ")));
    }
    if let Some(judged) = judged {
        for major in judged.matches.iter().map(|at| &majors[*at]) {
            let state = match &major.sunset {
                _ if major.retired => " (retired)".to_owned(),
                Some(day) if day.as_str() <= today => format!(" (sunset was {day})"),
                Some(day) => format!(" (sunset {day})"),
                None => String::new(),
            };
            lines.push(format!("matches {}{state}", major.shown()));
        }
        for (major, why) in &judged.undeclared {
            let major = majors[*major].shown();
            lines.push(format!("matches {major} only with a field that no schema has: {why}"));
        }
        for (major, why) in &judged.never {
            lines.push(format!("never matches {}: {why}", majors[*major].shown()));
        }
        if judged.matches.is_empty() && judged.never.is_empty() && judged.undeclared.is_empty() {
            lines.push("matches no event of the schema folder".to_owned());
        }
    } else {
        lines.push(
            if found.pattern.as_ref().is_err_and(|mistakes| mistakes.undecided) {
                "not known before it is deployed"
            } else {
                "not a valid pattern"
            }
            .to_owned(),
        );
    }
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    lines.join("\n    ")
}

fn summary(answers: &[Answer], all: &[Diagnostic], files: usize) -> String {
    let of = |severity| all.iter().filter(|d| d.severity == severity).count();
    let patterns = count(answers.len(), "pattern");
    let what = match (of(Severity::Error), of(Severity::Warning)) {
        (0, 0) => "all match events of the schema folder".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    format!("{patterns} in {}: {what}", count(files, "file"))
}

fn as_json(answer: &Answer, majors: &[Major<'_>]) -> Value {
    let Answer { found, judged, .. } = answer;
    let of = |at: usize| majors[at].json();
    let lowered = found.pattern.as_ref().ok();
    let never = |(at, why): &(usize, String)| {
        let mut value = of(*at);
        value["reason"] = json!(why);
        value
    };
    json!({
        "file": &*found.file,
        "line": found.place.pos.line,
        "column": found.place.pos.column,
        "kind": found.kind.as_str(),
        "name": found.name,
        "consumer": found.consumer,
        "bus": found.bus,
        "disabled": found.disabled,
        "valid": lowered.is_some(),
        "pattern": lowered.map(|l| &l.pattern),
        "decided": lowered.is_some_and(|l| l.unknown.is_empty()),
        "assumedParameters": lowered.map(|l| l.assumed.clone()).unwrap_or_default(),
        "matches": judged.iter().flat_map(|j| &j.matches).map(|at| of(*at)).collect::<Vec<_>>(),
        "undeclared": judged.iter().flat_map(|j| &j.undeclared).map(never).collect::<Vec<_>>(),
        "never": judged.iter().flat_map(|j| &j.never).map(never).collect::<Vec<_>>(),
        "unknownKeys": judged.iter().flat_map(|j| &j.unknown).map(|(p, _)| p).collect::<Vec<_>>(),
    })
}
