//! Compiles the schemas of the UI tests into the baselines that the derive reads there.

fn main() {
    event_codegen::configure()
        .schemas("../schemas")
        .home("app-core")
        .source("app-core", "app.solargenix")
        .format("uuid", "uuid::Uuid")
        .compile();
}
