//! `cargo event pull` over a socket, from a server with scripted faults.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use event_local::faults::{Fault, Faults};
use event_local::schemas::{Builder, ErrorKind, Kind, Operation, Preset, Server};

use crate::on_thread::OnThread;
use crate::scratch::{Run, Scratch};

/// A server on its own thread, until it is dropped.
pub(crate) struct Registry {
    pub(crate) endpoint: String,
    served: OnThread<Server>,
}

impl Deref for Registry {
    type Target = OnThread<Server>;

    fn deref(&self) -> &OnThread<Server> {
        &self.served
    }
}

impl Registry {
    pub(crate) fn serve(builder: Builder) -> Registry {
        let served = OnThread::serve(|| builder.serve());
        Registry { endpoint: served.server.endpoint(), served }
    }

    pub(crate) fn run(&self, scratch: &Scratch, args: &[&str]) -> Run {
        let output = self.command(scratch, args).output().unwrap();
        let run = Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!run.err.contains("panicked"), "{run:?}");
        run
    }

    pub(crate) fn command(&self, scratch: &Scratch, args: &[&str]) -> std::process::Command {
        let mut command = scratch.command(args);
        alone(&mut command);
        command.env("AWS_ENDPOINT_URL_SCHEMAS", &self.endpoint);
        command
    }
}

/// Removes the AWS settings of the user.
pub(crate) fn alone(command: &mut std::process::Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_CONFIG_FILE", "no-such-file")
        .env("AWS_SHARED_CREDENTIALS_FILE", "no-such-file")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test")])
        .env("AWS_SECRET_ACCESS_KEY", "test");
}

/// Returns a version of an event. Each field is optional, so that a longer list only adds.
pub(crate) fn schema(fields: usize) -> String {
    let field = |i| format!("\"f{i}\": {{ \"type\": \"string\" }}");
    let fields: Vec<String> = (0..fields).map(field).collect();
    format!(
        "{{ \"type\": \"object\", \"x-amazon-events-source\": \"app\", \"properties\": {{ {} }} }}\n",
        fields.join(", ")
    )
}

pub(crate) fn preset(name: &str, versions: &[String]) -> Preset {
    Preset {
        registry: "core".to_owned(),
        name: name.to_owned(),
        kind: Kind::JsonSchemaDraft4,
        versions: versions.iter().map(|v| v.as_str().into()).collect(),
        modified: None,
    }
}

pub(crate) fn presets(events: usize) -> Vec<Preset> {
    (0..events).map(|i| preset(&format!("e.n{i}"), &[schema(1), schema(2), schema(3)])).collect()
}

/// Returns all files below a folder.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                out.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    out
}

#[test]
fn pull_is_byte_equal_and_a_second_one_changes_nothing() {
    let registry = Registry::serve(Server::builder().presets(presets(3)));
    let scratch = Scratch::empty();
    let would = registry.run(&scratch, &["pull", "--registry", "core", "--check"]);
    assert_eq!(would.code, 1, "{would:?}");
    assert!(would.out.contains("would pull core/e.n0 1.2 (version 3 of `e.n0`)"), "{would:?}");
    assert!(!scratch.path("schemas").exists());
    registry.run(&scratch, &["pull", "--registry", "core"]).says(0, &[]);
    for event in 0..3 {
        for minor in 0..3 {
            let text = scratch.read(&format!("schemas/core/e.n{event}/1.{minor}.json"));
            assert_eq!(text, schema(minor + 1));
        }
    }
    let (before, calls) =
        (tree(&scratch.path("schemas")), registry.server.calls(Operation::DescribeSchema));
    // each version was read for the check and again for the pull
    assert_eq!((before.len(), calls), (10, 18));
    let again = registry.run(&scratch, &["pull", "--format", "json"]);
    assert_eq!(again.json()["registries"][0]["versions"], serde_json::json!([]));
    registry.run(&scratch, &["pull", "--check"]).says(0, &[]);
    assert_eq!(tree(&scratch.path("schemas")), before);
    // locked versions are not read again
    assert_eq!(registry.server.calls(Operation::DescribeSchema), 18);
    registry.run(&scratch, &["pull", "--verify"]).says(0, &[]);
    assert_eq!(registry.server.calls(Operation::DescribeSchema), 27);
    scratch.run(&["check"]).says(0, &[]);
}

