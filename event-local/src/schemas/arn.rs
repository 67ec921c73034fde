//! ARNs: `arn:aws:schemas:<region>:<account>:registry/<name>`, `…:schema/<registry>/<name>`,
//! `…:discoverer/<id>`.

use super::error::ApiError;

/// The region and account of the server.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) region: String,
    pub(super) account: String,
}

/// What an ARN names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resource<'a> {
    Registry(&'a str),
    Schema(&'a str, &'a str),
    Discoverer(&'a str),
}

impl Place {
    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:schemas:{}:{}:{resource}", self.region, self.account)
    }

    pub(super) fn registry(&self, name: &str) -> String {
        self.arn(&format!("registry/{name}"))
    }

    pub(super) fn schema(&self, registry: &str, name: &str) -> String {
        self.arn(&format!("schema/{registry}/{name}"))
    }

    pub(super) fn discoverer(&self, id: &str) -> String {
        self.arn(&format!("discoverer/{id}"))
    }

    /// Reads an ARN.
    pub(super) fn resource<'a>(&self, arn: &'a str) -> Result<Resource<'a>, ApiError> {
        let shown = || arn.escape_default();
        let wrong = || ApiError::bad_request(format!("`{}` is not an ARN of this API", shown()));
        let rest = arn.strip_prefix("arn:aws:schemas:").ok_or_else(wrong)?;
        let here = format!("{}:{}:", self.region, self.account);
        let Some(resource) = rest.strip_prefix(&here) else {
            let message = format!("`{}` is not of this region and account", shown());
            return Err(ApiError::not_found(message));
        };
        let (what, name) = resource.split_once('/').ok_or_else(wrong)?;
        match (what, name.split_once('/')) {
            ("registry", None) => Ok(Resource::Registry(name)),
            ("discoverer", None) => Ok(Resource::Discoverer(name)),
            ("schema", Some((registry, name))) => Ok(Resource::Schema(registry, name)),
            _ => Err(wrong()),
        }
    }
}
