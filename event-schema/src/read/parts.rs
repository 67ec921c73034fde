//! Keywords of arrays and objects, and `OpenAPI`'s discriminator.

use super::keyword::count;
use super::node::Reader;
use super::sources::Place;
use super::uri::escape_pointer;
use crate::document::{Json, Member, Value};
use crate::model::{ArrayRules, Contains, Discriminator, ObjectRules, Property};

pub(super) fn read_array<'d>(
    r: &mut Reader<'d>,
    place: &Place<'d>,
    key: &str,
    json: &'d Json,
    array: &mut ArrayRules,
) {
    match key {
        "minItems" => array.min_items = count(r, place, key, json),
        "maxItems" => array.max_items = Some(count(r, place, key, json)),
        "uniqueItems" => match json.as_bool() {
            Some(unique) => array.unique = unique,
            None => r.malformed(place, key, json, "a boolean"),
        },
        "contains" => {
            let number = |r: &mut Reader<'d>, key: &str| {
                let known = place.json.get(key).filter(|_| r.knows(place, key));
                known.map(|json| count(r, place, key, json))
            };
            let (min, max) = (number(r, "minContains"), number(r, "maxContains"));
            let node = r.child(place, key, json);
            array.contains = Some(Contains { node, min: min.unwrap_or(1), max });
        }
        "items" | "prefixItems" => match &json.value {
            Value::Array(schemas) => {
                for (i, json) in schemas.iter().enumerate() {
                    array.prefix.push(r.child(place, &format!("{key}/{i}"), json));
                }
            }
            _ if key == "items" => array.items = Some(r.child(place, key, json)),
            _ => r.malformed(place, key, json, "an array of schemas"),
        },
        _ => {}
    }
}

/// `additionalItems`, which only counts after `items` as an array.
pub(super) fn tuple_tail<'d>(r: &mut Reader<'d>, place: &Place<'d>, array: &mut ArrayRules) {
    let tuple = place.json.get("items").is_some_and(|items| items.as_array().is_some());
    if let Some(tail) = place.json.get("additionalItems")
        && tuple
    {
        array.items = Some(r.child(place, "additionalItems", tail));
    }
}

pub(super) fn read_object<'d>(
    r: &mut Reader<'d>,
    place: &Place<'d>,
    key: &str,
    json: &'d Json,
    object: &mut ObjectRules,
) {
    match key {
        "properties" => {
            for member in map(r, place, key, json) {
                let path = format!("{key}/{}", escape_pointer(&member.key));
                let node = r.child(place, &path, &member.value);
                let pos = r.pos(place, member.key_span);
                let name = member.key.clone();
                object.properties.push(Property { name, node, pos, span: member.key_span });
            }
        }
        "required" => object.required = names(r, place, key, json),
        "patternProperties" => {
            for member in map(r, place, key, json) {
                let path = format!("{key}/{}", escape_pointer(&member.key));
                let node = r.child(place, &path, &member.value);
                r.pattern(place, &path, &member.key, member.key_span);
                object.patterns.push((member.key.clone(), node));
            }
        }
        "additionalProperties" => object.additional = Some(r.child(place, key, json)),
        "propertyNames" => object.names = Some(r.child(place, key, json)),
        "minProperties" => object.min_properties = count(r, place, key, json),
        "maxProperties" => object.max_properties = Some(count(r, place, key, json)),
        _ => {
            for member in map(r, place, key, json) {
                let path = format!("{key}/{}", escape_pointer(&member.key));
                let name = member.key.clone();
                match &member.value.value {
                    Value::Array(_) if key != "dependentSchemas" => {
                        let needs = names(r, place, key, &member.value);
                        object.dependent_required.push((name, needs));
                    }
                    // drafts 3 and 4 allow a single name instead of a list
                    Value::String(need) if key == "dependencies" => {
                        object.dependent_required.push((name, vec![need.clone()]));
                    }
                    _ => {
                        let node = r.child(place, &path, &member.value);
                        object.dependent_schemas.push((name, node));
                    }
                }
            }
        }
    }
}

pub(super) fn discriminator<'d>(
    r: &mut Reader<'d>,
    place: &Place<'d>,
    json: &'d Json,
) -> Option<Discriminator> {
    let Some(property) = json.get("propertyName").and_then(Json::as_str) else {
        r.malformed(place, "discriminator", json, "an object with a `propertyName`");
        return None;
    };
    let mut mapping = Vec::new();
    for member in json.get("mapping").map(Json::members).unwrap_or_default() {
        if let Some(node) = r.mapped(place, &member.value) {
            mapping.push((member.key.clone(), node));
        }
    }
    Some(Discriminator { property: property.to_owned(), mapping })
}

fn names<'d>(r: &mut Reader<'d>, place: &Place<'d>, key: &str, json: &'d Json) -> Vec<String> {
    let list = json.as_array().and_then(|list| {
        list.iter().map(|n| n.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    if list.is_none() {
        r.malformed(place, key, json, "an array of names");
    }
    list.unwrap_or_default()
}

fn map<'d>(r: &mut Reader<'d>, place: &Place<'d>, key: &str, json: &'d Json) -> &'d [Member] {
    if !matches!(json.value, Value::Object(_)) {
        r.malformed(place, key, json, "an object");
    }
    json.members()
}
