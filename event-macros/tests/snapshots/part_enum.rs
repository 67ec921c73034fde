// Of
// /// How it is paid.
// #[serde(tag = "kind", rename_all = "snake_case")]
// #[event(crate = my::runtime)]
// enum Payment {
//     Invoice { days: u8 },
//     /// By a card.
//     Card(Card),
//     Cash,
//     #[serde(untagged)]
//     Other(serde_json::Value),
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
    use my::runtime::__private::v0_1::event_shape as __shape;
    #[automatically_derived]
    impl __shape::EventData for Payment {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::Enum(__shape::Enum {
                ty: __shape::Type {
                    name: "Payment",
                    id: ::core::concat!(::core::module_path!(), "::Payment@0.1.0"),
                    docs: "How it is paid.\0card\u{1}By a card.",
                    args: &[],
                },
                tag: __shape::Tag::Internal("kind"),
                closed: false,
                open: true,
                writes_unknown: true,
                unknown: ::core::option::Option::Some(
                    <serde_json::Value as __shape::EventData>::SHAPE,
                ),
                variants: &[
                    __shape::Variant {
                        name: "card",
                        body: __shape::Body::One(<Card as __shape::EventData>::SHAPE),
                    },
                    __shape::Variant {
                        name: "cash",
                        body: __shape::Body::Unit,
                    },
                    __shape::Variant {
                        name: "invoice",
                        body: __shape::Body::Fields(
                            &__shape::Field::list(
                                ["days"],
                                b"\0",
                                [<u8 as __shape::EventData>::SHAPE],
                            ),
                        ),
                    },
                ],
            });
            __shape::Ref::new(&__SHAPE)
        };
    }
};
