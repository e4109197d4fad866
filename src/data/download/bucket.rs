//! Requests objects from a bucket: one signed request, one response.

use std::path::PathBuf;

use log::debug;

use super::address::S3Endpoint;
use super::refusal::Refusal;
use super::region::region_named;
use crate::client::{Client, connections};
use crate::clock_skew;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http::{Http, HttpFailure, HttpRequest, HttpStream, Method};
use crate::operation::get_export::GetExportOutput;
use crate::retry::{Failed, Failure};
use crate::settings::endpoint::check_endpoint_url;
use crate::sigv4::{SignableBody, SignableRequest, Signer};
use crate::system::Deadline;

const OWNER: &str = "x-amz-expected-bucket-owner";

/// Far more than any refusal of S3 has.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;

/// What a caller sets about a bucket.
#[derive(Debug, Default)]
pub(super) struct BucketOptions {
    /// The account that must own the bucket.
    pub(super) owner: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) path_style: Option<bool>,
    pub(super) region: Option<String>,
}

/// A bucket in the region that it is assumed to be in.
pub(super) struct Bucket<'a> {
    client: &'a Client,
    name: &'a str,
    owner: Option<&'a str>,
    /// The endpoint that the caller set.
    endpoint_url: Option<String>,
    path_style: Option<bool>,
    place: Place,
}

/// A region, and how to reach it.
struct Place {
    endpoint: S3Endpoint,
    signer: Signer,
    http: Http,
}

/// A response, and by how much it shows the time of the signature to be wrong.
pub(super) struct Response {
    pub(super) stream: HttpStream,
    off_by: Option<time::Duration>,
}

/// A request that S3 refused, or that failed.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) error: Error,
    /// The region that the bucket is in, if it is another one.
    pub(super) region: Option<String>,
}

