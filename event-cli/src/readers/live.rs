//! Readers as they are deployed: rules of a bus, their targets, and how often they matched. AWS's SDKs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudwatch::Client as CloudWatch;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_sdk_eventbridge::Client as EventBridge;
use aws_sdk_eventbridge::config::ProvideCredentials;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::{Rule, RuleState, Target};
use aws_smithy_http_client::tls;
use event_folder::load::EventName;
use event_topology::pattern::EventPattern;
use tokio::runtime::Runtime;

use super::{Evidence, Found, Kind, Measured, Reads, Sighting};
use crate::day;
use crate::patterns::{self, Major};

/// Items of a page, the most that the API gives (*Amazon EventBridge API Reference*, `ListRules`).
const PAGE: i32 = 100;

/// Pages of one list, at most. A list without an end would be read for ever.
const PAGES: usize = 1000;

/// Series of one request, the most that the API takes (*Amazon CloudWatch API Reference*, `GetMetricData`).
const SERIES: usize = 500;

/// The period of the metrics: CloudWatch keeps sums of an hour for 455 days, and a day is made of them.
const DAY: i64 = 86_400;

/// Clients, and the runtime that they need.
pub(crate) struct Live {
    runtime: Runtime,
    events: EventBridge,
    metrics: CloudWatch,
}

/// A rule that reads the event.
struct Deployed {
    name: String,
    arn: String,
    /// The majors that it reads; and of one that it reads only with a field that no schema has, which.
    majors: Vec<(u32, Option<String>)>,
    enabled: bool,
    targets: Result<Vec<Target>, String>,
}

