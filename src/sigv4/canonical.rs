//! The canonical request: one text for every form in which the same request may be written.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::{AmzDate, SignableBody, SignableRequest, SigningSettings, UNSIGNED_PAYLOAD, push_hex};
use crate::credentials::Credentials;

/// The canonical request, and where its parts are.
pub(super) struct CanonicalRequest {
    /// Wiped when dropped, if it holds a session token.
    pub(super) text: String,
    holds_token: bool,
    pub(super) adds: Adds,
    signed_headers: std::ops::Range<usize>,
}

/// Which headers the request lacks and gets by signing.
#[derive(Default)]
pub(super) struct Adds {
    pub(super) amz_date: bool,
    pub(super) content_sha256: bool,
    pub(super) session_token: bool,
}

impl CanonicalRequest {
    pub(super) fn new(
        request: &SignableRequest<'_>,
        credentials: &Credentials,
        date: &AmzDate,
        settings: SigningSettings,
    ) -> CanonicalRequest {
        let (authority, path, query) = split_uri(request.uri);
        let payload_hash = payload_hash(request.body);
        let has = |name: &str| {
            request
                .headers
                .iter()
                .any(|(n, _)| n.eq_ignore_ascii_case(name))
        };
        let mut adds = Adds::default();

        let mut headers: Vec<(Cow<'_, str>, &str)> = Vec::with_capacity(request.headers.len() + 4);
        headers.extend(
            request
                .headers
                .iter()
                .map(|(name, value)| (lower_case(name), *value)),
        );
        if let (Some(authority), false) = (authority, has("host")) {
            headers.push((Cow::Borrowed("host"), authority));
        }
        if !has("x-amz-date") {
            adds.amz_date = true;
            headers.push((Cow::Borrowed("x-amz-date"), date.as_str()));
        }
        if settings.content_sha256_header && !has("x-amz-content-sha256") {
            adds.content_sha256 = true;
            headers.push((Cow::Borrowed("x-amz-content-sha256"), &payload_hash));
        }
        if let (Some(token), false) = (credentials.session_token(), has("x-amz-security-token")) {
            adds.session_token = true;
            if settings.sign_session_token {
                headers.push((Cow::Borrowed("x-amz-security-token"), token));
            }
        }
        // Stable: the values of a repeated header stay in the order in which they are sent.
        headers.sort_by(|(a, _), (b, _)| a.cmp(b));

        let size = headers
            .iter()
            .map(|(name, value)| 2 * name.len() + value.len() + 3);
        let size = request.method.len() + 3 * request.uri.len() + 70 + size.sum::<usize>();
        let mut text = String::with_capacity(size);
        text.push_str(request.method);
        text.push('\n');
        push_path(&mut text, path, settings);
        text.push('\n');
        push_query(&mut text, query);
        text.push('\n');
        push_headers(&mut text, &headers);
        text.push('\n');
        let names_at = text.len();
        push_names(&mut text, &headers);
        let signed_headers = names_at..text.len();
        text.push('\n');
        text.push_str(&payload_hash);
        CanonicalRequest {
            text,
            holds_token: credentials.session_token().is_some() || has("x-amz-security-token"),
            adds,
            signed_headers,
        }
    }

    /// `content-type;host;x-amz-date`
    pub(super) fn signed_headers(&self) -> &str {
        &self.text[self.signed_headers.clone()]
    }

    pub(super) fn payload_hash(&self) -> &str {
        &self.text[self.signed_headers.end + 1..]
    }
}

impl Drop for CanonicalRequest {
    fn drop(&mut self) {
        // Wiping goes byte by byte, which takes as long as a hash.
        if self.holds_token {
            self.text.zeroize();
        }
    }
}

fn payload_hash(body: SignableBody<'_>) -> Cow<'_, str> {
    match body {
        SignableBody::Bytes(bytes) => {
            let mut hash = String::with_capacity(64);
            push_hex(&mut hash, &Sha256::digest(bytes).into());
            Cow::Owned(hash)
        }
        SignableBody::Sha256Hex(hash) => Cow::Borrowed(hash),
        SignableBody::Unsigned => Cow::Borrowed(UNSIGNED_PAYLOAD),
    }
}

fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Splits a URI into authority, path and query.
fn split_uri(uri: &str) -> (Option<&str>, &str, &str) {
    let absolute = uri
        .split_once(':')
        .filter(|(scheme, _)| !scheme.contains(['/', '?']))
        .and_then(|(_, rest)| rest.strip_prefix("//"));
    let (authority, rest) = match absolute {
        Some(rest) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            // What comes before an `@` is never part of the host header.
            let authority = &rest[..end];
            let host = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            (Some(host), &rest[end..])
        }
        None => (None, uri),
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (authority, path, query)
}

fn push_path(text: &mut String, path: &str, settings: SigningSettings) {
    let path = if settings.normalize_path {
        normalize_path(path)
    } else {
        Cow::Borrowed(path)
    };
    match (&*path, settings.encode_path_again) {
        ("", _) => text.push('/'),
        (path, true) => push_encoded(text, path.as_bytes(), b"/"),
        (path, false) => text.push_str(path),
    }
}

/// Resolves `.` and `..` and collapses repeated slashes; a slash at the end stays.
fn normalize_path(path: &str) -> Cow<'_, str> {
    let is_plain = path.starts_with('/')
        && path[1..]
            .trim_end_matches('/')
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
        && !path.ends_with("//");
    if is_plain {
        return Cow::Borrowed(path);
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut normal = String::with_capacity(path.len() + 1);
    for segment in &segments {
        normal.push('/');
        normal.push_str(segment);
    }
    let is_directory = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if normal.is_empty() || is_directory {
        normal.push('/');
    }
    Cow::Owned(normal)
}

/// Sorts the parameters by their encoded names, then values, whatever way they were encoded.
fn push_query(text: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (encode_again(name), encode_again(value))
        })
        .collect();
    parameters.sort_unstable();
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
}

