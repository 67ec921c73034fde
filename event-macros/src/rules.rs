//! The IDs at the end of a message's first line: `cargo event rules ID` explains each of them.
//!
//! The rules themselves are in `event_schema::rules`, which this crate cannot depend on; a test compares
//! the two.

/// What a message of this kind is about.
pub(crate) type Rule = &'static str;

// A struct that changed in a way that a schema must not change within a major: the rules of schemas.
pub(crate) const FIELD_MADE_OPTIONAL: Rule = "field-made-optional";
pub(crate) const FIELD_MADE_REQUIRED: Rule = "field-made-required";
pub(crate) const NULL_FORBIDDEN: Rule = "null-forbidden";
pub(crate) const FIELD_TYPE_CHANGED: Rule = "field-type-changed";
pub(crate) const FIELD_RENAMED: Rule = "field-renamed";
pub(crate) const REQUIRED_FIELD_REMOVED: Rule = "required-field-removed";
pub(crate) const OPTIONAL_FIELD_REMOVED: Rule = "optional-field-removed";
pub(crate) const REQUIRED_FIELD_ADDED: Rule = "required-field-added";
pub(crate) const FIELD_ADDED_TO_CLOSED_OBJECT: Rule = "field-added-to-closed-object";
pub(crate) const OBJECT_CLOSED: Rule = "object-closed";

// A struct and its version.
pub(crate) const NULL_WRITTEN: Rule = "null-written";
pub(crate) const FIELD_NOT_IN_SCHEMA: Rule = "field-not-in-schema";
pub(crate) const ALIAS_IN_OPEN_OBJECT: Rule = "alias-in-open-object";
pub(crate) const STRUCT_IN_PLACE_OF_UNION: Rule = "struct-in-place-of-union";
pub(crate) const UNKNOWN_EVENT: Rule = "unknown-event";
pub(crate) const EVENT_IN_TWO_REGISTRIES: Rule = "event-in-two-registries";
pub(crate) const VERSION_GAP: Rule = "version-gap";
pub(crate) const SCHEMA_NOT_LOCKED: Rule = "schema-not-locked";
pub(crate) const SOURCE_MISSING: Rule = "source-missing";
pub(crate) const SOURCE_CONTRADICTS_SCHEMA: Rule = "source-contradicts-schema";
pub(crate) const SCHEMAS_NOT_COMPILED: Rule = "schemas-not-compiled";
pub(crate) const BASELINE_UNREADABLE: Rule = "baseline-unreadable";

// A major and the previous one.
pub(crate) const MAJOR_WITHOUT_SUPERSEDES: Rule = "major-without-supersedes";
pub(crate) const PREDECESSOR_WRONG: Rule = "predecessor-wrong";
pub(crate) const FIELD_NOT_CONVERTED: Rule = "field-not-converted";
pub(crate) const OPTIONAL_FIELD_NOT_CONVERTED: Rule = "optional-field-not-converted";
pub(crate) const CONVERSION_KEY_WITHOUT_EFFECT: Rule = "conversion-key-without-effect";
pub(crate) const SUNSET_IS_NO_DAY: Rule = "sunset-is-no-day";
pub(crate) const SUNSET_MOVED_EARLIER: Rule = "sunset-moved-earlier";
pub(crate) const SUNSET_PASSED: Rule = "sunset-passed";

// What a type writes.
pub(crate) const EVENT_ATTRIBUTE: Rule = "event-attribute";
pub(crate) const UNKNOWN_SERDE_ATTRIBUTE: Rule = "unknown-serde-attribute";
pub(crate) const NOT_AN_EVENT: Rule = "not-an-event";
pub(crate) const NO_WIRE_SHAPE: Rule = "no-wire-shape";
pub(crate) const NAMES_DIFFER: Rule = "names-differ";
pub(crate) const NAME_USED_TWICE: Rule = "name-used-twice";
pub(crate) const WRITTEN_NOT_READ: Rule = "written-not-read";
pub(crate) const PLACE_LEFT_OUT: Rule = "place-left-out";
pub(crate) const CATCH_ALL_VARIANT: Rule = "catch-all-variant";
pub(crate) const ATTRIBUTE_BELOW_DERIVE: Rule = "attribute-below-derive";
pub(crate) const NUMBER_MAY_BE_NAN: Rule = "number-may-be-nan";
pub(crate) const NUMBER_OR_TEXT: Rule = "number-or-text";

/// The message with the ID at the end of its first line.
pub(crate) fn named(rule: Rule, text: &str) -> String {
    let (first, rest) = match text.find('\n') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut out = String::with_capacity(text.len() + rule.len() + 3);
    for part in [first, " [", rule, "]", rest] {
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn id_ends_the_first_line() {
        assert_eq!(named("a-b", "one"), "one [a-b]");
        assert_eq!(named("a-b", "one\ntwo"), "one [a-b]\ntwo");
    }
}
