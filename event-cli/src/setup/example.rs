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

/// The file of the example's program, relative to the package.
pub(crate) const PROGRAM: &str = "examples/order.rs";

/// The text of the example's program: publishes the event, and consumes it.
pub(crate) fn program(runtime: &str) -> String {
    format!(
        r#"//! Publishes an event and consumes it, on a bus inside this process: `cargo run --example order`.

use {runtime}::consume::Consumer;
use {runtime}::embedded::{{EmbeddedBus, Rule}};
use {runtime}::idempotency::MemoryStore;
use {runtime}::publish::Publisher;
use {runtime}::{{Envelope, Timestamp}};

mod events {{
    {runtime}::include_events!();
}}
use events::order_placed::v1::{{Money, OrderPlaced}};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let bus = EmbeddedBus::builder().rule(Rule::to("emailer").on::<OrderPlaced>()).build()?;

    let order = OrderPlaced {{
        order_id: "A-1".into(),
        placed_at: Timestamp::now(),
        total: Money {{ cents: 1299, currency: "EUR".into() }},
        note: None,
    }};
    Publisher::new(bus.clone()).publish(order).await.into_result()?;

    let emailer = Consumer::builder("emailer", MemoryStore::new())
        .on(|event: Envelope<OrderPlaced>, _context| async move {{
            println!("order {{}} for {{}} cents", event.data.order_id, event.data.total.cents);
            Ok(())
        }})
        .build()?;
    emailer.run_until_idle(&bus.queue("emailer")?).await;
    Ok(())
}}
"#
    )
}
