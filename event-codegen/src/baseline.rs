//! Turns a plan into the baseline that the derive reads.

use event_shape::baseline as wire;

use crate::config::Config;
use crate::plan::{Field, Kind, Plan, Repr, Tag, Ty, Variant};

/// The root object and the definitions of one version. For a payload that is a union, the root is an open
/// object with the fields that all branches have, and the union is `defs[0]`.
pub(crate) fn types(plan: &Plan, config: &Config) -> (wire::Object, Vec<wire::Def>) {
    let cx = Cx { config };
    let defs: Vec<wire::Def> = plan
        .defs
        .iter()
        .map(|def| wire::Def {
            rust: def.rust.clone(),
            line: def.line,
            ty: match &def.kind {
                Kind::Struct { open, fields, extra } => {
                    wire::Ty::Object(cx.object(*open, extra.as_ref(), fields))
                }
                Kind::Enum { open, tag, variants } => {
                    wire::Ty::Enum(cx.enumeration(*open, tag, variants))
                }
                Kind::Values { repr, variants } => values(*repr, variants),
            },
        })
        .collect();
    let root = match defs.first().map(|d| &d.ty) {
        Some(wire::Ty::Object(object)) => object.clone(),
        _ => cx.object(true, None, &plan.common),
    };
    (root, defs)
}

/// The values of a closed list; a list with several kinds of values is not compared with Rust types.
fn values(repr: Repr, variants: &[Variant]) -> wire::Ty {
    match scalars(repr, variants) {
        Some(values) => wire::Ty::Values(values),
        None => wire::Ty::Any,
    }
}

/// The numbers or booleans of the variants.
pub(crate) fn scalars(repr: Repr, variants: &[Variant]) -> Option<Vec<wire::Scalar>> {
    let scalar = |v: &Variant| match v.wire.as_str() {
        "true" => Some(wire::Scalar::Bool(true)),
        "false" => Some(wire::Scalar::Bool(false)),
        number => number.parse().ok().map(wire::Scalar::Int),
    };
    if repr == Repr::Any {
        return None;
    }
    variants.iter().map(scalar).collect()
}

struct Cx<'a> {
    config: &'a Config,
}

impl Cx<'_> {
    fn object(&self, open: bool, extra: Option<&Ty>, fields: &[Field]) -> wire::Object {
        let mut fields: Vec<wire::Field> = fields
            .iter()
            .map(|f| wire::Field {
                name: f.wire.clone(),
                rust: f.rust.clone(),
                line: f.line,
                optional: f.optional(),
                ty: self.ty(&f.ty),
            })
            .collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        // in a closed object, the only undeclared fields are those whose names match a pattern
        let patterned = !open && extra.is_some();
        // an open object does not need to state that they may be anything
        let rest = extra.filter(|t| open && **t != Ty::Any).map(|t| Box::new(self.ty(t)));
        wire::Object { open, patterned, rest, fields }
    }

    fn enumeration(&self, open: bool, tag: &Tag, variants: &[Variant]) -> wire::Enum {
        let mut out: Vec<wire::Variant> = variants
            .iter()
            .map(|v| wire::Variant {
                name: v.wire.clone(),
                rust: v.rust.clone(),
                line: v.line,
                ty: v.ty.as_ref().map(|t| self.ty(t)),
            })
            .collect();
        let tag = match tag {
            Tag::External => wire::Tag::External,
            Tag::Internal(name) => wire::Tag::Internal(name.clone()),
            Tag::Untagged => wire::Tag::Untagged,
        };
        if tag != wire::Tag::Untagged {
            out.sort_by(|a, b| a.name.cmp(&b.name));
        }
        wire::Enum { open, tag, variants: out }
    }

    fn ty(&self, t: &Ty) -> wire::Ty {
        match t {
            Ty::Any => wire::Ty::Any,
            Ty::Null => wire::Ty::Null,
            Ty::Bool => wire::Ty::Bool,
            Ty::Int(lo, hi) => wire::Ty::Int(*lo, *hi),
            Ty::Num(single) => wire::Ty::Num(*single),
            Ty::Str(format) if self.config.formats.contains_key(format) => {
                wire::Ty::Str(format.clone())
            }
            // a format without a configured type is only checked by validation
            Ty::Str(format) if event_shape::has_type(format) => {
                wire::Ty::Str(format!("{}{format}", event_shape::UNTYPED))
            }
            Ty::Str(_) => wire::Ty::Str(String::new()),
            Ty::Nullable(t) => wire::Ty::Nullable(Box::new(self.ty(t))),
            Ty::Array(t) => wire::Ty::Array(Box::new(self.ty(t))),
            Ty::Tuple(ts) => wire::Ty::Tuple(ts.iter().map(|t| self.ty(t)).collect()),
            Ty::Map(t) => wire::Ty::Map(Box::new(self.ty(t))),
            Ty::Def(i) => wire::Ty::Ref(u32::try_from(*i).unwrap_or(u32::MAX)),
        }
    }
}
