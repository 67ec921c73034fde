//! Functions of CloudFormation as expressions of Terraform.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

/// What a logical id is in Terraform: its type and its name.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) kind: &'static str,
    pub(super) name: String,
}

/// The resources by logical id.
#[derive(Debug)]
pub(super) struct Addresses(BTreeMap<String, Address>);

impl Addresses {
    pub(super) fn new(all: impl IntoIterator<Item = (String, Address)>) -> Self {
        Self(all.into_iter().collect())
    }

    /// A value as Terraform's JSON has it: strings are templates, functions are `${..}`.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(escaped(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => match function(members) {
                Some(("Fn::Sub", Value::String(text))) => Value::String(self.substituted(text)),
                Some((name, argument)) => {
                    Value::String(format!("${{{}}}", self.function(name, argument)))
                }
                None => {
                    let members = members.iter().map(|(name, it)| (escaped(name), self.value(it)));
                    members.collect::<Map<_, _>>().into()
                }
            },
            other => other.clone(),
        }
    }

    /// A document, such as a policy, as the text that an attribute has.
    pub(super) fn document(&self, value: &Value) -> Value {
        Value::String(self.value(value).to_string())
    }

    /// A value as an expression.
    fn expression(&self, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.expression(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(members) => match function(members) {
                Some(("Fn::Sub", Value::String(text))) => {
                    Value::String(self.substituted(text)).to_string()
                }
                Some((name, argument)) => self.function(name, argument),
                None => "null".to_owned(),
            },
            Value::String(text) => Value::String(escaped(text)).to_string(),
            other => other.to_string(),
        }
    }

    fn function(&self, name: &str, argument: &Value) -> String {
        match (name, argument) {
            ("Ref", Value::String(id)) => self.reference(id),
            ("Fn::GetAtt", Value::Array(parts)) => {
                let part = |at: usize| parts.get(at).and_then(Value::as_str).unwrap_or_default();
                self.attribute(part(0), part(1))
            }
            ("Fn::If", Value::Array(parts)) => {
                let part = |at: usize| parts.get(at).unwrap_or(&Value::Null);
                let condition = match part(0).as_str() {
                    Some("HasWarningTopic") => "var.warning_topic_arn",
                    _ => "var.alarm_topic_arn",
                };
                let (yes, no) = (self.expression(part(1)), self.expression(part(2)));
                format!("{condition} != \"\" ? {yes} : {no}")
            }
            _ => "null".to_owned(),
        }
    }

    /// `!Ref`: what it means depends on the type.
    fn reference(&self, id: &str) -> String {
        if id == "AWS::NoValue" {
            // only alarms without a topic have it
            return "[]".to_owned();
        }
        let Some(address) = self.0.get(id) else { return format!("var.{}", snake(id)) };
        let attribute = match address.kind {
            "aws_sqs_queue" => "url",
            "aws_iam_policy" => "arn",
            "aws_lambda_function" => "function_name",
            _ => "name",
        };
        format!("{}.{}.{attribute}", address.kind, address.name)
    }

    /// `!GetAtt`.
    fn attribute(&self, id: &str, attribute: &str) -> String {
        let Some(Address { kind, name }) = self.0.get(id) else { return "null".to_owned() };
        let attribute = match attribute {
            "QueueName" | "RuleName" => "name",
            _ => "arn",
        };
        format!("{kind}.{name}.{attribute}")
    }

    /// `!Sub`.
    fn substituted(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(&escaped(before));
            let Some((name, after)) = after.split_once('}') else {
                out.push_str("$${");
                rest = after;
                continue;
            };
            rest = after;
            let expression = match name {
                "AWS::Partition" => "data.aws_partition.current.partition".to_owned(),
                "AWS::Region" => "data.aws_region.current.region".to_owned(),
                "AWS::AccountId" => "data.aws_caller_identity.current.account_id".to_owned(),
                _ if name.starts_with('!') => {
                    out.push_str(&escaped(&format!("${{{}}}", &name[1..])));
                    continue;
                }
                id => self.reference(id),
            };
            _ = write!(out, "${{{expression}}}");
        }
        out.push_str(&escaped(rest));
        out
    }
}

/// The function of CloudFormation that an object is.
fn function(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

/// A text without a meaning in a template of Terraform.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A logical id as a name of Terraform. No two ids have one name: an id has upper-case letters where this has `_`.
pub(super) fn snake(id: &str) -> String {
    let mut name = String::new();
    for character in id.chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    // a name begins with a letter or `_`
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn addresses() -> Addresses {
        let address = |kind, name: &str| Address { kind, name: name.to_owned() };
        Addresses::new([
            ("EmailerQueue".to_owned(), address("aws_sqs_queue", "emailer_queue")),
            ("Bus".to_owned(), address("aws_cloudwatch_event_bus", "bus")),
        ])
    }

    #[test]
    fn names_are_distinct_and_begin_with_letter_or_underscore() {
        assert_eq!(snake("EmailerQueue"), "emailer_queue");
        assert_eq!(snake("ABQueue"), "a_b_queue");
        assert_eq!(snake("AbQueue"), "ab_queue");
        assert_eq!(snake("2fastQueue"), "_2fast_queue");
    }

    #[test]
    fn functions_are_expressions() {
        let all = addresses();
        let value = all.value(&json!({
            "a": {"Fn::GetAtt": ["EmailerQueue", "Arn"]},
            "b": {"Ref": "EmailerQueue"},
            "c": {"Fn::Sub": "x-${Stage}.fifo"},
            "d": {"Ref": "Bus"},
            "e": {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]},
        }));
        assert_eq!(
            value,
            json!({
                "a": "${aws_sqs_queue.emailer_queue.arn}",
                "b": "${aws_sqs_queue.emailer_queue.url}",
                "c": "x-${var.stage}.fifo",
                "d": "${aws_cloudwatch_event_bus.bus.name}",
                "e": "${var.alarm_topic_arn != \"\" ? [var.alarm_topic_arn] : []}",
            })
        );
    }

    #[test]
    fn literal_texts_are_not_templates() {
        let all = addresses();
        assert_eq!(all.value(&json!("a ${b} %{c}")), json!("a $${b} %%{c}"));
        assert_eq!(
            all.value(&json!({"Fn::Sub": "${!b} ${Stage} %{"})),
            json!("$${b} ${var.stage} %%{")
        );
        assert_eq!(all.document(&json!({"${k}": "${v}"})), json!(r#"{"$${k}":"$${v}"}"#));
    }
}