impl Live {
    /// Clients with what the environment and AWS's files say.
    pub(crate) fn connect() -> Result<Live, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("failed to start the client: {e}"))?;
        let config = runtime.block_on(config())?;
        let retries = RetryConfig::standard().with_max_attempts(5);
        let events = aws_sdk_eventbridge::config::Builder::from(&config)
            .retry_config(retries.clone())
            .build();
        let metrics =
            aws_sdk_cloudwatch::config::Builder::from(&config).retry_config(retries).build();
        let (events, metrics) = (EventBridge::from_conf(events), CloudWatch::from_conf(metrics));
        Ok(Live { runtime, events, metrics })
    }

    /// Adds what the rules of a bus read of an event, and how often they matched in these days.
    pub(crate) fn gather(
        &self,
        bus: &str,
        days: u32,
        event: &EventName,
        majors: &[Major<'_>],
        found: &mut Found,
        progress: &mut dyn FnMut(usize, usize),
    ) {
        self.runtime.block_on(self.of_bus(bus, days, event, majors, found, progress));
    }

    async fn of_bus(
        &self,
        bus: &str,
        days: u32,
        event: &EventName,
        majors: &[Major<'_>],
        found: &mut Found,
        progress: &mut dyn FnMut(usize, usize),
    ) {
        let mut evidence = Evidence {
            kind: Kind::Deployed,
            looked_at: format!("rules of bus `{bus}`"),
            problems: Vec::new(),
        };
        let rules = match self.rules(bus).await {
            Ok(rules) => rules,
            Err(why) => {
                evidence.problems.push(why);
                found.evidence.push(evidence);
                return;
            }
        };
        evidence.looked_at =
            format!("{} of bus `{bus}`", crate::command::count(rules.len(), "rule"));
        let mut deployed = Vec::new();
        let total = rules.len();
        for (done, rule) in rules.into_iter().enumerate() {
            progress(done, total);
            let name = rule.name.clone().unwrap_or_default();
            let Some(text) = &rule.event_pattern else { continue };
            let pattern = match EventPattern::parse(text) {
                Ok(pattern) => pattern,
                Err(wrong) => {
                    let why = wrong.problems.first().map(ToString::to_string).unwrap_or_default();
                    evidence
                        .problems
                        .push(format!("failed to read the pattern of rule `{name}`: {why}"));
                    continue;
                }
            };
            let judged = patterns::judge(&pattern, majors);
            let matches = judged.matches.iter().map(|at| (&majors[*at], None));
            let undeclared = judged.undeclared.iter().map(|(at, why)| (&majors[*at], Some(why)));
            let read: Vec<(u32, Option<String>)> = matches
                .chain(undeclared)
                .filter(|(m, _)| m.event == event)
                .map(|(m, why)| (m.major, why.cloned()))
                .collect();
            if read.is_empty() {
                continue;
            }
            let targets = self.targets(bus, &name).await;
            if let Err(why) = &targets {
                evidence.problems.push(format!("rule `{name}`: {why}"));
            }
            let enabled = rule.state != Some(RuleState::Disabled);
            let arn = rule.arn.unwrap_or_default();
            deployed.push(Deployed { name, arn, majors: read, enabled, targets });
        }
        found.evidence.push(evidence);
        let names: Vec<&str> = deployed.iter().map(|rule| rule.name.as_str()).collect();
        let (from, to) = window(days);
        let measured = self.measure(bus, &names, from, to).await;
        let looked_at = format!(
            "`MatchedEvents` of {} from {} to {}",
            crate::command::count(names.len(), "rule"),
            day::day(from.div_euclid(DAY)),
            day::day(to.div_euclid(DAY) - 1),
        );
        let problems = measured.as_ref().err().cloned().into_iter().collect();
        found.evidence.push(Evidence { kind: Kind::Measured, looked_at, problems });
        let measured = measured.unwrap_or_default();
        for rule in &deployed {
            for (major, undeclared) in &rule.majors {
                let measured = measured.get(&rule.name).cloned();
                found.sightings.push(sighting(bus, rule, (*major, undeclared.as_ref()), measured));
            }
        }
    }

    async fn rules(&self, bus: &str) -> Result<Vec<Rule>, String> {
        pages("events:ListRules", async |token| {
            let call = self.events.list_rules().event_bus_name(bus).limit(PAGE);
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|e| failed("events:ListRules", &e))?;
            Ok((page.rules.unwrap_or_default(), page.next_token))
        })
        .await
    }

    async fn targets(&self, bus: &str, rule: &str) -> Result<Vec<Target>, String> {
        pages("events:ListTargetsByRule", async |token| {
            let call =
                self.events.list_targets_by_rule().event_bus_name(bus).rule(rule).limit(PAGE);
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|e| failed("events:ListTargetsByRule", &e))?;
            Ok((page.targets.unwrap_or_default(), page.next_token))
        })
        .await
    }

    /// How often each rule matched.
    async fn measure(
        &self,
        bus: &str,
        rules: &[&str],
        from: i64,
        to: i64,
    ) -> Result<BTreeMap<String, Measured>, String> {
        let mut days: BTreeMap<String, BTreeMap<i64, f64>> =
            rules.iter().map(|rule| ((*rule).to_owned(), BTreeMap::new())).collect();
        for some in rules.chunks(SERIES) {
            let queries = some.iter().enumerate().map(|(at, rule)| query(at, bus, rule));
            let queries: Vec<MetricDataQuery> = queries.collect();
            let results = pages("cloudwatch:GetMetricData", async |token| {
                let answer = self
                    .metrics
                    .get_metric_data()
                    .set_metric_data_queries(Some(queries.clone()))
                    .start_time(DateTime::from_secs(from))
                    .end_time(DateTime::from_secs(to))
                    .scan_by(ScanBy::TimestampAscending)
                    .set_next_token(token)
                    .send()
                    .await
                    .map_err(|e| failed("cloudwatch:GetMetricData", &e))?;
                Ok((answer.metric_data_results.unwrap_or_default(), answer.next_token))
            })
            .await?;
            for result in results {
                let at =
                    result.id.as_deref().and_then(|id| id.strip_prefix('r')?.parse::<usize>().ok());
                let Some(rule) = at.and_then(|at| some.get(at)) else { continue };
                let Some(series) = days.get_mut(*rule) else { continue };
                let times = result.timestamps.unwrap_or_default();
                for (time, value) in times.iter().zip(result.values.unwrap_or_default()) {
                    *series.entry(time.secs().div_euclid(DAY)).or_insert(0.0) += value;
                }
            }
        }
        let of = |series: BTreeMap<i64, f64>| {
            let mut used = series.iter().filter(|(_, events)| **events > 0.0).map(|(day, _)| *day);
            let first = used.next();
            let last = used.next_back().or(first);
            let days = first.zip(last).map(|(a, b)| (day::day(a), day::day(b)));
            Measured { events: series.values().sum(), days }
        };
        Ok(days.into_iter().map(|(rule, series)| (rule, of(series))).collect())
    }
}

