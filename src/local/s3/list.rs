//! ListObjectsV2, and its predecessor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{modified, xml_response};
use crate::local::error::ServiceError;
use crate::local::exchange::Response;
use crate::local::parameters::Parameters;
use crate::local::store::{Bucket, StoreError};
use crate::wire::timestamp::rfc3339;

/// The largest page, as in S3.
const MAX_KEYS: usize = 1000;

/// What a request may set.
const PARAMETERS: [&str; 9] = [
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "continuation-token",
    "start-after",
    "marker",
    "encoding-type",
    "fetch-owner",
];

/// A page of a list: names with their objects; a common prefix has none.
type Page<T> = Vec<(String, Option<T>)>;

/// What to list.
#[derive(Debug, Clone, Copy)]
struct Listing<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    /// Only keys after this one.
    start_after: &'a str,
    /// Only entries after this one, the last of the previous page.
    after: &'a str,
    max_entries: usize,
}

impl Listing<'_> {
    /// Returns a page of these sorted objects, and whether another follows.
    fn page<T>(self, objects: impl IntoIterator<Item = (String, T)>) -> (Page<T>, bool) {
        let mut page = Page::new();
        for (key, object) in objects {
            if key.as_str() <= self.start_after {
                continue;
            }
            let (name, object) = match self.common_prefix(&key) {
                Some(prefix) => (prefix.to_owned(), None),
                None => (key, Some(object)),
            };
            let last = page.last().map_or(self.after, |(last, _)| last);
            if name.as_str() <= last {
                continue;
            }
            if page.len() == self.max_entries {
                return (page, self.max_entries > 0);
            }
            page.push((name, object));
        }
        (page, false)
    }

    /// Returns what all keys have in common that are alike up to the delimiter after the prefix.
    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter.filter(|delimiter| !delimiter.is_empty())?;
        let rest = key.get(self.prefix.len()..)?;
        let end = self.prefix.len() + rest.find(delimiter)? + delimiter.len();
        key.get(..end)
    }
}

pub(super) fn list_objects(
    query: &Parameters,
    bucket: &Bucket<'_>,
) -> Result<Response, ServiceError> {
    query.only(&PARAMETERS)?;
    let is_second = match query.get("list-type") {
        None => false,
        Some("2") => true,
        Some(_) => return Err(ServiceError::not_implemented("this list-type")),
    };
    let token = query.get("continuation-token").filter(|_| is_second);
    let after = match token {
        Some(token) => decode_token(token)?,
        None => query.get("marker").unwrap_or_default().to_owned(),
    };
    let prefix = query.get("prefix").unwrap_or_default();
    let max_keys = query.number("max-keys", MAX_KEYS)?.min(MAX_KEYS);
    let start_after = query.get("start-after").filter(|_| is_second);
    let encoding = query.encoding()?;
    let listing = Listing {
        prefix,
        delimiter: query.get("delimiter"),
        start_after: start_after.unwrap_or_default(),
        after: &after,
        max_entries: max_keys,
    };
    let (page, is_truncated) = listing.page(bucket.list(prefix)?);

    let last = page.last().map(|(last, _)| last).filter(|_| is_truncated);
    let mut objects = Vec::new();
    for (key, metadata) in &page {
        if let Some(metadata) = metadata {
            objects.push((key, metadata, etag(bucket, key)?));
        }
    }
    Ok(xml_response("ListBucketResult", |xml| {
        xml.text("Name", &bucket.name);
        xml.text("Prefix", encoding.encode(prefix));
        let delimiter = listing.delimiter;
        xml.optional("Delimiter", delimiter.map(|text| encoding.encode(text)));
        xml.text("MaxKeys", max_keys.to_string());
        encoding.write(xml);
        xml.text("IsTruncated", is_truncated.to_string());
        if is_second {
            xml.text("KeyCount", page.len().to_string());
            xml.optional("ContinuationToken", token);
            xml.optional("StartAfter", start_after.map(|key| encoding.encode(key)));
            let next = last.map(|last| URL_SAFE_NO_PAD.encode(last));
            xml.optional("NextContinuationToken", next);
        } else {
            xml.text("Marker", encoding.encode(&after));
            xml.optional("NextMarker", last.map(|last| encoding.encode(last)));
        }
        for (key, metadata, etag) in objects {
            xml.parent("Contents", |xml| {
                xml.text("Key", encoding.encode(key));
                xml.text("LastModified", rfc3339(modified(metadata)));
                xml.text("ETag", etag);
                xml.text("Size", metadata.len().to_string());
                xml.text("StorageClass", "STANDARD");
            });
        }
        for (prefix, _) in page.iter().filter(|(_, object)| object.is_none()) {
            xml.parent("CommonPrefixes", |xml| {
                xml.text("Prefix", encoding.encode(prefix));
            });
        }
    }))
}

/// Returns the ETag of an object; empty if that was deleted since it was listed.
fn etag(bucket: &Bucket<'_>, key: &str) -> Result<String, StoreError> {
    match bucket.open(key) {
        Err(StoreError::NoSuchKey) => Ok(String::new()),
        object => Ok(object?.etag),
    }
}

fn decode_token(token: &str) -> Result<String, ServiceError> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    decoded
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            let message = "continuation-token was not returned by this service";
            ServiceError::bad_request("InvalidArgument", message)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 7] = ["a", "a/1", "a/2", "b", "c/x/1", "c/y", "d"];

    fn pages(listing: Listing<'_>) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut after = listing.after.to_owned();
        loop {
            let keys = KEYS.iter().filter(|key| key.starts_with(listing.prefix));
            let next = Listing {
                after: &after,
                ..listing
            };
            let (page, is_truncated) = next.page(keys.map(|key| ((*key).to_owned(), ())));
            pages.push(page.into_iter().map(|(name, _)| name).collect());
            if !is_truncated {
                return pages;
            }
            after.clone_from(pages.last().unwrap().last().unwrap());
        }
    }

    const ALL: Listing<'static> = Listing {
        prefix: "",
        delimiter: None,
        start_after: "",
        after: "",
        max_entries: 1000,
    };

    #[test]
    fn lists_in_pages_and_names_each_common_prefix_once() {
        assert_eq!(pages(ALL), [KEYS]);
        let two = Listing {
            max_entries: 2,
            ..ALL
        };
        assert_eq!(
            pages(two),
            [&["a", "a/1"][..], &["a/2", "b"], &["c/x/1", "c/y"], &["d"]]
        );
        let by_slash = Listing {
            delimiter: Some("/"),
            ..ALL
        };
        assert_eq!(pages(by_slash), [["a", "a/", "b", "c/", "d"]]);
        let by_slash_two = Listing {
            max_entries: 2,
            ..by_slash
        };
        assert_eq!(
            pages(by_slash_two),
            [&["a", "a/"][..], &["b", "c/"], &["d"]]
        );
        let below = Listing {
            prefix: "c/",
            ..by_slash
        };
        assert_eq!(pages(below), [["c/x/", "c/y"]]);
        let none = Listing {
            max_entries: 0,
            ..ALL
        };
        assert_eq!(pages(none), [[""; 0]]);
        let later = Listing {
            start_after: "b",
            ..by_slash
        };
        assert_eq!(pages(later), [["c/", "d"]]);
    }
}
