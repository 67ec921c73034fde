//! The two streams: results on stdout, diagnostics on stderr.
//!
//! Colours are taken out where the stream is no terminal, or where `NO_COLOR` asks for it. A reader
//! that has gone away (`cargo event rules | head -1`) is no error: the rest of the output has nobody
//! to go to, and the exit code stays what it would have been.

use std::io::{self, BufWriter, Write};

use terminal_size::{Height, Width, terminal_size_of};

/// Where a command writes.
pub(crate) struct Terminal {
    /// Results.
    pub(crate) out: Box<dyn Write>,
    /// Diagnostics.
    pub(crate) err: Box<dyn Write>,
    /// Columns of the terminal that `out` goes to; nothing where it goes elsewhere.
    pub(crate) out_width: Option<usize>,
    /// The same of `err`.
    pub(crate) err_width: Option<usize>,
}

impl Terminal {
    /// The process's own streams.
    pub(crate) fn new() -> Terminal {
        Terminal {
            out: Box::new(Forgiving(BufWriter::new(anstream::stdout()))),
            err: Box::new(Forgiving(BufWriter::new(anstream::stderr()))),
            out_width: columns(terminal_size_of(io::stdout())),
            err_width: columns(terminal_size_of(io::stderr())),
        }
    }

    /// Writes out what is still held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush().and(self.err.flush())
    }
}

/// A terminal that does not say how wide it is says 0.
fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// A writer that takes a closed pipe for a reader who has seen enough.
struct Forgiving<W>(W);

impl<W: Write> Write for Forgiving<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails(io::ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn only_a_closed_pipe_is_forgiven() {
        let mut closed = Forgiving(Fails(io::ErrorKind::BrokenPipe));
        assert!(closed.write_all(b"x").and_then(|()| closed.flush()).is_ok());
        let mut full = Forgiving(Fails(io::ErrorKind::StorageFull));
        assert!(full.write_all(b"x").is_err() && full.flush().is_err());
    }
}
