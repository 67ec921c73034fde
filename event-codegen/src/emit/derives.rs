//! Which additional derives each type gets.
//!
//! A type gets `Eq`, `Hash` or `Default` only if all its parts have it: a type without it is left out,
//! together with all types that contain it.

use std::collections::BTreeSet;

use crate::config::Derive;
use crate::plan::{Kind, Plan, Tag, Ty};

/// The additional derives of each definition, in order.
pub(super) fn sound(plan: &Plan, wanted: &BTreeSet<Derive>, decimal: bool) -> Vec<Vec<Derive>> {
    let mut out = vec![Vec::new(); plan.defs.len()];
    for derive in wanted {
        // all derives that no part excludes, so that recursive types keep them too
        let mut have = vec![true; plan.defs.len()];
        loop {
            let next: Vec<bool> = plan
                .defs
                .iter()
                .map(|def| match &def.kind {
                    Kind::Struct { fields, extra, .. } => {
                        let field = |ty: &Ty, optional: bool| {
                            (optional && *derive == Derive::Default)
                                || has(ty, *derive, &have, decimal)
                        };
                        fields.iter().all(|f| field(&f.ty, f.optional()))
                            && extra.as_ref().is_none_or(|ty| field(ty, true))
                    }
                    // no schema states which variant is the default
                    Kind::Enum { .. } | Kind::Values { .. } if *derive == Derive::Default => false,
                    Kind::Values { .. } => true,
                    Kind::Enum { variants, .. } => variants
                        .iter()
                        .filter_map(|v| v.ty.as_ref())
                        .all(|ty| has(ty, *derive, &have, decimal)),
                })
                .collect();
            if next == have {
                break;
            }
            have = next;
        }
        for (i, def) in plan.defs.iter().enumerate() {
            if have[i] && !always(&def.kind, *derive) {
                out[i].push(*derive);
            }
        }
    }
    out
}

/// An enum of names alone always has `Eq` and `Hash`.
pub(super) fn plain(kind: &Kind) -> bool {
    match kind {
        Kind::Enum { open, tag, variants } => {
            !open && *tag != Tag::Untagged && variants.iter().all(|v| v.ty.is_none())
        }
        Kind::Values { .. } => true,
        Kind::Struct { .. } => false,
    }
}

fn always(kind: &Kind, derive: Derive) -> bool {
    plain(kind) && derive != Derive::Default
}

fn has(ty: &Ty, derive: Derive, have: &[bool], decimal: bool) -> bool {
    let default = derive == Derive::Default;
    match ty {
        Ty::Any | Ty::Null | Ty::Bool | Ty::Int(..) => true,
        Ty::Num(single) => default || (decimal && !single),
        // an event of 1970 or a UUID of zeros is not a sensible default
        Ty::Str(format) => !default || format.is_empty(),
        Ty::Nullable(ty) | Ty::Array(ty) | Ty::Map(ty) => default || has(ty, derive, have, decimal),
        Ty::Tuple(places) => places.iter().all(|ty| has(ty, derive, have, decimal)),
        Ty::Def(i) => have.get(*i).copied().unwrap_or(false),
    }
}
