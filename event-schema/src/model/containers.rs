//! Keywords for arrays and objects.

use super::NodeId;
use crate::document::{Pos, Span};

/// Keywords for arrays.
#[derive(Debug, Clone, Default)]
pub struct ArrayRules {
    /// `items` as an array, or `prefixItems`: one schema for each of the first positions.
    pub prefix: Vec<NodeId>,
    /// `items`, or `additionalItems` after a prefix: the schema of all other positions.
    pub items: Option<NodeId>,
    /// `minItems`.
    pub min_items: u64,
    /// `maxItems`.
    pub max_items: Option<u64>,
    /// `uniqueItems`.
    pub unique: bool,
    /// `contains` with `minContains` and `maxContains`.
    pub contains: Option<Contains>,
}

impl ArrayRules {
    /// The schema of the item at a position; `None` if anything is allowed.
    pub fn item(&self, at: usize) -> Option<NodeId> {
        self.prefix.get(at).copied().or(self.items)
    }
}

/// `contains`.
#[derive(Debug, Clone)]
pub struct Contains {
    /// The schema.
    pub node: NodeId,
    /// `minContains` (default: 1).
    pub min: u64,
    /// `maxContains`.
    pub max: Option<u64>,
}

/// Keywords for objects.
#[derive(Debug, Clone, Default)]
pub struct ObjectRules {
    /// `properties`, in the document's order.
    pub properties: Vec<Property>,
    /// `required`, sorted; may include undeclared names.
    pub required: Vec<String>,
    /// `patternProperties`, in the document's order.
    pub patterns: Vec<(String, NodeId)>,
    /// `additionalProperties`; `None` if missing, which allows any.
    pub additional: Option<NodeId>,
    /// `propertyNames`.
    pub names: Option<NodeId>,
    /// `minProperties`.
    pub min_properties: u64,
    /// `maxProperties`.
    pub max_properties: Option<u64>,
    /// `dependentRequired`, and the array form of `dependencies`.
    pub dependent_required: Vec<(String, Vec<String>)>,
    /// `dependentSchemas`, and the schema form of `dependencies`.
    pub dependent_schemas: Vec<(String, NodeId)>,
    /// The indices of the properties, sorted by name; empty until the reader has read all of them.
    pub(crate) by_name: Vec<u32>,
}

impl ObjectRules {
    /// Builds the index for looking up properties.
    pub(crate) fn index(&mut self) {
        let mut order: Vec<u32> = (0..).take(self.properties.len()).collect();
        order.sort_by(|a, b| {
            self.properties[*a as usize].name.cmp(&self.properties[*b as usize].name)
        });
        self.by_name = order;
    }

    /// The declared property with this name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        if self.by_name.len() != self.properties.len() {
            return self.properties.iter().find(|p| p.name == name);
        }
        let at = |i: &u32| &self.properties[*i as usize];
        let found = self.by_name.binary_search_by(|i| at(i).name.as_str().cmp(name)).ok()?;
        Some(at(&self.by_name[found]))
    }

    /// The declared properties, sorted by name.
    pub(crate) fn by_name(&self) -> impl Iterator<Item = &Property> {
        let indexed = self.by_name.len() == self.properties.len();
        let mut sorted: Vec<&Property> =
            if indexed { Vec::new() } else { self.properties.iter().collect() };
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let known = self.by_name.iter().filter(move |_| indexed);
        known.map(|i| &self.properties[*i as usize]).chain(sorted)
    }

    /// Whether the name is required.
    pub fn is_required(&self, name: &str) -> bool {
        self.required.binary_search_by(|r| r.as_str().cmp(name)).is_ok()
    }
}

/// A declared property.
#[derive(Debug, Clone)]
pub struct Property {
    /// The name on the wire.
    pub name: String,
    /// The schema of its value.
    pub node: NodeId,
    /// The line and column of the key.
    pub pos: Pos,
    /// The position of the key in bytes, including its quotes.
    pub span: Span,
}
