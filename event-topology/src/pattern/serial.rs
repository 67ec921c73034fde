//! Patterns as part of other documents: written in the order of their members, read back from any serde format.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use serde_json::Value;

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
                let value: Value =
                    serde_json::from_str(&other.to_string()).map_err(serde::ser::Error::custom)?;
                value.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for EventPattern {
    /// Members keep their order where the format does. Numbers that neither 64 bits nor a double hold become doubles
    /// on the way; [`EventPattern::parse`] keeps them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let JsonText(text) = JsonText::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| D::Error::custom(one_line(&error.to_string())))
    }
}

/// Whatever a deserializer has, as JSON.
struct JsonText(String);

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event pattern")
    }

    fn visit_bool<E>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E>(self, value: f64) -> Result<String, E> {
        Ok(Value::from(value).to_string())
    }

    fn visit_str<E>(self, value: &str) -> Result<String, E> {
        Ok(Value::from(value).to_string())
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok("null".to_owned())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<String, A::Error> {
        let mut items = Vec::new();
        while let Some(JsonText(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(format!("[{}]", items.join(",")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut members = Vec::new();
        while let Some((name, JsonText(value))) = map.next_entry::<String, JsonText>()? {
            members.push(format!("{}:{value}", Value::from(name)));
        }
        Ok(format!("{{{}}}", members.join(",")))
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
