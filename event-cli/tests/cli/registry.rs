//! `cargo event registry serve`, as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn serve_serves_a_folder_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let event = folder.path().join("app/order.placed");
    std::fs::create_dir_all(&event).unwrap();
    for version in ["1.0", "1.1", "2.0"] {
        std::fs::write(event.join(format!("{version}.json")), "{}").unwrap();
    }
    let mut server = Command::new(env!("CARGO_BIN_EXE_cargo-event"))
        .args(["event", "registry", "serve", "--format", "json", "--dir"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = told["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let ask = |method: &str, path: &str| {
        let mut socket = TcpStream::connect(&address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    };
    let all = ask("GET", "/v1/registries/name/app/schemas");
    assert!(all.contains("app@order.placed-v1") && all.contains("app@order.placed-v2"), "{all}");
    let newest = ask("GET", "/v1/registries/name/app/schemas/name/app%40order.placed-v1");
    assert!(newest.contains(r#""SchemaVersion":"2""#), "{newest}");
    assert!(ask("POST", "/v1/registries/name/other").starts_with("HTTP/1.1 403"));
    assert!(ask("POST", "/v1/registries/name/..%2F..%2Fx").starts_with("HTTP/1.1 403"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    if cfg!(unix) {
        Command::new("kill").arg("-INT").arg(server.id().to_string()).status().unwrap();
    } else {
        server.kill().unwrap();
    }
    let ended = server.wait().unwrap();
    assert!(ended.success() || !cfg!(unix), "{ended}");
}
