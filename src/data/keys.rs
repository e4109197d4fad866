//! From keys in a bucket to paths in a directory, and back.

use std::path::PathBuf;

use super::error::{Error, ErrorKind};
use crate::fs::names;
use crate::operation::get_export::GetExportOutput;
use crate::wire::arn::Arn;

pub(super) const ROOT: &str = "AWSSimpleDB";

/// What is appended to a file's name while it is fetched.
pub(super) const PART: &str = ".part";

/// What is appended to the name of the note that contains the object's ETag, which shows whether the
/// partial file belongs to the object.
pub(super) const ETAG: &str = ".part.etag";

/// Returns the path of a data file below its export's directory, such as `data/dataFile_1_2.json`.
///
/// AWS does not document whether the key in a manifest has the custom prefix that the export was
/// started with, nor whether `s3_export_prefix`, the summary's, has it: all four combinations are
/// understood. Without a summary, `AWSSimpleDB/<id>/<domain>/` is searched in the key itself. A key
/// without any of these is a path below the directory.
pub(super) fn data_file_path(key: &str, s3_export_prefix: Option<&str>) -> Result<Box<str>, Error> {
    let relative = s3_export_prefix
        .and_then(|prefix| below_prefix(key, prefix))
        .or_else(|| below_export(key))
        .unwrap_or(key);
    if relative.split('/').all(is_safe) {
        return Ok(relative.into());
    }
    let message = format!("the key {key} points outside the export's directory");
    Err(Error::new(ErrorKind::InvalidManifest, message))
}

/// Returns the path of the file whose partial file or note has this path.
pub(super) fn whole_of(path: &str) -> Option<&str> {
    path.strip_suffix(ETAG).or(path.strip_suffix(PART))
}

/// Returns the prefix of an export's keys without a custom prefix: `AWSSimpleDB/<id>/<domain>`.
fn export_key(export_arn: &str, domain_name: &str) -> String {
    let id = Arn(export_arn).id();
    format!("{ROOT}/{id}/{domain_name}")
}

/// Returns the path of an export below the directory that it is downloaded to.
#[must_use]
pub fn export_path(export_arn: &str, domain_name: &str) -> PathBuf {
    [
        ROOT.to_string(),
        names::encode(Arn(export_arn).id(), ""),
        names::encode(domain_name, ""),
    ]
    .iter()
    .collect()
}

/// Returns the prefixes that the keys of an export may have in its bucket, the likeliest first.
///
/// There is more than one because AWS does not document whether `exportManifest` is a bare name or
/// a whole key, with or without the custom prefix, nor what becomes of a slash at that prefix's end.
pub(super) fn export_keys(export: &GetExportOutput) -> Vec<String> {
    let prefix = export.s3_key_prefix.as_deref().unwrap_or_default();
    let manifest = export.export_manifest.as_deref().unwrap_or_default();
    let default = export_key(&export.export_arn, &export.domain_name);

    let mut keys = Vec::new();
    let mut add = |key: String| {
        if !keys.contains(&key) {
            keys.push(key);
        }
    };
    // A whole key is taken literally before it is put below the prefix.
    let parent = manifest.rsplit_once('/').map(|(parent, _)| parent);
    if let Some(parent) = parent.filter(|parent| !parent.is_empty()) {
        add(parent.to_string());
        below(prefix, parent).for_each(&mut add);
    }
    below(prefix, &default).for_each(&mut add);
    add(default);
    keys
}

/// Puts a key below the prefix, whose last slash may be the separator or precede it.
fn below<'a>(prefix: &'a str, key: &'a str) -> impl Iterator<Item = String> + 'a {
    let joined = (!prefix.is_empty()).then(|| format!("{prefix}/{key}"));
    let trimmed = prefix
        .strip_suffix('/')
        .map(|prefix| format!("{prefix}/{key}"));
    trimmed.into_iter().chain(joined)
}

