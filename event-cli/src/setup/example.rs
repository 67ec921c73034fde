//! The first files of a new schema folder: its settings, or an example event.

/// The text of `event.toml` with all settings at their defaults.
pub(crate) const SETTINGS: &str = "\
# Settings of this schema folder, for build.rs and `cargo event`. The documentation of `event_codegen::Config` lists all
# of them. Schemas are at <registry>/<type>/<major>.<minor>.json.
";

/// The type of the example event.
pub(crate) const EVENT: &str = "order.placed";

/// Returns the schema of the example event, with the source of a package.
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
