//! Which patterns a file has: of rules, functions and archives in templates and plans, or the file itself.

use std::sync::Arc;

use event_schema::diagnostic::Diagnostic;
use event_schema::rules;

use super::functions::Language;
use super::lower::{Lowered, Mistakes, lower};
use super::node::{Node, Place, Value, unreadable};

/// How many patterns are read from one file.
const PATTERNS: usize = 10_000;

/// How deep Terraform's modules may be nested.
const MODULES: usize = 64;

/// A pattern, and whose it is.
#[derive(Debug)]
pub(crate) struct Found {
    /// The file.
    pub(crate) file: Arc<str>,
    /// What the file calls it.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The bus that it is for, as the file says it.
    pub(crate) bus: Option<String>,
    /// The consumer that it is for, where the file says one.
    pub(crate) consumer: Option<String>,
    /// Whether the rule is switched off.
    pub(crate) disabled: bool,
    pub(crate) place: Place,
    pub(crate) pattern: Result<Lowered, Mistakes>,
}

/// What a pattern belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rule,
    /// An archive keeps events and reads none.
    Archive,
    /// The file is a pattern.
    Bare,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Rule => "rule",
            Kind::Archive => "archive",
            Kind::Bare => "pattern",
        }
    }
}

/// All patterns of a file, in the order of the file.
pub(crate) fn find(shown: &str, text: &Arc<str>) -> Result<Vec<Found>, Box<Diagnostic>> {
    let documents = Node::read(shown, text)?;
    let mut finder = Finder { file: shown.into(), found: Vec::new() };
    for document in &documents {
        if !finder.document(document) {
            return Err(unreadable(
                shown,
                document.place,
                "the file has no event pattern that this command knows of".to_owned(),
            ));
        }
        if finder.found.len() > PATTERNS {
            let message = format!("more than {PATTERNS} patterns in one file");
            return Err(unreadable(shown, document.place, message));
        }
    }
    if documents.is_empty() {
        return Err(unreadable(shown, Place::default(), "the file is empty".to_owned()));
    }
    Ok(finder.found)
}

struct Finder {
    file: Arc<str>,
    found: Vec<Found>,
}

/// What is said beside a pattern.
#[derive(Default)]
struct About {
    name: String,
    bus: Option<String>,
    consumer: Option<String>,
    disabled: bool,
}

impl Finder {
    /// Whether the document is of a kind that is known.
    fn document(&mut self, root: &Node) -> bool {
        let has = |key: &str| root.get(key).is_some();
        let is_map = |key: &str| matches!(root.get(key).map(|n| &n.value), Some(Value::Map(_)));
        if is_map("Resources") {
            self.template(root, root, Language::CloudFormation(root));
        } else if has("planned_values") || is_map("values") && has("terraform_version") {
            self.plan(root);
        } else if is_map("resource") || has("terraform") || has("provider") && has("variable") {
            self.configuration(root);
        } else if has("service") && has("provider") || is_map("functions") {
            self.serverless(root);
        } else if has("consumers") && has("rules") && has("format") {
            self.topology(root);
        } else if let Some(rules) = root.get("Rules").filter(|r| matches!(r.value, Value::List(_)))
        {
            self.listed(rules);
        } else if is_pattern(root) {
            let name = std::path::Path::new(&*self.file).file_stem();
            let name = name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            self.add(
                root,
                Language::Plain,
                Kind::Bare,
                root.place,
                About { name, ..About::default() },
            );
        } else {
            return false;
        }
        true
    }

    fn add(&mut self, node: &Node, language: Language<'_>, kind: Kind, place: Place, about: About) {
        let pattern = lower(node, language);
        let About { name, bus, consumer, disabled } = about;
        let file = self.file.clone();
        self.found.push(Found { file, name, kind, bus, consumer, disabled, place, pattern });
    }

