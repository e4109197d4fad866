//! Signed requests, sent without the library's own client.

use serde_json::Value;
use simpledb_export::Credentials;
use simpledb_export::local::LocalService;
use simpledb_export::sigv4::{SignableBody, SignableRequest, Signer};
use time::OffsetDateTime;

pub(crate) use crate::support::temp_dir::TempDir;

/// A complete response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Signs and sends requests to one service.
pub(crate) struct Caller<'a> {
    service: &'a LocalService,
    pub(crate) credentials: Credentials,
    pub(crate) time: OffsetDateTime,
    pub(crate) region: &'a str,
    agent: ureq::Agent,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(service: &'a LocalService) -> Caller<'a> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Caller {
            service,
            credentials: service.credentials(),
            time: OffsetDateTime::now_utc(),
            region: service.region(),
            agent: config.into(),
        }
    }

    /// Calls an operation.
    pub(crate) fn call(&self, operation: &str, input: &Value) -> Response {
        let body = input.to_string();
        let url = format!("{}/v2/{operation}", self.service.endpoint_url());
        let request = SignableRequest {
            method: "POST",
            uri: &url,
            headers: &[("content-type", "application/json")],
            body: SignableBody::Bytes(body.as_bytes()),
        };
        let signed = Signer::new("sdb", self.region).sign(&request, &self.credentials, self.time);
        let mut request = self
            .agent
            .post(&url)
            .header("content-type", "application/json");
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        response(request.send(body.as_bytes()).unwrap())
    }

    /// Posts a form as it is, without a signature.
    pub(crate) fn form(&self, form: &str) -> Response {
        let request = self
            .agent
            .post(self.service.endpoint_url())
            .header("content-type", "application/x-www-form-urlencoded");
        response(request.send(form).unwrap())
    }

    /// Reads an object by GET or HEAD. `target` is the percent-encoded path, `host` the Host header.
    pub(crate) fn object(
        &self,
        method: &str,
        target: &str,
        host: &str,
        headers: &[(&str, &str)],
    ) -> Response {
        let mut headers = headers.to_vec();
        headers.push(("host", host));
        self.send(method, target, &headers, b"")
    }

    /// Sends any request to S3 in path style.
    pub(crate) fn s3(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let host = self.service.address().to_string();
        let mut headers = headers.to_vec();
        headers.push(("host", &host));
        self.send(method, target, &headers, body)
    }

    /// Sends a request to S3, which signs the host and headers that begin with `x-amz-`.
    fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let is_signed = |(name, _): &&(&str, &str)| *name == "host" || name.starts_with("x-amz-");
        let signed_headers: Vec<_> = headers.iter().filter(is_signed).copied().collect();
        let hash = headers
            .iter()
            .find(|(name, _)| *name == "x-amz-content-sha256");
        let request = SignableRequest {
            method,
            uri: target,
            headers: &signed_headers,
            body: match hash {
                Some((_, hash)) => SignableBody::Sha256Hex(hash),
                None => SignableBody::Bytes(body),
            },
        };
        let signed = Signer::s3(self.region).sign(&request, &self.credentials, self.time);
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.service.endpoint_url()));
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        let request = self.agent.configure_request(request);
        let request = request.allow_non_standard_methods(true).build();
        response(self.agent.run(request).unwrap())
    }

    /// Returns the bytes of a path-style request for an object, without a body.
    pub(crate) fn raw(&self, method: &str, target: &str) -> String {
        let host = self.service.address().to_string();
        let signable = SignableRequest {
            method,
            uri: target,
            headers: &[("host", &host)],
            body: SignableBody::Unsigned,
        };
        let signed = Signer::s3(self.region).sign(&signable, &self.credentials, self.time);
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n");
        for (name, value) in signed.headers() {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request + "\r\n"
    }

    /// Reads an object in path style.
    pub(crate) fn get(&self, target: &str) -> Response {
        self.s3("GET", target, &[], b"")
    }
}

fn response(response: ureq::http::Response<ureq::Body>) -> Response {
    let (head, body) = response.into_parts();
    Response {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.into_with_config().read_to_vec().unwrap(),
    }
}
