//! Documents of every dialect become one model, and unreadable ones are reported.
#![allow(clippy::unwrap_used, reason = "a test")]

use event_schema::compat::{self, Policy};
use event_schema::diagnostic::Diagnostic;
use event_schema::document::Document;
use event_schema::model::{Schema, Types};
use event_schema::read::{self, Layer};

fn document(text: &str) -> Document {
    Document::parse("a.json", text).unwrap()
}

fn schema(text: &str) -> Schema {
    read::schema(&document(text)).unwrap()
}

fn problems(text: &str) -> Vec<Diagnostic> {
    read::schema(&document(text)).unwrap_err()
}

/// Schemas of several dialects with the same meaning.
fn same(texts: &[&str]) {
    let schemas: Vec<Schema> = texts.iter().map(|t| schema(t)).collect();
    for (i, a) in schemas.iter().enumerate() {
        for (j, b) in schemas.iter().enumerate() {
            let report = compat::check(a, b, Policy::Full);
            let breaks: Vec<_> = report.breaks().map(|c| &c.message).collect();
            assert!(breaks.is_empty(), "{} → {}: {breaks:?}", texts[i], texts[j]);
        }
    }
}

#[test]
fn dialects_end_in_one_model() {
    same(&[
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","type":"number","minimum":3,"exclusiveMinimum":true}"#,
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"number","exclusiveMinimum":3}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"number","exclusiveMinimum":3}"#,
    ]);
    same(&[
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":false}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{"type":"string"}],"items":false}"#,
        r#"{"$schema":"https://json-schema.org/draft/2019-09/schema","items":[{"type":"string"}],"unevaluatedItems":false}"#,
    ]);
    same(&[
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"],"c":{"required":["d"]}}}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"required":["d"]}}}"#,
    ]);
    same(&[
        r#"{"type":["string","null"]}"#,
        r#"{"type":"string","nullable":true}"#,
        r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#,
    ]);
}

#[test]
fn references_are_followed_wherever_they_lead() {
    for text in [
        r##"{"definitions":{"a/b":{"type":"string"}},"$ref":"#/definitions/a~1b"}"##,
        r##"{"definitions":{"a%b":{"type":"string"}},"$ref":"#/definitions/a%25b"}"##,
        r##"{"definitions":{"aws.partner/x.com/T":{"type":"string"}},"$ref":"#/definitions/aws.partner/x.com/T"}"##,
        r##"{"$defs":{"x":{"$anchor":"it","type":"string"}},"$ref":"#it"}"##,
        r##"{"definitions":{"x":{"id":"#it","type":"string"}},"$ref":"#it"}"##,
        r#"{"$id":"http://h/root.json","$defs":{"x":{"$id":"part.json","type":"string"}},"$ref":"part.json"}"#,
        r##"{"properties":{"p":{"type":"string"}},"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/properties/p"}"##,
    ] {
        let schema = schema(text);
        assert_eq!(schema.node(schema.resolve(schema.root)).types, Types::STRING, "{text}");
    }
}

#[test]
fn every_problem_is_reported_with_its_place() {
    let found = problems(
        r##"{"properties":{
"a":{"$ref":"#/definitions/gone"},
"b":{"$ref":"https://example.com/b.json"},
"c":{"$ref":"other.json#/x"},
"d":{"type":"text"},
"e":{"minimum":"5"},
"f":5}}"##,
    );
    let told: Vec<_> =
        found.iter().map(|d| (d.rule.id, d.pos.unwrap().line, d.pointer.as_str())).collect();
    assert_eq!(
        told,
        [
            ("unresolved-reference", 2, "/properties/a/$ref"),
            ("remote-reference", 3, "/properties/b/$ref"),
            ("unresolved-reference", 4, "/properties/c/$ref"),
            ("misspelt-name", 5, "/properties/d/type"),
            ("malformed-keyword", 6, "/properties/e/minimum"),
            ("malformed-schema", 7, "/properties/f"),
        ]
    );
}

