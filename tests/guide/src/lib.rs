//! The Rust examples of the guide and of README.md, compiled by rustdoc: `cargo test -p event-guide --doc`. A test of
//! `cargo-event` (`tests/documents`) checks that no page with examples is missing here.

/// The types of the example event, as a page's reader generates them.
pub mod events {
    event_runtime::include_events!();
}

#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/guide/src/deploy.md")]
    struct Deploy;
    #[doc = include_str!("../../../docs/guide/src/reference/settings.md")]
    struct Settings;
    #[doc = include_str!("../../../docs/guide/src/runtime/aws.md")]
    struct Aws;
    #[doc = include_str!("../../../docs/guide/src/runtime/consume.md")]
    struct Consume;
    #[doc = include_str!("../../../docs/guide/src/runtime/projections.md")]
    struct Projections;
    #[doc = include_str!("../../../docs/guide/src/runtime/publish.md")]
    struct Publish;
    #[doc = include_str!("../../../docs/guide/src/testing.md")]
    struct Testing;
}
