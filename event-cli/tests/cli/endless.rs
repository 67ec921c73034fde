//! A server that only looks like a registry: lists without an end, and errors of several lines.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::pull::alone;
use crate::scratch::{Run, Scratch};

/// Answers each request as given, on a free port of 127.0.0.1, until the end of the test.
fn served(answer: impl Fn(&str, usize) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (at, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut bytes = [0; 4096];
            while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut bytes) {
                    Ok(read) if read > 0 => head.extend_from_slice(&bytes[..read]),
                    _ => break,
                }
            }
            let request =
                String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
            let (status, body) = answer(&request, at);
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    endpoint
}

fn pull(endpoint: &str) -> Run {
    let here = Scratch::empty();
    let mut command = here.command(&["pull", "--registry", "core"]);
    alone(&mut command);
    let output = command.env("AWS_ENDPOINT_URL_SCHEMAS", endpoint).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn list_without_an_end_is_an_error() {
    for endless in ["/schemas", "/versions"] {
        let endpoint = served(move |request, at| {
            let next = format!(r#""NextToken":"{at}""#);
            let list = request.split('?').next().unwrap_or_default();
            let list = list.trim_end_matches(" HTTP/1.1");
            let body = match (list.ends_with("/versions"), list.ends_with("/schemas")) {
                (true, _) => format!(r#"{{"SchemaVersions":[],{next}}}"#),
                (_, true) if endless == "/schemas" => format!(r#"{{"Schemas":[],{next}}}"#),
                (_, true) => r#"{"Schemas":[{"SchemaName":"app@order.placed-v1"}]}"#.to_owned(),
                _ => "{}".to_owned(),
            };
            (200, body)
        });
        pull(&endpoint).says(2, &["registry-unreachable", "the list does not end"]);
    }
}

#[test]
fn error_of_a_registry_is_one_bounded_line() {
    let endpoint = served(|_, _| {
        let hostile = format!("x\\u001b]0;title\\u0007\\n{}", "z".repeat(500_000));
        (400, format!(r#"{{"Code":"{hostile}","Message":"{hostile}","__type":"{hostile}"}}"#))
    });
    let run = pull(&endpoint);
    assert!(!run.err.contains(['\u{1b}', '\u{7}']), "{}", &run.err[..400]);
    assert!(run.err.len() < 20_000, "{} bytes", run.err.len());
    assert!(run.err.contains("registry-"), "{}", run.err);
}
