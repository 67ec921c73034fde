//! Determines the branch of a union that an instance belongs to, in one way for the checker, the validator,
//! the generator and the derive.
//!
//! A union is tagged if one look at the instance distinguishes its branches: by a required property with
//! disjoint values, by the one property that each branch requires, by the first item of a tuple, or by the
//! JSON type. `$ref` and `allOf` are followed. If only a discriminator assigns tags, the tags are those
//! that it maps, and [`Tagged::proved`] is false: the union is tagged by agreement, and JSON Schema does
//! not enforce it.

mod parts;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

pub(crate) use self::parts::{Parts, types_of};
use crate::model::{Discriminator, Node, NodeId, Schema, Types};
use crate::validate::{canonical, type_of};

/// The maximum number of properties of a branch that are tried as a tag.
const MAX_CANDIDATES: usize = 64;

/// How the branches of a union are distinguished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// By the value of this property, which every branch requires.
    Property(String),
    /// By the name of the one property that each branch requires.
    Name,
    /// By the value of an array's first item.
    Place,
    /// By the JSON type.
    Type,
}

/// A branch of a tagged union.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The branch, as listed in the union.
    pub node: NodeId,
    /// The values of the tag that belong to the branch. Empty if its type distinguishes it (`null` beside
    /// objects), or the type of its tag.
    pub tags: Vec<Value>,
    /// The JSON types of the branch's instances.
    pub types: Types,
    /// The JSON types of its tag, if it has one.
    pub tag_types: Types,
}

impl Branch {
    /// The branch in words: its tag, or its type.
    pub fn name(&self) -> String {
        match self.tags.first() {
            Some(Value::String(tag)) => tag.clone(),
            Some(tag) => tag.to_string(),
            None if self.tag_types.is_empty() => crate::validate::describe_types(self.types),
            None => crate::validate::describe_types(self.tag_types),
        }
    }
}

/// A union whose branches are distinguished by a tag.
///
/// ```
/// use event_schema::document::Document;
/// use event_schema::{read, tag};
///
/// let text = r#"{"oneOf": [
///     {"type": "object", "properties": {"kind": {"const": "card"}}, "required": ["kind"]},
///     {"type": "object", "properties": {"kind": {"const": "iban"}}, "required": ["kind"]}
/// ]}"#;
/// let schema = read::schema(&Document::parse("a.json", text)?).unwrap();
/// let tagged = tag::of(&schema, schema.root).unwrap();
/// assert_eq!(tagged.by, tag::By::Property("kind".into()));
/// assert_eq!(tagged.branches[1].tags, [serde_json::json!("iban")]);
/// assert_eq!(tagged.pick(&serde_json::json!({"kind": "iban"})), Some(1));
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tagged {
    /// What distinguishes the branches.
    pub by: By,
    /// The branches, in the order of the union.
    pub branches: Vec<Branch>,
    /// Whether the branches themselves enforce the tags, so that no instance matches two of them.
    pub proved: bool,
    /// The branches by the canonical text of their tags.
    index: HashMap<String, usize>,
}

impl Tagged {
    /// The index of the branch that a value of the tag belongs to.
    pub fn branch_of(&self, tag: &Value) -> Option<usize> {
        if let Some(at) = self.index.get(&canonical(tag)) {
            return Some(*at);
        }
        let types = type_of(tag);
        self.branches.iter().position(|b| b.tags.is_empty() && b.tag_types.intersects(types))
    }

    /// The index of the only branch that an instance can belong to, by its tag alone.
    pub fn pick(&self, instance: &Value) -> Option<usize> {
        let tagged = match (&self.by, instance) {
            (By::Property(name), Value::Object(members)) => {
                members.get(name).and_then(|tag| self.branch_of(tag))
            }
            (By::Name, Value::Object(members)) => {
                let mut named =
                    members.keys().filter_map(|name| self.branch_of(&Value::from(name.as_str())));
                named.next().filter(|_| named.next().is_none())
            }
            (By::Place, Value::Array(items)) => items.first().and_then(|tag| self.branch_of(tag)),
            _ => None,
        };
        tagged.or_else(|| {
            let types = type_of(instance);
            self.branches.iter().position(|b| b.tag_types.is_empty() && b.types.intersects(types))
        })
    }
}

