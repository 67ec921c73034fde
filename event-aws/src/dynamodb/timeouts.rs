//! The timeouts of DynamoDB clients.

use aws_sdk_dynamodb::Client;

use crate::timeouts::QUICK;

/// Returns a client with its own timeouts, completed by ours.
pub(crate) fn with_timeouts(client: &Client) -> Client {
    let config = client.config();
    let timeouts = QUICK.unless_set(config.timeout_config());
    Client::from_conf(config.to_builder().timeout_config(timeouts).build())
}
