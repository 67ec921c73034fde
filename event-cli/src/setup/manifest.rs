//! Adds missing dependencies to `Cargo.toml`. Everything else stays, including layout and comments.

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// The package of the runtime.
const RUNTIME: &str = "event-runtime";
/// The package of the build library.
const CODEGEN: &str = "event-codegen";

/// The planned manifest, and what it states about the crate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The text; unchanged if nothing was missing.
    pub(crate) text: String,
    /// What was added, one line each.
    pub(crate) added: Vec<String>,
    /// The name of the package.
    pub(crate) package: String,
    /// The name of `event-runtime` in the code.
    pub(crate) runtime: String,
    /// The name of `event-codegen` in the build script.
    pub(crate) codegen: String,
    /// The build script, relative to the package.
    pub(crate) script: String,
    /// The root of the library, if the manifest names one.
    pub(crate) library: Option<String>,
}

/// The diagnostic about a manifest that is missing or cannot be used.
pub(crate) fn bad_manifest(file: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(&rules::BAD_MANIFEST, file.into(), message)
}

/// Where a missing dependency comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// crates.io, in the version that matches this command.
    Registry,
    /// The workspace of the package.
    Workspace,
    /// A folder, relative to the manifest of the package or absolute.
    Path(String),
}

/// Plans the manifest of a package. `from` returns where each missing dependency comes from.
///
/// # Errors
///
/// If the text is not the manifest of a package, or stops cargo from running a build script.
pub(crate) fn plan(
    text: &str,
    shown: &str,
    from: impl Fn(&str) -> Source,
) -> Result<Manifest, Box<Diagnostic>> {
    let bad = |message: String, help: &str| Box::new(bad_manifest(shown, message).with_help(help));
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
        let line =
            e.span().and_then(|s| text.get(..s.start)).map_or(1, |t| t.matches('\n').count() + 1);
        bad(
            format!("line {line}: {}", e.message()),
            "correct the text, and check it: `cargo metadata`",
        )
    })?;
    let package = document.get("package").and_then(|p| p.get("name")).and_then(Item::as_str);
    let Some(package) = package.map(str::to_owned) else {
        let (message, help) = if document.contains_key("workspace") {
            (
                "this is the manifest of a workspace: expected one of a package",
                "name a package of the workspace: `cargo event init --path DIR`",
            )
        } else {
            ("the manifest has no package", "create a crate first: `cargo init`")
        };
        return Err(bad(message.to_owned(), help));
    };
    let script = match document.get("package").and_then(|p| p.get("build")) {
        None => "build.rs".to_owned(),
        Some(build) => match (build.as_str(), build.as_bool()) {
            (Some(path), _) => path.to_owned(),
            (None, Some(true)) => "build.rs".to_owned(),
            (None, Some(false)) => {
                let message = "`build = false` stops cargo from running a build script";
                return Err(bad(message.to_owned(), "remove the line"));
            }
            (None, None) => {
                let message = "`package.build` is not one build script: expected a path";
                return Err(bad(
                    message.to_owned(),
                    "with several build scripts, call `event_codegen::compile(\"schemas\")` in one of them, and add the dependencies `event-runtime` and `event-codegen`",
                ));
            }
        },
    };
    let library = document.get("lib").and_then(|l| l.get("path")).and_then(Item::as_str);
    let library = library.map(str::to_owned);
    let mut added = Vec::new();
    let mut need = |table: &str, package: &str| -> Result<String, Box<Diagnostic>> {
        let item = document.entry(table).or_insert_with(|| Item::Table(Table::new()));
        let Some(dependencies) = item.as_table_like_mut() else {
            return Err(bad(format!("`{table}` is not a table"), "correct the text"));
        };
        if let Some(name) = called(dependencies, package) {
            return Ok(name.replace('-', "_"));
        }
        let value = match from(package) {
            Source::Workspace => Value::InlineTable([("workspace", true)].into_iter().collect()),
            Source::Path(path) => Value::InlineTable([("path", path)].into_iter().collect()),
            Source::Registry => Value::from(requirement()),
        };
        added.push(format!("`{package} = {value}` in `[{table}]`"));
        dependencies.insert(package, Item::Value(value));
        Ok(package.replace('-', "_"))
    };
    let runtime = need("dependencies", RUNTIME)?;
    let codegen = need("build-dependencies", CODEGEN)?;
    let text = if added.is_empty() {
        text.to_owned()
    } else {
        super::line_ends(text, document.to_string())
    };
    Ok(Manifest { text, added, package, runtime, codegen, script, library })
}

impl Manifest {
    /// Returns whether `event-runtime` was added, and so has its default features.
    pub(crate) fn has_new_runtime(&self) -> bool {
        self.added.iter().any(|line| line.starts_with(&format!("`{RUNTIME} = ")))
    }

    /// Adds tokio to the dev-dependencies, with what the example's program needs, unless the package has it.
    pub(crate) fn add_tokio(&mut self, in_workspace: bool) {
        const TOKIO: &str = "tokio";
        let Ok(mut document) = self.text.parse::<DocumentMut>() else { return };
        let has = |table: &str| {
            let table = document.get(table).and_then(Item::as_table_like);
            table.is_some_and(|t| called(t, TOKIO).is_some())
        };
        if has("dependencies") || has("dev-dependencies") {
            return;
        }
        let features = Value::from_iter(["macros", "rt"]);
        let from = if in_workspace { ("workspace", true.into()) } else { ("version", "1".into()) };
        let value = Value::from_iter([from, ("features", features)]);
        let item = document.entry("dev-dependencies").or_insert_with(|| Item::Table(Table::new()));
        let Some(dependencies) = item.as_table_like_mut() else { return };
        self.added.push(format!("`{TOKIO} = {value}` in `[dev-dependencies]`"));
        dependencies.insert(TOKIO, Item::Value(value));
        self.text = super::line_ends(&self.text, document.to_string());
    }
}

