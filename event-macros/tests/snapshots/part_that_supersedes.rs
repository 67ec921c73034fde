// Of
// #[event(supersedes = v1::Choice, upcast)]
// enum Choice {
//     None,
//     One(Line),
//     Pair(u8, Line),
//     Named { r#type: Line },
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
    impl __shape::EventData for Choice {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::Enum(__shape::Enum {
                ty: __shape::Type {
                    name: "Choice",
                    id: ::core::concat!(::core::module_path!(), "::Choice@0.1.0"),
                    docs: "",
                    args: &[],
                },
                tag: __shape::Tag::External,
                closed: false,
                open: false,
                writes_unknown: false,
                unknown: ::core::option::Option::None,
                variants: &[
                    __shape::Variant {
                        name: "Named",
                        body: __shape::Body::Fields(
                            &__shape::Field::list(
                                ["type"],
                                b"\0",
                                [<Line as __shape::EventData>::SHAPE],
                            ),
                        ),
                    },
                    __shape::Variant {
                        name: "None",
                        body: __shape::Body::Unit,
                    },
                    __shape::Variant {
                        name: "One",
                        body: __shape::Body::One(<Line as __shape::EventData>::SHAPE),
                    },
                    __shape::Variant {
                        name: "Pair",
                        body: __shape::Body::One(
                            __shape::Ref::new(
                                &__shape::Shape::Tuple(
                                    &[
                                        <u8 as __shape::EventData>::SHAPE,
                                        <Line as __shape::EventData>::SHAPE,
                                    ],
                                ),
                            ),
                        ),
                    },
                ],
            });
            __shape::Ref::new(&__SHAPE)
        };
    }
    #[automatically_derived]
    impl ::core::convert::From<Choice> for v1::Choice {
        fn from(__from: Choice) -> Self {
            fn new() {}
            let new = __from;
            match new {
                Choice::None => v1::Choice::None,
                Choice::One(__inner) => v1::Choice::One(__shape::Down::down(__inner)),
                Choice::Pair(__place_0, __place_1) => {
                    v1::Choice::Pair(
                        __shape::Down::down(__place_0),
                        __shape::Down::down(__place_1),
                    )
                }
                Choice::Named { r#type: __place_0 } => {
                    v1::Choice::Named {
                        r#type: __shape::Down::down(__place_0),
                    }
                }
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<v1::Choice> for Choice {
        fn from(__from: v1::Choice) -> Self {
            fn old() {}
            let old = __from;
            match old {
                v1::Choice::None => Choice::None,
                v1::Choice::One(__inner) => Choice::One(__shape::Up::up(__inner)),
                v1::Choice::Pair(__place_0, __place_1) => {
                    Choice::Pair(__shape::Up::up(__place_0), __shape::Up::up(__place_1))
                }
                v1::Choice::Named { r#type: __place_0 } => {
                    Choice::Named {
                        r#type: __shape::Up::up(__place_0),
                    }
                }
            }
        }
    }
};
