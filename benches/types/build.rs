//! The types that are measured.

fn main() {
    event_codegen::configure().schemas("schemas").source("shop", "app.shop").compile();
}