/// Returns whether the manifest of a workspace has a version for a package, under its own name.
pub(crate) fn has(workspace: &DocumentMut, package: &str) -> bool {
    let dependencies = workspace.get("workspace").and_then(|w| w.get("dependencies"));
    dependencies.and_then(|d| d.get(package)).is_some_and(|d| d.get("package").is_none())
}

/// Returns the version that matches this command.
fn requirement() -> String {
    format!("{}.{}", env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"))
}

/// Returns the key of a package, which may be renamed.
fn called(dependencies: &dyn TableLike, package: &str) -> Option<String> {
    let is = |(key, item): &(&str, &Item)| {
        item.get("package").and_then(Item::as_str).unwrap_or(key) == package
    };
    dependencies.iter().find(is).map(|(key, _)| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Manifest {
        plan(text, "Cargo.toml", |_| Source::Registry).unwrap()
    }

    #[test]
    fn only_missing_dependencies_are_added() {
        let text = "# mine\n[package]\nname = \"shop\"   # here\n\n[dependencies]\n# sorted\nserde   =  \"1\"\n\n[lints]\nworkspace = true\n";
        let made = of(text);
        assert_eq!(
            made.text,
            format!(
                "{}\n[build-dependencies]\nevent-codegen = \"0.1\"\n",
                text.replace("\"1\"\n", "\"1\"\nevent-runtime = \"0.1\"\n")
            )
        );
        assert_eq!(
            made.added,
            [
                "`event-runtime = \"0.1\"` in `[dependencies]`",
                "`event-codegen = \"0.1\"` in `[build-dependencies]`"
            ]
        );
        let again = of(&made.text);
        assert_eq!((again.text, again.added.len()), (made.text, 0));
    }

    #[test]
    fn other_layouts_and_renamed_dependencies_are_read() {
        let made = of(
            "[package]\nname = \"a\"\nbuild = \"b/x.rs\"\n[lib]\npath = \"l.rs\"\n[dependencies.events]\npackage = \"event-runtime\"\nversion = \"0.1\"\n",
        );
        assert_eq!((made.runtime.as_str(), made.script.as_str()), ("events", "b/x.rs"));
        assert_eq!((made.library.as_deref(), made.added.len()), (Some("l.rs"), 1));
        let dotted =
            of("package.name = \"a\"\ndependencies.serde = \"1\"\nbuild-dependencies = {}\n");
        let read: DocumentMut = dotted.text.parse().unwrap();
        assert_eq!(read["dependencies"]["event-runtime"].as_str(), Some("0.1"), "{}", dotted.text);
        assert_eq!(read["build-dependencies"]["event-codegen"].as_str(), Some("0.1"));
        let windows = of("[package]\r\nname = \"a\"\r\n");
        assert_eq!(windows.text.matches('\n').count(), windows.text.matches("\r\n").count());
    }

    #[test]
    fn dependency_of_the_workspace_is_inherited() {
        let root: DocumentMut =
            "[workspace.dependencies]\nevent-runtime = \"0.1\"\nx = { package = \"event-codegen\" }".parse().unwrap();
        let from = |p: &str| if has(&root, p) { Source::Workspace } else { Source::Registry };
        let made = plan("[package]\nname = \"a\"\n", "", from).unwrap();
        assert!(made.text.contains("event-runtime = { workspace = true }\n"), "{}", made.text);
        assert!(made.text.contains("event-codegen = \"0.1\"\n"), "{}", made.text);
    }

    #[test]
    fn dependency_in_a_clone_is_a_path() {
        let from = |p: &str| Source::Path(format!("../it's \"here\"/{p}"));
        let made = plan("[package]\nname = \"a\"\n", "", from).unwrap();
        let read: DocumentMut = made.text.parse().unwrap();
        let path = read["dependencies"]["event-runtime"]["path"].as_str();
        assert_eq!(path, Some("../it's \"here\"/event-runtime"), "{}", made.text);
    }

    #[test]
    fn tokio_is_added_once_and_kept_where_it_is() {
        let mut made = of("[package]\nname = \"a\"\n");
        assert!(made.has_new_runtime());
        made.add_tokio(false);
        let line = "tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";
        assert!(made.text.ends_with(&format!("[dev-dependencies]\n{line}")), "{}", made.text);
        let once = made.text.clone();
        made.add_tokio(false);
        assert_eq!((made.text, made.added.len()), (once, 3));
        let mut own = of("[package]\nname = \"a\"\n[dependencies]\ntokio = \"1.40\"\n");
        own.add_tokio(false);
        assert_eq!(own.text.matches("tokio").count(), 1, "{}", own.text);
        let mut shared = of("[package]\nname = \"a\"\n");
        shared.add_tokio(true);
        assert!(shared.text.contains("tokio = { workspace = true, features"), "{}", shared.text);
    }

    #[test]
    fn unusable_manifests_are_refused() {
        for (text, says) in [
            ("[workspace]\n", "of a workspace"),
            ("", "no package"),
            ("[package]\nname = \n", "line 2"),
            ("[package]\nname = \"a\"\nbuild = false\n", "build = false"),
            ("[package]\nname = \"a\"\nbuild = [\"a.rs\", \"b.rs\"]\n", "not one build script"),
            ("dependencies = 3\n[package]\nname = \"a\"\n", "not a table"),
        ] {
            let d = plan(text, "Cargo.toml", |_| Source::Registry).unwrap_err();
            assert!(d.rule.id == "bad-manifest" && d.message.contains(says), "{text}: {d:?}");
        }
    }
}
