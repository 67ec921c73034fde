//! Tests with paths as teams use them.

use super::*;

fn of(path: &str) -> (Option<String>, Option<Number>, Option<String>) {
    let parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    let mut named = Named::default();
    named.path(&parts);
    let (names, registry, number) = named.finish();
    (names.first().map(|(_, name)| name.clone()), number.map(|(_, n)| n), registry)
}

#[test]
fn paths_name_events_and_versions() {
    let full = Number::Full;
    for (path, event, number) in [
        ("OrderPlaced/v1.json", "OrderPlaced", Some(Number::Major(1))),
        ("order.placed/1.0.0.json", "order.placed", Some(full(1, 0, 0))),
        ("order-placed/1-0-0", "order-placed", Some(full(1, 0, 0))),
        ("orders/create.json", "orders.create", None),
        ("events/order/placed/v2.json", "order.placed", Some(Number::Major(2))),
        ("OrderPlaced.v1.schema.json", "OrderPlaced", Some(Number::Major(1))),
        ("com.acme/order_placed/jsonschema/1-0-2", "order_placed", Some(full(1, 0, 2))),
        ("v2/order.placed.json", "order.placed", Some(Number::Major(2))),
        ("schemas/order-placed-v3.json", "order-placed", Some(Number::Major(3))),
        ("OrderPlacedV2.json", "OrderPlaced", Some(Number::Major(2))),
        ("order_placed_1_2_0.json", "order_placed", Some(full(1, 2, 0))),
        ("order.placed.1.2.json", "order.placed", Some(full(1, 2, 0))),
        ("order.placed/2023-06-01.json", "order.placed", Some(Number::Count(20_230_601))),
        ("events/order.json", "order", None),
        ("order/v1/created.json", "order.created", Some(Number::Major(1))),
        ("checkout/step-2.json", "step-2", None),
        ("order.placed.json", "order.placed", None),
        ("order.shipped.1.json", "order.shipped", Some(Number::Major(1))),
        ("events/OrderPlaced/versioned/0.0.1/schema.json", "OrderPlaced", Some(full(0, 0, 1))),
        ("order/created.schema.json", "order.created", None),
        ("order_placed/schema.v2.json", "order_placed", Some(Number::Major(2))),
        ("billing/events/invoice-sent/v3/schema.json", "invoice-sent", Some(Number::Major(3))),
        ("components/messages/OrderPlaced.json", "OrderPlaced", None),
        ("order_x20_placed.json", "order placed", None),
        ("app@order.placed-v2@7.json", "app@order.placed", Some(Number::Count(7))),
        (
            "order.placed@1.2.json",
            "order.placed",
            Some(Number::Ours(Version { major: 1, minor: 2 })),
        ),
    ] {
        let found = of(path);
        assert_eq!((found.0.as_deref(), found.1), (Some(event), number), "{path}");
    }
}

#[test]
fn registries_come_from_our_layout_and_from_aws() {
    assert_eq!(of("shop/order.placed/1.0.json").2.as_deref(), Some("shop"));
    assert_eq!(of("aws.s3@ObjectCreated@2.json").2.as_deref(), Some("aws.events"));
    assert_eq!(of("aws.s3@ObjectCreated.json").0.as_deref(), Some("aws.s3@ObjectCreated"));
    assert_eq!(of("events/order.placed/1.0.json").2, None);
}

#[test]
fn answer_of_aws_names_registry_and_version() {
    let mut named = Named::default();
    let arn = "arn:aws:schemas:eu-central-1:123456789012:schema/discovered-schemas/app@Order-v1";
    let text = serde_json::json!({ "Content": "{}", "SchemaArn": arn, "SchemaVersion": "4" });
    let document = event_schema::document::Document::parse("a", text.to_string()).unwrap();
    named.answered(&super::Answer::of(&document.root).unwrap());
    named.path(&["answer@3.json".to_owned()]);
    let (names, registry, number) = named.finish();
    assert_eq!(names[0], (Evidence::SchemaName, "app@Order".to_owned()));
    assert_eq!(registry.as_deref(), Some("discovered-schemas"));
    assert_eq!(number, Some((Evidence::SchemaName, Number::Count(4))));
}

#[test]
fn title_of_capitalised_words_is_a_name_and_a_sentence_is_not() {
    for (text, name) in [
        ("Order Placed", Some("OrderPlaced")),
        ("Order Placed Schema", Some("OrderPlaced")),
        ("EC2 Instance Started", Some("EC2InstanceStarted")),
        ("Schema of an order", None),
        ("Order", None),
        ("A B C D E", None),
    ] {
        assert_eq!(spelled(text).as_deref(), name, "{text}");
    }
}

#[test]
fn only_allowed_detail_type_names_the_event() {
    for (text, name) in [
        (r#"{"properties": {"detail-type": {"const": "OrderPlaced"}}}"#, Some("OrderPlaced")),
        (r#"{"properties": {"detail-type": {"enum": ["Order Sent"]}}}"#, Some("Order Sent")),
        (r#"{"properties": {"detail-type": {"enum": ["a", "b"]}}}"#, None),
        (r#"{"x-amazon-events-detail-type": "Invoice Paid"}"#, Some("Invoice Paid")),
        (
            r#"{"components": {"schemas": {"AWSEvent": {"x-amazon-events-detail-type": "X"}}}}"#,
            Some("X"),
        ),
    ] {
        let document = event_schema::document::Document::parse("a", text).unwrap();
        assert_eq!(detail_type(&document.root), name, "{text}");
    }
}

#[test]
fn unreadable_versions_are_found_and_names_are_not_versions() {
    for text in ["1.0.0-beta.1", "1.2.3.4", "99999999999", "v1.0.0+build", "2026-01-01T00"] {
        assert!(odd(text), "{text}");
    }
    for text in
        ["1.0.0", "v3", "2-factor.enabled", "3d.printed", "order.placed", "2026-01-01", "1-0-0"]
    {
        assert!(!odd(text), "{text}");
    }
}
