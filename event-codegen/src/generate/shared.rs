//! Types of files that several events refer to: one module per file, used by all of them.
//!
//! A definition is identified by its file and pointer. It moves to the file's module if everything that it
//! contains moves there too, and if every event gives it the same type: the first event decides, and an
//! event with another type (because of a field's type, for example) keeps a copy of its own.
//!
//! Names in such a module only depend on the pointer (`/definitions/User/properties/address` is
//! `UserAddress`), so that another event renames nothing. An event's module re-exports the types that it
//! uses under its own names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::names;
use crate::plan::{Def, Elsewhere, Kind, Origin, Plan, Ty};

/// The identity of a definition that may be shared. Tolerant types are separate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    tolerant: bool,
    origin: Origin,
}

/// The shared types of a folder.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// All definitions, those of a module together; each has its module.
    pub plan: Plan,
    /// The modules, with their files.
    pub modules: BTreeMap<String, String>,
}

/// The findings while the plans are searched.
#[derive(Default)]
struct Found {
    keys: Vec<Key>,
    index: BTreeMap<Key, usize>,
    /// The definitions by key, whose parts are keys too.
    defs: Vec<Def>,
}

impl Shared {
    /// Removes the shared definitions from the plans, which then refer to their modules. `root` is the
    /// schema folder as it is shown; each plan comes with whether it is tolerant.
    pub(super) fn of<'p>(plans: impl Iterator<Item = (&'p mut Plan, bool)>, root: &str) -> Shared {
        let mut found = Found::default();
        let mut marked: Vec<(&mut Plan, Vec<Option<usize>>)> = Vec::new();
        for (plan, tolerant) in plans {
            let keys = found.add(plan, tolerant);
            marked.push((plan, keys));
        }
        let (order, shared) = found.arrange(root);
        for (plan, keys) in marked {
            let direct = directly(plan, &keys);
            for (i, key) in keys.into_iter().enumerate() {
                let Some(key) = key else { continue };
                let target = &shared.plan.defs[order[key]];
                let (module, rust) = (target.module.clone(), target.rust.clone());
                let used = direct.contains(&i);
                plan.defs[i].elsewhere = module.map(|module| Elsewhere { module, rust, used });
            }
        }
        shared
    }
}

/// The references of the remaining definitions to the moved ones.
fn directly(plan: &Plan, keys: &[Option<usize>]) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for (def, key) in plan.defs.iter().zip(keys) {
        if key.is_none() {
            def.kind.each(&mut |i| {
                out.insert(i);
            });
        }
    }
    out
}

impl Found {
    /// The keys of a plan's definitions that can be shared.
    fn add(&mut self, plan: &Plan, tolerant: bool) -> Vec<Option<usize>> {
        // the payload's own type implements `Event`, and stays
        let mut can: Vec<bool> =
            plan.defs.iter().enumerate().map(|(i, d)| i > 0 && d.origin.is_some()).collect();
        let key = |def: &Def| Some(Key { tolerant, origin: def.origin.clone()? });
        loop {
            closed(plan, &mut can);
            // two definitions of one place are two types of this event
            let mut twice: BTreeMap<Option<Key>, usize> = BTreeMap::new();
            for (_, def) in plan.defs.iter().enumerate().filter(|(i, _)| can[*i]) {
                *twice.entry(key(def)).or_default() += 1;
            }
            let known: Vec<Option<usize>> = plan
                .defs
                .iter()
                .zip(&can)
                .map(|(def, can)| can.then(|| key(def)).flatten())
                .map(|key| self.index.get(&key?).copied())
                .collect();
            let mut next = can.clone();
            for (i, def) in plan.defs.iter().enumerate().filter(|(i, _)| can[*i]) {
                let other = known[i].map(|k| &self.defs[k]);
                let same = other.is_none_or(|other| says_the_same(def, other, &known));
                next[i] = same && twice.get(&key(def)) == Some(&1);
            }
            if next == can {
                break;
            }
            can = next;
        }
        let ids: Vec<Option<usize>> = plan
            .defs
            .iter()
            .zip(&can)
            .map(|(def, can)| can.then(|| key(def)).flatten().map(|key| self.intern(key)))
            .collect();
        for (def, id) in plan.defs.iter().zip(&ids) {
            if let Some(id) = *id
                && id >= self.defs.len()
            {
                // new keys are numbered in the order of the definitions
                self.defs.push(renumbered(def, &ids));
            }
        }
        ids
    }

    fn intern(&mut self, key: Key) -> usize {
        let next = self.keys.len();
        *self.index.entry(key.clone()).or_insert_with(|| {
            self.keys.push(key);
            next
        })
    }

    /// Assigns names and order: one module per file, with its definitions sorted by pointer. Returns the
    /// place of each key.
    fn arrange(self, root: &str) -> (Vec<usize>, Shared) {
        let mut by_module: BTreeMap<(String, bool), Vec<usize>> = BTreeMap::new();
        for (id, key) in self.keys.iter().enumerate() {
            let file = key.origin.file.to_string();
            by_module.entry((file, key.tolerant)).or_default().push(id);
        }
        let mut order = vec![0; self.keys.len()];
        let mut shared = Shared::default();
        for ((file, tolerant), mut ids) in by_module {
            ids.sort_by(|a, b| self.keys[*a].cmp(&self.keys[*b]));
            let mut module = module_name(&file, root);
            if tolerant {
                module.push_str("_tolerant");
            }
            while shared.modules.contains_key(&module) {
                module.push('_');
            }
            shared.modules.insert(module.clone(), file.clone());
            let mut taken = BTreeSet::new();
            for id in ids {
                let name = free(&type_name(&self.keys[id].origin), &mut taken);
                order[id] = shared.plan.defs.len();
                let def = Def { rust: name, module: Some(module.clone()), ..self.defs[id].clone() };
                shared.plan.defs.push(def);
            }
        }
        for def in &mut shared.plan.defs {
            def.kind.each_mut(&mut |i| *i = order[*i]);
        }
        (order, shared)
    }
}