/// Returns what follows `prefix` in `key`; either may have a custom prefix before it.
fn below_prefix<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let prefix = prefix.trim_end_matches('/');
    if prefix.is_empty() {
        return None;
    }
    let prefix = without_custom_prefix(prefix).unwrap_or(prefix);
    key.match_indices(prefix)
        .filter(|&(at, _)| at == 0 || key[..at].ends_with('/'))
        .find_map(|(at, _)| key[at + prefix.len()..].strip_prefix('/'))
}

/// Returns the `AWSSimpleDB/<id>/<domain>` that a prefix ends with.
fn without_custom_prefix(prefix: &str) -> Option<&str> {
    let (at, _) = prefix.rmatch_indices('/').nth(2).unwrap_or_default();
    let end = prefix[at..].trim_start_matches('/');
    end.starts_with("AWSSimpleDB/").then_some(end)
}

/// Returns what follows the last `AWSSimpleDB/<id>/<domain>/` in `key`.
fn below_export(key: &str) -> Option<&str> {
    key.rmatch_indices(ROOT).find_map(|(at, _)| {
        let begins = at == 0 || key[..at].ends_with('/');
        let rest = key[at + ROOT.len()..].strip_prefix('/')?;
        let below = rest.splitn(3, '/').nth(2)?;
        begins.then_some(below)
    })
}