#[test]
fn check_shows_each_change_and_fails() {
    let major =
        r#"{ "type": "object", "required": ["x"], "properties": { "x": { "type": "integer" } } }"#;
    let all = [
        preset("order.placed-v1", &[schema(1), schema(2)]),
        preset("order.placed-v2", &[major.to_owned()]),
    ];
    let registry = Registry::serve(Server::builder().presets(all));
    let scratch = Scratch::empty();
    let check = ["pull", "--registry", "core", "--check"];
    let would = registry.run(&scratch, &check);
    assert_eq!(would.code, 1, "{would:?}");
    for text in [
        "would pull core/order.placed 1.0 (version 1 of `order.placed-v1`): a new event\n",
        "1.0 to 1.1, policy additive: compatible, 1 change\n",
        // a compatible change is shown with its place
        "note[optional-field-added]: `f1` is new and optional",
        "core/order.placed/1.1.json:1:",
        "would pull core/order.placed 2.0 (version 1 of `order.placed-v2`): a new major, ",
        "`core`: 3 new versions\n",
    ] {
        assert!(would.out.contains(text), "no `{text}` in\n{}", would.out);
    }
    // not a terminal: no colours
    assert!(!would.out.contains('\u{1b}') && !would.err.contains('\u{1b}'), "{would:?}");
    let json = registry.run(&scratch, &[&check[..], &["--format", "json"]].concat());
    assert_eq!(json.code, 1, "{json:?}");
    let answer = json.json();
    let versions = answer["registries"][0]["versions"].as_array().unwrap();
    let diffs: Vec<_> = versions.iter().map(|v| &v["news"][0]["diff"]).collect();
    assert!(diffs[0].is_null(), "{answer:#}");
    assert_eq!(diffs[1]["changes"][0]["rule"], "optional-field-added", "{answer:#}");
    assert_eq!(versions[2]["news"][0]["from"], "1.1", "{answer:#}");
    assert!(!scratch.path("schemas").exists());

    // the same text as the version before is not a new version
    registry.run(&scratch, &["pull", "--registry", "core"]).says(0, &[]);
    registry.run(&scratch, &check).says(0, &[]);
}

#[test]
fn breaking_version_is_refused_by_the_change_checker() {
    let breaks =
        r#"{ "type": "object", "required": ["x"], "properties": { "x": { "type": "integer" } } }"#;
    let bad = preset("bad-v1", &[schema(1), breaks.to_owned()]);
    let registry = Registry::serve(Server::builder().presets(presets(1)).presets([bad]));
    let scratch = Scratch::empty();
    let run = registry.run(&scratch, &["pull", "--registry", "core"]);
    run.says(1, &["required"]);
    assert!(run.out.contains("nothing was pulled"), "{run:?}");
    assert!(tree(&scratch.path("schemas")).is_empty());
    registry.run(&scratch, &["pull", "--registry", "core", "--check"]).says(1, &["required"]);
}

