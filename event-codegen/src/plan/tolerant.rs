//! Plans that read more than their schema allows: events which break it, and undeclared fields of any type.

use super::{Kind, Plan, Presence, Ty};

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
            field.presence = match field.presence {
                Presence::Required => Presence::Tolerated,
                // an `Option` already, which reads an absent field
                Presence::Explicit => Presence::Required,
                same => same,
            };
        }
    }
    plan
}
