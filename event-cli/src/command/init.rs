//! `cargo event init`: sets up event contracts in an existing crate.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use event_folder::load::{EventName, Folder, Version};
use event_folder::lock::{self, Lock};
use event_folder::name::{NoFolder, to_folder};
use event_folder::problem;
use event_schema::diagnostic::Diagnostic;
use serde_json::json;
use toml_edit::DocumentMut;

use super::{refuse, unwritable};
use crate::exit::Exit;
use crate::format::Plain;
use crate::input::Input;
use crate::render::clean;
use crate::setup::manifest::Source;
use crate::setup::{Edit, clone, example, include, manifest, script};
use crate::sources::Sources;
use crate::terminal::Terminal;

/// Set up event contracts in an existing crate
///
/// Adds the dependencies to Cargo.toml, the call to build.rs, the module with the generated types to src/lib.rs or
/// src/main.rs, and the folder `schemas`. Existing text stays; a line whose place is not certain is printed instead.
/// Running it again changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo event init --example
  cargo event init --example --crates ../event-contracts   # the crates of a clone of this project
  cargo event init --path services/orders --dry-run")]
pub(crate) struct Init {
    /// Set the folder of the crate (default: the current directory)
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Add an example event if the crate has no schemas yet
    #[arg(long)]
    example: bool,
    /// Depend on the crates in this clone of the project, not on those of crates.io
    #[arg(long, value_name = "DIR")]
    crates: Option<PathBuf>,
    /// Show what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Set the output format
    #[arg(long, value_enum, default_value_t)]
    format: Plain,
}

/// Plans all edits, then writes them.
pub(crate) fn run(args: &Init, terminal: &mut Terminal) -> io::Result<Exit> {
    let planned = Plan::of(args).and_then(|plan| {
        if !args.dry_run {
            plan.write()?;
        }
        Ok(plan)
    });
    let plan = match planned {
        Ok(plan) => plan,
        Err(problem) => return refuse(terminal, args.format, &[*problem], &Sources::default()),
    };
    match args.format {
        Plain::Human => plan.tell(args.dry_run, terminal)?,
        Plain::Json => {
            let files = plan
                .files
                .iter()
                .map(|f| json!({ "file": f.shown(), "did": f.did(), "what": f.what }));
            let answer = json!({
                "ok": true,
                "dryRun": args.dry_run,
                "files": files.collect::<Vec<_>>(),
                "byHand": plan.by_hand,
                "next": plan.next,
            });
            writeln!(terminal.out, "{answer:#}")?;
        }
    }
    Ok(Exit::Fine)
}

/// A file of the crate, and its change.
struct Planned {
    path: PathBuf,
    /// Whether the file exists.
    there: bool,
    /// The new text, if it changes.
    text: Option<String>,
    /// What is new in it, or why it is kept; one line each.
    what: Vec<String>,
}

impl Planned {
    fn new(path: PathBuf, text: String, what: &str) -> Planned {
        Planned { path, there: false, text: Some(text), what: vec![what.to_owned()] }
    }

    fn kept(path: PathBuf, what: &str) -> Planned {
        Planned { path, there: true, text: None, what: vec![what.to_owned()] }
    }

    fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    fn did(&self) -> &'static str {
        match (&self.text, self.there) {
            (None, _) => "kept",
            (Some(_), true) => "changed",
            (Some(_), false) => "written",
        }
    }
}

struct Plan {
    files: Vec<Planned>,
    /// Lines that the user must add.
    by_hand: Vec<String>,
    next: Vec<String>,
}

impl Plan {
    fn of(args: &Init) -> Result<Plan, Box<Diagnostic>> {
        let root = args.path.clone().unwrap_or_default();
        let path = root.join("Cargo.toml");
        let Some(text) = read(&path)? else {
            let shown = path.to_string_lossy();
            let d = manifest::bad_manifest(&shown, "the file does not exist");
            return Err(Box::new(
                d.with_help("create a crate first: `cargo init`")
                    .with_help("or name one: `cargo event init --path DIR`"),
            ));
        };
        let around = workspace(&root);
        let inherits = |package: &str| around.as_ref().is_some_and(|w| manifest::has(w, package));
        let crates = args.crates.as_ref().map(|given| clone::of(given, &root)).transpose()?;
        let from = |package: &str| match &crates {
            _ if inherits(package) => Source::Workspace,
            Some(clone) => Source::Path(format!("{clone}/{package}")),
            None => Source::Registry,
        };
        let mut made = manifest::plan(&text, &path.to_string_lossy(), from)?;
        let mut plan = Plan { files: Vec::new(), by_hand: Vec::new(), next: Vec::new() };
        let schemas = shared_folder(&root).unwrap_or_else(|| "schemas".to_owned());
        if schemas == "schemas" {
            let begins = plan.schemas(&root, &made.package, args.example)?;
            let program = root.join(example::PROGRAM);
            let has_defaults = made.has_new_runtime() && !inherits("event-runtime");
            if begins && has_defaults && !program.exists() {
                made.add_tokio(inherits("tokio"));
                let text = example::program(&made.runtime);
                plan.files.push(Planned::new(program, text, "publishes and consumes the event"));
                plan.next.insert(1, "run it: `cargo run --example order`".to_owned());
            }
        } else {
            let what = "the schemas of the workspace, which the package uses";
            plan.files.push(Planned::kept(root.join(&schemas), what));
            let (folder, _) = Folder::read(&root.join(&schemas), &schemas);
            plan.next.push(if folder.is_empty() {
                "write a first schema: `cargo event new TYPE`, such as `order.placed`".to_owned()
            } else {
                "check them: `cargo event check`".to_owned()
            });
        }
        plan.files.push(if made.added.is_empty() {
            Planned::kept(path, "has both dependencies")
        } else {
            Planned { path, there: true, text: Some(made.text.clone()), what: made.added.clone() }
        });
        plan.code(&root, &made)?;
        plan.script(&root, &made, &schemas)?;
        Ok(plan)
    }