#[test]
fn failed_request_suggests_the_next_command() {
    let faults = Faults::none();
    let registry = Registry::serve(Server::builder().presets(presets(1)).faults(&faults));
    let scratch = Scratch::empty();
    let pull = ["pull", "--registry", "core"];
    registry.run(&scratch, &["pull"]).says(2, &["registry-not-named", "--registry NAME"]);
    let missing = registry.run(&scratch, &["pull", "--registry", "cor"]);
    missing.says(2, &["registry-not-found", "name an existing one with `--registry NAME`: `core`"]);
    faults.next(1, Operation::ListSchemas, Fault::Error(ErrorKind::Forbidden));
    registry.run(&scratch, &pull).says(2, &["registry-access-denied", "schemas:ListSchemas"]);
    let run = |change: &dyn Fn(&mut std::process::Command)| {
        let mut command = registry.command(&scratch, &pull);
        change(&mut command);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = run(&|c| {
        c.env_remove("AWS_REGION").env_remove("AWS_ACCESS_KEY_ID");
    });
    assert!(said.contains("AWS_REGION") && said.contains("aws sso login"), "{said}");
    let said = run(&|c| {
        c.env("AWS_ENDPOINT_URL_SCHEMAS", "http://127.0.0.1:9");
    });
    assert!(said.contains("registry-unreachable"), "{said}");
    assert!(
        said.contains("`AWS_ENDPOINT_URL_SCHEMAS` sets the endpoint to http://127.0.0.1:9"),
        "{said}"
    );
    let said = run(&|c| {
        c.env("AWS_ENDPOINT_URL_SCHEMAS", "127.0.0.1:8787");
    });
    assert!(
        said.contains("invalid endpoint `127.0.0.1:8787` in `AWS_ENDPOINT_URL_SCHEMAS`"),
        "{said}"
    );
    assert!(tree(&scratch.path("schemas")).is_empty());
}

#[test]
fn either_variable_names_the_endpoint_and_the_specific_one_wins() {
    let registry = Registry::serve(Server::builder().presets(presets(1)));
    let nobody = "http://127.0.0.1:9";
    for (wide, narrow, code) in [
        (Some(registry.endpoint.as_str()), None, 0),
        (Some(nobody), Some(registry.endpoint.as_str()), 0),
        (Some(registry.endpoint.as_str()), Some(nobody), 2),
    ] {
        let scratch = Scratch::empty();
        let mut command = scratch.command(&["pull", "--registry", "core"]);
        alone(&mut command);
        for (name, value) in [("AWS_ENDPOINT_URL", wide), ("AWS_ENDPOINT_URL_SCHEMAS", narrow)] {
            command.envs(value.map(|value| (name, value)));
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{wide:?} {narrow:?}: {output:?}");
    }
}

#[test]
#[allow(clippy::print_stdout)] // the figures, for `just bench-pull`
fn pull_survives_faults_of_the_server() {
    let ways = [
        Fault::Throttle,
        Fault::Page(502),
        Fault::Error(ErrorKind::ServiceUnavailable),
        Fault::Cut(20),
        Fault::Garbage,
        Fault::Slow(Duration::from_millis(30)),
    ];
    let faults = Faults::random(7, 20, &ways);
    let registry = Registry::serve(Server::builder().presets(presets(20)).faults(&faults));
    let scratch = Scratch::empty();
    let started = Instant::now();
    registry.run(&scratch, &["pull", "--registry", "core"]).says(0, &[]);
    println!(
        "20 schemas × 3 versions, one answer in five at fault ({} faults): {:.1} s",
        faults.done(),
        started.elapsed().as_secs_f32()
    );
    assert!(faults.done() > 10, "{}", faults.done());
    assert_eq!(tree(&scratch.path("schemas")).len(), 61);
    assert!(registry.server.most_at_once() <= 8, "{}", registry.server.most_at_once());
    scratch.run(&["check"]).says(0, &[]);
}

#[test]
fn endless_throttling_is_an_error_and_writes_nothing() {
    let faults = Faults::none();
    faults.next(usize::MAX, Operation::DescribeSchema, Fault::Throttle);
    let registry = Registry::serve(Server::builder().presets(presets(20)).faults(&faults));
    let scratch = Scratch::empty();
    let started = Instant::now();
    registry.run(&scratch, &["pull", "--registry", "core"]).says(2, &["registry-throttled"]);
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    assert!(tree(&scratch.path("schemas")).is_empty());
}

#[test]
fn pull_killed_at_any_time_leaves_a_usable_folder_and_the_next_one_finishes() {
    let faults = Faults::random(1, 100, &[Fault::Slow(Duration::from_millis(5))]);
    let registry = Registry::serve(Server::builder().presets(presets(40)).faults(&faults));
    let scratch = Scratch::empty();
    let mut ended = 0;
    for round in 0..12u64 {
        let mut child = registry
            .command(&scratch, &["pull", "--registry", "core"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(40 + round * 45));
        // SIGKILL on Unix
        let _ = child.kill();
        ended += usize::from(child.wait().unwrap().success());
        for (name, bytes) in tree(&scratch.path("schemas")) {
            let whole = name.starts_with(".pull/")
                || name == "schemas.lock"
                || (1..=3).any(|n| schema(n).as_bytes() == bytes);
            assert!(whole, "{name} is half written");
        }
        if scratch.path("schemas/core").exists() {
            // complete and checked; only versions that are not locked are reported
            let check = scratch.run(&["check", "--format", "json"]).json();
            for d in check["diagnostics"].as_array().unwrap() {
                let rule = d["rule"].as_str().unwrap();
                assert!(["lock-missing", "schema-not-locked"].contains(&rule), "{d}");
            }
            break;
        }
    }
    assert!(ended < 12, "no run was killed in the middle");
    registry.run(&scratch, &["pull", "--registry", "core"]).says(0, &[]);
    assert_eq!(tree(&scratch.path("schemas")).len(), 121);
    scratch.run(&["check"]).says(0, &[]);
}

/// Returns the peak memory of a process in KB, if the system reports it.
fn memory(process: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
#[allow(clippy::print_stdout)] // the figures, for `just bench-pull`
fn pull_of_two_thousand_schemas_is_bounded_in_memory() {
    let long = "x".repeat(100_000 - 44);
    let long = format!("{{ \"type\": \"object\", \"description\": \"{long}\" }}\n");
    let mut all = presets(0);
    all.extend((0..1999).map(|i| preset(&format!("e.n{i}"), &[schema(1)])));
    all.push(preset("long", std::slice::from_ref(&long)));
    let registry = Registry::serve(Server::builder().presets(all));
    let scratch = Scratch::empty();
    let started = Instant::now();
    let mut child = registry
        .command(&scratch, &["pull", "--registry", "core"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(memory(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success(), "{status}");
    let (took, described) = (started.elapsed(), registry.server.calls(Operation::DescribeSchema));
    println!(
        "2,000 schemas, one of 100,000 characters: {:.1} s, {} MB at most",
        took.as_secs_f32(),
        most / 1024
    );
    assert!(most < 256 * 1024, "{most} KB");
    assert_eq!(described, 2000);
    assert_eq!(tree(&scratch.path("schemas")).len(), 2001);
    assert_eq!(scratch.read("schemas/core/long/1.0.json"), long);
    assert!(took < Duration::from_mins(5), "{took:?}");
}
