//! The events that a consumer reads, as a type: one major of each event, checked by `cargo check`.
//!
//! [`reads!`](crate::reads) writes the list of events as a type and compares its majors in a const
//! argument of that type. A const argument is evaluated where the type is written, so an error is
//! shown in the editor and in `cargo check`, not only when code is generated.

use std::marker::PhantomData;

use super::plan::{Publish, Read, Supersedes};
use crate::Event;
use crate::text::{Text, same};

/// The events that a consumer reads: one event type, or the list that [`reads!`](crate::reads)
/// writes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event or a list of events",
    label = "needs an event, or `reads![..]` for several",
    note = "an event is a type with `#[derive(Event)]`, or one from `event_runtime::include_events!()`"
)]
pub trait ReadList {
    /// Pushes the events, in the order in which they were written.
    #[doc(hidden)]
    fn push_to(reads: &mut Vec<Read>);
}

impl<E: Event> ReadList for E {
    fn push_to(reads: &mut Vec<Read>) {
        reads.push(read::<E>());
    }
}

fn read<E: Event>() -> Read {
    Read {
        detail_type: E::DETAIL_TYPE.to_owned(),
        supersedes: supersedes::<E>(),
        ..Read::new(E::TYPE, E::MAJOR, E::MINOR, E::SOURCE)
    }
}

/// What the type of an event says of the older major.
fn supersedes<E: Event>() -> Option<Supersedes> {
    let sunset = (!E::SUNSET.is_empty()).then(|| E::SUNSET.to_owned());
    E::SUPERSEDES.map(|older| Supersedes { major: older.major, retired: older.retired, sunset })
}

/// A list of events whose majors were compared. Written by [`reads!`](crate::reads).
pub struct Reads<L, const ONE_MAJOR_EACH: bool>(PhantomData<L>);

impl<L: List> ReadList for Reads<L, true> {
    fn push_to(reads: &mut Vec<Read>) {
        L::push_to(reads);
    }
}

/// The list itself: an event or an [`Upcast`], and the rest.
#[doc(hidden)]
pub trait List {
    fn push_to(reads: &mut Vec<Read>);
}

impl List for () {
    fn push_to(_: &mut Vec<Read>) {}
}

impl<E: Event, Rest: List> List for (E, Rest) {
    fn push_to(reads: &mut Vec<Read>) {
        reads.push(read::<E>());
        Rest::push_to(reads);
    }
}

/// An older major that is converted to a newer one before it is handled.
#[doc(hidden)]
pub struct Upcast<Old, New>(PhantomData<(Old, New)>);

impl<Old: Event, New: Event, Rest: List> List for (Upcast<Old, New>, Rest) {
    fn push_to(reads: &mut Vec<Read>) {
        reads.push(read::<Old>().upcast_to(New::MAJOR));
        Rest::push_to(reads);
    }
}

/// Several events that one consumer reads, as a type: one major of each.
///
/// `older => newer` means that the older major is read too and converted to the newer one, which
/// must also be in the list. Both majors of a dual publish are one event with one effect, whichever
/// arrives first. [`ConsumerBuilder::upcast`](crate::consume::ConsumerBuilder::upcast) sets the
/// conversion.
///
/// # Example
///
/// ```
/// # use event_runtime::Event;
/// # macro_rules! event { ($name:ident, $ty:literal, $major:literal) => {
/// #     #[derive(serde::Serialize, serde::Deserialize)] struct $name {}
/// #     impl Event for $name {
/// #         const TYPE: &'static str = $ty;
/// #         const MAJOR: u32 = $major;
/// #         const MINOR: u32 = 0;
/// #         const SOURCE: &'static str = "app.shop";
/// #     }
/// # } }
/// # event!(PlacedV1, "order.placed", 1);
/// # event!(PlacedV2, "order.placed", 2);
/// # event!(Cancelled, "order.cancelled", 1);
/// use event_runtime::consume::Consumer;
/// use event_runtime::reads;
///
/// let ledger = Consumer::of::<reads![PlacedV1 => PlacedV2, PlacedV2, Cancelled]>("ledger");
/// ```
///
/// Without the upcast it does not compile, because the version that arrives first would be handled
/// and the other one skipped as a duplicate:
///
/// ```compile_fail,E0080
/// # use event_runtime::Event;
/// # macro_rules! event { ($name:ident, $ty:literal, $major:literal) => {
/// #     #[derive(serde::Serialize, serde::Deserialize)] struct $name {}
/// #     impl Event for $name {
/// #         const TYPE: &'static str = $ty;
/// #         const MAJOR: u32 = $major;
/// #         const MINOR: u32 = 0;
/// #         const SOURCE: &'static str = "app.shop";
/// #     }
/// # } }
/// # event!(PlacedV1, "order.placed", 1);
/// # event!(PlacedV2, "order.placed", 2);
/// # use event_runtime::consume::Consumer;
/// # use event_runtime::reads;
/// let ledger = Consumer::of::<reads![PlacedV1, PlacedV2]>("ledger");
/// ```
#[macro_export]
macro_rules! reads {
    ($($read:ty $(=> $newer:ty)?),+ $(,)?) => {
        $crate::topology::Reads<
            $crate::__reads_list![$($read $(=> $newer)?),+],
            {
                $crate::topology::one_major_each(&[$(
                    $crate::topology::Listed::of::<$read>(::core::stringify!($read))
                        $(.upcast_to::<$newer>(::core::stringify!($newer)))?
                ),+])
            }
        >
    };
}

