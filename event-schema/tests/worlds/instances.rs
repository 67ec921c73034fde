//! Instances made from schemas: from the names and values in them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::choices::Choices;

/// Names and values in schemas, and their neighbours.
pub(crate) struct Pool {
    names: Vec<String>,
    values: Vec<Value>,
}

impl Pool {
    pub(crate) fn of(schemas: &[&Value]) -> Pool {
        let mut names: BTreeSet<String> =
            ["a", "b", "ab", "z"].iter().map(|n| (*n).to_owned()).collect();
        let mut values = vec![
            Value::Null,
            json!(true),
            json!(0),
            json!(1),
            json!(1.0),
            json!(0.5),
            json!("a"),
            json!("b"),
            json!(""),
            json!([]),
            json!({}),
        ];
        for schema in schemas {
            mine(schema, &mut names, &mut values);
        }
        let mut seen = BTreeSet::new();
        values.retain(|value| seen.insert(value.to_string()));
        Pool { names: names.into_iter().collect(), values }
    }

    /// An instance, or something close to one.
    pub(crate) fn draw(&self, schema: &Value, c: &mut Choices<'_>) -> Value {
        let value = match c.below(4) {
            0 => self.random(c, 3),
            _ => self.guided(schema, schema, c, 4),
        };
        match c.below(3) {
            0 => value,
            1 => self.mutated(value, c),
            _ => {
                let once = self.mutated(value, c);
                self.mutated(once, c)
            }
        }
    }

    fn random(&self, c: &mut Choices<'_>, depth: usize) -> Value {
        match c.below(if depth == 0 { 4 } else { 8 }) {
            0..4 => c.pick(&self.values),
            4 | 5 => (0..c.below(4)).map(|_| self.random(c, depth - 1)).collect(),
            _ => {
                let member = |c: &mut Choices<'_>| (c.pick(&self.names), self.random(c, depth - 1));
                Value::Object((0..c.below(4)).map(|_| member(c)).collect())
            }
        }
    }

