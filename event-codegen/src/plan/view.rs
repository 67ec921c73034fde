//! Several schemas together: `$ref` followed, `allOf` joined.
//!
//! A view is a conjunction, as far as types need it. It never loses a property, and never narrows a type by
//! a constraint that Rust cannot express.

use std::collections::BTreeSet;

use event_schema::document::Pos;
use event_schema::model::{Discriminator, Literal, Node, NodeId, ObjectRules, Schema, Types};

/// `anyOf` or `oneOf`: its branches, and the discriminator beside it.
#[derive(Clone, Copy)]
pub(super) struct Union<'a> {
    pub branches: &'a [NodeId],
    pub discriminator: Option<&'a Discriminator>,
}

/// A declared property, with several schemas if several members of an `allOf` declare it.
pub(super) struct Property<'a> {
    pub name: &'a str,
    pub nodes: Vec<NodeId>,
    pub pos: Pos,
}

/// The conjunction.
pub(super) struct View<'a> {
    /// The joined nodes, without references.
    pub nodes: Vec<&'a Node>,
    pub types: Types,
    pub values: Option<Vec<&'a Literal>>,
    pub unions: Vec<Union<'a>>,
    pub properties: Vec<Property<'a>>,
    pub required: BTreeSet<&'a str>,
    /// `additionalProperties` as schemas.
    pub additional: Vec<NodeId>,
    /// Schemas of `patternProperties`.
    pub patterns: Vec<NodeId>,
    pub items: Vec<NodeId>,
    pub prefix: Option<(&'a [NodeId], bool)>,
    pub string_format: Option<&'a str>,
    pub number_format: Option<&'a str>,
    pub range: (Option<i128>, Option<i128>),
    /// `multipleOf` is an integer, so only integers are left.
    pub whole: bool,
    /// The nodes with `unevaluated…` that depends on what else an instance matches.
    pub dependent: Vec<&'a Node>,
}

impl<'a> View<'a> {
    pub(super) fn new(schema: &'a Schema, ids: &[NodeId]) -> View<'a> {
        let mut view = View {
            nodes: Vec::new(),
            types: Types::ALL,
            values: None,
            unions: Vec::new(),
            properties: Vec::new(),
            required: BTreeSet::new(),
            additional: Vec::new(),
            patterns: Vec::new(),
            items: Vec::new(),
            prefix: None,
            string_format: None,
            number_format: None,
            range: (None, None),
            whole: false,
            dependent: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        let mut todo: Vec<NodeId> = ids.iter().rev().copied().collect();
        loop {
            while let Some(id) = todo.pop() {
                if !seen.insert(id) {
                    continue;
                }
                let node = schema.node(id);
                let (plain, dependent): (Vec<NodeId>, Vec<NodeId>) =
                    node.unevaluated.iter().partition(|id| schema.node(**id).is_plain());
                // last, because its names are declared elsewhere
                todo.extend(plain);
                todo.extend(node.all_of.iter().rev());
                todo.extend(node.reference);
                if !dependent.is_empty() {
                    view.dependent.push(node);
                }
                view.join(schema, node);
            }
            todo = view.implied();
            todo.retain(|id| !seen.contains(id));
            if todo.is_empty() {
                break;
            }
        }
        view.cover(schema);
        view
    }

    /// The schemas that apply because a required property depends on them.
    fn implied(&mut self) -> Vec<NodeId> {
        let rules = self.nodes.iter().filter_map(|n| n.object.as_deref());
        let rules: Vec<&'a ObjectRules> = rules.collect();
        let mut more = Vec::new();
        loop {
            let before = self.required.len();
            for (name, needs) in rules.iter().flat_map(|r| &r.dependent_required) {
                if self.required.contains(name.as_str()) {
                    self.required.extend(needs.iter().map(String::as_str));
                }
            }
            if self.required.len() == before {
                break;
            }
        }
        for (name, node) in rules.iter().flat_map(|r| &r.dependent_schemas) {
            if self.required.contains(name.as_str()) {
                more.push(*node);
            }
        }
        more
    }

    /// `additionalProperties` of one part also applies to the names that the other parts declare.
    fn cover(&mut self, schema: &Schema) {
        for node in &self.nodes {
            let Some(rules) = node.object.as_deref() else { continue };
            let Some(additional) = rules.additional.filter(|_| rules.patterns.is_empty()) else {
                continue;
            };
            let target = schema.node(schema.resolve(additional));
            if target.allows_anything() {
                continue;
            }
            for p in &mut self.properties {
                if rules.property(p.name).is_none() && !p.nodes.contains(&additional) {
                    p.nodes.push(additional);
                }
            }
        }
    }

    fn join(&mut self, schema: &'a Schema, node: &'a Node) {
        self.nodes.push(node);
        self.types = self.types.intersection(node.types);
        if let Some(values) = &node.values {
            let before = self.values.take();
            let kept = values
                .iter()
                .filter(|v| before.as_ref().is_none_or(|b| b.iter().any(|w| w.value == v.value)));
            self.values = Some(kept.collect());
        }
        for branches in [&node.one_of, &node.any_of] {
            if !branches.is_empty() {
                self.unions.push(Union { branches, discriminator: node.discriminator.as_ref() });
            }
        }
        if let Some(number) = &node.number {
            let (lo, hi) = number.integer_range();
            self.range =
                (tighter(self.range.0, lo, i128::max), tighter(self.range.1, hi, i128::min));
            self.number_format = self.number_format.or(number.format.as_deref());
            self.whole |= number.multiple_of.as_ref().is_some_and(|m| m.to_i128().is_some());
        }
        if let Some(string) = &node.string {
            self.string_format = self.string_format.or(string.format.as_deref());
        }
        if let Some(array) = &node.array {
            self.items.extend(array.items);
            if !array.prefix.is_empty() {
                let len = array.prefix.len() as u64;
                let closed = array.items.is_some_and(|i| schema.node(i).never)
                    || array.max_items.is_some_and(|m| m <= len);
                self.prefix = Some((&array.prefix, closed && array.min_items >= len));
            }
        }
        if let Some(object) = &node.object {
            for p in &object.properties {
                match self.properties.iter_mut().find(|q| q.name == p.name) {
                    Some(known) => known.nodes.push(p.node),
                    None => self.properties.push(Property {
                        name: &p.name,
                        nodes: vec![p.node],
                        pos: p.pos,
                    }),
                }
            }
            self.required.extend(object.required.iter().map(String::as_str));
            self.additional.extend(object.additional);
            self.patterns.extend(object.patterns.iter().map(|(_, n)| *n));
        }
    }

    /// Whether undeclared fields are allowed.
    pub(super) fn is_open(&self, schema: &Schema) -> bool {
        !self.additional.iter().any(|a| schema.node(schema.resolve(*a)).never)
    }

    /// The text for a doc comment.
    pub(super) fn doc(&self) -> String {
        let description = self.nodes.iter().find_map(|n| n.notes.description.as_deref());
        description.unwrap_or_default().trim().to_owned()
    }

    /// Whether it has `x-open`.
    pub(super) fn open_enum(&self) -> bool {
        self.nodes.iter().any(|n| n.notes.open)
    }

    /// Line of the first node.
    pub(super) fn line(&self) -> u32 {
        self.nodes.first().map_or(1, |n| n.pos.line)
    }
}

fn tighter(a: Option<i128>, b: Option<i128>, pick: fn(i128, i128) -> i128) -> Option<i128> {
    match (a, b) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (a, b) => a.or(b),
    }
}