    /// Plans the folder `schemas`. Returns whether it begins with the example's event.
    fn schemas(
        &mut self,
        root: &Path,
        package: &str,
        wanted: bool,
    ) -> Result<bool, Box<Diagnostic>> {
        let folder = root.join("schemas");
        let shown = folder.to_string_lossy().into_owned();
        if folder.exists() && !folder.is_dir() {
            let message = "the schema folder is a file: expected a folder";
            let d = problem::schema_folder_missing(&shown, message);
            return Err(Box::new(d.with_help("move or rename the file")));
        }
        let (read, _) = Folder::read(&folder, &shown);
        let place = |text: &str| {
            format!("{text}, at `{}`", folder.join("<registry>/<type>/1.0.json").display())
        };
        if !read.is_empty() || read.has_lock() {
            self.files.push(Planned::kept(folder, "has schemas or a lock"));
            self.next.push("check it: `cargo event check`".to_owned());
        } else if wanted {
            let bad = |why: NoFolder| {
                let file = root.join("Cargo.toml");
                let message = format!("the name of the package cannot be that of a folder: {why}");
                let d = manifest::bad_manifest(&file.to_string_lossy(), message);
                Box::new(d.with_help("run the command without `--example`, or rename the package"))
            };
            let registry = to_folder(package).map_err(bad)?;
            let text = example::schema(package);
            let event = EventName { registry: registry.clone(), event: example::EVENT.to_owned() };
            let mut locked = Lock::default();
            locked.entries.insert((event, Version { major: 1, minor: 0 }), lock::sha256(&text));
            let path = folder.join(registry).join(example::EVENT).join("1.0.json");
            self.files.push(Planned::new(path, text, "an example event"));
            let lock = Planned::new(folder.join(lock::FILE), locked.to_text(), "locks the example");
            self.files.push(lock);
            self.next.push("build: `cargo build`".to_owned());
            self.next.push(format!("change it: `cargo event new-version {}`", example::EVENT));
            return Ok(true);
        } else {
            let settings = folder.join(event_folder::CONFIG_FILE);
            self.files.push(if settings.exists() {
                Planned::kept(settings, "the settings of the folder, which has no schemas yet")
            } else {
                let text = example::SETTINGS.to_owned();
                Planned::new(settings, text, "the settings, all at their defaults")
            });
            self.next.push(
                "write a first schema: `cargo event new TYPE`, such as `order.placed`".to_owned(),
            );
            self.next.push(place("or by hand"));
            self.next.push("or import your schemas: `cargo event import FILES`; or add an example: `cargo event init --example`".to_owned());
            self.next.push("then lock it: `cargo event lock`".to_owned());
            self.next.push(
                "or pull a registry, which also locks: `cargo event pull --registry NAME`"
                    .to_owned(),
            );
        }
        Ok(false)
    }

    /// Plans the module with the generated types.
    fn code(&mut self, root: &Path, made: &manifest::Manifest) -> Result<(), Box<Diagnostic>> {
        let sources = root.join("src");
        if let Some(path) = including(&sources)? {
            self.files.push(Planned::kept(path, "includes the generated types"));
            return Ok(());
        }
        let library =
            made.library.as_ref().map_or_else(|| sources.join("lib.rs"), |l| root.join(l));
        let program = sources.join("main.rs");
        let is_library = library.is_file();
        let path = if is_library { library } else { program };
        let module = include::module(&made.runtime, is_library);
        let Some(text) = read(&path)? else {
            self.by_hand
                .push(format!("in the root of the crate: `{}::include_events!();`", made.runtime));
            return Ok(());
        };
        if include::is_there(&text) {
            self.files.push(Planned::kept(path, "includes the generated types"));
            return Ok(());
        }
        let line = format!("`mod events {{ {}::include_events!(); }}`", made.runtime);
        self.edit(path, include::plan(&text, &module), &line);
        Ok(())
    }

