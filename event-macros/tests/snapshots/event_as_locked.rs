// Of
// #[event(type = "order.placed", version = "1.0")]
// struct Placed {
//     id: String,
//     paid: bool,
//     #[serde(skip_serializing_if = "Option::is_none")]
//     note: Option<String>,
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
    impl __shape::EventData for Placed {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::open(
                "Placed",
                ::core::concat!(::core::module_path!(), "::Placed@0.1.0"),
                &__shape::Field::list(
                    ["at", "id", "lines", "note", "paid"],
                    b"\x06\0\0\x06\0",
                    [
                        <Option<Timestamp> as __shape::EventData>::SHAPE,
                        <String as __shape::EventData>::SHAPE,
                        <Vec<Line> as __shape::EventData>::SHAPE,
                        <Option<String> as __shape::EventData>::SHAPE,
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
    const fields_are_as_in_1_0: () = {
        let __of = __shape::check::Fields::of(
            __LOCKED,
            <Placed as __shape::EventData>::SHAPE,
            b"Q\0\x0E\0\0\0N\0\x03\0",
        );
        if __of.differ() {
            __shape::check::field(__of, 0);
            __shape::check::field(__of, 1);
            __shape::check::field(__of, 4);
            __shape::check::rest(__of)
        }
    };
    const lines_is_as_locked_in_1_0: () = {
        __shape::check::part(
            __LOCKED,
            <Vec<Line> as __shape::EventData>::SHAPE,
            0u8,
            39usize,
            112usize,
        )
    };
    #[automatically_derived]
    impl ::event_runtime::Event for Placed {
        const TYPE: &'static ::core::primitive::str = "order.placed";
        const MAJOR: ::core::primitive::u32 = 1u32;
        const MINOR: ::core::primitive::u32 = 0u32;
        const VERSION: &'static ::core::primitive::str = "v1";
        const SOURCE: &'static ::core::primitive::str = "app.shop";
        const DETAIL_TYPE: &'static ::core::primitive::str = "order.placed:v1";
    }
};
