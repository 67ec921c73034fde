//! Records what a schema states and no type expresses, while the types are planned.

use event_schema::model::{Node, NodeId, Types, Unsupported};
use event_schema::rules;
use serde_json::Value;

use super::build::Builder;
use super::loss::Loss;
use super::unions;
use super::view::View;

/// Keywords of JSON Schema that constrain instances and that the model does not support.
const KNOWN: [&str; 14] = [
    "unevaluatedProperties",
    "unevaluatedItems",
    "$dynamicRef",
    "$recursiveRef",
    "contentEncoding",
    "const",
    "contains",
    "propertyNames",
    "if",
    "prefixItems",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "nullable",
];

impl<'a> Builder<'a> {
    /// Compares what a view states with what its type will express.
    pub(super) fn account(&mut self, ids: &[NodeId], view: &View<'a>) {
        for node in &view.nodes {
            for keyword in &node.unsupported {
                self.unsupported(node, keyword);
            }
            for (name, value) in &node.notes.extensions {
                if !name.starts_with("x-") && holds_schemas(value, 0) {
                    self.lose(not_a_keyword(node, name));
                }
            }
        }
        for node in &view.dependent {
            let message = "what is unevaluated here depends on the branch of an event, and no Rust type expresses that";
            let loss = Loss::warning(node, message);
            self.lose(loss.help("close each branch by `\"additionalProperties\": false`"));
        }
        for id in ids {
            if !self.accounted.insert(*id) {
                continue;
            }
            if self.bases.is_childless(*id) {
                let node = self.schema.node(*id);
                let loss = Loss::warning(
                    node,
                    "the `discriminator` has no branches: no `oneOf` is beside it, and no definition refers to this one in `allOf`",
                );
                self.lose(loss.help("add the branches as `oneOf`, or a `mapping`"));
            }
        }
        self.conditional(view);
    }

    fn unsupported(&mut self, node: &Node, keyword: &Unsupported) {
        let name = &keyword.keyword;
        let loss = if let Some(why) = keyword.why() {
            let message = format!("no Rust type expresses `{name}`, which {why}");
            Loss::warning(node, message)
                .help("use other keywords, or leave the check to `cargo event validate`")
        } else if KNOWN.contains(&name.as_str()) {
            let message =
                format!("no Rust type expresses `{name}`: the type accepts values that it rejects");
            Loss::warning(node, message)
                .help("use other keywords, or leave the check to `cargo event validate`")
        } else if holds_schemas(&keyword.value, 0) {
            not_a_keyword(node, name)
        } else {
            return;
        };
        self.lose(loss.at(keyword.pos, None));
    }

    /// Properties that only a condition declares are in no struct.
    fn conditional(&mut self, view: &View<'a>) {
        for node in &view.nodes {
            let branches = node.conditional.iter().flat_map(|c| [c.then, c.otherwise]).flatten();
            let dependent = node.object.iter().flat_map(|o| &o.dependent_schemas);
            let dependent = dependent
                .filter(|(name, _)| !view.required.contains(name.as_str()))
                .map(|(_, id)| *id);
            let parts =
                branches.map(|id| ("if", id)).chain(dependent.map(|id| ("dependencies", id)));
            for (keyword, id) in parts.collect::<Vec<_>>() {
                let part = View::new(self.schema, &[id]);
                for p in part.properties {
                    if view.properties.iter().all(|q| q.name != p.name) {
                        let message = format!(
                            "`{}` is declared under `{keyword}` alone, so no Rust type has it",
                            p.name
                        );
                        let loss = Loss::warning(node, message).at(p.pos, None);
                        self.lose(loss.help("declare it under `properties`, too"));
                    }
                }
            }
        }
    }

    /// Several unions at once: what they allow together is not an enum that people would write.
    pub(super) fn several_unions(&mut self, view: &View<'a>) {
        let real = unions::real(self, view).len();
        if let Some(node) = view.nodes.first()
            && real > 1
        {
            let message =
                format!("{real} unions apply at once here, and the Rust type follows none");
            let help = "join them into one `oneOf`, or give each a property of its own";
            self.lose(Loss::warning(node, message).help(help));
        }
    }

    /// Keywords for one type of values, without a `type` that excludes the others.
    pub(super) fn untyped(&mut self, view: &View<'a>) {
        for node in &view.nodes {
            let object = node.object.as_ref().is_some_and(|o| {
                !o.patterns.is_empty() || !o.required.is_empty() || o.additional.is_some()
            });
            let array =
                node.array.as_ref().is_some_and(|a| a.items.is_some() || !a.prefix.is_empty());
            let format = node.string.as_ref().and_then(|s| s.format.as_deref());
            let (what, ty) = match (object, array, format) {
                (true, ..) => ("keywords for objects are here".to_owned(), "object"),
                (_, true, _) => ("keywords for arrays are here".to_owned(), "array"),
                (.., Some(format)) => (format!("the format `{format}` is here"), "string"),
                _ => continue,
            };
            let message = format!("{what} without a `type`, so the Rust type is `Value`");
            self.lose(Loss::warning(node, message).help(format!("add `\"type\": \"{ty}\"`")));
        }
    }

    /// An array whose first positions have types of their own, and whose length may vary.
    pub(super) fn no_tuple(&mut self, view: &View<'a>, prefix: &[NodeId]) {
        let says =
            prefix.iter().any(|id| !self.schema.node(self.schema.resolve(*id)).allows_anything());
        if let Some(node) = view.nodes.first()
            && says
            && view.types.intersects(Types::ARRAY)
        {
            let message = "the positions of this array have types of their own, but its length may vary, so the \
                           Rust type is `Vec<Value>`";
            self.lose(Loss::warning(node, message).help(
                "fix the length (`minItems`, and `items: false` or `additionalItems: false`; at most 12 positions), or use an object",
            ));
        }
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }
}

/// A schema under a name that no dialect knows: most often a property outside of `properties`.
fn not_a_keyword(node: &Node, name: &str) -> Loss {
    let message = format!("`{name}` is not a keyword, and the schema in it would be ignored");
    Loss::error(&rules::UNKNOWN_KEYWORD, node, message)
        .help(format!("if `{name}` is a property: put it under `properties`"))
        .help(format!("if it is an annotation: rename it to `x-{name}`"))
}

/// Whether a value contains a schema: an object with a JSON type as its `type`, or with a keyword that only
/// schemas have.
fn holds_schemas(value: &Value, depth: usize) -> bool {
    const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
    match value {
        Value::Object(map) => {
            let typed = |t: &Value| t.as_str().is_some_and(|t| TYPES.contains(&t));
            let list =
                |t: &Value| t.as_array().is_some_and(|l| !l.is_empty() && l.iter().all(typed));
            map.get("type").is_some_and(|t| typed(t) || list(t))
                || map.get("$ref").is_some_and(Value::is_string)
                || ["properties", "patternProperties"]
                    .iter()
                    .any(|k| map.get(*k).is_some_and(Value::is_object))
                || ["allOf", "anyOf", "oneOf"]
                    .iter()
                    .any(|k| map.get(*k).is_some_and(Value::is_array))
                || (depth < 2 && map.values().any(|v| holds_schemas(v, depth + 1)))
        }
        Value::Array(all) => depth < 2 && all.iter().any(|v| holds_schemas(v, depth + 1)),
        _ => false,
    }
}
