//! What a caller sets about a bucket.

/// How to reach a bucket, and whose it is.
///
/// ```no_run
/// use simpledb_export::data::BucketOptions;
/// use simpledb_export::{Client, GetExportInput};
///
/// let client = Client::from_env()?;
/// let export = client.get_export(&GetExportInput::new("arn:aws:sdb:…"))?;
///
/// let options = BucketOptions::new().region("eu-west-1").expected_bucket_owner("111122223333");
/// client.download(&export, "exports").bucket_options(options).run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct BucketOptions {
    pub(crate) expected_bucket_owner: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) path_style: Option<bool>,
    pub(crate) region: Option<String>,
}

impl BucketOptions {
    /// Returns the default of every option.
    pub fn new() -> BucketOptions {
        BucketOptions::default()
    }

    /// Sets the AWS account that must own the bucket (12 digits); S3 refuses access otherwise.
    /// Defaults to the owner that the export was started with, if any; for an upload, to any account.
    pub fn expected_bucket_owner(mut self, account: impl Into<String>) -> BucketOptions {
        self.expected_bucket_owner = Some(account.into());
        self
    }

    /// Sets the endpoint of S3, an `http` or `https` URL. Defaults to
    /// [`Config::s3_endpoint_url`](crate::Config::s3_endpoint_url), or else AWS's endpoint in the
    /// bucket's region.
    pub fn endpoint_url(mut self, endpoint_url: impl Into<String>) -> BucketOptions {
        self.endpoint_url = Some(endpoint_url.into());
        self
    }

    /// Sets whether the bucket is part of the URL's path rather than of its host. Defaults to true
    /// for an endpoint that was set, and to false for AWS's (unless the bucket's name cannot be
    /// part of a host).
    pub fn path_style(mut self, path_style: bool) -> BucketOptions {
        self.path_style = Some(path_style);
        self
    }

    /// Sets the bucket's region. Defaults to the client's region, or the one that S3 reports.
    pub fn region(mut self, region: impl Into<String>) -> BucketOptions {
        self.region = Some(region.into());
        self
    }
}
