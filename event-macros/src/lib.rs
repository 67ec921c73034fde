//! The derives of `event-runtime`, which re-exports them: depend on that crate.
//!
//! | To | Use |
//! |---|---|
//! | check a struct against the locked schemas of an event | [`derive(Event)`](macro@Event) |
//! | use a struct or enum as a part of an event | [`derive(EventData)`](macro@EventData) |
//! | publish a new major together with the previous one | [`supersedes`](macro@Event#keys-on-the-struct), and `from`, `down`, `drop` on fields |
//! | read stored events of an older major | [`upcast`](macro@Event#keys-on-the-struct), and `up` on fields |
//! | use a field whose type or serde function is not yours | [`as`](macro@Event#keys-on-a-field) |
//! | know what no derive can detect | [the list](macro@Event#what-no-derive-can-detect) |
//!
//! ```
//! use event_runtime::EventData;
//!
//! /// A part of an event: fields of this type are compared with the locked schema.
//! #[derive(EventData, serde::Serialize, serde::Deserialize)]
//! pub struct Address {
//!     pub street: String,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     pub floor: Option<i64>,
//! }
//! ```
//!
//! `derive(Event)` reads the baselines that `event_codegen::compile` wrote into `OUT_DIR` and nothing else: no JSON
//! Schema, no network, and a clock only for a sunset date. Names, attributes and versions are checked in the macro. The
//! types of fields are checked by const evaluation in your crate, so that aliases, generics and types of other crates
//! count as what they are. `cargo event rules ID` explains the ID at the end of a message.

