//! How to load converted files into DynamoDB.

use serde_json::json;

use crate::conversion::{ConversionOptions, Files, key_name};
use crate::shell::quote;

/// Returns the commands after which a table has the items.
pub(crate) fn load(files: &Files, table: &str, options: &ConversionOptions) -> [String; 3] {
    let (upload, prefix) = match &files.parts {
        None => {
            let file = files.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let upload = quote(&file.display().to_string());
            (format!("{upload} s3://BUCKET/PREFIX/"), name.into_owned())
        }
        Some(names) => {
            let upload = format!(
                "{} s3://BUCKET/PREFIX/ --recursive --exclude {} --include {}",
                quote(&files.directory().display().to_string()),
                quote("*"),
                quote(&names.pattern())
            );
            (upload, names.prefix())
        }
    };
    let prefix = format!("PREFIX/{prefix}");
    let compression = if options.gzip { "GZIP" } else { "NONE" };
    let key_name = key_name(options);
    let source = json!({"S3Bucket": "BUCKET", "S3KeyPrefix": prefix});
    let new_table = json!({
        "TableName": table,
        "AttributeDefinitions": [{"AttributeName": key_name, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": key_name, "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let input = json!({
        "S3Bucket": "BUCKET",
        "S3KeyPrefix": prefix,
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": compression,
    });
    let output = json!({
        "S3Bucket": "BUCKET",
        "S3KeyPrefix": "PREFIX/errors/",
        "OutputType": ["ERROR"],
    });
    [
        format!("to upload it: aws s3 cp {upload}"),
        format!(
            "then, to load it into a new table: aws dynamodb import-table --s3-bucket-source {} \
             --input-format DYNAMODB_JSON --input-compression-type {compression} \
             --table-creation-parameters {}",
            quote(&source.to_string()),
            quote(&new_table.to_string())
        ),
        format!(
            "or into a table with the key {key_name} (S): aws dynamodb start-bulk-put-items \
             --table-name {} --input-s3-configuration {} --output-s3-configuration {}",
            quote(table),
            quote(&input.to_string()),
            quote(&output.to_string())
        ),
    ]
}

#[cfg(all(test, not(windows)))]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn names_the_key_the_files_and_the_compression() {
        let options = ConversionOptions {
            key_name: Some("pk".to_owned()),
            gzip: true,
            ..ConversionOptions::default()
        };
        let parts = Files::new(Path::new("my out/Books.json.gz"), true);
        assert_eq!(
            load(&parts, "Books", &options),
            [
                "to upload it: aws s3 cp 'my out' s3://BUCKET/PREFIX/ --recursive --exclude '*' \
                 --include 'Books-*.json.gz'",
                "then, to load it into a new table: aws dynamodb import-table --s3-bucket-source \
                 '{\"S3Bucket\":\"BUCKET\",\"S3KeyPrefix\":\"PREFIX/Books-\"}' --input-format \
                 DYNAMODB_JSON --input-compression-type GZIP --table-creation-parameters \
                 '{\"TableName\":\"Books\",\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\
                 \"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\
                 \"HASH\"}],\"BillingMode\":\"PAY_PER_REQUEST\"}'",
                "or into a table with the key pk (S): aws dynamodb start-bulk-put-items --table-name \
                 Books --input-s3-configuration '{\"S3Bucket\":\"BUCKET\",\"S3KeyPrefix\":\
                 \"PREFIX/Books-\",\"InputFormat\":\"DYNAMODB_JSON\",\"InputCompressionType\":\
                 \"GZIP\"}' --output-s3-configuration '{\"S3Bucket\":\"BUCKET\",\"S3KeyPrefix\":\
                 \"PREFIX/errors/\",\"OutputType\":[\"ERROR\"]}'",
            ]
        );
        let [upload, import, _] = load(
            &Files::new(Path::new("Books.json"), false),
            "Books",
            &ConversionOptions::default(),
        );
        assert_eq!(
            upload,
            "to upload it: aws s3 cp Books.json s3://BUCKET/PREFIX/"
        );
        assert!(import.contains("PREFIX/Books.json"), "{import}");
        assert!(import.contains("--input-compression-type NONE"), "{import}");
    }
}
