//! The time-outs of the tables' clients.

use aws_sdk_dynamodb::Client;

use crate::timeouts::QUICK;

/// A client that has time-outs: its own, and ours where it has none.
pub(crate) fn with_timeouts(client: &Client) -> Client {
    let config = client.config();
    let timeouts = QUICK.unless_set(config.timeout_config());
    Client::from_conf(config.to_builder().timeout_config(timeouts).build())
}
