//! The server and a client to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;
use event_aws::dynamodb::{DynamoDbProjections, DynamoDbStore, create_claims, create_projections};

use crate::proxy::{Calls, Fault, Proxy};

/// A server of its own, on a free port of 127.0.0.1, with a proxy before it. Ends with the process.
pub struct Dynamo {
    /// What is behind: for streams and for the time to live, which no client can ask for.
    pub database: Database,
    /// The official SDK, by way of the proxy.
    pub client: Client,
    endpoint: String,
    proxy: Arc<Proxy>,
    tables: AtomicU32,
}

impl Dynamo {
    /// Starts it.
    pub async fn start() -> Self {
        let database = Database::memory().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let proxy = Arc::new(Proxy::new(server));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(Arc::clone(&proxy).serve(listener));
        let client = client_at(&endpoint);
        Self { database, client, endpoint, proxy, tables: AtomicU32::new(0) }
    }

    /// Where it is, for clients of others.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What becomes of each call from now on, by its operation (`PutItem`).
    pub fn faults(&self, plan: impl FnMut(&str) -> Fault + Send + 'static) {
        self.proxy.plan(plan);
    }

    /// No more faults.
    pub fn heal(&self) {
        self.faults(|_| Fault::None);
    }

    /// The calls since the last time this was asked, those that came to harm among them.
    pub fn calls(&self) -> Calls {
        self.proxy.take_calls()
    }

    /// Claims in a new table.
    pub async fn claims(&self) -> DynamoDbStore {
        let table = self.table("claims-of-test");
        create_claims(&self.client, &table).await.unwrap();
        DynamoDbStore::new(self.client.clone(), table)
    }

    /// Projections in a new table, with the name of the table.
    pub async fn projections(&self) -> (DynamoDbProjections, String) {
        let table = self.table("projections-of-test");
        create_projections(&self.client, &table).await.unwrap();
        (DynamoDbProjections::new(self.client.clone(), &table), table)
    }

    /// A name that no table has yet.
    pub fn table(&self, name: &str) -> String {
        format!("{name}-{}", self.tables.fetch_add(1, Ordering::Relaxed))
    }
}

/// As a service would set it up, but for the pauses between retries: tests have no time.
pub fn client_at(endpoint: &str) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(1))
        .with_max_backoff(Duration::from_millis(5));
    let times = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(10)).build();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(retries)
        .timeout_config(times)
        .build();
    Client::from_conf(config)
}