    /// CloudFormation and SAM; also what the CDK writes.
    fn template(&mut self, root: &Node, of: &Node, language: Language<'_>) {
        let resources = of.get("Resources").map(Node::entries).unwrap_or_default();
        for resource in resources {
            let Some(kind) = resource.value.get("Type").and_then(Node::text) else { continue };
            let Some(properties) = resource.value.get("Properties") else { continue };
            let bus = |key: &str| properties.get(key).map(|node| language.shown(node));
            match kind {
                "AWS::Events::Rule" => {
                    let Some(pattern) = properties.get("EventPattern") else { continue };
                    let disabled = properties.get("State").and_then(Node::text) == Some("DISABLED");
                    let name = match properties.get("Name").map(|node| language.shown(node)) {
                        Some(name) if !name.is_empty() => name,
                        _ => resource.key.clone(),
                    };
                    let about = About { name, bus: bus("EventBusName"), consumer: None, disabled };
                    self.add(pattern, language, Kind::Rule, resource.place, about);
                }
                "AWS::Events::Archive" => {
                    let Some(pattern) = properties.get("EventPattern") else { continue };
                    let name = resource.key.clone();
                    let about = About { name, bus: bus("SourceArn"), ..About::default() };
                    self.add(pattern, language, Kind::Archive, resource.place, about);
                }
                "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => {
                    let events = properties.get("Events").map(Node::entries).unwrap_or_default();
                    for event in events {
                        let kind = event.value.get("Type").and_then(Node::text);
                        if !matches!(kind, Some("EventBridgeRule" | "CloudWatchEvent")) {
                            continue;
                        }
                        let Some(properties) = event.value.get("Properties") else { continue };
                        let Some(pattern) = properties.get("Pattern") else { continue };
                        let off = |key: &str, value: &str| {
                            properties.get(key).and_then(Node::text) == Some(value)
                        };
                        let about = About {
                            name: format!("{}.{}", resource.key, event.key),
                            bus: properties.get("EventBusName").map(|node| language.shown(node)),
                            consumer: Some(resource.key.clone()),
                            disabled: off("State", "DISABLED")
                                || matches!(
                                    properties.get("Enabled").map(|n| &n.value),
                                    Some(Value::Bool(false))
                                ),
                        };
                        self.add(pattern, language, Kind::Rule, event.place, about);
                    }
                }
                _ => {}
            }
        }
        let _ = root;
    }

    /// What `terraform show -json` prints, of a plan or of the state.
    fn plan(&mut self, root: &Node) {
        let values = root.get("planned_values").or_else(|| root.get("values"));
        if let Some(module) = values.and_then(|values| values.get("root_module")) {
            self.module(module, 0);
        }
    }

    fn module(&mut self, module: &Node, depth: usize) {
        if depth > MODULES {
            return;
        }
        for resource in module.get("resources").map(Node::items).unwrap_or_default() {
            let text = |key: &str| resource.get(key).and_then(Node::text).unwrap_or_default();
            if resource.get("mode").and_then(Node::text) == Some("data") {
                continue;
            }
            let Some(values) = resource.get("values") else { continue };
            self.terraform(text("type"), text("address"), resource.place, values, Language::Plain);
        }
        for child in module.get("child_modules").map(Node::items).unwrap_or_default() {
            self.module(child, depth + 1);
        }
    }

    /// `*.tf.json`.
    fn configuration(&mut self, root: &Node) {
        let kinds = root.get("resource").map(each).unwrap_or_default();
        for kind in kinds {
            for resource in each(&kind.value) {
                for values in one_or_more(&resource.value) {
                    let address = format!("{}.{}", kind.key, resource.key);
                    self.terraform(
                        &kind.key,
                        &address,
                        resource.place,
                        values,
                        Language::Terraform,
                    );
                }
            }
        }
    }

    fn terraform(
        &mut self,
        kind: &str,
        address: &str,
        place: Place,
        values: &Node,
        language: Language<'_>,
    ) {
        let kind = match kind {
            "aws_cloudwatch_event_rule" => Kind::Rule,
            "aws_cloudwatch_event_archive" => Kind::Archive,
            _ => return,
        };
        let said = |key: &str| values.get(key).filter(|node| !matches!(node.value, Value::Null));
        let bus = said("event_bus_name").or_else(|| said("event_source_arn"));
        let disabled = said("state").and_then(Node::text) == Some("DISABLED")
            || matches!(said("is_enabled").map(|n| &n.value), Some(Value::Bool(false)));
        let about = About {
            name: address.to_owned(),
            bus: bus.map(|node| language.shown(node)),
            consumer: None,
            disabled,
        };
        if let Some(pattern) = said("event_pattern") {
            self.add(pattern, language, kind, place, about);
        } else if kind == Kind::Rule && said("schedule_expression").is_none() {
            let why = "the pattern is known when the plan is applied".to_owned();
            let unknown = Node { value: Value::Unknown(why), place };
            self.add(&unknown, language, kind, place, about);
        }
    }

    fn serverless(&mut self, root: &Node) {
        let language = Language::Serverless(root);
        for function in root.get("functions").map(each).unwrap_or_default() {
            for event in function.value.get("events").map(Node::items).unwrap_or_default() {
                let Some(bridge) = event.get("eventBridge") else { continue };
                let Some(pattern) = bridge.get("pattern") else { continue };
                let about = About {
                    name: function.key.clone(),
                    bus: bridge.get("eventBus").map(|node| language.shown(node)),
                    consumer: Some(function.key.clone()),
                    disabled: matches!(
                        bridge.get("enabled").map(|n| &n.value),
                        Some(Value::Bool(false))
                    ),
                };
                self.add(pattern, language, Kind::Rule, bridge.place, about);
            }
        }
        if let Some(resources) = root.get("resources") {
            for part in one_or_more(resources) {
                self.template(root, part, language);
            }
        }
    }

    /// A service's own topology.
    fn topology(&mut self, root: &Node) {
        let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        for rule in root.get("rules").map(Node::items).unwrap_or_default() {
            let Some(pattern) = rule.get("eventPattern") else { continue };
            let about = About {
                name: text(rule, "name").unwrap_or_default(),
                bus: text(root, "bus"),
                consumer: text(rule, "consumer"),
                disabled: false,
            };
            self.add(pattern, Language::Plain, Kind::Rule, rule.place, about);
        }
    }

    /// What `aws events list-rules` prints.
    fn listed(&mut self, rules: &Node) {
        for rule in rules.items() {
            let text = |key: &str| rule.get(key).and_then(Node::text);
            let Some(pattern) = rule.get("EventPattern") else { continue };
            let about = About {
                name: text("Name").unwrap_or_default().to_owned(),
                bus: text("EventBusName").map(str::to_owned),
                consumer: None,
                disabled: text("State") == Some("DISABLED"),
            };
            self.add(pattern, Language::Plain, Kind::Rule, rule.place, about);
        }
    }
}

