//! Which types have a shape: the trait, and the types of the standard library.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZero;

use crate::code::Wrap;
use crate::{Ref, Shape};

/// A type whose wire shape is known at compile time.
///
/// Derive it with `#[derive(EventData)]`; for a local type with a hand-written serde impl, use
/// [`impl_shape!`](crate::impl_shape).
#[diagnostic::on_unimplemented(
    message = "the wire shape of `{Self}` is unknown, so it cannot be compared with a locked schema [no-wire-shape]",
    label = "`{Self}` has no event shape",
    note = "a type of this crate: `#[derive(EventData)]` on it",
    note = "a type of `chrono`, `uuid` or `rust_decimal`: the feature of that name, in Cargo.toml: \
            `event-runtime = {{ version = \"0.1\", features = [\"uuid\"] }}`",
    note = "another type of another crate: state how it is written: `#[event(as = Vec<String>)]`, \
            `#[event(as = \"string\", format = \"..\")]`"
)]
pub trait EventData {
    /// The shape.
    const SHAPE: Ref;
}

/// Implements [`EventData`] for types that are written as a leaf.
macro_rules! leaf {
    ($($ty:ty => $shape:expr),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl $crate::EventData for $ty {
            const SHAPE: $crate::Ref = $crate::Ref::leaf(&$shape);
        }
    )*};
}
pub(crate) use leaf;

macro_rules! integers {
    ($($ty:ident)*) => { leaf! { $($ty => Shape::Int($ty::MIN as i128, $ty::MAX as i128)),* } };
}
integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

macro_rules! non_zero {
    ($($ty:ident)*) => { leaf! { $(NonZero<$ty> => Shape::Int(1, $ty::MAX as i128)),* } };
}
// the non-zero signed types exclude 0, which a pair of bounds cannot express
non_zero!(u8 u16 u32 u64 usize);

leaf! {
    () => Shape::Null,
    bool => Shape::Bool,
    f32 => Shape::Num(true),
    f64 => Shape::Num(false),
    char => Shape::Str("char"),
    str => Shape::Str(""),
    String => Shape::Str(""),
    core::net::IpAddr => Shape::Str("ip"),
    core::net::Ipv4Addr => Shape::Str("ipv4"),
    core::net::Ipv6Addr => Shape::Str("ipv6"),
}

macro_rules! transparent {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: EventData + ?Sized> EventData for $ty {
            const SHAPE: Ref = T::SHAPE;
        }
    )*};
}
transparent!(Rc<T>, Arc<T>);

// the usual wrappers have impls here, so that an error names the inner type without a shape, not the
// wrapper
impl<T: EventData + ?Sized> EventData for Box<T> {
    const SHAPE: Ref = T::SHAPE;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> EventData for core::marker::PhantomData<T> {
    const SHAPE: Ref = Ref::new(&Shape::Null);
}

#[diagnostic::do_not_recommend]
impl<T: EventData + ToOwned + ?Sized> EventData for Cow<'_, T> {
    const SHAPE: Ref = T::SHAPE;
}

macro_rules! wraps {
    ($($(#[$shown:meta])? $ty:ty => $shape:ident),* $(,)?) => {$(
        $(#[$shown])?
        impl<T: EventData> EventData for $ty {
            const SHAPE: Ref = Ref::around(&Shape::$shape(T::SHAPE), T::SHAPE, Wrap::$shape);
        }
    )*};
}
wraps! {
    Option<T> => Nullable,
    Vec<T> => Array,
    #[diagnostic::do_not_recommend]
    VecDeque<T> => Array,
    #[diagnostic::do_not_recommend]
    [T] => Array,
    #[diagnostic::do_not_recommend]
    BTreeSet<T> => Array,
}

#[diagnostic::do_not_recommend]
impl<T: EventData, const N: usize> EventData for [T; N] {
    const SHAPE: Ref = Ref::new(&Shape::Fixed(T::SHAPE, N));
}

/// A type that serde writes as the key of an object: a string.
#[diagnostic::on_unimplemented(
    message = "`{Self}` as the key of a map has no event shape [no-wire-shape]",
    label = "a map on the wire has string keys",
    note = "to fix: use `String` as the key; or, if serde writes the key as text (a number, a unit variant), state that: \
            `#[event(as = BTreeMap<String, ..>)]` on the field, with the type of the values"
)]
pub trait MapKey {}
impl MapKey for String {}
impl MapKey for Box<str> {}
impl MapKey for Arc<str> {}
impl MapKey for Rc<str> {}
impl MapKey for Cow<'_, str> {}

impl<K: MapKey, T: EventData> EventData for BTreeMap<K, T> {
    const SHAPE: Ref = Ref::around(&Shape::Map(T::SHAPE), T::SHAPE, Wrap::Map);
}

#[cfg(feature = "std")]
impl<K: MapKey, T: EventData, S> EventData for std::collections::HashMap<K, T, S> {
    const SHAPE: Ref = Ref::around(&Shape::Map(T::SHAPE), T::SHAPE, Wrap::Map);
}

#[cfg(feature = "std")]
#[diagnostic::do_not_recommend]
impl<T: EventData, S> EventData for std::collections::HashSet<T, S> {
    const SHAPE: Ref = Ref::new(&Shape::Array(T::SHAPE));
}

macro_rules! tuples {
    ($($($t:ident)+,)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($t: EventData),+> EventData for ($($t,)+) {
            const SHAPE: Ref = Ref::new(&Shape::Tuple(&[$($t::SHAPE),+]));
        }
    )*};
}
tuples! { A, A B, A B C, A B C D, A B C D E, A B C D E F, A B C D E F G, A B C D E F G H, }

/// A literal as a value of a closed list.
#[doc(hidden)]
#[macro_export]
macro_rules! scalar {
    (true) => {
        $crate::Scalar::Bool(true)
    };
    (false) => {
        $crate::Scalar::Bool(false)
    };
    ($number:literal) => {
        $crate::Scalar::Int($number)
    };
}

/// States the wire shape of a local type with a hand-written serde impl.
///
/// ```
/// struct AccountId([u8; 16]); // written as a UUID by its own `Serialize`
/// event_shape::impl_shape!(AccountId = "string", format = "uuid");
/// struct Celsius(f64);
/// event_shape::impl_shape!(Celsius = f64);
/// struct Level(u8); // written as 1, 2 or 5
/// event_shape::impl_shape!(Level = 1 | 2 | 5);
/// ```
#[macro_export]
macro_rules! impl_shape {
    ($ty:ty = "string" $(, format = $format:literal)?) => {
        #[diagnostic::do_not_recommend]
        impl $crate::EventData for $ty {
            const SHAPE: $crate::Ref =
                $crate::Ref::leaf(&$crate::Shape::Str(::core::concat!("" $(, $format)?)));
        }
    };
    ($ty:ty = $($value:literal)|+) => {
        #[diagnostic::do_not_recommend]
        impl $crate::EventData for $ty {
            const SHAPE: $crate::Ref = $crate::Ref::new(&$crate::Shape::Values(&[
                $($crate::scalar!($value)),+
            ]));
        }
    };
    ($ty:ty = $like:ty) => {
        #[diagnostic::do_not_recommend]
        impl $crate::EventData for $ty {
            const SHAPE: $crate::Ref = <$like as $crate::EventData>::SHAPE;
        }
    };
}
