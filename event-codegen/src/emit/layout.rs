//! Formats the printed text with line breaks as people write them.
//!
//! Works on whole lines. No printed literal contains a line break, and a doc comment begins with its
//! slashes, so a line of code is never a part of a text.

/// The maximum width of a line, as in rustfmt.
const WIDTH: usize = 100;

/// Adds a blank line between items; an item ends with a brace, or with the semicolon of a `use`, at the
/// indentation of the next line. Puts each entry of a shape's table, and each attribute that fits, on one
/// line.
pub(super) fn laid_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let body = line.trim_start();
        let brackets = match body {
            "Field {" | "Variant {" | "ty: Type {" => Some((" ", "},", usize::MAX)),
            "#[derive(" | "#[serde(" => Some(("", ")]", WIDTH)),
            _ => None,
        };
        if let Some((pad, end, width)) = brackets {
            let parts: Vec<&str> = lines.by_ref().take_while(|l| l.trim_start() != end).collect();
            let inside = parts.iter().map(|p| p.trim_start()).collect::<Vec<_>>().join(" ");
            let inside = inside.trim_end_matches(',');
            if line.chars().count() + inside.chars().count() + end.len() <= width {
                out.extend([pad, inside, pad, end, "\n"]);
            } else {
                let indent = &line[..line.len() - body.len()];
                for part in parts {
                    out.extend(["\n", part]);
                }
                out.extend(["\n", indent, end, "\n"]);
            }
            continue;
        }
        out.push('\n');
        let Some(next) = lines.peek() else { continue };
        let (indent, after) = (line.len() - body.len(), next.trim_start());
        let ends = matches!(body, "}" | "};" | "];")
            || (body.starts_with("pub ") && body.ends_with("{}"))
            || body.starts_with("#![")
            || (body.starts_with("use ") && body.ends_with(';'));
        if ends && indent == next.len() - after.len() && !after.starts_with('}') {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::laid_out;

    fn printed(code: &str) -> String {
        syn::parse_file(code)
            .map_or_else(|e| e.to_string(), |f| laid_out(&prettyplease::unparse(&f)))
    }

    #[test]
    fn entry_is_on_one_line() {
        let text = printed(
            r#"static S: [Field; 1] = [Field { name: "a", flags: 6, shape: S1 }, Field { name: "Field {\n},", flags: 0, shape: S0 }];"#,
        );
        assert_eq!(
            text,
            "static S: [Field; 1] = [\n    Field { name: \"a\", flags: 6, shape: S1 },\n    \
             Field { name: \"Field {\\n},\", flags: 0, shape: S0 },\n];\n"
        );
    }

    #[test]
    fn attribute_is_on_one_line_if_it_fits() {
        let short = r#"#[serde(rename = "2017-01-10T22:48:06.784937", skip_serializing_if = "Option::is_none")]"#;
        let long = short.replace("2017", "the-year-2017");
        let derive = "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]";
        let text = printed(&format!("{derive} struct A {{ {short} a: u8, {long} b: u8 }}"));
        assert!(text.starts_with(&format!("{derive}\nstruct A {{\n    {short}\n    a")), "{text}");
        assert!(text.contains("\n    #[serde(\n        rename = \"the-year"), "{text}");
        assert!(text.ends_with("\"\n    )]\n    b: u8,\n}\n"), "{text}");
    }

    #[test]
    fn text_that_looks_like_an_entry_is_unchanged() {
        let code = "/// Field {\n///     of: a,\n/// },\npub struct Field {\n    /// ty: Type {\n    pub a: A,\n}\n";
        assert_eq!(printed(code), code);
    }

    #[test]
    fn blank_line_is_between_items() {
        assert_eq!(
            printed("use a::b; pub struct A {} pub struct B { c: C } fn d() {}"),
            "use a::b;\n\npub struct A {}\n\npub struct B {\n    c: C,\n}\n\nfn d() {}\n"
        );
    }
}
