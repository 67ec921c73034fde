//! Turns the model into the plan.

use std::collections::{BTreeMap, BTreeSet};

use event_schema::compat::Constraints;
use event_schema::model::{Node, NodeId, Schema, Types, format_range};

use super::base::Bases;
use super::loss::Loss;
use super::naming::Names;
use super::view::View;
use super::{Def, Field, Kind, Origin, Plan, Tag, Ty, Variant, unions, values};
use crate::names::singular;

/// Plans the types of one version. `root_name` is the name of the payload's type. The width of an integer
/// follows from its bounds or, if bounds are documentation, from its format alone.
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
        bases: Bases::of(schema),
        common: Vec::new(),
        losses: Vec::new(),
        accounted: BTreeSet::new(),
    };
    builder.root(root_name);
    let (common, losses) = (builder.common, builder.losses);
    Plan { defs: builder.defs.into_iter().flatten().collect(), common, losses }
}

/// The place of a type: the key under which its name is kept, and the words to build it from.
#[derive(Clone)]
pub(super) struct Site {
    pub place: String,
    pub path: Vec<String>,
}

impl Site {
    /// The place of the payload.
    pub(super) fn root(name: &str) -> Site {
        Site { place: String::new(), path: vec![name.to_owned()] }
    }

    /// A step further in.
    pub(super) fn step(&self, place: &str, word: &str) -> Site {
        let mut path = self.path.clone();
        path.push(word.to_owned());
        Site { place: format!("{}.{place}", self.place), path }
    }

    /// One element of this place: the last word in the singular.
    pub(super) fn element(&self) -> Site {
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
    pub(super) names: &'a mut Names,
    definitions: BTreeMap<NodeId, &'a str>,
    /// The name of a definition.
    alike: BTreeSet<&'a str>,
    defs: Vec<Option<Def>>,
    by_nodes: BTreeMap<Vec<NodeId>, usize>,
    /// Types that are being built and have no name yet.
    in_progress: BTreeSet<Vec<NodeId>>,
    /// Types that may be null: kept beside the definition, so that a second use has it too.
    nullable: BTreeSet<Vec<NodeId>>,
    pub(super) bases: Bases,
    pub(super) common: Vec<Field>,
    pub(super) losses: Vec<Loss>,
    /// The nodes whose keywords have been checked.
    pub(super) accounted: BTreeSet<NodeId>,
}

impl<'a> Builder<'a> {
    /// The nodes with constraints: references are followed, and a lone `allOf` is opened.
    pub(super) fn significant(&self, ids: &[NodeId]) -> Vec<NodeId> {
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo: Vec<NodeId> = ids.iter().rev().copied().collect();
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            let node = self.schema.node(id);
            if says_nothing_itself(node)
                && node.unsupported.is_empty()
                && !self.bases.is_child(self.schema, id)
                && (node.reference.is_some() || !node.all_of.is_empty())
            {
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

    /// The type for all of `ids` together.
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
            // a type that only contains itself, such as an array of itself, has no name that could break
            // the cycle
            return Ty::Any;
        }
        let view = View::new(self.schema, &ids);
        self.account(&ids, &view);
        let nullable = self.allows_null(&view);
        if nullable {
            // registered before the type is built, because it may refer to itself
            self.nullable.insert(ids.clone());
        }
        let ty = self.view_ty(&ids, &view, &site);
        self.in_progress.remove(&ids);
        if nullable { ty.nullable() } else { ty }
    }

    /// The place of a definition: it keeps its name when it moves to another file. Two definitions with the
    /// same name are two places, and one of another file may add the file's name.
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

    /// Whether the schema lists `null` as one of a few alternatives; a schema that allows anything does
    /// not.
    fn allows_null(&self, view: &View<'a>) -> bool {
        view.types.contains(Types::NULL)
            && match (&view.values, unions::the_union(self, view)) {
                (Some(values), _) => values.iter().any(|v| v.value.is_null()),
                (None, Some(union)) => union.branches.iter().any(|id| unions::is_null(self, *id)),
                (None, None) => view.types != Types::ALL,
            }
    }

    fn view_ty(&mut self, ids: &[NodeId], view: &View<'a>, site: &Site) -> Ty {
        if view.values.is_some() {
            return values::ty(self, ids, view, site);
        }
        if let Some(index) = self.base_def(ids, view, site) {
            return Ty::Def(index);
        }
        if let Some(ty) = unions::ty(self, ids, view, site) {
            return ty;
        }
        self.several_unions(view);
        let types =
            if view.types == Types::ALL { view.types } else { view.types.difference(Types::NULL) };
        self.typed(ids, types, view, site)
    }

