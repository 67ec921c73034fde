//! `cargo event rules --open`: the rules as one HTML page, shown by the browser.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use event_schema::rules::{self, Rule};

use super::super::unwritable;
use super::{exit, means, whom};
use crate::exit::Exit;
use crate::format::Plain;
use crate::sources::Sources;
use crate::terminal::Terminal;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;\
color-scheme:light dark}h3{margin-top:2rem}dt{float:left;clear:left;width:6rem;opacity:.7}\
dd{margin-left:7rem}code{font-size:.9em}:target{background:Mark;color:MarkText}";

/// Writes the page and opens it. A browser that does not start is not an error: the path is printed.
pub(super) fn run(rule: Option<&Rule>, terminal: &mut Terminal) -> io::Result<Exit> {
    let file = tempfile::Builder::new().prefix("event-rules-").suffix(".html").tempfile();
    let written = file.and_then(|mut file| {
        file.write_all(page().as_bytes())?;
        file.into_temp_path().keep().map_err(io::Error::from)
    });
    let path = match written {
        Ok(path) => path,
        Err(error) => {
            let problem = unwritable(&std::env::temp_dir(), &error);
            return super::refuse(terminal, Plain::Human, &[problem], &Sources::default());
        }
    };
    let opened = opens(&path, rule);
    let verb = if opened { "opened" } else { "no browser was found; open" };
    writeln!(terminal.out, "{verb} {}", address(&path, rule))?;
    Ok(Exit::Fine)
}

fn address(path: &Path, rule: Option<&Rule>) -> String {
    let anchor = rule.map_or_else(String::new, |rule| format!("#{}", rule.id));
    format!("file://{}{anchor}", path.display())
}

/// Whether one of the programs that open pages has been started.
fn opens(path: &Path, rule: Option<&Rule>) -> bool {
    let programs: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
        &[("open", &[])]
    } else if cfg!(windows) {
        &[("explorer", &[])]
    } else {
        &[("xdg-open", &[]), ("gio", &["open"])]
    };
    let own = std::env::var_os("BROWSER").filter(|program| !program.is_empty());
    let own = own.map(|program| (program, [].as_slice()));
    let usual = programs.iter().map(|(program, args)| (OsString::from(program), *args));
    own.into_iter().chain(usual).any(|(program, args)| {
        let mut command = Command::new(program);
        command.args(args).arg(address(path, rule));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().is_ok()
    })
}

/// All rules as one page.
fn page() -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Rules of cargo event</title>\
         <style>{STYLE}</style>\n<h1>Rules</h1>\n"
    );
    for group in rules::groups() {
        let _ = writeln!(out, "<h2>{}</h2>", html(group.title));
        for rule in group.rules {
            let who: Vec<_> = rule.breaks.iter().map(|b| whom(*b)).collect();
            let level = format!("{}: {}", rule.level.as_str(), means(rule.level));
            let facts = [
                ("level", level.as_str()),
                ("why", rule.why),
                ("breaks", &who.join("; ")),
                ("example", rule.example),
                ("fix", rule.fix),
                ("exit", exit(rule)),
            ];
            let _ = writeln!(out, "<h3 id=\"{0}\"><a href=\"#{0}\">{0}</a></h3>\n<dl>", rule.id);
            for (name, text) in facts.into_iter().filter(|(_, text)| !text.is_empty()) {
                let _ = writeln!(out, "<dt>{name}<dd>{}", html(text));
            }
            out += "</dl>\n";
        }
    }
    out
}

/// A text in HTML; what is in backticks is code.
fn html(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        match at {
            0 => {}
            at if at % 2 == 1 => out += "<code>",
            _ => out += "</code>",
        }
        out += &part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_has_each_rule_once_and_escapes_its_texts() {
        let page = page();
        for rule in rules::all() {
            assert_eq!(page.matches(&format!("id=\"{}\"", rule.id)).count(), 1, "{}", rule.id);
        }
        assert_eq!(html("`<a>` & b"), "<code>&lt;a&gt;</code> &amp; b");
    }
}
