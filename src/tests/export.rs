//! Exports in temporary directories, for tests.

use std::fs;
use std::path::{MAIN_SEPARATOR, Path};

use serde_json::{Value, json};

use crate::data::Md5Digest;
use crate::tests::temp_dir::TempDir;
use crate::wire::item::Item;

/// An export in its own directory.
pub(crate) struct TestExport(TempDir);

impl TestExport {
    /// Creates an empty directory.
    pub(crate) fn empty() -> TestExport {
        TestExport(TempDir::new())
    }

    /// Creates a correct export of these files.
    pub(crate) fn of(files: &[Vec<Item>]) -> TestExport {
        let export = TestExport::empty();
        let mut entries = Vec::new();
        for (number, items) in files.iter().enumerate() {
            let name = format!("data/dataFile_{number}.json");
            let bytes = serde_json::to_vec(items).unwrap();
            export.write(&name, &bytes);
            entries.push(json!({
                "md5Checksum": Md5Digest::of(&bytes).to_string(),
                "dataFileS3Key": format!("AWSSimpleDB/c0ffee/Books/{name}"),
                "dataFileItemCount": items.len(),
            }));
        }
        export.write_json("manifest-file.json", &Value::from(entries));
        export.write_json(
            "manifest-summary.json",
            &json!({
                "s3ExportPrefix": "AWSSimpleDB/c0ffee/Books",
                "itemsCount": files.iter().map(Vec::len).sum::<usize>(),
            }),
        );
        export
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        self.0.write(name, bytes);
    }

    pub(crate) fn write_json(&self, name: &str, json: &Value) {
        self.write(name, json.to_string().as_bytes());
    }

    pub(crate) fn read_json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path().join(name)).unwrap()).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).unwrap();
    }

    /// Removes the directory's name from a message, so that it can be compared, and writes `/` in what
    /// is left of a data file's path.
    pub(crate) fn anonymous(&self, message: &str) -> String {
        message
            .replace(&format!("{}{MAIN_SEPARATOR}", self.path().display()), "")
            .replace(&format!("data{MAIN_SEPARATOR}"), "data/")
    }
}
