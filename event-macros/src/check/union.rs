//! A payload that is a union: a struct has the same fields in every event, so that none keeps it.

use event_shape::baseline::{Def, Enum, Ty, Version};

use super::{Break, Declared};
use crate::ast::Container;
use crate::spans::mark;

/// The union that a version's payload is, if it is one. Its root then has the fields of all branches alone.
pub(crate) fn union(version: &Version) -> Option<(&Def, &Enum)> {
    let def = version.defs.first()?;
    match &def.ty {
        Ty::Enum(union) => Some((def, union)),
        _ => None,
    }
}

/// The break of a struct that declares such a version.
pub(super) fn of_a_struct(
    c: &Container<'_>,
    declared: &Declared<'_>,
    version: &Version,
    (def, union): (&Def, &Enum),
) -> Break {
    let against = format!("{}.{}", version.major, version.minor);
    let names: Vec<String> = union.variants.iter().map(|v| format!("`{}`", v.rust)).collect();
    let word = if version.locked { "locked in" } else { "stated in" };
    Break {
        at: mark(c.input.ident.span()),
        name: "UnionsStayUnions",
        judge: None,
        message: format!(
            "breaking change in event {}: the payload is a union, and a struct holds one set of fields",
            declared.title()
        ),
        label: format!("expected an enum of {}", names.join(", ")),
        notes: vec![
            format!("{word} {}:{}: the payload is the enum `{}`", version.file, def.line, def.rust),
            format!(
                "who breaks: consumers of {against}; an event without the fields of its variant would be written, and they reject it"
            ),
            format!(
                "to fix: the generated enum `{}` (`event_runtime::include_events!()`) in place of this struct",
                def.rust
            ),
            format!(
                "or: a new major, `version = \"{}.0\"`, whose payload is an object",
                declared.major + 1
            ),
        ],
    }
}
