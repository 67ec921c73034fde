//! The rules about change, as data.
//!
//! A rule has an id that is never reused, says whom it breaks and why, shows a bad example and the way
//! out. The rooms that compare schemas name rules; the command line lists them.

/// What a change of this kind does under the policy `additive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It breaks somebody.
    Break,
    /// It is allowed, and somebody should know.
    Warn,
    /// It is allowed.
    Allow,
}

impl Level {
    /// `break`, `warn`, `allow`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Break => "break",
            Level::Warn => "warn",
            Level::Allow => "allow",
        }
    }
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breaks {
    /// Events that were written before and are read again.
    StoredEvents,
    /// Consumers that were built with the earlier version.
    OldConsumers,
    /// Rust code that uses the generated types.
    RustCode,
}

impl Breaks {
    /// `stored-events`, `old-consumers`, `rust-code`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Breaks::StoredEvents => "stored-events",
            Breaks::OldConsumers => "old-consumers",
            Breaks::RustCode => "rust-code",
        }
    }
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Kebab-case; never reused.
    pub id: &'static str,
    /// The rows of the table of changes that it stands for.
    pub rows: &'static [u8],
    /// Under the policy `additive`.
    pub level: Level,
    /// Whom it breaks, where it does.
    pub breaks: &'static [Breaks],
    /// Why, in a sentence.
    pub why: &'static str,
    /// A change that it finds.
    pub example: &'static str,
    /// The way out.
    pub fix: &'static str,
}

use Breaks::{OldConsumers as C, RustCode as R, StoredEvents as S};
use Level::{Allow, Break, Warn};

const MAJOR: &str = "publish it as a new major, side by side with the old one: `cargo event new-version TYPE --major`";
const NONE: &str = "nothing to do";

