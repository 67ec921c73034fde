//! Which known keyword, type or format an unknown name may be a typo of.
//!
//! JSON Schema ignores unknown names, so a typo such as `propertes` silently allows every event. Names of
//! other tools (`javaType`, `enumNames`, `tsAdditionalProperties`) are annotations: a typo has the same
//! words as the keyword, almost the same letters, and a value that the keyword allows.

use event_shape::near::edits;

use super::dialect::Dialect;
use super::vocabulary::{self, Keyword, Kind, Takes};
use crate::document::Json;
use crate::format;

/// The names of types.
pub(super) const TYPES: [&str; 7] =
    ["null", "boolean", "integer", "number", "string", "array", "object"];

/// Names of these types in other languages.
const ALIASES: [(&str, &str); 19] = [
    ("bool", "boolean"),
    ("date", "string"),
    ("datetime", "string"),
    ("decimal", "number"),
    ("dict", "object"),
    ("double", "number"),
    ("float", "number"),
    ("int", "integer"),
    ("int32", "integer"),
    ("int64", "integer"),
    ("list", "array"),
    ("long", "integer"),
    ("map", "object"),
    ("nil", "null"),
    ("none", "null"),
    ("numeric", "number"),
    ("str", "string"),
    ("text", "string"),
    ("uuid", "string"),
];

/// Number formats, and string formats that are known but not asserted.
const OTHER_FORMATS: [&str; 20] = [
    "binary",
    "byte",
    "char",
    "decimal",
    "double",
    "float",
    "host-name",
    "int128",
    "int16",
    "int32",
    "int64",
    "int8",
    "ip",
    "ip-address",
    "password",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulid",
];

/// The keyword that an unknown name probably means.
pub(super) fn keyword(
    key: &str,
    json: &Json,
    owner: &Json,
    dialect: Dialect,
) -> Option<&'static str> {
    let words = words(key);
    let joined = words.concat();
    if joined == "ref" && key != "$ref" {
        // a bare `ref` may have any meaning; with a pointer as its value, it is a reference
        let text = json.as_str()?;
        let pointer = text.starts_with("#/") || text.contains(".json");
        return (key != "ref" || pointer).then_some("$ref");
    }
    if key.starts_with('$') && key.len() > 2 && edits(key, "$ref") <= 1 && json.as_str().is_some() {
        return Some("$ref");
    }
    let fits = |known: &&Keyword| {
        let asserts = known.kind == Kind::Asserts && !known.name.starts_with('$');
        asserts && known.is_of(dialect) && known.takes.fits(json)
    };
    let known = vocabulary::all().filter(fits);
    let near = known.filter_map(|known| {
        let own = self::words(known.name);
        let target = own.concat();
        if stem(&joined) == stem(&target) && (joined == target || owner.get(known.name).is_none()) {
            return Some((0, known.name));
        }
        let same_words = words.len() == own.len() || words.len() == 1;
        if !same_words || owner.get(known.name).is_some() {
            return None;
        }
        let far = edits(&joined, &target);
        (far <= slack(known, &joined, &target)).then_some((far, known.name))
    });
    near.min().map(|(_, name)| name)
}

/// The maximum number of different letters.
fn slack(known: &Keyword, key: &str, target: &str) -> usize {
    // a keyword that allows any value gives no hint about the intention
    if known.takes == Takes::Anything {
        let mut sorted = [key, target].map(|s| s.chars().collect::<Vec<_>>());
        for letters in &mut sorted {
            letters.sort_unstable();
        }
        return usize::from(sorted[0] == sorted[1]);
    }
    match target.len() {
        0..=3 => 0,
        4 => usize::from(key.chars().next() == target.chars().next()),
        5..=7 => 1,
        8..=11 => 2,
        _ => 3,
    }
}

/// The type that an unknown one probably means.
pub(super) fn type_name(text: &str) -> Option<&'static str> {
    let plain = plain(text);
    let alias = || ALIASES.iter().find(|(name, _)| *name == plain).map(|(_, ty)| *ty);
    let near = || TYPES.into_iter().find(|t| plain.len() > 3 && edits(&plain, t) <= 1);
    TYPES.into_iter().find(|t| *t == plain).or_else(alias).or_else(near)
}

/// The format that an unknown one probably means; `None` if it is known, or a custom name.
pub(super) fn format_name(text: &str) -> Option<&'static str> {
    if is_format(text) {
        return None;
    }
    let (plain, all) = (plain(text), || format::names().chain(OTHER_FORMATS));
    let near = |known: &&str| {
        let target = self::plain(known);
        target.len() > 4
            && plain.chars().next() == target.chars().next()
            && edits(&plain, &target) <= 1
    };
    all().find(|known| plain == self::plain(known)).or_else(|| format::names().find(near))
}

