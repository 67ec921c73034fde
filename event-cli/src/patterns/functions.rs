//! What functions and variables of a template stand for, as far as the template says it.

use super::lower::UNKNOWN;
use super::node::{Entry, Node, Value};

/// Whose functions a document has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Language<'d> {
    /// None: the values are as they are written.
    Plain,
    /// CloudFormation's, in this template.
    CloudFormation(&'d Node),
    /// Terraform's `${..}`.
    Terraform,
    /// Serverless's `${..}`, and CloudFormation's.
    Serverless(&'d Node),
}

/// How often a variable may stand for another one.
const HOPS: usize = 16;

/// A value without functions.
pub(crate) enum Plain {
    /// As it is written.
    Itself,
    /// Another value, with the parameters whose defaults it is.
    Other(Value, Vec<String>),
    /// Nothing: the member or the element is not there.
    Absent,
    /// Not known before the template is deployed, and why.
    Unknown(String),
}

impl Language<'_> {
    /// What a value stands for.
    pub(crate) fn plain(self, node: &Node) -> Plain {
        if let Value::Unknown(why) = &node.value {
            return Plain::Unknown(why.clone());
        }
        match self {
            Language::Plain => Plain::Itself,
            Language::CloudFormation(root) => cloudformation(root, node),
            Language::Terraform => match node.text() {
                Some(text) if text.contains("${") || text.contains("%{") => {
                    Plain::Unknown(format!("`{text}` is an expression"))
                }
                _ => Plain::Itself,
            },
            Language::Serverless(root) => match node.text() {
                Some(text) if text.contains("${") => serverless(root, text),
                _ => cloudformation(root, node),
            },
        }
    }

    /// The text of `Fn::Sub`, with [`UNKNOWN`] around the names of variables that are not known.
    pub(super) fn template(self, node: &Node) -> Option<(String, Vec<String>)> {
        let (Language::CloudFormation(root) | Language::Serverless(root)) = self else {
            return None;
        };
        let [Entry { key, value, .. }] = node.entries() else { return None };
        if key != "Fn::Sub" {
            return None;
        }
        let (text, own) = match (value.text(), value.items()) {
            (Some(text), _) => (text, None),
            (None, [text, own]) => (text.text()?, Some(own)),
            _ => return None,
        };
        let (mut out, mut assumed, mut rest) = (String::new(), Vec::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}')?;
            out.push_str(before);
            rest = after;
            if let Some((text, from)) = variable(root, own, name) {
                out.push_str(&text);
                assumed.extend(from);
            } else {
                out.push(UNKNOWN);
                out.push_str(name);
                out.push(UNKNOWN);
            }
        }
        out.push_str(rest);
        Some((out, assumed))
    }

    /// The text of a value, with functions carried out; for names.
    pub(crate) fn shown(self, node: &Node) -> String {
        match self.plain(node) {
            Plain::Other(Value::String(text), _) => text,
            _ => match &node.value {
                Value::String(text) | Value::Number(text) => text.clone(),
                Value::Map(entries) => entries.first().map_or_else(String::new, |entry| {
                    let inner = match &entry.value.value {
                        Value::String(text) => text.clone(),
                        Value::List(items) => {
                            items.iter().filter_map(Node::text).collect::<Vec<_>>().join(".")
                        }
                        _ => "..".to_owned(),
                    };
                    format!("{}({inner})", entry.key.trim_start_matches("Fn::"))
                }),
                _ => String::new(),
            },
        }
    }
}

fn cloudformation(root: &Node, node: &Node) -> Plain {
    let [Entry { key, value, .. }] = node.entries() else { return Plain::Itself };
    match key.as_str() {
        "Ref" => match value.text() {
            Some("AWS::NoValue") => Plain::Absent,
            Some(name) => parameter(root, name),
            None => Plain::Unknown("`Ref` without a name".to_owned()),
        },
        "Fn::Sub" => sub(root, value),
        "Fn::Join" => join(root, value),
        name if name.starts_with("Fn::") => {
            Plain::Unknown(format!("`{name}` is carried out by CloudFormation"))
        }
        _ => Plain::Itself,
    }
}

