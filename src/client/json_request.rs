//! The requests of the export API: JSON, signed with Signature Version 4.

use time::{Duration, OffsetDateTime};

use super::Client;
use super::call::Request;
use super::response::{self, broken, is_success, refused};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http::{HttpResponse, Url};
use crate::operation::Operation;
use crate::retry::Failed;
use crate::sigv4::{SignableBody, SignableRequest, Signed, Signer};
use crate::wire::error_body::ErrorBody;

/// An input as JSON.
pub(super) struct JsonRequest<'a, O> {
    signer: &'a Signer,
    input: &'a O,
    url: &'a Url,
    body: Vec<u8>,
}

impl<'a, O: Operation> JsonRequest<'a, O> {
    pub(super) fn new(
        client: &'a Client,
        url: &'a Url,
        input: &'a O,
    ) -> Result<JsonRequest<'a, O>, Error> {
        if let Some(member) = input.missing_member() {
            return Err(Error::missing_member(member).in_operation(O::NAME));
        }
        let mut body = Vec::with_capacity(256);
        serde_json::to_writer(&mut body, input).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the request cannot be written")
                .in_operation(O::NAME)
                .with_source(error)
        })?;
        Ok(JsonRequest {
            signer: &client.0.signer,
            input,
            url,
            body,
        })
    }

    fn read_output(
        &self,
        response: &HttpResponse,
        request_id: Option<String>,
    ) -> Result<O::Output, Error> {
        let status = response.status;
        let mut output = match serde_json::from_slice::<O::Output>(&response.body) {
            Ok(output) => output,
            Err(error) => {
                return Err(Error::unreadable(status, request_id, &response.body, error));
            }
        };
        if let Some(member) = self.input.mismatch(&output) {
            let message = format!(
                "the response belongs to another request (its {member} differs): is something \
                 else responding in place of the service?"
            );
            return Err(Error::broken_response(status, request_id, message));
        }
        O::set_request_id(&mut output, request_id);
        Ok(output)
    }
}

impl<O: Operation> Request for JsonRequest<'_, O> {
    const OPERATION: &'static str = O::NAME;
    const CONTENT_TYPE: &'static str = "application/json";

    type Signed = Signed;
    type Output = O::Output;

    fn url(&self) -> &Url {
        self.url
    }

    fn sign(&self, credentials: &Credentials, time: OffsetDateTime) -> Signed {
        let request = SignableRequest {
            method: "POST",
            uri: self.url.as_str(),
            headers: &[("content-type", Self::CONTENT_TYPE)],
            body: SignableBody::Bytes(&self.body),
        };
        self.signer.sign(&request, credentials, time)
    }

    fn signing_headers(signed: &Signed) -> impl Iterator<Item = (&'static str, &str)> {
        signed.headers()
    }

    fn body<'s>(&'s self, _signed: &'s Signed) -> &'s [u8] {
        &self.body
    }

    fn read(
        &self,
        response: &HttpResponse,
        off_by: Option<Duration>,
    ) -> Result<O::Output, Failed<Error>> {
        let request_id = response::request_id(response).map(str::to_owned);
        if is_success(response) {
            return self.read_output(response, request_id).map_err(broken);
        }
        let body = ErrorBody::read(response.header("x-amzn-errortype"), &response.body);
        Err(refused(response, request_id, body, off_by))
    }

    fn client_token(&self) -> Option<&str> {
        self.input.client_token()
    }
}
