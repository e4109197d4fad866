//! Turns a response into an output, or into an error and whether another attempt may succeed.

use crate::clock_skew;
use crate::error::Error;
use crate::http::{HttpFailure, HttpResponse};
use crate::operation::Operation;
use crate::retry::{Failed, Failure};
use crate::wire::error_body::ErrorBody;

/// An exchange that brought no response.
pub(super) fn failed_exchange(failure: HttpFailure) -> Failed<Error> {
    let retryable = failure.is_transient.then_some(Failure::Transient);
    let is_outcome_unknown = !failure.is_unsent;
    let error = Error::from(failure).with_outcome_unknown(is_outcome_unknown);
    Failed::new(error, retryable)
}

/// Reads a response to `input`; `off_by` is how wrong it shows the time of the signature to be.
///
/// Only a refusal says that the service has not done what it was asked for.
pub(super) fn read<O: Operation>(
    input: &O,
    response: &HttpResponse,
    off_by: Option<time::Duration>,
) -> Result<O::Output, Failed<Error>> {
    let status = response.status;
    let request_id = request_id(response).map(str::to_owned);
    if matches!(status, 200..=299) {
        return read_output(input, response, request_id).map_err(|error| {
            let error = error.with_outcome_unknown(true);
            Failed::new(error, Some(Failure::Transient))
        });
    }
    let mut body = ErrorBody::read(response.header("x-amzn-errortype"), &response.body);
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
    Err(Failed {
        failure,
        retry_after: response.header("x-amz-retry-after").map(str::to_owned),
        error: Error::service(status, request_id, body)
            .with_outcome_unknown(!matches!(status, 300..=499) || response.was_resent),
    })
}

fn read_output<O: Operation>(
    input: &O,
    response: &HttpResponse,
    request_id: Option<String>,
) -> Result<O::Output, Error> {
    let status = response.status;
    let mut output = match serde_json::from_slice::<O::Output>(&response.body) {
        Ok(output) => output,
        Err(error) => return Err(Error::unreadable(status, request_id, &response.body, error)),
    };
    if let Some(member) = input.mismatch(&output) {
        let message = format!(
            "the response belongs to another request (its {member} differs): is something else \
             responding in place of the service?"
        );
        return Err(Error::broken_response(status, request_id, message));
    }
    O::set_request_id(&mut output, request_id);
    Ok(output)
}

/// Returns the id that the service gave the request.
pub(super) fn request_id(response: &HttpResponse) -> Option<&str> {
    response
        .header("x-amzn-requestid")
        .or_else(|| response.header("x-amz-request-id"))
}
