//! Reads the content of an upload, and verifies every checksum that came with it.

use std::io::{self, BufRead, BufReader, Read, Write};

use super::checksum::Checksum;
use crate::local::auth::UNSIGNED_PAYLOAD;
use crate::local::error::ServiceError;
use crate::local::exchange::Request;

/// The largest body of one request, as in S3.
const MAX_BYTES: u64 = 5 << 30;

/// How clients that send a checksum after the body name their framing.
const WITH_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// The longest line between the chunks of a body.
const MAX_LINE: u64 = 4 * 1024;

const PIECE_BYTES: usize = 64 * 1024;

/// A checksum's header and its value.
type Sent = (String, String);

/// Copies the content of an upload to `target`. Returns the checksum that S3 repeats in its response.
pub(super) fn copy(
    request: &Request,
    upload: &mut dyn Read,
    target: &mut dyn Write,
) -> Result<Option<Sent>, ServiceError> {
    check_length(request)?;
    let mut checksums: Vec<(Sent, Checksum)> = Vec::new();
    let is_chunked = match request.header("x-amz-content-sha256") {
        Some(WITH_TRAILER) => true,
        Some(other) if other.starts_with("STREAMING-") => {
            let what = format!("x-amz-content-sha256: {other} (signed chunks)");
            return Err(ServiceError::not_implemented(&what));
        }
        _ => false,
    };
    for (name, value) in request.headers() {
        if value == UNSIGNED_PAYLOAD || value == WITH_TRAILER {
            continue;
        }
        if let Some(checksum) = Checksum::of_header(name) {
            checksums.push(((name.to_owned(), value.to_owned()), checksum));
        } else if name.starts_with("x-amz-checksum-") && !is_about_checksums(name) {
            return Err(ServiceError::not_implemented(name));
        }
    }
    if is_chunked {
        for name in announced(request) {
            let checksum = Checksum::of_header(name);
            let checksum = checksum.ok_or_else(|| ServiceError::not_implemented(name))?;
            checksums.push(((name.to_owned(), String::new()), checksum));
        }
    }
    let mut content = Content {
        target,
        checksums,
        bytes: 0,
    };
    if is_chunked {
        copy_chunks(&mut BufReader::new(upload), &mut content)?;
        let length = request.header("x-amz-decoded-content-length");
        if length.and_then(|length| length.parse().ok()) != Some(content.bytes) {
            return Err(incomplete("x-amz-decoded-content-length is not its length"));
        }
    } else {
        content.copy(upload, u64::MAX)?;
    }
    content.finish()
}

/// Returns the names of the trailers that a request announces.
fn announced(request: &Request) -> impl Iterator<Item = &str> {
    let trailers = request.header("x-amz-trailer").unwrap_or_default();
    let names = trailers.split(',').map(str::trim);
    names.filter(|name| !name.is_empty())
}

/// Returns whether a header names an algorithm or a type rather than a checksum.
fn is_about_checksums(name: &str) -> bool {
    matches!(
        name,
        "x-amz-checksum-algorithm" | "x-amz-checksum-type" | "x-amz-checksum-mode"
    )
}

fn check_length(request: &Request) -> Result<(), ServiceError> {
    let length = request
        .header("x-amz-decoded-content-length")
        .or(request.header("content-length"))
        .ok_or_else(|| {
            ServiceError::new(
                411,
                "MissingContentLength",
                "the request has no Content-Length",
            )
        })?;
    if length.parse().is_ok_and(|length: u64| length <= MAX_BYTES) {
        return Ok(());
    }
    let message = format!("the body has {length} bytes; expected at most {MAX_BYTES}");
    Err(ServiceError::bad_request("EntityTooLarge", message))
}

/// The content on its way to the disk.
struct Content<'a> {
    target: &'a mut dyn Write,
    checksums: Vec<(Sent, Checksum)>,
    bytes: u64,
}

impl Content<'_> {
    /// Copies up to `count` bytes.
    fn copy(&mut self, from: &mut (impl Read + ?Sized), count: u64) -> Result<(), ServiceError> {
        let mut from = from.take(count);
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = match from.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(&error)),
            };
            let piece = piece.get(..read).unwrap_or(&piece);
            for (_, checksum) in &mut self.checksums {
                checksum.update(piece);
            }
            self.target.write_all(piece)?;
            self.bytes += read as u64;
        }
    }

    /// Sets the value of a checksum that follows the content.
    fn set(&mut self, name: &str, value: &str) {
        let mut sent = self.checksums.iter_mut().map(|(sent, _)| sent);
        if let Some(sent) = sent.find(|(announced, _)| announced == name) {
            value.clone_into(&mut sent.1);
        }
    }

    /// Compares all checksums.
    fn finish(self) -> Result<Option<Sent>, ServiceError> {
        let mut repeated = None;
        for ((name, value), checksum) in self.checksums {
            checksum.check(&name, &value)?;
            if name.starts_with("x-amz-checksum-") {
                repeated = Some((name, value));
            }
        }
        Ok(repeated)
    }
}

