//! The answers, as JSON values. This module does not depend on HTTP.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Rule, metrics};

/// An operation that is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `AWSEvents.ListRules`.
    ListRules,
    /// `AWSEvents.ListTargetsByRule`.
    ListTargetsByRule,
    /// `GetMetricData` of CloudWatch.
    GetMetricData,
}

impl Operation {
    /// The name, as the SDKs have it.
    pub fn name(self) -> &'static str {
        match self {
            Operation::ListRules => "ListRules",
            Operation::ListTargetsByRule => "ListTargetsByRule",
            Operation::GetMetricData => "GetMetricData",
        }
    }

    pub(super) fn find(name: &str) -> Option<Operation> {
        [Operation::ListRules, Operation::ListTargetsByRule, Operation::GetMetricData]
            .into_iter()
            .find(|operation| operation.name() == name)
    }
}

/// An error of the API: status, code and text.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status: 400, code, message: message.into() }
    }
}

/// What is there.
#[derive(Debug)]
pub(super) struct World {
    pub(super) rules: Vec<Rule>,
    pub(super) buses: BTreeSet<String>,
    /// The most items of one page.
    pub(super) page: usize,
    pub(super) region: String,
    pub(super) account: String,
    /// Operations that the caller may not call.
    pub(super) denied: BTreeSet<Operation>,
}

impl World {
    pub(super) fn answer(&self, operation: Operation, body: &Value) -> Result<Value, Refusal> {
        if self.denied.contains(&operation) {
            let message = format!("User is not authorized to perform: {}", operation.name());
            return Err(Refusal::new("AccessDeniedException", message));
        }
        match operation {
            Operation::ListRules => self.rules(body),
            Operation::ListTargetsByRule => self.targets(body),
            Operation::GetMetricData => metrics::answer(self, body),
        }
    }

    fn bus<'v>(&self, body: &'v Value) -> Result<&'v str, Refusal> {
        let named = body.get("EventBusName").and_then(Value::as_str).unwrap_or("default");
        // a bus may be named by its ARN
        let name = named.rsplit('/').next().unwrap_or(named);
        if self.buses.contains(name) {
            return Ok(name);
        }
        let message = format!("Event bus {named} does not exist.");
        Err(Refusal::new("ResourceNotFoundException", message))
    }

    fn rules(&self, body: &Value) -> Result<Value, Refusal> {
        let bus = self.bus(body)?;
        let prefix = body.get("NamePrefix").and_then(Value::as_str).unwrap_or_default();
        let mut rules: Vec<&Rule> =
            self.rules.iter().filter(|r| r.bus == bus && r.name.starts_with(prefix)).collect();
        rules.sort_by(|a, b| a.name.cmp(&b.name));
        let (page, next) = self.page(&rules, body)?;
        let shown = |rule: &&Rule| {
            let of_bus = if bus == "default" { String::new() } else { format!("{bus}/") };
            json!({
                "Name": rule.name,
                "Arn": format!("arn:aws:events:{}:{}:rule/{of_bus}{}", self.region, self.account, rule.name),
                "EventPattern": rule.pattern,
                "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
                "EventBusName": bus,
            })
        };
        Ok(with_token(json!({ "Rules": page.iter().map(shown).collect::<Vec<_>>() }), next))
    }

    fn targets(&self, body: &Value) -> Result<Value, Refusal> {
        let bus = self.bus(body)?;
        let name = body.get("Rule").and_then(Value::as_str).unwrap_or_default();
        let Some(rule) = self.rules.iter().find(|rule| rule.bus == bus && rule.name == name) else {
            let message = format!("Rule {name} does not exist on EventBus {bus}.");
            return Err(Refusal::new("ResourceNotFoundException", message));
        };
        let (page, next) = self.page(&rule.targets, body)?;
        let shown = |(id, arn): &(String, String)| json!({ "Id": id, "Arn": arn });
        Ok(with_token(json!({ "Targets": page.iter().map(shown).collect::<Vec<_>>() }), next))
    }

    /// The items of the page that is asked for, and the token of the next one.
    fn page<'i, T>(
        &self,
        items: &'i [T],
        body: &Value,
    ) -> Result<(&'i [T], Option<String>), Refusal> {
        let limit = body.get("Limit").and_then(Value::as_u64).unwrap_or(100);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if !(1..=100).contains(&limit) {
            let message = "Value at 'limit' failed to satisfy constraint: between 1 and 100";
            return Err(Refusal::new("ValidationException", message));
        }
        let start = match body.get("NextToken").and_then(Value::as_str) {
            Some(token) => token
                .strip_prefix("page-")
                .and_then(|at| at.parse::<usize>().ok())
                .filter(|at| *at <= items.len())
                .ok_or_else(|| Refusal::new("ValidationException", "Invalid NextToken"))?,
            None => 0,
        };
        let end = items.len().min(start.saturating_add(limit.min(self.page)));
        let next = (end < items.len()).then(|| format!("page-{end}"));
        Ok((&items[start..end], next))
    }
}

fn with_token(mut answer: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    answer
}
