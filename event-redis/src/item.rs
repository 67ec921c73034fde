//! Converts the fields of a hash to an item.

use std::sync::Arc;

use event_runtime::__internal::state::{Item, Status};
use event_runtime::idempotency::{OnTimeout, Owner};

use crate::scripts::FIELDS;

/// What a script returns: nothing if it has written, else the fields of the item.
pub(crate) type Reply = Vec<Option<String>>;

/// A key that this crate did not write.
#[derive(Debug, thiserror::Error)]
#[error("the hash of `{key}` is not a claim: {reason}")]
pub(crate) struct Foreign {
    pub(crate) key: String,
    pub(crate) reason: String,
}

pub(crate) fn text_of(owner: Owner) -> String {
    format!("{:032x}", owner.to_u128())
}

/// Returns the item, or `None` if the key does not exist.
pub(crate) fn read(reply: &Reply) -> Result<Option<Item>, String> {
    let [status, owner, expiry, until, blocks, payload, result] = reply.as_slice() else {
        return Err(format!("{} fields, expected {FIELDS}", reply.len()));
    };
    let Some(status) = status else {
        let empty = reply.iter().all(Option::is_none);
        return if empty { Ok(None) } else { Err("it has no status".to_owned()) };
    };
    let number = |what: &str, text: &Option<String>| {
        let text = text.as_deref().ok_or_else(|| format!("it has no {what}"))?;
        text.parse::<i64>().map_err(|error| format!("its {what}: {error}"))
    };
    let status = match status.as_str() {
        "c" => Status::Completed { result: result.as_deref().map(Arc::from) },
        "i" => Status::InProgress {
            until: number("end of the lease", until)?,
            on_timeout: match blocks.as_deref() {
                Some("1") => OnTimeout::Block,
                _ => OnTimeout::Retry,
            },
        },
        other => return Err(format!("its status is `{other}`")),
    };
    let owner = owner.as_deref().ok_or("it has no owner")?;
    let owner = u128::from_str_radix(owner, 16).map_err(|error| format!("its owner: {error}"))?;
    let payload = payload.as_deref().map(str::parse).transpose();
    Ok(Some(Item {
        status,
        owner: Owner::from_u128(owner),
        expiry: number("expiry", expiry)?,
        payload: payload.map_err(|error| format!("its payload: {error}"))?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(fields: [Option<&str>; FIELDS]) -> Reply {
        fields.map(|field| field.map(str::to_owned)).to_vec()
    }

    #[test]
    fn hash_of_another_origin_is_refused() {
        let (owner, number) = (Some("00"), Some("7"));
        for (fields, said) in [
            ([Some("x"), owner, number, number, None, None, None], "its status is `x`"),
            ([Some("i"), owner, number, None, None, None, None], "it has no end of the lease"),
            ([Some("i"), owner, number, Some("1e9"), None, None, None], "its end of the lease"),
            ([Some("c"), None, number, None, None, None, None], "it has no owner"),
            ([Some("c"), Some("zz"), number, None, None, None, None], "its owner"),
            ([Some("c"), owner, None, None, None, None, None], "it has no expiry"),
            ([Some("c"), owner, number, None, None, Some("md5"), None], "its payload"),
            ([None, owner, None, None, None, None, None], "it has no status"),
        ] {
            let error = read(&reply(fields)).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
        assert_eq!(read(&reply([None; FIELDS])), Ok(None));
        assert!(read(&vec![]).is_err());
    }
}
