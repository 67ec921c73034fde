//! Determines the branch of a union that an instance belongs to, in one way for the checker, the validator,
//! the generator and the derive.
//!
//! A union is tagged if one look at the instance distinguishes its branches: by a required property with
//! disjoint values, by the one property that each branch requires, by the first item of a tuple, or by the
//! JSON type. `$ref` and `allOf` are followed. If only a discriminator assigns tags, the tags are those
//! that it maps, and [`Tagged::proved`] is false: the union is tagged by agreement, and JSON Schema does
//! not enforce it.

mod base;
mod parts;

use std::collections::HashMap;

use serde_json::Value;

pub use self::base::{children, mapped};
pub(crate) use self::parts::{Parts, types_of};
use crate::model::{Node, NodeId, Schema, Types};
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

#[cfg(test)]
mod tests;