    fn script(
        &mut self,
        root: &Path,
        made: &manifest::Manifest,
        schemas: &str,
    ) -> Result<(), Box<Diagnostic>> {
        let path = root.join(&made.script);
        let call = script::call(&made.codegen, &made.runtime, schemas);
        match read(&path)? {
            None => {
                self.files.push(Planned::new(path, script::new(&call), "compiles the schemas"));
            }
            Some(text) => {
                let edit = script::plan(&text, &made.codegen, &call);
                self.edit(path, edit, &format!("`{call}` in `main`"));
            }
        }
        Ok(())
    }

    fn edit(&mut self, path: PathBuf, edit: Edit, line: &str) {
        match edit {
            Edit::Kept => self.files.push(Planned::kept(path, "calls `event_codegen`")),
            Edit::Text(text) => {
                let what = vec![line.to_owned()];
                self.files.push(Planned { path, there: true, text: Some(text), what });
            }
            Edit::ByHand { why } => {
                self.by_hand.push(format!("in `{}`: {line}", path.display()));
                self.files.push(Planned::kept(path, &why));
            }
        }
    }

    /// Writes each file completely or not at all. If the process is killed between two files, the next `init` does the
    /// rest.
    fn write(&self) -> Result<(), Box<Diagnostic>> {
        for file in &self.files {
            let Some(text) = &file.text else { continue };
            // a link stays a link
            let path = file.path.canonicalize().unwrap_or_else(|_| file.path.clone());
            event_folder::write_if_changed(&path, text).map_err(|e| {
                let d = unwritable(&file.path, &e);
                Box::new(d.with_help("run the command again afterwards: it does the rest"))
            })?;
        }
        Ok(())
    }

    fn tell(&self, dry_run: bool, terminal: &mut Terminal) -> io::Result<()> {
        for file in &self.files {
            let verb = match (file.did(), dry_run) {
                ("kept", _) => "kept",
                ("changed", false) => "changed",
                ("changed", true) => "would change",
                (_, false) => "wrote",
                (_, true) => "would write",
            };
            let line = format!("{verb} `{}`: {}", file.shown(), file.what.join(", "));
            writeln!(terminal.out, "{}", clean(&line))?;
        }
        for (title, lines) in [("by hand:", &self.by_hand), ("next:", &self.next)] {
            if !lines.is_empty() {
                writeln!(terminal.out, "{title}")?;
            }
            for line in lines {
                writeln!(terminal.out, "  {}", clean(line))?;
            }
        }
        Ok(())
    }
}

/// Returns the text of a file, or `None` if it does not exist.
fn read(path: &Path) -> Result<Option<String>, Box<Diagnostic>> {
    if path.exists() { Input::open(path)?.text().map(Some) } else { Ok(None) }
}

/// Finds the source file that includes the generated types.
fn including(dir: &Path) -> Result<Option<PathBuf>, Box<Diagnostic>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => {
            let shown = dir.to_string_lossy();
            let message = format!("failed to read the folder: {e}");
            return Err(Box::new(problem::unreadable(&shown, message)));
        }
    };
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let folder = path.is_dir() && !path.is_symlink();
        let found = if folder {
            including(&path)?
        } else if path.is_file() && path.extension().is_some_and(|e| e == "rs") {
            read(&path)?.filter(|text| include::is_there(text)).map(|_| path)
        } else {
            None
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Returns the schema folder of the workspace, as the build of the package names it, if the package itself has none.
fn shared_folder(root: &Path) -> Option<String> {
    let here = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let here = here.canonicalize().ok()?;
    if here.join("schemas").exists() {
        return None;
    }
    let mut up = String::new();
    for around in here.ancestors().skip(1) {
        up.push_str("../");
        let manifest = fs::read_to_string(around.join("Cargo.toml")).ok();
        let manifest = manifest.and_then(|text| text.parse::<DocumentMut>().ok());
        if manifest.is_some_and(|m| m.contains_key("workspace")) {
            return around.join("schemas").is_dir().then(|| format!("{up}schemas"));
        }
    }
    None
}

/// Returns the manifest of the workspace around a package, unless it excludes folders.
fn workspace(root: &Path) -> Option<DocumentMut> {
    let here = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let here = here.canonicalize().ok()?;
    let manifests = here.ancestors().map(|a| a.join("Cargo.toml"));
    let read = |path: PathBuf| fs::read_to_string(path).ok()?.parse::<DocumentMut>().ok();
    let found = manifests.filter_map(read).find(|m| m.contains_key("workspace"))?;
    let excludes = found.get("workspace").is_some_and(|w| w.get("exclude").is_some());
    (!excludes).then_some(found)
}
