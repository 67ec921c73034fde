// Of
// #[event(type = "order.placed", version = "1.0")]
// struct Flattened {
//     id: String,
//     #[serde(flatten)]
//     rest: Rest,
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
    impl __shape::EventData for Flattened {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::open(
                "Flattened",
                ::core::concat!(::core::module_path!(), "::Flattened@0.1.0"),
                &__shape::Field::list(
                    ["id", "rest"],
                    b"\0\x08",
                    [
                        <String as __shape::EventData>::SHAPE,
                        <Rest as __shape::EventData>::SHAPE,
                    ],
                ),
            );
            __shape::Ref::new(&__SHAPE)
        };
    }
    const __LOCKED: &__shape::Locked<'static> = &__shape::Locked {
        event: "order.placed",
        version: "1.0",
        against: "1.0",
        file: "schemas/shop/order.placed/1.0.json",
        locked: true,
        exact: true,
        generated: false,
        root: "o~5,?2:at2:ats9:date-time6,!2:id2:ids0:7,!5:lines5:lines[@0;8,?4:note4:notes0:9,!4:paid4:paidb)",
        definitions: &[
            __shape::Definition {
                name: "Line",
                line: 20u32,
                text: "o~21,!4:item4:items0:)",
            },
        ],
    };
    static __FLAT: [__shape::Field; 1usize] = [
        __shape::Field {
            name: "rest",
            flags: 8u8,
            shape: <Rest as __shape::EventData>::SHAPE,
        },
    ];
    const fields_are_as_in_1_0: () = {
        let __of = __shape::check::Fields::of(
            __LOCKED,
            <Flattened as __shape::EventData>::SHAPE,
            b"\x0E\0",
        );
        if __of.differ() {
            __shape::check::field(__of, 0);
            __shape::check::rest(__of)
        }
    };
    const at_is_as_locked_in_1_0: () = {
        __shape::check::flattened_field(__LOCKED, &__FLAT, 2usize)
    };
    const lines_is_as_locked_in_1_0: () = {
        __shape::check::flattened_field(__LOCKED, &__FLAT, 39usize)
    };
    const note_is_as_locked_in_1_0: () = {
        __shape::check::flattened_field(__LOCKED, &__FLAT, 60usize)
    };
    const paid_is_as_locked_in_1_0: () = {
        __shape::check::flattened_field(__LOCKED, &__FLAT, 78usize)
    };
    const rest_is_as_locked_in_1_0: () = {
        __shape::check::flattened_extras(__LOCKED, &__FLAT, 0usize, &["id"])
    };
    #[automatically_derived]
    impl ::event_runtime::Event for Flattened {
        const TYPE: &'static ::core::primitive::str = "order.placed";
        const MAJOR: ::core::primitive::u32 = 1u32;
        const MINOR: ::core::primitive::u32 = 0u32;
        const VERSION: &'static ::core::primitive::str = "v1";
        const SOURCE: &'static ::core::primitive::str = "app.shop";
        const DETAIL_TYPE: &'static ::core::primitive::str = "order.placed:v1";
    }
};
