//! The picture of a terminal in README.md: `docs/guide/src/terminal.svg`, drawn from what the command prints.

use std::fmt::Write;

use crate::sandbox::Sandbox;
use crate::{assert_file, workspace};

const LINE: usize = 20;
const COLUMN: f32 = 8.4;
const MARGIN: usize = 20;

/// What the picture shows: a field is renamed, and the comparison shows what that breaks.
const COMMANDS: [&str; 2] = [
    "sed -i 's/\"orderId\"/\"orderNumber\"/' schemas/shop/order.placed/1.1.json",
    "cargo event diff order.placed@1.0 order.placed@1.1",
];

/// A run of text in one style.
#[derive(Debug, PartialEq)]
struct Span {
    class: String,
    text: String,
}

/// A line of terminal output: text between `ESC [ .. m` sequences, each with its colour and weight.
fn spans(line: &str) -> Vec<Span> {
    let mut out = Vec::new();
    let (mut colour, mut bold) = ("", false);
    for (at, part) in line.split("\u{1b}[").enumerate() {
        let text = match part.split_once('m') {
            Some((codes, text)) if at > 0 => {
                for code in codes.split(';') {
                    match code {
                        "" | "0" => (colour, bold) = ("", false),
                        "1" => bold = true,
                        "31" | "91" => colour = "red",
                        "32" | "92" => colour = "green",
                        "33" | "93" => colour = "yellow",
                        "34" | "94" => colour = "blue",
                        "35" | "95" => colour = "magenta",
                        "36" | "96" => colour = "cyan",
                        _ => {}
                    }
                }
                text
            }
            _ => part,
        };
        if !text.is_empty() {
            let class = format!("{colour} {}", if bold { "bold" } else { "" });
            out.push(Span { class: class.trim().to_owned(), text: text.to_owned() });
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn svg(lines: &[String]) -> String {
    let plain = |line: &String| spans(line).iter().map(|s| s.text.chars().count()).sum::<usize>();
    let columns = lines.iter().map(plain).max().unwrap_or(0);
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small"
    )]
    let width = (columns as f32 * COLUMN) as usize + 2 * MARGIN;
    let height = lines.len() * LINE + 2 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\">\n\
         <style>\n\
         text {{ font: 14px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d8dee9; white-space: pre }}\n\
         .bold {{ font-weight: 700 }} .red {{ fill: #ff7b72 }} .green {{ fill: #7ee787 }} .yellow {{ fill: #e3b341 }}\n\
         .blue {{ fill: #79c0ff }} .magenta {{ fill: #d2a8ff }} .cyan {{ fill: #76e3ea }}\n\
         </style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    for (at, line) in lines.iter().enumerate() {
        let y = MARGIN + at * LINE + 14;
        write!(out, "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">").unwrap();
        for span in spans(line) {
            if span.class.is_empty() {
                out += &escaped(&span.text);
            } else {
                write!(out, "<tspan class=\"{}\">{}</tspan>", span.class, escaped(&span.text))
                    .unwrap();
            }
        }
        out += "</text>\n";
    }
    out + "</svg>\n"
}

#[test]
fn picture_shows_what_the_command_prints() {
    let sandbox = Sandbox::new("order").unwrap();
    sandbox.command("cargo event new-version order.placed");
    let mut lines = Vec::new();
    for command in COMMANDS {
        lines.push(format!("\u{1b}[1m$ {command}\u{1b}[0m"));
        let output = sandbox.command(&format!("unset NO_COLOR; CLICOLOR_FORCE=1 {command}"));
        lines.extend(output.lines().map(str::to_owned));
    }
    assert!(lines.iter().any(|l| l.contains("error") && l.contains('\u{1b}')), "{lines:#?}");
    assert_file(&workspace().join("docs/guide/src/terminal.svg"), &svg(&lines));
}

#[test]
fn escape_sequences_become_classes() {
    let found = spans("a\u{1b}[1m\u{1b}[91mb\u{1b}[0m <c>");
    let span = |class: &str, text: &str| Span { class: class.into(), text: text.into() };
    assert_eq!(found, [span("", "a"), span("red bold", "b"), span("", " <c>")]);
}
