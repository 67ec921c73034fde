// Of
// struct Page<T, const N: usize> {
//     items: Vec<T>,
//     next: Option<Box<Page<T, N>>>,
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
    struct __Back;
    impl __shape::EventData for __Back {
        const SHAPE: __shape::Ref = __shape::Ref::new(
            &__shape::Shape::Back(
                ::core::concat!(::core::module_path!(), "::Page@0.1.0"),
            ),
        );
    }
    #[automatically_derived]
    impl<T: __shape::EventData, const N: usize> __shape::EventData for Page<T, N> {
        const SHAPE: __shape::Ref = {
            __shape::Ref::new(
                &__shape::Shape::Object(__shape::Object {
                    ty: __shape::Type {
                        name: "Page",
                        id: ::core::concat!(::core::module_path!(), "::Page@0.1.0"),
                        docs: "",
                        args: &[
                            <T as __shape::EventData>::SHAPE,
                            __shape::Ref::new(
                                &__shape::Shape::Int(
                                    N as ::core::primitive::i128,
                                    N as ::core::primitive::i128,
                                ),
                            ),
                        ],
                    },
                    closed: false,
                    fields: &__shape::Field::list(
                        ["items", "next"],
                        b"\0\0",
                        [
                            <Vec<T> as __shape::EventData>::SHAPE,
                            <Option<Box<__Back>> as __shape::EventData>::SHAPE,
                        ],
                    ),
                }),
            )
        };
    }
};
