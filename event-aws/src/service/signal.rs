//! The signals that stop a container.

use tracing::error;

/// Completes at SIGTERM, which stops a container, or at Ctrl-C.
///
/// # Example
///
/// ```no_run
/// # async fn run(poller: event_aws::SqsPoller) -> Result<(), Box<dyn std::error::Error>> {
/// poller.run(event_aws::service::shutdown_signal()).await?;
/// # Ok(())
/// # }
/// ```
pub async fn shutdown_signal() {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => {}
    }
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        error!(%error, "failed to listen to Ctrl-C");
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => _ = signal.recv().await,
        Err(error) => {
            error!(%error, "failed to listen to SIGTERM");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}
