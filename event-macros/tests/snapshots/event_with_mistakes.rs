// Of
// #[event(typ = "order.placed", version = 1.0)]
// struct Mistaken {
//     id: String,
// }
::core::compile_error! {
    "unknown key `typ`: did you mean `type`? [event-attribute]"
}
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
    impl __shape::EventData for Mistaken {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::open(
                "Mistaken",
                ::core::concat!(::core::module_path!(), "::Mistaken@0.1.0"),
                &__shape::Field::list(
                    ["id"],
                    b"\0",
                    [<String as __shape::EventData>::SHAPE],
                ),
            );
            __shape::Ref::new(&__SHAPE)
        };
    }
    #[automatically_derived]
    impl ::event_runtime::Event for Mistaken {
        const TYPE: &'static ::core::primitive::str = "";
        const MAJOR: ::core::primitive::u32 = 0u32;
        const MINOR: ::core::primitive::u32 = 0u32;
        const VERSION: &'static ::core::primitive::str = "v0";
        const SOURCE: &'static ::core::primitive::str = "";
        const DETAIL_TYPE: &'static ::core::primitive::str = ":v0";
    }
};
