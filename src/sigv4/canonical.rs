//! The canonical request: one text for all forms of the same request.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::mem;
use std::ops::Range;

use zeroize::Zeroize;

use super::{ALGORITHM, HexHash, SignableBody, SignableRequest, UNSIGNED_PAYLOAD};
use crate::credentials::Credentials;
use crate::wire::percent;

/// Capacity for the string to sign, which is longer only with a very long region name.
const STRING_TO_SIGN: usize = 160;

/// The canonical request and the positions of its parts.
pub(super) struct CanonicalRequest {
    /// Wiped when dropped, if it holds a session token.
    text: String,
    holds_token: bool,
    pub(super) adds: Adds,
    signed_headers: Range<usize>,
    payload_hash: Range<usize>,
}

/// The name and value of a header or of a query's parameter.
type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The headers that signing adds.
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
        date: &str,
        is_s3: bool,
    ) -> CanonicalRequest {
        let (authority, target) = split_uri(request.uri);
        let payload_hash = PayloadHash::of(request.body);
        let mut headers: Vec<Pair<'_>> = Vec::with_capacity(request.headers.len() + 4);
        let given = request.headers.iter();
        headers.extend(given.map(|(name, value)| (lower_case(name), Cow::Borrowed(*value))));
        let mut add = |name, value: Option<_>| {
            let added = value.filter(|_| headers.iter().all(|(given, _)| given != name));
            headers.extend(added.map(|value| (Cow::Borrowed(name), Cow::Borrowed(value))));
            added.is_some()
        };
        add("host", authority);
        let adds = Adds {
            amz_date: add("x-amz-date", Some(date)),
            content_sha256: add("x-amz-content-sha256", is_s3.then(|| payload_hash.as_str())),
            session_token: add("x-amz-security-token", credentials.session_token()),
        };
        // Stable: the values of a repeated header stay in the order of sending.
        sort(&mut headers, |(a, _), (b, _)| a.cmp(b));

        let mut text = String::with_capacity(capacity(request, &headers));
        text.push_str(request.method);
        text.push('\n');
        push_target(&mut text, target, is_s3);
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
            holds_token: headers
                .iter()
                .any(|(name, _)| name == "x-amz-security-token"),
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

    pub(super) fn payload_hash(&self) -> &str {
        &self.text[self.payload_hash.clone()]
    }

    /// Returns the string to sign, written behind the request: one allocation serves both.
    pub(super) fn string_to_sign(&mut self, date: &str, scope: &str) -> &str {
        let end = self.payload_hash.end;
        self.text.truncate(end);
        let hash = HexHash::of(self.text.as_bytes());
        for line in [ALGORITHM, date, scope] {
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.text.push_str(hash.as_str());
        &self.text[end..]
    }
}

impl Drop for CanonicalRequest {
    fn drop(&mut self) {
        // Wiping byte by byte takes as long as a hash.
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

/// Returns room for the canonical request and the string to sign.
fn capacity(request: &SignableRequest<'_>, headers: &[Pair<'_>]) -> usize {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| 2 * name.len() + value.len() + 3);
    request.method.len() + 3 * request.uri.len() + 70 + headers.sum::<usize>() + STRING_TO_SIGN
}

/// Sorts stably. Not generic, so that headers and parameters share the code of one sort.
fn sort<'a>(pairs: &mut [Pair<'a>], compare: fn(&Pair<'a>, &Pair<'a>) -> Ordering) {
    pairs.sort_by(compare);
}

fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Splits a URI into the host, with its port, and the path with the query.
fn split_uri(uri: &str) -> (Option<&str>, &str) {
    let after_scheme = uri.split_once(':').and_then(|(scheme, rest)| {
        let is_scheme = !scheme.contains(['/', '?']);
        rest.strip_prefix("//").filter(|_| is_scheme)
    });
    let Some(rest) = after_scheme else {
        return (None, uri);
    };
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?'));
    let (authority, target) = rest.split_at(end.unwrap_or(rest.len()));
    // User information is not part of the `host` header.
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    (Some(host), target)
}

/// Writes the lines of the path and the query.
fn push_target(text: &mut String, target: &str, is_s3: bool) {
    if is_settled(target) {
        text.push_str(target);
        text.push_str("\n\n");
        return;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    push_path(text, path, is_s3);
    text.push('\n');
    push_query(text, query);
    text.push('\n');
}

/// Writes the path as it is for S3, and otherwise normalized and encoded once more.
fn push_path(text: &mut String, path: &str, is_s3: bool) {
    if is_s3 {
        text.push_str(if path.is_empty() { "/" } else { path });
    } else {
        text.extend(percent::encode_path(&normalize_path(path)));
    }
}

/// Returns whether there is no query, and nothing to resolve, collapse or encode in the path, as in
/// nearly every request.
fn is_settled(target: &str) -> bool {
    let mut last = 0;
    target.starts_with('/')
        && target.bytes().all(|byte| {
            let follows_slash = mem::replace(&mut last, byte) == b'/';
            match byte {
                b'/' | b'.' => !follows_slash,
                byte => is_unreserved(byte),
            }
        })
}

/// Resolves `.` and `..` and collapses repeated slashes; a trailing slash stays.
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

/// Sorts the parameters by their encoded names, then values, however they were encoded.
fn push_query(text: &mut String, query: &str) {
    let mut parameters = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        parameters.push((encode_again(name), encode_again(value)));
    }
    sort(&mut parameters, Pair::cmp);
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
fn encode_again(component: &str) -> Cow<'static, str> {
    Cow::Owned(percent::encode(&percent::decode(component)).to_string())
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Writes a line per name, with the values of a repeated name joined by commas.
fn push_headers(text: &mut String, headers: &[Pair<'_>]) {
    for group in headers.chunk_by(|(a, _), (b, _)| a == b) {
        for (index, (name, value)) in group.iter().enumerate() {
            if index == 0 {
                text.push_str(name);
                text.push(':');
            } else {
                text.push(',');
            }
            push_trimmed(text, value);
        }
        text.push('\n');
    }
}

fn push_names(text: &mut String, headers: &[Pair<'_>]) {
    for (index, group) in headers.chunk_by(|(a, _), (b, _)| a == b).enumerate() {
        if index > 0 {
            text.push(';');
        }
        text.push_str(&group[0].0);
    }
}

/// Trims a header's value and turns every run of white space in it into one space.
fn push_trimmed(text: &mut String, value: &str) {
    // Checking every byte is faster than stopping at the first match.
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
