//! `$ref`, and the targets of a discriminator.

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::document::Json;
use crate::model::{Node, NodeId, Unsupported};
use crate::read::sources::{Lost, Place};
use crate::read::uri;
use crate::rules;

impl<'d> Reader<'d> {
    /// The target of a discriminator's mapping: a reference, or the name of a component.
    pub(in crate::read) fn mapped(&mut self, place: &Place<'d>, json: &'d Json) -> Option<NodeId> {
        let Some(target) = json.as_str() else {
            self.malformed(place, "discriminator", json, "a `mapping` of strings");
            return None;
        };
        let component = format!("#/components/schemas/{target}");
        let found = self.index.find(place.source, &place.base, target).or_else(|lost| {
            self.index.find(place.source, &place.base, &component).map_err(|_| lost)
        });
        if let Ok(found) = found {
            return Some(self.referred(found));
        }
        let pointer = format!("{}/discriminator/mapping", place.pointer);
        let message = format!("`{target}` does not exist");
        self.problem(&rules::UNRESOLVED_REFERENCE, place, json.span, &pointer, message);
        None
    }

    pub(super) fn read_reference(&mut self, place: &Place<'d>, json: &'d Json, node: &mut Node) {
        let Some(reference) = json.as_str() else {
            self.malformed(place, "$ref", json, "a string");
            return;
        };
        let definition =
            "add the definition, or correct the pointer; a `/` in a key is written `~1`";
        let (rule, message, help) = match self.index.find(place.source, &place.base, reference) {
            Ok(target) => {
                node.reference = Some(self.referred(target));
                return;
            }
            Err(Lost::NoTarget) => {
                let within = match reference.split_once('#') {
                    Some(("", _)) | None => "this document".to_owned(),
                    Some((path, _)) => format!("`{path}`"),
                };
                let message = format!("`{reference}` does not exist in {within}");
                (&rules::UNRESOLVED_REFERENCE, message, definition)
            }
            Err(Lost::NoFile(path)) => (
                &rules::UNRESOLVED_REFERENCE,
                format!("`{reference}` names `{path}`, which is not among the schema files"),
                if matches!(path.rsplit_once('.'), Some((_, "yaml" | "yml"))) {
                    "YAML is not supported: convert the file to JSON in the schema folder, and refer to it by its path from this file"
                } else {
                    "refer to a JSON file below the schema folder by its path from this file; a shared file may be directly in the folder"
                },
            ),
            Err(Lost::Remote) if uri::metaschema(reference).is_some() => {
                let url = uri::metaschema(reference).unwrap_or_default();
                node.unsupported.push(Unsupported {
                    keyword: "$ref".to_owned(),
                    value: url.into(),
                    pos: self.pos(place, json.span),
                    context: None,
                    why: Some("refers to a metaschema, which is not fetched"),
                });
                return;
            }
            Err(Lost::Remote) => (
                &rules::REMOTE_REFERENCE,
                format!("`{reference}` is a remote reference, and nothing is fetched"),
                "copy the schema into this file's `definitions` and refer to it there",
            ),
            Err(Lost::Ambiguous(places)) => (
                &rules::UNRESOLVED_REFERENCE,
                format!("`{reference}` has unescaped slashes and may mean {}", places.join(" or ")),
                definition,
            ),
        };
        let pointer = format!("{}/$ref", place.pointer);
        let problem = Diagnostic::at(rule, self.doc(place.source), json.span, pointer, message);
        self.problems.push(problem.with_help(help));
    }
}
