//! Sends requests to a bucket: signed, and in the region that it is in.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use log::debug;

use super::address::S3Endpoint;
use super::options::BucketOptions;
use super::refusal::{Refusal, not_fetched};
use super::region::region_named;
use super::resume::{Partial, Step, judge};
use crate::client::Client;
use crate::client::endpoint::connections;
use crate::config::Config;
use crate::credentials::Credentials;
use crate::data;
use crate::error::{Error, ErrorKind};
use crate::http::{Http, HttpFailure, HttpRequest, HttpStream, Method, Url, header};
use crate::retry::{Attempts, Failed, Failure, Quota};
use crate::settings::endpoint::check_endpoint_url;
use crate::sigv4::{SignableBody, SignableRequest, Signer};
use crate::system::{Deadline, lock};

const OWNER: &str = "x-amz-expected-bucket-owner";

/// Far more than any refusal of S3 has.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;

/// How often S3 may report that the bucket is in another region.
const MAX_MOVES: u32 = 2;

/// A bucket, and the retry quota of all requests to it.
pub(crate) struct Bucket {
    client: Client,
    name: String,
    options: BucketOptions,
    quota: Quota,
    /// Where the bucket is assumed to be.
    place: Mutex<Arc<Place>>,
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

impl Bucket {
    pub(crate) fn new(
        client: &Client,
        name: &str,
        mut options: BucketOptions,
    ) -> Result<Bucket, data::Error> {
        let invalid = |error: Error| {
            data::Error::new(data::ErrorKind::InvalidOption, error.to_string()).caused_by(error)
        };
        let config = client.config();
        let endpoint_url = options.endpoint_url.as_deref();
        let endpoint_url = endpoint_url.or(config.s3_endpoint_url());
        options.endpoint_url =
            endpoint_url
                .map(check_endpoint_url)
                .transpose()
                .map_err(|problem| {
                    let message = format!("the endpoint URL of S3 {problem}");
                    invalid(Error::new(ErrorKind::Config, message))
                })?;
        let region = options.region.as_deref().or(config.region());
        // A client has a region.
        let region = region.unwrap_or_default();
        let place = Place::new(config, region, &options).map_err(invalid)?;
        Ok(Bucket {
            client: client.clone(),
            name: name.to_owned(),
            options,
            quota: Quota::new(config.retry_config()),
            place: Mutex::new(Arc::new(place)),
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
        self.options.expected_bucket_owner.as_deref()
    }

    /// Returns the attempts of one call.
    pub(crate) fn attempts<'a>(&'a self, call: &'a str) -> Attempts<'a> {
        let config = self.client.config();
        let deadline = Deadline::new(self.client.system(), config.operation_timeout());
        Attempts::new(call, config.retry_config(), &self.quota, deadline)
    }

    /// Makes an attempt to get an object, or the rest of one.
    pub(crate) fn get(
        &self,
        attempts: &mut Attempts<'_>,
        key: &str,
        partial: Option<&Partial>,
    ) -> Result<(Step, HttpStream), Failed<data::Error>> {
        let headers = partial.map(Partial::headers).unwrap_or_default();
        let request = BucketRequest {
            headers: &headers,
            ..BucketRequest::new(&Method::GET, key)
        };
        let got = self.attempt(attempts, &request, |response| {
            let range = response.header("content-range");
            judge(partial, response.status, response.header("etag"), range)
        });
        got.map_err(|failed| self.not_fetched(attempts.made(), key, failed))
    }

    /// Returns the failure of an attempt to get an object, with what to do about it.
    pub(crate) fn not_fetched(
        &self,
        attempts: u32,
        key: &str,
        failed: impl Into<Failed<Error>>,
    ) -> Failed<data::Error> {
        let Failed {
            error,
            failure,
            retry_after,
        } = failed.into();
        let error = error
            .in_operation("GetObject")
            .after_attempts(attempts)
            .retryable(failure.is_some());
        Failed {
            error: not_fetched(&self.object(key), self.owner(), error),
            failure,
            retry_after,
        }
    }

    /// Makes an attempt: sends a request, to another region if the bucket is there, and returns the
    /// response with what `accept` makes of it. A response that it does not accept is a refusal.
    pub(crate) fn attempt<T>(
        &self,
        attempts: &mut Attempts<'_>,
        request: &BucketRequest<'_>,
        accept: impl Fn(&HttpStream) -> Option<T>,
    ) -> Result<(T, HttpStream), Failed<Error>> {
        let credentials = self
            .client
            .provide_credentials(attempts.deadline().left())?;
        let attempt = attempts.begin();
        debug!("{}: attempt {attempt}", self.object(request.key).display());
        let mut moves = 0;
        loop {
            let place = Arc::clone(&lock(&self.place));
            let (mut response, off_by) = self.send(&place, request, &credentials)?;
            if let Some(accepted) = accept(&response) {
                return Ok((accepted, response));
            }
            let refusal = Refusal::read(&self.read_body(&mut response, MAX_REFUSAL_BYTES)?);
            let named = response
                .header("x-amz-bucket-region")
                .or(refusal.region.as_deref());
            let region = region_named(response.status, named, place.signer.region());
            if let Some(region) = region.filter(|_| moves < MAX_MOVES) {
                moves += 1;
                self.move_to(region)?;
                continue;
            }
            let mut failed = refusal.into_failed(response.status, &response, off_by);
            if self
                .client
                .drop_expired(&credentials, failed.error.code(), attempts)
            {
                failed.failure = Some(Failure::Transient);
            }
            return Err(failed);
        }
    }

    /// Uses another region from now on, at the address that follows from its name.
    fn move_to(&self, region: &str) -> Result<(), Error> {
        debug!("the bucket {} is in {region}", self.name);
        let place = Place::new(self.client.config(), region, &self.options)?;
        *lock(&self.place) = Arc::new(place);
        Ok(())
    }

    /// Sends a request, signed as of now. Returns by how much the response shows that time to be wrong,
    /// too.
    fn send(
        &self,
        place: &Place,
        request: &BucketRequest<'_>,
        credentials: &Credentials,
    ) -> Result<(HttpStream, Option<time::Duration>), HttpFailure> {
        let system = self.client.system();
        let mut url = place.endpoint.object_url(&self.name, request.key);
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
        let signed = place.signer.sign(
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
        let response = place.http.open(&http_request)?;
        debug!(
            "HTTP status {}, request id {}, for {url}",
            response.status,
            response.header("x-amz-request-id").unwrap_or("none")
        );
        let is_cached = response.header(header::AGE).is_some();
        let (date, received) = (response.header(header::DATE), system.now());
        let skew = self.client.clock_skew();
        let measured = skew.learn(date, is_cached, sent, received);
        let off_by = measured.map(|measured| measured - signed_with);
        Ok((response, off_by))
    }

    /// Reads a body, as far as it arrives within an attempt's time and a limit of size.
    pub(crate) fn read_body(
        &self,
        response: &mut HttpStream,
        max_bytes: usize,
    ) -> Result<Vec<u8>, HttpFailure> {
        let deadline = Deadline::new(self.client.system(), self.client.config().attempt_timeout());
        let mut body = Vec::new();
        let mut buffer = [0; 4 * 1024];
        while body.len() < max_bytes && !deadline.has_passed() {
            let read = response.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            body.extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
        Ok(body)
    }
}

impl Place {
    fn new(config: &Config, region: &str, options: &BucketOptions) -> Result<Place, Error> {
        let endpoint = if let Some(url) = &options.endpoint_url {
            S3Endpoint::custom(url, options.path_style.unwrap_or(true))
        } else {
            let path_style = options.path_style.unwrap_or(false);
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

/// An exchange that broke before the response was complete.
impl From<HttpFailure> for Failed<Error> {
    fn from(failure: HttpFailure) -> Failed<Error> {
        let retryable = failure.is_transient.then_some(Failure::Transient);
        Failed::new(failure.into(), retryable)
    }
}
