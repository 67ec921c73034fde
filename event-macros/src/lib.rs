//! `#[derive(Event)]` and `#[derive(EventData)]`.
//!
//! A struct is held to its locked schemas while it is compiled. What tokens tell for certain (names,
//! renames, attributes, versions) is checked here; what only types tell (aliases, nested and generic
//! types) is left to const evaluation of `event_shape`, in a few constants. This crate reads the
//! baseline that `event_codegen::compile` wrote into `OUT_DIR`, and nothing else: no JSON Schema, no
//! network, no clock but for a sunset date.
//!
//! # The rooms
//!
//! - `attr`: attributes of `event` and `serde` into plain values; all mistakes, not the first
//! - `ast`: the derive's input with its wire names
//! - `locate`: the event's baseline in `OUT_DIR`
//! - `order`: sorting, small
//! - `check`: the struct against the baseline: data alone, breaks, questions for the compiler, conversions
//! - `expand`: that data as tokens, without a decision of its own; `fallback` where something is wrong, so that
//!   one mistake is one error; `proofs` for what the compiler is asked about names and functions
//! - `rules`: the ids that messages carry
//! - `derive`: the three steps of each derive

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

/// Makes a struct an event, held to its locked schemas.
///
/// # Keys on the struct
///
/// | Key | Meaning |
/// |---|---|
/// | `type = "proposal.published"` | the event type; needed |
/// | `version = "2.1"` | the version that the struct is; needed. One that has no schema yet is held to the newest minor before it, with a warning |
/// | `source = "app.proposals"` | the source of `EventBridge`, where the schema doesn't say it |
/// | `registry = "app-core"` | the registry (folder), where two have a type of this name, and for an event that begins in the code |
/// | `supersedes = path::to::V1` | the type of the earlier major: the derive writes `From<Self>` for it (`TryFrom` with a `try_down`), and publishing this event publishes that one too |
/// | `supersedes_version = "1.0"` | which minor that type is, if not the newest |
/// | `down(field = expression, ..)` | fields of the earlier major that no field carries; `new` is the value of this struct |
/// | `upcast`, `upcast(field = expression, ..)` | the derive writes the way forward too, `From<V1> for Self` (`TryFrom` with a `try_up`): for replay, and for consumers of both majors; `old` is the older value |
/// | `drop = "orderId"` | an optional field of the earlier major that nothing fills, on purpose: no warning. One key a field |
/// | `inert(name, ..)` | attributes below this derive that another derive reads. Any other attribute that is not known may be a macro that rewrites the struct after this derive has read it, and is an error |
/// | `retired` | the superseded major has no readers any more: it isn't published, its type stays for replay |
/// | `sunset = "2026-12-31"` | the day from which on a warning asks for `retired`. Never before the day that the locked schema has (`x-event-sunset`). `configure().sunset_is_error(true)` in build.rs makes the warning an error |
/// | `crate = "path"` | where `event_runtime` is, if not at `::event_runtime`: for a dependency that is renamed |
///
/// # Keys on a field
///
/// | Key | Meaning |
/// |---|---|
/// | `as = Vec<String>` | written as this type is: where a serde function writes the field, or its type is of another crate |
/// | `as = "string"`, `format = "uuid"` | written as a string, of this format |
/// | `as = "any"` | written as any JSON: nothing is held to the schema |
/// | `from = "old_name"` | the field of the superseded major that this one stands for, by its wire name |
/// | `down = path::to_fn` | how the value becomes the older one: `fn(New) -> Old` |
/// | `try_down = path::to_fn` | as `down`, where it may be refused: `fn(New) -> Result<Old, impl ToString>`. The refusal is an outcome of that version at publish; the others are published |
/// | `down_default = expression` | what a required older field gets where this one is `None` |
/// | `up`, `try_up`, `up_default` | the same for the way forward; `up_default` also fills a field that the older major doesn't have |
/// | `drop` | this field doesn't stand for the older one of its name |
/// | `finite` | the number is never NaN or infinite; see below |
///
/// # What no derive can see
///
/// What is not proven to keep the schema does not compile. These are outside of what types and attributes say,
/// and so they are left to your tests (`cargo event validate`, `event_testing`):
///
/// - **NaN and the infinities** in an `f64` or `f32`: `serde_json` writes them as `null`. A field of such a type that
///   may not be `null` gets a warning; `#[event(finite)]` on it says that your code never writes one.
/// - **A serde impl by hand** beside `#[derive(EventData)]`, or `impl_shape!` that says something else than the impl
///   does.
/// - **`serde_repr`** and other derives that implement serde's traits. `#[event(repr)]` says that an enum is written
///   as its number; `#[repr(u8)]` without it gets a warning.
/// - **`as` that lies**: `#[event(as = ..)]` beside a serde function, or on a type of another crate, is believed.
/// - **`try_from` that refuses** values of the type that it reads, and functions of `down`, `up` and
///   `deserialize_with` that panic.
/// - **Values that a format does not have**: dates beyond the year 9999, which RFC 3339 does not know.
/// - **A flattened map** that holds the name of a declared field: it is then written twice.
/// - **Features of other crates** that change how their types are written (`serde-float` of `rust_decimal`).
/// - **Constraints** that no Rust type has: `pattern`, lengths, `uniqueItems`, `anyOf` of `required`, and formats
///   without a Rust type such as `email` or `uri`.
///
/// A payload that is a union (`oneOf` at the root of the schema) is not held by a struct: the build generates its
/// enum, and `#[derive(Event)]` refuses the struct.
///
/// A warning is one of a deprecated constant or trait, for Rust has no other from a macro: `#[allow(deprecated)]` on
/// the type silences it.
///
/// `#[serde(deserialize_with = "Option::deserialize")]` (or `"serde::Deserialize::deserialize"`) needs no key:
/// the field is read by its type, and an absent one is refused. That is how a required field that may be `null`
/// is read as its schema says.
///
/// Without a key a field stands for the older field of its wire name, and its value is converted by
/// `From`; options, and the elements of a `Vec` or `BTreeMap` of structs or enums, are converted inside. A function of
/// `down` or `up` gets and returns whole fields, options too.
/// What nothing fills is one error that lists all of it.
///
/// # Examples
///
/// Held to a locked schema:
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
/// A new major, published with the old one until it is retired, and made from stored old ones:
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

/// Gives a type a wire shape, so that it can be a part of an event.
///
/// Keys on the type: `crate = "path"`, `inert(..)` as for an event, `repr` on an enum that `serde_repr` writes as its
/// number, and `supersedes = path::to::Old` for a struct or enum that has the
/// same fields or variants as the older one. The derive then writes the conversion into that type, and
/// with `upcast` the one from it too; `down(..)`, `upcast(..)` and the keys on fields are those of
/// [`Event`](macro@Event). There is no baseline of a part by itself: `drop` marks a field that only this
/// type has.
///
/// A type may hold itself, one with parameters with its own ones (`Page<T>` in `Page<T>`). Of two types
/// that hold each other at most one may have parameters: rustc reports a cycle at `SHAPE` otherwise. The
/// way out is `#[event(as = ..)]` on the field that closes the circle, which says how it is written
/// without asking its type; `as = "any"` where no other type is written alike.
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