#[test]
fn the_payload_is_found_in_every_wrapping() {
    let payload = r#"{"type":"object","properties":{"amount":{"type":"integer"}}}"#;
    let envelope = format!(
        r#"{{"type":"object","properties":{{"id":{{"type":"string"}},"source":{{"const":"app.x"}},"type":{{"type":"string"}},"version":{{"type":"string"}},"occurredAt":{{"type":"string"}},"data":{payload}}}}}"#
    );
    let aws = |detail: &str| {
        format!(
            r#"{{"type":"object","x-amazon-events-detail-type":"paid:v1","x-amazon-events-source":"app.x","properties":{{"detail-type":{{"type":"string"}},"source":{{"type":"string"}},"detail":{detail}}}}}"#
        )
    };
    let open = |component: &str| {
        format!(
            r#"{{"openapi":"3.0.0","info":{{"title":"Paid","version":"1"}},"paths":{{}},"components":{{"schemas":{{{component}}}}}}}"#
        )
    };
    for (text, layer) in [
        (payload.to_owned(), Layer::Payload),
        (envelope.clone(), Layer::Envelope),
        (aws(payload), Layer::AwsEvent),
        (aws(&envelope), Layer::AwsEvent),
        (open(&format!(r#""Paid":{payload}"#)), Layer::Payload),
        (open(&format!(r#""AWSEvent":{}"#, aws(&envelope))), Layer::AwsEvent),
        (
            open(&format!(
                r#""AWSEvent":{},"Paid":{payload}"#,
                aws(r##"{"$ref":"#/components/schemas/Paid"}"##)
            )),
            Layer::AwsEvent,
        ),
    ] {
        let events = read::events(&document(&text)).unwrap();
        let [event] = events.as_slice() else { panic!("{} events in {text}", events.len()) };
        let root = event.payload.node(event.payload.root);
        assert!(root.object.as_ref().is_some_and(|o| o.property("amount").is_some()), "{text}");
        assert_eq!(event.facts.layer, layer, "{text}");
        let source = event.facts.source.as_ref().map(|f| f.value.as_str());
        assert_eq!(source, (layer != Layer::Payload).then_some("app.x"), "{text}");
    }
}

#[test]
fn several_events_in_one_document_are_several() {
    let event = |name: &str| {
        format!(
            r#""{name}":{{"x-amazon-events-source":"shop","x-amazon-events-detail-type":"{name}","allOf":[{{"type":"object"}},{{"properties":{{"detail":{{"type":"object"}}}}}}]}}"#
        )
    };
    let text = format!(
        r#"{{"openapi":"3.0.2","components":{{"schemas":{{{},{}}}}}}}"#,
        event("Made"),
        event("Sent")
    );
    let events = read::events(&document(&text)).unwrap();
    let names: Vec<_> = events.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["Made", "Sent"]);
}

#[test]
fn files_are_read_where_the_caller_gives_them() {
    let doc =
        document(r#"{"properties":{"m":{"$ref":"../shared/money.json#/definitions/Money"}}}"#);
    let money = std::sync::Arc::new(
        Document::parse("shared/money.json", r#"{"definitions":{"Money":{"$ref":"amount.json"}}}"#)
            .unwrap(),
    );
    let amount = std::sync::Arc::new(
        Document::parse("shared/amount.json", r#"{"type":"integer"}"#).unwrap(),
    );
    let files = |path: &str| match path {
        "../shared/money.json" => Some(money.clone()),
        "../shared/amount.json" => Some(amount.clone()),
        _ => None,
    };
    let schema = read::schema_with(&doc, None, &files).unwrap();
    let node = schema.node(schema.root).object.as_ref().unwrap().properties[0].node;
    let node = schema.node(schema.resolve(node));
    assert_eq!((node.types, node.file.as_deref()), (Types::INTEGER, Some("shared/amount.json")));
}

#[test]
fn deep_schemas_are_compared_without_overflowing_the_stack() {
    let nested = |leaf: &str| {
        let open = r#"{"type":"object","properties":{"a":"#.repeat(500);
        let text = format!("{open}{{\"type\":\"{leaf}\"}}{}", "}}".repeat(500));
        read::schema(&Document::parse("a.json", text).unwrap()).unwrap()
    };
    let (a, b) = (nested("integer"), nested("string"));
    for policy in Policy::ALL {
        assert!(compat::check(&a, &a, policy).changes.is_empty());
    }
    let verdict = compat::check(&a, &b, Policy::Additive).verdict;
    assert_eq!(verdict, compat::Verdict::Breaking);
}

/// Read as schemas, these would have no keyword that counts: every change of them would be compatible.
#[test]
fn documents_that_are_not_schemas_are_refused_as_one() {
    for text in [
        r#"{"openapi":"3.0.1","components":{"schemas":{"E":{"type":"string"}}}}"#,
        r#"{"openapi":"3.1.0","components":{"schemas":{"E":{"type":"string"}}}}"#,
        r#"{"asyncapi":"3.0.0","channels":{}}"#,
        r#"{"swagger":"2.0","definitions":{"E":{"type":"string"}}}"#,
    ] {
        let problems = read::schema(&document(text)).unwrap_err();
        assert_eq!(problems[0].rule.id, "not-a-schema", "{text}: {problems:?}");
    }
    // a schema for documents of that kind is one
    let text = r#"{"type":"object","properties":{"openapi":{"type":"string"}}}"#;
    assert!(read::schema(&document(text)).is_ok());
}
