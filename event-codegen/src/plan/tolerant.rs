//! Plans whose types accept more than their schema: events that do not match it, and undeclared fields of
//! any type.

use super::{Kind, Plan, Presence, Ty};

fn untyped(extra: &mut Option<Ty>) {
    if let Some(ty) = extra {
        *ty = Ty::Any;
    }
}

/// The plan with every field optional and every object open, for types that `event_runtime::Tolerant`
/// reads. Fields that are optional by the schema and those that are optional by tolerance stay distinct,
/// because the second are reported.
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
