//! Reads saved answers of schema registries: the text of a schema and its name there.

use event_schema::document::{Json, Value};

/// A saved answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The text of the schema.
    pub(super) content: String,
    /// The name of the schema in the registry.
    pub(super) schema: Option<String>,
    /// The registry, if the answer states it.
    pub(super) registry: Option<String>,
    /// The version number in the registry.
    pub(super) version: Option<u64>,
}

impl Answer {
    /// Reads an answer of `aws schemas describe-schema`, of `aws glue get-schema-version`, or of
    /// `/subjects/SUBJECT/versions/VERSION` of Confluent's registry.
    pub(super) fn of(root: &Json) -> Option<Answer> {
        let says = |key: &str| root.get(key).and_then(Json::as_str).map(str::to_owned);
        if let (Some(subject), Some(content)) = (says("subject"), says("schema")) {
            let plain = subject.strip_suffix("-value").filter(|topic| !topic.is_empty());
            let schema = Some(plain.map_or(subject.clone(), str::to_owned));
            return Some(Answer {
                content,
                schema,
                registry: None,
                version: number(root, "version"),
            });
        }
        let arn = says("SchemaArn");
        // arn:aws:schemas:REGION:ACCOUNT:schema/REGISTRY/NAME
        let place =
            arn.as_deref().and_then(|arn| arn.split_once(":schema/")).map(|(_, place)| place);
        let (registry, own) = place.and_then(|place| place.split_once('/')).unzip();
        let schema = says("SchemaName").or(own.map(str::to_owned));
        schema.as_ref()?;
        let content = says("Content").or_else(|| says("SchemaDefinition"))?;
        let version = number(root, "SchemaVersion").or_else(|| number(root, "VersionNumber"));
        Some(Answer { content, schema, registry: registry.map(str::to_owned), version })
    }
}

fn number(root: &Json, key: &str) -> Option<u64> {
    match &root.get(key)?.value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.parse().ok(),
        _ => None,
    }
}
