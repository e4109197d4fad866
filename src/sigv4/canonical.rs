//! The canonical request: one text for every form in which the same request may be written.

use std::borrow::Cow;
use std::ops::Range;

use zeroize::Zeroize;

use super::{
    AmzDate, HexHash, SignableBody, SignableRequest, SigningSettings, UNSIGNED_PAYLOAD,
    push_string_to_sign,
};
use crate::credentials::Credentials;

/// Room for the string to sign, which is longer only with a very long name of a region.
const STRING_TO_SIGN: usize = 160;

/// The canonical request, and where its parts are.
pub(super) struct CanonicalRequest {
    /// Wiped when dropped, if it holds a session token.
    text: String,
    holds_token: bool,
    pub(super) adds: Adds,
    signed_headers: Range<usize>,
    payload_hash: Range<usize>,
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
        let payload_hash = PayloadHash::of(request.body);
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
            headers.push((Cow::Borrowed("x-amz-content-sha256"), payload_hash.as_str()));
        }
        if let (Some(token), false) = (credentials.session_token(), has("x-amz-security-token")) {
            adds.session_token = true;
            if settings.sign_session_token {
                headers.push((Cow::Borrowed("x-amz-security-token"), token));
            }
        }
        // Stable: the values of a repeated header stay in the order in which they are sent.
        sort_few(&mut headers, |(name, _)| &**name);

        let size = headers
            .iter()
            .map(|(name, value)| 2 * name.len() + value.len() + 3);
        let size = request.method.len()
            + 3 * request.uri.len()
            + 70
            + STRING_TO_SIGN
            + size.sum::<usize>();
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
        let hash_at = text.len();
        text.push_str(payload_hash.as_str());
        CanonicalRequest {
            payload_hash: hash_at..text.len(),
            text,
            holds_token: credentials.session_token().is_some() || has("x-amz-security-token"),
            adds,
            signed_headers,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text[..self.payload_hash.end]
    }

    /// `content-type;host;x-amz-date`
    pub(super) fn signed_headers(&self) -> &str {
        &self.text[self.signed_headers.clone()]
    }

    /// What stands for the body.
    pub(super) fn payload_hash(&self) -> &str {
        &self.text[self.payload_hash.clone()]
    }

    /// The string to sign, written behind the request: one allocation serves both.
    pub(super) fn string_to_sign(&mut self, date: &AmzDate, scope: &str) -> &str {
        let end = self.payload_hash.end;
        self.text.truncate(end);
        let hash = HexHash::of(self.text.as_bytes());
        push_string_to_sign(&mut self.text, &hash, date, scope);
        &self.text[end..]
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

/// What stands for the body in the canonical request.
enum PayloadHash<'a> {
    Made(HexHash),
    Given(&'a str),
}

impl PayloadHash<'_> {
    fn of(body: SignableBody<'_>) -> PayloadHash<'_> {
        match body {
            SignableBody::Bytes(bytes) => PayloadHash::Made(HexHash::of(bytes)),
            SignableBody::Sha256Hex(hash) => PayloadHash::Given(hash),
            SignableBody::Unsigned => PayloadHash::Given(UNSIGNED_PAYLOAD),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            PayloadHash::Made(hash) => hash.as_str(),
            PayloadHash::Given(hash) => hash,
        }
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
    let scheme = before(uri, |byte| matches!(byte, b':' | b'/' | b'?'));
    let (authority, rest) = match uri[scheme.len()..].strip_prefix("://") {
        Some(rest) => {
            let authority = before(rest, |byte| matches!(byte, b'/' | b'?'));
            // What comes before an `@` is never part of the host header.
            let at = authority.bytes().rposition(|byte| byte == b'@');
            let host = &authority[at.map_or(0, |at| at + 1)..];
            (Some(host), &rest[authority.len()..])
        }
        None => (None, uri),
    };
    let path = before(rest, |byte| byte == b'?');
    let query = rest[path.len()..].strip_prefix('?').unwrap_or_default();
    (authority, path, query)
}

/// The text up to the first ASCII character that ends it, or all of it.
fn before(text: &str, is_end: impl Fn(u8) -> bool) -> &str {
    let end = text.bytes().position(is_end);
    &text[..end.unwrap_or(text.len())]
}

fn push_path(text: &mut String, path: &str, settings: SigningSettings) {
    if is_settled(path) {
        text.push_str(path);
        return;
    }
    let path = if settings.normalize_path {
        Cow::Owned(normalize_path(path))
    } else {
        Cow::Borrowed(path)
    };
    match (&*path, settings.encode_path_again) {
        ("", _) => text.push('/'),
        (path, true) => push_encoded(text, path.as_bytes(), b"/"),
        (path, false) => text.push_str(path),
    }
}

/// Whether there is nothing to resolve, collapse or encode in a path: found in one look, for
/// nearly every path is so.
fn is_settled(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|byte| byte == b'/' || is_unreserved(byte))
        && !path
            .as_bytes()
            .windows(2)
            .any(|pair| matches!(pair, [b'/', b'/' | b'.']))
}

/// Resolves `.` and `..` and collapses repeated slashes; a slash at the end stays.
fn normalize_path(path: &str) -> String {
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
    normal
}

/// A stable sort of what is never many: the library's own, made for millions, is 12 KB of code for
/// these two lists.
fn sort_few<T, K: Ord + ?Sized>(items: &mut [T], key: impl Fn(&T) -> &K) {
    for end in 1..items.len() {
        let (sorted, rest) = items.split_at(end);
        let Some(next) = rest.first() else { return };
        let at = sorted.partition_point(|item| key(item) <= key(next));
        items[at..=end].rotate_right(1);
    }
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
    sort_few(&mut parameters, |parameter| parameter);
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

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Percent-encodes all but the unreserved characters of RFC 3986 and those named.
pub(crate) fn push_encoded(text: &mut String, bytes: &[u8], also_plain: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let is_plain = |byte: &u8| is_unreserved(*byte) || also_plain.contains(byte);
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
    // Looks at every byte, which is faster than to stop at the first.
    let spaces = value
        .bytes()
        .fold(0, |found, byte| found | u8::from(byte <= b' '));
    if spaces == 0 {
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
