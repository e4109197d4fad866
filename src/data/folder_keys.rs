//! Where in its bucket an export lies.

use super::layout::folder_key;
use crate::operation::get_export::GetExportOutput;

/// The keys that the folder of an export may have in its bucket, the likeliest first. Each is to
/// be followed by `/manifest-summary.json`, and then by the paths that
/// [`data_file_path`](super::data_file_path) makes of the keys in `manifest-file.json`.
///
/// There is more than one, because AWS does not document whether the service gives a manifest's
/// name or its whole key, with the prefix that the export was started with or without it, nor
/// what becomes of a slash at that prefix's end.
///
/// ```no_run
/// use simpledb_export::data::export_folder_keys;
/// use simpledb_export::{Client, GetExportInput};
///
/// let arn = "arn:aws:sdb:us-east-1:111122223333:domain/Books/export/c0ffee";
/// let export = Client::from_env()?.get_export(&GetExportInput::new(arn))?;
/// for key in export_folder_keys(&export) {
///     println!("s3://{}/{key}/manifest-summary.json", export.s3_bucket);
/// }
/// # Ok::<(), simpledb_export::Error>(())
/// ```
#[must_use]
pub fn export_folder_keys(export: &GetExportOutput) -> Vec<String> {
    let prefix = export.s3_key_prefix.as_deref().unwrap_or_default();
    let manifest = export.export_manifest.as_deref().unwrap_or_default();
    let default = folder_key(&export.export_arn, &export.domain_name);

    let mut keys = Vec::new();
    let mut add = |key: String| {
        if !keys.contains(&key) {
            keys.push(key);
        }
    };
    // A whole key is taken at its word before it is put below the prefix.
    let folder = manifest.rsplit_once('/').map(|(folder, _)| folder);
    if let Some(folder) = folder.filter(|folder| !folder.is_empty()) {
        add(folder.to_owned());
        below(prefix, folder).for_each(&mut add);
    }
    below(prefix, &default).for_each(&mut add);
    add(default);
    keys
}

/// The folder below the prefix, whose last slash may be the one between them or one more.
fn below<'a>(prefix: &'a str, folder: &'a str) -> impl Iterator<Item = String> + 'a {
    let joined = (!prefix.is_empty()).then(|| format!("{prefix}/{folder}"));
    let trimmed = prefix
        .strip_suffix('/')
        .map(|prefix| format!("{prefix}/{folder}"));
    trimmed.into_iter().chain(joined)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

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
        // The way that the client reads it: times are looked at as text.
        export_folder_keys(&serde_json::from_str(&export.to_string()).unwrap())
    }

    #[test]
    fn without_a_prefix_there_is_one_place() {
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
    fn below_a_prefix_comes_first_unless_the_whole_key_is_known() {
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
    fn a_slash_at_the_prefixs_end_is_kept_or_not() {
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
    fn another_folder_than_the_documented_one_is_believed() {
        let found = keys(&json!({"exportManifest": "elsewhere/manifest-file.json"}));
        assert_eq!(found, ["elsewhere", "AWSSimpleDB/c0ffee/Books"]);
        assert_eq!(
            keys(&json!({"exportManifest": "/manifest-file.json"})),
            ["AWSSimpleDB/c0ffee/Books"]
        );
    }
}
