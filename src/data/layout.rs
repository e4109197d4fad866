//! From keys in a bucket to paths in a folder.

use std::path::PathBuf;

use super::error::{DataError, DataErrorKind};
use crate::wire::arn::Arn;

const ROOT: &str = "AWSSimpleDB";

/// Where a data file lies below its export's folder, such as `data/dataFile_1_2.json`.
///
/// The key in a manifest may or may not have the custom prefix that the export was started with,
/// and so may `s3_export_prefix`, which is the summary's: all four combinations are understood.
/// Without a summary the folder is found in the key itself, as `AWSSimpleDB/<id>/<domain>/`. A
/// key without any of these is taken as a path below the folder.
///
/// # Errors
///
/// [`UnsafeKey`](DataErrorKind::UnsafeKey) for a key that could lead out of the folder, or that
/// means something else on another system: with a part that is empty, `.` or `..`, or that has a
/// backslash, a colon or a control character.
///
/// ```
/// use std::path::Path;
/// use simpledb_export::data::data_file_path;
///
/// let prefix = Some("AWSSimpleDB/c0ffee/Books");
/// let key = "my/exports/AWSSimpleDB/c0ffee/Books/data/dataFile_1_2.json";
/// assert_eq!(data_file_path(key, prefix)?, Path::new("data/dataFile_1_2.json"));
///
/// let error = data_file_path("AWSSimpleDB/c0ffee/Books/../../x", prefix).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the key AWSSimpleDB/c0ffee/Books/../../x leads out of the export's folder"
/// );
/// # Ok::<(), simpledb_export::data::DataError>(())
/// ```
pub fn data_file_path(key: &str, s3_export_prefix: Option<&str>) -> Result<PathBuf, DataError> {
    let relative = s3_export_prefix
        .and_then(|prefix| below_prefix(key, prefix))
        .or_else(|| below_export_folder(key))
        .unwrap_or(key);
    plain_path(relative).ok_or_else(|| {
        let message = format!("the key {key} leads out of the export's folder");
        DataError::new(DataErrorKind::UnsafeKey, message)
    })
}

/// The key of an export's folder without a custom prefix: `AWSSimpleDB/<id>/<domain>`.
pub(super) fn folder_key(export_arn: &str, domain_name: &str) -> String {
    let id = Arn(export_arn).id();
    format!("{ROOT}/{id}/{domain_name}")
}

/// The same as a path below the folder that downloads go to.
pub(super) fn folder_path(export_arn: &str, domain_name: &str) -> Result<PathBuf, DataError> {
    let key = folder_key(export_arn, domain_name);
    plain_path(&key).ok_or_else(|| {
        let message = format!("the key {key} cannot be the path of a folder");
        DataError::new(DataErrorKind::UnsafeKey, message)
    })
}

/// The path of a key's parts, if none of them means anything but a name.
fn plain_path(key: &str) -> Option<PathBuf> {
    key.split('/')
        .all(is_safe)
        .then(|| key.split('/').collect())
}

/// What follows `prefix` in `key`, where either may have a custom prefix before it.
fn below_prefix<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let prefix = prefix.trim_end_matches('/');
    if prefix.is_empty() {
        return None;
    }
    let folder = export_folder(prefix).unwrap_or(prefix);
    [prefix, folder].into_iter().find_map(|folder| {
        key.match_indices(folder)
            .filter(|&(at, _)| at == 0 || key[..at].ends_with('/'))
            .find_map(|(at, _)| key[at + folder.len()..].strip_prefix('/'))
    })
}

/// The `AWSSimpleDB/<id>/<domain>` that a prefix ends with.
fn export_folder(prefix: &str) -> Option<&str> {
    let (at, _) = prefix.rmatch_indices('/').nth(2).unwrap_or_default();
    let folder = prefix[at..].trim_start_matches('/');
    folder.starts_with("AWSSimpleDB/").then_some(folder)
}

/// What follows the last `AWSSimpleDB/<id>/<domain>/` in `key`.
fn below_export_folder(key: &str) -> Option<&str> {
    key.rmatch_indices(ROOT).find_map(|(at, _)| {
        let begins = at == 0 || key[..at].ends_with('/');
        let rest = key[at + ROOT.len()..].strip_prefix('/')?;
        let below = rest.splitn(3, '/').nth(2)?;
        begins.then_some(below)
    })
}

fn is_safe(part: &str) -> bool {
    !matches!(part, "" | "." | "..")
        && !part.contains(|c: char| matches!(c, '\\' | ':') || c.is_control())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_custom_prefix_may_be_in_the_key_in_the_summary_in_both_or_in_neither() {
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
                    assert_eq!(path.unwrap(), Path::new("data/a.json"), "{key} {prefix:?}");
                }
            }
        }
    }

    #[test]
    fn a_domain_may_be_called_like_the_root() {
        let key = "AWSSimpleDB/c0ffee/AWSSimpleDB/data/a.json";
        assert_eq!(data_file_path(key, None).unwrap(), Path::new("data/a.json"));
        let prefix = Some("AWSSimpleDB/c0ffee/AWSSimpleDB");
        assert_eq!(
            data_file_path(key, prefix).unwrap(),
            Path::new("data/a.json")
        );
    }

    #[test]
    fn a_key_without_the_folder_is_a_path_below_it() {
        for prefix in [
            None,
            Some(""),
            Some("/"),
            Some("p/AWSSimpleDB/i/d"),
            Some("dat"),
        ] {
            let path = data_file_path("data/a b+é.json", prefix);
            assert_eq!(path.unwrap(), Path::new("data/a b+é.json"), "{prefix:?}");
        }
    }

    #[test]
    fn no_key_leads_out_of_the_folder() {
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
            assert_eq!(error.kind(), DataErrorKind::UnsafeKey, "{key:?}");
        }
    }

    #[test]
    fn every_export_has_a_folder_of_its_own_and_none_leads_out() {
        let arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee";
        assert_eq!(
            folder_path(arn, "Books").unwrap(),
            Path::new("AWSSimpleDB/c0ffee/Books")
        );
        assert_eq!(
            folder_path(arn, "a/b").unwrap(),
            Path::new("AWSSimpleDB/c0ffee/a/b")
        );
        for (arn, domain) in [
            ("arn:x/..", "Books"),
            (arn, ".."),
            (arn, "a/../../b"),
            ("", "b"),
        ] {
            assert!(folder_path(arn, domain).is_err(), "{arn} {domain}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            failure_persistence: None,
            ..proptest::test_runner::Config::default()
        })]

        #[test]
        fn whatever_the_key_a_path_has_only_plain_parts(
            key in "(AWSSimpleDB|[./a:]{1,3}|[^a-z])(/(AWSSimpleDB|[./a\\\\]{0,3})){0,6}",
            prefix in proptest::option::of("[./aé]{0,4}(AWSSimpleDB/a/[.a]{1,2})?"),
        ) {
            if let Ok(path) = data_file_path(&key, prefix.as_deref()) {
                let plain = |part| matches!(part, std::path::Component::Normal(_));
                proptest::prop_assert!(path.components().all(plain));
                proptest::prop_assert!(path.components().count() > 0);
            }
        }
    }
}
