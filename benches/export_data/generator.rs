//! Generates an export of any size, the same each time.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::json;
use simpledb_export::Item;

/// Small enough that several cores share the work, yet much larger than a cache.
pub(super) const FILE_BYTES: u64 = 16 << 20;

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

/// Writes an export of about `size` bytes, in data files of about `file_size` bytes, and returns how
/// many bytes these have together.
pub(super) fn write_export(dir: &Path, size: u64, file_size: u64) -> io::Result<u64> {
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
        while file.bytes < file_size.min(size - bytes) {
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
        "domainName": "Generated",
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

    fn text(&mut self) -> String {
        let words = 1 + self.below(3);
        let words: Vec<_> = (0..words).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn word(&mut self) -> &'static str {
        let word = usize::try_from(self.below(WORDS.len() as u64)).unwrap_or_default();
        WORDS[word]
    }

    /// An item with a whole number, a decimal, a time, a truth value, and four texts, the first of
    /// which often has three values.
    fn item(&mut self, number: u64) -> Item {
        let texts = if self.below(4) == 0 { 3 } else { 1 };
        let texts: Vec<_> = (0..texts).map(|_| self.text()).collect();
        Item::new(format!("item{number:010}"))
            .attribute("count", [self.below(1_000_000).to_string()])
            .attribute("price", [self.price()])
            .attribute("changed", [self.time()])
            .attribute("available", [(self.below(2) == 0).to_string()])
            .attribute("tags", texts)
            .attribute("title", [self.text()])
            .attribute("maker", [self.text()])
            .attribute("note", [self.text()])
    }

    fn price(&mut self) -> String {
        format!("{}.{:02}", self.below(10_000), self.below(100))
    }

    fn time(&mut self) -> String {
        let (day, hour, minute) = (1 + self.below(28), self.below(24), self.below(60));
        let (second, millisecond) = (self.below(60), self.below(1000));
        format!("2026-02-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
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
