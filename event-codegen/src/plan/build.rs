//! From the model to the plan.

use std::collections::{BTreeMap, BTreeSet};

use event_schema::compat::Constraints;
use event_schema::model::{Node, NodeId, Schema, Types, format_range};

use super::doc;
use super::naming::Names;
use super::unions;
use super::view::View;
use super::{Def, Field, Kind, Plan, Presence, Tag, Ty, Variant};
use crate::names::{pascal, singular, snake};

/// Plans the types of one version. `root_name` is what the payload's type is called; an integer is as wide
/// as its bounds demand, or as its format alone where bounds are documentation.
pub(crate) fn plan(
    schema: &Schema,
    root_name: &str,
    constraints: Constraints,
    names: &mut Names,
) -> Plan {
    let definitions: BTreeMap<NodeId, &str> =
        schema.definitions.iter().map(|d| (d.node, d.name.as_str())).collect();
    let mut seen = BTreeSet::new();
    let alike = definitions.values().copied().filter(|name| !seen.insert(*name)).collect();
    let mut builder = Builder {
        schema,
        constraints,
        names,
        definitions,
        alike,
        defs: Vec::new(),
        by_nodes: BTreeMap::new(),
        in_progress: BTreeSet::new(),
        nullable: BTreeSet::new(),
    };
    builder.root(root_name);
    Plan { defs: builder.defs.into_iter().flatten().collect() }
}

/// Where a type stands: the place that its name is kept by, and the words to build it from.
#[derive(Clone)]
pub(super) struct Site {
    pub place: String,
    pub path: Vec<String>,
}

impl Site {
    /// A step further in.
    pub(super) fn step(&self, place: &str, word: &str) -> Site {
        let mut path = self.path.clone();
        path.push(word.to_owned());
        Site { place: format!("{}.{place}", self.place), path }
    }

    /// One element of what stands here: the last word in the singular.
    fn element(&self) -> Site {
        let mut path = self.path.clone();
        if let Some(last) = path.last_mut() {
            // a list of lists has items, not items of items
            if !last.ends_with(" item") {
                *last = singular(last).unwrap_or_else(|| format!("{last} item"));
            }
        }
        Site { place: format!("{}[]", self.place), path }
    }
}

pub(super) struct Builder<'a> {
    pub(super) schema: &'a Schema,
    constraints: Constraints,
    names: &'a mut Names,
    definitions: BTreeMap<NodeId, &'a str>,
    /// What several definitions are called.
    alike: BTreeSet<&'a str>,
    defs: Vec<Option<Def>>,
    by_nodes: BTreeMap<Vec<NodeId>, usize>,
    /// What is being built and has no name yet.
    in_progress: BTreeSet<Vec<NodeId>>,
    /// What may be null: said beside the definition, so that it can't get lost at a second use.
    nullable: BTreeSet<Vec<NodeId>>,
}

impl<'a> Builder<'a> {
    /// The payload: always a definition of its own and always the first.
    fn root(&mut self, name: &str) {
        let site = Site { place: String::new(), path: vec![name.to_owned()] };
        let ids = self.significant(&[self.schema.root]);
        let view = View::new(self.schema, &ids);
        let union = view.properties.is_empty() && self.union_def(&ids, &view, &site).is_some();
        if !union {
            // a payload without declared fields is an empty struct
            self.struct_def(&ids, &view, &site, None);
        }
    }

