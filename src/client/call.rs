//! The one pipeline that all operations share: the input becomes JSON once, and each attempt is
//! credentials, signature, exchange, answer.

use std::time::{Duration, Instant};

use log::debug;

use super::Client;
use super::response::{self, Failed};
use crate::clock_skew;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http::HttpRequest;
use crate::operation::Operation;
use crate::retry::Attempts;
use crate::sigv4::{SignableBody, SignableRequest};
use crate::system::random_fraction;
use crate::url::Url;

/// More than a page of ListExports ever has; what is longer is not an answer of the service.
const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// What all attempts of a call have in common.
struct Call<'a> {
    operation: &'static str,
    url: String,
    body: &'a [u8],
    invocation_id: String,
}

impl Client {
    pub(super) fn call_anew<O: Operation>(&self, input: &O) -> Result<O::Output, Error> {
        let [invocation_id] = self.new_ids(O::NAME)?;
        self.call(input, invocation_id)
    }

    /// Input to output: the body once, then attempts until one succeeds or none is left.
    pub(super) fn call<O: Operation>(
        &self,
        input: &O,
        invocation_id: String,
    ) -> Result<O::Output, Error> {
        if let Some(member) = input.missing_member() {
            return Err(Error::missing_member(member).in_operation(O::NAME));
        }
        let mut body = Vec::with_capacity(256);
        serde_json::to_writer(&mut body, input).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the request cannot be written")
                .in_operation(O::NAME)
                .with_source(error)
        })?;
        let call = Call {
            operation: O::NAME,
            url: [self.0.endpoint_url.as_str(), "/v2/", O::NAME].concat(),
            body: &body,
            invocation_id,
        };
        let mut attempts = Attempts::new(self.0.config.get_retry_config(), &self.0.quota);
        let mut is_open = false;
        self.try_repeatedly::<O>(&call, &mut attempts, &mut is_open)
            .map_err(|error| {
                let made = attempts.made();
                let token = input.client_token().filter(|_| made > 0);
                error
                    .in_operation(O::NAME)
                    .after_attempts(made)
                    .with_client_token(token, is_open)
            })
    }

    /// Sets `is_open` where an attempt leaves open whether the service did what was asked for:
    /// no later attempt that is refused makes that known.
    fn try_repeatedly<O: Operation>(
        &self,
        call: &Call<'_>,
        attempts: &mut Attempts<'_>,
        is_open: &mut bool,
    ) -> Result<O::Output, Error> {
        let started = self.system().instant();
        loop {
            let credentials = self.provide_credentials(self.time_left(started))?;
            let left = self.time_left(started);
            if left.is_zero() {
                return Err(Error::new(
                    ErrorKind::Timeout,
                    "the time for the call was over before a request could be sent",
                )
                .retryable(true));
            }
            let attempt = attempts.begin();
            let Failed {
                error,
                failure,
                retry_after,
                leaves_open,
            } = match self.attempt::<O>(call, attempt, &credentials, left) {
                Ok(output) => {
                    attempts.succeeded();
                    return Ok(output);
                }
                Err(failed) => failed,
            };
            *is_open |= leaves_open;
            let delay = failure.and_then(|failure| {
                let jitter = random_fraction(self.system());
                let left = self.time_left(started);
                attempts.failed(failure, retry_after.as_deref(), jitter, left)
            });
            let Some(delay) = delay else {
                debug!(
                    "{}: attempt {attempt} failed, and is the last: {error}",
                    call.operation
                );
                return Err(error.retryable(failure.is_some()));
            };
            debug!(
                "{}: attempt {attempt} failed, next in {delay:?}: {error}",
                call.operation
            );
            self.system().sleep(delay);
        }
    }

    fn time_left(&self, started: Instant) -> Duration {
        let passed = self.system().instant().saturating_duration_since(started);
        self.0.config.get_operation_timeout().saturating_sub(passed)
    }

    /// Signs, sends, and reads what comes back.
    fn attempt<O: Operation>(
        &self,
        call: &Call<'_>,
        attempt: u32,
        credentials: &Credentials,
        left: Duration,
    ) -> Result<O::Output, Failed> {
        let config = &self.0.config;
        let system = self.system();
        let skew = self.skew();
        let sent = system.now();
        let content_type = ("content-type", "application/json");
        let signed = self.0.signer.sign(
            &SignableRequest {
                method: "POST",
                uri: &call.url,
                headers: &[content_type],
                body: SignableBody::Bytes(call.body),
            },
            credentials,
            sent.saturating_add(skew),
        );
        let max_attempts = config.get_retry_config().max_attempts();
        let attempt_of = format!("attempt={attempt}; max={max_attempts}");
        let trace_id = system.lambda_trace_id();
        let headers = [
            content_type,
            ("user-agent", self.0.user_agent.as_str()),
            ("amz-sdk-invocation-id", call.invocation_id.as_str()),
            ("amz-sdk-request", attempt_of.as_str()),
        ];
        let headers = headers
            .into_iter()
            .chain(trace_id.as_deref().map(|id| ("x-amzn-trace-id", id)))
            .chain(signed.headers());
        let request = HttpRequest {
            method: "POST",
            url: &call.url,
            body: call.body,
            max_body: MAX_ANSWER_BYTES,
            timeout: left.min(config.get_attempt_timeout()),
        };
        let url = Url::new(&call.url);
        debug!(
            "{}: attempt {attempt} of {max_attempts}: POST {}{}",
            call.operation, url.host_and_port, url.path
        );
        let answer = self
            .0
            .http
            .send(&request, headers)
            .map_err(Failed::of_exchange)?;
        debug!(
            "{}: attempt {attempt}: HTTP status {}, request id {}",
            call.operation,
            answer.status,
            response::request_id(&answer).unwrap_or("none")
        );
        let is_cached = answer.header("age").is_some();
        let measured = self.learn_skew(answer.header("date"), is_cached, sent);
        response::read::<O>(&answer, |code| {
            measured.is_some_and(|measured| clock_skew::is_to_blame(code, skew, measured))
        })
    }
}
