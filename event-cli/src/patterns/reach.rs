//! What an event of a version may have at a path of a pattern.
//!
//! Everything errs on one side: a value that the schema may allow is said to be possible. So "never" is proven.

use std::collections::HashSet;

use event_folder::family::Member;
use event_schema::model::{Node, NodeId, Schema, Types};
use event_topology::pattern::Condition;
use serde_json::Value;

use super::allowed::{described, types, value};

/// How many nodes are looked at for one path of one version.
const STEPS: usize = 20_000;

/// The fields of an event beside its detail, and whether each event has them. Source: *Amazon EventBridge User
/// Guide*, "Events in Amazon EventBridge"; `replay-name` is there in replays.
const FIELDS: [(&str, bool); 9] = [
    ("version", true),
    ("id", true),
    ("detail-type", true),
    ("source", true),
    ("account", true),
    ("time", true),
    ("region", true),
    ("resources", false),
    ("replay-name", false),
];

/// What the runtime puts beside a payload.
const ENVELOPE: [&str; 5] = ["id", "source", "type", "version", "occurredAt"];

/// What may be at a path.
#[derive(Debug, Default)]
pub(super) struct Reach<'s> {
    /// Schemas of values there.
    nodes: Vec<(&'s Schema, NodeId)>,
    /// Texts that the version fixes, where it is such a field.
    texts: Option<Vec<String>>,
    /// Whether some schema names the path.
    pub(super) declared: bool,
    /// Whether a value may be there although no schema names the path.
    open: bool,
    /// Whether each event has a value there.
    always: bool,
    /// A field on the way that is neither an object nor an array.
    stopped: Option<String>,
}

/// What an event of this version may have at a path.
pub(super) fn reach<'s>(
    member: &'s Member,
    sources: &[String],
    detail_types: &[String],
    path: &str,
) -> Reach<'s> {
    if let Some((_, always)) = FIELDS.iter().find(|(field, _)| *field == path) {
        let texts = match path {
            "source" if !sources.is_empty() => Some(sources.to_vec()),
            "detail-type" => Some(detail_types.to_vec()),
            _ => None,
        };
        return Reach { texts, declared: true, open: true, always: *always, ..Reach::default() };
    }
    let Some(rest) = path.strip_prefix("detail.") else {
        // a condition on `detail` itself, which is an object
        return Reach { declared: path == "detail", always: path == "detail", ..Reach::default() };
    };
    let payload = &member.event.payload;
    let in_data = rest.strip_prefix("data.");
    // what the runtime's envelope says of each event of this version
    let texts = match rest {
        "type" => Some(vec![member.name.event.clone()]),
        "version" => Some(vec![format!("v{}", member.version.major)]),
        "source" if !sources.is_empty() => Some(sources.to_vec()),
        _ => None,
    };
    if texts.is_some() && member.event.facts.path.last() == Some(&"data") {
        return Reach { texts, declared: true, always: true, ..Reach::default() };
    }
    match (member.event.facts.path.as_slice(), &member.event.around) {
        (["detail", "data"], Some(around)) => match in_data {
            Some(rest) => walk(payload, payload.root, rest),
            None => walk(around, around.root, path),
        },
        (["data"], Some(around)) => match in_data {
            Some(rest) => walk(payload, payload.root, rest),
            None => walk(around, around.root, rest),
        },
        (["detail"], _) => walk(payload, payload.root, rest),
        // a payload by itself: in the runtime's envelope, or in `detail` as others publish
        _ => {
            let mut all = walk(payload, payload.root, rest);
            if texts.is_some() && !all.declared {
                return Reach { texts, declared: true, ..Reach::default() };
            }
            if let Some(rest) = in_data {
                let inside = walk(payload, payload.root, rest);
                // publishers write declared names only: the reading that has the name is meant
                all = match (all.declared, inside.declared) {
                    (false, true) => inside,
                    (true, false) => all,
                    _ => either(all, inside),
                };
            }
            if ENVELOPE.contains(&rest) || rest == "data" {
                (all.declared, all.open) = (true, true);
            }
            all.always = false;
            all
        }
    }
}