/// Converts a list with commas to nested pairs.
#[doc(hidden)]
#[macro_export]
macro_rules! __reads_list {
    ($old:ty => $new:ty) => { ($crate::topology::Upcast<$old, $new>, ()) };
    ($old:ty => $new:ty, $($rest:tt)+) => {
        ($crate::topology::Upcast<$old, $new>, $crate::__reads_list![$($rest)+])
    };
    ($event:ty) => { ($event, ()) };
    ($event:ty, $($rest:tt)+) => { ($event, $crate::__reads_list![$($rest)+]) };
}

/// An event of a list, for const evaluation.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Listed {
    /// As it is written in the list.
    rust: &'static str,
    event_type: &'static str,
    major: u32,
    newer: Option<Newer>,
}

#[derive(Clone, Copy)]
struct Newer {
    rust: &'static str,
    event_type: &'static str,
    major: u32,
}

impl Listed {
    #[must_use]
    pub const fn of<E: Event>(rust: &'static str) -> Self {
        Self { rust, event_type: E::TYPE, major: E::MAJOR, newer: None }
    }

    #[must_use]
    pub const fn upcast_to<New: Event>(mut self, rust: &'static str) -> Self {
        self.newer = Some(Newer { rust, event_type: New::TYPE, major: New::MAJOR });
        self
    }
}

/// Panics, in const evaluation, if a list names an event twice or in two majors, or if the target
/// of an upcast is another event, an older major or not in the list.
#[doc(hidden)]
#[track_caller]
#[must_use]
pub const fn one_major_each(list: &[Listed]) -> bool {
    let mut i = 0;
    while i < list.len() {
        let this = &list[i];
        if let Some(newer) = &this.newer {
            upcast(list, this, newer);
        }
        let mut j = 0;
        while j < i {
            two(&list[j], this);
            j += 1;
        }
        i += 1;
    }
    true
}

#[track_caller]
const fn two(one: &Listed, other: &Listed) {
    if !same(one.event_type, other.event_type) {
        return;
    }
    if one.major == other.major {
        let text = Text::new().tick(one.event_type).push(" v").number(one.major);
        let text = text.push(" is listed twice");
        panic!("{}", text.as_str());
    }
    if one.newer.is_none() && other.newer.is_none() {
        let (old, new) = if one.major < other.major { (one, other) } else { (other, one) };
        let text = Text::new()
            .push("two majors of ")
            .tick(old.event_type)
            .push(" in one consumer: v")
            .number(old.major)
            .push(" (")
            .tick(old.rust)
            .push(") and v")
            .number(new.major)
            .push(" (")
            .tick(new.rust)
            .push(")\nboth are one event with one ID: one would be handled, the other skipped")
            .push("\nto fix: `reads![")
            .push(old.rust)
            .push(" => ")
            .push(new.rust)
            .push(", ")
            .push(new.rust)
            .push("]`, with `.upcast(..)` beside the handler of v")
            .number(new.major)
            .push("\nor: read only one of them");
        panic!("{}", text.as_str());
    }
}

#[track_caller]
const fn upcast(list: &[Listed], old: &Listed, newer: &Newer) {
    let start = Text::new().tick(old.rust).push(" is upcast to ").tick(newer.rust);
    if !same(old.event_type, newer.event_type) {
        let text = start.push(", another event: ").tick(old.event_type).push(" and ");
        let text = text.tick(newer.event_type);
        panic!("{}", text.as_str());
    }
    if old.major >= newer.major {
        let text = start.push(", which is not a newer major: v").number(old.major).push(" and v");
        let text = text.number(newer.major);
        panic!("{}", text.as_str());
    }
    let mut i = 0;
    while i < list.len() {
        let listed = &list[i];
        if listed.newer.is_none()
            && listed.major == newer.major
            && same(listed.event_type, newer.event_type)
        {
            return;
        }
        i += 1;
    }
    let text = start.push(", which is missing in the list\nto fix: add ").tick(newer.rust);
    panic!("{}", text.as_str());
}

/// The events that a service publishes, for
/// [`TopologyBuilder::publisher`](crate::topology::TopologyBuilder::publisher). A struct that `supersedes` another
/// major is published as both: list both.
///
/// # Example
///
/// ```
/// # use event_runtime::Event;
/// # #[derive(serde::Serialize, serde::Deserialize)] struct OrderPlaced {}
/// # impl Event for OrderPlaced {
/// #     const TYPE: &'static str = "order.placed";
/// #     const MAJOR: u32 = 1;
/// #     const MINOR: u32 = 0;
/// #     const VERSION: &'static str = "v1";
/// #     const SOURCE: &'static str = "app.shop";
/// #     const DETAIL_TYPE: &'static str = "order.placed:v1";
/// # }
/// use event_runtime::consume::Consumer;
/// use event_runtime::publishes;
/// use event_runtime::topology::Topology;
///
/// let topology = Topology::on("shop")
///     .publisher("shop-api", publishes![OrderPlaced])
///     .consumer(Consumer::of::<OrderPlaced>("emailer"))
///     .build()?;
/// assert_eq!(topology.plan().publishers[0].publishes[0].detail_type, "order.placed:v1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! publishes {
    ($($event:ty),+ $(,)?) => {
        [$($crate::topology::publish::<$event>()),+]
    };
}

/// An event as a publisher declares it. Written by [`publishes!`](crate::publishes).
#[doc(hidden)]
pub fn publish<E: Event>() -> Publish {
    Publish {
        detail_type: E::DETAIL_TYPE.to_owned(),
        supersedes: supersedes::<E>(),
        ..Publish::new(E::TYPE, E::MAJOR, E::MINOR, E::SOURCE)
    }
}
