//! The two output streams: results on stdout, diagnostics on stderr.
//!
//! The streams remove colours if they are not terminals, or if `NO_COLOR` is set. A closed pipe (`cargo event rules |
//! head -1`) is not an error: the rest of the output is dropped, and the exit code stays the same.

use std::io::{self, BufWriter, Write};

use terminal_size::{Height, Width, terminal_size_of};

/// Where a command writes.
pub(crate) struct Terminal {
    /// Results.
    pub(crate) out: Box<dyn Write>,
    /// Diagnostics.
    pub(crate) err: Box<dyn Write>,
    /// The number of columns of `out`, if it is a terminal.
    pub(crate) out_width: Option<usize>,
    /// The number of columns of `err`, if it is a terminal.
    pub(crate) err_width: Option<usize>,
}

impl Terminal {
    /// Returns the streams of the process.
    pub(crate) fn new() -> Terminal {
        Terminal {
            out: Box::new(Forgiving(BufWriter::new(anstream::stdout()))),
            err: Box::new(Forgiving(BufWriter::new(anstream::stderr()))),
            out_width: columns(terminal_size_of(io::stdout())),
            err_width: columns(terminal_size_of(io::stderr())),
        }
    }

    /// Flushes both streams.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush().and(self.err.flush())
    }
}

/// Returns the number of columns; a terminal without a known width reports 0.
fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// A writer that ignores a closed pipe.
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
    fn only_a_closed_pipe_is_ignored() {
        let mut closed = Forgiving(Fails(io::ErrorKind::BrokenPipe));
        assert!(closed.write_all(b"x").and_then(|()| closed.flush()).is_ok());
        let mut full = Forgiving(Fails(io::ErrorKind::StorageFull));
        assert!(full.write_all(b"x").is_err() && full.flush().is_err());
    }
}