/// The tags of the union at a node: `oneOf` or `anyOf`, not both. `None` if the node is not a union, or no
/// tag distinguishes its branches.
pub fn of(schema: &Schema, id: NodeId) -> Option<Tagged> {
    let node = schema.node(id);
    let ids = match (node.one_of.as_slice(), node.any_of.as_slice()) {
        (ids, []) | ([], ids) if !ids.is_empty() => ids,
        _ => return None,
    };
    let parts: Vec<Parts<'_>> = ids.iter().map(|id| Parts::new(schema, *id)).collect();
    let types: Vec<Types> = parts.iter().map(|p| p.types().intersection(node.types)).collect();
    let main = main_group(&types)?;
    let group: Vec<usize> = (0..ids.len()).filter(|i| types[*i] == main).collect();
    let bare = |i: usize| Branch {
        node: ids[i],
        tags: Vec::new(),
        types: types[i],
        tag_types: Types::NONE,
    };
    let union = Union { schema, node, ids, parts: &parts, group: &group };
    let (by, found, proved) = if group.len() < 2 && node.discriminator.is_none() {
        // one object beside other types: its own tag still names it, if it has one
        union.by_value(main).or_else(|| union.by_name(main)).unwrap_or((By::Type, Vec::new(), true))
    } else {
        union.by_value(main).or_else(|| union.by_name(main)).or_else(|| union.by_agreement(main))?
    };
    let mut branches: Vec<Branch> = (0..ids.len()).map(bare).collect();
    for (i, tag) in group.iter().zip(found) {
        (branches[*i].tags, branches[*i].tag_types) = (tag.values, tag.types);
    }
    let index = branches
        .iter()
        .enumerate()
        .flat_map(|(i, b)| b.tags.iter().map(move |tag| (canonical(tag), i)))
        .collect();
    Some(Tagged { by, branches, proved, index })
}

/// The type that several branches may share: objects, otherwise arrays. All other branches must differ in
/// their types, or the union is not tagged.
fn main_group(types: &[Types]) -> Option<Types> {
    let main = if types.contains(&Types::OBJECT) { Types::OBJECT } else { Types::ARRAY };
    let mut seen = if types.contains(&main) { main } else { Types::NONE };
    for other in types.iter().filter(|t| **t != main) {
        if seen.intersects(*other) {
            return None;
        }
        seen = seen.union(*other);
    }
    Some(main)
}

/// The tag of one branch: its values, or only its types.
pub(crate) struct Tag {
    pub(crate) values: Vec<Value>,
    pub(crate) types: Types,
}

struct Union<'a, 's> {
    schema: &'s Schema,
    node: &'s Node,
    ids: &'s [NodeId],
    parts: &'a [Parts<'s>],
    /// The indices of the branches of the main type.
    group: &'a [usize],
}

type Reading = (By, Vec<Tag>, bool);

impl<'s> Union<'_, 's> {
    /// By a property or a first item with disjoint values.
    fn by_value(&self, main: Types) -> Option<Reading> {
        let first = &self.parts[*self.group.first()?];
        if main == Types::ARRAY {
            return Some((By::Place, self.tags(&|parts| parts.first_place())?, true));
        }
        let stated = self.node.discriminator.as_ref().map(|d| d.property.as_str());
        let names = first.required_properties();
        let candidates: Vec<&str> = stated.into_iter().chain(names).take(MAX_CANDIDATES).collect();
        // a constant is more specific than a type
        for only_values in [true, false] {
            for name in &candidates {
                if !only_values && (stated.is_some() || self.group.len() < 2) {
                    continue;
                }
                let found = self.tags(&|parts| {
                    parts.required_property(name).filter(|t| !only_values || !t.values.is_empty())
                });
                if let Some(tags) = found {
                    return Some((By::Property((*name).to_owned()), tags, true));
                }
            }
        }
        None
    }

    /// The tags of the group, if all of its branches have one and no two share a value.
    fn tags(&self, of: &dyn Fn(&Parts<'s>) -> Option<Tag>) -> Option<Vec<Tag>> {
        told_apart(self.group.iter().map(|at| of(&self.parts[*at])))
    }

    /// By the one property that each branch requires.
    fn by_name(&self, main: Types) -> Option<Reading> {
        if main != Types::OBJECT {
            return None;
        }
        let names: Vec<&'s str> =
            self.group.iter().map(|at| self.parts[*at].only_required()).collect::<Option<_>>()?;
        let mut sorted = names.clone();
        sorted.sort_unstable();
        if names.is_empty() || sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        let alone = |at: &usize, own: &str| self.parts[*at].excludes_others(&sorted, own);
        let proved = self.group.iter().zip(&names).all(|(at, own)| alone(at, own));
        let tags = names
            .iter()
            .map(|name| Tag { values: vec![Value::from(*name)], types: Types::STRING })
            .collect();
        Some((By::Name, tags, proved))
    }

    /// By a discriminator alone: the values that it maps to the branch, otherwise the branch's own name.
    fn by_agreement(&self, main: Types) -> Option<Reading> {
        let discriminator = self.node.discriminator.as_ref().filter(|_| main == Types::OBJECT)?;
        let mut seen = HashMap::new();
        let mut tags = Vec::with_capacity(self.group.len());
        for at in self.group {
            let values = mapped(self.schema, discriminator, self.ids[*at]);
            for value in &values {
                if seen.insert(value.clone(), *at).is_some() {
                    return None;
                }
            }
            if values.is_empty() {
                return None;
            }
            let values = values.into_iter().map(Value::from).collect();
            tags.push(Tag { values, types: Types::STRING });
        }
        Some((By::Property(discriminator.property.clone()), tags, false))
    }
}

