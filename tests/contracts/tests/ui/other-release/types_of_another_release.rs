//! What `include_events!` includes where another release of event-codegen wrote it.

mod events {
    event_runtime::__included! { "7.3" }
}

fn main() {}
