//! The one pipeline that the operations of all APIs share: each attempt gets credentials, signs,
//! sends, and reads the response.

use std::borrow::Cow;

use log::debug;
use time::{Duration, OffsetDateTime};

use super::Client;
use super::endpoint::Endpoint;
use super::response;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http::{HttpRequest, HttpResponse, Method, Url, header};
use crate::retry::{Attempts, Failed, Failure};
use crate::system::{Deadline, Uuid};

/// Far more than a page of a list; the service sends no longer response.
const MAX_RESPONSE_BYTES: u64 = 16 * 1024 * 1024;

/// The request of a call in the form of its API. It is signed anew for each attempt.
pub(crate) trait Request {
    /// The operation's name.
    const OPERATION: &'static str;

    const CONTENT_TYPE: &'static str;

    /// What an attempt's signature adds to the request.
    type Signed;

    type Output;

    fn url(&self) -> &Url;

    fn sign(&self, credentials: &Credentials, time: OffsetDateTime) -> Self::Signed;

    fn signing_headers(signed: &Self::Signed) -> impl Iterator<Item = (&'static str, &str)>;

    fn body<'s>(&'s self, signed: &'s Self::Signed) -> &'s [u8];

    /// Reads a response; `off_by` is how wrong it shows the time of the signature to be.
    ///
    /// Only a refusal says that the service has not done what it was asked for.
    fn read(
        &self,
        response: &HttpResponse,
        off_by: Option<Duration>,
    ) -> Result<Self::Output, Failed<Error>>;

    /// Returns the request's client token, for the error of a failed call.
    fn client_token(&self) -> Option<&str> {
        None
    }
}

/// One call of an operation: what its attempts share.
pub(crate) struct Call<'a, R> {
    client: &'a Client,
    endpoint: &'a Endpoint,
    request: R,
    invocation_id: Uuid,
    /// Whether an attempt may have done what the call is for: a later one that is refused does not
    /// say what came of it.
    is_outcome_unknown: bool,
}

impl<'a, R: Request> Call<'a, R> {
    pub(crate) fn run(
        client: &'a Client,
        endpoint: &'a Endpoint,
        request: R,
        invocation_id: Uuid,
    ) -> Result<R::Output, Error> {
        let mut call = Call {
            client,
            endpoint,
            request,
            invocation_id,
            is_outcome_unknown: false,
        };
        let config = client.config();
        let deadline = Deadline::new(client.system(), config.operation_timeout());
        let quota = &client.0.quota;
        let mut attempts = Attempts::new(R::OPERATION, config.retry_config(), quota, deadline);
        let result = attempts.run(|attempts| call.attempt(attempts));
        result.map_err(|Failed { error, failure, .. }| {
            let made = attempts.made();
            let token = call.request.client_token().filter(|_| made > 0);
            error
                .in_operation(R::OPERATION)
                .after_attempts(made)
                .retryable(failure.is_some())
                .with_client_token(token)
                .with_outcome_unknown(call.is_outcome_unknown && token.is_some())
        })
    }

    fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Result<R::Output, Failed<Error>> {
        let left = attempts.deadline().left();
        let credentials = self.client.provide_credentials(left)?;
        if attempts.deadline().has_passed() {
            let message = "the call timed out before a request could be sent";
            let error = Error::new(ErrorKind::Timeout, message).retryable(true);
            return Err(error.into());
        }
        self.exchange(attempts, &credentials)
            .and_then(|(response, off_by)| self.request.read(&response, off_by))
            .map_err(|mut failed| {
                self.is_outcome_unknown |= failed.error.is_outcome_unknown();
                let code = failed.error.code();
                if self.client.drop_expired(&credentials, code, attempts) {
                    failed.failure = Some(Failure::Transient);
                }
                failed
            })
    }

    /// Signs and sends a request; returns the response, and by how much it shows the time of the
    /// signature to be wrong.
    fn exchange(
        &self,
        attempts: &mut Attempts<'_>,
        credentials: &Credentials,
    ) -> Result<(HttpResponse, Option<Duration>), Failed<Error>> {
        let config = self.client.config();
        let system = self.client.system();
        let skew = &self.endpoint.skew;
        let signed_with = skew.get();
        let sent = system.now();
        let signed = self
            .request
            .sign(credentials, sent.saturating_add(signed_with));
        let attempt = attempts.begin();
        let max_attempts = config.retry_config().max_attempts.max(1);
        let attempt_of = match attempt {
            1 => Cow::Borrowed(self.client.0.first_attempt.as_str()),
            later => Cow::Owned(attempt_of(later, max_attempts)),
        };
        let trace_id = system.lambda_trace_id();
        let headers = self.headers(&signed, &attempt_of, trace_id.as_deref());
        let url = self.request.url();
        let request = HttpRequest {
            method: Method::POST,
            url,
            headers: &headers,
            content_type: Some(R::CONTENT_TYPE),
            body: self.request.body(&signed),
            max_body: MAX_RESPONSE_BYTES,
            is_unrepeatable: false,
            timeout: attempts.deadline().left().min(config.attempt_timeout()),
        };
        let operation = R::OPERATION;
        log_request(operation, attempt, max_attempts, url.as_str());
        let response = self
            .endpoint
            .http
            .send(&request)
            .map_err(response::failed_exchange)?;
        log_response(operation, attempt, &response);
        let is_cached = response.header(header::AGE).is_some();
        let measured = skew.learn(response.header(header::DATE), is_cached, sent, system.now());
        let off_by = measured.map(|measured| measured - signed_with);
        Ok((response, off_by))
    }

    fn headers<'s>(
        &'s self,
        signed: &'s R::Signed,
        attempt: &'s str,
        trace_id: Option<&'s str>,
    ) -> Vec<(&'static str, &'s str)> {
        let mut headers = Vec::with_capacity(6);
        headers.extend([
            ("amz-sdk-invocation-id", &*self.invocation_id),
            ("amz-sdk-request", attempt),
        ]);
        headers.extend(trace_id.map(|id| ("x-amzn-trace-id", id)));
        headers.extend(R::signing_headers(signed));
        headers
    }
}

/// Returns the value of `amz-sdk-request`.
pub(super) fn attempt_of(attempt: u32, max_attempts: u32) -> String {
    format!("attempt={attempt}; max={max_attempts}")
}

// Apart from the call, whose stack each message would add to.
fn log_request(operation: &str, attempt: u32, max_attempts: u32, url: &str) {
    debug!("{operation}: attempt {attempt} of {max_attempts}: POST {url}");
}

fn log_response(operation: &str, attempt: u32, response: &HttpResponse) {
    debug!(
        "{operation}: attempt {attempt}: HTTP status {}, request id {}",
        response.status,
        response::request_id(response).unwrap_or("none")
    );
}
