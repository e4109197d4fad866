//! A request to a bucket with retries, and its complete response.

use std::fmt;

use super::bucket::{Bucket, BucketRequest, Refused, Response};
use crate::error::Error;
use crate::http::{HttpStream, Method};
use crate::retry::{Attempts, Failed, Failure, Quota};
use crate::system::Deadline;

/// Far more than a list of a thousand uploads has.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// How often S3 may report that the bucket is in another region.
const MAX_MOVES: u32 = 2;

/// The response to a request that succeeded.
pub(crate) struct Success {
    stream: HttpStream,
    pub(crate) body: Vec<u8>,
}

impl Success {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.stream.header(name)
    }
}

impl Bucket {
    /// Sends a request with retries, also to another region if the bucket is there.
    pub(crate) fn call_moving(
        &mut self,
        quota: &Quota,
        operation: &'static str,
        request: &BucketRequest<'_>,
    ) -> Result<Success, Error> {
        for _ in 0..MAX_MOVES {
            match self.try_call(quota, operation, request) {
                Err(Refused {
                    region: Some(region),
                    ..
                }) => self.move_to(&region)?,
                result => return result.map_err(|refused| refused.error),
            }
        }
        self.call(quota, operation, request)
    }

    /// Sends a request with retries.
    pub(crate) fn call(
        &self,
        quota: &Quota,
        operation: &'static str,
        request: &BucketRequest<'_>,
    ) -> Result<Success, Error> {
        let called = self.try_call(quota, operation, request);
        called.map_err(|refused| refused.error)
    }

    fn try_call(
        &self,
        quota: &Quota,
        operation: &'static str,
        request: &BucketRequest<'_>,
    ) -> Result<Success, Refused> {
        let config = self.client().config();
        let deadline = Deadline::new(self.client().system(), config.operation_timeout());
        let mut attempts = Attempts::new(operation, config.retry_config(), quota, deadline);
        let result = attempts.run(|attempts| self.attempt(attempts, request));
        result.map_err(|failed| Refused {
            error: failed
                .error
                .error
                .in_operation(operation)
                .after_attempts(attempts.made())
                .retryable(failed.failure.is_some()),
            region: failed.error.region,
        })
    }

    fn attempt(
        &self,
        attempts: &mut Attempts<'_>,
        request: &BucketRequest<'_>,
    ) -> Result<Success, Failed<Refused>> {
        let client = self.client();
        let credentials = client
            .provide_credentials(attempts.deadline().left())
            .map_err(Refused::from)?;
        attempts.begin();
        let exchanged = self
            .send(request, &credentials)
            .map_err(Refused::of_exchange)
            .and_then(|response| self.complete(request, response));
        exchanged.map_err(|mut failed| {
            let code = failed.error.error.code();
            if client.drop_expired(&credentials, code, attempts) {
                failed.failure = Some(Failure::Transient);
            }
            failed
        })
    }

    /// Reads the rest of a response. An error while parts are put together comes after the headers of
    /// a success.
    fn complete(
        &self,
        request: &BucketRequest<'_>,
        mut response: Response,
    ) -> Result<Success, Failed<Refused>> {
        if !(200..300).contains(&response.stream.status) {
            return Err(self.refused(response));
        }
        let body = self
            .read_body(&mut response.stream, MAX_BODY_BYTES)
            .map_err(Refused::of_exchange)?;
        match self.refusal_in(&body, 500, &response) {
            Some(failed) if request.method == Method::POST => Err(failed),
            _ => Ok(Success {
                stream: response.stream,
                body,
            }),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
