//! Chooses the `rename_all` that leaves the fewest single renames.

use crate::names;
use crate::plan::{Field, Variant};

/// The value of `rename_all`, and the names that serde makes with it.
type Rename = (Option<&'static str>, fn(&str) -> String);

/// A `rename_all`, and what it makes of a Rust name.
pub(super) struct Rule {
    pub name: Option<&'static str>,
    apply: fn(&str) -> String,
}

impl Rule {
    pub(super) fn of(&self, rust: &str) -> String {
        (self.apply)(rust.trim_start_matches("r#"))
    }
}

pub(super) fn field_rule(fields: &[Field]) -> Rule {
    let rules: [Rename; 4] = [
        (None, str::to_owned),
        (Some("camelCase"), names::serde_camel),
        (Some("kebab-case"), names::serde_kebab),
        (Some("PascalCase"), names::serde_pascal),
    ];
    cheapest(&rules, &fields.iter().map(|f| (f.rust.as_str(), f.wire.as_str())))
}

pub(super) fn variant_rule(variants: &[Variant]) -> Rule {
    let rules: [Rename; 7] = [
        (None, str::to_owned),
        (Some("lowercase"), |v| v.to_ascii_lowercase()),
        (Some("UPPERCASE"), |v| v.to_ascii_uppercase()),
        (Some("snake_case"), names::serde_variant_snake),
        (Some("SCREAMING_SNAKE_CASE"), |v| names::serde_variant_snake(v).to_ascii_uppercase()),
        (Some("kebab-case"), |v| names::serde_variant_snake(v).replace('_', "-")),
        (Some("camelCase"), |v| {
            let mut chars = v.chars();
            chars
                .next()
                .map(|c| c.to_ascii_lowercase().to_string() + chars.as_str())
                .unwrap_or_default()
        }),
    ];
    cheapest(&rules, &variants.iter().map(|v| (v.rust.as_str(), v.wire.as_str())))
}

/// The rule that leaves the fewest single renames; the earlier one of two equal ones. A rule itself counts
/// as one rename.
fn cheapest<'a>(
    rules: &[Rename],
    names: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
) -> Rule {
    let cost = |(name, apply): &Rename| {
        let renames = names
            .clone()
            .filter(|(rust, wire)| apply(rust.trim_start_matches("r#")) != *wire)
            .count();
        renames + usize::from(name.is_some())
    };
    // serde's derive panics if it would lowercase a first letter of more than one byte
    let wide = |rust: &str| !rust.trim_start_matches('_').starts_with(|c: char| c.is_ascii());
    let any_wide = names.clone().any(|(rust, _)| wide(rust.trim_start_matches("r#")));
    let possible = rules.iter().filter(|(name, _)| !(any_wide && *name == Some("camelCase")));
    let (name, apply) = possible.min_by_key(|r| cost(r)).copied().unwrap_or((None, str::to_owned));
    Rule { name, apply }
}
