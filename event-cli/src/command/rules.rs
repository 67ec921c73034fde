//! `cargo event rules`: what the checker knows, as a list, or one rule explained.

use std::io::{self, Write};

use clap::Args;
use event_schema::diagnostic::Diagnostic;
use event_schema::rules::{self, Breaks, Rule};
use serde_json::{Value, json};

use super::refuse;
use crate::exit::Exit;
use crate::format::Plain;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// List the rules of change, or explain one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event rules
  cargo event rules enum-value-added
  cargo event rules --format json")]
pub(crate) struct Rules {
    /// Explain this rule, with an example and the fix
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Lists or explains.
pub(crate) fn run(args: &Rules, terminal: &mut Terminal) -> io::Result<Exit> {
    let Some(id) = &args.rule else {
        list(args.format, terminal)?;
        return Ok(Exit::Fine);
    };
    // as it is copied from a message: `error[enum-value-added]`
    let id = id.rsplit_once('[').map_or(id.as_str(), |(_, id)| id).trim_end_matches(']');
    let Some(rule) = rules::find(id) else {
        return refuse(terminal, args.format, &[unknown(id)], &Sources::default());
    };
    match args.format {
        Plain::Human => explain(rule, terminal)?,
        Plain::Json => writeln!(terminal.out, "{:#}", to_json(rule))?,
    }
    Ok(Exit::Fine)
}

fn list(format: Plain, terminal: &mut Terminal) -> io::Result<()> {
    if format == Plain::Json {
        let all: Vec<_> = rules::all().map(to_json).collect();
        return writeln!(terminal.out, "{:#}", Value::Array(all));
    }
    let width = rules::all().map(|r| r.id.len()).max().unwrap_or(0);
    for rule in rules::all() {
        writeln!(terminal.out, "{:width$}  {:5}  {}", rule.id, rule.level.as_str(), rule.why)?;
    }
    Ok(())
}

fn explain(rule: &Rule, terminal: &mut Terminal) -> io::Result<()> {
    writeln!(terminal.out, "{} ({})", rule.id, rule.level.as_str())?;
    writeln!(terminal.out, "\n  why      {}", rule.why)?;
    if !rule.breaks.is_empty() {
        let who: Vec<_> = rule.breaks.iter().map(|b| whom(*b)).collect();
        writeln!(terminal.out, "  breaks   {}", who.join("; "))?;
    }
    writeln!(terminal.out, "  example  {}", rule.example)?;
    writeln!(terminal.out, "  fix      {}", rule.fix)
}

fn whom(breaks: Breaks) -> &'static str {
    match breaks {
        Breaks::StoredEvents => "events that are stored",
        Breaks::OldConsumers => "consumers built with the earlier version",
        Breaks::RustCode => "Rust code that uses the generated types",
    }
}

fn to_json(rule: &Rule) -> Value {
    json!({
        "rule": rule.id,
        "level": rule.level.as_str(),
        "breaks": rule.breaks.iter().map(|b| b.as_str()).collect::<Vec<_>>(),
        "why": rule.why,
        "example": rule.example,
        "fix": rule.fix,
    })
}

fn unknown(id: &str) -> Diagnostic {
    let d = Diagnostic::error(&rules::UNKNOWN_RULE, "".into(), format!("there is no rule `{id}`"));
    let words: Vec<&str> = id.split('-').filter(|w| w.len() > 2).collect();
    let shared = |rule: &&Rule| words.iter().filter(|w| rule.id.contains(**w)).count();
    let near = rules::all().filter(|r| shared(r) > 0).max_by_key(shared);
    let d = match near {
        Some(rule) => d.with_help(format!("is `{}` meant?", rule.id)),
        None => d,
    };
    d.with_help("`cargo event rules` lists all")
}
