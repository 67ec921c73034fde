//! The walk over both schemas at once.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

use super::path::{Step, label};
use super::policy::{Policy, Verdict};
use super::report::{Change, Place, Report, Writer};
use super::{branches, local, members, single, witness};
use crate::diagnostic::Severity;
use crate::kernel::{Answer, Classes, Kernel, Seeded};
use crate::model::{Node, NodeId, Schema};
use crate::rules::{self, Breaks, Level, Rule};

/// The maximum depth of the walk. Below it, the kernel's answer for the place above counts.
const MAX_DEPTH: usize = 64;

/// Same as [`MAX_DEPTH`], on a large stack.
const ROOMY_DEPTH: usize = 600;

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent questions, each asked by name")]
pub(super) struct Claims {
    /// Stored events.
    pub(super) back: bool,
    /// Old consumers.
    pub(super) forth: bool,
    /// Rust code that uses the generated types.
    pub(super) rust: bool,
    /// A break whatever the sets of events are: a declared name is removed, or an object closes or opens,
    /// because archives may contain more than publishers declare.
    pub(super) loss: bool,
}

impl Claims {
    pub(super) const BACK: Claims = Claims { back: true, forth: false, rust: false, loss: false };
    pub(super) const FORTH: Claims = Claims { back: false, forth: true, rust: false, loss: false };
    pub(super) const BOTH: Claims = Claims { back: true, forth: true, rust: false, loss: false };
    pub(super) const NONE: Claims = Claims { back: false, forth: false, rust: false, loss: false };
    pub(super) const RUST: Claims = Claims { back: false, forth: false, rust: true, loss: false };

    pub(super) const fn and_rust(self) -> Claims {
        Claims { rust: true, ..self }
    }

    pub(super) const fn and_loss(self) -> Claims {
        Claims { loss: true, ..self }
    }
}

/// A change at a pair of nodes, as seen from there.
pub(super) struct Found {
    pub(super) rule: &'static Rule,
    pub(super) claims: Claims,
    pub(super) message: String,
    pub(super) was: Option<String>,
    pub(super) now: Option<String>,
    /// A value that may show the change.
    pub(super) probe: Option<Value>,
    /// Whether it counts although JSON Schema proves the place compatible, because readers have agreed on
    /// more.
    pub(super) agreed: bool,
    /// The place, if it differs from the pair.
    pub(super) old: Option<Place>,
    pub(super) new: Option<Place>,
}

impl Found {
    pub(super) fn new(rule: &'static Rule, claims: Claims, message: impl Into<String>) -> Found {
        let message = message.into();
        Found {
            rule,
            claims,
            message,
            was: None,
            now: None,
            probe: None,
            agreed: false,
            old: None,
            new: None,
        }
    }

    pub(super) fn was_now(mut self, was: impl Into<String>, now: impl Into<String>) -> Found {
        (self.was, self.now) = (Some(was.into()), Some(now.into()));
        self
    }
}

#[derive(Clone, Copy)]
struct Seen {
    claimed: (bool, bool),
    live: (bool, bool),
}

/// The running walk.
pub(super) struct Walk<'s> {
    pub(super) old: &'s Schema,
    pub(super) new: &'s Schema,
    pub(super) old_classes: &'s Classes,
    pub(super) new_classes: &'s Classes,
    policy: Policy,
    pub(super) back: Kernel<'s>,
    pub(super) forth: Kernel<'s>,
    /// The names of the definitions on each side, computed on demand.
    names: [OnceCell<HashMap<NodeId, &'s str, Seeded>>; 2],
    /// The number of values that were written as whole events.
    pub(super) spelt: usize,
    pub(super) path: Vec<Step>,
    /// For each step of the path, the number of pairs of the trail before it.
    pub(super) marks: Vec<usize>,
    /// The pair at each place of the path, root first.
    pub(super) trail: Vec<(NodeId, NodeId)>,
    /// The findings, each with its pair.
    changes: Vec<((NodeId, NodeId), Change)>,
    /// The findings at a pair, and whether breaks counted there.
    seen: HashMap<(NodeId, NodeId), Seen, Seeded>,
    /// Whether a break here is a break of the whole, because no place above is proved harmless.
    live: (bool, bool),
}

