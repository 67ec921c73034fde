//! What makes two events one: their ID, or parts of their payload.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::function::is_empty;
use crate::decode::Incoming;
use crate::idempotency::{Fingerprint, Key};
use crate::name::ConsumerName;

/// Parts of the payload, as JSON Pointers (RFC 6901).
#[derive(Debug, Clone, Default)]
pub(super) struct Identity {
    /// The parts that are the key; none is the ID of the event.
    pub(super) key: Vec<String>,
    /// The parts that are compared; `None` is the whole payload.
    pub(super) payload: Option<Vec<String>>,
}

impl Identity {
    /// Returns the key and the fingerprint of an event, or why it has none.
    pub(super) fn of(
        &self,
        consumer: &ConsumerName,
        incoming: &Incoming<'_>,
    ) -> Result<(Key, Fingerprint), String> {
        let (detail_type, data) = (incoming.detail_type(), incoming.data().get());
        let key = if self.key.is_empty() {
            Key::new(consumer, incoming.id())
        } else {
            let parts = parts(data, &self.key);
            // All events without a key would be one.
            if let Some(at) = parts.iter().position(|part| is_empty(part)) {
                return Err(format!("the event has no idempotency key at `{}`", self.key[at]));
            }
            let event_type = serde_json::to_string(detail_type.event_type);
            let event_type = event_type.map_err(|error| error.to_string())?;
            Key::of_part(consumer, &format!("[{event_type},{}]", parts.join(",")))
        };
        let payload = match &self.payload {
            None => Fingerprint::of(detail_type, data),
            Some(pointers) => {
                Fingerprint::of(detail_type, &format!("[{}]", parts(data, pointers).join(",")))
            }
        };
        Ok((key, payload))
    }
}

/// Returns the parts of a JSON text as they are written; `null` for those that do not exist.
fn parts<'a>(json: &'a str, pointers: &[String]) -> Vec<&'a str> {
    pointers.iter().map(|pointer| part(json, pointer).unwrap_or("null")).collect()
}

fn part<'a>(json: &'a str, pointer: &str) -> Option<&'a str> {
    let mut rest = json.trim_start();
    for token in pointer.split('/').skip(1) {
        let raw: &RawValue = if rest.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(rest).ok()?;
            items.get(token.parse::<usize>().ok()?).copied()?
        } else {
            let name = token.replace("~1", "/").replace("~0", "~");
            let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(rest).ok()?;
            members.get(name.as_str()).copied()?
        };
        rest = raw.get();
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_find_parts_as_written() {
        let json = r#" {"a":{"b/c":[1.0, {"d~":18446744073709551616}]},"e":null,"a b":"x"}"#;
        for (pointer, expected) in [
            ("/a/b~1c/0", Some("1.0")),
            ("/a/b~1c/1/d~0", Some("18446744073709551616")),
            ("/a/b~1c/2", None),
            ("/a/b~1c/x", None),
            ("/e", Some("null")),
            ("/e/f", None),
            ("/a b", Some(r#""x""#)),
            ("/a b/c", None),
            ("/none", None),
        ] {
            assert_eq!(part(json, pointer), expected, "{pointer}");
        }
        assert_eq!(parts(json, &["/none".to_owned(), "/e".to_owned()]), ["null", "null"]);
    }
}
