//! Ten good events, from plain to recursive.

use super::model::{Body, Field, Part, Record, Specimen, Ty, Union, Variant};

fn list(ty: Ty) -> Ty {
    Ty::List(Box::new(ty))
}

fn map(ty: Ty) -> Ty {
    Ty::Map(Box::new(ty))
}

fn maybe(ty: Ty) -> Ty {
    Ty::Option(Box::new(ty))
}

fn record(name: &'static str, fields: Vec<Field>) -> Record {
    Record { name, fields, closed: false, camel: false }
}

fn units(name: &'static str, open: bool, names: &[&str]) -> Part {
    let variants = names.iter().map(|n| Variant::new(n, Body::Unit)).collect();
    Part::Union(Union { name, tag: None, variants, open })
}

fn renamed(field: Field, wire: &str) -> Field {
    Field { rename: Some(wire.to_owned()), ..field }
}

pub(super) fn all() -> Vec<Specimen> {
    let (f, o) = (Field::new, Field::optional);
    let specimen = |event, fields, parts| Specimen { event, root: record("Root", fields), parts };
    let money = || {
        Part::Record(record("Money", vec![f("amount", Ty::Int("i64")), f("currency", Ty::Text)]))
    };
    vec![
        specimen(
            "order.placed",
            vec![
                f("order", Ty::Text),
                f("total", Ty::Int("i64")),
                f("lines", list(Ty::Text)),
                o("note", Ty::Text),
            ],
            vec![],
        ),
        specimen(
            "proposal.published",
            vec![
                f("title", Ty::Text),
                f("amount", Ty::Part("Money")),
                o("limit", Ty::Part("Money")),
                f("status", Ty::Part("Status")),
            ],
            vec![money(), units("Status", false, &["Draft", "Published", "Withdrawn"])],
        ),
        specimen(
            "meter.read",
            vec![
                f("tiny", Ty::Int("u8")),
                f("count", Ty::Int("u32")),
                f("big", Ty::Int("u64")),
                f("delta", Ty::Int("i32")),
                f("ratio", Ty::Float),
                o("share", Ty::Single),
            ],
            vec![],
        ),
        specimen(
            "stock.counted",
            vec![
                f("by_item", map(Ty::Int("i64"))),
                f("by_shelf", map(list(Ty::Text))),
                f("extra", Ty::Any),
                o("places", map(Ty::Part("Money"))),
            ],
            vec![money()],
        ),
        specimen(
            "visit.agreed",
            vec![
                f("at", Ty::Time),
                o("until", Ty::Time),
                f("others", list(Ty::Time)),
                f("place", Ty::Pair(Box::new(Ty::Float), Box::new(Ty::Float))),
            ],
            vec![],
        ),
        specimen(
            "tree.changed",
            vec![f("root", Ty::Part("Node")), o("page", Ty::Part("Page"))],
            vec![
                Part::Record(record(
                    "Node",
                    vec![f("name", Ty::Text), f("children", list(Ty::Part("Node")))],
                )),
                Part::Record(record(
                    "Page",
                    vec![
                        f("items", list(Ty::Text)),
                        o("next", Ty::Boxed(Box::new(Ty::Part("Page")))),
                    ],
                )),
            ],
        ),
        specimen(
            "payment.made",
            vec![f("payment", Ty::Part("Payment")), f("contact", Ty::Part("Contact"))],
            vec![
                Part::Union(Union {
                    name: "Payment",
                    tag: Some("kind"),
                    variants: vec![
                        Variant::new("Card", Body::Fields(vec![f("last4", Ty::Text)])),
                        Variant::new(
                            "Invoice",
                            Body::Fields(vec![f("days", Ty::Int("u16")), o("to", Ty::Text)]),
                        ),
                        Variant::new("Free", Body::Unit),
                    ],
                    open: false,
                }),
                Part::Union(Union {
                    name: "Contact",
                    tag: None,
                    variants: vec![
                        Variant::new("Email", Body::Fields(vec![f("to", Ty::Text)])),
                        Variant::new("Phone", Body::One(Ty::Text)),
                        Variant::new("None", Body::Unit),
                    ],
                    open: false,
                }),
            ],
        ),
        specimen(
            "state.moved",
            vec![
                f("state", Ty::Part("State")),
                f("earlier", list(Ty::Part("Status"))),
                o("wish", Ty::Part("State")),
            ],
            vec![units("State", true, &["Off", "On"]), units("Status", false, &["New", "Old"])],
        ),
        Specimen {
            event: "note.closed",
            root: Record {
                closed: true,
                ..record("Root", vec![f("by", Ty::Text), o("text", Ty::Part("Text"))])
            },
            parts: vec![Part::Record(Record {
                closed: true,
                ..record("Text", vec![f("body", Ty::Text), o("size", Ty::Int("i64"))])
            })],
        },
        Specimen {
            event: "name.given",
            root: Record {
                camel: true,
                ..record(
                    "Root",
                    vec![
                        f("given_name", Ty::Text),
                        renamed(f("family", Ty::Text), "lastName"),
                        f("r#type", Ty::Bool),
                        f("title_or_null", maybe(Ty::Text)),
                        Field { default: true, ..f("nick_names", list(Ty::Text)) },
                    ],
                )
            },
            parts: vec![],
        },
    ]
}
