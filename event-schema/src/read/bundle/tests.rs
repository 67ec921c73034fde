//! References to other files, and bundled documents.

use super::*;

fn document(file: &str, text: &str) -> Arc<Document> {
    Arc::new(Document::parse(file, text).unwrap())
}

fn files(known: &[(&str, &str)]) -> impl Fn(&str) -> Option<Arc<Document>> + use<> {
    let known: BTreeMap<String, Arc<Document>> =
        known.iter().map(|(p, text)| ((*p).to_owned(), document(p, text))).collect();
    move |path| known.get(path).cloned()
}

const ORDER: &str = r##"{
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "total": {"$ref": "../common.json#/definitions/Money"},
        "own": {"$ref": "#/definitions/Money"},
        "note": {"enum": [{"$ref": "../common.json#/definitions/Unused"}]}
    },
    "definitions": {"Money": {"type": "string"}}
}"##;

const COMMON: &str = r##"{
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$id": "https://shop.example/common.json",
    "definitions": {
        "Money": {"$id": "#money", "type": "object", "properties": {
            "currency": {"$ref": "#/definitions/Currency"}, "cents": {"type": "integer", "minimum": 1.0}}},
        "Currency": {"enum": ["EUR"]},
        "Unused": {"type": "null"}
    }
}"##;

#[test]
fn referred_lists_reached_parts_only() {
    let known = files(&[("../common.json", COMMON)]);
    let found = referred(&document("1.0.json", ORDER), &known);
    let places: Vec<_> = found.iter().map(|r| (r.file.as_str(), r.pointer.as_str())).collect();
    assert_eq!(
        places,
        [("../common.json", "/definitions/Currency"), ("../common.json", "/definitions/Money")]
    );
    // layout and unused parts do not matter, content does
    let other = COMMON.replace("  ", "\n\t").replace("\"null\"", "\"string\"");
    let same = referred(&document("1.0.json", ORDER), &files(&[("../common.json", &other)]));
    assert!(found.iter().zip(&same).all(|(a, b)| a.meaning == b.meaning));
    let other = COMMON.replace("\"EUR\"", "\"EUR\", \"USD\"");
    let edited = referred(&document("1.0.json", ORDER), &files(&[("../common.json", &other)]));
    assert!(found[0].meaning != edited[0].meaning && found[1].meaning == edited[1].meaning);
    assert!(referred(&document("a", r##"{"$ref": "#"}"##), &known).is_empty());
}

#[test]
fn bundle_stands_alone_and_means_the_same() {
    let known = files(&[("../common.json", COMMON)]);
    let doc = document("1.0.json", ORDER);
    let text = bundle(&doc, &known).unwrap().unwrap();
    let made = document("1.0.json", &text);
    assert!(referred(&made, &known).is_empty(), "{text}");
    let money = made.root.pointer("/definitions/Money2").unwrap();
    assert!(money.get("$id").is_none(), "{text}");
    assert_eq!(
        money.pointer("/properties/currency/$ref").unwrap().as_str(),
        Some("#/definitions/Currency")
    );
    assert!(made.root.pointer("/definitions/Unused").is_none());
    // bundling again changes nothing, and other layouts of the shared file give the same text
    assert_eq!(bundle(&made, &known).unwrap(), None);
    let other = COMMON.replace("  ", "\t");
    assert_eq!(bundle(&doc, &files(&[("../common.json", &other)])).unwrap(), Some(text));
}

#[test]
fn whole_files_cycles_and_identifiers_are_bundled() {
    let order = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://shop.example/v1/order.json", "type": "object",
        "properties": {"buyer": {"$ref": "person.json"}, "city": {"$ref": "person.json#city"}}}"#;
    let person = r##"{"$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://shop.example/v1/person.json", "type": "object",
        "properties": {"friend": {"$ref": "#"}, "city": {"$ref": "#/$defs/City"}, "last": {"$ref": "order.json"}},
        "$defs": {"City": {"$anchor": "city", "type": "string"}}}"##;
    let known = files(&[("person.json", person)]);
    let text = bundle(&document("order.json", order), &known).unwrap().unwrap();
    let made = document("order.json", &text);
    let at = |p: &str| made.root.pointer(p).and_then(Json::as_str).map(str::to_owned);
    assert_eq!(at("/properties/buyer/$ref").as_deref(), Some("#/$defs/person"), "{text}");
    assert_eq!(at("/$defs/person/properties/friend/$ref").as_deref(), Some("#/$defs/person"));
    assert_eq!(at("/$defs/person/properties/last/$ref").as_deref(), Some("#"));
    assert_eq!(at("/properties/city/$ref").as_deref(), Some("#/$defs/City"));
}

#[test]
fn dialects_that_disagree_are_refused() {
    // beside a `$ref`, draft 4 ignores everything and 2020-12 nothing
    let order = r#"{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
        "properties": {"n": {"$ref": "n.json"}}}"#;
    let n = r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "properties": {"a": {"$ref": "#/$defs/s", "maxLength": 3}}, "$defs": {"s": {"type": "string"}}}"##;
    let refused = bundle(&document("a.json", order), &files(&[("n.json", n)])).unwrap_err();
    assert!(matches!(refused, NotAlone::OtherMeaning(_)), "{refused}");
}