/// The tags, if all branches have one and no two share a value.
fn told_apart(all: impl Iterator<Item = Option<Tag>>) -> Option<Vec<Tag>> {
    let (mut values, mut types) = (HashMap::new(), Types::NONE);
    let mut tags = Vec::new();
    for (at, tag) in all.enumerate() {
        let tag = tag?;
        if tag.values.is_empty() {
            if types.intersects(tag.types) {
                return None;
            }
            types = types.union(tag.types);
        }
        for value in &tag.values {
            if values.insert(canonical(value), at).is_some_and(|other| other != at) {
                return None;
            }
        }
        tags.push(tag);
    }
    let listed = tags.iter().flat_map(|t| &t.values).map(type_of);
    let listed = listed.fold(Types::NONE, Types::union);
    (!listed.intersects(types)).then_some(tags)
}

/// The values of a property that distinguishes branches: every branch requires it, lists its values, and
/// shares none of them with another branch. A branch is a set of schemas that apply together, such as a
/// part of a `oneOf` and the keywords beside it.
///
/// ```
/// use event_schema::document::Document;
/// use event_schema::{read, tag};
///
/// let text = r#"{"oneOf": [
///     {"type": "object", "properties": {"kind": {"const": "card"}}, "required": ["kind"]},
///     {"type": "object", "properties": {"kind": {"const": "iban"}}, "required": ["kind"]}
/// ]}"#;
/// let schema = read::schema(&Document::parse("a.json", text)?).unwrap();
/// let branches = &schema.node(schema.root).one_of;
/// let branches: Vec<&[_]> = branches.chunks(1).collect();
/// let values = tag::values(&schema, &branches, "kind").unwrap();
/// assert_eq!(values[1], [serde_json::json!("iban")]);
/// assert!(tag::values(&schema, &branches, "id").is_none());
/// # Ok::<(), event_schema::document::SyntaxError>(())
/// ```
pub fn values(schema: &Schema, branches: &[&[NodeId]], property: &str) -> Option<Vec<Vec<Value>>> {
    let tags = branches.iter().map(|ids| {
        let parts = Parts::of_all(schema, ids.iter().copied());
        parts.required_property(property).filter(|tag| !tag.values.is_empty())
    });
    Some(told_apart(tags)?.into_iter().map(|tag| tag.values).collect())
}

/// The values of a discriminator that map to a branch: those of its mapping, otherwise the name of the
/// branch's definition.
pub fn mapped(schema: &Schema, discriminator: &Discriminator, branch: NodeId) -> Vec<String> {
    let target = schema.resolve(branch);
    let listed: Vec<String> = discriminator
        .mapping
        .iter()
        .filter(|(_, node)| *node == branch || schema.resolve(*node) == target)
        .map(|(value, _)| value.clone())
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let direct = schema.node(branch).pure_reference().unwrap_or(branch);
    let name = schema.definition_name(direct).or_else(|| schema.definition_name(target));
    name.map(str::to_owned).into_iter().collect()
}

/// The children of a base: the targets of its discriminator's mapping, and every definition that extends
/// the base by `allOf`, directly or through another definition, by its own name; none if the base has a
/// union of its own. Each has its tag: those of the mapping first, in its order.
pub fn children(schema: &Schema, base: NodeId) -> Vec<(String, NodeId)> {
    let node = schema.node(base);
    let Some(discriminator) = &node.discriminator else { return Vec::new() };
    if !node.one_of.is_empty() || !node.any_of.is_empty() {
        return Vec::new();
    }
    let mut out: Vec<(String, NodeId)> = discriminator.mapping.clone();
    for definition in &schema.definitions {
        let child = definition.node;
        let known = |(tag, node): &(String, NodeId)| {
            *tag == definition.name || schema.resolve(*node) == schema.resolve(child)
        };
        if schema.resolve(child) != base && extends(schema, child, base) && !out.iter().any(known) {
            out.push((definition.name.clone(), child));
        }
    }
    out
}

