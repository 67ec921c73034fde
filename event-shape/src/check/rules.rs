//! The IDs at the end of a break's first line: `cargo event rules ID` explains each of them.
//!
//! The rules themselves are in `event_schema::rules`, which this crate cannot depend on; a test compares
//! the two.

// rules that schemas have too
pub(super) const FIELD_MADE_OPTIONAL: &str = "field-made-optional";
pub(super) const FIELD_MADE_REQUIRED: &str = "field-made-required";
pub(super) const NULL_WRITTEN: &str = "null-written";
pub(super) const NULL_FORBIDDEN: &str = "null-forbidden";
pub(super) const FIELD_TYPE_CHANGED: &str = "field-type-changed";
pub(super) const REQUIRED_FIELD_REMOVED: &str = "required-field-removed";
pub(super) const OPTIONAL_FIELD_REMOVED: &str = "optional-field-removed";
pub(super) const REQUIRED_FIELD_ADDED: &str = "required-field-added";
pub(super) const FIELD_ADDED_TO_CLOSED_OBJECT: &str = "field-added-to-closed-object";
pub(super) const OBJECT_CLOSED: &str = "object-closed";
pub(super) const ENUM_VALUE_ADDED: &str = "enum-value-added";
pub(super) const ENUM_VALUE_REMOVED: &str = "enum-value-removed";

// rules of structs and enums alone
pub(super) const FIELD_NOT_IN_SCHEMA: &str = "field-not-in-schema";
pub(super) const ALIAS_IN_OPEN_OBJECT: &str = "alias-in-open-object";
pub(super) const FLATTENED_FIELD: &str = "flattened-field";
pub(super) const NAME_USED_TWICE: &str = "name-used-twice";
pub(super) const CATCH_ALL_VARIANT: &str = "catch-all-variant";
pub(super) const VARIANTS_RETAGGED: &str = "variants-retagged";
pub(super) const VARIANT_TAKEN_FOR_ANOTHER: &str = "variant-taken-for-another";
pub(super) const SCHEMA_NOT_COMPARABLE: &str = "schema-not-comparable";
pub(super) const TYPE_CONTRADICTS_ATTRIBUTE: &str = "type-contradicts-attribute";
pub(super) const WRITTEN_NOT_READ: &str = "written-not-read";
pub(super) const PREDECESSOR_WRONG: &str = "predecessor-wrong";