/// The members of an object, or of the objects of a list, as Terraform's JSON has both.
fn each(node: &Node) -> Vec<&super::node::Entry> {
    one_or_more(node).into_iter().flat_map(Node::entries).collect()
}

fn one_or_more(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![node],
    }
}

/// Whether an object is meant as a pattern: it has a field that events have, or `$or`.
fn is_pattern(root: &Node) -> bool {
    const FIELDS: [&str; 10] = [
        "source",
        "detail-type",
        "detail",
        "account",
        "region",
        "resources",
        "time",
        "id",
        "version",
        "$or",
    ];
    root.entries().iter().any(|entry| FIELDS.contains(&entry.key.as_str()))
}

/// What is wrong with a pattern itself.
pub(crate) fn mistakes(found: &Found) -> Vec<Diagnostic> {
    let Err(mistakes) = &found.pattern else { return Vec::new() };
    let rule = if mistakes.undecided { &rules::PATTERN_UNDECIDED } else { &rules::PATTERN_INVALID };
    mistakes
        .all
        .iter()
        .map(|(place, message)| {
            let message = format!("{} `{}`: {message}", found.kind.as_str(), found.name);
            at(rule, found, *place, message)
        })
        .collect()
}

/// A diagnostic at a place of the file of a pattern.
pub(crate) fn at(
    rule: &'static rules::Rule,
    found: &Found,
    place: Place,
    message: String,
) -> Diagnostic {
    let mut d = Diagnostic::error(rule, found.file.clone(), message).with_help(rule.fix);
    (d.span, d.pos) = (Some(place.span), Some(place.pos));
    if rule.level == rules::Level::Warn {
        d.severity = event_schema::diagnostic::Severity::Warning;
    }
    d
}
