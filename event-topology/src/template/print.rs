//! A template as YAML: short forms of functions, a comment at each resource, texts quoted where YAML would read them as
//! something else.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::Template;
use super::intrinsic::sorted;

pub(super) fn yaml(template: &Template) -> String {
    let mut out = String::new();
    for (section, value) in template.head() {
        member(&mut out, 0, section, &sorted(&value));
        out.push('\n');
    }
    out.push_str("Resources:\n");
    for (at, resource) in template.resources().iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // A line of its own: a comment ends where a line does.
        let comment: String =
            resource.comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        _ = write!(out, "  # {comment}\n  {}:\n", resource.id);
        for (name, value) in resource.head() {
            _ = writeln!(out, "    {name}: {value}");
        }
        member(&mut out, 4, "Properties", &resource.properties);
    }
    out.push_str("\nOutputs:\n");
    for (name, value) in &template.lowered.outputs {
        member(&mut out, 2, name, &sorted(value));
    }
    out
}

/// `name: value`, with what belongs to the value below it.
fn member(out: &mut String, indent: usize, name: &str, value: &Value) {
    _ = write!(out, "{:indent$}{}:", "", key(name));
    after(out, indent, value);
}

/// A value after a colon or a dash.
fn after(out: &mut String, indent: usize, value: &Value) {
    if let Some(scalar) = scalar(value) {
        _ = writeln!(out, " {scalar}");
        return;
    }
    match value {
        Value::Object(members) => {
            if let Some((tag, argument)) = function(members) {
                _ = write!(out, " {tag}");
                after(out, indent, argument);
                return;
            }
            out.push('\n');
            for (name, value) in members {
                member(out, indent + 2, name, value);
            }
        }
        Value::Array(items) => {
            out.push('\n');
            for item in items {
                self::item(out, indent + 2, item);
            }
        }
        _ => out.push('\n'),
    }
}

/// `- value`; the first member of an object stands beside the dash.
fn item(out: &mut String, indent: usize, value: &Value) {
    match value {
        Value::Object(members) if scalar(value).is_none() && function(members).is_none() => {
            let mut inner = String::new();
            for (name, value) in members {
                member(&mut inner, indent + 2, name, value);
            }
            _ = write!(out, "{:indent$}- {}", "", inner.trim_start());
        }
        _ => {
            _ = write!(out, "{:indent$}-", "");
            after(out, indent, value);
        }
    }
}

/// The short form of a function of CloudFormation that does not fit on one line.
fn function(members: &Map<String, Value>) -> Option<(String, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    let name = name.strip_prefix("Fn::")?;
    Some((format!("!{name}"), argument))
}

/// A value that fits on one line.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(quoted(text)),
        Value::Array(items) if items.is_empty() => Some("[]".to_owned()),
        Value::Object(members) if members.is_empty() => Some("{}".to_owned()),
        Value::Array(_) => None,
        Value::Object(members) => {
            let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
            match (name.as_str(), argument) {
                ("Ref", Value::String(id)) => Some(format!("!Ref {}", quoted(id))),
                ("Fn::Sub", Value::String(text)) => Some(format!("!Sub {}", quoted(text))),
                ("Fn::GetAtt", Value::Array(parts)) => {
                    let parts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
                    Some(format!("!GetAtt {}", parts?.join(".")))
                }
                _ => None,
            }
        }
    }
}

fn key(name: &str) -> String {
    quoted(name)
}

/// A text as YAML: plain if nothing in it could mean something else, otherwise as JSON, which YAML reads.
fn quoted(text: &str) -> String {
    const WORDS: [&str; 12] =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c) || c == ' ')
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    // `AWS::SQS::Queue`: a colon means something only before a space.
    let typed = text.split("::").count() == 3
        && text.replace("::", "").chars().all(|c| c.is_ascii_alphanumeric());
    if plain || typed { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_yaml_reads_as_something_else_are_quoted() {
        for text in ["a", "app.shop", "arn/x", "AWS::SQS::Queue", "two words"] {
            assert_eq!(quoted(text), text);
        }
        for text in [
            "",
            "no",
            "Yes",
            "1",
            "2012-10-17",
            "a: b",
            "order.placed:v1",
            "#x",
            "a #x",
            "-",
            "* x",
            "é",
            "x\ny",
            "a ",
        ] {
            assert!(quoted(text).starts_with('"'), "{text}");
        }
    }
}
