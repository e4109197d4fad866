//! The service's operations: their inputs and outputs, and the JSON form of both.

pub(crate) mod get_export;
pub(crate) mod list_exports;
pub(crate) mod start_domain_export;
pub(crate) mod types;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the pipeline needs to know about an operation.
pub(crate) trait Operation: Serialize {
    /// The operation's name, which is also the last part of its path.
    const NAME: &'static str;

    /// The response's body.
    type Output: DeserializeOwned;

    /// Returns the request's client token, for the error of a failed call.
    fn client_token(&self) -> Option<&str> {
        None
    }

    /// Returns a required member that is empty; the service checks everything else.
    fn missing_member(&self) -> Option<&'static str> {
        None
    }

    /// Returns what shows that an output belongs to another request: a late response to an earlier
    /// request on the connection, or one by something in place of the service.
    fn mismatch(&self, _output: &Self::Output) -> Option<&'static str> {
        None
    }

    /// Stores the request id of the response.
    fn set_request_id(output: &mut Self::Output, request_id: Option<String>);
}
