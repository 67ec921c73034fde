//! A running server and its connections: how many are open, how long each may last, and which requests
//! are served.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::error::{ApiError, Kind};

/// The maximum lifetime of a connection.
const LIFE: Duration = Duration::from_mins(10);

/// The time that a request in flight has left when its connection ends.
const LAST_REQUEST: Duration = Duration::from_secs(2);

/// The maximum size of a request's head, in bytes.
const HEAD: usize = 64 * 1024;

/// The pause after `accept` failed, for example because no file descriptors are left.
const PAUSE: Duration = Duration::from_millis(50);

/// How long requests in flight may take when the server stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// The limits for clients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Connections at once. Further ones wait.
    pub(crate) connections: usize,
    /// The time for the head of a request, and between two requests.
    pub(crate) head: Duration,
    /// The time for its body.
    pub(crate) body: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { connections: 256, head: Duration::from_secs(15), body: Duration::from_secs(30) }
    }
}

/// A server in a task of the current runtime. When dropped, it stops at once.
#[derive(Debug)]
pub(crate) struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Binds 127.0.0.1 at this port (0: a free one), and serves requests for this server.
    pub(crate) async fn start(port: u16, router: Router, bounds: Bounds) -> io::Result<Running> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, guarded(router, address), bounds, stopped));
        Ok(Running { address, stop, task })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Accepts no more connections, lets requests in flight finish for a while, and stops.
    pub(crate) async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let _ = tokio::time::timeout(PATIENCE, &mut self.task).await;
    }

    /// Serves until the future completes, then shuts down.
    pub(crate) async fn run_until(mut self, end: impl Future<Output = ()>) -> io::Result<()> {
        tokio::select! {
            () = end => {
                self.shutdown().await;
                Ok(())
            }
            ended = &mut self.task => ended.map_err(io::Error::other),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves until `stop` changes, then lets requests in flight finish.
async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(bounds.connections.max(1)));
    let mut connections = JoinSet::new();
    loop {
        let taken = async {
            let permit = Arc::clone(&room).acquire_owned().await.ok()?;
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => return Some((stream, permit)),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        tokio::select! {
            _ = stop.changed() => break,
            Some((stream, permit)) = taken => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(stream, router, bounds, stop).await;
                    drop(permit);
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    router: Router,
    bounds: Bounds,
    mut stop: watch::Receiver<bool>,
) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = std::pin::pin!(served);
    tokio::select! {
        // A client that disconnects affects only itself.
        _ended = &mut served => return,
        _ = stop.wait_for(|stop| *stop) => {}
        () = tokio::time::sleep(LIFE) => {}
    }
    served.as_mut().graceful_shutdown();
    let _ended = tokio::time::timeout(LAST_REQUEST, served).await;
}

/// The router, restricted to requests for this server. A web page could reach it through a host
/// name that resolves to 127.0.0.1 or by a cross-site request: the former names another host, the
/// latter an origin.
fn guarded(router: Router, address: SocketAddr) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| async move {
        match admitted(&request, address) {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        }
    }))
}

fn admitted(request: &Request, address: SocketAddr) -> Result<(), ApiError> {
    let port = address.port();
    let own = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_own = |host: &str| own.iter().any(|own| own.eq_ignore_ascii_case(host));
    let refused = |what: &str| {
        let message = format!(
            "request refused because of its {what}: expected a request to `{}` or `{}` that does not come from a web page",
            own[0], own[1]
        );
        Err(ApiError::new(Kind::Forbidden, message))
    };
    // The authority of an absolute target overrides the header.
    let target = request.uri().authority();
    if target.is_some_and(|authority| !is_own(authority.as_str())) {
        return refused("target");
    }
    let Some(host) = only(request.headers(), header::HOST) else { return refused("`Host`") };
    if !is_own(host) {
        return refused("`Host`");
    }
    if request.headers().contains_key(header::ORIGIN) {
        let origin = only(request.headers(), header::ORIGIN).unwrap_or_default();
        if !origin.strip_prefix("http://").is_some_and(is_own) {
            return refused("`Origin`");
        }
    }
    Ok(())
}

/// The header, if it is present exactly once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() { None } else { first.to_str().ok() }
}