    /// The nodes that say something: references followed, `allOf` without company opened.
    fn significant(&self, ids: &[NodeId]) -> Vec<NodeId> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo: Vec<NodeId> = ids.iter().rev().copied().collect();
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            let node = self.schema.node(id);
            if says_nothing_itself(node) && (node.reference.is_some() || !node.all_of.is_empty()) {
                todo.extend(node.all_of.iter().rev());
                todo.extend(node.reference);
            } else {
                out.push(id);
            }
        }
        // a node that allows anything adds nothing to another one
        if out.len() > 1 {
            let more: Vec<NodeId> = out
                .iter()
                .copied()
                .filter(|id| !says_nothing_itself(self.schema.node(*id)))
                .collect();
            if !more.is_empty() {
                return more;
            }
        }
        out
    }

    /// The type of what all of `ids` say together.
    pub(super) fn ty(&mut self, ids: &[NodeId], site: &Site) -> Ty {
        let ids = self.significant(ids);
        if let Some(known) = self.by_nodes.get(&ids) {
            let ty = Ty::Def(*known);
            return if self.nullable.contains(&ids) { ty.nullable() } else { ty };
        }
        let site = match ids.as_slice() {
            [one] => match self.definitions.get(one) {
                Some(name) => self.definition_site(*one, name),
                None => site.clone(),
            },
            _ => site.clone(),
        };
        if !self.in_progress.insert(ids.clone()) {
            // a type that is only itself again, such as an array of itself: no name to tie the knot at
            return Ty::Any;
        }
        let view = View::new(self.schema, &ids);
        let nullable = self.allows_null(&view);
        if nullable {
            // said before the type is built: it may refer to itself
            self.nullable.insert(ids.clone());
        }
        let ty = self.view_ty(&ids, &view, &site);
        self.in_progress.remove(&ids);
        if nullable { ty.nullable() } else { ty }
    }

    /// Where a definition stands: it keeps its name when it moves to another file. Of two that are called
    /// alike each stands in its own place, and one of another file may take the file's name along.
    fn definition_site(&self, id: NodeId, name: &str) -> Site {
        let node = self.schema.node(id);
        let file = node.file.as_deref().unwrap_or_default();
        let place = if self.alike.contains(name) {
            format!("{file}#{}", node.pointer)
        } else {
            format!("#{name}")
        };
        let stem = file.rsplit('/').next().and_then(|f| f.split('.').next());
        let stem = stem.filter(|s| !s.is_empty() && *s != name);
        Site { place, path: stem.into_iter().chain([name]).map(str::to_owned).collect() }
    }

    /// Whether the schema names `null` as one of a few things; one that allows anything doesn't.
    fn allows_null(&self, view: &View<'a>) -> bool {
        view.types.contains(Types::NULL)
            && match (&view.values, unions::the_union(self, view)) {
                (Some(values), _) => values.iter().any(|v| v.value.is_null()),
                (None, Some(union)) => union.branches.iter().any(|id| unions::is_null(self, *id)),
                (None, None) => view.types != Types::ALL,
            }
    }

    fn view_ty(&mut self, ids: &[NodeId], view: &View<'a>, site: &Site) -> Ty {
        if let Some(values) = &view.values {
            let values: Vec<_> = values.iter().map(|v| (&v.value, v.pos.line)).collect();
            return self.values_ty(ids, &values, view, site);
        }
        if let Some(ty) = unions::ty(self, ids, view, site) {
            return ty;
        }
        let types =
            if view.types == Types::ALL { view.types } else { view.types.difference(Types::NULL) };
        self.typed(ids, types, view, site)
    }

    fn typed(&mut self, ids: &[NodeId], types: Types, view: &View<'a>, site: &Site) -> Ty {
        const KINDS: [(Types, &str); 6] = [
            (Types::BOOLEAN, "Bool"),
            (Types::NUMBER, "Number"),
            (Types::INTEGER, "Integer"),
            (Types::STRING, "String"),
            (Types::ARRAY, "Array"),
            (Types::OBJECT, "Object"),
        ];
        if types == Types::ALL {
            // no `type`, but properties: people mean an object
            return if view.properties.is_empty() {
                Ty::Any
            } else {
                Ty::Def(self.struct_def(ids, view, site, None))
            };
        }
        if types.is_empty() {
            let null = view.types.contains(Types::NULL);
            return if null { Ty::Null } else { Ty::Any };
        }
        if let Some((kind, _)) = KINDS.iter().find(|(kind, _)| *kind == types) {
            return self.single(ids, *kind, view, site);
        }
        let mut left = types;
        let mut variants = Vec::new();
        for (kind, name) in KINDS {
            if left.contains(kind) {
                left = left.difference(kind);
                let ty = self.single(ids, kind, view, &site.step(name, name));
                variants.push(Variant {
                    wire: String::new(),
                    rust: name.to_owned(),
                    doc: String::new(),
                    line: view.line(),
                    ty: Some(ty),
                });
            }
        }
        let rust = self.name(site);
        let index = self.reserve(Some(ids));
        let kind = Kind::Enum { open: false, tag: Tag::Untagged, variants };
        self.defs[index] = Some(Def { rust, doc: view.doc(), line: view.line(), kind });
        Ty::Def(index)
    }

    fn single(&mut self, ids: &[NodeId], kind: Types, view: &View<'a>, site: &Site) -> Ty {
        match kind {
            Types::BOOLEAN => Ty::Bool,
            Types::INTEGER if self.constraints == Constraints::Documentation => {
                let format = view.number_format.and_then(format_range);
                Ty::Int(format.map(|f| f.0), format.map(|f| f.1))
            }
            Types::INTEGER => Ty::Int(view.range.0, view.range.1),
            Types::NUMBER if view.whole && self.constraints == Constraints::Enforced => {
                Ty::Int(view.range.0, view.range.1)
            }
            Types::NUMBER => Ty::Num(view.number_format == Some("float")),
            Types::STRING => Ty::Str(view.string_format.unwrap_or_default().to_owned()),
            Types::ARRAY => match view.prefix {
                Some((prefix, true)) if prefix.len() <= LONGEST_TUPLE => {
                    let place = |(i, id): (usize, &NodeId)| {
                        let word = format!("{} {}", site.path.last().map_or("", |p| p), i + 1);
                        self.ty(&[*id], &site.step(&i.to_string(), &word))
                    };
                    Ty::Tuple(prefix.iter().enumerate().map(place).collect())
                }
                Some(_) => Ty::Array(Box::new(Ty::Any)),
                None if view.items.is_empty() => Ty::Array(Box::new(Ty::Any)),
                None => Ty::Array(Box::new(self.ty(&view.items, &site.element()))),
            },
            _ => self.object(ids, view, site),
        }
    }

    fn object(&mut self, ids: &[NodeId], view: &View<'a>, site: &Site) -> Ty {
        let open = view.is_open(self.schema);
        if !view.properties.is_empty() || (!open && view.patterns.is_empty()) {
            return Ty::Def(self.struct_def(ids, view, site, None));
        }
        // a map: what its values may be is one of several schemas at the most
        let mut values: Vec<NodeId> = view.patterns.clone();
        if open {
            values.extend(&view.additional);
        }
        let ty = match values.as_slice() {
            [one] if view.patterns.is_empty() || !open => self.ty(&[*one], &site.element()),
            _ => Ty::Any,
        };
        Ty::Map(Box::new(ty))
    }

    /// A struct; `without` is a property that is written by somebody else (a union's tag).
    pub(super) fn struct_def(
        &mut self,
        ids: &[NodeId],
        view: &View<'a>,
        site: &Site,
        without: Option<&str>,
    ) -> usize {
        let index = self.reserve(without.is_none().then_some(ids));
        let rust = self.name(site);
        let open = view.is_open(self.schema);
        let undeclared =
            view.required.iter().filter(|r| open && !view.properties.iter().any(|p| p.name == **r));
        let mut fields: Vec<Field> = Vec::new();
        for p in view.properties.iter().filter(|p| Some(p.name) != without) {
            if p.nodes.iter().any(|n| self.schema.node(self.schema.resolve(*n)).never) {
                // no event may have it: nobody reads it, and a type without it can't write it
                continue;
            }
            let ty = self.ty(&p.nodes, &site.step(p.name, p.name));
            let shown = View::new(self.schema, &p.nodes);
            let presence = Presence::of(view.required.contains(p.name), &ty);
            fields.push(Field {
                wire: p.name.to_owned(),
                rust: snake(p.name),
                doc: doc::field(&shown, presence),
                line: p.pos.line,
                presence,
                deprecated: p.nodes.iter().any(|n| self.schema.node(*n).notes.deprecated),
                ty,
            });
        }
        for name in undeclared.filter(|r| Some(**r) != without) {
            let ty = match view.additional.as_slice() {
                [one] => self.ty(&[*one], &site.step(name, name)),
                _ => Ty::Any,
            };
            fields.push(Field {
                wire: (*name).to_owned(),
                rust: snake(name),
                doc: String::new(),
                line: view.line(),
                presence: Presence::of(true, &ty),
                deprecated: false,
                ty,
            });
        }
        let wanted = fields.iter().map(|f| (f.wire.as_str(), f.rust.clone()));
        let rust_names = self.names.members(&site.place, wanted, "_");
        for (field, name) in fields.iter_mut().zip(rust_names) {
            field.rust = name;
        }
        let extra = self.extra(view, site);
        let kind = Kind::Struct { open, fields, extra };
        self.defs[index] = Some(Def { rust, doc: view.doc(), line: view.line(), kind });
        index
    }

    /// What undeclared fields hold, where a schema of theirs stands beside the declared ones. A schema
    /// that allows anything is no reason to keep what nobody declared; beside `patternProperties`, what
    /// they hold is one of several things, and any JSON.
    fn extra(&mut self, view: &View<'a>, site: &Site) -> Option<Ty> {
        let [one] = view.additional.as_slice() else { return None };
        let ids = self.significant(&[*one]);
        let says = ids.iter().any(|id| !says_nothing_itself(self.schema.node(*id)));
        let never = ids.iter().any(|id| self.schema.node(*id).never);
        (says && !never && view.patterns.is_empty())
            .then(|| self.ty(&[*one], &site.step("{}", "extra")))
    }

    /// A union's definition, registered before its branches so that these may name it.
    pub(super) fn union_def(
        &mut self,
        ids: &[NodeId],
        view: &View<'a>,
        site: &Site,
    ) -> Option<usize> {
        let union = unions::Classified::new(self, ids, view)?;
        let index = self.reserve(Some(ids));
        let rust = self.name(site);
        let (tag, variants) = union.variants(self, site);
        let kind = Kind::Enum { open: view.open_enum(), tag, variants };
        self.defs[index] = Some(Def { rust, doc: view.doc(), line: view.line(), kind });
        Some(index)
    }

    fn values_ty(
        &mut self,
        ids: &[NodeId],
        values: &[(&serde_json::Value, u32)],
        view: &View<'a>,
        site: &Site,
    ) -> Ty {
        use serde_json::Value;
        let allowed = |v: &Value| view.types.intersects(type_of(v));
        let rest: Vec<_> = values.iter().filter(|(v, _)| !v.is_null() && allowed(v)).collect();
        if rest.is_empty() {
            let null = values.iter().any(|(v, _)| v.is_null() && allowed(v));
            if null { Ty::Null } else { Ty::Any }
        } else if rest.iter().all(|(v, _)| v.is_string()) {
            let index = self.reserve(Some(ids));
            let rust = self.name(site);
            let mut wires: Vec<(&str, u32)> =
                rest.iter().filter_map(|(v, line)| Some((v.as_str()?, *line))).collect();
            // a value that stands there twice is one value
            let mut seen = BTreeSet::new();
            wires.retain(|(wire, _)| seen.insert(*wire));
            let wanted = wires.iter().map(|(wire, _)| (*wire, pascal(wire)));
            let names = self.names.members(&site.place, wanted, "");
            let variants = wires.iter().zip(names).map(|((wire, line), rust)| Variant {
                wire: (*wire).to_owned(),
                rust,
                doc: String::new(),
                line: *line,
                ty: None,
            });
            let kind = Kind::Enum {
                open: view.open_enum(),
                tag: Tag::External,
                variants: variants.collect(),
            };
            self.defs[index] = Some(Def { rust, doc: view.doc(), line: view.line(), kind });
            Ty::Def(index)
        } else if rest.iter().all(|(v, _)| v.is_boolean()) {
            Ty::Bool
        } else if let Some(ints) = rest.iter().map(|(v, _)| whole(v)).collect::<Option<Vec<i128>>>()
        {
            Ty::Int(ints.iter().min().copied(), ints.iter().max().copied())
        } else if rest.iter().all(|(v, _)| v.is_number()) {
            Ty::Num(false)
        } else {
            Ty::Any
        }
    }

    pub(super) fn name(&mut self, site: &Site) -> String {
        self.names.name(&site.place, &site.path)
    }

    pub(super) fn definition_name(&self, id: NodeId) -> Option<&'a str> {
        self.definitions.get(&self.schema.resolve(id)).copied()
    }

    fn reserve(&mut self, ids: Option<&[NodeId]>) -> usize {
        self.defs.push(None);
        let index = self.defs.len() - 1;
        if let Some(ids) = ids {
            self.by_nodes.insert(ids.to_vec(), index);
        }
        index
    }
}

/// Whether the node constrains no instance by itself, references and `allOf` aside.
fn says_nothing_itself(node: &Node) -> bool {
    !node.never
        && node.types == Types::ALL
        && node.values.is_none()
        && node.number.is_none()
        && node.string.is_none()
        && node.array.is_none()
        && node.object.is_none()
        && node.any_of.is_empty()
        && node.one_of.is_empty()
}

/// Longer tuples have no `Debug` and no `PartialEq` (`std`, primitive `tuple`).
const LONGEST_TUPLE: usize = 12;

fn type_of(value: &serde_json::Value) -> Types {
    use serde_json::Value;
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(_) if whole(value).is_some() => Types::INTEGER,
        Value::Number(_) => Types::NUMBER.difference(Types::INTEGER),
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

fn whole(value: &serde_json::Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}
