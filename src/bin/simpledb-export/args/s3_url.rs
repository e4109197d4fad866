//! Names of objects: `s3://<bucket>/<key>`.

use std::fmt;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};

use super::values;

/// An object in a bucket, or a prefix of the keys of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Url {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl S3Url {
    fn parse(rest: &str) -> Result<S3Url, String> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(S3Url {
            bucket: values::bucket(bucket)?,
            key: key.to_owned(),
        })
    }

    /// Returns the object of this name below the prefix.
    pub(crate) fn below(&self, name: &str) -> S3Url {
        let slash = if self.is_prefix() { "" } else { "/" };
        S3Url {
            bucket: self.bucket.clone(),
            key: format!("{}{slash}{name}", self.key),
        }
    }

    /// Returns whether it can only be a prefix.
    pub(crate) fn is_prefix(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }
}

impl fmt::Display for S3Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Where output is written: on the disk, or in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Disk(PathBuf),
    Bucket(S3Url),
}

impl Place {
    fn parse(path: PathBuf) -> Result<Place, String> {
        match path.to_str().and_then(|text| text.strip_prefix("s3://")) {
            Some(rest) => S3Url::parse(rest).map(Place::Bucket),
            None => Ok(Place::Disk(path)),
        }
    }

    /// Parses a directory, with the system's separators throughout, or a prefix of objects.
    pub(super) fn directory() -> impl TypedValueParser<Value = Place> {
        PathBufValueParser::new()
            .try_map(Place::parse)
            .map(|place| match place {
                Place::Disk(path) => Place::Disk(path.components().collect()),
                bucket @ Place::Bucket(_) => bucket,
            })
    }

    /// Parses a file or an object.
    pub(super) fn file() -> impl TypedValueParser<Value = Place> {
        PathBufValueParser::new().try_map(Place::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<Place, String> {
        Place::parse(text.into())
    }

    fn url(bucket: &str, key: &str) -> S3Url {
        S3Url {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }

    #[test]
    fn recognizes_objects_and_files() {
        for (text, expected) in [
            ("s3://bucket", url("bucket", "")),
            ("s3://bucket/", url("bucket", "")),
            ("s3://bucket/a/b c", url("bucket", "a/b c")),
            ("s3://bucket/a//", url("bucket", "a//")),
        ] {
            assert_eq!(place(text), Ok(Place::Bucket(expected)));
        }
        for text in ["s3:", "a/s3://bucket", "S3://bucket"] {
            assert_eq!(place(text), Ok(Place::Disk(text.into())));
        }
        let error = place("s3://a/b").unwrap_err();
        assert!(error.starts_with("expected a bucket name: "), "{error}");
    }

    #[test]
    fn names_objects_below_a_prefix() {
        assert_eq!(url("bucket", "").below("x"), url("bucket", "x"));
        assert_eq!(url("bucket", "a").below("x"), url("bucket", "a/x"));
        assert_eq!(url("bucket", "a/").below("x"), url("bucket", "a/x"));
        assert_eq!(url("bucket", "a").to_string(), "s3://bucket/a");
    }
}
