//! What an answer comes to: an output, or an error and whether another attempt is worth it.

use crate::error::{Error, ErrorBody, ErrorKind};
use crate::http::{FailureKind, HttpAnswer, HttpFailure};
use crate::operation::Operation;
use crate::retry::Failure;

/// An attempt that failed: the error, and what decides whether another is made.
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) failure: Option<Failure>,
    pub(super) retry_after: Option<String>,
    /// Whether the service may have done what was asked for: only a refusal says that it has not,
    /// or that nothing was sent.
    pub(super) leaves_open: bool,
}

impl Failed {
    /// An exchange that gave no answer.
    pub(super) fn of_exchange(failure: HttpFailure) -> Failed {
        Failed {
            failure: failure.is_transient.then_some(Failure::Transient),
            leaves_open: !failure.is_unsent,
            error: Error::from(failure),
            retry_after: None,
        }
    }
}

/// Reads an answer; `is_skewed` says of an error's code whether the clock is to blame for it.
pub(super) fn read<O: Operation>(
    answer: &HttpAnswer,
    is_skewed: impl FnOnce(Option<&str>) -> bool,
) -> Result<O::Output, Failed> {
    let request_id = request_id(answer).map(str::to_owned);
    if matches!(answer.status, 200..=299) {
        return match serde_json::from_slice::<O::Output>(&answer.body) {
            Ok(mut output) => {
                O::set_request_id(&mut output, request_id);
                Ok(output)
            }
            Err(error) => Err(Failed {
                error: Error::unreadable(answer.status, request_id, error),
                failure: Some(Failure::Transient),
                retry_after: None,
                leaves_open: true,
            }),
        };
    }
    let mut body = ErrorBody::read(answer.header("x-amzn-errortype"), &answer.body);
    if matches!(answer.status, 300..=399) && body.code.is_none() {
        body.message = Some(
            "the endpoint redirects, and a signed request is for one address only: set the right \
             endpoint or region"
                .to_owned(),
        );
    }
    let failure = Failure::of_answer(answer.status, body.code.as_deref())
        .or_else(|| is_skewed(body.code.as_deref()).then_some(Failure::Transient));
    Err(Failed {
        failure,
        leaves_open: !matches!(answer.status, 300..=499),
        retry_after: answer.header("x-amz-retry-after").map(str::to_owned),
        error: Error::service(answer.status, request_id, body),
    })
}

/// The id that the service gave the request.
pub(super) fn request_id(answer: &HttpAnswer) -> Option<&str> {
    answer
        .header("x-amzn-requestid")
        .or_else(|| answer.header("x-amz-request-id"))
}

impl From<HttpFailure> for Error {
    fn from(failure: HttpFailure) -> Error {
        let kind = match failure.kind {
            FailureKind::Connect => ErrorKind::Connect,
            FailureKind::Tls => ErrorKind::Tls,
            FailureKind::Io => ErrorKind::Io,
            FailureKind::Timeout => ErrorKind::Timeout,
            FailureKind::Response => ErrorKind::Response,
            FailureKind::Request => ErrorKind::Config,
        };
        let error = Error::new(kind, failure.to_string());
        match failure.into_source() {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}
