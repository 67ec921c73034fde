//! Explains unions: the branch of the tag, or the nearest one.

use serde_json::Value;

use super::{Explanation, MAX_LISTED, shown};
use crate::model::{Node, NodeId};
use crate::tag::{By, Tagged};
use crate::validate::Violation;

/// The maximum number of branches of a union whose violations are counted.
const MAX_BRANCHES: usize = 64;

impl Explanation<'_, '_> {
    /// The child of a base that its discriminator names.
    pub(super) fn child(&mut self, id: NodeId, value: &Value, path: &str, depth: usize) {
        let Some((child, judge)) = self.judge.child(id, value) else { return };
        let node = self.judge.schema.node(id);
        let Some(property) = node.discriminator.as_ref().map(|d| &d.property) else { return };
        let tag = &value[property.as_str()];
        if let Some(child) = child {
            let name = tag.as_str().unwrap_or_default();
            for mut violation in judge.explain_at(child, value, path, depth + 1) {
                if !self.out.contains(&violation) {
                    violation.message = format!("branch `{name}`: {}", violation.message);
                    self.out.push(violation);
                }
            }
            return;
        }
        let children = self.judge.matchers.children(self.judge.schema, id);
        let names: Vec<String> =
            children.iter().take(MAX_LISTED).map(|(name, _)| format!("`\"{name}\"`")).collect();
        let more = if children.len() > MAX_LISTED { ", …" } else { "" };
        let below = format!("{path}/{}", property.replace('~', "~0").replace('/', "~1"));
        let message =
            format!("the tag is {}, expected one of {}{more}", shown(tag), names.join(", "));
        self.say(node, &below, message);
    }

    /// A union: the branch of the tag, otherwise the nearest one.
    pub(super) fn union(&mut self, id: NodeId, value: &Value, path: &str, depth: usize) {
        let node = self.judge.schema.node(id);
        let answers = |ids: &[NodeId]| -> Vec<Option<bool>> {
            ids.iter().map(|id| self.judge.at(*id, value, depth + 1)).collect()
        };
        let (ids, one) =
            if node.one_of.is_empty() { (&node.any_of, false) } else { (&node.one_of, true) };
        let by_tag = self.judge.discriminated(id, value);
        if by_tag.is_none() {
            let answers = answers(ids);
            let matching = answers.iter().filter(|a| **a == Some(true)).count();
            if matching == 1 || (matching > 0 && !one) {
                return;
            }
            if matching > 1 {
                let message =
                    format!("matches {matching} branches of `oneOf`, expected exactly one");
                self.say(node, path, message);
                return;
            }
        }
        let tagged = self.judge.matchers.tagged(self.judge.schema, id);
        if let Some(tagged) = &tagged
            && let Some(message) = unknown_tag(tagged, value)
        {
            let (below, message) = message;
            self.say(node, &format!("{path}{below}"), message);
            return;
        }
        if let Some((tagged, at)) = tagged.as_ref().and_then(|t| Some((t, t.pick(value)?))) {
            let branch = &tagged.branches[at];
            let found = self.judge.explain_at(branch.node, value, path, depth + 1);
            let name = branch.name();
            for mut violation in found {
                violation.message = format!("branch `{name}`: {}", violation.message);
                self.out.push(violation);
            }
            return;
        }
        self.nearest(node, ids, value, path, depth);
    }

    /// The branch with the fewest and deepest violations, and how many other violations it has.
    fn nearest(&mut self, node: &Node, ids: &[NodeId], value: &Value, path: &str, depth: usize) {
        let explained = ids.iter().take(MAX_BRANCHES).enumerate().map(|(i, id)| {
            let found = self.judge.explain_at(*id, value, path, depth + 1);
            // a branch of another type is farther away than one with a violation inside
            let here = found.iter().filter(|v| v.instance == path).count();
            let other_type = found.len() == 1 && here == 1 && found[0].message.starts_with("is ");
            ((other_type, found.len(), here, i), found)
        });
        let Some(((_, _, _, at), found)) = explained.min_by_key(|(rank, _)| *rank) else { return };
        let others = ids.len() - 1;
        let Some(first) = found.first() else {
            self.say(node, path, "cannot determine the branch of the union");
            return;
        };
        let name = self.branch_name(ids[at], at);
        let rest = match found.len() - 1 {
            0 => String::new(),
            1 => " (and 1 more problem)".to_owned(),
            n => format!(" (and {n} more problems)"),
        };
        let message = match others {
            0 => format!("{}{rest}", first.message),
            1 => format!("matches neither branch; the nearest, {name}: {}{rest}", first.message),
            n => format!(
                "matches none of the {} branches; the nearest, {name}: {}{rest}",
                n + 1,
                first.message
            ),
        };
        self.out.push(Violation { message, ..first.clone() });
    }

    fn branch_name(&self, id: NodeId, at: usize) -> String {
        let schema = self.judge.schema;
        let target = schema.resolve(id);
        let named = schema.node(id).pure_reference().unwrap_or(id);
        let name = schema.definition_name(named).or_else(|| schema.definition_name(target));
        let title = schema.node(target).notes.title.as_deref();
        match name.or(title) {
            Some(name) => format!("`{name}`"),
            None => format!("number {}", at + 1),
        }
    }
}

/// A tag without a branch: its place, and the expected values.
fn unknown_tag(tagged: &Tagged, value: &Value) -> Option<(String, String)> {
    if tagged.pick(value).is_some() {
        return None;
    }
    let tags: Vec<String> =
        tagged.branches.iter().flat_map(|b| &b.tags).take(MAX_LISTED).map(shown).collect();
    let all = tagged.branches.iter().map(|b| b.tags.len()).sum::<usize>();
    let more = if all > MAX_LISTED { ", …" } else { "" };
    let expected = format!("expected one of {}{more}", tags.join(", "));
    match (&tagged.by, value) {
        (By::Property(name), Value::Object(members)) if all > 0 => Some(match members.get(name) {
            Some(tag) => {
                let below = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                (below, format!("the tag is {}, {expected}", shown(tag)))
            }
            None => (String::new(), format!("the tag `{name}` is missing, {expected}")),
        }),
        (By::Name, Value::Object(_)) => {
            Some((String::new(), format!("no branch has this property, {expected}")))
        }
        (By::Place, Value::Array(items)) => Some(match items.first() {
            Some(tag) => ("/0".to_owned(), format!("the tag is {}, {expected}", shown(tag))),
            None => (String::new(), format!("the tag in the first item is missing, {expected}")),
        }),
        _ => None,
    }
}
