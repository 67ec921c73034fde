//! Copies the records of a projections table's stream to another store.

use event_runtime::consume::HandlerError;
use event_runtime::projection::{Effect, InvalidRevision, ProjectionStore, Row};
use tracing::debug;

use super::{Attribute, Attributes, Change, SequenceNumber, StreamRecord};
use crate::image;

/// A record without a row of a projection. It is in the error of [`replicate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence} is not a row of a projection")]
#[non_exhaustive]
pub struct NotARow {
    /// The sequence number of the record.
    pub sequence: SequenceNumber,
    #[source]
    reason: RowProblem,
}

/// The error of an item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum RowProblem {
    #[error("the stream has no new images")]
    NoImage,
    #[error("it has no `{0}`")]
    Missing(&'static str),
    #[error("`{0}` is not a string")]
    NotText(&'static str),
    #[error("`{0}` names no projection")]
    Key(String),
    #[error(transparent)]
    Revision(#[from] InvalidRevision),
}

/// Writes a record of a projections table's stream to another store. The replica ends in the same
/// state, whatever the order and number of deliveries.
///
/// Returns `None` if the record contains no row: the item was deleted, by DynamoDB or by hand. Rows
/// are deleted by tombstones, which do contain a row.
///
/// # Errors
///
/// Permanent if the item is not a row of a projection or the stream has no new images; transient if
/// the store failed.
pub async fn replicate(
    record: &StreamRecord,
    store: &(impl ProjectionStore + ?Sized),
) -> Result<Option<Effect>, HandlerError> {
    match record.change {
        Change::Removed | Change::Expired => {
            debug!(sequence = %record.sequence, change = ?record.change, "no row");
            Ok(None)
        }
        Change::Inserted | Change::Modified => {
            let (projection, key, row) = row_of(record).map_err(|reason| {
                let sequence = record.sequence.clone();
                HandlerError::permanent(NotARow { sequence, reason })
            })?;
            Ok(Some(store.put(&projection, &key, row).await?))
        }
    }
}

fn row_of(record: &StreamRecord) -> Result<(String, String, Row), RowProblem> {
    let new = record.new.as_ref().ok_or(RowProblem::NoImage)?;
    let text = |attributes: &Attributes, name: &'static str| match attributes.get(name) {
        Some(Attribute::S(text)) => Ok(text.clone()),
        Some(_) => Err(RowProblem::NotText(name)),
        None => Err(RowProblem::Missing(name)),
    };
    let pk = text(&record.keys, image::PK)?;
    let (projection, key) = image::from_pk(&pk).ok_or(RowProblem::Key(pk))?;
    let value = new.contains_key(image::VALUE).then(|| text(new, image::VALUE)).transpose()?;
    let row = image::row(&text(new, image::REVISION)?, value.as_deref())?;
    Ok((projection, key, row))
}