    pub(super) fn typed(
        &mut self,
        ids: &[NodeId],
        types: Types,
        view: &View<'a>,
        site: &Site,
    ) -> Ty {
        const KINDS: [(Types, &str); 6] = [
            (Types::BOOLEAN, "Bool"),
            (Types::NUMBER, "Number"),
            (Types::INTEGER, "Integer"),
            (Types::STRING, "String"),
            (Types::ARRAY, "Array"),
            (Types::OBJECT, "Object"),
        ];
        if types == Types::ALL {
            // properties without a `type`: an object is meant
            return if view.properties.is_empty() {
                self.untyped(view);
                Ty::Any
            } else {
                Ty::Def(self.struct_def(ids, view, site, None))
            };
        }
        if types.is_empty() {
            if view.types.contains(Types::NULL) {
                return Ty::Null;
            }
            if let Some(node) = view.nodes.first() {
                self.lose(Loss::warning(
                    node,
                    "no value matches all keywords here, so the Rust type is `Value`",
                ));
            }
            return Ty::Any;
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
                    object_only: kind == Types::OBJECT,
                });
            }
        }
        let rust = self.name(site);
        let index = self.reserve(Some(ids));
        self.define(
            index,
            rust,
            view,
            Kind::Enum { open: false, tag: Tag::Untagged, variants },
            ids,
        )
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
                Some((prefix, _)) => {
                    self.no_tuple(view, prefix);
                    Ty::Array(Box::new(Ty::Any))
                }
                None if view.items.is_empty() => Ty::Array(Box::new(Ty::Any)),
                None => Ty::Array(Box::new(self.ty(&view.items, &site.element()))),
            },
            _ => self.object(ids, view, site),
        }
    }

    /// The definition of a union.
    pub(super) fn union_def(
        &mut self,
        ids: &[NodeId],
        view: &View<'a>,
        site: &Site,
    ) -> Option<usize> {
        let union = unions::Classified::new(self, ids, view)?;
        Some(self.enum_def(union, ids, view, site))
    }

    /// The union of all schemas that extend a base, if `ids` is one.
    pub(super) fn base_def(
        &mut self,
        ids: &[NodeId],
        view: &View<'a>,
        site: &Site,
    ) -> Option<usize> {
        let [base] = ids else { return None };
        let union = unions::Classified::of_base(self, *base)?;
        Some(self.enum_def(union, ids, view, site))
    }

    /// Registers an enum before its branches, which may refer to it.
    fn enum_def(
        &mut self,
        union: unions::Classified,
        ids: &[NodeId],
        view: &View<'a>,
        site: &Site,
    ) -> usize {
        let index = self.reserve(Some(ids));
        let rust = self.name(site);
        let (tag, variants) = union.variants(self, site);
        let kind = Kind::Enum { open: view.open_enum(), tag, variants };
        self.define(index, rust, view, kind, ids);
        index
    }

    /// Sets the text and content of a definition.
    pub(super) fn define(
        &mut self,
        index: usize,
        rust: String,
        view: &View<'a>,
        kind: Kind,
        ids: &[NodeId],
    ) -> Ty {
        self.set(index, rust, view, kind);
        self.origin(index, ids, None);
        Ty::Def(index)
    }

    /// Records the origin of a definition, if it is one other file.
    pub(super) fn origin(&mut self, index: usize, ids: &[NodeId], without: Option<&str>) {
        let mut file = None;
        for id in ids {
            let Some(own) = &self.schema.node(*id).file else { return };
            if file.get_or_insert(own) != &own {
                return;
            }
        }
        let Some(file) = file.cloned() else { return };
        let pointers = ids.iter().map(|id| self.schema.node(*id).pointer.clone()).collect();
        if let Some(def) = self.defs.get_mut(index).and_then(Option::as_mut) {
            let without = without.map(str::to_owned);
            def.origin = Some(Origin { file, pointers, without });
        }
    }

    pub(super) fn set(&mut self, index: usize, rust: String, view: &View<'a>, kind: Kind) {
        let (doc, line) = (view.doc(), view.line());
        self.defs[index] =
            Some(Def { rust, doc, line, kind, origin: None, module: None, elsewhere: None });
    }

    pub(super) fn name(&mut self, site: &Site) -> String {
        self.names.name(&site.place, &site.path)
    }

    pub(super) fn definition_name(&self, id: NodeId) -> Option<&'a str> {
        self.definitions.get(&self.schema.resolve(id)).copied()
    }

    pub(super) fn reserve(&mut self, ids: Option<&[NodeId]>) -> usize {
        self.defs.push(None);
        let index = self.defs.len() - 1;
        if let Some(ids) = ids {
            self.by_nodes.insert(ids.to_vec(), index);
        }
        index
    }
}

/// Whether the node has no constraints except references and `allOf`.
pub(super) fn says_nothing_itself(node: &Node) -> bool {
    !node.never
        && node.types == Types::ALL
        && node.values.is_none()
        && node.number.is_none()
        && node.string.is_none()
        && node.array.is_none()
        && node.object.is_none()
        && node.any_of.is_empty()
        && node.one_of.is_empty()
        && node.unevaluated.is_empty()
}

/// Longer tuples have no `Debug` and `PartialEq` (`std`, primitive `tuple`).
const LONGEST_TUPLE: usize = 12;
