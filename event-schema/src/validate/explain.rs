//! Explains why an instance does not match, as deep in the instance as possible.

mod union;

use serde_json::Value;

use super::judge::{Judge, number_fault};
use super::value::{equal, kind};
use super::{Violation, describe_types};
use crate::format;
use crate::model::{ArrayRules, Node, NodeId, ObjectRules, StringRules};

/// The maximum number of violations of one instance.
const MAX_VIOLATIONS: usize = 100;

/// The maximum number of values of an enum in a message.
const MAX_LISTED: usize = 8;

/// The maximum number of characters of a value in a message.
const MAX_SHOWN: usize = 60;

/// The maximum number of nodes that are visited to explain a violation.
const STEPS_TO_EXPLAIN: u64 = 500_000;

/// A place in the instance, and its message.
struct Explanation<'j, 's> {
    judge: &'j Judge<'s>,
    out: Vec<Violation>,
}

impl Judge<'_> {
    /// The violations of the value; empty if it matches. The explanation has a budget of its own, so that
    /// it does not change a verdict.
    pub(super) fn explain(&self, id: NodeId, value: &Value) -> Vec<Violation> {
        match self.holds(id, value) {
            Some(true) => return Vec::new(),
            Some(false) => drop(self.matchers.allow(STEPS_TO_EXPLAIN)),
            None => {}
        }
        self.explain_at(id, value, "", 0)
    }

    fn explain_at(&self, id: NodeId, value: &Value, path: &str, depth: usize) -> Vec<Violation> {
        let mut explanation = Explanation { judge: self, out: Vec::new() };
        explanation.node(id, value, path, depth);
        explanation.out
    }
}

impl Explanation<'_, '_> {
    fn say(&mut self, node: &Node, path: &str, message: impl Into<String>) {
        self.out.push(Violation {
            instance: path.to_owned(),
            schema: node.pointer.clone(),
            file: node.file.clone(),
            message: message.into(),
        });
    }

    fn node(&mut self, id: NodeId, value: &Value, path: &str, depth: usize) {
        let answer = self.judge.at(id, value, depth);
        if answer == Some(true) || self.out.len() >= MAX_VIOLATIONS {
            return;
        }
        let before = self.out.len();
        let node = self.judge.schema.node(id);
        if self.judge.matchers.is_spent() {
            let message = match answer {
                Some(_) => "does not match the schema",
                None => "cannot evaluate this value: too large to compare with the whole schema",
            };
            self.say(node, path, message);
            return;
        }
        if self.judge.gives_up(depth) {
            self.say(node, path, "cannot evaluate this value: it is nested too deep");
            return;
        }
        if node.never {
            self.say(node, path, "no value is allowed here");
            return;
        }
        let types = self.judge.types(node);
        if !types.contains(self.judge.type_of(value)) {
            let message = format!("is {}, expected {}", kind(value), describe_types(types));
            self.say(node, path, message);
            return;
        }
        self.values(node, value, path);
        for keyword in &node.unsupported {
            let why = keyword.why.map(|why| format!(", which {why}")).unwrap_or_default();
            self.say(node, path, format!("cannot evaluate `{}`{why}", keyword.keyword));
        }
        match value {
            Value::Number(n) => {
                let fault = node.number.as_ref().and_then(|rules| number_fault(rules, n));
                if let Some(fault) = fault {
                    self.say(node, path, fault);
                }
            }
            Value::String(s) => {
                if let Some(rules) = &node.string {
                    self.string(node, rules, s, path);
                }
            }
            Value::Array(items) => {
                if let Some(rules) = &node.array {
                    self.array(node, rules, items, path, depth);
                }
            }
            Value::Object(members) => {
                if let Some(rules) = &node.object {
                    self.object((node, rules), members, value, (path, depth));
                }
            }
            _ => {}
        }
        let judge = self.judge.of_parts(node, value);
        let mut parts = Explanation { judge: &judge, out: std::mem::take(&mut self.out) };
        for part in node.reference.iter().chain(&node.all_of) {
            parts.node(*part, value, path, depth + 1);
        }
        self.out = parts.out;
        self.child(id, value, path, depth);
        let open = self.judge.is_open(node);
        let is_union = !node.any_of.is_empty() || !node.one_of.is_empty();
        if is_union && !open {
            self.union(id, value, path, depth);
        }
        if let Some(not) = node.not
            && self.judge.at(not, value, depth + 1) == Some(true)
        {
            self.say(node, path, "matches the schema under `not`");
        }
        if let Some(conditional) = &node.conditional {
            let chosen = match self.judge.at(conditional.condition, value, depth + 1) {
                Some(true) => conditional.then,
                Some(false) => conditional.otherwise,
                None => None,
            };
            if let Some(chosen) = chosen {
                self.node(chosen, value, path, depth + 1);
            }
        }
        if self.out.len() == before {
            for part in &node.unevaluated {
                self.unevaluated(node, *part, value, path, depth);
            }
        }
        if self.out.len() == before {
            let message = match answer {
                None => "cannot evaluate this value",
                _ => "does not match the schema",
            };
            self.say(node, path, message);
        }
    }

    fn values(&mut self, node: &Node, value: &Value, path: &str) {
        let Some(values) = node.values.as_ref().filter(|_| !self.judge.is_open(node)) else {
            return;
        };
        if values.iter().any(|v| equal(&v.value, value)) {
            return;
        }
        let listed: Vec<String> = values.iter().take(MAX_LISTED).map(|v| shown(&v.value)).collect();
        let more = if values.len() > MAX_LISTED { ", …" } else { "" };
        let one = if values.len() == 1 { "" } else { "one of " };
        self.say(
            node,
            path,
            format!("is {}, expected {one}{}{more}", shown(value), listed.join(", ")),
        );
    }

