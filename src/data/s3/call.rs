//! A request to a bucket with retries, and its complete response.

use super::bucket::{Bucket, BucketRequest};
use super::refusal::Refusal;
use crate::error::Error;
use crate::http::{HttpStream, Method};
use crate::retry::{Attempts, Failed};

/// Far more than a list of a thousand uploads has.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The response to a request that succeeded.
pub(crate) struct Success {
    response: HttpStream,
    pub(crate) body: Vec<u8>,
}

impl Success {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }
}

impl Bucket {
    /// Sends a request with retries.
    pub(crate) fn call(
        &self,
        operation: &'static str,
        request: &BucketRequest<'_>,
    ) -> Result<Success, Error> {
        let mut attempts = self.attempts(operation);
        let result = attempts.run(|attempts| self.exchange(attempts, request));
        result.map_err(|failed| {
            let error = failed.error.in_operation(operation);
            error
                .after_attempts(attempts.made())
                .retryable(failed.failure.is_some())
        })
    }

    /// Sends a request, and reads its response. An error while parts are put together comes after the
    /// headers of a success.
    fn exchange(
        &self,
        attempts: &mut Attempts<'_>,
        request: &BucketRequest<'_>,
    ) -> Result<Success, Failed<Error>> {
        let ((), mut response) = self.attempt(attempts, request, |response| {
            (200..300).contains(&response.status).then_some(())
        })?;
        let body = self.read_body(&mut response, MAX_BODY_BYTES)?;
        if request.method == Method::POST {
            let refusal = Refusal::read(&body);
            if refusal.code.is_some() {
                return Err(refusal.into_failed(500, &response, None));
            }
        }
        Ok(Success { response, body })
    }
}
