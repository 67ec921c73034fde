//! Records of the stream of a projections table, into another store.

use event_runtime::consume::HandlerError;
use event_runtime::projection::{Effect, InvalidRevision, ProjectionStore, Row};
use tracing::debug;

use super::{Attribute, Attributes, Change, SequenceNumber, StreamRecord};
use crate::image;

/// A record that brings no row of a projection. It is found in the error of [`replicate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence} is not a row of a projection")]
#[non_exhaustive]
pub struct NotARow {
    /// Which record.
    pub sequence: SequenceNumber,
    #[source]
    reason: RowProblem,
}

/// What is wrong with an item.
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

/// Writes a record of the stream of a projections table to another store: a replica that ends in the
/// same state, whatever the order and however often the records come.
///
/// `None` where the record brings no row: an item that was deleted, by DynamoDB or by hand. Rows are
/// deleted by tombstones, which do bring one.
///
/// # Errors
///
/// Permanent where the item is no row of a projection or the stream has no new images; transient
/// where the store failed.
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