pub(super) fn compare<'s>(
    (old, old_classes): (&'s Schema, &'s Classes),
    (new, new_classes): (&'s Schema, &'s Classes),
    policy: Policy,
    back: Kernel<'s>,
    forth: Kernel<'s>,
) -> Report {
    let mut walk = Walk {
        old,
        new,
        old_classes,
        new_classes,
        policy,
        back,
        forth,
        names: Default::default(),
        spelt: 0,
        path: Vec::new(),
        marks: Vec::new(),
        trail: Vec::new(),
        changes: Vec::new(),
        seen: HashMap::default(),
        live: (true, true),
    };
    let claimed = walk.pair(old.root, new.root);
    let mut changes: Vec<Change> = walk.changes.into_iter().map(|(_, change)| change).collect();
    let breaks = |who: Breaks| changes.iter().any(|c| c.breaks.contains(&who));
    debug_assert!(!claimed.0 || !policy.asks_back() || breaks(Breaks::StoredEvents));
    debug_assert!(!claimed.1 || !policy.asks_forth() || breaks(Breaks::OldConsumers));
    changes.sort_by(|a, b| a.severity.cmp(&b.severity).then(a.new.pos.cmp(&b.new.pos)));
    let broken = changes.iter().any(|c| c.severity == Severity::Error);
    let verdict = if broken { Verdict::Breaking } else { Verdict::Compatible };
    Report { policy, verdict, changes }
}

