//! What a new schema folder begins with: its knobs, or an event to try things on.

/// The text of `event.toml`, with nothing turned.
pub(crate) const KNOBS: &str = "\
# How the schemas of this folder become Rust types, for build.rs and `cargo event` alike. All settings are in
# the documentation of `event_codegen::Config`. Schemas lie at <registry>/<type>/<major>.<minor>.json.
";

/// The type of the example's event.
pub(crate) const EVENT: &str = "order.placed";

/// The schema of the example's event, as a package publishes it.
pub(crate) fn schema(package: &str) -> String {
    let source = serde_json::Value::from(format!("app.{package}"));
    format!(
        r##"{{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "OrderPlaced",
  "description": "A customer placed an order.",
  "x-amazon-events-source": {source},
  "x-amazon-events-detail-type": "{EVENT}:v1",
  "type": "object",
  "required": ["orderId", "placedAt", "total"],
  "properties": {{
    "orderId": {{ "type": "string" }},
    "placedAt": {{ "type": "string", "format": "date-time" }},
    "total": {{ "$ref": "#/definitions/Money" }},
    "note": {{ "type": "string" }}
  }},
  "definitions": {{
    "Money": {{
      "type": "object",
      "required": ["cents", "currency"],
      "properties": {{
        "cents": {{ "type": "integer", "format": "int64" }},
        "currency": {{ "type": "string" }}
      }}
    }}
  }}
}}
"##
    )
}
