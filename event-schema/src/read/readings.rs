//! Places that readers understand in two ways.
//!
//! `OpenAPI` 3.0.3 states that `nullable` only counts beside `type`, and adds nothing to an `enum` without
//! null, to a `$ref` or to an `allOf`, but many generators and validators allow null there. The same
//! applies to `nullable` outside of `OpenAPI` 3.0, to keywords of JSON Schema that `OpenAPI` 3.0 does not
//! have, and to `dependencies` from 2019-09 on. A schema with such a place is read by the letter and by
//! intent, and a change is only compatible if both readings agree.

use super::dialect::Dialect;
use super::node::Reader;
use super::sources::Place;
use super::uri::escape_pointer;
use super::vocabulary::{self, Kind};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Json, Member};
use crate::model::{Literal, Node, Twofold, Types};
use crate::rules::{self, Rule};

/// How places with two readings are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// As generated types do: with the keyword, except where a `type` is beside a composition, or no `type`
    /// is beside an `enum`.
    #[default]
    Generated,
    /// As the specification states: without the keyword.
    Letter,
    /// As intended: with the keyword.
    Intent,
}

impl<'d> Reader<'d> {
    /// Whether a keyword counts at its place. A keyword that the stated dialect does not have is ignored
    /// with a warning; if validators disagree about it, the place has two readings.
    pub(super) fn counts(&mut self, place: &Place<'d>, member: &'d Member) -> bool {
        let Some(known) = vocabulary::find(&member.key) else { return true };
        let dialect = self.dialect(place);
        if known.kind != Kind::Asserts || known.is_of(dialect) || !self.states_dialect(place) {
            return true;
        }
        match known.name {
            "dependencies" if dialect >= Dialect::Draft2019 => {}
            // after `items` as an array, it is read together with it
            "additionalItems" if dialect >= Dialect::Draft2019 => return true,
            _ if dialect == Dialect::OpenApi30 => {}
            name => {
                let message =
                    format!("`{name}` is not a keyword of {} and is ignored", dialect.as_str());
                let pointer = format!("{}/{}", place.pointer, escape_pointer(name));
                self.remark(&rules::IGNORED_KEYWORD, place, member, &pointer, message);
                return false;
            }
        }
        let keyword = format!("`{}`", known.name);
        self.twofold(place, &member.value, &keyword, dialect.as_str());
        self.reading != Reading::Letter
    }

    /// Whether a keyword counts beside another one, such as `minContains` beside `contains`.
    pub(super) fn knows(&self, place: &Place<'_>, keyword: &str) -> bool {
        let known = vocabulary::find(keyword).is_some_and(|k| k.is_of(self.dialect(place)));
        let meant = self.dialect(place) == Dialect::OpenApi30 && self.reading != Reading::Letter;
        known || meant || !self.states_dialect(place)
    }

    /// The node, with null added by `nullable`.
    pub(super) fn with_null(&mut self, place: &Place<'d>, mut node: Node) -> Node {
        let Some(nullable) = place.json.get("nullable").filter(|n| n.as_bool() == Some(true))
        else {
            return node;
        };
        let dialect = self.dialect(place);
        let openapi = self.is_openapi(place);
        let own = !self.states_dialect(place) || dialect == Dialect::OpenApi30;
        let typed = node.types != Types::ALL;
        let listed = node.values.as_ref().is_some_and(|v| v.iter().all(|v| !v.value.is_null()));
        let composed = node.reference.is_some()
            || !node.all_of.is_empty()
            || !node.any_of.is_empty()
            || !node.one_of.is_empty();
        if !typed && !listed && !composed {
            return node;
        }
        if !own || listed || composed {
            let beside = if node.reference.is_some() {
                "`nullable` beside `$ref`"
            } else if composed {
                "`nullable` beside `allOf`, `anyOf` or `oneOf`"
            } else if listed {
                "`nullable` beside an `enum` without null"
            } else {
                "`nullable`"
            };
            let dialect = if openapi && !own { "OpenAPI 3.1" } else { dialect.as_str() };
            self.twofold(place, nullable, beside, dialect);
        }
        // the result of the type alone, and whether null is allowed whatever else is there
        let (with_type, whatever) = match self.reading {
            Reading::Letter => (own, false),
            Reading::Intent => (true, true),
            Reading::Generated if own || openapi => (true, if composed { !typed } else { typed }),
            Reading::Generated => (false, false),
        };
        if whatever && composed {
            let mut outer = self.empty(place);
            outer.notes = node.notes.clone();
            let null = Node { types: Types::NULL, ..self.empty(place) };
            outer.any_of = vec![self.add(node), self.add(null)];
            return outer;
        }
        if with_type && typed {
            node.types = node.types.union(Types::NULL);
        }
        let add = whatever || (with_type && typed && self.reading == Reading::Generated);
        if listed && add {
            let (pos, span) = (node.pos, node.span);
            let null = Literal { value: serde_json::Value::Null, pos, span };
            node.values.iter_mut().for_each(|values| values.push(null.clone()));
        }
        node
    }

    fn twofold(&mut self, place: &Place<'_>, json: &Json, keyword: &str, dialect: &str) {
        let pos = self.pos(place, json.span);
        self.twofold.push(Twofold {
            file: self.doc(place.source).file.clone(),
            pointer: place.pointer.clone(),
            pos,
            span: json.span,
            keyword: keyword.to_owned(),
            dialect: dialect.to_owned(),
        });
    }

    fn remark(
        &mut self,
        rule: &'static Rule,
        place: &Place<'_>,
        member: &Member,
        pointer: &str,
        message: String,
    ) {
        let doc = self.doc(place.source);
        let mut remark = Diagnostic::at(rule, doc, member.key_span, pointer, message)
            .with_help("remove it, or set `$schema` to a dialect that has it");
        remark.severity = Severity::Warning;
        self.remarks.push(remark);
    }
}