/// The default of a parameter.
fn parameter(root: &Node, name: &str) -> Plain {
    let default = root.at(&["Parameters", name, "Default"]);
    let kind = root.at(&["Parameters", name, "Type"]).and_then(Node::text).unwrap_or("String");
    match default.map(|node| &node.value) {
        Some(Value::String(text)) if kind.contains("List") => {
            let place = default.map(|node| node.place).unwrap_or_default();
            let item = |text: &str| Node { value: Value::String(text.trim().to_owned()), place };
            Plain::Other(Value::List(text.split(',').map(item).collect()), vec![name.to_owned()])
        }
        // `Ref` of a parameter is a string, whatever its type
        Some(Value::String(text) | Value::Number(text)) if !kind.starts_with("AWS::SSM") => {
            Plain::Other(Value::String(text.clone()), vec![name.to_owned()])
        }
        Some(Value::Bool(value)) => {
            Plain::Other(Value::String(value.to_string()), vec![name.to_owned()])
        }
        _ => Plain::Unknown(format!("`{name}` is known when the template is deployed")),
    }
}

/// `Fn::Sub`: its string form, or with a list of variables.
fn sub(root: &Node, value: &Node) -> Plain {
    let (text, own) = match (value.text(), value.items()) {
        (Some(text), _) => (text, None),
        (None, [text, own]) => (text.text().unwrap_or_default(), Some(own)),
        _ => return Plain::Unknown("`Fn::Sub` without a text".to_owned()),
    };
    let (mut out, mut assumed, mut rest) = (String::new(), Vec::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return Plain::Unknown(format!("`{text}` has a variable without an end"));
        };
        rest = after;
        let stands_for = variable(root, own, name);
        let Some((text, from)) = stands_for else {
            return Plain::Unknown(format!("`{name}` is known when the template is deployed"));
        };
        out.push_str(&text);
        assumed.extend(from);
    }
    out.push_str(rest);
    Plain::Other(Value::String(out), assumed)
}

/// What a variable of `Fn::Sub` stands for, and the parameters whose defaults that is.
fn variable(root: &Node, own: Option<&Node>, name: &str) -> Option<(String, Vec<String>)> {
    if let Some(literal) = name.strip_prefix('!') {
        return Some((format!("${{{literal}}}"), Vec::new()));
    }
    match own.and_then(|own| own.get(name)) {
        Some(node) => match cloudformation(root, node) {
            Plain::Itself => node.text().map(|text| (text.to_owned(), Vec::new())),
            Plain::Other(Value::String(text), from) => Some((text, from)),
            _ => None,
        },
        None => match parameter(root, name) {
            Plain::Other(Value::String(text), from) => Some((text, from)),
            _ => None,
        },
    }
}

fn join(root: &Node, value: &Node) -> Plain {
    let [delimiter, list] = value.items() else {
        return Plain::Unknown("`Fn::Join` without a list".to_owned());
    };
    let (mut parts, mut assumed) = (Vec::new(), Vec::new());
    for item in list.items() {
        match cloudformation(root, item) {
            Plain::Itself if item.text().is_some() => {
                parts.push(item.text().unwrap_or_default().to_owned());
            }
            Plain::Other(Value::String(text), from) => {
                parts.push(text);
                assumed.extend(from);
            }
            Plain::Unknown(why) => return Plain::Unknown(why),
            _ => return Plain::Unknown("`Fn::Join` of other values than text".to_owned()),
        }
    }
    match delimiter.text() {
        Some(delimiter) if !list.items().is_empty() => {
            Plain::Other(Value::String(parts.join(delimiter)), assumed)
        }
        _ => Plain::Unknown("`Fn::Join` is carried out by CloudFormation".to_owned()),
    }
}

/// `${self:a.b}` of the same file, alone or within a text; other variables come from elsewhere.
fn serverless(root: &Node, text: &str) -> Plain {
    let mut text = text.to_owned();
    for _ in 0..HOPS {
        // the innermost variable first
        let Some(start) = text.rfind("${") else {
            return Plain::Other(Value::String(text), Vec::new());
        };
        let Some(length) = text[start..].find('}') else { break };
        let name = &text[start + 2..start + length];
        let path = name.strip_prefix("self:").filter(|path| !path.contains(','));
        let found = path.and_then(|path| root.at(&path.split('.').collect::<Vec<_>>()));
        match found.map(|node| &node.value) {
            Some(Value::String(found) | Value::Number(found)) => {
                text.replace_range(start..=start + length, &found.clone());
            }
            Some(value @ Value::List(_)) if start == 0 && length + 1 == text.len() => {
                return Plain::Other(value.clone(), Vec::new());
            }
            _ => return Plain::Unknown(format!("`{name}` is not said in this file")),
        }
    }
    Plain::Unknown(format!("`{text}` is not said in this file"))
}
