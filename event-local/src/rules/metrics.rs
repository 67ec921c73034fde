//! `GetMetricData` for `MatchedEvents`. Times are seconds since 1970.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Refusal, World};

/// The most queries of one request (*Amazon CloudWatch API Reference*, `GetMetricData`).
const QUERIES: usize = 500;

/// The most periods of one series that are added up here.
const PERIODS: usize = 100_800;

pub(super) fn answer(world: &World, body: &Value) -> Result<Value, Refusal> {
    let invalid = |message: &str| Refusal::new("InvalidParameterValueException", message);
    let queries = body.get("MetricDataQueries").and_then(Value::as_array);
    let queries = queries.ok_or_else(|| invalid("MetricDataQueries is required"))?;
    if queries.is_empty() || queries.len() > QUERIES {
        return Err(invalid("1 to 500 MetricDataQueries are allowed"));
    }
    let time = |name: &str| body.get(name).and_then(Value::as_f64);
    let (Some(start), Some(end)) = (time("StartTime"), time("EndTime")) else {
        return Err(invalid("StartTime and EndTime are required"));
    };
    if start >= end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let ascending = body.get("ScanBy").and_then(Value::as_str) == Some("TimestampAscending");
    let mut results = Vec::new();
    for query in queries {
        let id = query.get("Id").and_then(Value::as_str).unwrap_or_default();
        let first_is_lower = id.starts_with(|c: char| c.is_ascii_lowercase());
        if !first_is_lower || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(Refusal::new("ValidationError", format!("invalid Id `{id}`")));
        }
        let Some(stat) = query.get("MetricStat") else {
            return Err(Refusal::new("ValidationError", "expressions are not supported here"));
        };
        let mut points: Vec<(i64, f64)> = series(world, stat, start, end)?.into_iter().collect();
        if !ascending {
            points.reverse();
        }
        results.push((id.to_owned(), points));
    }
    Ok(page(world.page, &results, body.get("NextToken").and_then(Value::as_str)))
}

/// The sum of each period that has one.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit the mantissa of a double")]
fn series(
    world: &World,
    stat: &Value,
    start: f64,
    end: f64,
) -> Result<BTreeMap<i64, f64>, Refusal> {
    let text = |at: &str| stat.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let period = stat.get("Period").and_then(Value::as_i64).unwrap_or_default();
    if period < 60 || period % 60 != 0 {
        return Err(Refusal::new("ValidationError", "Period must be a multiple of 60"));
    }
    if (end - start) / period as f64 > PERIODS as f64 {
        return Err(Refusal::new("ValidationError", "too many periods"));
    }
    if text("/Stat") != "Sum" {
        return Err(Refusal::new("ValidationError", "only the statistic Sum is supported here"));
    }
    let dimensions: BTreeMap<&str, &str> = stat
        .pointer("/Metric/Dimensions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|d| Some((d.get("Name")?.as_str()?, d.get("Value")?.as_str()?)))
        .collect();
    let mut sums = BTreeMap::new();
    if text("/Metric/Namespace") != "AWS/Events" || text("/Metric/MetricName") != "MatchedEvents" {
        return Ok(sums);
    }
    let rule = world.rules.iter().find(|rule| {
        let own: BTreeMap<&str, &str> = match rule.bus.as_str() {
            "default" => [("RuleName", rule.name.as_str())].into(),
            bus => [("EventBusName", bus), ("RuleName", rule.name.as_str())].into(),
        };
        own == dimensions
    });
    for (at, events) in rule.into_iter().flat_map(|rule| &rule.matched) {
        let bucket = at.div_euclid(period) * period;
        if *at as f64 >= start && (*at as f64) < end {
            *sums.entry(bucket).or_insert(0.0) += events;
        }
    }
    Ok(sums)
}

/// At most so many points, from where the token says; series go on from page to page.
fn page(size: usize, results: &[(String, Vec<(i64, f64)>)], token: Option<&str>) -> Value {
    let start = token.and_then(|t| t.strip_prefix("points-")?.parse::<usize>().ok()).unwrap_or(0);
    let total: usize = results.iter().map(|(_, points)| points.len()).sum();
    let end = total.min(start.saturating_add(size));
    let (mut at, mut out) = (0, Vec::new());
    for (id, points) in results {
        let of_page: Vec<&(i64, f64)> = points
            .iter()
            .enumerate()
            .filter(|(n, _)| (start..end).contains(&(at + n)))
            .map(|(_, point)| point)
            .collect();
        at += points.len();
        out.push(json!({
            "Id": id,
            "Label": "MatchedEvents",
            "Timestamps": of_page.iter().map(|(time, _)| time).collect::<Vec<_>>(),
            "Values": of_page.iter().map(|(_, value)| value).collect::<Vec<_>>(),
            "StatusCode": if at <= end { "Complete" } else { "PartialData" },
        }));
    }
    let mut answer = json!({ "MetricDataResults": out, "Messages": [] });
    if end < total {
        answer["NextToken"] = json!(format!("points-{end}"));
    }
    answer
}