/// Whether the format is a known one.
pub(super) fn is_format(text: &str) -> bool {
    format::names().chain(OTHER_FORMATS).any(|known| known == text)
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a name in camel case or with separators, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_alphanumeric() {
            let begins = !before.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
            if begins || out.is_empty() {
                out.push(String::new());
            }
            if let Some(word) = out.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    out
}

/// A name without its plural ending.
fn stem(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn meant(member: &str) -> Option<&'static str> {
        let doc = Document::parse("a", format!("{{{member}}}")).unwrap();
        let member = &doc.root.members()[0];
        keyword(&member.key, &member.value, &doc.root, Dialect::Modern)
    }

    #[test]
    fn typos_are_distinguished_from_annotations() {
        for (member, wanted) in [
            (r#""propertes": {"a": {"type": "string"}}"#, "properties"),
            (r#""Properties": {"a": {"type": "string"}}"#, "properties"),
            (r#""property": {"a": {"type": "string"}}"#, "properties"),
            (r#""require": ["a"]"#, "required"),
            (r#""requierd": ["a"]"#, "required"),
            (r#""minlength": 3"#, "minLength"),
            (r#""min_length": 3"#, "minLength"),
            (r#""maxLenght": 3"#, "maxLength"),
            (r#""minimun": 3"#, "minimum"),
            (r#""additionalproperties": false"#, "additionalProperties"),
            (r#""additionalProperty": false"#, "additionalProperties"),
            (r##""#ref": "#/definitions/X""##, "$ref"),
            (r#""$Ref": "x""#, "$ref"),
            (r##""ref": "#/definitions/X""##, "$ref"),
            (r##""$rfe": "#/definitions/X""##, "$ref"),
            (r#""Type": "string""#, "type"),
            (r#""tpye": "string""#, "type"),
            (r#""types": ["string", "null"]"#, "type"),
            (r#""enums": ["a"]"#, "enum"),
            (r#""oneof": [{"type": "string"}]"#, "oneOf"),
            (r#""item": {"type": "string"}"#, "items"),
            (r#""formt": "date-time""#, "format"),
            (r#""patern": "^a""#, "pattern"),
            (r#""uniqueitems": true"#, "uniqueItems"),
            (r#""Const": 3"#, "const"),
            (r#""dependantRequired": {"a": ["b"]}"#, "dependentRequired"),
        ] {
            assert_eq!(meant(member), Some(wanted), "{member}");
        }
        for member in [
            r#""self": {"vendor": "a"}"#,
            r#""javaType": "string""#,
            r#""tsAdditionalProperties": true"#,
            r#""allowAdditionalProperties": true"#,
            r#""enumNames": ["A"]"#,
            r#""typeName": "string""#,
            r#""formatMaximum": "2020-01-01""#,
            r#""ref": "a label""#,
            r#""cost": 5"#,
            r#""when": {"type": "string"}"#,
            r#""version": "1.0""#,
            r#""items_description": "x""#,
            r#""requires": "login""#,
            r#""patterns": ["^a"]"#,
            r#""formats": "pdf""#,
            r#""units": "m""#,
            r#""property": "name""#,
            r#""propertyOrder": 3"#,
            r#""readonly": true"#,
            r#""ui:order": ["a"]"#,
            r#""$async": true"#,
            r#""meta": {}"#,
            r#""$def": {"a": {"type": "string"}}"#,
        ] {
            assert_eq!(meant(member), None, "{member}");
        }
    }

    #[test]
    fn present_keyword_is_not_suggested() {
        let doc = Document::parse("a", r#"{"require": ["a"], "required": ["b"]}"#).unwrap();
        let member = &doc.root.members()[0];
        assert_eq!(keyword("require", &member.value, &doc.root, Dialect::Modern), None);
    }

    #[test]
    fn types_and_formats_are_recognised() {
        for (text, wanted) in [
            ("String", Some("string")),
            ("INTEGER", Some("integer")),
            ("strnig", Some("string")),
            ("bool", Some("boolean")),
            ("Date", Some("string")),
            ("geometry", None),
        ] {
            assert_eq!(type_name(text), wanted, "{text}");
        }
        for (text, wanted) in [
            ("datetime", Some("date-time")),
            ("DateTime", Some("date-time")),
            ("date_time", Some("date-time")),
            ("UUID", Some("uuid")),
            ("emial", Some("email")),
            ("Int32", Some("int32")),
            ("date-time", None),
            ("host-name", None),
            ("password", None),
            ("money", None),
            ("url", None),
            ("guid", None),
            ("uint", None),
            ("phone", None),
            ("times", None),
        ] {
            assert_eq!(format_name(text), wanted, "{text}");
        }
    }
}
