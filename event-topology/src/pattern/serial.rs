//! Patterns as part of other documents: written in the order of their members, read back from any serde format.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::EventPattern;
use super::model::{Condition, Member, Object};

impl Serialize for EventPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.object().serialize(serializer)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for member in &self.members {
            match member {
                Member::Object(name, object) => map.serialize_entry(name, object)?,
                Member::Values(name, conditions) => map.serialize_entry(name, conditions)?,
                Member::Or(objects) => map.serialize_entry("$or", objects)?,
            }
        }
        map.end()
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::String(text) => serializer.serialize_str(text),
            other => {
                let value: serde_json::Value =
                    serde_json::from_str(&other.to_string()).map_err(serde::ser::Error::custom)?;
                value.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for EventPattern {
    /// Numbers that neither 64 bits nor a double hold become doubles on the way; [`EventPattern::parse`] keeps them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::parse(&value.to_string())
            .map_err(|error| D::Error::custom(one_line(&error.to_string())))
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
