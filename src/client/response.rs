//! What the responses of all APIs have in common.

use crate::clock_skew;
use crate::error::Error;
use crate::http::{HttpFailure, HttpResponse};
use crate::retry::{Failed, Failure};
use crate::wire::error_body::ErrorBody;

/// An exchange that brought no response.
pub(super) fn failed_exchange(failure: HttpFailure) -> Failed<Error> {
    let retryable = failure.is_transient.then_some(Failure::Transient);
    let is_outcome_unknown = !failure.is_unsent;
    let error = Error::from(failure).with_outcome_unknown(is_outcome_unknown);
    Failed::new(error, retryable)
}

/// Returns whether the status is that of a success.
pub(crate) fn is_success(response: &HttpResponse) -> bool {
    matches!(response.status, 200..=299)
}

/// A response of another status, whose body has been read; `off_by` is how wrong it shows the time
/// of the signature to be.
pub(crate) fn refused(
    response: &HttpResponse,
    request_id: Option<String>,
    mut body: ErrorBody,
    off_by: Option<time::Duration>,
) -> Failed<Error> {
    let status = response.status;
    if matches!(status, 300..=399) && body.code.is_none() {
        body.message = Some(
            "the endpoint redirects, and a signed request is for one address only: set the right \
             endpoint or region"
                .to_owned(),
        );
    }
    let code = body.code.as_deref();
    let is_skewed = clock_skew::explains(code, off_by);
    let failure = Failure::of_response(status, code).or(is_skewed.then_some(Failure::Transient));
    Failed {
        failure,
        retry_after: response.header("x-amz-retry-after").map(str::to_owned),
        error: Error::service(status, request_id, body)
            .with_outcome_unknown(!matches!(status, 300..=499) || response.was_resent),
    }
}

/// A success whose body cannot be used.
pub(crate) fn broken(error: Error) -> Failed<Error> {
    Failed::new(error.with_outcome_unknown(true), Some(Failure::Transient))
}

/// Returns the id that the service gave the request.
pub(crate) fn request_id(response: &HttpResponse) -> Option<&str> {
    response
        .header("x-amzn-requestid")
        .or_else(|| response.header("x-amz-request-id"))
}
