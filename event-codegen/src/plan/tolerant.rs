//! Plans that read more than their schema allows: events which break it, and undeclared fields of any type.

use super::{Kind, Plan, Ty};

/// The plan whose undeclared fields are any JSON, for types that the derive holds to a baseline: a
/// baseline says nothing of them.
pub(crate) fn untyped_extra(mut plan: Plan) -> Plan {
    for def in &mut plan.defs {
        if let Kind::Struct { extra, .. } = &mut def.kind {
            untyped(extra);
        }
    }
    plan
}

fn untyped(extra: &mut Option<Ty>) {
    if let Some(ty) = extra {
        *ty = Ty::Any;
    }
}

/// The plan with every field optional and every object open, for types that
/// `event_runtime::Tolerant` reads. What an event may lack by its schema, and what by tolerance alone, stays
/// told apart: the second is reported.
pub(crate) fn tolerant(mut plan: Plan) -> Plan {
    for def in &mut plan.defs {
        let Kind::Struct { open, fields, extra } = &mut def.kind else { continue };
        *open = true;
        untyped(extra);
        for field in fields {
            // one that may be null is an `Option` already, which reads an absent field
            if !field.optional && !matches!(field.ty, Ty::Nullable(_)) {
                field.optional = true;
                field.tolerated = true;
            }
        }
    }
    plan
}
