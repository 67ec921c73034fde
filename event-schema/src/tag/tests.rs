use serde_json::json;

use super::*;
use crate::document::Document;
use crate::read;

fn schema(value: &Value) -> Schema {
    let doc = Document::parse("a.json", value.to_string()).unwrap();
    read::schema_with(&doc, Some(read::Dialect::Modern), &|_| None).unwrap()
}

fn reading(value: &Value) -> Option<(By, Vec<Vec<Value>>, bool)> {
    let schema = schema(value);
    let tagged = of(&schema, schema.root)?;
    Some((tagged.by, tagged.branches.into_iter().map(|b| b.tags).collect(), tagged.proved))
}

fn object(kind: &Value) -> Value {
    json!({"type": "object", "properties": {"kind": kind}, "required": ["kind"]})
}

#[test]
fn const_and_enum_tags_are_read_behind_references_and_all_of() {
    let union = json!({
        "definitions": {
            "a": {"allOf": [{"$ref": "#/definitions/base"}, object(&json!({"const": "a"}))]},
            "base": {"type": "object", "properties": {"kind": {"type": "string"}}},
        },
        "oneOf": [{"$ref": "#/definitions/a"}, object(&json!({"enum": ["b", "c"]}))],
    });
    let tags = vec![vec![json!("a")], vec![json!("b"), json!("c")]];
    assert_eq!(reading(&union), Some((By::Property("kind".into()), tags, true)));
}

#[test]
fn optional_shared_or_open_tags_are_not_tags() {
    let mut optional = object(&json!({"const": "b"}));
    optional["required"] = json!([]);
    let shared = object(&json!({"enum": ["b", "a"]}));
    let mut untyped = object(&json!({"const": "b"}));
    untyped.as_object_mut().unwrap().remove("type");
    let open = object(&json!({"enum": ["b"], "x-open": true}));
    for other in [optional, shared, untyped, open] {
        let union = json!({"oneOf": [object(&json!({"const": "a"})), other]});
        assert_eq!(reading(&union), None, "{union}");
    }
}

#[test]
fn null_beside_objects_is_distinguished_by_its_type() {
    let union = json!({"anyOf": [
        object(&json!({"const": 1})), {"type": "null"}, object(&json!({"const": 2})),
    ]});
    let schema = schema(&union);
    let tagged = of(&schema, schema.root).unwrap();
    assert_eq!(tagged.pick(&Value::Null), Some(1));
    assert_eq!(tagged.pick(&json!({"kind": 2.0})), Some(2));
    assert_eq!(tagged.pick(&json!({"kind": 3})), None);
}

#[test]
fn external_tags_are_proved_only_where_branches_are_closed() {
    let branch = |name: &str, closed: bool| {
        json!({"type": "object", "properties": {name: {}}, "required": [name],
               "additionalProperties": !closed})
    };
    for closed in [true, false] {
        let union = json!({"oneOf": [branch("a", closed), branch("b", closed)]});
        let tags = vec![vec![json!("a")], vec![json!("b")]];
        assert_eq!(reading(&union), Some((By::Name, tags, closed)));
    }
    let union = json!({"oneOf": [branch("a", true), branch("a", true)]});
    assert_eq!(reading(&union), None);
}

#[test]
fn first_places_and_types_of_tags_tell_branches_apart() {
    let tuple = |first: &Value| json!({"type": "array", "minItems": 1, "prefixItems": [first, {}]});
    let union = json!({"oneOf": [tuple(&json!({"const": "a"})), tuple(&json!({"const": "b"}))]});
    let tags = vec![vec![json!("a")], vec![json!("b")]];
    assert_eq!(reading(&union), Some((By::Place, tags, true)));
    let mut short = tuple(&json!({"const": "b"}));
    short["minItems"] = json!(0);
    assert_eq!(reading(&json!({"oneOf": [tuple(&json!({"const": "a"})), short]})), None);
    let union = json!({"oneOf": [
        object(&json!({"type": "string"})), object(&json!({"type": "integer"})),
    ]});
    assert_eq!(reading(&union).map(|r| (r.0, r.2)), Some((By::Property("kind".into()), true)));
}

#[test]
fn a_discriminator_alone_tags_by_agreement() {
    let plain = object(&json!({"type": "string"}));
    let union = json!({
        "definitions": {"A": plain, "B": plain},
        "oneOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}],
        "discriminator": {"propertyName": "kind", "mapping": {"first": "#/definitions/A"}},
    });
    let tags = vec![vec![json!("first")], vec![json!("B")]];
    assert_eq!(reading(&union), Some((By::Property("kind".into()), tags, false)));
}
