//! How a value goes back to the type that an earlier major has for it, and forward from there.

use alloc::string::{String, ToString};

/// Converts a field's value to what the superseded version holds; done for all that `From` does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`, which the superseded version has here",
    label = "the superseded version has `{Old}` here",
    note = "to fix: name a function with `#[event(down = path::to_fn)]`: `fn({Self}) -> {Old}`",
    note = "or, where one of the two is a type of this crate: an `impl From` between them; where both are structs or enums of yours: `#[derive(EventData)]` with `#[event(supersedes = <path to the older>)]`"
)]
pub trait Down<Old> {
    /// The value as the earlier major has it.
    fn down(self) -> Old;
}

#[diagnostic::do_not_recommend]
impl<New, Old: From<New>> Down<Old> for New {
    fn down(self) -> Old {
        Old::from(self)
    }
}

/// Converts a value of the superseded version to what this one holds; done for all that `From` does.
#[diagnostic::on_unimplemented(
    message = "`{New}` cannot be made from `{Self}`, which the superseded version has here",
    label = "the superseded version has `{Self}` here",
    note = "to fix: name a function with `#[event(up = path::to_fn)]`: `fn({Self}) -> {New}`",
    note = "or, where one of the two is a type of this crate: an `impl From` between them; where both are structs or enums of yours: `#[event(supersedes = <path to the older>, upcast)]` on the newer"
)]
pub trait Up<New> {
    /// The value as this major has it.
    fn up(self) -> New;
}

#[diagnostic::do_not_recommend]
impl<Old, New: From<Old>> Up<New> for Old {
    fn up(self) -> New {
        New::from(self)
    }
}

/// Why a value has no place in another major: a function of `try_down` or `try_up` refused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    field: &'static str,
    reason: String,
}

impl Narrowing {
    /// The field that the value came from, and the function's error in words.
    #[allow(clippy::needless_pass_by_value)] // an error is handed over, of whatever type it is
    pub fn new(field: &'static str, reason: impl ToString) -> Narrowing {
        Narrowing { field, reason: reason.to_string() }
    }
}

impl core::fmt::Display for Narrowing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "`{}`: {}", self.field, self.reason)
    }
}

impl core::error::Error for Narrowing {}