/// Whether a definition equals the known one of its key; its parts must have the same keys.
fn says_the_same(def: &Def, other: &Def, ids: &[Option<usize>]) -> bool {
    let mut known = true;
    def.kind.each(&mut |i| known &= ids[i].is_some());
    known && renumbered(def, ids).kind == other.kind
}

/// Removes definitions that contain one that cannot be shared.
fn closed(plan: &Plan, can: &mut [bool]) {
    loop {
        let mut changed = false;
        for (i, def) in plan.defs.iter().enumerate() {
            if can[i] {
                let mut all = true;
                def.kind.each(&mut |j| all &= can[j]);
                changed |= !all;
                can[i] = all;
            }
        }
        if !changed {
            break;
        }
    }
}

/// The definition with the keys of its parts, and without its name in one event.
fn renumbered(def: &Def, ids: &[Option<usize>]) -> Def {
    let mut def = def.clone();
    def.rust.clear();
    def.kind.each_mut(&mut |i| *i = ids[*i].unwrap_or(usize::MAX));
    def
}

/// `shared/user.json` below the schema folder becomes `shared_user`.
fn module_name(file: &str, root: &str) -> String {
    let below = Path::new(file).strip_prefix(root).unwrap_or(Path::new(file)).to_string_lossy();
    let stem = below.strip_suffix(".json").unwrap_or(&below);
    names::snake(stem)
}

/// A name from the pointer, without the keywords that only contain others.
fn type_name(origin: &Origin) -> String {
    let mut words: Vec<String> = Vec::new();
    let pointer = origin.pointers.first().map_or("", String::as_str);
    let mut parts = pointer.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        match part {
            "definitions" | "$defs" | "properties" | "patternProperties" | "schemas" => {
                words.extend(parts.next().map(|w| w.replace("~1", "/").replace("~0", "~")));
            }
            "components" => {}
            "items" | "additionalItems" => words.push("item".to_owned()),
            "additionalProperties" => words.push("value".to_owned()),
            "oneOf" | "anyOf" | "allOf" | "prefixItems" => {
                let number = parts.next().and_then(|n| n.parse::<usize>().ok());
                words.extend(number.map(|n| format!("part {}", n + 1)));
            }
            other => words.push(other.to_owned()),
        }
    }
    if words.is_empty() {
        // the whole file
        let file = origin.file.rsplit('/').next().unwrap_or_default();
        words.push(file.split('.').next().unwrap_or_default().to_owned());
    }
    if origin.pointers.len() > 1 {
        words.push("joined".to_owned());
    }
    if origin.without.is_some() {
        words.push("content".to_owned());
    }
    let name = names::pascal(&words.join(" "));
    if names::hides_prelude(&name) { format!("{name}Type") } else { name }
}

fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut out = name.to_owned();
    let mut n = 2;
    while !taken.insert(out.clone()) {
        out = format!("{name}_{n}");
        n += 1;
    }
    out
}

impl Kind {
    /// Calls `see` for each definition that is contained.
    pub(crate) fn each(&self, see: &mut impl FnMut(usize)) {
        match self {
            Kind::Struct { fields, extra, .. } => {
                fields.iter().map(|f| &f.ty).chain(extra).for_each(|ty| ty.each(see));
            }
            Kind::Enum { variants, .. } => {
                variants.iter().filter_map(|v| v.ty.as_ref()).for_each(|ty| ty.each(see));
            }
            Kind::Values { .. } => {}
        }
    }

    fn each_mut(&mut self, change: &mut impl FnMut(&mut usize)) {
        match self {
            Kind::Struct { fields, extra, .. } => {
                fields
                    .iter_mut()
                    .map(|f| &mut f.ty)
                    .chain(extra)
                    .for_each(|ty| ty.each_mut(change));
            }
            Kind::Enum { variants, .. } => {
                variants
                    .iter_mut()
                    .filter_map(|v| v.ty.as_mut())
                    .for_each(|ty| ty.each_mut(change));
            }
            Kind::Values { .. } => {}
        }
    }
}

impl Ty {
    fn each(&self, see: &mut impl FnMut(usize)) {
        match self {
            Ty::Def(i) => see(*i),
            Ty::Nullable(ty) | Ty::Array(ty) | Ty::Map(ty) => ty.each(see),
            Ty::Tuple(places) => places.iter().for_each(|ty| ty.each(see)),
            Ty::Any | Ty::Null | Ty::Bool | Ty::Int(..) | Ty::Num(_) | Ty::Str(_) => {}
        }
    }

    fn each_mut(&mut self, change: &mut impl FnMut(&mut usize)) {
        match self {
            Ty::Def(i) => change(i),
            Ty::Nullable(ty) | Ty::Array(ty) | Ty::Map(ty) => ty.each_mut(change),
            Ty::Tuple(places) => places.iter_mut().for_each(|ty| ty.each_mut(change)),
            Ty::Any | Ty::Null | Ty::Bool | Ty::Int(..) | Ty::Num(_) | Ty::Str(_) => {}
        }
    }
}
