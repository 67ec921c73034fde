//! The fields of a payload as a tree.

use event_schema::model::{NodeId, Schema, Types};
use serde_json::Value;

/// How deep fields are shown.
const DEPTH: usize = 12;

/// How many fields of one version are shown.
const FIELDS: usize = 2_000;

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Its type, in words.
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) docs: Option<String>,
    /// What it is in an event where nothing is written.
    pub(crate) default: Option<Value>,
    pub(crate) fields: Vec<Field>,
}

/// The fields of a payload.
pub(crate) fn fields(schema: &Schema) -> Vec<Field> {
    let mut reader = Reader { schema, left: FIELDS, open: Vec::new() };
    reader.below(schema.root, 0)
}

struct Reader<'s> {
    schema: &'s Schema,
    left: usize,
    /// The nodes that a field is inside of.
    open: Vec<NodeId>,
}

impl Reader<'_> {
    /// The fields of a node: its own, those of what it refers to, and those of its branches.
    fn below(&mut self, id: NodeId, depth: usize) -> Vec<Field> {
        let id = self.schema.resolve(id);
        if depth >= DEPTH || self.open.contains(&id) {
            return Vec::new();
        }
        self.open.push(id);
        let node = self.schema.node(id);
        let mut out: Vec<Field> = Vec::new();
        let mut add = |more: Vec<Field>| {
            for field in more {
                if !out.iter().any(|known| known.name == field.name) {
                    out.push(field);
                }
            }
        };
        if let Some(object) = &node.object {
            for property in &object.properties {
                if self.left == 0 {
                    break;
                }
                self.left -= 1;
                add(vec![self.field(
                    &property.name,
                    property.node,
                    object.is_required(&property.name),
                    depth,
                )]);
            }
            let named = object.patterns.iter().map(|(pattern, id)| (format!("/{pattern}/"), *id));
            let others = object.additional.map(|id| ("*".to_owned(), id));
            for (name, id) in named.chain(others) {
                let node = self.schema.node(self.schema.resolve(id));
                if !node.never && !node.allows_anything() && self.left > 0 {
                    self.left -= 1;
                    add(vec![self.field(&name, id, false, depth)]);
                }
            }
        }
        if let Some(array) = &node.array {
            for item in array.prefix.iter().chain(&array.items) {
                add(self.below(*item, depth));
            }
        }
        for part in node.reference.iter().chain(&node.all_of) {
            add(self.below(*part, depth));
        }
        for part in node.branches() {
            let mut fields = self.below(*part, depth);
            // what one branch asks for, another may not
            for field in &mut fields {
                field.required = false;
            }
            add(fields);
        }
        self.open.pop();
        out
    }

    fn field(&mut self, name: &str, id: NodeId, required: bool, depth: usize) -> Field {
        let said = &self.schema.node(id).notes;
        let resolved = &self.schema.node(self.schema.resolve(id)).notes;
        let docs = said.description.clone().or_else(|| said.title.clone());
        let docs = docs.or_else(|| resolved.description.clone());
        let default = said.default.as_ref().or(resolved.default.as_ref());
        Field {
            name: name.to_owned(),
            kind: kind(self.schema, id, 0),
            required,
            deprecated: said.deprecated || resolved.deprecated,
            docs,
            default: default.map(|literal| literal.value.clone()),
            fields: self.below(id, depth + 1),
        }
    }
}

/// A type in words: `string (date-time)`, `"a" | "b"`, `list of Money`.
pub(crate) fn kind(schema: &Schema, id: NodeId, depth: usize) -> String {
    let resolved = schema.resolve(id);
    let node = schema.node(resolved);
    if node.never {
        return "nothing".to_owned();
    }
    if let Some(values) = &node.values {
        let shown: Vec<String> = values.iter().take(12).map(|v| v.value.to_string()).collect();
        let more = if values.len() > 12 { " | .." } else { "" };
        let open = if node.notes.open { " | others" } else { "" };
        return format!("{}{more}{open}", shown.join(" | "));
    }
    let name = schema.definition_name(resolved);
    if depth < 3 && !node.branches().is_empty() {
        let all: Vec<String> =
            node.branches().iter().take(8).map(|id| kind(schema, *id, depth + 1)).collect();
        let more = if node.branches().len() > 8 { " or .." } else { "" };
        return format!("{}{more}", all.join(" or "));
    }
    if node.types == Types::ALL && node.object.is_none() {
        return match name {
            Some(name) => name.to_owned(),
            None if node.is_plain() => "any value".to_owned(),
            None => "of several parts".to_owned(),
        };
    }
    let mut parts: Vec<String> = Vec::new();
    let has = |types: Types| node.types.contains(types);
    if has(Types::OBJECT) || node.object.is_some() {
        parts.push(name.map_or_else(|| "object".to_owned(), str::to_owned));
    }
    if node.types == Types::ALL {
        return parts.remove(0);
    }
    if has(Types::ARRAY) {
        let items = node.array.as_ref().and_then(|array| array.items);
        parts.push(match items.filter(|_| depth < 3) {
            Some(items) => format!("list of {}", kind(schema, items, depth + 1)),
            None => "list".to_owned(),
        });
    }
    if has(Types::STRING) {
        let format = node.string.as_ref().and_then(|s| s.format.as_deref());
        parts.push(format.map_or_else(|| "string".to_owned(), |f| format!("string ({f})")));
    }
    if has(Types::NUMBER) {
        parts.push("number".to_owned());
    } else if has(Types::INTEGER) {
        parts.push("integer".to_owned());
    }
    if has(Types::BOOLEAN) {
        parts.push("boolean".to_owned());
    }
    if has(Types::NULL) {
        parts.push("null".to_owned());
    }
    parts.join(" or ")
}