impl Reach<'_> {
    /// Whether one of the conditions may be met.
    pub(super) fn may(&self, conditions: &[Condition]) -> bool {
        conditions.iter().any(|condition| match condition {
            Condition::Exists(false) => !self.always,
            _ if self.texts.is_some() => {
                let texts = self.texts.iter().flatten();
                texts.into_iter().any(|text| condition.allows(&Value::from(text.as_str())))
            }
            _ if self.open => true,
            _ => self.nodes.iter().any(|(schema, id)| {
                let mut steps = STEPS;
                value(schema, *id, condition, &mut steps)
            }),
        })
    }

    /// Why no condition can be met, in words that follow the name of the field.
    pub(super) fn why(&self, conditions: &[Condition]) -> String {
        let asked: Vec<String> = conditions.iter().take(4).map(ToString::to_string).collect();
        let asked = asked.join(" or ");
        if let Some(texts) = &self.texts {
            let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
            return format!("is {}, and the pattern asks for {asked}", texts.join(" or "));
        }
        if conditions == [Condition::Exists(false)] {
            return "is in every event, and the pattern asks for its absence".to_owned();
        }
        if let Some(field) = &self.stopped {
            return format!("is not a field: {field}");
        }
        if self.nodes.is_empty() {
            return "is not a field of this event, and its schema allows no other fields"
                .to_owned();
        }
        let (schema, id) = self.nodes[0];
        format!("is {}, and the pattern asks for {asked}", described(schema, id))
    }
}

fn walk<'s>(schema: &'s Schema, root: NodeId, path: &str) -> Reach<'s> {
    let mut walker = Walker { schema, seen: HashSet::new(), steps: STEPS };
    walker.at(root, path, "")
}

struct Walker<'s> {
    schema: &'s Schema,
    seen: HashSet<(NodeId, usize)>,
    steps: usize,
}

impl<'s> Walker<'s> {
    /// What may be at a path below a node; `before` is the path to the node.
    fn at(&mut self, id: NodeId, path: &str, before: &str) -> Reach<'s> {
        if self.steps == 0 {
            return Reach { declared: true, open: true, ..Reach::default() };
        }
        self.steps -= 1;
        if !self.seen.insert((id, path.len())) {
            return Reach::default();
        }
        let node = self.schema.node(id);
        let mut out = self.own(node, path, before);
        for part in node.reference.iter().chain(&node.all_of).chain(&node.unevaluated) {
            out = both(out, self.at(*part, path, before));
        }
        for union in [&node.any_of, &node.one_of] {
            let mut branches = union.iter();
            let Some(first) = branches.next() else { continue };
            let mut any = self.at(*first, path, before);
            for branch in branches {
                any = either(any, self.at(*branch, path, before));
            }
            out = both(out, any);
        }
        if let Some(conditional) = &node.conditional {
            for part in [Some(conditional.condition), conditional.then, conditional.otherwise] {
                let Some(part) = part else { continue };
                let below = self.at(part, path, before);
                out.declared |= below.declared;
                out.nodes.extend(below.nodes);
            }
        }
        if let Some(object) = &node.object {
            for (_, part) in &object.dependent_schemas {
                let below = self.at(*part, path, before);
                out.declared |= below.declared;
                out.nodes.extend(below.nodes);
            }
        }
        self.seen.remove(&(id, path.len()));
        out
    }

    /// What the node itself says.
    fn own(&mut self, node: &'s Node, path: &str, before: &str) -> Reach<'s> {
        if node.never {
            return Reach::default();
        }
        let below = |name: &str| {
            if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") }
        };
        let may_nest = node.types.intersects(Types::OBJECT) || node.types.intersects(Types::ARRAY);
        if !may_nest {
            let stopped = format!("`{before}` is {}", types(node.types));
            return Reach { stopped: Some(stopped), ..Reach::default() };
        }
        let mut out = Reach::default();
        if node.types.intersects(Types::ARRAY) {
            if let Some(array) = &node.array {
                for item in array.prefix.iter().chain(&array.items) {
                    out = either(out, self.at(*item, path, before));
                }
                out.open |= array.items.is_none() && node.types != Types::ALL;
            } else {
                // without a word about items, an array may have any
                out.open |= node.types != Types::ALL || node.object.is_none();
            }
            out.always = false;
        }
        if !node.types.intersects(Types::OBJECT) {
            return out;
        }
        let Some(object) = &node.object else {
            out.open = true;
            return out;
        };
        let mut found = Reach::default();
        for property in &object.properties {
            let name = property.name.as_str();
            let always = node.types == Types::OBJECT && object.is_required(name);
            if path == name {
                found.nodes.push((self.schema, property.node));
                (found.declared, found.always) = (true, always);
            } else if let Some(rest) = path.strip_prefix(name).and_then(|r| r.strip_prefix('.')) {
                let deeper = self.at(property.node, rest, &below(name));
                let always = always && deeper.always;
                found = either(found, deeper);
                found.always = always;
            }
        }
        if !found.declared && found.stopped.is_none() {
            let first = path.split('.').next().unwrap_or(path);
            let typed = object.additional.filter(|id| !self.schema.node(*id).allows_anything());
            for id in object.patterns.iter().map(|(_, id)| *id).chain(typed) {
                if self.schema.node(id).never {
                    continue;
                }
                // a name of a map may itself have a dot
                let mut below_it = Reach::default();
                below_it.nodes.push((self.schema, id));
                below_it.declared = true;
                found = either(found, below_it);
                if let Some(rest) = path.strip_prefix(first).and_then(|r| r.strip_prefix('.')) {
                    found = either(found, self.at(id, rest, &below(first)));
                }
            }
            found.open |= match object.additional {
                None => true,
                Some(id) => self.schema.node(id).allows_anything(),
            };
            found.always = false;
        }
        let always = found.always && !node.types.intersects(Types::ARRAY);
        let mut all = either(out, found);
        all.always = always;
        all
    }
}

