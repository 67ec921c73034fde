//! Generates the types of the guide's example event.

fn main() {
    event_codegen::compile("schemas");
}
