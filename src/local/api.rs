//! The APIs that the service implements.

use super::exchange::Request;
use super::host::virtual_bucket;
use crate::sigv4::Signer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    /// The three operations of exports, in restJson1.
    Exports,
    /// SimpleDB's older API: a signed form, and XML.
    Domains,
    S3,
}

impl Api {
    /// Returns the API that a request is for. A POST to S3 has parameters, no form; and `v2` is too
    /// short for a bucket's name.
    pub(super) fn of(request: &Request) -> Api {
        let is_post = request.method() == "POST";
        let header = |name| request.header(name).unwrap_or_default();
        if is_post
            && request.path() == "/"
            && header("content-type").starts_with("application/x-www-form-urlencoded")
        {
            return Api::Domains;
        }
        let has_bucket = virtual_bucket(header("host")).is_some();
        if (is_post && request.query().is_empty())
            || (!has_bucket && request.path().starts_with("/v2/"))
        {
            return Api::Exports;
        }
        Api::S3
    }

    pub(super) fn signing_name(self) -> &'static str {
        match self {
            Api::Exports | Api::Domains => "sdb",
            Api::S3 => "s3",
        }
    }

    pub(super) fn signer(self, region: &str) -> Signer {
        match self {
            Api::Exports | Api::Domains => Signer::new(self.signing_name(), region),
            Api::S3 => Signer::s3(region),
        }
    }
}
