//! Tags of a registry's schemas.

use std::collections::BTreeMap;

use event_schema::diagnostic::Diagnostic;

use crate::client::Client;
use crate::failure::{self, Asked};
use crate::fault;

/// The ARN of a schema, and its tags.
type Described = (String, BTreeMap<String, String>);

impl Client {
    /// The tags of a schema; `None` if the registry or the schema does not exist.
    ///
    /// # Errors
    ///
    /// If the API does not return them.
    pub fn tags(
        &self,
        registry: &str,
        schema: &str,
    ) -> Result<Option<BTreeMap<String, String>>, Box<Diagnostic>> {
        Ok(self.described(registry, schema)?.map(|(_, tags)| tags))
    }

    /// Adds tags to a schema and removes others, by key.
    ///
    /// # Errors
    ///
    /// If the schema does not exist, or the API refuses a change. Tags are removed first, since a schema may have up
    /// to 50.
    pub fn retag(
        &self,
        registry: &str,
        schema: &str,
        add: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<(), Box<Diagnostic>> {
        let what = format!("registry:{registry}/{schema}");
        let Some((arn, _)) = self.described(registry, schema)? else {
            let message = format!("the registry has no schema `{}`", schema.escape_default());
            return Err(Box::new(fault::registry_not_found(&what, message)));
        };

        self.runtime.block_on(async {
            if !remove.is_empty() {
                let call = self.api.untag_resource().resource_arn(&arn);
                let call = call.set_tag_keys(Some(remove.to_vec()));
                call.send().await.map_err(|e| {
                    Box::new(failure::diagnose(
                        Asked { what: &what, operation: "UntagResource" },
                        &e,
                    ))
                })?;
            }
            if !add.is_empty() {
                let call = self.api.tag_resource().resource_arn(&arn);
                let call = call.set_tags(Some(add.clone().into_iter().collect()));
                call.send().await.map_err(|e| {
                    Box::new(failure::diagnose(Asked { what: &what, operation: "TagResource" }, &e))
                })?;
            }
            Ok(())
        })
    }

    /// The ARN of a schema, and its tags.
    fn described(
        &self,
        registry: &str,
        schema: &str,
    ) -> Result<Option<Described>, Box<Diagnostic>> {
        let what = format!("registry:{registry}/{schema}");
        let call = self.api.describe_schema().registry_name(registry).schema_name(schema);
        match self.runtime.block_on(call.send()) {
            Ok(found) => {
                let tags = found.tags.unwrap_or_default().into_iter().collect();
                Ok(Some((found.schema_arn.unwrap_or_default(), tags)))
            }
            Err(e) if failure::not_found(&e) => Ok(None),
            Err(e) => Err(Box::new(failure::diagnose(
                Asked { what: &what, operation: "DescribeSchema" },
                &e,
            ))),
        }
    }
}
