//! Tolerant decoding of real events: all of them are read, the outer event with the payload, and
//! repairs are reported exactly where the judge finds errors.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use event_codegen::Config;

use super::decode::{aws_samples, judge};
use super::krate::{NO_WARNINGS, run, scratch, type_path};
use super::{corpora, generate_with, lay_out};

/// The same events with types of `configure().tolerant(..)`: all of them are read, and repairs are
/// reported exactly where the judge finds errors.
#[test]
fn aws_samples_decode_tolerantly() {
    let Some(corpora) = corpora() else { return };
    let tolerant = |config: Config| config.tolerant("aws-tolerant");
    let (root, generated, _) =
        generate_with("samples-tolerant", "aws-tolerant", &corpora.join("aws-events"), tolerant);
    let samples = aws_samples(&corpora, &generated);
    let mut arms = String::new();
    for (i, sample) in samples.iter().enumerate() {
        let path = &sample.path;
        writeln!(arms, "        {i} => show::<{path}>(line),").unwrap();
    }
    let events: String = samples.iter().map(|s| format!("{}\n", s.event)).collect();
    fs::write(root.join("events.jsonl"), events).unwrap();
    generated.write(&root.join("event-contracts")).unwrap();
    let main = format!(
        "{NO_WARNINGS}{SHOW}\
         fn main() {{\n    for (i, line) in include_str!(\"../events.jsonl\").lines().enumerate() {{\n        match i {{\n{arms}            _ => unreachable!(),\n        }}\n    }}\n}}\n"
    );
    let out = run(
        scratch(&root, "scratch-aws-tolerant", &main).args(["run", "--offline", "-q"]),
        "decoding",
    );
    assert_eq!(out.lines().count(), samples.len());
    for (repairs, sample) in out.lines().zip(&samples) {
        println!("{}: {repairs}", sample.name);
        let allowed = judge(&sample.schema, &sample.event);
        assert_eq!(repairs.is_empty(), allowed, "{}: {repairs}", sample.name);
    }
}

/// Reads an event with its outer fields tolerantly, and once more with strict ones: the payload and
/// its repairs are the same. Prints the repairs.
const SHOW: &str = r#"
use event_runtime::__private::v0_1::{event_shape::EventData, serde::de::DeserializeOwned};
use event_runtime::{AwsEvent, Tolerant, tolerant::PartialAwsEvent};
fn show<T: DeserializeOwned + EventData + PartialEq + std::fmt::Debug>(line: &str) {
    let read: Tolerant<PartialAwsEvent<T>> = serde_json::from_str(line).unwrap();
    if let Ok(strict) = serde_json::from_str::<AwsEvent<Tolerant<T>>>(line) {
        assert_eq!(read.value.detail.as_ref(), Some(&strict.detail.value));
        assert_eq!(read.value.time, Some(strict.time));
        assert_eq!(read.repairs.len(), strict.detail.repairs.len());
    }
    println!("{}", read.repairs.iter().map(|r| r.to_string()).collect::<Vec<_>>().join("; "));

    // the same with an outer event with every fault
    let mut json: serde_json::Value = serde_json::from_str(line).unwrap();
    let outer = json.as_object_mut().unwrap();
    outer.remove("id");
    outer.insert("version".to_owned(), 0.into());
    outer.insert("account".to_owned(), 12345678901_u64.into());
    outer.insert("region".to_owned(), serde_json::Value::Null);
    outer.insert("time".to_owned(), "Thu, 13 Aug 2020 09:14:52 GMT".into());
    outer.insert("resources".to_owned(), vec![outer.clone()].into());
    let broken: Tolerant<PartialAwsEvent<T>> = serde_json::from_value(json).unwrap();
    assert_eq!(broken.value.detail, read.value.detail);
    assert_eq!(broken.value.account.as_deref(), Some("012345678901"));
    assert_eq!(broken.value.time.unwrap().to_string(), "2020-08-13T09:14:52Z");
    let is_outer = |path: &str| !path.starts_with("detail");
    let places: Vec<&str> = broken.repairs.iter().map(|r| r.path.as_str()).filter(|p| is_outer(p)).collect();
    assert_eq!(places, ["account", "id", "region", "resources[0]", "time", "version"]);
    let inner = |all: &[event_runtime::tolerant::Repair]| all.iter().filter(|r| !is_outer(&r.path)).cloned().collect::<Vec<_>>();
    assert_eq!(inner(&broken.repairs), inner(&read.repairs));
}
"#;

/// A schema's uuid with a configured type: an invalid one is left out, and the rest of the event is
/// read. Needs no corpora.
#[test]
fn text_refused_by_format_type_is_left_out() {
    let schema = r#"{ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "required": ["id", "host"], "properties": {
            "id": { "type": "string", "format": "uuid" }, "host": { "type": "string", "format": "ipv4" },
            "others": { "type": "array", "items": { "type": "string", "format": "uuid" } } } }"#;
    let root =
        lay_out("formats", "formats", &BTreeMap::from([("key".to_owned(), schema.to_owned())]));
    let config = event_codegen::configure().schemas(root.join("schemas")).tolerant("formats");
    let config = config.format("uuid", "crate::Id").format("ipv4", "std::net::Ipv4Addr");
    let (diagnostics, generated) = config.source("formats", "app.test").run();
    let generated = generated.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    generated.write(&root.join("event-contracts")).unwrap();
    let path = type_path(&generated.rust, "key");
    let main = format!("{NO_WARNINGS}{FORMATS}fn main() {{ read::<{path}>(); }}\n");
    let out = run(
        scratch(&root, "scratch-formats", &main).args(["run", "--offline", "-q"]),
        "the formats",
    );
    let said: Vec<&str> = out.lines().collect();
    assert_eq!(
        said,
        [
            r#"{"detail-type":"key:v1","source":"app.test","detail":{"others":["01234567-0123-0123-0123-012345678901"]}}"#,
            "`detail.host`: the string \"here\" cannot be read here and was left out",
            "`detail.others[1]`: the string \"none\" cannot be read here and was left out",
            "`detail.id`: the string \"01234567890123456789012345678901\" cannot be read here and was left out",
        ]
    );
}

/// A type that accepts less than its format promises, and an event for it.
const FORMATS: &str = r##"
use event_runtime::__private::v0_1::event_shape::{EventData, Ref, Shape};
use event_runtime::__private::v0_1::serde::{Deserialize, Deserializer, Serialize, Serializer, de::{DeserializeOwned, Error}};
#[derive(Debug, Clone, PartialEq)]
pub struct Id(String);
impl EventData for Id { const SHAPE: Ref = Ref::leaf(&Shape::Str("uuid")); }
impl Serialize for Id {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(&self.0) }
}
impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        if text.contains('-') { Ok(Id(text)) } else { Err(D::Error::custom("no id")) }
    }
}
fn read<T: DeserializeOwned + Serialize + EventData>() {
    use event_runtime::tolerant::{PartialAwsEvent, Tolerant};
    let body = r#"{"detail-type": "key:v1", "source": "app.test", "version": null, "detail": {
        "id": "01234567890123456789012345678901", "host": "here", "others": ["01234567-0123-0123-0123-012345678901", "none"]}}"#;
    let read: Tolerant<PartialAwsEvent<T>> = serde_json::from_str(body).unwrap();
    println!("{}", serde_json::to_string(&read.value).unwrap());
    for repair in read.repairs.iter().filter(|r| r.path.starts_with("detail")) { println!("{repair}"); }
}
"##;
