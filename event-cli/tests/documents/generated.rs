//! Pages that are generated from the command.

use std::fmt::Write;
use std::path::Path;

use crate::sandbox::Sandbox;
use crate::{assert_file, workspace};

/// Whether a page is generated, so that its blocks are not run.
pub(crate) fn is_generated(path: &Path) -> bool {
    path == Path::new("docs/guide/src/reference/command.md")
        || path.starts_with("docs/guide/src/errors") && !path.ends_with("errors/README.md")
}

const HEAD: &str = "\
# The command

<!-- Generated: EVENT_BLESS=1 cargo test -p cargo-event --test documents -->

`cargo event` is the package `cargo-event`. This page is the help of each command, as
`cargo event COMMAND --help` prints it. All commands exit with 0 if everything is in order, with 1 if the
answer is no (a breaking change, a lock that does not match, an event that is not valid), and with 2 if
the question could not be answered (bad input, wrong usage).
";

/// The names in the list of commands of a help text.
fn commands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|l| l.starts_with("  "));
    let names = lines.filter_map(|l| l.split_whitespace().next().map(str::to_owned));
    names.filter(|name| name != "help").collect()
}

#[test]
fn help_of_each_command_is_in_the_guide() {
    let sandbox = Sandbox::new("empty").unwrap();
    let help = sandbox.command("cargo event --help");
    let mut names = commands(&help);
    assert!(names.len() > 10, "{help}");
    names.sort();
    let mut page = HEAD.to_owned();
    for name in names {
        let help = sandbox.command(&format!("cargo event {name} --help"));
        write!(page, "\n## cargo event {name}\n\n```text\n{help}\n```\n").unwrap();
        for below in commands(&help) {
            let help = sandbox.command(&format!("cargo event {name} {below} --help"));
            write!(page, "\n### cargo event {name} {below}\n\n```text\n{help}\n```\n").unwrap();
        }
    }
    assert_file(&workspace().join("docs/guide/src/reference/command.md"), &page);
}