/// All items of a list, page by page; `permission` is what each call needs.
async fn pages<T>(
    permission: &str,
    mut page: impl AsyncFnMut(Option<String>) -> Result<(Vec<T>, Option<String>), String>,
) -> Result<Vec<T>, String> {
    let (mut out, mut token) = (Vec::new(), None);
    for _ in 0..PAGES {
        let (items, next) = page(token).await?;
        out.extend(items);
        token = next.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(out);
        }
    }
    Err(format!("`{permission}` returned {PAGES} pages, and the list does not end"))
}

/// Whole days up to the end of today.
fn window(days: u32) -> (i64, i64) {
    let today = event_shape::baseline::days(&day::today()).unwrap_or_default();
    let to = (today + 1) * DAY;
    (to - i64::from(days) * DAY, to)
}

/// The dimensions that EventBridge reports: with the bus, unless it is the default one.
fn query(at: usize, bus: &str, rule: &str) -> MetricDataQuery {
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let of_bus = (bus != "default").then(|| dimension("EventBusName", bus));
    let dimensions = of_bus.into_iter().chain([dimension("RuleName", rule)]).collect();
    let metric = Metric::builder()
        .namespace("AWS/Events")
        .metric_name("MatchedEvents")
        .set_dimensions(Some(dimensions))
        .build();
    let stat = MetricStat::builder().metric(metric).period(86_400).stat("Sum").build();
    MetricDataQuery::builder().id(format!("r{at}")).metric_stat(stat).build()
}

fn sighting(
    bus: &str,
    rule: &Deployed,
    (major, undeclared): (u32, Option<&String>),
    measured: Option<Measured>,
) -> Sighting {
    let (mut details, mut other_buses) = (Vec::new(), Vec::new());
    for target in rule.targets.iter().flatten() {
        details.push(format!("→ {}", target.arn));
        if target.arn.contains(":event-bus/") {
            other_buses.push(target.arn.clone());
        }
    }
    let reads = match &rule.targets {
        _ if !rule.enabled => Reads::Not("the rule is disabled".to_owned()),
        Ok(targets) if targets.is_empty() => Reads::Not("the rule has no targets".to_owned()),
        Err(why) => Reads::Maybe(why.clone()),
        Ok(_) => undeclared.map_or(Reads::Yes, |why| Reads::Maybe(why.clone())),
    };
    for other in other_buses {
        details.push(format!("who reads on {other} is not visible from here"));
    }
    Sighting {
        major,
        kind: Kind::Deployed,
        who: rule.name.clone(),
        bus: Some(bus.to_owned()),
        place: rule.arn.clone(),
        details,
        reads,
        measured,
    }
}

async fn config() -> Result<SdkConfig, String> {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .read_timeout(Duration::from_secs(20))
        .operation_attempt_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_mins(2))
        .build();
    let loader = aws_config::defaults(BehaviorVersion::latest());
    let config = loader.http_client(http).timeout_config(timeouts).load().await;
    if config.region().is_none() {
        return Err("no region is set: `export AWS_REGION=eu-central-1`".to_owned());
    }
    let Some(provider) = config.credentials_provider() else {
        return Err("no credentials are set".to_owned());
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(config),
        Err(error) => Err(format!("no credentials: {}", DisplayErrorContext(&error))),
    }
}

/// What failed, in a line.
fn failed<E, R>(permission: &str, error: &SdkError<E, R>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: fmt::Debug,
{
    if let SdkError::ServiceError(service) = error {
        let code = service.err().code().unwrap_or_default();
        let said = service.err().message().unwrap_or_default();
        if code.contains("AccessDenied") || code.contains("NotAuthorized") {
            return format!("`{permission}` is not allowed: {}", bounded(said));
        }
        return format!("`{permission}` was refused ({}): {}", bounded(code), bounded(said));
    }
    format!("`{permission}` failed: {}", bounded(&DisplayErrorContext(error).to_string()))
}

fn bounded(text: &str) -> String {
    text.chars().take(300).collect()
}
