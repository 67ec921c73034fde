//! Converts a value to the type that an earlier major has for it, and back.
//!
//! One trait per kind of place at which the derive converts a value. All of them are implemented for types
//! with `From`; they differ in the function that the error message suggests, because a function of `down`
//! or `up` gets and returns whole fields.

use alloc::string::{String, ToString};

/// Converts a field's value to what the superseded version holds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Old}` here",
    note = "to fix: name a function with `#[event(down = path::to_fn)]`: `fn({Self}) -> {Old}`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[derive(EventData)]` with `#[event(supersedes = <path to the older>)]`"
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

/// Same as [`Down`], inside of an option in both versions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Old}` here",
    note = "to fix: name a function with `#[event(down = path::to_fn)]`: `fn(Option<{Self}>) -> Option<{Old}>`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[derive(EventData)]` with `#[event(supersedes = <path to the older>)]`"
)]
pub trait DownSome<Old> {
    /// The value as the earlier major has it.
    fn down(self) -> Old;
}

#[diagnostic::do_not_recommend]
impl<New, Old: From<New>> DownSome<Old> for New {
    fn down(self) -> Old {
        Old::from(self)
    }
}

/// Same as [`Down`], from an option to a required field with `down_default`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Old}` here",
    note = "to fix: name a function with `#[event(down = path::to_fn)]`: `fn(Option<{Self}>) -> {Old}`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[derive(EventData)]` with `#[event(supersedes = <path to the older>)]`"
)]
pub trait DownOr<Old> {
    /// The value as the earlier major has it.
    fn down(self) -> Old;
}

#[diagnostic::do_not_recommend]
impl<New, Old: From<New>> DownOr<Old> for New {
    fn down(self) -> Old {
        Old::from(self)
    }
}

/// Same as [`Down`], from a required field to an option.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Old}` here",
    note = "to fix: name a function with `#[event(down = path::to_fn)]`: `fn({Self}) -> Option<{Old}>`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[derive(EventData)]` with `#[event(supersedes = <path to the older>)]`"
)]
pub trait DownToSome<Old> {
    /// The value as the earlier major has it.
    fn down(self) -> Old;
}

#[diagnostic::do_not_recommend]
impl<New, Old: From<New>> DownToSome<Old> for New {
    fn down(self) -> Old {
        Old::from(self)
    }
}

/// Same as [`Down`], for the elements of a list or a map.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Old}` here",
    note = "to fix: name a function with `#[event(down = path::to_fn)]`, which gets the whole list or map of `{Self}` and returns the one of `{Old}`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[derive(EventData)]` with `#[event(supersedes = <path to the older>)]`"
)]
pub trait DownItem<Old> {
    /// The value as the earlier major has it.
    fn down(self) -> Old;
}

#[diagnostic::do_not_recommend]
impl<New, Old: From<New>> DownItem<Old> for New {
    fn down(self) -> Old {
        Old::from(self)
    }
}

/// Converts a value of the superseded version to the type of this one.
#[diagnostic::on_unimplemented(
    message = "`{New}` cannot be made from `{Self}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Self}` here",
    note = "to fix: name a function with `#[event(up = path::to_fn)]`: `fn({Self}) -> {New}`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[event(supersedes = <path to the older>, upcast)]` on the newer"
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

/// Same as [`Up`], inside of an option in both versions.
#[diagnostic::on_unimplemented(
    message = "`{New}` cannot be made from `{Self}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Self}` here",
    note = "to fix: name a function with `#[event(up = path::to_fn)]`: `fn(Option<{Self}>) -> Option<{New}>`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[event(supersedes = <path to the older>, upcast)]` on the newer"
)]
pub trait UpSome<New> {
    /// The value as this major has it.
    fn up(self) -> New;
}

#[diagnostic::do_not_recommend]
impl<Old, New: From<Old>> UpSome<New> for Old {
    fn up(self) -> New {
        New::from(self)
    }
}

/// Same as [`Up`], from an option to a required field with `up_default`.
#[diagnostic::on_unimplemented(
    message = "`{New}` cannot be made from `{Self}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Self}` here",
    note = "to fix: name a function with `#[event(up = path::to_fn)]`: `fn(Option<{Self}>) -> {New}`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[event(supersedes = <path to the older>, upcast)]` on the newer"
)]
pub trait UpOr<New> {
    /// The value as this major has it.
    fn up(self) -> New;
}

#[diagnostic::do_not_recommend]
impl<Old, New: From<Old>> UpOr<New> for Old {
    fn up(self) -> New {
        New::from(self)
    }
}

/// Same as [`Up`], from a required field to an option.
#[diagnostic::on_unimplemented(
    message = "`{New}` cannot be made from `{Self}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Self}` here",
    note = "to fix: name a function with `#[event(up = path::to_fn)]`: `fn({Self}) -> Option<{New}>`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[event(supersedes = <path to the older>, upcast)]` on the newer"
)]
pub trait UpToSome<New> {
    /// The value as this major has it.
    fn up(self) -> New;
}

#[diagnostic::do_not_recommend]
impl<Old, New: From<Old>> UpToSome<New> for Old {
    fn up(self) -> New {
        New::from(self)
    }
}

/// Same as [`Up`], for the elements of a list or a map.
#[diagnostic::on_unimplemented(
    message = "`{New}` cannot be made from `{Self}`, which the superseded version has here [field-not-converted]",
    label = "the superseded version has `{Self}` here",
    note = "to fix: name a function with `#[event(up = path::to_fn)]`, which gets the whole list or map of `{Self}` and returns the one of `{New}`",
    note = "or, if one of the two is a type of this crate: an `impl From` between them; if both are your structs or enums: `#[event(supersedes = <path to the older>, upcast)]` on the newer"
)]
pub trait UpItem<New> {
    /// The value as this major has it.
    fn up(self) -> New;
}

#[diagnostic::do_not_recommend]
impl<Old, New: From<Old>> UpItem<New> for Old {
    fn up(self) -> New {
        New::from(self)
    }
}

/// Converts an event to a superseded version whose payload is a union, with the user's `From`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as `{Old}`: its payload is a union, and no conversion to a union is derived [field-not-converted]",
    label = "missing `impl From<{Self}> for {Old}`",
    note = "to fix: `impl From<{Self}> for {Old}`, which chooses the variant for each event",
    note = "or, if that version has no readers: `#[event(retired)]`"
)]
pub trait ByHand<Old> {
    /// The event as the earlier major has it.
    fn by_hand(self) -> Old;
}

#[diagnostic::do_not_recommend]
impl<New, Old: From<New>> ByHand<Old> for New {
    fn by_hand(self) -> Old {
        Old::from(self)
    }
}

/// Why a value cannot be converted to another major: a function of `try_down` or `try_up` returned an
/// error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    field: &'static str,
    reason: String,
}

impl Narrowing {
    /// The field that the value came from, and the function's error as text.
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
