//! `cargo event generate`.

use crate::scratch::{ORDER, ORDER_1_0, ORDER_BROKEN, Scratch};

#[test]
fn generate_prints_what_the_build_writes() {
    let scratch = Scratch::locked();
    let run = scratch.run(&["generate"]);
    run.says(0, &[]);
    assert!(run.out.contains("pub mod order_placed"), "{}", run.out);
    assert!(run.out.contains("pub struct OrderPlaced"), "{}", run.out);

    let first = scratch.run(&["generate", "--out", "src/events.rs"]);
    assert_eq!((first.code, first.out.as_str()), (0, "`src/events.rs` is written\n"));
    assert_eq!(scratch.read("src/events.rs"), run.out);
    let second = scratch.run(&["generate", "--out", "src/events.rs"]);
    assert_eq!(second.out, "`src/events.rs` is up to date\n");
}

#[test]
fn generate_writes_nothing_if_a_build_would_fail() {
    let scratch = Scratch::locked();
    scratch.write("events.rs", "as it was");
    scratch.write(&format!("{ORDER}/1.2.json"), ORDER_BROKEN);
    let run = scratch.run(&["generate", "--out", "events.rs"]);
    run.says(1, &["`status`"]);
    assert_eq!((scratch.read("events.rs").as_str(), run.out.as_str()), ("as it was", ""));
}

#[test]
fn file_that_cannot_be_written_is_an_error() {
    let scratch = Scratch::locked();
    scratch.run(&["generate", "--out", "schemas"]).says(2, &["error[unwritable]", "schemas"]);
}

#[test]
fn json_has_the_code() {
    let scratch = Scratch::locked();
    let json = scratch.run(&["generate", "--format", "json"]).json();
    assert_eq!(json["rust"], scratch.run(&["generate"]).out);
    let run = scratch.run(&["generate", "--out", "schemas", "--format", "json"]);
    assert_eq!((run.code, &run.json()["diagnostics"][0]["rule"]), (2, &"unwritable".into()));
}

#[test]
fn plain_files_and_folders_of_them_are_generated() {
    let scratch = Scratch::empty();
    scratch.write("in/order.placed.json", ORDER_1_0);
    scratch.write("in/deep/aws.s3@ObjectCreated@4.json", ORDER_1_0);
    let run = scratch.run(&["generate", "in"]);
    run.says(0, &[]);
    assert!(run.out.contains("pub mod order_placed"), "{}", run.out);
    assert!(run.out.contains("pub mod aws_s3_object_created"), "{}", run.out);
    let one = scratch.run(&["generate", "in/order.placed.json", "--out", "events.rs"]);
    assert_eq!((one.code, one.out.as_str()), (0, "`events.rs` is written\n"));
    assert!(scratch.read("events.rs").contains("pub struct OrderPlaced"));

    scratch.write("other/order.placed.json", ORDER_BROKEN);
    scratch
        .run(&["generate", "in", "other"])
        .says(2, &["error[event-defined-twice]", "`cargo event import FILES`"]);
    scratch.write("in/broken.json", "{");
    scratch.run(&["generate", "in", "gone.json"]).says(2, &["broken.json:1:", "gone.json"]);
    std::fs::create_dir(scratch.path("empty")).unwrap();
    scratch.run(&["generate", "empty"]).says(2, &["error[no-schemas]"]);
}

#[test]
fn schema_folder_is_read_as_a_build_reads_it() {
    let scratch = Scratch::locked();
    assert_eq!(scratch.run(&["generate", "schemas"]).out, scratch.run(&["generate"]).out);
    scratch.remove("schemas/schemas.lock");
    scratch.run(&["generate", "schemas"]).says(1, &["error[lock-missing]"]);
}

#[test]
fn code_equals_that_of_a_build_script() {
    let scratch = Scratch::locked();
    scratch
        .write("schemas/event.toml", "derives = [\"Eq\", \"Hash\"]\nsources.shop = \"app.file\"\n");
    // a build shows paths relative to its Cargo.lock
    scratch.write("Cargo.lock", "");
    let (root, out) = (scratch.path("schemas"), scratch.path("out"));
    event_codegen::configure().schemas(root).out_dir(out).compile();
    let built = scratch.read("out/event-contracts/events.rs");
    assert!(built.contains("PartialEq, Eq"), "{built}");
    let printed = scratch.run(&["generate"]);
    assert_eq!((printed.code, printed.out), (0, built.clone()));
    assert_eq!(scratch.run(&["generate", "--out", "events.rs"]).code, 0);
    assert_eq!(scratch.read("events.rs"), built);
}
