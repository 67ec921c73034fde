//! Pages: `limit` and `nextToken` in, `NextToken` out.
//!
//! A token states its listing and the last item of the page, so items that are added or deleted in
//! between do not shift a page.

use std::fmt::Write;

use super::call::Call;
use super::error::ApiError;
use super::limit::PAGE;

/// The items of one page and the token of the next.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// Returns one page of the ordered items, each with its key. `after` takes the last key of the
/// previous page and returns the items after it.
pub(super) fn page<T, I>(
    call: &Call,
    after: impl FnOnce(Option<&str>) -> I,
) -> Result<Page<T>, ApiError>
where
    I: Iterator<Item = (String, T)>,
{
    let size = size(call)?;
    let start = call.query("nextToken").map(|token| key_of(call, token)).transpose()?;
    let mut rest = after(start.as_deref());
    let mut items = Vec::new();
    let mut last = None;
    for (key, item) in rest.by_ref().take(size) {
        items.push(item);
        last = Some(key);
    }
    let next = last.filter(|_| rest.next().is_some()).map(|key| token(call, &key));
    Ok(Page { items, next })
}

fn size(call: &Call) -> Result<usize, ApiError> {
    let Some(limit) = call.query("limit") else { return Ok(PAGE) };
    limit.parse().ok().filter(|n| (1..=PAGE).contains(n)).ok_or_else(|| {
        let limit = limit.escape_default();
        ApiError::bad_request(format!("`limit` is `{limit}`: expected a number from 1 to {PAGE}"))
    })
}

/// Identifies a listing: the operation, its path and its filters.
fn listing(call: &Call) -> String {
    let filters = ["registryNamePrefix", "scope", "schemaNamePrefix", "keywords"];
    let filters = filters.into_iter().chain(["discovererIdPrefix", "sourceArnPrefix"]);
    let mut out = format!("{}\n{}\n{}", call.operation.name(), call.registry(), call.schema());
    for filter in filters {
        out.push('\n');
        out.push_str(call.query(filter).unwrap_or_default());
    }
    out
}

fn token(call: &Call, key: &str) -> String {
    let text = format!("{:016x}{key}", fnv(&listing(call)));
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn key_of(call: &Call, token: &str) -> Result<String, ApiError> {
    let wrong = || ApiError::bad_request("`nextToken` is not a token of this listing");
    let digit = |c: u8| (c as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let bytes: Option<Vec<u8>> = token
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [a, b] => Some(digit(*a)? << 4 | digit(*b)?),
            _ => None,
        })
        .collect();
    let text = bytes.and_then(|b| String::from_utf8(b).ok()).ok_or_else(wrong)?;
    let (of, key) = text.split_at_checked(16).ok_or_else(wrong)?;
    if of != format!("{:016x}", fnv(&listing(call))) {
        return Err(wrong());
    }
    Ok(key.to_owned())
}

/// FNV-1a: a token does not have to be secret.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
