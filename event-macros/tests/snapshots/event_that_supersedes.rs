// Of
// #[event(type = "order.placed", version = "2.0", supersedes = v1::Placed, upcast, down(note = None))]
// struct PlacedAgain {
//     #[event(from = "id", try_down = shorter, up = longer)]
//     order_id: String,
//     #[event(down_default = false)]
//     paid: bool,
//     #[serde(skip_serializing_if = "Option::is_none")]
//     at: Option<Timestamp>,
//     lines: Vec<Line>,
// }
#[allow(
    non_upper_case_globals,
    non_camel_case_types,
    dead_code,
    unused_qualifications,
    long_running_const_eval,
    clippy::all,
    clippy::pedantic
)]
const _: () = {
    use ::event_runtime::__private::v0_1::event_shape as __shape;
    #[automatically_derived]
    impl __shape::EventData for PlacedAgain {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::open(
                "PlacedAgain",
                ::core::concat!(::core::module_path!(), "::PlacedAgain@0.1.0#1"),
                &__shape::Field::list(
                    ["at", "lines", "order_id", "paid"],
                    b"\x06\0\0\0",
                    [
                        <Option<Timestamp> as __shape::EventData>::SHAPE,
                        <Vec<Line> as __shape::EventData>::SHAPE,
                        <String as __shape::EventData>::SHAPE,
                        <bool as __shape::EventData>::SHAPE,
                    ],
                ),
            );
            let _: Option<()> = ::core::option::Option::None;
            __shape::Ref::new(&__SHAPE)
        };
    }
    const __LOCKED: &__shape::Locked<'static> = &__shape::Locked {
        event: "order.placed",
        version: "2.0",
        against: "2.0",
        file: "schemas/shop/order.placed/2.0.json",
        locked: true,
        exact: true,
        generated: false,
        root: "o~5,?2:at2:ats9:date-time6,!5:lines5:lines[@0;7,!8:order_id8:order_ids0:8,!4:paid4:paidb)",
        definitions: &[
            __shape::Definition {
                name: "Line",
                line: 20u32,
                text: "o~21,!4:item4:items0:)",
            },
        ],
    };
    const fields_are_as_in_2_0: () = {
        let __of = __shape::check::Fields::of(
            __LOCKED,
            <PlacedAgain as __shape::EventData>::SHAPE,
            b"Q\0\0\0\x0E\0\x03\0",
        );
        if __of.differ() {
            __shape::check::field(__of, 0);
            __shape::check::field(__of, 2);
            __shape::check::field(__of, 3);
            __shape::check::rest(__of)
        }
    };
    const lines_is_as_locked_in_2_0: () = {
        __shape::check::part(
            __LOCKED,
            <Vec<Line> as __shape::EventData>::SHAPE,
            0u8,
            25usize,
            84usize,
        )
    };
    const _: () = __shape::check::supersedes(
        "order.placed",
        1u32,
        0u32,
        <v1::Placed as ::event_runtime::Event>::TYPE,
        <v1::Placed as ::event_runtime::Event>::MAJOR,
        <v1::Placed as ::event_runtime::Event>::MINOR,
    );
    #[automatically_derived]
    impl ::core::convert::TryFrom<PlacedAgain> for v1::Placed {
        type Error = __shape::Narrowing;
        fn try_from(__from: PlacedAgain) -> ::core::result::Result<Self, Self::Error> {
            fn new() {}
            let new = __from;
            ::core::result::Result::Ok(v1::Placed {
                note: None,
                at: match new.at {
                    ::core::option::Option::Some(__some) => {
                        ::core::option::Option::Some(__shape::DownSome::down(__some))
                    }
                    ::core::option::Option::None => ::core::option::Option::None,
                },
                id: match shorter(new.order_id) {
                    ::core::result::Result::Ok(__value) => __value,
                    ::core::result::Result::Err(__reason) => {
                        return ::core::result::Result::Err(
                            __shape::Narrowing::new("order_id", __reason),
                        );
                    }
                },
                lines: ::core::iter::Iterator::collect(
                    ::core::iter::Iterator::map(
                        ::core::iter::IntoIterator::into_iter(new.lines),
                        |__item| __shape::DownItem::down(__item),
                    ),
                ),
                paid: __shape::Down::down(new.paid),
            })
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<v1::Placed> for PlacedAgain {
        fn from(__from: v1::Placed) -> Self {
            fn old() {}
            let old = __from;
            PlacedAgain {
                order_id: longer(old.id),
                paid: __shape::Up::up(old.paid),
                at: match old.at {
                    ::core::option::Option::Some(__some) => {
                        ::core::option::Option::Some(__shape::UpSome::up(__some))
                    }
                    ::core::option::Option::None => ::core::option::Option::None,
                },
                lines: ::core::iter::Iterator::collect(
                    ::core::iter::Iterator::map(
                        ::core::iter::IntoIterator::into_iter(old.lines),
                        |__item| __shape::UpItem::up(__item),
                    ),
                ),
            }
        }
    }
    #[automatically_derived]
    impl ::event_runtime::Event for PlacedAgain {
        const TYPE: &'static ::core::primitive::str = "order.placed";
        const MAJOR: ::core::primitive::u32 = 2u32;
        const MINOR: ::core::primitive::u32 = 0u32;
        const VERSION: &'static ::core::primitive::str = "v2";
        const SOURCE: &'static ::core::primitive::str = "app.shop";
        const DETAIL_TYPE: &'static ::core::primitive::str = "order.placed:v2";
        const SUPERSEDES: ::core::option::Option<::event_runtime::Superseded> = ::core::option::Option::Some(::event_runtime::Superseded {
            major: <v1::Placed as ::event_runtime::Event>::MAJOR,
            retired: false,
        });
        fn renditions(self, __out: &mut ::event_runtime::Renditions) {
            __out.push(&self);
            match <v1::Placed as ::core::convert::TryFrom<Self>>::try_from(self) {
                ::core::result::Result::Ok(__old) => {
                    <v1::Placed as ::event_runtime::Event>::renditions(__old, __out)
                }
                ::core::result::Result::Err(__reason) => {
                    __out.fail::<v1::Placed>(__reason)
                }
            }
        }
    }
};
