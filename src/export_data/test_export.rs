//! Exports in temporary folders, for tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::Md5Digest;
use crate::Item;

/// A folder that is removed with all that is in it.
pub(super) struct TestFolder(PathBuf);

impl TestFolder {
    pub(super) fn new() -> TestFolder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "simpledb-export-data-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(path.join("data")).unwrap();
        TestFolder(path)
    }

    /// An export of these files, without a fault.
    pub(super) fn with_export(files: &[Vec<Item>]) -> TestFolder {
        let folder = TestFolder::new();
        let mut entries = Vec::new();
        for (number, items) in files.iter().enumerate() {
            let name = format!("data/dataFile_{number}.json");
            let bytes = serde_json::to_vec(items).unwrap();
            folder.write(&name, &bytes);
            entries.push(json!({
                "md5Checksum": Md5Digest::of(&bytes).to_string(),
                "dataFileS3Key": format!("AWSSimpleDB/c0ffee/Books/{name}"),
                "dataFileItemCount": items.len(),
            }));
        }
        folder.write_json("manifest-file.json", &Value::from(entries));
        folder.write_json(
            "manifest-summary.json",
            &json!({
                "s3ExportPrefix": "AWSSimpleDB/c0ffee/Books",
                "itemsCount": files.iter().map(Vec::len).sum::<usize>(),
            }),
        );
        folder
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    pub(super) fn write_json(&self, name: &str, json: &Value) {
        self.write(name, json.to_string().as_bytes());
    }

    pub(super) fn read_json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.0.join(name)).unwrap()).unwrap()
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.0.join(name)).unwrap();
    }

    /// Without the folder's own name, so that it can be compared.
    pub(super) fn anonymous(&self, message: &str) -> String {
        message
            .replace(&format!("{}/", self.0.display()), "")
            .replace('\\', "/")
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        // What is left of a test's folder does no harm to the next one's.
        drop(fs::remove_dir_all(&self.0));
    }
}