/// Of two of which each holds.
fn both<'s>(mut a: Reach<'s>, b: Reach<'s>) -> Reach<'s> {
    a.open = match (a.declared, b.declared) {
        (true, true) => a.open || b.open,
        (true, false) => a.open,
        (false, true) => b.open,
        (false, false) => a.open && b.open,
    };
    a.declared |= b.declared;
    a.always |= b.always;
    a.nodes.extend(b.nodes);
    a.stopped = a.stopped.or(b.stopped);
    a
}

/// Of two of which one holds.
fn either<'s>(mut a: Reach<'s>, b: Reach<'s>) -> Reach<'s> {
    a.open |= b.open;
    a.always &= b.always;
    a.declared |= b.declared;
    a.nodes.extend(b.nodes);
    a.stopped = a.stopped.or(b.stopped);
    a
}

/// The names of the fields that a version has at a path.
pub(super) fn names(member: &Member, path: &str) -> Vec<String> {
    let prefix =
        |part: &str| path.strip_prefix(part).map(|rest| rest.strip_prefix('.').unwrap_or(rest));
    let payload = &member.event.payload;
    let start = match member.event.facts.path.last() {
        Some(&"data") => prefix("detail.data"),
        Some(_) => prefix("detail"),
        // a payload by itself: in the runtime's envelope, unless it has a field `data` of its own
        None => match prefix("detail.data") {
            Some(rest) if !walk(payload, payload.root, "data").declared => Some(rest),
            _ => prefix("detail"),
        },
    };
    let Some(rest) = start else { return Vec::new() };
    let nodes = if rest.is_empty() {
        vec![payload.root]
    } else {
        walk(payload, payload.root, rest).nodes.into_iter().map(|(_, id)| id).collect()
    };
    let (mut out, mut seen, mut left) = (Vec::new(), HashSet::new(), nodes);
    while let Some(id) = left.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = payload.node(id);
        let parts = [&node.all_of, &node.any_of, &node.one_of];
        left.extend(parts.into_iter().flatten().chain(&node.reference));
        left.extend(node.array.iter().flat_map(|array| array.prefix.iter().chain(&array.items)));
        out.extend(node.object.iter().flat_map(|o| &o.properties).map(|p| p.name.clone()));
    }
    out
}