impl<'a> Bucket<'a> {
    pub(super) fn new(
        client: &'a Client,
        export: &'a GetExportOutput,
        options: &'a BucketOptions,
    ) -> Result<Bucket<'a>, Error> {
        let config = client.config();
        let endpoint_url = options.endpoint_url.as_deref();
        let endpoint_url = endpoint_url
            .or(config.s3_endpoint_url())
            .map(check_endpoint_url)
            .transpose()
            .map_err(|problem| {
                Error::new(
                    ErrorKind::Config,
                    format!("the endpoint URL of S3 {problem}"),
                )
            })?;
        let region = options.region.as_deref().or(config.region());
        // A client has a region.
        let region = region.unwrap_or_default();
        Ok(Bucket {
            client,
            name: &export.s3_bucket,
            owner: options
                .owner
                .as_deref()
                .or(export.s3_bucket_owner.as_deref()),
            place: Place::new(client, region, endpoint_url.as_deref(), options.path_style)?,
            endpoint_url,
            path_style: options.path_style,
        })
    }

    /// Returns how an object is named in errors.
    pub(super) fn object(&self, key: &str) -> PathBuf {
        format!("s3://{}/{key}", self.name).into()
    }

    pub(super) fn client(&self) -> &Client {
        self.client
    }

    /// The account that must own the bucket.
    pub(super) fn owner(&self) -> Option<&str> {
        self.owner
    }

    /// Uses another region from now on, at the address that follows from its name.
    pub(super) fn move_to(&mut self, region: &str) -> Result<(), Error> {
        debug!("the bucket {} is in {region}", self.name);
        self.place = Place::new(
            self.client,
            region,
            self.endpoint_url.as_deref(),
            self.path_style,
        )?;
        Ok(())
    }

    /// Sends a request for an object, signed as of now.
    pub(super) fn get(
        &self,
        key: &str,
        headers: &[(&'static str, String)],
        credentials: &Credentials,
    ) -> Result<Response, HttpFailure> {
        let system = self.client.system();
        let url = self.place.endpoint.object_url(self.name, key);
        let owner = self.owner.map(|owner| (OWNER, owner));
        let signed_with = self.client.clock_skew().get();
        let sent = system.now();
        let signed = self.place.signer.sign(
            &SignableRequest {
                method: "GET",
                uri: &url,
                // S3 requires every header that begins with x-amz to be signed.
                headers: owner.as_slice(),
                body: SignableBody::Bytes(b""),
            },
            credentials,
            sent.saturating_add(signed_with),
        );
        let mut headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        headers.push(("user-agent", self.client.user_agent()));
        headers.extend(owner);
        headers.extend(signed.headers());
        let request = HttpRequest {
            method: Method::GET,
            url: &url,
            headers: &headers,
            body: b"",
            max_body: u64::MAX,
            is_unrepeatable: false,
            timeout: self.client.config().attempt_timeout(),
        };
        debug!("GET {url}");
        let stream = self.place.http.open(&request)?;
        debug!(
            "HTTP status {}, request id {}, for {url}",
            stream.status,
            stream.header("x-amz-request-id").unwrap_or("none")
        );
        let is_cached = stream.header("age").is_some();
        let (date, received) = (stream.header("date"), system.now());
        let skew = self.client.clock_skew();
        let measured = skew.learn(date, is_cached, sent, received);
        Ok(Response {
            stream,
            off_by: measured.map(|measured| measured - signed_with),
        })
    }

    /// Reads a refusal.
    pub(super) fn refused(&self, response: Response) -> Failed<Refused> {
        let Response { mut stream, off_by } = response;
        let deadline = Deadline::new(self.client.system(), self.client.config().attempt_timeout());
        let body = match read_refusal(&mut stream, &deadline) {
            Ok(body) => body,
            Err(failure) => return Refused::of_exchange(failure),
        };
        let status = stream.status;
        let refusal = Refusal::read(&body);
        let code = refusal.code.as_deref();
        let is_skewed = clock_skew::explains(code, off_by);
        let failure =
            Failure::of_response(status, code).or(is_skewed.then_some(Failure::Transient));
        let region = stream.header("x-amz-bucket-region").or(refusal.region());
        let region = region_named(status, region, self.place.signer.region()).map(str::to_owned);
        let retry_after = stream.header("x-amz-retry-after").map(str::to_owned);
        let error = refusal.into_error(status, stream.header("x-amz-request-id"));
        Failed {
            error: Refused { error, region },
            failure,
            retry_after,
        }
    }
}

impl Place {
    fn new(
        client: &Client,
        region: &str,
        endpoint_url: Option<&str>,
        path_style: Option<bool>,
    ) -> Result<Place, Error> {
        let config = client.config();
        let endpoint = if let Some(url) = endpoint_url {
            S3Endpoint::custom(url, path_style.unwrap_or(true))
        } else {
            let path_style = path_style.unwrap_or(false);
            let endpoint = S3Endpoint::of_region(region, config.variant(), path_style);
            endpoint.map_err(|problem| {
                let message = format!("no S3 endpoint: {problem}");
                Error::new(ErrorKind::Config, message)
            })?
        };
        Ok(Place {
            http: connections(config, endpoint.url())?,
            endpoint,
            signer: Signer::s3(region),
        })
    }
}

/// Reads a refusal, as far as it arrives within limits of size and time that no real one reaches.
fn read_refusal(stream: &mut HttpStream, deadline: &Deadline<'_>) -> Result<Vec<u8>, HttpFailure> {
    let mut body = Vec::new();
    let mut buffer = [0; 4 * 1024];
    while body.len() < MAX_REFUSAL_BYTES && !deadline.has_passed() {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        body.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
    Ok(body)
}

impl Refused {
    /// An exchange that broke before the response was complete.
    pub(super) fn of_exchange(failure: HttpFailure) -> Failed<Refused> {
        let retryable = failure.is_transient.then_some(Failure::Transient);
        Failed::new(Refused::from(Error::from(failure)), retryable)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused {
            error,
            region: None,
        }
    }
}