    /// A value that the schema probably accepts.
    fn guided(&self, schema: &Value, root: &Value, c: &mut Choices<'_>, depth: usize) -> Value {
        let Some(keywords) = schema.as_object().filter(|_| depth > 0) else {
            return self.random(c, depth.min(1));
        };
        if let Some(pointer) = keywords.get("$ref").and_then(Value::as_str) {
            let target = root.pointer(pointer.trim_start_matches('#')).unwrap_or(root);
            let value = self.guided(target, root, c, depth - 1);
            return self.with_members(value, keywords, root, c, depth);
        }
        if let Some(value) = keywords.get("const") {
            return value.clone();
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array)
            && !values.is_empty()
        {
            return c.pick(values);
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            if let Some(branches) = keywords.get(keyword).and_then(Value::as_array) {
                let branch = c.pick(branches);
                let mut value = self.guided(&branch, root, c, depth - 1);
                if keyword == "allOf" {
                    for part in branches.iter().filter_map(Value::as_object) {
                        value = self.with_members(value, part, root, c, depth);
                    }
                }
                return self.with_members(value, keywords, root, c, depth);
            }
        }
        let kind = match keywords.get("type") {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Array(names)) => c.pick(names).as_str().unwrap_or_default().to_owned(),
            _ => {
                let has = |names: &[&str]| names.iter().any(|k| keywords.contains_key(*k));
                let array =
                    has(&["items", "prefixItems", "contains", "uniqueItems", "unevaluatedItems"]);
                (if array { "array" } else { "object" }).to_owned()
            }
        };
        match kind.as_str() {
            "array" => self.items(keywords, root, c, depth),
            "object" => self.with_members(json!({}), keywords, root, c, depth),
            kind => {
                let of_kind = |v: &&Value| match kind {
                    "null" => v.is_null(),
                    "boolean" => v.is_boolean(),
                    "string" => v.is_string(),
                    _ => v.is_number(),
                };
                let fitting: Vec<&Value> = self.values.iter().filter(of_kind).collect();
                c.pick(&fitting).clone()
            }
        }
    }

    fn items(
        &self,
        keywords: &Map<String, Value>,
        root: &Value,
        c: &mut Choices<'_>,
        depth: usize,
    ) -> Value {
        let list = |key: &str| keywords.get(key).and_then(Value::as_array).cloned();
        let first = list("prefixItems").or_else(|| list("items")).unwrap_or_default();
        let rest = ["items", "additionalItems", "unevaluatedItems", "contains"]
            .iter()
            .filter_map(|key| keywords.get(*key).filter(|v| v.is_object()).cloned())
            .collect::<Vec<_>>();
        let min = keywords.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let length = usize::try_from(min).unwrap_or(0) + c.below(4);
        let mut out = Vec::new();
        for at in 0..length {
            let schema = match first.get(at) {
                Some(own) => own.clone(),
                None if rest.is_empty() => json!(true),
                None => c.pick(&rest),
            };
            let other = schema.get("enum").is_none() && c.one_in(5);
            out.push(if other {
                self.random(c, 1)
            } else {
                self.guided(&schema, root, c, depth - 1)
            });
        }
        out.into()
    }

    /// The object with members that the keywords mention.
    fn with_members(
        &self,
        value: Value,
        keywords: &Map<String, Value>,
        root: &Value,
        c: &mut Choices<'_>,
        depth: usize,
    ) -> Value {
        let Value::Object(mut members) = value else { return value };
        let none = Map::new();
        let declared = keywords.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required: Vec<&str> = keywords
            .get("required")
            .and_then(Value::as_array)
            .map(|r| r.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        for (name, schema) in declared {
            if required.contains(&name.as_str()) || c.below(2) == 0 {
                let value = self.guided(schema, root, c, depth.saturating_sub(1));
                members.insert(name.clone(), value);
            }
        }
        for name in required {
            members.entry(name).or_insert_with(|| self.random(c, 1));
        }
        let others: Vec<&Value> = ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .filter_map(|key| keywords.get(*key))
            .chain(
                keywords
                    .get("patternProperties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(Map::values),
            )
            .collect();
        for _ in 0..c.below(3) {
            let name = c.pick(&self.names);
            let value = match others.get(c.below(others.len() + 1)) {
                Some(schema) => self.guided(schema, root, c, depth.saturating_sub(1)),
                None => self.random(c, 1),
            };
            members.entry(name).or_insert(value);
        }
        members.into()
    }

    fn mutated(&self, value: Value, c: &mut Choices<'_>) -> Value {
        match value {
            Value::Array(mut items) if !items.is_empty() => {
                let at = c.below(items.len());
                match c.below(6) {
                    0 => items.reverse(),
                    1 => {
                        items.remove(at);
                    }
                    2 => items.push(self.random(c, 1)),
                    3 => items.push(items[at].clone()),
                    4 => items[at] = self.random(c, 1),
                    _ => items[at] = self.mutated(items[at].clone(), c),
                }
                items.into()
            }
            Value::Object(mut members) if !members.is_empty() => {
                let keys: Vec<String> = members.keys().cloned().collect();
                let key = c.pick(&keys);
                match c.below(5) {
                    0 => {
                        members.remove(&key);
                    }
                    1 => {
                        members.insert(c.pick(&self.names), self.random(c, 1));
                    }
                    2 => {
                        members.insert(key, self.random(c, 1));
                    }
                    _ => {
                        let inner = self.mutated(members[&key].clone(), c);
                        members.insert(key, inner);
                    }
                }
                members.into()
            }
            Value::Number(n) => {
                let near = n.as_i64().map(|n| [json!(n + 1), json!(n - 1), json!(n as f64)]);
                match near {
                    Some(near) => c.pick(&near),
                    None => c.pick(&self.values),
                }
            }
            _ => self.random(c, 1),
        }
    }
}

fn mine(schema: &Value, names: &mut BTreeSet<String>, values: &mut Vec<Value>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match key.as_str() {
                    "properties" | "dependentSchemas" | "dependencies" | "dependentRequired" => {
                        names.extend(value.as_object().into_iter().flat_map(Map::keys).cloned());
                    }
                    "required" => names.extend(
                        value
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_str)
                            .map(str::to_owned),
                    ),
                    "enum" => {
                        for value in value.as_array().into_iter().flatten() {
                            listed(value, names, values);
                        }
                        continue;
                    }
                    "const" => {
                        listed(value, names, values);
                        continue;
                    }
                    "minimum" | "maximum" | "multipleOf" | "exclusiveMinimum"
                    | "exclusiveMaximum" => {
                        values.push(value.clone());
                        if let Some(n) = value.as_i64() {
                            values.extend([json!(n - 1), json!(n + 1), json!(n as f64 + 0.5)]);
                        }
                    }
                    _ => {}
                }
                mine(value, names, values);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| mine(item, names, values)),
        _ => {}
    }
}

fn listed(value: &Value, names: &mut BTreeSet<String>, values: &mut Vec<Value>) {
    values.push(value.clone());
    match value {
        Value::Array(items) => items.iter().for_each(|item| listed(item, names, values)),
        Value::Object(members) => {
            names.extend(members.keys().cloned());
            members.values().for_each(|member| listed(member, names, values));
        }
        Value::String(s) => {
            names.insert(s.clone());
        }
        _ => {}
    }
}
