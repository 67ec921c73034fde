//! Three-valued evaluation of instances against one schema.

use serde_json::Value;

use super::MAX_DEPTH;
use super::double::means_one_number;
use super::value::{equal, has_duplicates, has_point, type_of};
use crate::format;
use crate::model::{
    ArrayRules, Decimal, Node, NodeId, NumberRules, ObjectRules, Schema, StringRules, Types,
};
use crate::pattern::Matchers;

/// The number of branches from which a union is evaluated by its tag.
const MANY: usize = 8;

/// Same as [`MAX_DEPTH`], on a large stack.
const DEEPEST: usize = 8 * crate::document::MAX_DEPTH;

/// Evaluates instances against one schema.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "four independent questions, each asked by name")]
pub(crate) struct Judge<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) matchers: &'s Matchers,
    /// Whether open enums and unions accept any value.
    pub(crate) open: bool,
    /// Whether the stack is large enough for deep instances.
    pub(crate) roomy: bool,
    /// Whether a discriminator decides the branch of a union, which JSON Schema itself does not define.
    pub(crate) by_tag: bool,
    /// Whether the result must be the same for readers that read a number as the written decimal and for
    /// those that read it as the nearest double.
    pub(crate) for_all_readers: bool,
    /// The value that is being evaluated as a child of a base: there, the base only stands for itself.
    pub(crate) as_child: Option<usize>,
}

/// Conjunction of three-valued results: `Some(false)` decides it.
fn all(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut sum = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            None => sum = None,
            Some(true) => {}
        }
    }
    sum
}

impl<'s> Judge<'s> {
    /// Evaluates by JSON Schema's rules.
    pub(crate) fn new(schema: &'s Schema, matchers: &'s Matchers) -> Judge<'s> {
        let (open, roomy, for_all_readers) = (false, false, false);
        Judge { schema, matchers, open, roomy, by_tag: true, for_all_readers, as_child: None }
    }
}

