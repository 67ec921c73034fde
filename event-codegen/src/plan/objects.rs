//! Objects: structs with their fields, and maps.

use event_schema::model::NodeId;

use super::build::{Builder, Site, says_nothing_itself};
use super::doc;
use super::loss::Loss;
use super::view::View;
use super::{Field, Kind, Presence, Ty};
use crate::names::snake;

impl<'a> Builder<'a> {
    pub(super) fn object(&mut self, ids: &[NodeId], view: &View<'a>, site: &Site) -> Ty {
        let open = view.is_open(self.schema);
        if !view.properties.is_empty() || (!open && view.patterns.is_empty()) {
            return Ty::Def(self.struct_def(ids, view, site, None));
        }
        // a map, whose values have at most one of several schemas
        Ty::Map(Box::new(self.undeclared(view, &site.element()).unwrap_or(Ty::Any)))
    }

    /// A struct; `without` is a property that is written elsewhere (a union's tag).
    pub(super) fn struct_def(
        &mut self,
        ids: &[NodeId],
        view: &View<'a>,
        site: &Site,
        without: Option<&str>,
    ) -> usize {
        let index = self.reserve(without.is_none().then_some(ids));
        let rust = self.name(site);
        let fields = self.fields(view, site, without);
        let open = view.is_open(self.schema);
        let extra = self.extra(view, site);
        self.set(index, rust, view, Kind::Struct { open, fields, extra });
        self.origin(index, ids, without);
        index
    }

    /// The fields of an object, including required names that are not declared.
    pub(super) fn fields(
        &mut self,
        view: &View<'a>,
        site: &Site,
        without: Option<&str>,
    ) -> Vec<Field> {
        let open = view.is_open(self.schema) || !view.patterns.is_empty();
        let undeclared =
            view.required.iter().filter(|r| open && !view.properties.iter().any(|p| p.name == **r));
        let mut fields: Vec<Field> = Vec::new();
        for p in view.properties.iter().filter(|p| Some(p.name) != without) {
            if let Some(never) =
                p.nodes.iter().find(|n| self.schema.node(self.schema.resolve(**n)).never)
            {
                // no valid event has it, so nothing reads it, and a type without it cannot write it
                let declared = p.nodes.len() > 1 || view.required.contains(p.name);
                if declared && let Some(node) = view.nodes.first() {
                    let by = self.schema.node(*never).pos.line;
                    let loss = if p.nodes.len() > 1 {
                        let message = format!(
                            "no event can have `{}`: line {by} forbids properties that its own part does not declare",
                            p.name
                        );
                        Loss::warning(node, message).help(
                            "declare all properties in the part that has `\"additionalProperties\": false`, \
                             or leave the object open",
                        )
                    } else {
                        let message = format!(
                            "`{}` is required, but its schema is `false`, so no event is valid",
                            p.name
                        );
                        Loss::warning(node, message).help("remove it from `required`")
                    };
                    self.lose(loss.at(p.pos, None));
                }
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
                [_, ..] if view.patterns.is_empty() => {
                    self.ty(&view.additional, &site.step(name, name))
                }
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
        fields
    }

    /// The type of undeclared fields, if the schema restricts it: `additionalProperties` with a schema, or
    /// `patternProperties`.
    fn extra(&mut self, view: &View<'a>, site: &Site) -> Option<Ty> {
        if view.patterns.is_empty() && (!view.is_open(self.schema) || !self.says(&view.additional))
        {
            return None;
        }
        self.undeclared(view, &site.step("{}", "extra"))
    }

    /// The type of the values of undeclared names. With `patternProperties`, it depends on the name: any
    /// JSON, unless all types are equal.
    pub(super) fn undeclared(&mut self, view: &View<'a>, site: &Site) -> Option<Ty> {
        let open = view.is_open(self.schema);
        match (view.patterns.as_slice(), open) {
            ([], false) => None,
            ([], true) if view.additional.is_empty() => Some(Ty::Any),
            ([], true) => Some(self.ty(&view.additional.clone(), site)),
            ([one], false) => Some(self.ty(&[*one], site)),
            ([first, rest @ ..], open) => {
                let all = rest.iter().chain(view.additional.iter().filter(|_| open));
                let known = open && view.additional.is_empty();
                let node = |id: &NodeId| self.schema.resolve(*id);
                let alike = !known && all.map(node).all(|id| id == node(first));
                let plain = alike.then(|| self.ty(&[*first], site));
                Some(plain.unwrap_or(Ty::Any))
            }
        }
    }

    fn says(&self, ids: &[NodeId]) -> bool {
        let ids = self.significant(ids);
        ids.iter().any(|id| !says_nothing_itself(self.schema.node(*id)))
    }
}
