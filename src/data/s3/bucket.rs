//! Sends requests to a bucket: one signed request, one response.

use std::path::PathBuf;

use log::debug;

use super::address::S3Endpoint;
use super::refusal::Refusal;
use super::region::region_named;
use crate::client::Client;
use crate::client::endpoint::connections;
use crate::clock_skew;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::http::{Http, HttpFailure, HttpRequest, HttpStream, Method, Url, header};
use crate::retry::{Failed, Failure};
use crate::settings::endpoint::check_endpoint_url;
use crate::sigv4::{SignableBody, SignableRequest, Signer};
use crate::system::Deadline;

const OWNER: &str = "x-amz-expected-bucket-owner";

/// Far more than any refusal of S3 has.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;

/// What a caller sets about a bucket.
#[derive(Debug, Default)]
pub(crate) struct BucketOptions {
    /// The account that must own the bucket.
    pub(crate) owner: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) path_style: Option<bool>,
    pub(crate) region: Option<String>,
}

/// A bucket in the region that it is assumed to be in.
pub(crate) struct Bucket {
    client: Client,
    name: String,
    owner: Option<String>,
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

/// A request about an object, or about the bucket if the key is empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BucketRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) key: &'a str,
    /// The parameters, percent-encoded.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [(&'static str, String)],
    pub(crate) body: &'a [u8],
    /// The SHA-256 of the body in hexadecimal, if it was computed before.
    pub(crate) sha256: Option<&'a str>,
}

impl<'a> BucketRequest<'a> {
    /// Returns a request without parameters or a body.
    pub(crate) fn new(method: &'a Method, key: &'a str) -> BucketRequest<'a> {
        BucketRequest {
            method,
            key,
            query: "",
            headers: &[],
            body: b"",
            sha256: None,
        }
    }
}

/// A response, and by how much it shows the time of the signature to be wrong.
pub(crate) struct Response {
    pub(crate) stream: HttpStream,
    off_by: Option<time::Duration>,
}

/// A request that S3 refused, or that failed.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// The region that the bucket is in, if it is another one.
    pub(crate) region: Option<String>,
}

impl Bucket {
    /// Returns the bucket `name`, which `owner` must own unless the options name another account.
    pub(crate) fn new(
        client: &Client,
        name: &str,
        owner: Option<&str>,
        options: &BucketOptions,
    ) -> Result<Bucket, Error> {
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
            client: client.clone(),
            name: name.to_owned(),
            owner: options.owner.as_deref().or(owner).map(str::to_owned),
            place: Place::new(client, region, endpoint_url.as_deref(), options.path_style)?,
            endpoint_url,
            path_style: options.path_style,
        })
    }

    /// Returns how an object is named in errors.
    pub(crate) fn object(&self, key: &str) -> PathBuf {
        format!("s3://{}/{key}", self.name).into()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The account that must own the bucket.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// Uses another region from now on, at the address that follows from its name.
    pub(crate) fn move_to(&mut self, region: &str) -> Result<(), Error> {
        debug!("the bucket {} is in {region}", self.name);
        self.place = Place::new(
            &self.client,
            region,
            self.endpoint_url.as_deref(),
            self.path_style,
        )?;
        Ok(())
    }

    /// Requests an object, signed as of now.
    pub(crate) fn get(
        &self,
        key: &str,
        headers: &[(&'static str, String)],
        credentials: &Credentials,
    ) -> Result<Response, HttpFailure> {
        let request = BucketRequest {
            headers,
            ..BucketRequest::new(&Method::GET, key)
        };
        self.send(&request, credentials)
    }

    /// Sends a request, signed as of now.
    pub(crate) fn send(
        &self,
        request: &BucketRequest<'_>,
        credentials: &Credentials,
    ) -> Result<Response, HttpFailure> {
        let system = self.client.system();
        let mut url = self.place.endpoint.object_url(&self.name, request.key);
        if !request.query.is_empty() {
            url.extend(["?", request.query]);
        }
        let mut headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        headers.extend(self.owner().map(|owner| (OWNER, owner)));
        // S3 requires every header that begins with x-amz to be signed.
        let is_signed = |(name, _): &&(&str, &str)| name.starts_with("x-amz-");
        let to_sign: Vec<_> = headers.iter().filter(is_signed).copied().collect();
        let signed_with = self.client.clock_skew().get();
        let sent = system.now();
        let signed = self.place.signer.sign(
            &SignableRequest {
                method: request.method.as_str(),
                uri: &url,
                headers: &to_sign,
                body: match request.sha256 {
                    Some(sha256) => SignableBody::Sha256Hex(sha256),
                    None => SignableBody::Bytes(request.body),
                },
            },
            credentials,
            sent.saturating_add(signed_with),
        );
        headers.extend(signed.headers());
        let http_request = HttpRequest {
            method: request.method.clone(),
            url: &Url::new(url.as_str()),
            headers: &headers,
            content_type: None,
            body: request.body,
            max_body: u64::MAX,
            is_unrepeatable: false,
            timeout: self.client.config().attempt_timeout(),
        };
        debug!("{} {url}", request.method);
        let stream = self.place.http.open(&http_request)?;
        debug!(
            "HTTP status {}, request id {}, for {url}",
            stream.status,
            stream.header("x-amz-request-id").unwrap_or("none")
        );
        let is_cached = stream.header(header::AGE).is_some();
        let (date, received) = (stream.header(header::DATE), system.now());
        let skew = self.client.clock_skew();
        let measured = skew.learn(date, is_cached, sent, received);
        Ok(Response {
            stream,
            off_by: measured.map(|measured| measured - signed_with),
        })
    }

    /// Reads a refusal.
    pub(crate) fn refused(&self, mut response: Response) -> Failed<Refused> {
        let status = response.stream.status;
        match self.read_body(&mut response.stream, MAX_REFUSAL_BYTES) {
            Ok(body) => self.judge(Refusal::read(&body), status, &response),
            Err(failure) => Refused::of_exchange(failure),
        }
    }

    /// Returns the refusal in the body of a success, if there is one.
    pub(crate) fn refusal_in(
        &self,
        body: &[u8],
        status: u16,
        response: &Response,
    ) -> Option<Failed<Refused>> {
        let refusal = Refusal::read(body);
        let is_refusal = refusal.code.is_some();
        is_refusal.then(|| self.judge(refusal, status, response))
    }

    fn judge(&self, refusal: Refusal, status: u16, response: &Response) -> Failed<Refused> {
        let Response { stream, off_by } = response;
        let code = refusal.code.as_deref();
        let is_skewed = clock_skew::explains(code, *off_by);
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

    /// Reads a body, as far as it arrives within an attempt's time and a limit of size.
    pub(crate) fn read_body(
        &self,
        stream: &mut HttpStream,
        max_bytes: usize,
    ) -> Result<Vec<u8>, HttpFailure> {
        let deadline = Deadline::new(self.client.system(), self.client.config().attempt_timeout());
        let mut body = Vec::new();
        let mut buffer = [0; 4 * 1024];
        while body.len() < max_bytes && !deadline.has_passed() {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            body.extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
        Ok(body)
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
            http: connections(config, "s3", endpoint.url())?,
            endpoint,
            signer: Signer::s3(region),
        })
    }
}

impl Refused {
    /// An exchange that broke before the response was complete.
    pub(crate) fn of_exchange(failure: HttpFailure) -> Failed<Refused> {
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
