//! `cargo event new`: writes the first schema of an event.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use event_folder::load::{self, EventName};
use event_folder::name::to_folder;
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use serde_json::{Value, json};
use toml_edit::DocumentMut;

use super::{refuse, unwritable};
use crate::exit::Exit;
use crate::format::Plain;
use crate::render::clean;
use crate::schemas::Folder;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Write the first schema of an event
///
/// The file is version 1.0 with one property. Edit it freely until you run `cargo event lock`. If the event begins as a
/// struct, `cargo event new-version TYPE --from-code` writes the schema instead.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event new order.placed
  cargo event new order.placed --registry shop --source shop.orders")]
pub(crate) struct New {
    /// The type of the event, such as `order.placed`
    #[arg(value_name = "TYPE")]
    event: String,
    /// Set the registry (default: the only one of the folder, else the name of the package)
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<String>,
    /// Set the `source` of the event on the bus (default: `app.` and the registry)
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
    #[command(flatten)]
    folder: Folder,
}

/// Writes the file; never overwrites one.
pub(crate) fn run(args: &New, terminal: &mut Terminal) -> io::Result<Exit> {
    let (name, shown) = match make(args) {
        Ok(made) => made,
        Err(problem) => return refuse(terminal, args.format, &[*problem], &Sources::default()),
    };
    let next = [
        format!("edit `{shown}`"),
        "check it: `cargo event check`".to_owned(),
        "lock it when it is final: `cargo event lock`".to_owned(),
    ];
    match args.format {
        Plain::Human => {
            writeln!(terminal.out, "{}\nnext:", clean(&format!("wrote `{shown}`")))?;
            for line in next {
                writeln!(terminal.out, "  {}", clean(&line))?;
            }
        }
        Plain::Json => {
            let answer = json!({
                "ok": true,
                "registry": name.registry,
                "type": name.event,
                "version": "1.0",
                "file": shown,
                "next": next,
            });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}

fn make(args: &New) -> Result<(EventName, String), Box<Diagnostic>> {
    let root = args.folder.or_new()?;
    let (folder, _) = load::Folder::read(&root, &root.to_string_lossy());
    let shown = folder.shown.clone();
    let bad_name = |file: &str, message: String, help: String| {
        Box::new(problem::bad_event_name(file, message).with_help(help))
    };
    let no_registry = |message: String, help: String| {
        Box::new(problem::unknown_registry(&shown, message).with_help(help))
    };
    if let Some((event, major)) = args.event.rsplit_once(":v")
        && major.parse::<u32>().is_ok()
    {
        let message =
            format!("`{}` is a detail-type: expected a type without `:v{major}`", args.event);
        let help = format!("run `cargo event new {event}`");
        return Err(bad_name(&shown, message, help));
    }
    let plain = |what: &str, text: &str| match to_folder(text) {
        Err(why) if !text.is_empty() => {
            let brief: String = text.chars().take(40).collect();
            let message =
                format!("`{}…` cannot be the name of {what}: {why}", brief.escape_default());
            Err(bad_name(&shown, message, "shorten the name".to_owned()))
        }
        Ok(folder) if folder == text => Ok(folder),
        _ => {
            let message = format!("`{}` cannot be the name of {what}", text.escape_default());
            let help = "use letters, digits, `.`, `-`, `_` and `@`, such as `order.placed`";
            Err(bad_name(&shown, message, help.to_owned()))
        }
    };
    let event = plain("an event", &args.event)?;
    let registries: BTreeSet<&String> = folder.events.keys().map(|n| &n.registry).collect();
    let registry = match (&args.registry, registries.first(), registries.len()) {
        (Some(given), ..) => plain("a registry", given)?,
        (None, Some(only), 1) => (*only).clone(),
        (None, None, _) => {
            if let Some(package) = package(&root) {
                plain("a registry", &package)?
            } else {
                let message = "the folder has no registry yet".to_owned();
                let help = format!("name one: `cargo event new {event} --registry NAME`");
                return Err(no_registry(message, help));
            }
        }
        _ => {
            let named: Vec<String> = registries.iter().map(|r| format!("`{r}`")).collect();
            let message = format!("the folder has several registries: {}", named.join(", "));
            let help = format!("name one: `cargo event new {event} --registry NAME`");
            return Err(no_registry(message, help));
        }
    };
    let name = EventName { registry, event };
    let dir = root.join(&name.registry).join(&name.event);
    let file = format!("{shown}/{}/{}/1.0.json", name.registry, name.event);
    let twin = |n: &&EventName| {
        n.registry == name.registry && n.event.eq_ignore_ascii_case(&name.event) && **n != name
    };
    if let Some(twin) = folder.events.keys().find(twin) {
        let message = format!(
            "`{}` and `{}` are the same folder on file systems that ignore case",
            twin.event, name.event
        );
        let help = "choose a name that differs in more than its case".to_owned();
        return Err(bad_name(&file, message, help));
    }
    if holds_something(&dir) {
        let message = format!("the event `{}` already exists", name.event);
        let help = format!("write its next version: `cargo event new-version {}`", name.event);
        return Err(Box::new(problem::file_exists(&file, message).with_help(help)));
    }
    let source = args.source.clone().unwrap_or_else(|| format!("app.{}", name.registry));
    let path = dir.join("1.0.json");
    event_folder::write_if_changed(&path, &schema(&name.event, &source))
        .map_err(|e| Box::new(unwritable(&path, &e)))?;
    Ok((name, file))
}

/// Returns whether a path has something other than an empty folder, or one with files that a killed command left.
fn holds_something(dir: &Path) -> bool {
    let left = |name: &str| name.starts_with('.') || name.contains(".json.part");
    match fs::read_dir(dir) {
        Ok(entries) => entries.flatten().any(|entry| !left(&entry.file_name().to_string_lossy())),
        Err(e) => e.kind() != io::ErrorKind::NotFound,
    }
}

/// Returns the name of the package that the folder belongs to.
fn package(root: &Path) -> Option<String> {
    let folder = std::path::absolute(root).ok()?;
    let text = fs::read_to_string(folder.parent()?.join("Cargo.toml")).ok()?;
    let manifest: DocumentMut = text.parse().ok()?;
    manifest.get("package")?.get("name")?.as_str().map(str::to_owned)
}

fn schema(event: &str, source: &str) -> String {
    let title: String = event
        .split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect();
    let quoted = |text: String| Value::from(text).to_string();
    format!(
        r#"{{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": {},
  "x-amazon-events-source": {},
  "x-amazon-events-detail-type": {},
  "type": "object",
  "required": ["id"],
  "properties": {{
    "id": {{ "type": "string" }}
  }}
}}
"#,
        quoted(title),
        quoted(source.to_owned()),
        quoted(format!("{event}:v1")),
    )
}
