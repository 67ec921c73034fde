//! Rules and metrics over a real socket, with AWS's own clients.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use aws_sdk_cloudwatch::Client as CloudWatch;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use aws_sdk_eventbridge::Client as EventBridge;
use aws_sdk_eventbridge::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use event_local::rules::{Operation, Rule, Server};

macro_rules! client {
    ($sdk:ident, $server:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new("test", "test", None, None, "test"))
                .endpoint_url($server.endpoint())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build(),
        )
    };
}

fn clients(server: &Server) -> (EventBridge, CloudWatch) {
    (client!(aws_sdk_eventbridge, server), client!(aws_sdk_cloudwatch, server))
}

#[tokio::test]
async fn rules_and_targets_come_in_pages() {
    let rules = (0..5).map(|n| {
        let rule = Rule::new(&format!("r{n}"), "shop", r#"{"source":["a"]}"#);
        (0..3).fold(rule, |rule, t| rule.target(&format!("t{t}"), &format!("arn:aws:sqs:::q{t}")))
    });
    let server = Server::builder().rules(rules).bus("empty").page(2).serve().await.unwrap();
    let (events, _) = clients(&server);
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let page =
            events.list_rules().event_bus_name("shop").set_next_token(token).send().await.unwrap();
        names.extend(page.rules().iter().map(|rule| rule.name().unwrap().to_owned()));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(
        (names, server.calls(Operation::ListRules)),
        (["r0", "r1", "r2", "r3", "r4"].map(str::to_owned).to_vec(), 3)
    );
    let page =
        events.list_targets_by_rule().event_bus_name("shop").rule("r1").send().await.unwrap();
    assert_eq!((page.targets().len(), page.next_token()), (2, Some("page-2")));
    let empty = events.list_rules().event_bus_name("empty").send().await.unwrap();
    assert!(empty.rules().is_empty());
    let named = events.list_rules().event_bus_name("shop").name_prefix("r3").send().await.unwrap();
    assert_eq!(named.rules().len(), 1);
    let missing = events.list_rules().event_bus_name("other").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
    let missing = events.list_targets_by_rule().rule("r1").send().await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
}

fn query(id: &str, dimensions: &[(&str, &str)]) -> MetricDataQuery {
    let dimension =
        |(name, value): &(&str, &str)| Dimension::builder().name(*name).value(*value).build();
    let metric = Metric::builder()
        .namespace("AWS/Events")
        .metric_name("MatchedEvents")
        .set_dimensions(Some(dimensions.iter().map(dimension).collect()))
        .build();
    let stat = MetricStat::builder().metric(metric).period(3600).stat("Sum").build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

#[tokio::test]
async fn matched_events_are_sums_by_period_and_need_the_bus() {
    let rule =
        Rule::new("r", "shop", "{}").matched(7_200, 1.0).matched(7_300, 2.0).matched(10_800, 4.0);
    let usual = Rule::new("r", "default", "{}").matched(7_200, 8.0);
    let server = Server::builder().rules([rule, usual]).serve().await.unwrap();
    let (_, metrics) = clients(&server);
    let answer = metrics
        .get_metric_data()
        .metric_data_queries(query("both", &[("EventBusName", "shop"), ("RuleName", "r")]))
        .metric_data_queries(query("alone", &[("RuleName", "r")]))
        .start_time(DateTime::from_secs(0))
        .end_time(DateTime::from_secs(86_400))
        .send()
        .await
        .unwrap();
    let [both, alone] = answer.metric_data_results() else { panic!("{answer:?}") };
    // the newest first, as the API does by default
    assert_eq!(both.values(), [4.0, 3.0]);
    assert_eq!(both.timestamps().iter().map(DateTime::secs).collect::<Vec<_>>(), [10_800, 7_200]);
    // on a custom bus, a rule is not reported by its name alone
    assert_eq!(alone.values(), [8.0]);
    let wrong = metrics
        .get_metric_data()
        .metric_data_queries(query("Upper", &[]))
        .start_time(DateTime::from_secs(0))
        .end_time(DateTime::from_secs(60))
        .send()
        .await
        .unwrap_err();
    assert_eq!(wrong.code(), Some("ValidationError"));
}

#[tokio::test]
async fn denied_operations_are_refused() {
    let server = Server::builder()
        .deny(Operation::ListRules)
        .deny(Operation::GetMetricData)
        .serve()
        .await
        .unwrap();
    let (events, metrics) = clients(&server);
    let refused = events.list_rules().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    let refused = metrics
        .get_metric_data()
        .metric_data_queries(query("a", &[]))
        .start_time(DateTime::from_secs(0))
        .end_time(DateTime::from_secs(60))
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    let unknown = events.list_event_buses().send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("UnknownOperationException"));
}
