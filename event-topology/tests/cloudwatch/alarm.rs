//! Alarms: M out of N data points, and those that are missing.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Series;
use super::math::{Value, Window, evaluate};

/// What an alarm makes of a data point that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Breaching,
    NotBreaching,
}

/// Whether the alarm is in the state `ALARM`.
///
/// `points` are those of the evaluation range, the oldest first; it is longer than `out_of` periods. The most recent
/// points that are there count; if they are too few, the rest is filled.
pub(crate) fn fires(
    points: &[Option<f64>],
    above: f64,
    datapoints: usize,
    out_of: usize,
    missing: Missing,
) -> bool {
    let real: Vec<f64> = points.iter().rev().flatten().copied().take(out_of).collect();
    let filled = out_of - real.len();
    let breaching = real.iter().filter(|value| **value > above).count();
    let breaching = breaching + if missing == Missing::Breaching { filled } else { 0 };
    breaching >= datapoints
}

/// Periods that are looked at beyond those that are evaluated. The guide says that there are some, and their number
/// depends on the period.
const MORE: i64 = 2;

/// Metrics by name and dimensions, and what was recorded of each.
#[derive(Debug, Default, Clone)]
pub(crate) struct Recorded(BTreeMap<String, Series>);

impl Recorded {
    /// Records a metric: `QueueName=EmailerQueue`.
    pub(crate) fn add(
        &mut self,
        name: &str,
        dimensions: &str,
        values: impl IntoIterator<Item = (i64, f64)>,
    ) {
        self.0.entry(format!("{name} {dimensions}")).or_default().extend(values);
    }

    fn of(&self, name: &Json, dimensions: &Json) -> Series {
        let mut named: Vec<String> = dimensions
            .as_array()
            .unwrap()
            .iter()
            .map(|it| format!("{}={}", it["Name"].as_str().unwrap(), target(&it["Value"])))
            .collect();
        named.sort();
        let key = format!("{} {}", name.as_str().unwrap(), named.join(" "));
        self.0.get(&key).cloned().unwrap_or_default()
    }
}

/// The logical id that a dimension's value comes from.
fn target(value: &Json) -> String {
    match (&value["Ref"], &value["Fn::GetAtt"]) {
        (Json::String(id), _) => id.clone(),
        (_, Json::Array(parts)) => parts[0].as_str().unwrap().to_owned(),
        _ => panic!("{value}"),
    }
}

/// Whether an alarm of a template (its `Properties`) fires at this minute.
pub(crate) fn fires_at(alarm: &Json, minute: i64, recorded: &Recorded, fills_empty: bool) -> bool {
    assert_eq!(alarm["TreatMissingData"], "notBreaching");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
    let out_of = alarm["EvaluationPeriods"].as_i64().unwrap();
    let datapoints = alarm["DatapointsToAlarm"].as_i64().unwrap();
    let above = alarm["Threshold"].as_f64().unwrap();
    let minutes_of = |seconds: &Json| seconds.as_i64().unwrap() / 60;
    let period = match alarm["Metrics"].as_array() {
        Some(metrics) => {
            metrics.iter().find_map(|it| it["MetricStat"]["Period"].as_i64()).unwrap() / 60
        }
        None => minutes_of(&alarm["Period"]),
    };
    // whole periods that are over
    let last = minute / period;
    let periods: Vec<i64> = (last - out_of - MORE + 1..=last).collect();
    let series = match alarm["Metrics"].as_array() {
        None => {
            let raw = recorded.of(&alarm["MetricName"], &alarm["Dimensions"]);
            let statistic =
                alarm["Statistic"].as_str().or(alarm["ExtendedStatistic"].as_str()).unwrap();
            aggregated(&raw, period, statistic, &periods)
        }
        Some(metrics) => {
            let mut named = BTreeMap::new();
            for metric in metrics.iter().filter(|it| it["MetricStat"].is_object()) {
                let stat = &metric["MetricStat"];
                let raw = recorded.of(&stat["Metric"]["MetricName"], &stat["Metric"]["Dimensions"]);
                let of_period = aggregated(&raw, period, stat["Stat"].as_str().unwrap(), &periods);
                named.insert(metric["Id"].as_str().unwrap().to_owned(), of_period);
            }
            let result = metrics.iter().find(|it| it["ReturnData"] == true).unwrap();
            let window = Window { series: &named, minutes: periods.clone(), fills_empty };
            match evaluate(result["Expression"].as_str().unwrap(), &window) {
                Value::Series(series) => series,
                Value::Number(_) => panic!("an alarm needs a series"),
            }
        }
    };
    let points: Vec<Option<f64>> = periods.iter().map(|at| series.get(at).copied()).collect();
    let count = |number: i64| usize::try_from(number).unwrap();
    fires(&points, above, count(datapoints), count(out_of), Missing::NotBreaching)
}

/// Values by period, of values by minute.
fn aggregated(raw: &Series, period: i64, statistic: &str, periods: &[i64]) -> Series {
    let mut out = Series::new();
    for &at in periods {
        let values: Vec<f64> =
            raw.range(at * period..(at + 1) * period).map(|(_, it)| *it).collect();
        if values.is_empty() {
            continue;
        }
        let value = match statistic {
            "Sum" => values.iter().sum(),
            // a percentile of a minute is at most that of its highest minute
            "Maximum" | "p99" => values.iter().copied().fold(f64::MIN, f64::max),
            other => panic!("{other}"),
        };
        out.insert(at, value);
    }
    out
}
