//! Hostile clients over raw sockets: slow ones, greedy ones, and pages in a browser.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::time::Duration;

use event_local::schemas::{Operation, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any timeout of these tests.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(200);

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).await.unwrap()
}

/// Reads the response until the server closes the connection. A reset counts as a close.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = async {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            all.extend_from_slice(&piece[..read]);
        }
    };
    timeout(LONG, read).await.expect("the connection is still open");
    String::from_utf8_lossy(&all).into_owned()
}

/// Returns the response to one request with these lines in its head.
async fn answer(server: &Server, target: &str, lines: &[&str], body: &str) -> String {
    let mut stream = connect(server).await;
    let (lines, length) = (lines.join("\r\n"), body.len());
    let request = format!(
        "{target} HTTP/1.1\r\n{lines}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    // A server that refuses the head does not read the rest of it.
    let _refused = stream.write_all(request.as_bytes()).await;
    rest(&mut stream).await
}

#[tokio::test]
async fn head_that_does_not_arrive_ends_its_connection() {
    let server = Server::builder().patience(SHORT, LONG).serve().await.unwrap();
    for begun in ["", "GET /v1/registries HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"]
    {
        let mut stream = connect(&server).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        rest(&mut stream).await;
    }
    // One byte at a time: each one would extend the timeout of a single read.
    let mut stream = connect(&server).await;
    let drip = async {
        for _ in 0..1000 {
            if stream.write_all(b"X").await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LONG / 2, drip).await.expect("drops are taken without end");
}

#[tokio::test]
async fn idle_connection_ends() {
    let server = Server::builder().patience(SHORT, LONG).serve().await.unwrap();
    let mut stream = connect(&server).await;
    let request = format!("GET /v1/registries HTTP/1.1\r\nHost: {}\r\n\r\n", server.address());
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn body_that_does_not_arrive_is_refused() {
    let server = Server::builder().patience(LONG, SHORT).serve().await.unwrap();
    let host = server.address();
    for head in ["Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a"] {
        let mut stream = connect(&server).await;
        let request = format!("POST /v1/registries/name/r HTTP/1.1\r\nHost: {host}\r\n{head}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        timeout(LONG, stream.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(&answer, b"HTTP/1.1 400");
    }
}

#[tokio::test]
async fn body_over_the_limit_is_refused() {
    let server = Server::builder().serve().await.unwrap();
    let mut stream = connect(&server).await;
    let head = format!(
        "POST /v1/registries/name/r HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.address()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    let (mut reader, mut writer) = stream.split();
    let flood = async {
        for _ in 0..10_000 {
            if writer.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let mut answer = [0; 12];
    let answered = async {
        tokio::select! {
            read = reader.read_exact(&mut answer) => read.is_ok(),
            () = flood => false,
        }
    };
    assert!(timeout(LONG, answered).await.expect("no answer"));
    assert_eq!(&answer, b"HTTP/1.1 400");
    assert_eq!(server.registries(), 0);
}

#[tokio::test]
async fn request_of_a_web_page_is_refused() {
    let server = Server::builder().serve().await.unwrap();
    let (host, port) = (server.address().to_string(), server.address().port());
    let own = format!("Host: {host}");
    let ask = async |target: &str, lines: &[&str]| {
        let answer = answer(&server, target, lines, "{}").await;
        answer.get(9..12).unwrap_or_default().to_owned()
    };
    let get = "GET /v1/registries";
    let local = format!("Host: LocalHost:{port}");
    let same = format!("Origin: http://{host}");
    for lines in [&[own.as_str()][..], &[&local], &[&own, &same]] {
        assert_eq!(ask(get, lines).await, "200", "{lines:?}");
    }
    // A foreign name that resolves to 127.0.0.1, and other names that are not this server's.
    let foreign = [
        format!("Host: evil.example:{port}"),
        format!("Host: 127.0.0.1.evil.example:{port}"),
        format!("Host: {host}.evil.example"),
        format!("Host: evil.example@{host}"),
        format!("Host: 127.0.0.1:{}", port ^ 1),
        "Host: 127.0.0.1".to_owned(),
        format!("Host: 0.0.0.0:{port}"),
        "Host: ".to_owned(),
        "Host: \u{fc}".to_owned(),
        "X-Forwarded-Host: 127.0.0.1".to_owned(),
        format!("Host: {host}\r\nHost: evil.example"),
        format!("Host: evil.example\r\nHost: {host}"),
    ];
    for line in &foreign {
        let status = ask(get, &[line]).await;
        assert!(["400", "403"].contains(&status.as_str()), "{line}: {status}");
        let status = ask("POST /v1/registries/name/r", &[line]).await;
        assert!(["400", "403"].contains(&status.as_str()), "{line}: {status}");
    }
    let absolute = "GET http://evil.example/v1/registries";
    assert_eq!(ask(absolute, &[&own]).await, "403");
    // A page of another site: what a form or a simple `fetch` sends.
    for origin in [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin:",
        "Origin: http://localhost",
        &format!("Origin: https://{host}"),
        &format!("Origin: http://{host}\r\nOrigin: https://evil.example"),
    ] {
        let lines = [own.as_str(), "Content-Type: text/plain", origin];
        assert_eq!(ask("POST /v1/registries/name/r", &lines).await, "403", "{origin}");
    }
    assert_eq!(server.registries(), 0);
    assert_eq!(server.calls(Operation::CreateRegistry), 0, "refused before it is looked at");
}

#[tokio::test]
async fn name_of_any_length_is_an_error() {
    let server = Server::builder().serve().await.unwrap();
    let host = format!("Host: {}", server.address());
    for length in [65, 1000, 60_000, 70_000, 1_000_000] {
        for letter in ["n", "%2F", "%00", "%f0%9f%92%a9"] {
            let name = letter.repeat(length / letter.len());
            let target = format!("POST /v1/registries/name/{name}");
            let answer = answer(&server, &target, &[&host], "{}").await;
            let status = answer.get(9..12).unwrap_or_default();
            // If it does not fit into a head, the connection may be closed at once.
            let refused = status.starts_with('4') || (length > 60_000 && status.is_empty());
            assert!(refused, "{length} of {letter}: {answer}");
        }
    }
    let long = format!("X-Long: {}", "x".repeat(1_000_000));
    let answer = answer(&server, "GET /v1/registries", &[&host, &long], "").await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.registries(), 0);
}

#[tokio::test]
async fn connections_are_bounded_and_held_ones_are_freed() {
    let server = Server::builder().connections(4).patience(SHORT * 5, LONG).serve().await.unwrap();
    let mut held = Vec::new();
    for _ in 0..16 {
        held.push(connect(&server).await);
    }
    let host = format!("Host: {}", server.address());
    let lines = [host.as_str()];
    let asked = timeout(LONG, answer(&server, "GET /v1/registries", &lines, "")).await;
    assert!(asked.expect("locked out").starts_with("HTTP/1.1 200"));
    drop(held);
}

#[tokio::test]
async fn shutdown_does_not_wait_for_idle_or_slow_connections() {
    let server = Server::builder().serve().await.unwrap();
    let (mut idle, mut slow) = (connect(&server).await, connect(&server).await);
    slow.write_all(b"GET /v1/reg").await.unwrap();
    let host = server.address();
    let request = format!("GET /v1/registries HTTP/1.1\r\nHost: {host}\r\n\r\n");
    idle.write_all(request.as_bytes()).await.unwrap();
    idle.read_exact(&mut [0; 12]).await.unwrap();
    timeout(LONG / 2, server.shutdown()).await.expect("the server does not end");
    assert!(TcpStream::connect(host).await.is_err());
}
