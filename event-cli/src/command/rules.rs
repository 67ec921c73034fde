//! `cargo event rules`: lists every rule of the toolkit by subject, or explains one.

mod markdown;
mod open;

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::Style;
use clap::{Args, ValueEnum};
use event_schema::diagnostic::Diagnostic;
use event_schema::rules::{self, Breaks, Level, Rule};
use serde_json::{Value, json};

use super::refuse;
use crate::exit::Exit;
use crate::format::Plain;
use crate::layout::{BAD, FAINT, GOOD, HEADING, ODD, padded, painted, wrapped};
use crate::sources::Sources;
use crate::terminal::Terminal;

/// List the rules, or explain one
///
/// Messages name their rules in brackets, such as `error[enum-value-added]`. The list has the rules for schemas and
/// their changes, the schema folder and its lock, structs, topologies and registries.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event rules
  cargo event rules enum-value-added
  cargo event rules enum-value-added --open
  cargo event rules --format json
  cargo event rules --format markdown > rules.md")]
pub(crate) struct Rules {
    /// Explain this rule, with an example and the fix
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Open the explanations in the browser, at the rule if one is given
    ///
    /// Writes a page with all rules to the folder for temporary files and opens it with `$BROWSER`, or
    /// with the program of the system. No connection is made.
    #[arg(long, conflicts_with = "format")]
    open: bool,
}

/// The output formats of rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// Markdown, one section a rule.
    Markdown,
}

/// The least width of the last column; in a narrower terminal, it goes below the others.
const COLUMN: usize = 36;

/// Lists or explains.
pub(crate) fn run(args: &Rules, terminal: &mut Terminal) -> io::Result<Exit> {
    let plain = if args.format == Format::Json { Plain::Json } else { Plain::Human };
    let Some(id) = &args.rule else {
        match args.format {
            _ if args.open => return open::run(None, terminal),
            Format::Markdown => write!(terminal.out, "{}", markdown::all())?,
            Format::Human | Format::Json => list(plain, terminal)?,
        }
        return Ok(Exit::Fine);
    };
    // the user may have copied it from a message: `error[enum-value-added]`
    let id = id.rsplit_once('[').map_or(id.as_str(), |(_, id)| id).trim_end_matches(']');
    let Some(rule) = rules::find(id) else {
        return refuse(terminal, plain, &[unknown(id)], &Sources::default());
    };
    match args.format {
        _ if args.open => return open::run(Some(rule), terminal),
        Format::Human => explain(rule, terminal)?,
        Format::Json => writeln!(terminal.out, "{:#}", to_json(rule))?,
        Format::Markdown => write!(terminal.out, "{}", markdown::page(rule))?,
    }
    Ok(Exit::Fine)
}

fn list(format: Plain, terminal: &mut Terminal) -> io::Result<()> {
    if format == Plain::Json {
        let all: Vec<_> = rules::all().map(to_json).collect();
        return writeln!(terminal.out, "{:#}", Value::Array(all));
    }
    terminal.out.write_all(table(terminal.out_width).as_bytes())
}

/// Returns all rules by subject, and the meaning of the levels.
fn table(width: Option<usize>) -> String {
    let ids = rules::all().map(|r| r.id.len()).max().unwrap_or(0);
    // `id  level  why`, one line per rule if the output is not a terminal
    let indent = ids + 9;
    let stacked = width.is_some_and(|width| width < indent + COLUMN);
    let mut out = String::new();
    for group in rules::groups() {
        let _ = writeln!(out, "{}", painted(group.title, HEADING));
        for rule in group.rules {
            let level = padded(rule.level.as_str(), style(rule.level), 5);
            if stacked {
                let why = wrapped(rule.why, 7, width);
                let _ = writeln!(out, "{level}  {}\n       {why}", rule.id);
            } else {
                let why = wrapped(rule.why, indent, width);
                let _ = writeln!(out, "{:ids$}  {level}  {why}", rule.id);
            }
        }
        out.push('\n');
    }
    for level in [Level::Break, Level::Error, Level::Warn, Level::Allow] {
        let name = padded(level.as_str(), style(level), 5);
        let _ = writeln!(out, "{name}  {}", wrapped(means(level), 7, width));
    }
    let more = "`cargo event rules ID` explains a rule, with an example and the fix";
    let _ = writeln!(out, "\n{}", wrapped(more, 0, width));
    out
}

