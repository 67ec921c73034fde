//! Schema documents from outside the layout: what they and their file names say about registry, event
//! and version.
//!
//! Understood are file names as registries and their tools give them (`name@version.json`, `name-v2.json`,
//! `<registry>/<type>/<major>.<minor>.json`), and the answer that `aws schemas describe-schema` prints.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_codegen::load::Version;
use event_codegen::problem::not_a_document;
use event_codegen::registry::name::{self, stated};
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;

use crate::input::Input;

/// A version number, as the name or the document gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Numbered {
    /// Ours.
    Ours(Version),
    /// The registry's, which counts changes of content.
    Registry(u64),
}

/// A document.
#[derive(Debug, Clone)]
pub(crate) struct Foreign {
    /// The file, as diagnostics call it.
    pub(crate) shown: String,
    /// The schema's text: of an answer of AWS, its content.
    pub(crate) text: Arc<str>,
    /// The event's type: the document's word before the name's.
    pub(crate) event: String,
    /// The registry, where it is said.
    pub(crate) registry: Option<String>,
    /// The major, where it is said.
    pub(crate) major: Option<u32>,
    /// The version, where it is said.
    pub(crate) numbered: Option<Numbered>,
}

impl Foreign {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Foreign, Box<Diagnostic>> {
        let mut input = Input::open(path)?;
        let text: Arc<str> = input.text()?.into();
        let shown = input.shown;
        let document = Document::parse(shown.as_str(), text.clone());
        let document = document.map_err(|e| Box::new(not_a_document(&shown, &text, e)))?;
        let mut named = Named::of(path);
        let answer = document.root.get("Content").and_then(|c| c.as_str());
        let says = |key: &str| document.root.get(key).and_then(|v| v.as_str());
        let text = match answer {
            Some(content) if says("SchemaName").is_some() || says("SchemaArn").is_some() => {
                named.answered(says("SchemaName"), says("SchemaArn"), says("SchemaVersion"));
                Arc::from(content)
            }
            _ => text,
        };
        let of_document = stated(&text);
        let major = of_document.as_ref().map(|(_, major)| *major).or(named.major);
        let event = of_document.map_or(named.event, |(event, _)| event);
        let (registry, numbered) = (named.registry, named.numbered);
        Ok(Foreign { shown, text, event, registry, major, numbered })
    }
}

/// What a name says.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    event: String,
    registry: Option<String>,
    major: Option<u32>,
    numbered: Option<Numbered>,
}

impl Named {
    fn of(path: &Path) -> Named {
        let text = |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned());
        let stem = text(path.file_stem()).unwrap_or_default();
        if let Ok(version) = stem.parse::<Version>() {
            // our own layout, of another folder
            let event = path.parent();
            let registry = event.and_then(Path::parent).and_then(|r| text(r.file_name()));
            return Named {
                event: name::from_folder(&event.and_then(|e| text(e.file_name())).unwrap_or(stem)),
                registry: registry.map(|r| name::from_folder(&r)),
                major: Some(version.major),
                numbered: Some(Numbered::Ours(version)),
            };
        }
        let parts = stem.rsplit_once('@').filter(|(name, _)| !name.is_empty());
        let (schema, numbered) = match parts.and_then(|(name, v)| Some((name, number(v)?))) {
            Some((name, numbered)) => (name, Some(numbered)),
            None => (stem.as_str(), None),
        };
        let mut named = Named::schema(schema);
        if let Some(Numbered::Ours(version)) = numbered {
            named.major = Some(version.major);
        }
        Named { numbered, ..named }
    }

    fn schema(schema: &str) -> Named {
        let (stem, major) = name::suffix(schema);
        let aws = schema.starts_with("aws.") && schema.contains('@');
        let registry = aws.then(|| "aws.events".to_owned());
        Named { event: name::from_registry(stem), registry, major, numbered: None }
    }

    /// The answer of `describe-schema` knows better than the file's name.
    fn answered(&mut self, schema: Option<&str>, arn: Option<&str>, version: Option<&str>) {
        // arn:aws:schemas:REGION:ACCOUNT:schema/REGISTRY/NAME
        let place = arn.and_then(|a| a.split_once(":schema/")).map(|(_, place)| place);
        let (registry, own) = place.and_then(|p| p.split_once('/')).unzip();
        if let Some(schema) = schema.or(own) {
            *self = Named::schema(schema);
        }
        self.registry = registry.map(str::to_owned).or(self.registry.take());
        self.numbered = version.and_then(|v| v.parse().ok()).map(Numbered::Registry);
    }
}

fn number(text: &str) -> Option<Numbered> {
    let registry = || text.parse().ok().map(Numbered::Registry);
    text.parse().map(Numbered::Ours).ok().or_else(registry)
}

/// The `.json` files that are meant: files as they are, of folders all that are below, sorted.
pub(crate) fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Vec<Diagnostic>> {
    let (mut out, mut problems) = (Vec::new(), Vec::new());
    for path in given {
        if path.is_dir() {
            let before = out.len();
            problems.extend(below(path, &mut out).err().map(|d| *d));
            if out.len() == before && problems.is_empty() {
                let shown = path.to_string_lossy();
                problems.push(Diagnostic::error(
                    "no-schemas",
                    shown.into(),
                    "the folder holds no `.json` file",
                ));
            }
        } else {
            out.push(path.clone());
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

fn below(dir: &Path, out: &mut Vec<PathBuf>) -> Result<(), Box<Diagnostic>> {
    let failed = |e: std::io::Error| {
        let shown = dir.to_string_lossy();
        Box::new(Diagnostic::error("unreadable", shown.into(), format!("can't be read: {e}")))
    };
    let entries: Result<Vec<_>, _> = std::fs::read_dir(dir).map_err(failed)?.collect();
    let mut paths: Vec<_> = entries.map_err(failed)?.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            below(&path, out)?;
        } else if path.is_file() && path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        let v = |major, minor| Some(Numbered::Ours(Version { major, minor }));
        for (path, event, registry, major, numbered) in [
            ("a/aws.s3@ObjectCreated.json", "aws.s3@ObjectCreated", Some("aws.events"), None, None),
            (
                "aws.s3@ObjectCreated@2.json",
                "aws.s3@ObjectCreated",
                Some("aws.events"),
                None,
                Some(Numbered::Registry(2)),
            ),
            (
                "app@order.placed-v2@7.json",
                "app@order.placed",
                None,
                Some(2),
                Some(Numbered::Registry(7)),
            ),
            ("order.placed@1.2.json", "order.placed", None, Some(1), v(1, 2)),
            ("x/shop/order.placed/1.0.json", "order.placed", Some("shop"), Some(1), v(1, 0)),
            ("order_x20_placed.json", "order placed", None, None, None),
        ] {
            let expected = Named {
                event: event.to_owned(),
                registry: registry.map(str::to_owned),
                major,
                numbered,
            };
            assert_eq!(Named::of(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_answer_of_aws() {
        let mut named = Named::of(Path::new("answer@3.json"));
        let arn =
            "arn:aws:schemas:eu-central-1:123456789012:schema/discovered-schemas/app@Order-v1";
        named.answered(None, Some(arn), Some("4"));
        assert_eq!((named.event.as_str(), named.major), ("app@Order", Some(1)));
        assert_eq!(named.registry.as_deref(), Some("discovered-schemas"));
        assert_eq!(named.numbered, Some(Numbered::Registry(4)));
    }
}
