//! Help, usage errors, closed pipes.

use std::io::Read;
use std::process::Stdio;

use crate::scratch::Scratch;

const COMMANDS: [&str; 15] = [
    "check",
    "completions",
    "diff",
    "generate",
    "import",
    "init",
    "list",
    "lock",
    "man",
    "new-version",
    "pull",
    "push",
    "registry",
    "rules",
    "validate",
];

#[test]
fn every_command_has_help_with_examples() {
    let scratch = Scratch::empty();
    let all = scratch.run(&["--help"]);
    all.says(0, &[]);
    for command in COMMANDS {
        assert!(all.out.contains(&format!("\n  {command} ")), "{}", all.out);
        let help = scratch.run(&[command, "--help"]);
        help.says(0, &[]);
        assert!(help.out.contains(&format!("Usage: cargo event {command}")), "{}", help.out);
        assert!(help.out.contains(&format!("Examples:\n  cargo event {command}")), "{}", help.out);
    }
}

#[test]
fn usage_error_exits_with_2() {
    let scratch = Scratch::empty();
    for args in [&["chek"][..], &[], &["check", "--fast"], &["check", "--format", "xml"]] {
        let run = scratch.run(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}: {run:?}");
        assert!(run.err.contains("--help") || run.err.contains("Usage:"), "{args:?}: {run:?}");
    }
}

#[test]
fn closed_pipe_is_not_an_error() {
    let scratch = Scratch::example();
    let mut child = scratch
        .command(&["generate"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_an_error() {
    let scratch = Scratch::example();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = scratch.command(&["generate"]).stdout(full).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.starts_with("error: failed to write the output: "), "{err}");
}
