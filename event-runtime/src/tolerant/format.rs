//! Strings with a format that has a Rust type.
//!
//! A text that is refused here is not valid for any type of the format. The type may still refuse
//! other texts: then [`read`](super::read) leaves the value out, at the cost of another parse.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a type of the format might accept the text.
pub(super) fn allows(format: &str, text: &str) -> bool {
    match format {
        // with hyphens or without, in braces or after `urn:uuid:`
        "uuid" => text.bytes().filter(u8::is_ascii_hexdigit).count() >= 32,
        "ulid" => text.len() >= 26,
        "date" => text.bytes().any(|b| b.is_ascii_digit()),
        "ip" => text.parse::<IpAddr>().is_ok(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "char" => text.chars().count() == 1,
        _ => true,
    }
}