/// Copies the chunks of a body, and sets the checksums in the trailers after them.
fn copy_chunks(from: &mut dyn BufRead, content: &mut Content<'_>) -> Result<(), ServiceError> {
    loop {
        let line = read_line(from)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16)
            .map_err(|_| incomplete("a chunk does not begin with its size"))?;
        if size == 0 {
            break;
        }
        let before = content.bytes;
        content.copy(from, size)?;
        if content.bytes - before != size || !read_line(from)?.is_empty() {
            return Err(incomplete("a chunk does not have its size"));
        }
    }
    loop {
        let line = read_line(from)?;
        match line.split_once(':') {
            Some((name, value)) => content.set(&name.trim().to_ascii_lowercase(), value.trim()),
            None => return Ok(()),
        }
    }
}

/// Reads a line without its end; what is not a line is empty.
fn read_line(from: &mut dyn BufRead) -> Result<String, ServiceError> {
    let mut line = Vec::new();
    from.take(MAX_LINE)
        .read_until(b'\n', &mut line)
        .map_err(|error| broken(&error))?;
    let line = String::from_utf8(line).unwrap_or_default();
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn incomplete(what: &str) -> ServiceError {
    ServiceError::bad_request("IncompleteBody", format!("the body is malformed: {what}"))
}

fn broken(error: &io::Error) -> ServiceError {
    match error.kind() {
        io::ErrorKind::TimedOut => {
            ServiceError::bad_request("RequestTimeout", "the body was not received in time")
        }
        _ => ServiceError::bad_request(
            "IncompleteBody",
            format!("the body cannot be read: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKS: &str = "4\r\n1234\r\n5;ignored=1\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\
                          \r\n\r\n";

    fn copied(
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(String, Option<Sent>), ServiceError> {
        let mut target = Vec::new();
        let request = Request::new("PUT", "/bucket/key", headers, "");
        let sent = copy(&request, &mut body.as_bytes(), &mut target)?;
        Ok((String::from_utf8(target).unwrap(), sent))
    }

    fn chunked(length: &str, body: &str) -> Result<(String, Option<Sent>), ServiceError> {
        let headers = [
            ("content-length", "1"),
            ("x-amz-content-sha256", WITH_TRAILER),
            ("x-amz-decoded-content-length", length),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        copied(&headers, body)
    }

    #[test]
    fn reads_a_body_in_chunks_with_a_checksum_after_it() {
        let crc = ("x-amz-checksum-crc32".to_owned(), "y/Q5Jg==".to_owned());
        assert_eq!(
            chunked("9", CHUNKS),
            Ok(("123456789".to_owned(), Some(crc)))
        );
    }

    #[test]
    fn rejects_a_body_that_is_cut_or_damaged() {
        for (length, body) in [
            ("9", &CHUNKS[..CHUNKS.len() - 30]),
            ("9", &CHUNKS[..9]),
            ("9", &CHUNKS.replace("56789", "5678")),
            ("9", &CHUNKS.replace("6789", "6780")),
            ("9", &CHUNKS.replace("4\r\n1", "x\r\n1")),
            ("8", CHUNKS),
            ("", CHUNKS),
            ("9", ""),
        ] {
            let error = chunked(length, body).unwrap_err();
            assert_eq!(error.status, 400, "{body}");
            assert!(
                ["IncompleteBody", "BadDigest", "EntityTooLarge"].contains(&error.code),
                "{}",
                error.code
            );
        }
    }

    #[test]
    fn compares_each_checksum_of_the_headers() {
        let copied = |name, value| {
            let headers = [("content-length", "9"), (name, value)];
            copied(&headers, "123456789").map(|(_, sent)| sent.is_some())
        };
        assert_eq!(copied("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="), Ok(false));
        assert_eq!(copied("x-amz-checksum-crc32c", "4waSgw=="), Ok(true));
        assert_eq!(copied("x-amz-content-sha256", UNSIGNED_PAYLOAD), Ok(false));
        assert_eq!(copied("x-amz-checksum-algorithm", "CRC32"), Ok(false));
        for (name, code) in [
            ("content-md5", "BadDigest"),
            ("x-amz-checksum-crc32c", "BadDigest"),
            ("x-amz-content-sha256", "XAmzContentSHA256Mismatch"),
            ("x-amz-checksum-new", "NotImplemented"),
        ] {
            assert_eq!(copied(name, "wrong").unwrap_err().code, code, "{name}");
        }
        let signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
        let error = copied("x-amz-content-sha256", signed).unwrap_err();
        assert_eq!(error.code, "NotImplemented");
    }

    #[test]
    fn requires_a_length_that_s3_accepts() {
        assert_eq!(copied(&[], "").unwrap_err().code, "MissingContentLength");
        let large = [("content-length", "5368709121")];
        assert_eq!(copied(&large, "").unwrap_err().code, "EntityTooLarge");
    }
}
