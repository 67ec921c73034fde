//! The payload: always a definition of its own, always the first one, and always an object.

use event_schema::model::Types;
use event_schema::rules;

use super::build::{Builder, Site};
use super::loss::Loss;
use super::unions;
use super::view::View;

impl Builder<'_> {
    /// Plans the payload; `name` is the name of its type.
    pub(super) fn root(&mut self, name: &str) {
        let site = Site::root(name);
        let ids = self.significant(&[self.schema.root]);
        let view = View::new(self.schema, &ids);
        self.account(&ids, &view);
        if !self.is_object(&view) {
            return;
        }
        let union = match self.base_def(&ids, &view, &site) {
            Some(index) => Some(index),
            None => self.union_def(&ids, &view, &site),
        };
        if union.is_some() {
            let fields = self.fields(&view, &site.step("<common>", "common"), None);
            self.common = fields;
        } else {
            self.several_unions(&view);
            // a payload without declared fields is an empty struct
            self.struct_def(&ids, &view, &site, None);
        }
    }

    /// Whether the payload is an object, which EventBridge requires for a `detail`.
    fn is_object(&mut self, view: &View<'_>) -> bool {
        let Some(node) = view.nodes.first().copied() else { return true };
        let refuse = |what: String| {
            Loss::error(&rules::PAYLOAD_NOT_AN_OBJECT, node, what).help(
                "the `detail` of an EventBridge event must be a JSON object: declare one with a property for this value",
            )
        };
        let found = if view.nodes.iter().any(|n| n.never) {
            Some("no event is valid for this schema: it is `false`".to_owned())
        } else if let Some(values) = &view.values {
            let objects = values.iter().any(|v| v.value.is_object());
            let what = if objects { "one of a list of values" } else { "not an object" };
            Some(format!("the payload is {what}: `enum` and `const` are for its properties"))
        } else if view.types.intersects(Types::OBJECT) {
            let union = unions::the_union(self, view);
            let odd = union.and_then(|u| {
                let branches = unions::real_branches(self, &u);
                branches.iter().copied().find(|id| {
                    let branch = View::new(self.schema, &[*id]);
                    !branch.types.intersects(Types::OBJECT) || branch.values.is_some()
                })
            });
            odd.map(|id| {
                let line = self.schema.node(id).pos.line;
                format!("a branch of the payload's union is not an object: line {line}")
            })
        } else {
            let what = words(view.types);
            Some(format!("the payload is {what}, not an object"))
        };
        let right = found.is_none();
        let loss = found.map(refuse);
        self.losses.extend(loss);
        right
    }
}

/// The types in words.
fn words(types: Types) -> String {
    const NAMES: [(Types, &str); 6] = [
        (Types::ARRAY, "an array"),
        (Types::STRING, "a string"),
        (Types::NUMBER, "a number"),
        (Types::INTEGER, "an integer"),
        (Types::BOOLEAN, "a boolean"),
        (Types::NULL, "`null`"),
    ];
    let mut left = types;
    let mut out = Vec::new();
    for (ty, name) in NAMES {
        if left.contains(ty) {
            left = left.difference(ty);
            out.push(name);
        }
    }
    if out.is_empty() { "of no type".to_owned() } else { out.join(" or ") }
}
