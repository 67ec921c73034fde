//! `build.rs`: the call that compiles the schemas.

use syn::Item;

use super::{Edit, names};

/// The statement.
pub(crate) fn call(codegen: &str, runtime: &str, schemas: &str) -> String {
    let folder = serde_json::Value::from(schemas);
    match (runtime, schemas) {
        ("event_runtime", _) => format!("{codegen}::compile({folder});"),
        (_, "schemas") => format!("{codegen}::configure().runtime(\"{runtime}\").compile();"),
        _ => format!("{codegen}::configure().schemas({folder}).runtime(\"{runtime}\").compile();"),
    }
}

/// A build script that does nothing else.
pub(crate) fn new(call: &str) -> String {
    format!(
        "//! The schemas into Rust types; a breaking change fails the build here.\n\nfn main() {{\n    {call}\n}}\n"
    )
}

/// Puts the call first into the `main` of a build script, where there is no doubt where that is.
pub(crate) fn plan(text: &str, codegen: &str, call: &str) -> Edit {
    if names(text, &format!("{codegen}::")) {
        return Edit::Kept;
    }
    let by_hand = |why: &str| Edit::ByHand { why: why.to_owned() };
    let Some(before) = statements(text) else {
        return by_hand("it has no plain `fn main()`");
    };
    let heads: Vec<&str> = text.lines().filter(|l| l.starts_with("fn main()")).collect();
    let [head] = heads.as_slice() else {
        return by_hand("where its `fn main()` begins is not certain");
    };
    let made = if let Some(open) = head.strip_suffix("{}") {
        format!("{open}{{\n    {call}\n}}")
    } else if head.ends_with('{') {
        format!("{head}\n    {call}")
    } else {
        return by_hand("the body of its `fn main()` begins on another line");
    };
    let made = super::line_ends(text, text.replacen(head, &made, 1));
    // the parser is the judge of where the line went
    if statements(&made) == Some(before + 1) {
        Edit::Text(made)
    } else {
        by_hand("where its `fn main()` begins is not certain")
    }
}

/// How many statements the `main` of a Rust file has; `None` without one that is plain.
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
    fn the_call_comes_first() {
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
    fn what_is_not_certain_is_left() {
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
    fn a_comment_is_no_call() {
        assert!(matches!(of("// event_codegen::compile\nfn main() {\n}\n"), Edit::Text(_)));
    }

    #[test]
    fn another_name_for_the_runtime() {
        assert_eq!(
            call("cg", "events", "schemas"),
            "cg::configure().runtime(\"events\").compile();"
        );
        assert_eq!(call("cg", "event_runtime", "../schemas"), "cg::compile(\"../schemas\");");
    }
}
