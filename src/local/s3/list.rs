//! ListObjectsV2, and its predecessor.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::etags::Etags;
use super::{modified, xml_response};
use crate::local::error::ServiceError;
use crate::local::exchange::Response;
use crate::local::parameters::Parameters;
use crate::local::store::{Bucket, Listed, StoreError};
use crate::local::xml::Xml;
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

/// One line of a list.
#[derive(Debug, PartialEq, Eq)]
enum Entry<T> {
    Object(T),
    CommonPrefix,
}

/// Objects and common prefixes, by name.
type Page<T> = BTreeMap<String, Entry<T>>;

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
    fn page<T>(self, objects: impl Iterator<Item = (String, T)>) -> (Page<T>, bool) {
        let mut page = Page::new();
        for (key, object) in objects {
            if key.as_str() <= self.start_after {
                continue;
            }
            let (name, entry) = match self.common_prefix(&key) {
                Some(prefix) => (prefix.to_owned(), Entry::CommonPrefix),
                None => (key, Entry::Object(object)),
            };
            if name.as_str() <= self.after || page.contains_key(&name) {
                continue;
            }
            if page.len() == self.max_entries {
                return (page, self.max_entries > 0);
            }
            page.insert(name, entry);
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
    bucket: &Bucket,
    name: &str,
    etags: &Etags,
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
    let max_keys = query.number("max-keys", MAX_KEYS)?;
    let start_after = query.get("start-after").filter(|_| is_second);
    let listing = Listing {
        prefix,
        delimiter: query.get("delimiter"),
        start_after: start_after.unwrap_or_default(),
        after: &after,
        max_entries: max_keys,
    };
    let objects = bucket.list(prefix)?.into_iter();
    let (page, is_truncated) = listing.page(objects.map(|object| (object.key.clone(), object)));

    let encoding = query.encoding()?;
    let last = page.keys().next_back().filter(|_| is_truncated);
    let mut objects = Vec::new();
    for (key, entry) in &page {
        if let Entry::Object(object) = entry {
            objects.push((key, object, etag(bucket, etags, object)?));
        }
    }
    Ok(xml_response(Xml::response("ListBucketResult", |xml| {
        xml.text("Name", name);
        xml.text("Prefix", encoding.encode(prefix));
        if let Some(delimiter) = listing.delimiter {
            xml.text("Delimiter", encoding.encode(delimiter));
        }
        xml.text("MaxKeys", max_keys.to_string());
        encoding.write(xml);
        xml.text("IsTruncated", is_truncated.to_string());
        if is_second {
            xml.text("KeyCount", page.len().to_string());
            xml.optional("ContinuationToken", token);
            xml.optional(
                "StartAfter",
                start_after.map(|key| encoding.encode(key)).as_deref(),
            );
            let next = last.map(|last| URL_SAFE_NO_PAD.encode(last));
            xml.optional("NextContinuationToken", next.as_deref());
        } else {
            xml.text("Marker", encoding.encode(&after));
            xml.optional(
                "NextMarker",
                last.map(|last| encoding.encode(last)).as_deref(),
            );
        }
        for (key, object, etag) in objects {
            xml.parent("Contents", |xml| {
                xml.text("Key", encoding.encode(key));
                write_object(xml, object, etag);
            });
        }
        let is_prefix = |(_, entry): &(&String, &Entry<_>)| matches!(entry, Entry::CommonPrefix);
        for (prefix, _) in page.iter().filter(is_prefix) {
            xml.parent("CommonPrefixes", |xml| {
                xml.text("Prefix", encoding.encode(prefix));
            });
        }
    })))
}

fn write_object(xml: &mut Xml, object: &Listed, etag: String) {
    xml.text("LastModified", rfc3339(modified(&object.metadata)));
    xml.text("ETag", etag);
    xml.text("Size", object.metadata.len().to_string());
    xml.text("StorageClass", "STANDARD");
}

fn etag(bucket: &Bucket, etags: &Etags, listed: &Listed) -> Result<String, ServiceError> {
    let mut object = match bucket.open(&listed.key) {
        // Deleted meanwhile.
        Err(StoreError::NoSuchKey) => return Ok(String::new()),
        object => object?,
    };
    Ok(etags.of(&mut object)?)
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
            pages.push(page.into_keys().collect());
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
