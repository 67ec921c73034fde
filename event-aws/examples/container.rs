//! A consumer in a container: shared state, metrics for Prometheus, tracing, a time-out as middleware,
//! health, and one shutdown at SIGTERM.
//!
//! ```sh
//! METRICS=0.0.0.0:9000 cargo run -p event-aws --example container --features service,dynamodb,metrics
//! ```
//!
//! Region, credentials and endpoints come from the environment, as the SDK reads it.

mod orders;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use event_aws::dynamodb::{DynamoDbStore, aws_sdk_dynamodb};
use event_aws::{aws_sdk_sqs, service::Service};
use event_runtime::consume::Consumer;
use event_runtime::topology::{Attach, Topology};
use metrics_exporter_prometheus::PrometheusBuilder;
use orders::{Mailer, OrderPlaced, mail};
use tower::timeout::TimeoutLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let address: SocketAddr = std::env::var("METRICS")?.parse()?;
    PrometheusBuilder::new().with_http_listener(address).install()?;
    event_runtime::metrics::describe();
    let config = aws_config::load_from_env().await;
    let sqs = aws_sdk_sqs::Client::new(&config);
    let claims = DynamoDbStore::new(aws_sdk_dynamodb::Client::new(&config), "claims");
    let topology =
        Topology::on("orders").consumer(Consumer::of::<OrderPlaced>("emailer")).build()?;
    let emailer = topology
        .handlers("emailer", claims)?
        .state(Mailer::new())
        .handle(mail)
        .layer(TimeoutLayer::new(Duration::from_secs(20)))
        .build()?;
    let report = Service::new(&topology, sqs).consumer(emailer).run().await?;
    tracing::info!(?report, "stopped");
    Ok(())
}