macro_rules! rules {
    ($($name:ident $id:literal [$($row:literal),*] $level:ident [$($who:ident),*] $why:literal, $example:literal, $fix:expr;)*) => {
        $(pub(crate) static $name: Rule = Rule {
            id: $id, rows: &[$($row),*], level: $level, breaks: &[$($who),*], why: $why, example: $example, fix: $fix,
        };)*
        static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    ANNOTATION_CHANGED "annotation-changed" [1] Allow [] "titles, descriptions and examples say nothing about events", r#""description": "a" → "description": "b""#, NONE;
    SPELLED_OTHERWISE "spelled-otherwise" [2, 3, 4, 49, 71] Allow [] "the keywords differ, and the same events are allowed", r#""const": "a" → "enum": ["a"]"#, NONE;
    DEFINITION_RENAMED "definition-renamed" [3] Warn [R] "the generated type takes its name from the definition", r##""$ref": "#/$defs/Money" → "$ref": "#/$defs/Amount""##, "keep the definition's name, or rename the type where it is used";
    DEFAULT_CHANGED "default-changed" [5] Warn [] "an event that lacks the field is read with another value", r#""default": 1 → "default": 2"#, "keep the default, and write the value explicitly";
    DEFAULT_ADDED "default-added" [6] Break [R] "the generated field is no longer an `Option`", r#"no default → "default": 1"#, "leave the default out, and fill it in where the event is read";
    DEFAULT_REMOVED "default-removed" [6] Break [R] "the generated field becomes an `Option`", r#""default": 1 → no default"#, "keep the default";
    OPTIONAL_FIELD_ADDED "optional-field-added" [7, 9] Allow [] "old readers ignore it, and old events may lack it", r#"{"properties": {}} → {"properties": {"note": {"type": "string"}}}"#, NONE;
    FIELD_ADDED_TO_CLOSED_OBJECT "field-added-to-closed-object" [8] Break [C] "readers of a closed object reject names that they don't know", r#""additionalProperties": false, and a property more"#, "leave objects open from the start; here, a new major";
    DECLARED_OVER_MAP "declared-over-map" [10] Break [S, C] "the name was allowed before, as another type", r#""additionalProperties": {"type": "integer"} → and "properties": {"n": {"type": "string"}}"#, "give the property the type that the map had, or take another name";
    REQUIRED_FIELD_ADDED "required-field-added" [11, 12] Break [S] "events written before lack it", r#"and "required": ["note"] with a new property `note`"#, "make it optional, or publish a new major";
    REQUIRED_NAME_ADDED "required-name-added" [13] Break [S] "events written before lack it", r#""required": [] → "required": ["note"], not declared"#, "leave it out of `required`";
    REQUIRED_NAME_REMOVED "required-name-removed" [19] Break [C] "old readers want it", r#""required": ["note"] → "required": []"#, "keep it required";
    OPTIONAL_FIELD_REMOVED "optional-field-removed" [14, 15] Break [S] "what events carry there is lost, and the name might come back as something else", r#"{"properties": {"note": {}}} → {"properties": {}}"#, "keep it, and mark it `\"deprecated\": true`";
    REQUIRED_FIELD_REMOVED "required-field-removed" [16] Break [C] "old readers want it", r#"and "required": ["id"] loses `id`"#, "keep writing it; drop it in a new major";
    REMOVED_NAME_REUSED "removed-name-reused" [17] Break [S, C] "somebody still reads or holds it under its old type", "1.0 `note`: string, 1.1 none, 1.2 `note`: integer", "take another name";
    FIELD_MADE_REQUIRED "field-made-required" [18] Break [S] "events written before may lack it", r#""required": [] → "required": ["note"]"#, "keep it optional, or publish a new major";
    FIELD_MADE_OPTIONAL "field-made-optional" [19] Break [C] "old readers want it", r#""required": ["note"] → "required": []"#, "keep it required and go on writing it";
    FIELD_RENAMED "field-renamed" [20] Break [S, C] "nobody looks under the new name in old events, nor under the old name in new ones", r#""properties": {"userId": …} → {"user_id": …}"#, "keep the wire name; the Rust name may differ by `#[serde(rename = ..)]`";
    ENUM_VALUE_ADDED "enum-value-added" [21] Break [C] "old readers have a closed enum", r#""enum": ["a"] → "enum": ["a", "b"]"#, "open the enum from the start with `\"x-open\": true`; here, a new major";
    ENUM_VALUE_REMOVED "enum-value-removed" [22] Break [S] "events written before may hold it", r#""enum": ["a", "b"] → "enum": ["a"]"#, "keep the value, and stop writing it";
    ENUM_ADDED "enum-added" [23] Break [S] "events written before may hold other values", r#"{"type": "string"} → and "enum": ["a"]"#, MAJOR;
    ENUM_REMOVED "enum-removed" [24] Break [C] "old readers know only the values that were listed", r#"and "enum": ["a"] → {"type": "string"}"#, "keep the enum; open it from the start with `\"x-open\": true`";
    OPENNESS_CHANGED "openness-changed" [21] Break [R] "an open enum has a variant more in Rust, for values that aren't known" , r#""enum": ["a"] → and "x-open": true"#, "open it from the start";
    CONST_CHANGED "const-changed" [25] Break [S, C] "neither side reads the other's value", r#""const": 1 → "const": 2"#, MAJOR;
    TYPE_CHANGED "field-type-changed" [26] Break [S, C] "neither side reads the other's type", r#"{"type": "string"} → {"type": "integer"}"#, "add a field of the new type beside it, or publish a new major";
    INTEGER_WIDENED "integer-widened" [27] Break [C, R] "an old reader's integer can't hold 1.5", r#"{"type": "integer"} → {"type": "number"}"#, MAJOR;
    NUMBER_NARROWED "number-narrowed" [28] Break [S, R] "events written before may hold fractions", r#"{"type": "number"} → {"type": "integer"}"#, MAJOR;
    TYPE_WIDENED "type-widened" [29] Break [C] "old readers don't know the new type", r#"{"type": "string"} → {"type": ["string", "integer"]}"#, MAJOR;
    TYPE_NARROWED "type-narrowed" [30] Break [S] "events written before may hold the type that went", r#"{"type": ["string", "integer"]} → {"type": "string"}"#, MAJOR;
    NULL_ALLOWED "null-allowed" [31] Break [C] "old readers may not take null", r#"{"type": "string"} → {"type": ["string", "null"]}"#, "leave the field out instead of writing null";
    NULL_FORBIDDEN "null-forbidden" [32] Break [S] "events written before may hold null", r#"{"type": ["string", "null"]} → {"type": "string"}"#, "go on reading null";
    FIELD_TYPED "field-typed" [53] Break [S] "any value was allowed before", r#"{} → {"type": "string"}"#, MAJOR;
    FIELD_UNTYPED "field-untyped" [54] Break [C] "old readers know one type only", r#"{"type": "string"} → {}"#, MAJOR;
    BOUND_TIGHTENED "bound-tightened" [33, 35] Break [S] "events written before may be outside", r#""maximum": 10 → "maximum": 5"#, "check it where events are written, not in the schema";
    BOUND_LOOSENED "bound-loosened" [34, 35] Break [C] "old readers reject what is outside their bound", r#""maximum": 5 → "maximum": 10"#, "keep the bound within a major";
    MULTIPLE_CHANGED "multiple-changed" [36, 37] Break [S, C] "numbers between the steps are read by one side only", r#""multipleOf": 2 → "multipleOf": 3"#, "keep the step within a major";
    PATTERN_ADDED "pattern-added" [38] Break [S] "events written before may not match", r#"{"type": "string"} → and "pattern": "^a""#, "check it where events are written";
    PATTERN_REMOVED "pattern-removed" [39] Break [C] "old readers reject what doesn't match", r#"and "pattern": "^a" → {"type": "string"}"#, "keep the pattern within a major";
    PATTERN_CHANGED "pattern-changed" [40] Break [S, C] "strings that match one may not match the other", r#""pattern": "^a" → "pattern": "^b""#, "keep the pattern within a major";
    FORMAT_ADDED "format-added" [41] Break [S, R] "events written before may hold other strings; the Rust type changes", r#"{"type": "string"} → and "format": "date-time""#, "add a field of the new format beside it";
    FORMAT_REMOVED "format-removed" [42] Break [C, R] "an old reader's parse fails; the Rust type changes", r#"and "format": "date-time" → {"type": "string"}"#, "keep the format within a major";
    FORMAT_CHANGED "format-changed" [43] Break [S, C, R] "neither side reads the other's strings", r#""format": "date-time" → "format": "uuid""#, MAJOR;
    NUMBER_FORMAT_CHANGED "number-format-changed" [44, 45] Break [S, C, R] "the wider type overflows the narrower one", r#""format": "int32" → "format": "int64""#, "take the wider format from the start";
    UNKNOWN_FORMAT_CHANGED "unknown-format-changed" [46] Warn [] "nobody checks this format; people may rely on it", r#""format": "money" → "format": "amount""#, NONE;
    ENCODING_CHANGED "encoding-changed" [41, 42] Break [S, C, R] "the same text stands for other bytes", r#""contentEncoding": "base64" → "base32""#, "add a field of the new encoding beside it";
    OBJECT_CLOSED "object-closed" [47] Break [S] "events written before may hold more names", r#""additionalProperties": true → false"#, "leave the object open";
    OBJECT_OPENED "object-opened" [48] Break [C] "old readers reject names that they don't know", r#""additionalProperties": false → true"#, "leave objects open from the start";
    MAP_TYPED "map-typed" [50] Break [S] "undeclared members could be anything before", r#"no additionalProperties → {"type": "string"}"#, MAJOR;
    MAP_UNTYPED "map-untyped" [50] Break [C] "old readers know one type of undeclared members", r#""additionalProperties": {"type": "string"} → true"#, MAJOR;
    STRUCT_MAP_SWAPPED "struct-map-swapped" [51] Break [R] "the Rust type is a struct on one side and a map on the other", r#"{"properties": {"a": {}}} → {"additionalProperties": {}}"#, MAJOR;
    PATTERN_PROPERTIES_CHANGED "pattern-properties-changed" [50] Break [S, C] "names that match are held to another schema", r#""patternProperties": {"^x": {"type": "string"}} → {}"#, MAJOR;
    CONDITION_ADDED "condition-added" [52] Break [S] "events written before may not meet it", r#"and "not": {…}, "if": {…}, "contains": {…} or "dependentRequired": {…}"#, "check it where events are written";
    CONDITION_REMOVED "condition-removed" [52] Break [C] "old readers reject what doesn't meet it", r#"loses "not": {…}"#, "keep it within a major";
    CONDITION_CHANGED "condition-changed" [52] Break [S, C] "what meets one may not meet the other", r#""not": {"const": 1} → "not": {"const": 2}"#, "keep it within a major";
    TUPLE_CHANGED "tuple-changed" [57, 58] Break [S, C] "the places of the array mean something else", r#""prefixItems": [A] → [A, B]"#, MAJOR;
    LIST_TUPLE_SWAPPED "list-tuple-swapped" [59] Break [R] "the Rust type is a list on one side and a tuple on the other", r#""items": {} → "items": [{}]"#, MAJOR;
    ITEMS_TYPED "items-typed" [56] Break [S] "items could be anything before", r#"{"type": "array"} → and "items": {"type": "string"}"#, MAJOR;
    ITEMS_UNTYPED "items-untyped" [55] Break [C] "old readers know one type of item", r#"and "items": {"type": "string"} → {"type": "array"}"#, MAJOR;
    UNIQUE_ITEMS_ADDED "unique-items-added" [60] Break [S, R] "events written before may repeat items; a list becomes a set", r#"{"type": "array"} → and "uniqueItems": true"#, "check it where events are written";
    UNIQUE_ITEMS_REMOVED "unique-items-removed" [60] Break [C, R] "old readers reject repeated items; a set becomes a list", r#"and "uniqueItems": true → {"type": "array"}"#, "keep it within a major";
    BRANCH_ADDED "union-branch-added" [61, 62] Break [C] "old readers don't know the new branch", r#""oneOf": [A] → "oneOf": [A, B]"#, "open the union from the start with `\"x-open\": true`; here, a new major";
    BRANCH_REMOVED "union-branch-removed" [63] Break [S] "events written before may be of the branch that went", r#""oneOf": [A, B] → "oneOf": [A]"#, "keep the branch, and stop writing it";
    UNION_CHANGED "union-changed" [61, 63] Break [S, C] "what one union takes the other may not", r#""oneOf": [A, B] → "oneOf": [C, D]"#, MAJOR;
    UNION_RELAXED "union-relaxed" [64] Break [C] "events that fit several branches were rejected before", r#""oneOf": [A, B] → "anyOf": [A, B]"#, "keep `oneOf`, or make the branches disjoint";
    UNION_TIGHTENED "union-tightened" [65] Break [S] "events that fit several branches were allowed before", r#""anyOf": [A, B] → "oneOf": [A, B]"#, "keep `anyOf`, or make the branches disjoint";
    ALL_OF_ADDED "all-of-added" [66] Break [S] "events written before may not meet the new part", r#""allOf": [A] → "allOf": [A, B]"#, MAJOR;
    ALL_OF_REMOVED "all-of-removed" [66] Break [C] "old readers want what the part said", r#""allOf": [A, B] → "allOf": [A]"#, MAJOR;
    DISCRIMINATOR_CHANGED "discriminator-changed" [67] Break [S, C, R] "readers choose the branch by it", r#""propertyName": "kind" → "propertyName": "type""#, MAJOR;
    MAPPING_ADDED "mapping-added" [68] Break [C] "old readers don't know the new value", r#""mapping": {"a": A} → {"a": A, "b": B}"#, MAJOR;
    VALUES_NARROWED "values-narrowed" [69] Break [S] "some events written before are no longer read", "a combination of keywords that allows less than before", MAJOR;
    VALUES_WIDENED "values-widened" [69] Break [C] "old readers reject some of the events that are now allowed", "a combination of keywords that allows more than before", MAJOR;
    UNDECIDED "undecided" [72] Break [S, C] "whether this breaks anybody could not be decided, so it counts as a break", "a pattern with lookahead, or a keyword that isn't supported, and a change beside it", "say the same with keywords that can be decided, or publish a new major";
}

/// A family's rule, which no pair of schemas shows.
pub(crate) static LAYER_CHANGED: Rule = Rule {
    id: "layer-changed",
    rows: &[72],
    level: Warn,
    breaks: &[],
    why: "a schema may describe a payload, the envelope around it or the whole AWS event; versions that describe different layers are compared by their payloads alone",
    example: "1.0 describes the payload, 1.1 the envelope around it",
    fix: "describe the same layer in all minors; where a payload happens to have the names of an envelope, say so in `event.toml`: `layer.\"registry/event.type\" = \"payload\"`",
};

/// Rules that other rooms and the reader report by id: no comparison of schemas finds them.
static OTHERS: &[Rule] = &[
    Rule {
        id: "unresolved-reference",
        rows: &[72],
        level: Break,
        breaks: &[S, C],
        why: "what a reference to nowhere means can't be known",
        example: r##""$ref": "#/definitions/nowhere""##,
        fix: "add the definition, or correct the pointer",
    },
    Rule {
        id: "remote-reference",
        rows: &[72],
        level: Break,
        breaks: &[S, C],
        why: "nothing is fetched, so that a build means the same tomorrow",
        example: r#""$ref": "https://example.com/a.json""#,
        fix: "copy the schema into the file's definitions",
    },
    Rule {
        id: "malformed-keyword",
        rows: &[72],
        level: Break,
        breaks: &[S, C],
        why: "a keyword with a value of the wrong kind means nothing",
        example: r#""minimum": "5""#,
        fix: "correct the value",
    },
    Rule {
        id: "malformed-pattern",
        rows: &[72],
        level: Break,
        breaks: &[S, C],
        why: "a pattern that is not a regular expression matches nothing that anybody meant",
        example: r#""pattern": "^[a-z""#,
        fix: "correct the pattern; it must be a regular expression of ECMA 262",
    },
    Rule {
        id: "misspelt-name",
        rows: &[72],
        level: Break,
        breaks: &[S, C],
        why: "an unknown keyword is ignored, so a slip in its name lets every event pass",
        example: r#""propertes": {"id": {"type": "string"}}"#,
        fix: "correct the name; start one of your own with `x-`",
    },
    Rule {
        id: "ignored-keyword",
        rows: &[72],
        level: Warn,
        breaks: &[],
        why: "the dialect that the document names does not have the keyword, so validators ignore it",
        example: r#""$schema": "http://json-schema.org/draft-04/schema#", "const": 1"#,
        fix: "remove it, or name a dialect in `$schema` that has it",
    },
    Rule {
        id: "example-contradicts-schema",
        rows: &[72],
        level: Warn,
        breaks: &[],
        why: "whoever copies the example writes an event that is rejected",
        example: r#""type": "integer", "examples": ["1"]"#,
        fix: "correct the example",
    },
    Rule {
        id: "default-contradicts-schema",
        rows: &[72],
        level: Warn,
        breaks: &[],
        why: "readers take the default for a value that the schema rejects",
        example: r#""type": "integer", "default": "1""#,
        fix: "correct the default",
    },
    Rule {
        id: "malformed-schema",
        rows: &[72],
        level: Break,
        breaks: &[S, C],
        why: "a schema is an object or a boolean",
        example: r#""items": 5"#,
        fix: "correct the schema",
    },
    Rule {
        id: "schema-too-large",
        rows: &[72],
        level: Break,
        breaks: &[],
        why: "reading is bounded, since registries are written by others",
        example: "a document of more than 200,000 schemas",
        fix: "split the event",
    },
    Rule {
        id: "payload-not-found",
        rows: &[72],
        level: Break,
        breaks: &[],
        why: "a document must say which part of it is the payload",
        example: "several components, none of which is an event",
        fix: "name the payload in `info.title`, or add an `AWSEvent` component",
    },
    Rule {
        id: "not-a-schema",
        rows: &[72],
        level: Break,
        breaks: &[],
        why: "JSON Schema ignores what it does not know, so any other document would be a schema that allows everything",
        example: r#""asyncapi": "3.0.0", a sample event, or definitions that nothing refers to"#,
        fix: "save the event's schema as a document of its own; of sample events, `cargo event import --infer` makes a first one",
    },
];

/// Every rule, in the order in which they are listed.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().copied().chain([&LAYER_CHANGED]).chain(OTHERS)
}

/// The rule of this id.
///
/// ```
/// let rule = event_schema::rules::find("required-field-added").unwrap();
/// assert_eq!(rule.level.as_str(), "break");
/// ```
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}
