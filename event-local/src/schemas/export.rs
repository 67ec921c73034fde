//! Converts an OpenAPI 3 document to JSON Schema Draft 4: `AWSEvent` is the root, the other
//! components become `definitions`.

use serde_json::{Map, Value};

use super::error::ApiError;

const DRAFT4: &str = "http://json-schema.org/draft-04/schema#";

/// Converts a document of `OpenApi3`. The root is the component `AWSEvent`, or the only component.
pub(super) fn draft4(content: &str) -> Result<String, ApiError> {
    let document: Value = serde_json::from_str(content)
        .map_err(|e| ApiError::bad_request(format!("the schema is not JSON: {e}")))?;
    let mut components = document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let only = components.keys().next().filter(|_| components.len() == 1).cloned();
    let top = components.remove("AWSEvent").or_else(|| components.remove(&only?));
    let Some(Value::Object(top)) = top else {
        return Err(ApiError::bad_request(
            "expected a component `AWSEvent`, or exactly one component",
        ));
    };
    let mut out = Map::from_iter([("$schema".to_owned(), Value::from(DRAFT4))]);
    if let Some(title) = document.pointer("/info/title") {
        out.insert("title".to_owned(), title.clone());
    }
    out.insert("definitions".to_owned(), Value::Object(components));
    out.extend(top);
    let mut out = Value::Object(out);
    rewrite(&mut out, true);
    Ok(out.to_string())
}

/// Converts references and `nullable` to Draft 4. Property names stay unchanged.
fn rewrite(value: &mut Value, schema: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|v| rewrite(v, schema)),
        Value::Object(map) => {
            if schema {
                if let Some(Value::String(to)) = map.get_mut("$ref") {
                    *to = to.replace("#/components/schemas/", "#/definitions/");
                }
                if map.remove("nullable") == Some(Value::Bool(true))
                    && let Some(Value::String(one)) = map.get("type")
                {
                    let both = Value::from(vec![one.clone(), "null".to_owned()]);
                    map.insert("type".to_owned(), both);
                }
            }
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "enum" | "example" | "default" | "required" => {}
                    "properties" | "definitions" => rewrite(value, !schema),
                    _ => rewrite(value, true),
                }
            }
        }
        _ => {}
    }
}
