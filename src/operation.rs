//! The operations of the service: their inputs, their outputs, and how both are written in JSON.

pub(crate) mod get_export;
pub(crate) mod list_exports;
pub(crate) mod start_domain_export;
pub(crate) mod types;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the pipeline has to know of an operation.
pub(crate) trait Operation: Serialize {
    /// The operation's name, which is also the last part of its path.
    const NAME: &'static str;

    /// What a success answers with.
    type Output: DeserializeOwned;

    /// The client token that the request carries, for the error of a call that failed.
    fn client_token(&self) -> Option<&str> {
        None
    }

    /// Finds a required member that is empty; the service checks all else.
    fn missing_member(&self) -> Option<&'static str>;

    /// Keeps the id that the service gave the request.
    fn set_request_id(output: &mut Self::Output, request_id: Option<String>);
}
