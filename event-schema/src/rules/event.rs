//! What an event is found and routed by, and the layers and versions that it is described in.

#![allow(missing_docs, reason = "the fields of a rule describe it")]

use super::{Breaks::OldConsumers, Exit, Group, Level, Rule};

/// In the order in which they are listed.
pub(super) static GROUP: Group = Group {
    title: "Events and versions",
    rules: &[
        &EVENT_SOURCE_CHANGED,
        &DETAIL_TYPE_CHANGED,
        &DETAIL_TYPE_CONTRADICTS,
        &LAYER_CHANGED,
        &EVENT_REMOVED,
        &SUNSET_MOVED_EARLIER,
        &SUNSET_IS_NO_DAY,
    ],
};

pub static EVENT_SOURCE_CHANGED: Rule = Rule {
    id: "event-source-changed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "EventBridge rules match on the source, so rules for the old one no longer see the event",
    example: r#""x-amazon-events-source": "app.a" → "app.b""#,
    fix: "keep the source, or publish a new major beside the old one: `cargo event new-version TYPE --major`",
};

pub static DETAIL_TYPE_CHANGED: Rule = Rule {
    id: "detail-type-changed",
    level: Level::Break,
    breaks: &[OldConsumers],
    exit: Exit::No,
    why: "EventBridge rules match on the detail-type, so rules for the old one no longer see the event",
    example: r#""x-amazon-events-detail-type": "order.placed:v1" → "order.placed.v1""#,
    fix: "keep the detail-type, or publish a new major beside the old one: `cargo event new-version TYPE --major`",
};

pub static DETAIL_TYPE_CONTRADICTS: Rule = Rule {
    id: "detail-type-contradicts",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "consumers would look for the event under another name or major than its folder states",
    example: r#"`"x-amazon-events-detail-type": "order.placed:v1"` in `2.0.json`"#,
    fix: "move the file to the event and major that it describes, or correct the detail-type",
};

pub static LAYER_CHANGED: Rule = Rule {
    id: "layer-changed",
    level: Level::Warn,
    breaks: &[],
    exit: Exit::No,
    why: "a schema may describe a payload, the envelope around it or the whole AWS event; versions that describe different layers are only compared by their payloads",
    example: "1.0 describes the payload, 1.1 the envelope around it",
    fix: r#"describe the same layer in all minors; if a payload happens to have the names of an envelope, set `layer."registry/event.type" = "payload"` in `event.toml`"#,
};

pub static EVENT_REMOVED: Rule = Rule {
    id: "event-removed",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "consumers no longer receive the event",
    example: "`1.0.json` describes `A` and `B`, `1.1.json` only `A`",
    fix: "keep its schema in the document, or publish the document without it as a new major",
};

pub static SUNSET_MOVED_EARLIER: Rule = Rule {
    id: "sunset-moved-earlier",
    level: Level::Error,
    breaks: &[],
    exit: Exit::No,
    why: "consumers of the older major rely on the day until which it is published",
    example: r#""x-event-sunset": "2027-06-30" → "2026-12-31""#,
    fix: "keep the day, use a later one, or leave `x-event-sunset` out",
};

pub static SUNSET_IS_NO_DAY: Rule = Rule {
    id: "sunset-is-no-day",
    level: Level::Error,
    breaks: &[],
    exit: Exit::BadInput,
    why: "consumers cannot plan with it, and no warning would appear when it has passed",
    example: r#""x-event-sunset": "next year""#,
    fix: "write the day as year, month and day: `2026-12-31`",
};
