//! The EventBridge Schemas API (`schemas`, 2019-12-02) on 127.0.0.1, in memory.
//!
//! | operation | here |
//! |---|---|
//! | `CreateRegistry`, `DescribeRegistry`, `UpdateRegistry`, `ListRegistries` | as the API |
//! | `DeleteRegistry` | refused while the registry contains schemas |
//! | `CreateSchema`, `DescribeSchema`, `DeleteSchema`, `ListSchemas` | as the API; content is JSON, 1 to 100,000 characters, and is returned byte for byte |
//! | `UpdateSchema` | changed content or type becomes the next version; unchanged content answers 200 (or 304, see [`Builder::not_modified`]) |
//! | `ListSchemaVersions` | newest first |
//! | `DeleteSchemaVersion` | not the only version; a number is not assigned again |
//! | `ExportSchema` | in the schema's own type; as `JSONSchemaDraft4` only from `aws.…` and `discovered-schemas`, as on AWS |
//! | `SearchSchemas` | any of the keywords, in the name or in a version's text |
//! | `ListTagsForResource`, `TagResource`, `UntagResource` | registries, schemas, discoverers |
//! | `GetDiscoveredSchema` | a schema inferred from 1 to 10 sample events, in both types |
//! | `CreateDiscoverer`, `DescribeDiscoverer`, `UpdateDiscoverer`, `DeleteDiscoverer`, `ListDiscoverers`, `StartDiscoverer`, `StopDiscoverer` | stored and returned; without a bus, nothing is discovered automatically |
//! | `GetResourcePolicy`, `PutResourcePolicy`, `DeleteResourcePolicy` | stored with a revision, not enforced |
//! | `PutCodeBinding` | 400: not supported, no code is generated |
//! | `DescribeCodeBinding`, `GetCodeBindingSource` | 404: none exist |
//!
//! Every error is one that the model lists for its operation, so that SDKs have a type for it.
//! Where the model lists neither `NotFoundException` nor `ConflictException` (`CreateSchema`), the
//! response is a `BadRequestException` whose `Code` names the actual kind. Account quotas and
//! signatures are not checked. The registries `aws.events` and `discovered-schemas` exist only if a
//! preset contains them.

mod arn;
mod call;
mod error;
mod export;
mod handle;
mod infer;
pub mod limit;
mod operation;
mod page;
mod server;
pub(crate) mod socket;
mod store;

pub use error::Kind as ErrorKind;
pub use operation::Operation;
pub use server::{Builder, Server};
pub use store::{Kind, Preset};

pub(crate) use error::ApiError;
