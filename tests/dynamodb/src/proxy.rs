//! Between client and server: counts, refuses, cuts.
//!
//! It knows as much of HTTP/1.1 as the two need: heads, and bodies with a `content-length`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is served.
    None,
    /// It is refused, as DynamoDB refuses what is too much. Nothing is done.
    Throttled,
    /// The connection is cut before the server sees it. Nothing is done.
    LostRequest,
    /// It is served, and the connection is cut before the client learns of it.
    LostAnswer,
    /// It is taken, and never answered. Nothing is done.
    Hung,
    /// Nothing is done, and the answer is a success with this body.
    Body(&'static str),
    /// Nothing is done, and the answer is a refusal with this body.
    Refusal(&'static str),
}

/// How often each operation was called.
pub type Calls = BTreeMap<String, u64>;

type Plan = Box<dyn FnMut(&str) -> Fault + Send>;

pub(crate) struct Proxy {
    server: SocketAddr,
    plan: Mutex<Plan>,
    calls: Mutex<Calls>,
}

/// One message, and where its body begins.
struct Message {
    bytes: Vec<u8>,
    head: usize,
}

impl Proxy {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let plan: Plan = Box::new(|_| Fault::None);
        Self { server, plan: Mutex::new(plan), calls: Mutex::default() }
    }

    pub(crate) fn plan(&self, plan: impl FnMut(&str) -> Fault + Send + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    pub(crate) fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((client, _)) = listener.accept().await {
            let proxy = Arc::clone(&self);
            // A connection that ends is no news: the SDK opens another.
            tokio::spawn(async move { proxy.connection(client).await.ok() });
        }
    }

    async fn connection(&self, mut client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let mut server = TcpStream::connect(self.server).await?;
        server.set_nodelay(true)?;
        while let Some(request) = read(&mut client).await? {
            let operation = request.operation();
            *self.calls.lock().unwrap().entry(operation.clone()).or_default() += 1;
            let fault = (self.plan.lock().unwrap())(&operation);
            match fault {
                Fault::LostRequest => return Ok(()),
                Fault::Hung => std::future::pending().await,
                Fault::Throttled => {
                    client.write_all(throttled().as_bytes()).await?;
                    continue;
                }
                Fault::Body(body) => {
                    client.write_all(answer("200 OK", body).as_bytes()).await?;
                    continue;
                }
                Fault::Refusal(body) => {
                    client.write_all(answer("400 Bad Request", body).as_bytes()).await?;
                    continue;
                }
                Fault::None | Fault::LostAnswer => {}
            }
            server.write_all(&request.bytes).await?;
            let Some(answer) = read(&mut server).await? else { return Ok(()) };
            if fault == Fault::LostAnswer {
                return Ok(());
            }
            client.write_all(&answer.bytes).await?;
        }
        Ok(())
    }
}

impl Message {
    fn header(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(&self.bytes[..self.head]);
        head.lines().find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// `DynamoDB_20120810.PutItem` is `PutItem`.
    fn operation(&self) -> String {
        let target = self.header("x-amz-target").unwrap_or_default();
        target.rsplit('.').next().unwrap_or_default().to_owned()
    }
}

/// A whole message; `None` at the end of the connection.
async fn read(from: &mut TcpStream) -> std::io::Result<Option<Message>> {
    let mut bytes = Vec::with_capacity(4096);
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if from.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let message = Message { bytes, head };
    let length: usize =
        message.header("content-length").and_then(|text| text.parse().ok()).unwrap_or_default();
    let Message { mut bytes, head } = message;
    while bytes.len() < head + length {
        if from.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Message { bytes, head }))
}

fn throttled() -> String {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"The level of configured provisioned throughput for the table was exceeded"}"#;
    answer("400 Bad Request", body)
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
