//! A child's standard output, read with a time limit.

use std::io::{self, Read};
use std::process::{Child, Command};
use std::time::Duration;

/// What a child prints.
///
/// It is a socket because reads from one can time out: a thread that reads a pipe could not be
/// stopped while any descendant of the child holds the other end.
#[cfg(unix)]
pub(super) struct Output(std::os::unix::net::UnixStream);

#[cfg(unix)]
impl Output {
    /// Starts a command and connects to its standard output.
    pub(super) fn of(command: &mut Command) -> io::Result<(Child, Output)> {
        let (output, stdout) = std::os::unix::net::UnixStream::pair()?;
        let child = command.stdout(std::os::fd::OwnedFd::from(stdout)).spawn()?;
        // The command holds our copy of the child's end.
        command.stdout(std::process::Stdio::null());
        Ok((child, Output(output)))
    }

    /// Reads what there is, up to the end of the output (0 bytes) or the time limit (an error).
    pub(super) fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.0.set_read_timeout(Some(timeout))?;
        self.0.read(buffer)
    }
}

/// What a child prints, read by a thread that lives until every descendant has closed it.
#[cfg(not(unix))]
pub(super) struct Output(std::sync::mpsc::Receiver<io::Result<zeroize::Zeroizing<Vec<u8>>>>);

#[cfg(not(unix))]
impl Output {
    /// Starts a command and connects to its standard output.
    pub(super) fn of(command: &mut Command) -> io::Result<(Child, Output)> {
        let mut child = command.stdout(std::process::Stdio::piped()).spawn()?;
        let (sender, receiver) = std::sync::mpsc::sync_channel(0);
        if let Some(mut stdout) = child.stdout.take() {
            let mut forward = move || {
                loop {
                    let mut bytes = zeroize::Zeroizing::new(vec![0; 4096]);
                    let read = stdout.read(&mut bytes);
                    let is_last = !matches!(read, Ok(1..));
                    let read = read.map(|read| {
                        bytes.truncate(read);
                        bytes
                    });
                    if sender.send(read).is_err() || is_last {
                        return;
                    }
                }
            };
            crate::system::start_thread("credential-process", Box::new(move || forward()))?;
        }
        Ok((child, Output(receiver)))
    }

    /// Reads what there is, up to the end of the output (0 bytes) or the time limit (an error).
    pub(super) fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let bytes = self.0.recv_timeout(timeout);
        let bytes = bytes.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        Ok(length)
    }
}
