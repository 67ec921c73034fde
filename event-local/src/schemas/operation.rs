//! The operations: name, method, path and status, as in the API's model (`schemas`, version
//! 2019-12-02). Routing, faults and the tests all use this table.

use axum::http::{Method, StatusCode};

use super::error::Kind;

macro_rules! operations {
    ($($name:ident $method:ident $path:literal $status:ident,)+) => {
        /// An operation of the Schemas API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($method), " ", $path, "`")] $name,)+
        }

        impl Operation {
            /// All of them, by name.
            pub const ALL: &[Operation] = &[$(Operation::$name,)+];

            /// The name, as the SDKs have it.
            pub fn name(self) -> &'static str {
                match self { $(Operation::$name => stringify!($name),)+ }
            }

            /// The method.
            pub fn method(self) -> Method {
                match self { $(Operation::$name => Method::$method,)+ }
            }

            /// The path, with its parameters in braces.
            pub fn path(self) -> &'static str {
                match self { $(Operation::$name => $path,)+ }
            }

            /// The status of a successful response.
            pub fn status(self) -> StatusCode {
                match self { $(Operation::$name => StatusCode::$status,)+ }
            }
        }
    };
}

operations! {
    CreateDiscoverer POST "/v1/discoverers" CREATED,
    CreateRegistry POST "/v1/registries/name/{registryName}" CREATED,
    CreateSchema POST "/v1/registries/name/{registryName}/schemas/name/{schemaName}" CREATED,
    DeleteDiscoverer DELETE "/v1/discoverers/id/{discovererId}" NO_CONTENT,
    DeleteRegistry DELETE "/v1/registries/name/{registryName}" NO_CONTENT,
    DeleteResourcePolicy DELETE "/v1/policy" NO_CONTENT,
    DeleteSchema DELETE "/v1/registries/name/{registryName}/schemas/name/{schemaName}" NO_CONTENT,
    DeleteSchemaVersion DELETE "/v1/registries/name/{registryName}/schemas/name/{schemaName}/version/{schemaVersion}" NO_CONTENT,
    DescribeCodeBinding GET "/v1/registries/name/{registryName}/schemas/name/{schemaName}/language/{language}" OK,
    DescribeDiscoverer GET "/v1/discoverers/id/{discovererId}" OK,
    DescribeRegistry GET "/v1/registries/name/{registryName}" OK,
    DescribeSchema GET "/v1/registries/name/{registryName}/schemas/name/{schemaName}" OK,
    ExportSchema GET "/v1/registries/name/{registryName}/schemas/name/{schemaName}/export" OK,
    GetCodeBindingSource GET "/v1/registries/name/{registryName}/schemas/name/{schemaName}/language/{language}/source" OK,
    GetDiscoveredSchema POST "/v1/discover" OK,
    GetResourcePolicy GET "/v1/policy" OK,
    ListDiscoverers GET "/v1/discoverers" OK,
    ListRegistries GET "/v1/registries" OK,
    ListSchemaVersions GET "/v1/registries/name/{registryName}/schemas/name/{schemaName}/versions" OK,
    ListSchemas GET "/v1/registries/name/{registryName}/schemas" OK,
    ListTagsForResource GET "/tags/{resource-arn}" OK,
    PutCodeBinding POST "/v1/registries/name/{registryName}/schemas/name/{schemaName}/language/{language}" ACCEPTED,
    PutResourcePolicy PUT "/v1/policy" OK,
    SearchSchemas GET "/v1/registries/name/{registryName}/schemas/search" OK,
    StartDiscoverer POST "/v1/discoverers/id/{discovererId}/start" OK,
    StopDiscoverer POST "/v1/discoverers/id/{discovererId}/stop" OK,
    TagResource POST "/tags/{resource-arn}" NO_CONTENT,
    UntagResource DELETE "/tags/{resource-arn}" NO_CONTENT,
    UpdateDiscoverer PUT "/v1/discoverers/id/{discovererId}" OK,
    UpdateRegistry PUT "/v1/registries/name/{registryName}" OK,
    UpdateSchema PUT "/v1/registries/name/{registryName}/schemas/name/{schemaName}" OK,
}

impl Operation {
    /// Whether the operation changes nothing.
    pub fn reads_only(self) -> bool {
        self.method() == Method::GET || self == Operation::GetDiscoveredSchema
    }

    /// Whether the model lists this kind of error for the operation: SDKs have a type for it only
    /// then.
    pub(super) fn lists(self, kind: Kind) -> bool {
        use Operation as O;
        match kind {
            Kind::BadRequest | Kind::Forbidden | Kind::InternalServerError => true,
            Kind::Unauthorized => !matches!(
                self,
                O::CreateSchema
                    | O::UpdateSchema
                    | O::ListTagsForResource
                    | O::TagResource
                    | O::UntagResource
            ),
            Kind::NotFound => !matches!(
                self,
                O::CreateDiscoverer
                    | O::CreateRegistry
                    | O::CreateSchema
                    | O::GetDiscoveredSchema
                    | O::ListDiscoverers
                    | O::ListRegistries
                    | O::ListSchemas
                    | O::SearchSchemas
            ),
            Kind::Conflict => matches!(self, O::CreateDiscoverer | O::CreateRegistry),
            Kind::Gone => self == O::PutCodeBinding,
            Kind::PreconditionFailed => self == O::PutResourcePolicy,
            Kind::TooManyRequests => matches!(
                self,
                O::DescribeCodeBinding
                    | O::ExportSchema
                    | O::GetCodeBindingSource
                    | O::PutCodeBinding
            ),
            Kind::ServiceUnavailable => !matches!(
                self,
                O::DescribeCodeBinding
                    | O::GetCodeBindingSource
                    | O::ListTagsForResource
                    | O::PutCodeBinding
                    | O::TagResource
                    | O::UntagResource
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_31_operations_have_distinct_names_and_routes() {
        assert_eq!(Operation::ALL.len(), 31);
        assert!(Operation::ALL.is_sorted_by_key(|o| o.name()));
        let routes: std::collections::HashSet<_> =
            Operation::ALL.iter().map(|o| (o.method(), o.path())).collect();
        assert_eq!(routes.len(), 31);
    }
}
