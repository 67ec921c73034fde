//! `cargo event registry serve`: serves the Schemas API on loopback, empty or with a schema folder.
//!
//! A folder is read once at the start and never written (`docs/adr/0012`). Each major of an event is a schema
//! `<source>@<type>-v<major>`, and its minors are versions `1`, `2`, … in order.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use event_folder::load::{EventName, Folder};
use event_folder::problem::{self, any_error};
use event_local::schemas::{Kind, Preset, Server};
use event_registry::name;
use event_schema::diagnostic::Diagnostic;
use serde_json::{Value, json};

use super::{count, report};
use crate::exit::Exit;
use crate::format::Plain;
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Serve a registry on loopback
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event registry serve
  cargo event registry serve --dir schemas")]
pub(crate) struct Registry {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Serve the Schemas API on 127.0.0.1, without credentials, for tests and for a first look
    ///
    /// Without `--dir`, the registry begins empty and keeps uploads in memory. With `--dir`, it serves the current
    /// contents of the folder, and never writes to it. Ctrl-C ends the server.
    #[command(after_help = "\
Examples:
  cargo event registry serve
  cargo event registry serve --dir schemas --port 8787
  cargo event registry serve --format json     # one line: {\"endpoint\":\"http://127.0.0.1:…\"}")]
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    /// Serve this schema folder, read-only
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Set the port; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Serves until a signal stops it.
pub(crate) fn run(args: &Registry, terminal: &mut Terminal) -> io::Result<Exit> {
    let What::Serve(args) = &args.what;
    let mut builder = Server::builder().port(args.port);
    if let Some(dir) = &args.dir {
        let (presets, problems) = folder(dir);
        report(terminal, &problems, &Sources::default())?;
        if any_error(&problems) {
            return Ok(Exit::BadInput);
        }
        let shown = dir.display();
        let why = format!(
            "this server does not write to the folder `{shown}`: add the schema there as a file, or serve without `--dir`"
        );
        builder = builder.presets(presets).read_only(why);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // before the endpoint is printed: from then on, a signal ends the server in order
        let end = signal()?;
        let server = match builder.serve().await {
            Ok(server) => server,
            Err(e) => {
                let what = format!("127.0.0.1:{}", args.port);
                let d =
                    problem::unreadable(&what, format!("failed to listen on this address: {e}"))
                        .with_help("use any free port: `--port 0`");
                report(terminal, &[d], &Sources::default())?;
                return Ok(Exit::BadInput);
            }
        };
        tell(args, &server, terminal)?;
        server.run_until(end).await?;
        Ok(Exit::Fine)
    })
}

fn tell(args: &Serve, server: &Server, terminal: &mut Terminal) -> io::Result<()> {
    let endpoint = server.endpoint();
    match args.format {
        Plain::Json => writeln!(terminal.out, "{}", json!({ "endpoint": endpoint }))?,
        Plain::Human => {
            let schemas = count(server.schemas(), "schema");
            writeln!(
                terminal.out,
                "serving the Schemas API at {endpoint} ({schemas}); Ctrl-C ends it\n"
            )?;
            writeln!(terminal.out, "  export AWS_ENDPOINT_URL_SCHEMAS={endpoint}")?;
            writeln!(
                terminal.out,
                "  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
            )?;
        }
    }
    terminal.flush()
}

/// Completes on Ctrl-C, and on SIGTERM on Unix.
#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = int.recv() => (), _ = term.recv() => () }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Returns the folder as schemas of a registry. The loader follows no link out of it.
fn folder(dir: &Path) -> (Vec<Preset>, Vec<Diagnostic>) {
    let (folder, mut problems) = Folder::read(dir, &dir.display().to_string());
    let mut presets: BTreeMap<(String, String), (EventName, Preset)> = BTreeMap::new();
    for file in folder.files() {
        let text: Arc<str> = Arc::clone(&file.text);
        let document = serde_json::from_str::<Value>(&text).unwrap_or_default();
        let name = name::schema_of(file);
        if let Some(c) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !".-_@".contains(*c)) {
            let message =
                format!("`{name}` cannot be the name of a schema in a registry: it contains `{c}`");
            problems.push(problem::bad_file_name(&file.shown, message));
            continue;
        }
        let kind =
            if document.get("openapi").is_some() { Kind::OpenApi3 } else { Kind::JsonSchemaDraft4 };
        let key = (file.name.registry.clone(), name.clone());
        let (owner, preset) = presets.entry(key).or_insert_with(|| {
            let registry = file.name.registry.clone();
            (
                file.name.clone(),
                Preset { registry, name, kind, versions: Vec::new(), modified: None },
            )
        });
        if *owner != file.name {
            let message = format!(
                "`{}` and `{}` would be the same schema `{}` in a registry",
                owner.event, file.name.event, preset.name
            );
            problems.push(problem::bad_file_name(&file.shown, message));
            continue;
        }
        let written = std::fs::metadata(&file.path).and_then(|m| m.modified()).ok();
        preset.modified = preset.modified.max(written);
        preset.versions.push(text);
    }
    (presets.into_values().map(|(_, preset)| preset).collect(), problems)
}
