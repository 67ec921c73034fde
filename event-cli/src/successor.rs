//! Writes the first text of the next version: that of the base, with the version adapted.

use event_folder::load::Version;
use event_schema::document::{Document, Json, Span, Value};

/// The properties that identify our envelope.
const ENVELOPE: [&str; 3] = ["type", "version", "data"];

/// Returns the text for the version `to`, and what was adapted, one line each.
///
/// Only strings that state exactly the old version of the document are adapted: the detail-type `type:vMAJOR` of one of
/// `names`, the `enum` or `const` of the `version` of our envelope, and `info.version`. Everything else stays,
/// including the layout.
pub(crate) fn successor(
    text: &str,
    document: &Document,
    names: &[String],
    from: Version,
    to: Version,
) -> (String, Vec<String>) {
    let mut edits = Edits { names, from, to, found: Vec::new() };
    if let Some(stated) = document.root.pointer("/info/version") {
        edits.version_of_document(stated);
    }
    edits.walk(&document.root, "");
    let mut found = edits.found;
    found.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for edit in &found {
        let (from, to) = (edit.span.start as usize, edit.span.end as usize);
        out.push_str(text.get(end..from).unwrap_or_default());
        out.push_str(&serde_json::Value::from(edit.now.as_str()).to_string());
        end = to;
    }
    out.push_str(text.get(end..).unwrap_or_default());
    let told = |edit: &Edit| format!("`{}`: {} → {}", edit.pointer, edit.was, edit.now);
    (out, found.iter().map(told).collect())
}

struct Edit {
    span: Span,
    pointer: String,
    was: String,
    now: String,
}

struct Edits<'a> {
    names: &'a [String],
    from: Version,
    to: Version,
    found: Vec<Edit>,
}

impl Edits<'_> {
    fn replace(&mut self, at: &Json, pointer: String, now: String) {
        let Some(was) = at.as_str() else { return };
        if was != now && !self.found.iter().any(|e| e.span == at.span) {
            self.found.push(Edit { span: at.span, pointer, was: was.to_owned(), now });
        }
    }

    /// Adapts `info.version` if it is `1.0` or `1.0.0`; the meaning of any other number is not known.
    fn version_of_document(&mut self, at: &Json) {
        let (from, to) = (self.from.to_string(), self.to.to_string());
        let now = match at.as_str() {
            Some(stated) if stated == from => to,
            Some(stated) if stated == format!("{from}.0") => format!("{to}.0"),
            _ => return,
        };
        self.replace(at, "/info/version".to_owned(), now);
    }

    fn walk(&mut self, json: &Json, pointer: &str) {
        match &json.value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.walk(item, &format!("{pointer}/{i}"));
                }
            }
            Value::Object(members) => {
                for member in members {
                    let key = member.key.replace('~', "~0").replace('/', "~1");
                    let below = format!("{pointer}/{key}");
                    if member.key == "properties" {
                        self.envelope(&member.value, &below);
                    }
                    self.walk(&member.value, &below);
                }
            }
            Value::String(text) => {
                let (from, to) = (self.from.major, self.to.major);
                let named = self.names.iter().find(|n| *text == format!("{n}:v{from}"));
                if let Some(name) = named {
                    let now = format!("{name}:v{to}");
                    self.replace(json, pointer.to_owned(), now);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Adapts the `version` of the envelope, if it allows only `vMAJOR`.
    fn envelope(&mut self, properties: &Json, pointer: &str) {
        if !ENVELOPE.iter().all(|name| properties.get(name).is_some()) {
            return;
        }
        let Some(version) = properties.get("version") else { return };
        let (was, now) = (format!("v{}", self.from.major), format!("v{}", self.to.major));
        let one = version.get("enum").and_then(Json::as_array).unwrap_or_default();
        let stated =
            [(version.get("const"), "const"), (one.first().filter(|_| one.len() == 1), "enum/0")];
        for (at, key) in stated {
            if let Some(at) = at.filter(|at| at.as_str() == Some(&was)) {
                self.replace(at, format!("{pointer}/version/{key}"), now.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, to: (u32, u32)) -> (String, Vec<String>) {
        let document = Document::parse("a", text).unwrap();
        let (from, to) = (Version { major: 1, minor: 2 }, Version { major: to.0, minor: to.1 });
        successor(text, &document, &["a.b".to_owned()], from, to)
    }

    #[test]
    fn only_strings_with_the_version_change() {
        let text = r#"{ "info":  {"version": "1.2.0"},
            "x-amazon-events-detail-type": "a.b:v1", "title": "a.b:v10", "description": "of a.b:v1",
            "properties": {"type": {}, "data": {}, "version": {"enum": ["v1"]}},
            "items": {"properties": {"version": {"enum": ["v1"]}}} }"#;
        let major = text
            .replace("1.2.0", "2.0.0")
            .replace("\"a.b:v1\"", "\"a.b:v2\"")
            .replacen("[\"v1\"]", "[\"v2\"]", 1);
        let (now, told) = of(text, (2, 0));
        assert_eq!(now, major);
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[2], "`/properties/version/enum/0`: v1 → v2");
        let (now, told) = of(text, (1, 3));
        assert_eq!(now, text.replace("1.2.0", "1.3.0"));
        assert_eq!(told, ["`/info/version`: 1.2.0 → 1.3.0"]);
    }

    #[test]
    fn version_number_of_another_form_is_kept() {
        for text in [r#"{"info": {"version": "7"}}"#, r#"{"info": {"version": 1.2}}"#, "[]"] {
            assert_eq!(of(text, (2, 0)), (text.to_owned(), Vec::new()));
        }
    }
}