    fn string(&mut self, node: &Node, rules: &StringRules, s: &str, path: &str) {
        let length = s.chars().count() as u64;
        if length < rules.min_length {
            let least = rules.min_length;
            self.say(node, path, format!("has {length} characters, expected at least {least}"));
        }
        if let Some(most) = rules.max_length.filter(|most| length > *most) {
            self.say(node, path, format!("has {length} characters, expected at most {most}"));
        }
        for format in format::of(rules).filter(|f| !(f.check)(s)) {
            self.say(node, path, format!("is not a valid `{}`", format.name));
        }
        if let Some(pattern) = &rules.pattern {
            match self.judge.matchers.matches(pattern, s) {
                Some(true) => {}
                Some(false) => {
                    self.say(node, path, format!("does not match the pattern `{pattern}`"));
                }
                None => self.say(node, path, format!("cannot evaluate the pattern `{pattern}`")),
            }
        }
    }

    fn array(
        &mut self,
        node: &Node,
        rules: &ArrayRules,
        items: &[Value],
        path: &str,
        depth: usize,
    ) {
        let length = items.len() as u64;
        if length < rules.min_items {
            let least = rules.min_items;
            self.say(node, path, format!("has {length} items, expected at least {least}"));
        }
        if let Some(most) = rules.max_items.filter(|most| length > *most) {
            self.say(node, path, format!("has {length} items, expected at most {most}"));
        }
        if rules.unique && self.judge.has_duplicates(items) {
            self.say(node, path, "has duplicate items, expected unique ones");
        }
        for (i, item) in items.iter().enumerate() {
            if let Some(id) = rules.item(i) {
                self.node(id, item, &format!("{path}/{i}"), depth + 1);
            }
        }
        if let Some(contains) = &rules.contains {
            let judged = items.iter().map(|item| self.judge.at(contains.node, item, depth + 1));
            let found = judged.filter(|answer| *answer == Some(true)).count() as u64;
            if found < contains.min {
                let least = contains.min;
                self.say(
                    node,
                    path,
                    format!("has {found} items that match `contains`, expected at least {least}"),
                );
            }
            if let Some(most) = contains.max.filter(|most| found > *most) {
                self.say(
                    node,
                    path,
                    format!("has {found} items that match `contains`, expected at most {most}"),
                );
            }
        }
    }

    fn object(
        &mut self,
        (node, rules): (&Node, &ObjectRules),
        members: &serde_json::Map<String, Value>,
        whole: &Value,
        (path, depth): (&str, usize),
    ) {
        for name in rules.required.iter().filter(|name| !members.contains_key(*name)) {
            self.say(node, path, format!("`{name}` is missing"));
        }
        let count = members.len() as u64;
        if count < rules.min_properties {
            let least = rules.min_properties;
            self.say(node, path, format!("has {count} properties, expected at least {least}"));
        }
        if let Some(most) = rules.max_properties.filter(|most| count > *most) {
            self.say(node, path, format!("has {count} properties, expected at most {most}"));
        }
        for (key, needs) in rules.dependent_required.iter().filter(|(k, _)| members.contains_key(k))
        {
            for need in needs.iter().filter(|need| !members.contains_key(*need)) {
                self.say(node, path, format!("`{need}` is missing, expected beside `{key}`"));
            }
        }
        for (name, member) in members {
            let below = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
            let named = rules.names.map(|id| {
                let key = Value::String(name.clone());
                (
                    self.judge.at(id, &key, depth + 1),
                    self.judge.explain_at(id, &key, &below, depth + 1),
                )
            });
            if let Some((Some(false), why)) = named {
                let why = why.first().map_or_else(String::new, |v| format!(": {}", v.message));
                self.say(node, &below, format!("the name `{name}` is not allowed{why}"));
            }
            let (nodes, sure) = self.judge.applying(rules, name);
            if !sure {
                let unsure = rules
                    .patterns
                    .iter()
                    .find(|(p, _)| self.judge.matchers.matches(p, name).is_none());
                if let Some((pattern, _)) = unsure {
                    self.say(node, &below, format!("cannot evaluate the pattern `{pattern}`"));
                }
            }
            for id in nodes {
                let other = rules.additional == Some(id) && rules.property(name).is_none();
                if other && self.judge.schema.node(id).never {
                    self.say(node, &below, "is not declared, and other properties are not allowed");
                } else {
                    self.node(id, member, &below, depth + 1);
                }
            }
        }
        let dependent = rules.dependent_schemas.iter().filter(|(k, _)| members.contains_key(k));
        for (_, id) in dependent {
            self.node(*id, whole, path, depth + 1);
        }
    }

    /// Explains `unevaluatedProperties` and similar keywords: they are rewritten as cases, so the innermost
    /// names are the relevant ones.
    fn unevaluated(&mut self, node: &Node, part: NodeId, value: &Value, path: &str, depth: usize) {
        if self.judge.at(part, value, depth + 1) == Some(true) {
            return;
        }
        let found = self.judge.explain_at(part, value, path, depth + 1);
        let deep = found.iter().find(|v| v.instance != path);
        match (deep, self.judge.at(part, value, depth + 1)) {
            (Some(violation), _) => self.out.push(violation.clone()),
            (None, Some(false)) => {
                let what = if value.is_array() { "an item" } else { "a property" };
                self.say(node, path, format!("has {what} that no part of the schema declares"));
            }
            (None, _) => self.say(node, path, "cannot determine what is unevaluated"),
        }
    }
}

/// A value, shortened.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= MAX_SHOWN {
        return format!("`{text}`");
    }
    let cut: String = text.chars().take(MAX_SHOWN).collect();
    format!("`{cut}…`")
}
