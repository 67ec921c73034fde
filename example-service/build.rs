//! The schemas of this workspace into Rust types; a breaking change fails the build here.

fn main() {
    event_codegen::compile("../schemas");
}
