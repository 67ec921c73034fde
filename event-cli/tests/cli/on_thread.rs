//! A server on a thread of its own, beside commands that block.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs until it is dropped.
pub(crate) struct OnThread<S> {
    pub(crate) server: Arc<S>,
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl<S: Send + Sync + 'static> OnThread<S> {
    pub(crate) fn serve<F>(start: impl FnOnce() -> F + Send + 'static) -> OnThread<S>
    where
        F: Future<Output = io::Result<S>>,
    {
        let (end, ended) = channel::<()>();
        let (tell, told) = channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tell.send(Arc::new(start().await.unwrap())).unwrap();
                while ended.try_recv() == Err(TryRecvError::Empty) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        });
        OnThread { server: told.recv().unwrap(), end: Some(end), thread: Some(thread) }
    }
}

impl<S> Drop for OnThread<S> {
    fn drop(&mut self) {
        drop(self.end.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
