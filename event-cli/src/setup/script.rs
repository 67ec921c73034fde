//! Adds the call that compiles the schemas to `build.rs`.

use syn::Item;

use super::{Edit, names};

/// Returns the statement.
pub(crate) fn call(codegen: &str, runtime: &str, schemas: &str) -> String {
    let folder = serde_json::Value::from(schemas);
    match (runtime, schemas) {
        ("event_runtime", _) => format!("{codegen}::compile({folder});"),
        (_, "schemas") => format!("{codegen}::configure().runtime(\"{runtime}\").compile();"),
        _ => format!("{codegen}::configure().schemas({folder}).runtime(\"{runtime}\").compile();"),
    }
}

/// Returns a build script with only this call.
pub(crate) fn new(call: &str) -> String {
    format!(
        "//! Generates Rust types from the schemas; a breaking change fails the build.\n\nfn main() {{\n    {call}\n}}\n"
    )
}

/// Adds the call as the first statement of `main`, if its place is certain.
pub(crate) fn plan(text: &str, codegen: &str, call: &str) -> Edit {
    if names(text, &format!("{codegen}::")) {
        return Edit::Kept;
    }
    let by_hand = |why: &str| Edit::ByHand { why: why.to_owned() };
    let Some(before) = statements(text) else {
        return by_hand("it does not have a plain `fn main()`");
    };
    let heads: Vec<&str> = text.lines().filter(|l| l.starts_with("fn main()")).collect();
    let [head] = heads.as_slice() else {
        return by_hand("the start of its `fn main()` is not certain");
    };
    let made = if let Some(open) = head.strip_suffix("{}") {
        format!("{open}{{\n    {call}\n}}")
    } else if head.ends_with('{') {
        format!("{head}\n    {call}")
    } else {
        return by_hand("the body of its `fn main()` begins on another line");
    };
    let made = super::line_ends(text, text.replacen(head, &made, 1));
    // the parser checks the place of the line
    if statements(&made) == Some(before + 1) {
        Edit::Text(made)
    } else {
        by_hand("the start of its `fn main()` is not certain")
    }
}

/// Returns the number of statements in the `main` of a Rust file, or `None` without a plain one.
fn statements(text: &str) -> Option<usize> {
    let file = syn::parse_file(text).ok()?;
    let main = file.items.iter().find_map(|item| match item {
        Item::Fn(f) if f.sig.ident == "main" => Some(f),
        _ => None,
    })?;
    let plain = main.sig.asyncness.is_none() && main.attrs.is_empty();
    plain.then_some(main.block.stmts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "event_codegen::compile(\"schemas\");";

    fn of(text: &str) -> Edit {
        plan(text, "event_codegen", CALL)
    }

    #[test]
    fn call_is_the_first_statement() {
        for (text, made) in [
            (
                "use std::fs;\n\nfn main() {\n    a();\n}\n",
                format!("use std::fs;\n\nfn main() {{\n    {CALL}\n    a();\n}}\n"),
            ),
            ("fn main() {}\n", new(CALL).split_once("\n\n").unwrap().1.to_owned()),
            (
                "fn main() -> Result<(), E> {\r\n    a()\r\n}\r\n",
                format!("fn main() -> Result<(), E> {{\r\n    {CALL}\r\n    a()\r\n}}\r\n"),
            ),
        ] {
            assert_eq!(of(text), Edit::Text(made.clone()));
            assert_eq!(of(&made), Edit::Kept);
        }
        assert_eq!(of(&new(CALL)), Edit::Kept);
    }

    #[test]
    fn uncertain_script_is_left_to_the_user() {
        for text in [
            "",
            "fn main()\n{\n}\n",
            "#[tokio::main]\nasync fn main() {\n}\n",
            "pub fn main() {\n}\n",
            "/*\nfn main() {\n*/ fn main() {\n}\n",
            "const A: &str = \"\nfn main() {\n\";\npub fn main() {}\n",
            "fn main() { a() }\n",
            "fn main( {\n",
        ] {
            assert!(matches!(of(text), Edit::ByHand { .. }), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn comment_is_not_a_call() {
        assert!(matches!(of("// event_codegen::compile\nfn main() {\n}\n"), Edit::Text(_)));
    }

    #[test]
    fn renamed_runtime_is_configured() {
        assert_eq!(
            call("cg", "events", "schemas"),
            "cg::configure().runtime(\"events\").compile();"
        );
        assert_eq!(call("cg", "event_runtime", "../schemas"), "cg::compile(\"../schemas\");");
    }
}
