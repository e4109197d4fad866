//! The one pipeline that all operations share: the input becomes JSON once; each attempt gets
//! credentials, signs, sends, and reads the response.

use log::debug;
use time::Duration;

use super::Client;
use super::response;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::operation::Operation;
use crate::retry::{Attempts, Failed, Failure};
use crate::sigv4::{SignableBody, SignableRequest};
use crate::system::Deadline;

/// Far more than a page of ListExports; the service sends no longer response.
const MAX_RESPONSE_BYTES: u64 = 16 * 1024 * 1024;

/// One call of an operation: what its attempts share.
pub(super) struct Call<'a, O> {
    client: &'a Client,
    input: &'a O,
    url: String,
    body: Vec<u8>,
    invocation_id: String,
    /// Whether an attempt may have done what the call is for: a later one that is refused does not
    /// say what came of it.
    is_outcome_unknown: bool,
}

impl<'a, O: Operation> Call<'a, O> {
    pub(super) fn new(
        client: &'a Client,
        input: &'a O,
        invocation_id: String,
    ) -> Result<Call<'a, O>, Error> {
        if let Some(member) = input.missing_member() {
            return Err(Error::missing_member(member).in_operation(O::NAME));
        }
        let mut body = Vec::with_capacity(256);
        serde_json::to_writer(&mut body, input).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the request cannot be written")
                .in_operation(O::NAME)
                .with_source(error)
        })?;
        Ok(Call {
            client,
            input,
            url: [client.endpoint_url(), "/v2/", O::NAME].concat(),
            body,
            invocation_id,
            is_outcome_unknown: false,
        })
    }

    pub(super) fn run(mut self) -> Result<O::Output, Error> {
        let config = self.client.config();
        let deadline = Deadline::new(self.client.system(), config.operation_timeout());
        let quota = &self.client.0.quota;
        let mut attempts = Attempts::new(O::NAME, config.retry_config(), quota, deadline);
        let result = attempts.run(|attempts| self.attempt(attempts));
        result.map_err(|Failed { error, failure, .. }| {
            let made = attempts.made();
            let token = self.input.client_token().filter(|_| made > 0);
            error
                .in_operation(O::NAME)
                .after_attempts(made)
                .retryable(failure.is_some())
                .with_client_token(token)
                .with_outcome_unknown(self.is_outcome_unknown && token.is_some())
        })
    }

    fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Result<O::Output, Failed<Error>> {
        let left = attempts.deadline().left();
        let credentials = self.client.provide_credentials(left)?;
        if attempts.deadline().has_passed() {
            let message = "the call timed out before a request could be sent";
            let error = Error::new(ErrorKind::Timeout, message).retryable(true);
            return Err(error.into());
        }
        self.exchange(attempts, &credentials)
            .and_then(|(response, off_by)| response::read(self.input, &response, off_by))
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
        let client = self.client;
        let config = client.config();
        let system = client.system();
        let skew = client.clock_skew();
        let signed_with = skew.get();
        let sent = system.now();
        let content_type = ("content-type", "application/json");
        let signed = client.0.signer.sign(
            &SignableRequest {
                method: "POST",
                uri: &self.url,
                headers: &[content_type],
                body: SignableBody::Bytes(&self.body),
            },
            credentials,
            sent.saturating_add(signed_with),
        );
        let attempt = attempts.begin();
        let max_attempts = config.retry_config().max_attempts.max(1);
        let attempt_of = format!("attempt={attempt}; max={max_attempts}");
        let trace_id = system.lambda_trace_id();
        let mut headers = Vec::with_capacity(8);
        headers.extend([
            content_type,
            ("user-agent", client.0.user_agent.as_str()),
            ("amz-sdk-invocation-id", self.invocation_id.as_str()),
            ("amz-sdk-request", attempt_of.as_str()),
        ]);
        headers.extend(trace_id.as_deref().map(|id| ("x-amzn-trace-id", id)));
        headers.extend(signed.headers());
        let request = HttpRequest {
            method: Method::POST,
            url: &self.url,
            headers: &headers,
            body: &self.body,
            max_body: MAX_RESPONSE_BYTES,
            is_unrepeatable: false,
            timeout: attempts.deadline().left().min(config.attempt_timeout()),
        };
        let operation = O::NAME;
        debug!(
            "{operation}: attempt {attempt} of {max_attempts}: POST {}",
            self.url
        );
        let response = client
            .0
            .http
            .send(&request)
            .map_err(response::failed_exchange)?;
        debug!(
            "{operation}: attempt {attempt}: HTTP status {}, request id {}",
            response.status,
            response::request_id(&response).unwrap_or("none")
        );
        let is_cached = response.header("age").is_some();
        let measured = skew.learn(response.header("date"), is_cached, sent, system.now());
        let off_by = measured.map(|measured| measured - signed_with);
        Ok((response, off_by))
    }
}
