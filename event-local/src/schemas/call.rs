//! One parsed request: the parameters of the path, the query and the body, with the API's errors
//! for missing values and values of another type.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;
use super::limit;
use super::operation::Operation;

/// Tags of a resource.
pub(super) type Tags = BTreeMap<String, String>;

/// A request of an operation.
pub(super) struct Call {
    pub(super) operation: Operation,
    /// Parameters of the path, decoded.
    path: Vec<(String, String)>,
    /// Parameters of the query, decoded.
    query: Vec<(String, String)>,
    body: Map<String, Value>,
}

impl Call {
    /// Parses a request.
    ///
    /// # Errors
    ///
    /// If the body is not a JSON object. An empty body counts as `{}`.
    pub(super) fn new(
        operation: Operation,
        path: Vec<(String, String)>,
        query: Option<&str>,
        body: &[u8],
    ) -> Result<Call, ApiError> {
        let body = match body.trim_ascii() {
            b"" => Map::new(),
            bytes => match serde_json::from_slice(bytes) {
                Ok(Value::Object(map)) => map,
                Ok(_) => return Err(ApiError::bad_request("the body is not a JSON object")),
                Err(e) => return Err(ApiError::bad_request(format!("the body is not JSON: {e}"))),
            },
        };
        let query = query.unwrap_or_default().as_bytes();
        let query = form_urlencoded::parse(query)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Ok(Call { operation, path, query, body })
    }

    /// A parameter of the path.
    pub(super) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// The registry in the path, as the client spells it.
    pub(super) fn registry(&self) -> &str {
        self.path("registryName")
    }

    /// The schema in the path, as the client spells it.
    pub(super) fn schema(&self) -> &str {
        self.path("schemaName")
    }

    /// A parameter of the query; an empty one counts as missing.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.all_of_query(name).next().filter(|value| !value.is_empty())
    }

    /// Every value of a parameter of the query that may be repeated.
    pub(super) fn all_of_query<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A member of the body; `null` counts as missing.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// A string of the body.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::bad_request(format!("`{name}` is not a string"))),
        }
    }

    /// A string that the body must have.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)?.ok_or_else(|| ApiError::bad_request(format!("`{name}` is missing")))
    }

    /// A boolean of the body.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(ApiError::bad_request(format!("`{name}` is not a boolean"))),
        }
    }

    /// The description, within its maximum length.
    pub(super) fn description(&self) -> Result<Option<String>, ApiError> {
        let text = self.text("Description")?;
        if let Some(text) = text {
            limit::at_most("Description", text, limit::DESCRIPTION)?;
        }
        Ok(text.map(str::to_owned))
    }

    /// The tags, within their limits.
    pub(super) fn tags(&self) -> Result<Option<Tags>, ApiError> {
        let Some(value) = self.member("tags") else { return Ok(None) };
        let wrong = || ApiError::bad_request("`tags` is not an object of strings");
        let map = value.as_object().ok_or_else(wrong)?;
        let mut tags = Tags::new();
        for (key, value) in map {
            let value = value.as_str().ok_or_else(wrong)?;
            tags.insert(key.clone(), value.to_owned());
        }
        limit::tags(&tags)?;
        Ok(Some(tags))
    }
}
