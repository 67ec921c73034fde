//! The Schemas API over a real socket, with AWS's own client.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use aws_sdk_schemas::Client;
use aws_sdk_schemas::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_schemas::error::ProvideErrorMetadata;
use aws_sdk_schemas::types::Type;
use event_local::faults::{Fault, Faults};
use event_local::schemas::{Kind, Operation, Preset, Server};

const OPEN: &str = r#"{"openapi":"3.0.0","info":{"version":"1.0.0","title":"E"},"paths":{}}"#;
const NAME: &str = "app.solargenix@proposal.published-v2";

fn client(server: &Server) -> Client {
    let config = aws_sdk_schemas::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(server.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

#[tokio::test]
async fn schemas_and_versions() {
    let server = Server::builder().serve().await.unwrap();
    let c = client(&server);
    let made = c.create_registry().registry_name("app").tags("k", "v").send().await.unwrap();
    assert_eq!(made.registry_arn(), Some("arn:aws:schemas:us-east-1:123456789012:registry/app"));
    let again = c.create_registry().registry_name("app").send().await.unwrap_err();
    assert!(again.into_service_error().is_conflict_exception());
    let missing = c.describe_registry().registry_name("nope").send().await.unwrap_err();
    assert!(missing.into_service_error().is_not_found_exception());

    let create = |name: &str, text: &str| {
        c.create_schema()
            .registry_name("app")
            .schema_name(name)
            .content(text)
            .r#type(Type::OpenApi3)
    };
    let made = create(NAME, OPEN).send().await.unwrap();
    assert_eq!(made.schema_version(), Some("1"));
    assert!(made.version_created_date().is_some());
    for (name, text) in [(NAME, OPEN), ("a:b", OPEN), ("../../x", OPEN), ("n", "{}"), ("n", "")] {
        let refused = create(name, text).send().await.unwrap_err();
        assert!(refused.into_service_error().is_bad_request_exception(), "{name} {text}");
    }

    let update =
        |text: &str| c.update_schema().registry_name("app").schema_name(NAME).content(text).send();
    let second = format!("\n {OPEN}\t\n");
    assert_eq!(update(OPEN).await.unwrap().schema_version(), Some("1"));
    assert_eq!(update(&second).await.unwrap().schema_version(), Some("2"));
    let read = |v: &str| {
        c.describe_schema().registry_name("app").schema_name(NAME).schema_version(v).send()
    };
    assert_eq!(read("1").await.unwrap().content(), Some(OPEN));
    assert_eq!(read("2").await.unwrap().content(), Some(&*second));
    assert!(read("02").await.unwrap_err().into_service_error().is_not_found_exception());

    // characters, not bytes
    let full = |n: usize| {
        let open = OPEN.chars().count() + r#","x":"""#.chars().count();
        OPEN.strip_suffix('}').unwrap().to_owned() + r#","x":""# + &"ä".repeat(n - open) + "\"}"
    };
    assert_eq!(update(&full(100_000)).await.unwrap().schema_version(), Some("3"));
    assert_eq!(read("3").await.unwrap().content().unwrap().chars().count(), 100_000);
    let long = update(&full(100_001)).await.unwrap_err();
    assert!(long.into_service_error().is_bad_request_exception());

    let versions = c.list_schema_versions().registry_name("app").schema_name(NAME);
    let pages = versions.into_paginator().page_size(2).items().send();
    let numbers: Vec<_> = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let numbers: Vec<_> = numbers.iter().filter_map(|v| v.schema_version()).collect();
    assert_eq!(numbers, ["3", "2", "1"]);
    let delete = c.delete_schema_version().registry_name("app").schema_name(NAME);
    delete.schema_version("3").send().await.unwrap();
    assert_eq!(update(&full(9_000)).await.unwrap().schema_version(), Some("4"));

    let found = c.search_schemas().registry_name("app").keywords("nothing PUBLISHED").send();
    assert_eq!(found.await.unwrap().schemas().len(), 1);
    let arn = made.schema_arn().unwrap();
    c.tag_resource().resource_arn(arn).tags("a", "b").send().await.unwrap();
    c.untag_resource().resource_arn(arn).tag_keys("none").send().await.unwrap();
    let tags = c.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags().unwrap()["a"], "b");
    let full = c.delete_registry().registry_name("app").send().await.unwrap_err();
    assert!(full.into_service_error().is_bad_request_exception());
    c.delete_schema().registry_name("app").schema_name(NAME).send().await.unwrap();
    c.delete_registry().registry_name("app").send().await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn two_thousand_schemas_in_pages_and_nothing_written() {
    let preset = |n: usize| Preset {
        registry: "many".to_owned(),
        name: format!("s{n:04}"),
        kind: Kind::OpenApi3,
        versions: vec![OPEN.into(), "garbage".into()],
        modified: None,
    };
    let server = Server::builder()
        .presets((0..2000).map(preset))
        .read_only("this folder is only served")
        .serve()
        .await
        .unwrap();
    let c = client(&server);
    let started = std::time::Instant::now();
    let pages = c.list_schemas().registry_name("many").into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(all.len(), 2000);
    assert!(all.is_sorted_by_key(|s| s.schema_name().map(str::to_owned)));
    assert_eq!(server.calls(Operation::ListSchemas), 20);
    assert!(started.elapsed().as_secs() < 20);
    let refused = c.create_registry().registry_name("app").send().await.unwrap_err();
    assert!(refused.into_service_error().is_forbidden_exception());
}

#[tokio::test]
async fn discovered_exported_policies_discoverers_bindings() {
    let server = Server::builder().serve().await.unwrap();
    let c = client(&server);
    let event = |detail: &str| {
        format!(
            r#"{{"version":"0","id":"1","detail-type":"order placed","source":"shop","account":"1","time":"2026-01-01T00:00:00Z","region":"x","resources":[],"detail":{detail}}}"#
        )
    };
    for kind in [Type::OpenApi3, Type::JsonSchemaDraft4] {
        let samples = [event(r#"{"n":1,"a":"x"}"#), event(r#"{"n":1.5,"b":null}"#)];
        let call = c.get_discovered_schema().r#type(kind.clone());
        let call = call.events(&samples[0]).events(&samples[1]);
        let content = call.send().await.unwrap().content.unwrap();
        let schema: serde_json::Value = serde_json::from_str(&content).unwrap();
        if kind == Type::OpenApi3 {
            let event = &schema["components"]["schemas"]["AWSEvent"];
            assert_eq!(event["x-amazon-events-detail-type"], "order placed");
            let detail = &schema["components"]["schemas"]["OrderPlaced"];
            assert_eq!(detail["properties"]["n"]["type"], "number");
            assert_eq!(detail["required"], serde_json::json!(["n"]));
        } else {
            let judge = jsonschema::draft4::new(&schema).unwrap();
            for sample in &samples {
                assert!(judge.is_valid(&serde_json::from_str(sample).unwrap()), "{schema}");
            }
            assert!(!judge.is_valid(&serde_json::from_str(&event(r#"{"n":"1"}"#)).unwrap()));
        }
    }
    let bus = "arn:aws:events:us-east-1:123456789012:event-bus/default";
    let made = c.create_discoverer().source_arn(bus).send().await.unwrap();
    let id = made.discoverer_id().unwrap();
    let twice = c.create_discoverer().source_arn(bus).send().await.unwrap_err();
    assert!(twice.into_service_error().is_conflict_exception());
    let stopped = c.stop_discoverer().discoverer_id(id).send().await.unwrap();
    assert_eq!(stopped.state().unwrap().as_str(), "STOPPED");
    c.update_discoverer().discoverer_id(id).description("d").send().await.unwrap();
    let one = c.describe_discoverer().discoverer_id(id).send().await.unwrap();
    assert_eq!(one.description(), Some("d"));
    assert_eq!(c.list_discoverers().send().await.unwrap().discoverers().len(), 1);
    c.start_discoverer().discoverer_id(id).send().await.unwrap();
    c.delete_discoverer().discoverer_id(id).send().await.unwrap();

    c.create_registry().registry_name("app").send().await.unwrap();
    let put = |r: Option<&str>| {
        let call = c.put_resource_policy().registry_name("app").policy("{}");
        call.set_revision_id(r.map(str::to_owned)).send()
    };
    let revision = put(None).await.unwrap().revision_id.unwrap();
    let stale = put(Some("other")).await.unwrap_err();
    assert!(stale.into_service_error().is_precondition_failed_exception());
    put(Some(&revision)).await.unwrap();
    assert_eq!(
        c.get_resource_policy().registry_name("app").send().await.unwrap().policy(),
        Some("{}")
    );
    c.delete_resource_policy().registry_name("app").send().await.unwrap();
    let none = c.get_resource_policy().registry_name("app").send().await.unwrap_err();
    assert!(none.into_service_error().is_not_found_exception());

    let schema = c.create_schema().registry_name("app").schema_name("s").content(OPEN);
    schema.r#type(Type::OpenApi3).send().await.unwrap();
    let export = |t: &str| c.export_schema().registry_name("app").schema_name("s").r#type(t).send();
    assert_eq!(export("OpenApi3").await.unwrap().content(), Some(OPEN));
    let custom = export("JSONSchemaDraft4").await.unwrap_err();
    assert!(custom.into_service_error().is_bad_request_exception());
    let put = c.put_code_binding().registry_name("app").schema_name("s").language("Go1");
    assert!(put.send().await.unwrap_err().into_service_error().is_bad_request_exception());
    let get = c.describe_code_binding().registry_name("app").schema_name("s").language("Go1");
    assert!(get.send().await.unwrap_err().into_service_error().is_not_found_exception());
}

#[tokio::test]
async fn faults_reach_the_client_and_pass() {
    let faults = Faults::none();
    let server = Server::builder().faults(&faults).not_modified().serve().await.unwrap();
    let c = client(&server);
    faults.next(1, None, Fault::Throttle);
    faults.next(1, None, Fault::Cut(1));
    c.list_registries().send().await.unwrap();
    assert_eq!((faults.done(), server.calls(Operation::ListRegistries)), (2, 3));
    faults.next(1, None, Fault::Garbage);
    assert!(c.list_registries().send().await.is_err());
    c.create_registry().registry_name("app").send().await.unwrap();
    let made = c.create_schema().registry_name("app").schema_name("s").content(OPEN);
    made.r#type(Type::OpenApi3).send().await.unwrap();
    let same = c.update_schema().registry_name("app").schema_name("s").content(OPEN).send();
    let e = same.await.unwrap_err();
    assert_eq!(e.raw_response().unwrap().status().as_u16(), 304);
    assert_eq!(e.code(), None);
}
