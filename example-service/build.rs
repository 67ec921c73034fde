//! Generates Rust types from the schemas of this workspace. A breaking change fails the build here.

fn main() {
    event_codegen::compile("../schemas");
}