impl Judge<'_> {
    /// Whether the node's enum or union accepts any value of its type.
    pub(crate) fn is_open(&self, node: &Node) -> bool {
        self.open && node.notes.open
    }

    /// The smallest set of types that includes the value.
    pub(super) fn type_of(&self, value: &Value) -> Types {
        match value {
            Value::Number(n) if self.schema.strict_integers && has_point(n) => {
                Types::NUMBER.difference(Types::INTEGER)
            }
            _ => type_of(value),
        }
    }

    /// The types that the node allows. An open enum is restricted to the types of its values.
    pub(crate) fn types(&self, node: &Node) -> Types {
        match node.values.as_ref().filter(|_| self.is_open(node)) {
            Some(values) => {
                let own = values.iter().map(|v| type_of(&v.value)).fold(Types::NONE, Types::union);
                node.types.intersection(own)
            }
            None => node.types,
        }
    }

    /// Whether the instance matches the node; `None` if that cannot be evaluated.
    pub(crate) fn holds(&self, id: NodeId, value: &Value) -> Option<bool> {
        self.at(id, value, 0)
    }

    pub(super) fn at(&self, id: NodeId, value: &Value, depth: usize) -> Option<bool> {
        if self.gives_up(depth) {
            return None;
        }
        let node = self.schema.node(id);
        // every value of a long list is compared
        self.matchers.spend(1 + node.values.as_ref().map_or(0, |values| values.len() as u64 / 4));
        let depth = depth + 1;
        if node.never {
            return Some(false);
        }
        // if readers disagree, a `false` counts as little as a `true`
        let strict = self.schema.strict_integers;
        if self.for_all_readers && !means_one_number(node, value, strict) {
            return None;
        }
        let open = self.is_open(node);
        let local = [
            Some(self.types(node).contains(self.type_of(value))),
            Some(
                open || node
                    .values
                    .as_ref()
                    .is_none_or(|v| v.iter().any(|v| equal(&v.value, value))),
            ),
            self.rules_hold(node, value, depth),
            node.unsupported.is_empty().then_some(true),
        ];
        let mut answer = all(local);
        if answer == Some(false) {
            return answer;
        }
        let here = |id: NodeId| self.at(id, value, depth);
        let parts = self.of_parts(node, value);
        let part = |id: &NodeId| parts.at(*id, value, depth);
        answer = all([answer, all(node.reference.iter().map(part))]);
        if answer == Some(false) {
            return answer;
        }
        answer = all([answer, all(node.all_of.iter().chain(&node.unevaluated).map(part))]);
        if let Some((child, judge)) = self.child(id, value) {
            answer = all([answer, child.map_or(Some(false), |id| judge.at(id, value, depth))]);
        }
        if !open {
            let branch = self.discriminated(id, value).or_else(|| self.picked(id, value));
            if let Some(branch) = branch {
                answer = all([answer, branch.map_or(Some(false), here)]);
            } else {
                if !node.any_of.is_empty() {
                    answer = all([answer, any(node.any_of.iter().map(|id| here(*id)))]);
                }
                if !node.one_of.is_empty() {
                    answer = all([answer, one(node.one_of.iter().map(|id| here(*id)))]);
                }
            }
        }
        if let Some(not) = node.not {
            answer = all([answer, here(not).map(|b| !b)]);
        }
        if let Some(conditional) = &node.conditional {
            let branch = |id: Option<NodeId>| id.map_or(Some(true), here);
            let chosen = match here(conditional.condition) {
                Some(true) => branch(conditional.then),
                Some(false) => branch(conditional.otherwise),
                None => None,
            };
            answer = all([answer, chosen]);
        }
        answer
    }

    /// Whether the nesting is too deep, or the budget is exhausted.
    pub(super) fn gives_up(&self, depth: usize) -> bool {
        let most = if self.roomy { DEEPEST } else { MAX_DEPTH };
        depth > most || self.matchers.is_spent()
    }

    /// The branch that a discriminator names, if the union is tagged by agreement and the branches do not
    /// state their tags. `Some(None)` if it names none.
    #[expect(
        clippy::option_option,
        reason = "not tagged, tagged without a branch, and a branch are three answers"
    )]
    pub(super) fn discriminated(&self, id: NodeId, value: &Value) -> Option<Option<NodeId>> {
        let node = self.schema.node(id);
        node.discriminator.as_ref().filter(|_| self.by_tag && value.is_object())?;
        let tagged = self.matchers.tagged(self.schema, id).filter(|tagged| !tagged.proved)?;
        Some(tagged.pick(value).map(|at| tagged.branches[at].node))
    }

    /// The only possible branch of a large union, if the branches themselves state their tags: then the
    /// others need not be evaluated. `Some(None)` if none is possible.
    #[expect(
        clippy::option_option,
        reason = "not tagged, tagged without a branch, and a branch are three answers"
    )]
    fn picked(&self, id: NodeId, value: &Value) -> Option<Option<NodeId>> {
        let branches = self.schema.node(id).branches();
        if !self.by_tag || branches.len() < MANY {
            return None;
        }
        let tagged = self.matchers.tagged(self.schema, id).filter(|tagged| tagged.proved)?;
        Some(tagged.pick(value).map(|at| tagged.branches[at].node))
    }

    /// The evaluator of the node's reference and its `allOf`: if the node adds to them, a base among them
    /// only stands for itself.
    pub(super) fn of_parts(&self, node: &Node, value: &Value) -> Self {
        let unions = !node.branches().is_empty();
        let wraps = node.all_of.len() + usize::from(node.reference.is_some()) == 1;
        if !self.by_tag || (wraps && !unions && node.is_bare()) {
            return *self;
        }
        Judge { as_child: Some(std::ptr::from_ref(value) as usize), ..*self }
    }

    /// The child that a base's discriminator names, and its evaluator: `Some((None, _))` if it names none.
    pub(super) fn child(&self, id: NodeId, value: &Value) -> Option<(Option<NodeId>, Self)> {
        let node = self.schema.node(id);
        let discriminator = node.discriminator.as_ref().filter(|_| self.by_tag)?;
        let place = std::ptr::from_ref(value) as usize;
        if self.as_child == Some(place) || !node.branches().is_empty() {
            return None;
        }
        let children = self.matchers.children(self.schema, id);
        let members = value.as_object().filter(|_| !children.is_empty())?;
        let tag = members.get(&discriminator.property)?.as_str();
        let own = self.schema.definitions.iter().filter(|d| self.schema.resolve(d.node) == id);
        let named = children.iter().find(|(name, _)| Some(name.as_str()) == tag);
        if named.is_none() && own.clone().any(|d| Some(d.name.as_str()) == tag) {
            return None;
        }
        Some((named.map(|(_, child)| *child), Judge { as_child: Some(place), ..*self }))
    }

    fn rules_hold(&self, node: &Node, value: &Value, depth: usize) -> Option<bool> {
        match value {
            Value::Number(n) => {
                node.number.as_ref().map_or(Some(true), |rules| number_holds(rules, n))
            }
            Value::String(s) => {
                node.string.as_ref().map_or(Some(true), |r| self.string_holds(r, s))
            }
            Value::Array(a) => {
                node.array.as_ref().map_or(Some(true), |r| self.array_holds(r, a, depth))
            }
            Value::Object(o) => {
                node.object.as_ref().map_or(Some(true), |r| self.object_holds(r, o, value, depth))
            }
            _ => Some(true),
        }
    }

    pub(super) fn string_holds(&self, rules: &StringRules, s: &str) -> Option<bool> {
        let length = s.chars().count() as u64;
        all([
            Some(length >= rules.min_length && rules.max_length.is_none_or(|m| length <= m)),
            Some(format::of(rules).all(|f| (f.check)(s))),
            rules.pattern.as_ref().map_or(Some(true), |p| self.matchers.matches(p, s)),
        ])
    }

    fn array_holds(&self, rules: &ArrayRules, items: &[Value], depth: usize) -> Option<bool> {
        let length = items.len() as u64;
        let sized = length >= rules.min_items && rules.max_items.is_none_or(|m| length <= m);
        if !sized || (rules.unique && self.has_duplicates(items)) {
            return Some(false);
        }
        let each = items
            .iter()
            .enumerate()
            .map(|(i, item)| rules.item(i).map_or(Some(true), |id| self.at(id, item, depth)));
        let contains = rules.contains.as_ref().map_or(Some(true), |c| {
            let (mut yes, mut unknown) = (0, 0);
            for item in items {
                match self.at(c.node, item, depth) {
                    Some(true) => yes += 1,
                    Some(false) => {}
                    None => unknown += 1,
                }
            }
            let fits = |n: u64| n >= c.min && c.max.is_none_or(|m| n <= m);
            if unknown == 0 { Some(fits(yes)) } else { None }
        });
        all([all(each), contains])
    }

    pub(super) fn has_duplicates(&self, items: &[Value]) -> bool {
        let (found, looked_at) = has_duplicates(items);
        self.matchers.spend(looked_at / 16);
        found
    }

    fn object_holds(
        &self,
        rules: &ObjectRules,
        members: &serde_json::Map<String, Value>,
        whole: &Value,
        depth: usize,
    ) -> Option<bool> {
        let count = members.len() as u64;
        self.matchers.spend((rules.required.len() as u64 + count) / 4);
        let shaped = count >= rules.min_properties
            && rules.max_properties.is_none_or(|m| count <= m)
            && rules.required.iter().all(|r| members.contains_key(r))
            && rules.dependent_required.iter().all(|(key, needs)| {
                !members.contains_key(key) || needs.iter().all(|n| members.contains_key(n))
            });
        if !shaped {
            return Some(false);
        }
        let each = all(members.iter().map(|(name, value)| {
            let named = rules
                .names
                .map_or(Some(true), |id| self.at(id, &Value::String(name.clone()), depth));
            let (nodes, sure) = self.applying(rules, name);
            let held = all(nodes.into_iter().map(|id| self.at(id, value, depth)));
            all([named, held, sure.then_some(true)])
        }));
        let dependent = rules
            .dependent_schemas
            .iter()
            .filter(|(key, _)| members.contains_key(key))
            .map(|(_, id)| self.at(*id, whole, depth));
        all([each, all(dependent)])
    }

    /// The nodes that apply to a member of this name, and whether that is certain (all patterns could be
    /// matched).
    pub(crate) fn applying(&self, rules: &ObjectRules, name: &str) -> (Vec<NodeId>, bool) {
        let (mut nodes, mut sure) = (Vec::new(), true);
        nodes.extend(rules.property(name).map(|p| p.node));
        for (pattern, id) in &rules.patterns {
            match self.matchers.matches(pattern, name) {
                Some(true) => nodes.push(*id),
                Some(false) => {}
                None => sure = false,
            }
        }
        if nodes.is_empty() && sure {
            nodes.extend(rules.additional);
        }
        (nodes, sure)
    }
}

fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(answers.map(|a| a.map(|b| !b))).map(|b| !b)
}

fn one(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let (mut yes, mut unknown) = (0, 0);
    for answer in answers {
        match answer {
            Some(true) => yes += 1,
            Some(false) => {}
            None => unknown += 1,
        }
    }
    match (yes, unknown) {
        (2.., _) => Some(false),
        (n, 0) => Some(n == 1),
        _ => None,
    }
}

/// The violation of a number.
pub(super) fn number_fault(rules: &NumberRules, n: &serde_json::Number) -> Option<String> {
    let Some(value) = Decimal::from_number(n) else {
        return Some(format!("cannot evaluate the number {n}"));
    };
    let (min, max) = rules.interval();
    let low = min.filter(|b| if b.exclusive { value <= b.value } else { value < b.value });
    let high = max.filter(|b| if b.exclusive { value >= b.value } else { value > b.value });
    let words =
        |exclusive: bool, or: &str| if exclusive { String::new() } else { format!(" or {or}") };
    if let Some(b) = low {
        let or = words(b.exclusive, "equal to");
        return Some(format!("is {n}, expected a number greater than{or} {}", b.value));
    }
    if let Some(b) = high {
        let or = words(b.exclusive, "equal to");
        return Some(format!("is {n}, expected a number less than{or} {}", b.value));
    }
    let step = rules.multiple_of.as_ref().filter(|m| !value.is_multiple_of(m))?;
    Some(format!("is {n}, expected a multiple of {step}"))
}

pub(super) fn number_holds(rules: &NumberRules, n: &serde_json::Number) -> Option<bool> {
    let value = Decimal::from_number(n)?;
    let (min, max) = rules.interval();
    let above = min.is_none_or(|b| if b.exclusive { value > b.value } else { value >= b.value });
    let below = max.is_none_or(|b| if b.exclusive { value < b.value } else { value <= b.value });
    Some(above && below && rules.multiple_of.as_ref().is_none_or(|m| value.is_multiple_of(m)))
}