/// Whether a schema has the base in its `allOf`, or one that does.
fn extends(schema: &Schema, id: NodeId, base: NodeId) -> bool {
    let mut seen = HashSet::new();
    let mut todo = vec![id];
    while let Some(next) = todo.pop() {
        let node = schema.node(next);
        for part in node.all_of.iter().chain(node.reference.iter()) {
            if *part == base || schema.resolve(*part) == base {
                return true;
            }
            if seen.insert(*part) {
                todo.push(*part);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::Document;
    use crate::read;

    fn schema(value: &Value) -> Schema {
        let doc = Document::parse("a.json", value.to_string()).unwrap();
        read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
    }

    fn reading(value: &Value) -> Option<(By, Vec<Vec<Value>>, bool)> {
        let schema = schema(value);
        let tagged = of(&schema, schema.root)?;
        Some((tagged.by, tagged.branches.into_iter().map(|b| b.tags).collect(), tagged.proved))
    }

    fn object(kind: &Value) -> Value {
        json!({"type": "object", "properties": {"kind": kind}, "required": ["kind"]})
    }

    #[test]
    fn const_and_enum_tags_are_read_behind_references_and_all_of() {
        let union = json!({
            "definitions": {
                "a": {"allOf": [{"$ref": "#/definitions/base"}, object(&json!({"const": "a"}))]},
                "base": {"type": "object", "properties": {"kind": {"type": "string"}}},
            },
            "oneOf": [{"$ref": "#/definitions/a"}, object(&json!({"enum": ["b", "c"]}))],
        });
        let tags = vec![vec![json!("a")], vec![json!("b"), json!("c")]];
        assert_eq!(reading(&union), Some((By::Property("kind".into()), tags, true)));
    }

    #[test]
    fn optional_shared_or_open_tags_are_not_tags() {
        let mut optional = object(&json!({"const": "b"}));
        optional["required"] = json!([]);
        let shared = object(&json!({"enum": ["b", "a"]}));
        let mut untyped = object(&json!({"const": "b"}));
        untyped.as_object_mut().unwrap().remove("type");
        let open = object(&json!({"enum": ["b"], "x-open": true}));
        for other in [optional, shared, untyped, open] {
            let union = json!({"oneOf": [object(&json!({"const": "a"})), other]});
            assert_eq!(reading(&union), None, "{union}");
        }
    }

    #[test]
    fn null_beside_objects_is_distinguished_by_its_type() {
        let union = json!({"anyOf": [
            object(&json!({"const": 1})), {"type": "null"}, object(&json!({"const": 2})),
        ]});
        let schema = schema(&union);
        let tagged = of(&schema, schema.root).unwrap();
        assert_eq!(tagged.pick(&Value::Null), Some(1));
        assert_eq!(tagged.pick(&json!({"kind": 2.0})), Some(2));
        assert_eq!(tagged.pick(&json!({"kind": 3})), None);
    }

    #[test]
    fn external_tags_are_proved_only_where_branches_are_closed() {
        let branch = |name: &str, closed: bool| {
            json!({"type": "object", "properties": {name: {}}, "required": [name],
                   "additionalProperties": !closed})
        };
        for closed in [true, false] {
            let union = json!({"oneOf": [branch("a", closed), branch("b", closed)]});
            let tags = vec![vec![json!("a")], vec![json!("b")]];
            assert_eq!(reading(&union), Some((By::Name, tags, closed)));
        }
        let union = json!({"oneOf": [branch("a", true), branch("a", true)]});
        assert_eq!(reading(&union), None);
    }

    #[test]
    fn first_places_and_types_of_tags_tell_branches_apart() {
        let tuple =
            |first: &Value| json!({"type": "array", "minItems": 1, "prefixItems": [first, {}]});
        let union =
            json!({"oneOf": [tuple(&json!({"const": "a"})), tuple(&json!({"const": "b"}))]});
        let tags = vec![vec![json!("a")], vec![json!("b")]];
        assert_eq!(reading(&union), Some((By::Place, tags, true)));
        let mut short = tuple(&json!({"const": "b"}));
        short["minItems"] = json!(0);
        assert_eq!(reading(&json!({"oneOf": [tuple(&json!({"const": "a"})), short]})), None);
        let union = json!({"oneOf": [
            object(&json!({"type": "string"})), object(&json!({"type": "integer"})),
        ]});
        assert_eq!(reading(&union).map(|r| (r.0, r.2)), Some((By::Property("kind".into()), true)));
    }

    #[test]
    fn a_discriminator_alone_tags_by_agreement() {
        let plain = object(&json!({"type": "string"}));
        let union = json!({
            "definitions": {"A": plain, "B": plain},
            "oneOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}],
            "discriminator": {"propertyName": "kind", "mapping": {"first": "#/definitions/A"}},
        });
        let tags = vec![vec![json!("first")], vec![json!("B")]];
        assert_eq!(reading(&union), Some((By::Property("kind".into()), tags, false)));
    }
}