impl<'s> Walk<'s> {
    pub(super) fn old_node(&self, id: NodeId) -> &'s Node {
        self.old.node(id)
    }

    pub(super) fn new_node(&self, id: NodeId) -> &'s Node {
        self.new.node(id)
    }

    /// Whether both nodes have the same meaning.
    pub(super) fn same(&self, old: NodeId, new: NodeId) -> bool {
        self.old_classes.of(old) == self.new_classes.of(new)
    }

    /// The current place, for messages.
    pub(super) fn here(&self) -> Cow<'static, str> {
        label(&self.path)
    }

    /// Compares a part of the event.
    pub(super) fn step(&mut self, step: Step, old: NodeId, new: NodeId) -> (bool, bool) {
        self.path.push(step);
        self.marks.push(self.trail.len());
        let claimed = self.pair(old, new);
        self.marks.pop();
        self.path.pop();
        claimed
    }

    /// Compares a branch that a discriminator chooses: its breaks count, although the base alone is proved
    /// compatible.
    pub(super) fn child(&mut self, step: Step, old: NodeId, new: NodeId) -> (bool, bool) {
        let outer = std::mem::replace(&mut self.live, (true, true));
        let claimed = self.step(step, old, new);
        self.live = outer;
        claimed
    }

    /// Compares a pair of nodes; returns whether it found a break of stored events and of old consumers.
    pub(super) fn pair(&mut self, old: NodeId, new: NodeId) -> (bool, bool) {
        self.reference(old, new);
        let (old, new) = (self.old.resolve(old), self.new.resolve(new));
        let deepest = if self.back.has_room() { ROOMY_DEPTH } else { MAX_DEPTH };
        let too_deep = self.trail.len() >= deepest;
        let begun = Seen { claimed: (false, false), live: self.live };
        match self.seen.entry((old, new)) {
            Entry::Occupied(known)
                if (known.get().live.0 || !self.live.0) && (known.get().live.1 || !self.live.1) =>
            {
                return known.get().claimed;
            }
            _ if too_deep => return (false, false),
            Entry::Occupied(mut known) => {
                // visited again where more counts: its findings are replaced
                self.changes.retain(|(pair, _)| *pair != (old, new));
                known.insert(begun);
            }
            Entry::Vacant(free) => {
                free.insert(begun);
            }
        }
        let outer = self.live;
        let same = self.same(old, new);
        // if the whole is proved, the answer for a part does not matter; nor if the policy does not ask for
        // it
        let (back, forth) = match self.policy {
            _ if same => (Answer::Proved, Answer::Proved),
            policy => (
                if !policy.asks_back() {
                    Answer::Unasked
                } else if outer.0 {
                    self.back.includes(old, new)
                } else {
                    Answer::Proved
                },
                if !policy.asks_forth() {
                    Answer::Unasked
                } else if outer.1 {
                    self.forth.includes(new, old)
                } else {
                    Answer::Proved
                },
            ),
        };
        self.live = (outer.0 && back != Answer::Proved, outer.1 && forth != Answer::Proved);
        self.trail.push((old, new));
        let mut claimed = (false, false);
        let mut found = Vec::new();
        if single::applies(self, old, new) {
            single::compare(self, old, new, &mut found, &mut claimed);
        } else {
            found = local::compare(self, old, new);
            members::compare(self, old, new, &mut found, &mut claimed);
            branches::compare(self, old, new, &mut found, &mut claimed);
        }
        let below = claimed;
        // an allowed change is only the cause if no other change is
        found.sort_by_key(|change| change.rule.level == Level::Allow);
        for mut change in found {
            if change.rule.level == Level::Allow {
                change.claims.back &= !claimed.0;
                change.claims.forth &= !claimed.1;
                self.blame(&mut change);
            }
            self.record(change, old, new, (&back, &forth), &mut claimed);
        }
        for (answer, live, below, seen, backward) in [
            (&back, self.live.0, below.0, claimed.0, true),
            (&forth, self.live.1, below.1, claimed.1, false),
        ] {
            let claims = if backward { Claims::BACK } else { Claims::FORTH };
            let change = match answer {
                Answer::Undecided(why) if live && !below => {
                    let message =
                        format!("cannot decide whether {} is still compatible: {why}", self.here());
                    Found::new(&rules::UNDECIDED, claims, message)
                }
                Answer::Refuted(_) if live && !seen => {
                    let (rule, what) = if backward {
                        (&rules::VALUES_NARROWED, "no longer allows all values that it allowed")
                    } else {
                        (&rules::VALUES_WIDENED, "allows more values than before")
                    };
                    Found::new(rule, claims, format!("{} {what}", self.here()))
                }
                _ => continue,
            };
            self.record(change, old, new, (&back, &forth), &mut claimed);
        }
        self.trail.pop();
        self.live = outer;
        self.seen.insert((old, new), Seen { claimed, live: outer });
        claimed
    }

    /// Reports the break that a new optional field causes: a keyword other than `additionalProperties` (such as
    /// `unevaluatedProperties`) closed the object before, or restricted the name.
    fn blame(&self, change: &mut Found) {
        if change.rule != &rules::OPTIONAL_FIELD_ADDED {
            return;
        }
        if change.claims.forth && self.live.1 {
            change.rule = &rules::FIELD_ADDED_TO_CLOSED_OBJECT;
            change.message.push_str(", and earlier readers reject an object with it");
        } else if change.claims.back && self.live.0 {
            change.rule = &rules::FIELD_TYPED;
            change.message.push_str(", and earlier events may have another value there");
        }
    }

    /// Reports a named definition that was renamed.
    fn reference(&mut self, old: NodeId, new: NodeId) {
        let name = |side: usize, schema: &'s Schema, id: NodeId| {
            let to = schema.node(id).pure_reference()?;
            let all = || schema.definitions.iter().map(|d| (d.node, d.name.as_str())).collect();
            self.names[side].get_or_init(all).get(&to).copied()
        };
        let (Some(was), Some(now)) = (name(0, self.old, old), name(1, self.new, new)) else {
            return;
        };
        if was == now || self.seen.contains_key(&(self.old.resolve(old), self.new.resolve(new))) {
            return;
        }
        let message = format!(
            "the definition of {} was renamed to `{now}`, and the Rust type with it",
            self.here()
        );
        let change = Found::new(&rules::DEFINITION_RENAMED, Claims::NONE, message)
            .was_now(format!("`{was}`"), format!("`{now}`"));
        self.trail.push((old, new));
        self.record(change, old, new, (&Answer::Proved, &Answer::Proved), &mut (false, false));
        self.trail.pop();
    }

    pub(super) fn old_place(&self, node: &Node) -> Place {
        place(self.old, node)
    }

    pub(super) fn new_place(&self, node: &Node) -> Place {
        place(self.new, node)
    }

    fn record(
        &mut self,
        found: Found,
        old: NodeId,
        new: NodeId,
        (back, forth): (&Answer, &Answer),
        claimed: &mut (bool, bool),
    ) {
        let claims = Claims {
            back: found.claims.back && (self.live.0 || found.agreed),
            forth: found.claims.forth && (self.live.1 || found.agreed),
            ..found.claims
        };
        let relevant = match self.policy {
            Policy::Additive => claims.back || claims.forth || claims.rust || claims.loss,
            Policy::Backward => claims.back,
            Policy::Forward => claims.forth,
            Policy::Full => claims.back || claims.forth,
            Policy::None => false,
        };
        let harmless = !claims.back && !claims.forth && !claims.rust && !claims.loss;
        let rule = if harmless && found.rule.level == Level::Break {
            &rules::SPELLED_OTHERWISE
        } else {
            found.rule
        };
        claimed.0 |= claims.back;
        claimed.1 |= claims.forth;
        let worth = rule.level == Level::Warn
            || (self.policy == Policy::None && (claims.back || claims.forth));
        let severity = match (relevant, worth) {
            (true, _) => Severity::Error,
            (false, true) => Severity::Warning,
            (false, false) => Severity::Note,
        };
        let mut breaks = Vec::new();
        breaks.extend((claims.back && self.policy.asks_back()).then_some(Breaks::StoredEvents));
        breaks.extend((claims.forth && self.policy.asks_forth()).then_some(Breaks::OldConsumers));
        breaks.extend(claims.rust.then_some(Breaks::RustCode));
        if claims.loss && !claims.back && !claims.forth {
            breaks.extend(rule.breaks);
        }
        // a witness of a direction that the policy does not ask for shows nothing
        let writers = [
            (claims.back && self.policy.asks_back(), Writer::Old),
            (claims.forth && self.policy.asks_forth(), Writer::New),
        ];
        let shown = writers.into_iter().filter(|(claim, _)| *claim).find_map(|(_, writer)| {
            let answer = if writer == Writer::Old { back } else { forth };
            witness::show(self, writer, (old, new), found.probe.as_ref(), answer)
        });
        let help = if relevant { vec![rule.fix.to_owned()] } else { Vec::new() };
        let change = Change {
            rule,
            severity,
            breaks,
            old: found.old.unwrap_or_else(|| place(self.old, self.old.node(old))),
            new: found.new.unwrap_or_else(|| place(self.new, self.new.node(new))),
            message: found.message,
            was: found.was,
            now: found.now,
            writer: shown.as_ref().map(|s| s.writer),
            excerpt: shown.as_ref().map(|s| s.excerpt.clone()),
            witness: shown.and_then(|s| s.whole),
            help,
        };
        self.changes.push(((old, new), change));
    }
}

fn place(schema: &Schema, node: &Node) -> Place {
    let file = node.file.clone().unwrap_or_else(|| schema.file.clone());
    Place { file, pointer: node.pointer.clone(), pos: node.pos, span: node.span }
}
