//! Plans whose structs keep undeclared fields, for consumers that forward events.

use super::{Kind, Plan, Ty};

/// The plan with a field for undeclared fields in every open struct.
pub(crate) fn keep_undeclared(mut plan: Plan) -> Plan {
    for def in &mut plan.defs {
        if let Kind::Struct { open: true, extra, .. } = &mut def.kind {
            extra.get_or_insert(Ty::Any);
        }
    }
    plan
}
