//! `cargo event completions` and `cargo event man`.

use std::process::{Command, Stdio};

use crate::scratch::Scratch;

#[test]
fn completions_exist_for_every_shell() {
    let scratch = Scratch::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = scratch.run(&["completions", shell]);
        run.says(0, &[]);
        assert!(run.out.contains("new-version"), "{shell}");
        let json = scratch.run(&["completions", shell, "--format", "json"]).json();
        assert_eq!(json["script"], run.out);
    }
    scratch.run(&["completions", "tcsh"]).says(2, &["possible values"]);
}

#[test]
#[allow(clippy::print_stdout)] // reports a skipped test
fn bash_parses_its_completions() {
    let scratch = Scratch::empty();
    scratch.write("c.bash", scratch.run(&["completions", "bash"]).out);
    let script = r#"source c.bash
        completes=$(complete -p cargo-event | sed 's/.*-F \([^ ]*\).*/\1/')
        COMP_WORDS=(cargo-event new) COMP_CWORD=1
        $completes cargo-event new cargo-event
        echo "${COMPREPLY[@]}""#;
    let bash = Command::new("bash")
        .args(["--norc", "-c", script])
        .current_dir(scratch.path("."))
        .stderr(Stdio::inherit())
        .output();
    let Ok(output) = bash else {
        println!("skipped: no bash; `apt-get install bash`");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout), "new new-version\n");
}

#[test]
fn every_command_has_a_page() {
    let scratch = Scratch::empty();
    let page = scratch.run(&["man"]);
    page.says(0, &[]);
    assert!(page.out.contains(".TH cargo-event 1"), "{}", page.out);
    let all = scratch.run(&["man", "--out", "man/man1", "--format", "json"]).json();
    let names = all["pages"].as_array().unwrap();
    assert_eq!(all["written"].as_array().unwrap().len(), names.len());
    for name in names {
        let text = scratch.read(&format!("man/man1/{}", name.as_str().unwrap()));
        assert!(text.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(scratch.read("man/man1/cargo-event-lock.1").contains("cargo event lock"));
    assert_eq!(scratch.read("man/man1/cargo-event.1"), page.out);
    let again = scratch.run(&["man", "--out", "man/man1"]);
    assert!(again.out.ends_with(" pages, 0 written\n"), "{}", again.out);
    scratch.write("file", "");
    scratch.run(&["man", "--out", "file/below"]).says(2, &["error[unwritable]"]);
}
