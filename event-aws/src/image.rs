//! A row as the item of a table: names, key, revision and value.
//!
//! This module has no client: it covers what the DynamoDB store writes and what its stream returns.

use event_runtime::projection::{InvalidRevision, Row};

/// The partition key: the projection and the key of the row, separated by `#`.
pub(crate) const PK: &str = "pk";
/// [`Revision`](event_runtime::projection::Revision) as text, which sorts in the order of the
/// revisions.
pub(crate) const REVISION: &str = "revision";
/// The value as JSON text. A tombstone has no value.
pub(crate) const VALUE: &str = "value";

/// Returns the partition key of a row. It is one attribute, so that the rows of a projection do not
/// share a partition.
#[cfg(any(test, feature = "dynamodb"))]
pub(crate) fn pk(projection: &str, key: &str) -> String {
    let projection = projection.replace('%', "%25").replace('#', "%23");
    format!("{projection}#{key}")
}

/// Returns the projection and the key of a row.
#[cfg(any(test, feature = "streams"))]
pub(crate) fn from_pk(pk: &str) -> Option<(String, String)> {
    let (projection, key) = pk.split_once('#')?;
    Some((projection.replace("%23", "#").replace("%25", "%"), key.to_owned()))
}

/// Parses a row from the texts of an item.
pub(crate) fn row(revision: &str, value: Option<&str>) -> Result<Row, InvalidRevision> {
    Ok(Row { revision: revision.parse()?, value: value.map(ToOwned::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_distinct_partition_keys() {
        let pairs = [("a#b", "c"), ("a", "b#c"), ("a%23b", "c"), ("a%2523b", "c"), ("", "a#b#c")];
        for (at, (projection, key)) in pairs.iter().enumerate() {
            let pk = pk(projection, key);
            let back = from_pk(&pk);
            assert_eq!(back, Some(((*projection).to_owned(), (*key).to_owned())), "{pk}");
            for (other, key) in &pairs[at + 1..] {
                assert_ne!(pk, super::pk(other, key));
            }
        }
    }
}