mod ast;
mod attr;
mod check;
mod context;
mod derive;
mod expand;
mod locate;
mod order;
mod rules;
mod spans;
mod words;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Implements `Event` for a struct, which is checked against its locked schemas.
///
/// # Keys on the struct
///
/// | Key | Meaning |
/// |---|---|
/// | `type = "proposal.published"` | the event type; required |
/// | `version = "2.1"` | the version of the struct; required. A version without a schema is checked against the newest minor before it, with a warning |
/// | `source = "app.proposals"` | the source on `EventBridge`, if the schema does not state it |
/// | `registry = "app-core"` | the registry (folder), if several have a type of this name, or if the event begins in the code |
/// | `supersedes = path::to::V1` | the type of the earlier major: the derive writes `From<Self>` for it (`TryFrom` with a `try_down`), and publishing this event publishes that one too |
/// | `supersedes_version = "1.0"` | the minor of that type (default: the newest) |
/// | `down(field = expression, ..)` | values of the earlier major's fields that no field carries; `new` is the value of this struct |
/// | `upcast`, `upcast(field = expression, ..)` | the derive writes the other direction too, `From<V1> for Self` (`TryFrom` with a `try_up`): for replay, and for consumers of both majors; `old` is the older value |
/// | `drop = "orderId"` | an optional field of the earlier major that is dropped on purpose, without a warning; one key per field |
/// | `inert(name, ..)` | attributes below this derive that belong to another derive. Any other unknown attribute is an error, because it may be a macro that rewrites the struct after this derive has read it |
/// | `retired` | the superseded major has no readers: it is no longer published, and its type stays for replay |
/// | `sunset = "2026-12-31"` | the day from which a warning asks for `retired`; not earlier than the day in the locked schema (`x-event-sunset`). `configure().sunset_is_error(true)` in build.rs makes the warning an error |
/// | `crate = "path"` | the path of `event_runtime`, for a renamed dependency (default: `::event_runtime`) |
///
/// # Keys on a field
///
/// | Key | Meaning |
/// |---|---|
/// | `as = Vec<String>` | written the same way as this type: for a field with a serde function, or with a type of another crate |
/// | `as = "string"`, `format = "uuid"` | written as a string with this format |
/// | `as = "any"` | written as any JSON, which is not checked against the schema |
/// | `from = "old_name"` | the field of the superseded major that this one replaces, by its wire name |
/// | `down = path::to_fn` | converts the value to the older one: `fn(New) -> Old` |
/// | `try_down = path::to_fn` | same as `down`, but may fail: `fn(New) -> Result<Old, impl ToString>`. On an error, that version is not published and its outcome has the error; the other versions are published |
/// | `down_default = expression` | the value of a required older field if this one is `None` |
/// | `up`, `try_up`, `up_default` | the same for the conversion from the older major; `up_default` also fills a field that the older major does not have |
/// | `drop` | this field does not replace the older field of its name |
/// | `finite` | the number is never NaN or infinite; see below |
///
/// # What no derive can detect
///
/// A struct that is not proven to match the schema does not compile. The following is not visible in types and
/// attributes, so it is left to your tests (`cargo event validate`, `event_testing`):
///
/// - **NaN and the infinities** in an `f64` or `f32`: `serde_json` writes them as `null`. A field of such a type that
///   may not be `null` gets a warning; `#[event(finite)]` on the field states that your code never writes one.
/// - **A hand-written serde impl** beside `#[derive(EventData)]`, or an `impl_shape!` that does not match the impl.
/// - **`serde_repr`** and other derives that implement serde's traits. `#[event(repr)]` states that an enum is written
///   as its number; `#[repr(u8)]` without it gets a warning.
/// - **A wrong `as`**: `#[event(as = ..)]` beside a serde function, or on a type of another crate, is not checked.
/// - **A `try_from` that rejects** values of the type that it reads, and functions of `down`, `up` and
///   `deserialize_with` that panic.
/// - **Values outside of a format**: dates after the year 9999, which RFC 3339 cannot express.
/// - **A flattened map** with the name of a declared field, which is then written twice.
/// - **Features of other crates** that change how their types are written (`serde-float` of `rust_decimal`).
/// - **Constraints** that no Rust type expresses: `pattern`, lengths, `uniqueItems`, `anyOf` of `required`, and formats
///   without a Rust type such as `email` or `uri`.
///
/// No struct matches a payload that is a union (`oneOf` at the root of the schema): the build generates its enum, and
/// `#[derive(Event)]` rejects the struct.
///
/// Warnings are shown as uses of a deprecated constant or trait, because macros have no other warnings in stable Rust:
/// `#[allow(deprecated)]` on the type silences them.
///
/// `#[serde(deserialize_with = "Option::deserialize")]` (or `"serde::Deserialize::deserialize"`) needs no key:
/// the field is read by its type, and an absent field is an error. Use it to read a required field that may be `null`
/// as its schema requires.
///
/// Without a key, a field replaces the older field of its wire name, and its value is converted with `From`: inside of
/// an option, and for each element of a `Vec` or `BTreeMap` of structs or enums. A function of `down` or `up` gets and
/// returns whole fields, including options. One error lists all fields without a value.
///
/// # Examples
///
/// Checked against a locked schema:
///
/// ```ignore (the derive reads what the crate's build script has written)
/// #[derive(Event, serde::Serialize, serde::Deserialize)]
/// #[event(type = "proposal.published", version = "1.1")]
/// pub struct ProposalPublished {
///     pub id: String,
///     #[serde(skip_serializing_if = "Option::is_none")]
///     pub note: Option<String>,
///     #[serde(with = "hex_text")]
///     #[event(as = "string")]
///     pub checksum: [u8; 32],
/// }
/// ```
///
/// A new major, published together with the old one until that is retired, and converted from stored old events:
///
/// ```ignore (the derive reads what the crate's build script has written)
/// #[derive(Event, serde::Serialize, serde::Deserialize)]
/// #[event(
///     type = "proposal.published",
///     version = "2.0",
///     supersedes = v1::ProposalPublished,
///     sunset = "2026-12-31",
///     down(checksum = checksum_of(&new.body)),
///     upcast(body = String::new()),
/// )]
/// pub struct ProposalPublished {
///     #[event(from = "id")]
///     pub proposal_id: String,
///     #[event(down_default = String::new())]
///     #[serde(skip_serializing_if = "Option::is_none")]
///     pub title: Option<String>,
///     #[event(drop)]
///     #[serde(skip_serializing_if = "Option::is_none")]
///     pub note: Option<Note>,
///     pub body: String,
/// }
///
/// // stored events of version 1, in a consumer of version 2
/// let new = ProposalPublished::from(old);
/// builder.upcast::<v1::ProposalPublished, ProposalPublished>(|old| Ok(old.into()))
/// ```
///
/// Majors chain: `v3::X::from(v2::X::from(stored))`.
///
/// An event that begins in the code: see `event_testing`.
///
/// ```ignore (the derive reads what the crate's build script has written)
/// #[derive(Event, serde::Serialize, serde::Deserialize)]
/// #[event(type = "visit.agreed", version = "1.0", registry = "app-core", source = "app.visits")]
/// pub struct VisitAgreed {
///     pub visit: String,
/// }
/// ```
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    match syn::parse::<DeriveInput>(input) {
        Ok(input) => derive::event(&input, std::env::var_os("OUT_DIR").map(Into::into)).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// Implements `EventData` for a type, so that it can be a part of an event.
///
/// Keys on the type: `crate = "path"`, `inert(..)` as for an event, `repr` on an enum that `serde_repr` writes as its
/// number, and `supersedes = path::to::Old` for a struct or enum that has the
/// same fields or variants as the older one. The derive then writes the conversion into that type, and
/// with `upcast` the one from it too; `down(..)`, `upcast(..)` and the keys on fields are those of
/// [`Event`](macro@Event). A part has no baseline of its own: `drop` marks a field that only this
/// type has.
///
/// A type may contain itself, and a type with parameters may contain itself with the same ones (`Page<T>` in
/// `Page<T>`). Of two types that contain each other, at most one may have parameters: otherwise rustc reports a cycle
/// at `SHAPE`. To fix it, add `#[event(as = ..)]` to the field that closes the cycle, which states its wire format
/// without its type; use `as = "any"` if no other type has that format.
///
/// ```
/// # mod v1 {
/// #     #[derive(event_runtime::EventData, serde::Serialize, serde::Deserialize)]
/// #     pub struct Line { pub item: String }
/// # }
/// use event_runtime::EventData;
///
/// #[derive(EventData, serde::Serialize, serde::Deserialize)]
/// #[event(supersedes = v1::Line, upcast)]
/// pub struct Line {
///     pub item: String,
///     #[event(drop, up_default = 1)]
///     pub count: u32,
/// }
///
/// let new = Line::from(v1::Line { item: "screw".to_owned() });
/// assert_eq!(new.count, 1);
/// assert_eq!(v1::Line::from(new).item, "screw");
/// ```
#[proc_macro_derive(EventData, attributes(event))]
pub fn derive_event_data(input: TokenStream) -> TokenStream {
    match syn::parse::<DeriveInput>(input) {
        Ok(input) => derive::event_data(&input).into(),
        Err(error) => error.into_compile_error().into(),
    }
}
