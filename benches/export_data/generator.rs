//! Generates an export of any size, the same each time.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::json;
use simpledb_export::{Attribute, Item};

/// Small enough that several cores share the work, yet much larger than a cache.
const FILE_BYTES: u64 = 16 << 20;

const WORDS: [&str; 16] = [
    "Seattle",
    "alpha",
    "30",
    "1999-12-31",
    "2026-02-16T16:56:43.659Z",
    "Boeing 747",
    "a \"quoted\" word",
    "C:\\temp",
    "naïve café",
    "東京",
    "line\nbreak",
    "https://example.com/catalogue/items?page=2&sort=price",
    "0.0001",
    "true",
    "a somewhat longer description of what this item is about",
    "blue",
];

/// Writes an export of about `size` bytes and returns how many bytes its data files have.
pub(super) fn write_export(dir: &Path, size: u64) -> io::Result<u64> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut bytes, mut items, mut number) = (0, 0, 0_u64);
    let mut entries = Vec::new();
    fs::create_dir_all(dir.join("data"))?;
    while bytes < size {
        number += 1;
        let name = format!("data/dataFile_{number}.json");
        let mut file = Hashing {
            target: BufWriter::new(File::create(dir.join(&name))?),
            digest: Md5::new(),
            bytes: 0,
        };
        let items_before = items;
        file.write_all(b"[")?;
        while file.bytes < FILE_BYTES.min(size - bytes) {
            if items > items_before {
                file.write_all(b",")?;
            }
            items += 1;
            serde_json::to_writer(&mut file, &random.item(items))?;
        }
        file.write_all(b"]")?;
        file.target.flush()?;
        bytes += file.bytes;
        let digest = STANDARD.encode(file.digest.finalize());
        entries.push(json!({
            "md5Checksum": digest,
            "dataFileS3Key": format!("AWSSimpleDB/c0ffee/Generated/{name}"),
            "dataFileItemCount": items - items_before,
        }));
    }
    fs::write(dir.join("manifest-file.json"), json!(entries).to_string())?;
    let summary = json!({
        "s3ExportPrefix": "AWSSimpleDB/c0ffee/Generated",
        "itemsCount": items,
    });
    fs::write(dir.join("manifest-summary.json"), summary.to_string())?;
    Ok(bytes)
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn value(&mut self) -> String {
        let words = 1 + self.below(3);
        let words: Vec<_> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn word(&mut self) -> &'static str {
        let word = usize::try_from(self.below(WORDS.len() as u64)).unwrap_or_default();
        WORDS[word]
    }

    /// Eight attributes, every eighth of which has three values.
    fn item(&mut self, number: u64) -> Item {
        let mut item = Item::new(format!("item{number:010}"));
        for column in 0..8 {
            let values = if self.below(8) == 0 { 3 } else { 1 };
            let values: Vec<_> = (0..values).map(|_| self.value()).collect();
            item.attributes
                .push(Attribute::new(format!("attribute{column}"), values));
        }
        item
    }
}

struct Hashing<W> {
    target: W,
    digest: Md5,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.target.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}