/// Returns whether a part of a path is nothing but a name, on any system.
fn is_safe(part: &str) -> bool {
    !matches!(part, "" | "." | "..")
        && !part.contains(|c: char| matches!(c, '\\' | ':') || c.is_control())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn accepts_a_custom_prefix_in_the_key_in_the_summary_in_both_or_in_neither() {
        let bare = "AWSSimpleDB/c0ffee/Books";
        for custom in ["", "exports/", "a//b c+é/", "../", "AWSSimpleDB/x/y/", "/"] {
            for key in [format!("{custom}{bare}"), bare.to_owned()] {
                let key = format!("{key}/data/a.json");
                for prefix in [
                    None,
                    Some(bare.to_owned()),
                    Some(format!("{custom}{bare}/")),
                ] {
                    let path = data_file_path(&key, prefix.as_deref());
                    assert_eq!(&*path.unwrap(), "data/a.json", "{key} {prefix:?}");
                }
            }
        }
    }

    #[test]
    fn accepts_a_domain_with_the_name_of_the_root() {
        let key = "AWSSimpleDB/c0ffee/AWSSimpleDB/data/a.json";
        assert_eq!(&*data_file_path(key, None).unwrap(), "data/a.json");
        let prefix = Some("AWSSimpleDB/c0ffee/AWSSimpleDB");
        assert_eq!(&*data_file_path(key, prefix).unwrap(), "data/a.json");
    }

    #[test]
    fn takes_a_key_without_the_prefix_as_a_path() {
        for prefix in [
            None,
            Some(""),
            Some("/"),
            Some("p/AWSSimpleDB/i/d"),
            Some("dat"),
        ] {
            let path = data_file_path("data/a b+é.json", prefix);
            assert_eq!(&*path.unwrap(), "data/a b+é.json", "{prefix:?}");
        }
    }

    #[test]
    fn rejects_keys_that_point_outside() {
        for key in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "data/../../a",
            "data/./a",
            "data//a",
            "data/",
            "C:a",
            "data\\..\\a",
            "data/a\0",
            "data/a\nb",
            "AWSSimpleDB/i/d/",
            "AWSSimpleDB/i/d//a",
            "AWSSimpleDB/i/d/../a",
        ] {
            let error = data_file_path(key, Some("AWSSimpleDB/i/d")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidManifest, "{key:?}");
        }
    }

    #[test]
    fn downloads_to_a_directory_that_no_name_leads_out_of() {
        let arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee";
        let path = |arn, domain| {
            export_path(arn, domain)
                .to_str()
                .unwrap()
                .replace('\\', "/")
        };
        assert_eq!(path(arn, "Books"), "AWSSimpleDB/c0ffee/Books");
        assert_eq!(path(arn, "../../x"), "AWSSimpleDB/c0ffee/%2E.%2F..%2Fx");
        assert_eq!(path("arn:x/..", "CON"), "AWSSimpleDB/%2E%2E/%43ON");
        assert_eq!(path("", ""), "AWSSimpleDB/%/%");
    }

    fn keys(members: &Value) -> Vec<String> {
        let mut export = json!({
            "exportArn": "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee",
            "clientToken": "token",
            "exportStatus": "SUCCEEDED",
            "domainName": "Books",
            "requestedAt": 1,
            "s3Bucket": "bucket",
        });
        for (name, value) in members.as_object().unwrap() {
            export[name] = value.clone();
        }
        export_keys(&serde_json::from_str(&export.to_string()).unwrap())
    }

    #[test]
    fn tries_one_prefix_if_there_is_no_custom_one() {
        let place = ["AWSSimpleDB/c0ffee/Books"];
        assert_eq!(keys(&json!({})), place);
        assert_eq!(
            keys(&json!({"exportManifest": "manifest-summary.json"})),
            place
        );
        assert_eq!(
            keys(&json!({"exportManifest": null, "s3KeyPrefix": ""})),
            place
        );
        let whole = "AWSSimpleDB/c0ffee/Books/manifest-summary.json";
        assert_eq!(keys(&json!({"exportManifest": whole})), place);
        assert_eq!(
            keys(&json!({"exportArn": "arn:aws:sdb::export:c0ffee"})),
            place
        );
    }

    #[test]
    fn tries_the_custom_prefix_first_unless_the_whole_key_is_known() {
        let bare = "AWSSimpleDB/c0ffee/Books";
        let below = "my/exports/AWSSimpleDB/c0ffee/Books";
        let both = [below, bare];
        let prefix = "my/exports";
        assert_eq!(keys(&json!({"s3KeyPrefix": prefix})), both);
        assert_eq!(
            keys(&json!({"s3KeyPrefix": prefix, "exportManifest": "manifest-file.json"})),
            both
        );
        let whole = format!("{below}/manifest-summary.json");
        let found = keys(&json!({"s3KeyPrefix": prefix, "exportManifest": whole}));
        assert_eq!(found[0], below);
        assert!(found.contains(&bare.to_owned()));
        let short = format!("{bare}/manifest-summary.json");
        assert_eq!(
            keys(&json!({"s3KeyPrefix": prefix, "exportManifest": short})),
            [bare, below]
        );
    }

    #[test]
    fn tries_a_slash_at_the_end_of_the_custom_prefix_both_ways() {
        assert_eq!(
            keys(&json!({"s3KeyPrefix": "my/"})),
            [
                "my/AWSSimpleDB/c0ffee/Books",
                "my//AWSSimpleDB/c0ffee/Books",
                "AWSSimpleDB/c0ffee/Books",
            ]
        );
    }

    #[test]
    fn believes_an_undocumented_location() {
        let found = keys(&json!({"exportManifest": "elsewhere/manifest-file.json"}));
        assert_eq!(found, ["elsewhere", "AWSSimpleDB/c0ffee/Books"]);
        assert_eq!(
            keys(&json!({"exportManifest": "/manifest-file.json"})),
            ["AWSSimpleDB/c0ffee/Books"]
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            failure_persistence: None,
            ..proptest::test_runner::Config::default()
        })]

        #[test]
        fn returns_only_paths_of_plain_parts(
            key in "(AWSSimpleDB|[./a:]{1,3}|[^a-z])(/(AWSSimpleDB|[./a\\\\]{0,3})){0,6}",
            prefix in proptest::option::of("[./aé]{0,4}(AWSSimpleDB/a/[.a]{1,2})?"),
        ) {
            if let Ok(path) = data_file_path(&key, prefix.as_deref()) {
                let plain = |part| matches!(part, std::path::Component::Normal(_));
                proptest::prop_assert!(std::path::Path::new(&*path).components().all(plain));
                proptest::prop_assert!(std::path::Path::new(&*path).components().count() > 0);
            }
        }
    }
}
