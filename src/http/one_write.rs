//! Requests that leave in one write: ureq writes the head and the body of a request one after the
//! other, each with a system call, and over TLS a record, of its own.

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// What ends the head of a request.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Wraps every connection that comes out of the chain in a [`OneWriteTransport`].
#[derive(Debug)]
pub(super) struct OneWriteConnector;

impl<In: Transport> Connector<In> for OneWriteConnector {
    type Out = OneWriteTransport<In>;

    fn connect(
        &self,
        _details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| OneWriteTransport {
            inner,
            head: Vec::new(),
        }))
    }
}

/// Holds a head back until the body is there, or until an answer is waited for.
#[derive(Debug)]
pub(super) struct OneWriteTransport<T> {
    inner: T,
    head: Vec<u8>,
}

impl<T: Transport> OneWriteTransport<T> {
    /// Writes what was held back, and `amount` bytes of the output buffer after it.
    fn write(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let head = self.head.len();
        let output = self.inner.buffers().output();
        if let Some(room) = output.get_mut(..head + amount).filter(|_| head > 0) {
            room.copy_within(..amount, head);
            room[..head].copy_from_slice(&self.head);
            self.head.clear();
            return self.inner.transmit_output(head + amount, timeout);
        }
        if head > 0 {
            // Too large for one buffer: the body steps aside for the head.
            let body = output[..amount].to_vec();
            output[..head].copy_from_slice(&self.head);
            self.head.clear();
            self.inner.transmit_output(head, timeout)?;
            self.inner.buffers().output()[..amount].copy_from_slice(&body);
        }
        self.inner.transmit_output(amount, timeout)
    }
}

impl<T: Transport> Transport for OneWriteTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = &self.inner.buffers().output()[..amount];
        if self.head.is_empty() && output.ends_with(END_OF_HEAD) {
            self.head.extend_from_slice(output);
            return Ok(());
        }
        self.write(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        if !self.head.is_empty() {
            self.write(0, timeout)?;
        }
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::unversioned::transport::LazyBuffers;

    /// A connection that keeps every write.
    #[derive(Debug)]
    struct Recorder {
        buffers: LazyBuffers,
        writes: Vec<Vec<u8>>,
    }

    impl Transport for Recorder {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _timeout: NextTimeout) -> Result<(), Error> {
            self.writes.push(self.buffers.output()[..amount].to_vec());
            Ok(())
        }

        fn await_input(&mut self, _timeout: NextTimeout) -> Result<bool, Error> {
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    /// The writes that reach a connection with buffers of 16 bytes, where each text is written and
    /// an empty one waits for input.
    fn writes(texts: &[&str]) -> Vec<String> {
        let inner = Recorder {
            buffers: LazyBuffers::new(16, 16),
            writes: Vec::new(),
        };
        let mut transport = OneWriteTransport {
            inner,
            head: Vec::new(),
        };
        for text in texts {
            if text.is_empty() {
                transport.await_input(NextTimeout::default()).unwrap();
            } else {
                let output = transport.buffers().output();
                output[..text.len()].copy_from_slice(text.as_bytes());
                transport
                    .transmit_output(text.len(), NextTimeout::default())
                    .unwrap();
            }
        }
        let writes = transport.inner.writes.into_iter();
        writes
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect()
    }

    #[test]
    fn a_head_and_a_body_are_one_write() {
        assert_eq!(writes(&["head\r\n\r\n", "body", ""]), ["head\r\n\r\nbody"]);
        assert_eq!(
            writes(&["a\r\n\r\n", "b", "c", "", "d\r\n\r\n", "e", ""]),
            ["a\r\n\r\nb", "c", "d\r\n\r\ne"]
        );
    }

    #[test]
    fn a_head_alone_is_written_before_waiting() {
        assert_eq!(writes(&["head\r\n\r\n", "", ""]), ["head\r\n\r\n"]);
    }

    #[test]
    fn what_does_not_fit_into_the_buffer_is_two_writes_in_order() {
        assert_eq!(
            writes(&["head\r\n\r\n", "a long body", ""]),
            ["head\r\n\r\n", "a long body"]
        );
    }

    #[test]
    fn a_body_that_ends_like_a_head_is_written_too() {
        assert_eq!(
            writes(&["h\r\n\r\n", "b\r\n\r\n", ""]),
            ["h\r\n\r\nb\r\n\r\n"]
        );
    }
}
