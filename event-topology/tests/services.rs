//! Several services beside each other.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error has failed and should say where"
)]

use event_topology::plan::{Plan, Publish, Read, Supersedes};
use event_topology::template::{Options, Stage, Template};
use event_topology::{Declaration, Queue, Services, Topology};

fn placed() -> [Read; 1] {
    [Read::new("order.placed", 1, 0, "app.shop")]
}

fn service(bus: &str, shared: bool, consumers: impl IntoIterator<Item = Declaration>) -> Plan {
    let mut builder = Topology::on(bus);
    if shared {
        builder = builder.shared_bus();
    }
    let topology = consumers.into_iter().fold(builder, event_topology::TopologyBuilder::consumer);
    topology.build().unwrap().plan().clone()
}

fn rules(services: &[(&str, &Plan)]) -> Vec<(&'static str, String)> {
    let problems = Services::new(services.iter().copied()).problems();
    problems.into_iter().map(|problem| (problem.rule, problem.what)).collect()
}

#[test]
fn services_on_one_bus_have_a_template_each_or_one() {
    let shop = service("shop", false, [Declaration::new("emailer", placed()).table("claims")]);
    let bank = service("shop", true, [Declaration::new("ledger", placed())]);
    assert_eq!(rules(&[("a", &shop), ("b", &bank)]), []);

    let options = Options::new(Stage::new("prod").unwrap()).archive_days(1);
    let own = Template::of(&bank, &options).unwrap();
    assert!(own.resources().iter().all(|it| it.kind() != "AWS::Events::EventBus"));
    let text = own.to_yaml();
    assert!(text.contains("EventBusName: !Sub \"shop-${Stage}\""), "{text}");
    assert!(text.contains(":event-bus/shop-${Stage}"), "{text}");

    let services = Services::new([("a", &shop), ("b", &bank)]);
    let combined = services.combined().unwrap();
    assert_eq!(combined.len(), 1);
    assert_eq!(combined[0].problems(), []);
    let one = Template::of(&combined[0], &options).unwrap();
    assert!(one.resources().iter().any(|it| it.kind() == "AWS::Events::EventBus"));
    // The order of the files does not matter.
    let other = Services::new([("b", &bank), ("a", &shop)]).combined().unwrap();
    assert_eq!(Template::of(&other[0], &options).unwrap().to_yaml(), one.to_yaml());
}

#[test]
fn names_of_two_services_are_refused() {
    let shop = service("shop", false, [Declaration::new("emailer", placed())]);
    let bank = service("bank", false, [Declaration::new("emailer", placed())]);
    let found = rules(&[("shop.json", &shop), ("bank.json", &bank)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "consumer-twice");
    assert!(found[0].1.contains("`shop.json` and `bank.json`"), "{found:?}");

    let queue = || Queue::standard().named("mails");
    let one = service("shop", false, [Declaration::new("a", placed()).queue(queue())]);
    let two = service("bank", false, [Declaration::new("b", placed()).queue(queue())]);
    let found = rules(&[("1", &one), ("2", &two)]);
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["queue-shared"; 3]);

    let one = service("shop", false, [Declaration::new("a", placed()).table("claims")]);
    let two = service("shop", false, [Declaration::new("b", placed()).table("claims")]);
    let found: Vec<_> = rules(&[("1", &one), ("2", &two)]).iter().map(|it| it.0).collect();
    assert_eq!(found, ["bus-twice", "table-twice"]);
    let combined = Services::new([("1", &one), ("2", &two)]).combined().unwrap();
    assert_eq!(combined[0].tables.len(), 1);
    assert_eq!(combined[0].tables[0].consumers, ["a", "b"]);
}

#[test]
fn rules_of_all_services_on_a_bus_count() {
    let many = |prefix: &str, shared| {
        let consumers = (0..160).map(|n| Declaration::new(&format!("{prefix}-{n}"), placed()));
        service("shop", shared, consumers)
    };
    let (one, two) = (many("a", false), many("b", true));
    let found = rules(&[("1", &one), ("2", &two)]);
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["rules-quota"]);
    assert!(found[0].1.contains("320 rules"), "{found:?}");
    assert!(Services::new([("1", &one), ("2", &two)]).combined().is_err());
}

#[test]
fn function_with_a_name_too_long_for_any_stage_is_refused() {
    let function = |name: &str| {
        let queue = Queue::standard().visibility(std::time::Duration::from_mins(1)).named("q");
        let consumer = Declaration::new(name, placed()).queue(queue);
        let consumer = consumer.function(std::time::Duration::from_secs(10));
        Topology::on("shop").consumer(consumer).build()
    };
    function(&"f".repeat(47)).unwrap();
    let error = function(&"f".repeat(48)).unwrap_err();
    assert_eq!(error.problems[0].rule, "function-name");
    assert!(error.to_string().contains("64"), "{error}");
}

#[test]
fn consumer_of_a_retired_major_does_not_build() {
    let retired = Supersedes { major: 1, retired: true, sunset: None };
    let publish = || Publish::new("order.placed", 2, 0, "app.shop");
    let built = |publish| {
        let topology = Topology::on("shop").publisher("api", [publish]);
        topology.consumer(Declaration::new("emailer", placed())).build()
    };
    built(publish()).unwrap();
    let error = built(publish().superseding(retired.clone())).unwrap_err();
    assert_eq!(error.problems[0].rule, "reads-retired");

    // Also where a consumer of the same topology says so, and the old major is only upcast.
    let v2 = Read::new("order.placed", 2, 0, "app.shop").superseding(retired);
    let v1 = Read::new("order.placed", 1, 0, "app.shop").upcast_to(2);
    let error = Topology::on("shop").consumer(Declaration::new("a", [v1, v2])).build().unwrap_err();
    assert_eq!(error.problems[0].rule, "reads-retired");
}

#[test]
fn retirement_by_another_service_is_known() {
    let reader = service("bank", false, [Declaration::new("emailer", placed())]);
    let publisher = |retired: bool| {
        let v1 = Supersedes { major: 1, retired, sunset: Some("2026-06-30".to_owned()) };
        let publish = Publish::new("order.placed", 2, 0, "app.shop").superseding(v1);
        Topology::on("shop").publisher("api", [publish]).build().unwrap().plan().clone()
    };
    let (alive, gone) = (publisher(false), publisher(true));
    assert_eq!(rules(&[("shop", &alive), ("bank", &reader)]), []);
    let found = rules(&[("shop", &gone), ("bank", &reader)]);
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["reads-retired"]);

    let services = Services::new([("shop", &alive), ("bank", &reader)]);
    assert_eq!(services.past_sunset("2026-06-29"), []);
    let late = services.past_sunset("2026-06-30");
    assert_eq!((late.len(), late[0].0, late[0].1.rule), (1, "bank", "reads-past-sunset"));
}