fn explain(rule: &Rule, terminal: &mut Terminal) -> io::Result<()> {
    let width = terminal.out_width;
    let level = painted(rule.level.as_str(), style(rule.level));
    writeln!(terminal.out, "{} ({level})\n", painted(rule.id, HEADING))?;
    let group = rules::groups().find(|group| group.rules.contains(&rule));
    let who: Vec<_> = rule.breaks.iter().map(|b| whom(*b)).collect();
    let facts = [
        ("about", group.map_or("", |group| group.title)),
        ("why", rule.why),
        ("breaks", &who.join("; ")),
        ("example", rule.example),
        ("fix", rule.fix),
        ("exit", exit(rule)),
    ];
    for (name, text) in facts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let name = padded(name, FAINT, 7);
        writeln!(terminal.out, "  {name}  {}", wrapped(text, 11, width))?;
    }
    Ok(())
}

const fn style(level: Level) -> Style {
    match level {
        Level::Break | Level::Error => BAD,
        Level::Warn => ODD,
        _ => GOOD,
    }
}

fn means(level: Level) -> &'static str {
    match level {
        Level::Break => {
            "a change that breaks stored events, consumers built with an earlier version, or Rust code"
        }
        Level::Error => "a problem other than a change, which stops the build or the command",
        Level::Warn => "allowed, and reported",
        _ => "allowed; `cargo event diff` lists it",
    }
}

/// Returns the exit code of a command that finds it.
fn exit(rule: &Rule) -> &'static str {
    match (rule.level, rule.exit) {
        (Level::Warn | Level::Allow, _) => "0",
        (_, rules::Exit::No) => "1: the check was made and failed",
        (_, rules::Exit::BadInput) => "2: the check could not be made",
        // no command reports it
        (_, rules::Exit::Elsewhere) => "",
    }
}

fn whom(breaks: Breaks) -> &'static str {
    match breaks {
        Breaks::StoredEvents => "stored events",
        Breaks::OldConsumers => "consumers built with the earlier version",
        Breaks::RustCode => "Rust code that uses the generated types",
    }
}

fn to_json(rule: &Rule) -> Value {
    let group = rules::groups().find(|group| group.rules.contains(&rule));
    json!({
        "rule": rule.id,
        "about": group.map(|group| group.title),
        "level": rule.level.as_str(),
        "breaks": rule.breaks.iter().map(|b| b.as_str()).collect::<Vec<_>>(),
        "why": rule.why,
        "example": rule.example,
        "fix": rule.fix,
        "exit": match rule.exit {
            rules::Exit::No => Some(1),
            rules::Exit::BadInput => Some(2),
            rules::Exit::Elsewhere => None,
        },
    })
}

fn unknown(id: &str) -> Diagnostic {
    let d = Diagnostic::error(&rules::UNKNOWN_RULE, "".into(), format!("unknown rule `{id}`"));
    let words: Vec<&str> = id.split('-').filter(|w| w.len() > 2).collect();
    let shared = |rule: &&Rule| words.iter().filter(|w| rule.id.contains(**w)).count();
    let near = rules::all().filter(|r| shared(r) > 0).max_by_key(shared);
    let d = match near {
        Some(rule) => d.with_help(format!("did you mean `{}`?", rule.id)),
        None => d,
    };
    d.with_help("`cargo event rules` lists all rules")
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    /// Returns a text without the sequences that colour it.
    fn plain(text: &str) -> String {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |out, part| out + part.split_once('m').map_or(part, |(_, rest)| rest))
    }

    #[test]
    fn every_line_of_the_table_fits_the_terminal() {
        for width in [40, 60, 73, 74, 80, 100, 200] {
            let text = plain(&table(Some(width)));
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
            for rule in rules::all() {
                assert!(text.contains(rule.id), "{width}: {}", rule.id);
            }
        }
    }

    #[test]
    fn rule_is_one_line_without_a_terminal() {
        let text = plain(&table(None));
        for rule in rules::all() {
            let line = text.lines().find(|line| line.starts_with(&format!("{} ", rule.id)));
            assert!(line.is_some_and(|line| line.ends_with(rule.why)), "{}", rule.id);
        }
    }
}
