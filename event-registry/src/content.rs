//! Converts a schema file to the content that a push uploads: one document of a type that the registry accepts.
//!
//! The registry accepts `OpenApi3` and `JSONSchemaDraft4`. A file with a `$ref` to another file is bundled first, and
//! one in another draft gets the keywords of draft 4. The result is read back and compared with the file in both
//! directions: what draft 4 cannot express is refused, never changed. A file that needs no conversion is uploaded byte
//! for byte.

mod draft4;

use std::sync::Arc;

use event_folder::load::SchemaFile;
use event_folder::problem::{error, help};
use event_folder::refers::Files;
use event_schema::compat::{self, Terms};
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use event_schema::read;
use event_schema::rules;
use serde_json::Value;

/// The content to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The document.
    pub text: Arc<str>,
    /// Whether it is an `OpenAPI` document, and not `JSONSchemaDraft4`.
    pub openapi: bool,
}

/// Returns the content of a file.
///
/// # Errors
///
/// `not-one-document` and `registry-content-dialect`: why the types of the registry cannot express the schema.
pub fn of(files: &Files<'_>, file: &SchemaFile) -> Result<Content, Box<Diagnostic>> {
    let alone = files.standing_alone(file)?;
    make(file, &alone).map_err(|why| {
        let message = format!("a registry cannot store the schema: {why}");
        Box::new(help(
            error(&rules::REGISTRY_CONTENT_DIALECT, &file.shown, message),
            &[
                "a registry accepts OpenAPI 3.0 and JSON Schema draft 4",
                "write the next version with keywords of draft 4",
            ],
        ))
    })
}

fn make(file: &SchemaFile, alone: &Arc<str>) -> Result<Content, String> {
    let root: Value = serde_json::from_str(alone).map_err(|e| format!("not JSON: {e}"))?;
    if let Some(version) = root.get("openapi") {
        if !version.as_str().is_some_and(|v| v.starts_with("3.0")) {
            return Err(format!("the document is OpenAPI {version}: expected 3.0"));
        }
        if let Some(path) = refers_elsewhere(&root) {
            return Err(format!("`$ref` to another document, `{}`", path.escape_default()));
        }
        return Ok(Content { text: alone.clone(), openapi: true });
    }
    let uri = root.get("$schema").and_then(Value::as_str).unwrap_or_default();
    if uri.contains("draft-04") && refers_elsewhere(&root).is_none() {
        return Ok(Content { text: alone.clone(), openapi: false });
    }
    let made = draft4::convert(&root)?;
    if made == root {
        return Ok(Content { text: alone.clone(), openapi: false });
    }
    let text = serde_json::to_string_pretty(&made).map_err(|e| e.to_string())? + "\n";
    let text: Arc<str> = text.into();
    same(file, alone, &text)?;
    Ok(Content { text, openapi: false })
}

/// Checks that both documents have the same meaning: compares their events in both directions.
fn same(file: &SchemaFile, alone: &Arc<str>, made: &Arc<str>) -> Result<(), String> {
    let parse = |text: &Arc<str>| Document::parse(file.shown.clone(), text.clone()).ok();
    let unread = || "failed to read it back as draft 4".to_owned();
    let (before, after) = parse(alone).zip(parse(made)).ok_or_else(unread)?;
    let before = read::events(&before).map_err(|_| unread())?;
    let after = read::events(&after).map_err(|d| {
        d.first().map_or_else(unread, |d| format!("as draft 4 it is invalid: {}", d.message))
    })?;
    if before.len() != after.len() {
        return Err(unread());
    }
    for (before, after) in before.iter().zip(&after) {
        for (a, b) in [(before, after), (after, before)] {
            let pair = [("1.0", &a.payload), ("1.1", &b.payload)];
            if let Some(d) = compat::check_family(&pair, Terms::default()).first() {
                return Err(format!("its meaning changes in draft 4: {}", d.message));
            }
        }
    }
    Ok(())
}

/// Returns the first reference to another document.
fn refers_elsewhere(root: &Value) -> Option<&str> {
    let mut stack = vec![root];
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                if let Some(path) = reference.filter(|r| !r.starts_with('#')) {
                    return Some(path);
                }
                stack.extend(members.values());
            }
            Value::Array(elements) => stack.extend(elements),
            _ => {}
        }
    }
    None
}
