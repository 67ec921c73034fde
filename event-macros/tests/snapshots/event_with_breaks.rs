// Of
// #[event(type = "order.placed", version = "1.0")]
// struct Broken {
//     #[serde(rename = "ident")]
//     id: String,
//     note: String,
//     lines: String,
//     new: u32,
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
    impl __shape::EventData for Broken {
        const SHAPE: __shape::Ref = {
            static __SHAPE: __shape::Shape = __shape::Shape::open(
                "Broken",
                ::core::concat!(::core::module_path!(), "::Broken@0.1.0"),
                &__shape::Field::list(
                    ["ident", "lines", "new", "note"],
                    b"\0\0\0\0",
                    [
                        <String as __shape::EventData>::SHAPE,
                        <String as __shape::EventData>::SHAPE,
                        <u32 as __shape::EventData>::SHAPE,
                        <String as __shape::EventData>::SHAPE,
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
    const _: () = {
        #[diagnostic::on_unimplemented(
            message = "breaking change in event `order.placed` 1.0: field `at` was removed [optional-field-removed]",
            label = "no field is written as `at`",
            note = "locked in schemas/shop/order.placed/1.0.json:5: `\"at\"` is string (date-time), optional",
            note = "who breaks: what stored events hold in `at` is lost, and the name could come back as something else",
            note = "to fix: add it back: `at: Option<jiff::Timestamp>`",
            note = "or: a new major, `version = \"2.0\"`, with `supersedes = ..` and `down(at = ..)`"
        )]
        trait FieldStays<const KEPT: ::core::primitive::bool> {}
        #[diagnostic::do_not_recommend]
        impl<T: ?::core::marker::Sized> FieldStays<true> for T {}
        const fn version_1_0<T: ?::core::marker::Sized + FieldStays<false>>() {}
        version_1_0::<()>()
    };
    const _: () = {
        #[diagnostic::on_unimplemented(
            message = "breaking change in event `order.placed` 1.0: field `id` was renamed to `ident` [field-renamed]",
            label = "written as `ident`, locked as `id`",
            note = "locked in schemas/shop/order.placed/1.0.json:6: `\"id\"` is string, required",
            note = "who breaks: consumers look for `id`, and stored events, such as {{\"id\":\"text\"}}, have it",
            note = "to fix: `#[serde(rename = \"id\")]` keeps the wire name under the new Rust name",
            note = "or: a new major, `version = \"2.0\"`, with `#[event(from = \"id\")]` here"
        )]
        trait FieldKeepsItsName<const KEPT: ::core::primitive::bool> {}
        #[diagnostic::do_not_recommend]
        impl<T: ?::core::marker::Sized> FieldKeepsItsName<true> for T {}
        const fn version_1_0<T: ?::core::marker::Sized + FieldKeepsItsName<false>>() {}
        version_1_0::<()>()
    };
    const _: () = {
        #[diagnostic::on_unimplemented(
            message = "breaking change in event `order.placed` 1.0: field `lines` changed its type [field-type-changed]",
            label = "locked as array of object `Line`",
            note = "locked in schemas/shop/order.placed/1.0.json:7",
            note = "who breaks: stored events; {{\"lines\":[{{..}}]}} is valid and would no longer be read",
            note = "to fix: keep the locked type",
            note = "or: a new major, `version = \"2.0\"`, with `supersedes = ..`"
        )]
        trait TypeStays<const KEPT: ::core::primitive::bool> {}
        #[diagnostic::do_not_recommend]
        impl<T: ?::core::marker::Sized> TypeStays<true> for T {}
        const fn version_1_0<
            T: ?::core::marker::Sized
                + TypeStays<
                    {
                        __shape::check::holds(
                            __LOCKED,
                            <String as __shape::EventData>::SHAPE,
                            0u8,
                            39usize,
                        )
                    },
                >,
        >() {}
        version_1_0::<String>()
    };
    const _: () = {
        #[diagnostic::on_unimplemented(
            message = "breaking change in event `order.placed` 1.0: field `note` was optional and is now required [field-made-required]",
            label = "events written before may lack it, and would no longer be read",
            note = "locked in schemas/shop/order.placed/1.0.json:8",
            note = "who breaks: stored events; an event of 1.0 without `note` is valid",
            note = "to fix: `Option<String>` with `#[serde(skip_serializing_if = \"Option::is_none\")]`, or `#[serde(default)]`",
            note = "or: a new major, `version = \"2.0\"`, with `supersedes = ..`"
        )]
        trait OptionalStaysOptional<const KEPT: ::core::primitive::bool> {}
        #[diagnostic::do_not_recommend]
        impl<T: ?::core::marker::Sized> OptionalStaysOptional<true> for T {}
        const fn version_1_0<
            T: ?::core::marker::Sized
                + OptionalStaysOptional<
                    {
                        __shape::check::reads_absent(
                            <String as __shape::EventData>::SHAPE,
                            0u8,
                        )
                    },
                >,
        >() {}
        version_1_0::<String>()
    };
    const _: () = {
        #[diagnostic::on_unimplemented(
            message = "breaking change in event `order.placed` 1.0: field `paid` was removed [required-field-removed]",
            label = "no field is written as `paid`",
            note = "locked in schemas/shop/order.placed/1.0.json:9: `\"paid\"` is boolean, required",
            note = "who breaks: consumers of 1.0; an event without `paid` would be written, and they reject it",
            note = "to fix: add it back: `paid: bool`",
            note = "or: a new major, `version = \"2.0\"`, with `supersedes = ..` and `down(paid = ..)`"
        )]
        trait FieldStays<const KEPT: ::core::primitive::bool> {}
        #[diagnostic::do_not_recommend]
        impl<T: ?::core::marker::Sized> FieldStays<true> for T {}
        const fn version_1_0<T: ?::core::marker::Sized + FieldStays<false>>() {}
        version_1_0::<()>()
    };
    const _: () = {
        #[diagnostic::on_unimplemented(
            message = "event `order.placed` 1.0 is locked without the field `new` [field-not-in-schema]",
            label = "not in 1.0",
            note = "schemas/shop/order.placed/1.0.json holds `at`, `id`, `lines`, `note`, `paid`",
            note = "who breaks: consumers of 1.0 drop `new`, and a later schema may use the name for something else",
            note = "to fix: `Option<u32>` and a new minor, `version = \"1.1\"`; a required field needs a new major"
        )]
        trait FieldIsLocked<const KEPT: ::core::primitive::bool> {}
        #[diagnostic::do_not_recommend]
        impl<T: ?::core::marker::Sized> FieldIsLocked<true> for T {}
        const fn version_1_0<T: ?::core::marker::Sized + FieldIsLocked<false>>() {}
        version_1_0::<()>()
    };
    const note_is_as_locked_in_1_0: () = if __shape::check::reads_absent(
        <String as __shape::EventData>::SHAPE,
        0u8,
    ) {
        __shape::check::part(
            __LOCKED,
            <String as __shape::EventData>::SHAPE,
            0u8,
            60usize,
            151usize,
        )
    };
    #[automatically_derived]
    impl ::event_runtime::Event for Broken {
        const TYPE: &'static ::core::primitive::str = "order.placed";
        const MAJOR: ::core::primitive::u32 = 1u32;
        const MINOR: ::core::primitive::u32 = 0u32;
        const VERSION: &'static ::core::primitive::str = "v1";
        const SOURCE: &'static ::core::primitive::str = "app.shop";
        const DETAIL_TYPE: &'static ::core::primitive::str = "order.placed:v1";
    }
};