/// Decodes and encodes, so that `%7e` and `~` become the same.
fn encode_again(component: &str) -> String {
    let bytes = component.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |index: usize| {
            let digit = char::from(*bytes.get(index)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    let mut encoded = String::with_capacity(component.len());
    push_encoded(&mut encoded, &decoded, b"");
    encoded
}

/// Percent-encodes all but the unreserved characters of RFC 3986 and those named.
pub(crate) fn push_encoded(text: &mut String, bytes: &[u8], also_plain: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || also_plain.contains(byte)
    };
    // Mostly there is nothing to encode.
    if let (true, Ok(plain)) = (bytes.iter().all(is_plain), std::str::from_utf8(bytes)) {
        text.push_str(plain);
        return;
    }
    for byte in bytes {
        if is_plain(byte) {
            text.push(char::from(*byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// A line a name; the values of a repeated name joined by commas.
fn push_headers(text: &mut String, headers: &[(Cow<'_, str>, &str)]) {
    for group in headers.chunk_by(|(a, _), (b, _)| a == b) {
        for (index, (name, value)) in group.iter().enumerate() {
            text.push_str(if index == 0 { name } else { "," });
            if index == 0 {
                text.push(':');
            }
            push_trimmed(text, value);
        }
        text.push('\n');
    }
}

fn push_names(text: &mut String, headers: &[(Cow<'_, str>, &str)]) {
    for (index, group) in headers.chunk_by(|(a, _), (b, _)| a == b).enumerate() {
        if index > 0 {
            text.push(';');
        }
        text.push_str(&group[0].0);
    }
}

/// Trims a header's value and makes every run of white space in it one space.
fn push_trimmed(text: &mut String, value: &str) {
    let bytes = value.as_bytes();
    let is_plain = !bytes.starts_with(b" ")
        && !bytes.ends_with(b" ")
        && !bytes.windows(2).any(|pair| pair == b"  ")
        && !bytes
            .iter()
            .any(|byte| matches!(byte, b'\t' | b'\r' | b'\n'));
    if is_plain {
        text.push_str(value);
        return;
    }
    for (index, word) in value.split_ascii_whitespace().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
}
