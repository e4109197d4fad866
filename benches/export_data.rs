//! How fast an export is verified and converted, and in how much memory.
//!
//! ```text
//! cargo bench --features data --bench export_data -- [MiB, default 64] [folder to keep it in]
//! ```
//!
//! An export of that size is generated, the same each time, and removed afterwards unless a
//! folder is given. Speeds are of the files' bytes, in MB/s, the best of three runs, with the
//! files in the system's cache. The floors are what they are compared with: `serde_json` reading
//! the same files into the same items by its own streaming, the same from files that lie in
//! memory whole, and MD5 alone. To compare with what a script does:
//!
//! ```text
//! time python3 -c "
//! import sys, json, hashlib
//! for path in sys.argv[1:]:
//!     data = open(path, 'rb').read()
//!     hashlib.md5(data).digest()
//!     for item in json.loads(data):
//!         a = {x['name']: x['values'] for x in item['attributes']}
//!         print(json.dumps({'itemName': item['itemName'], 'attributes': a}))
//! " FOLDER/data/*.json > /dev/null
//! time jq -c '.[]' FOLDER/data/*.json > /dev/null
//! ```

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use md5::{Digest, Md5};
use serde::de::{Deserializer, SeqAccess, Visitor};
use simpledb_export::Item;
use simpledb_export::export_data::{
    CsvColumns, CsvOptions, CsvWriter, DynamoDbWriter, ExportFolder, JsonLinesWriter,
    VerifyOptions, verify_export,
};

#[path = "export_data/generator.rs"]
mod generator;

type Outcome = Result<(), Box<dyn Error>>;

const RUNS: usize = 3;

fn main() -> Outcome {
    // Cargo adds options of its own.
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let mebibytes: u64 = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let kept = arguments.next().map(PathBuf::from);
    let dir = kept.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("simpledb-export-bench-{}", std::process::id()))
    });
    let measured = measure(&dir, mebibytes << 20);
    if kept.is_none() {
        fs::remove_dir_all(&dir)?;
    }
    measured
}

fn measure(dir: &Path, size: u64) -> Outcome {
    let bytes = generator::write_export(dir, size)?;
    let export = ExportFolder::open(dir)?;
    let files: Vec<&Path> = export.data_files().iter().map(|file| &*file.path).collect();
    let table = Table { bytes };
    println!(
        "{} MB in {} files in {}",
        bytes / 1_000_000,
        files.len(),
        dir.display()
    );

    let verify = table.row("verify, 1 thread", || check(dir, 1))?;
    let cores = VerifyOptions::new().get_threads();
    table.row(&format!("verify, {cores} threads"), || check(dir, cores))?;
    let json_lines = table.row("convert to JSON Lines", || to_json_lines(&export))?;
    table.row("convert to DynamoDB", || to_dynamodb(&export))?;
    table.row("convert to CSV, both passes", || to_csv(&export))?;
    table.row("read owned items", || {
        export
            .items()
            .try_for_each(|item| item.map(drop))
            .map_err(Into::into)
    })?;
    println!(
        "{:<44}{:>6} KiB",
        "peak memory of all of these",
        peak_memory()?
    );

    let stream = table.row("floor: serde_json, streaming", || each(&files, stream))?;
    let in_memory = table.row("floor: serde_json, file in memory", || {
        each(&files, in_memory)
    })?;
    let md5 = table.row("floor: MD5", || each(&files, checksum))?;
    let with_md5 = |speed: f64| 1.0 / (1.0 / speed + 1.0 / md5);
    for (name, speed, floor) in [
        ("verify / streaming", verify, stream),
        ("verify / streaming and MD5", verify, with_md5(stream)),
        ("verify / in memory and MD5", verify, with_md5(in_memory)),
        ("verify / MD5", verify, md5),
        ("convert / streaming", json_lines, stream),
        ("convert / in memory", json_lines, in_memory),
    ] {
        println!("{name:<44}{:>6.2}", speed / floor);
    }
    Ok(())
}

struct Table {
    bytes: u64,
}

impl Table {
    /// Prints the best speed of a few runs, in MB/s.
    fn row(&self, name: &str, mut run: impl FnMut() -> Outcome) -> Result<f64, Box<dyn Error>> {
        let mut best = f64::INFINITY;
        for _ in 0..RUNS {
            let start = Instant::now();
            run()?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        #[expect(clippy::cast_precision_loss, reason = "a speed needs no more")]
        let speed = self.bytes as f64 / 1e6 / best;
        println!("{name:<44}{speed:>6.0} MB/s");
        Ok(speed)
    }
}

fn check(dir: &Path, threads: usize) -> Outcome {
    let report = verify_export(dir, &VerifyOptions::new().threads(threads));
    match report.problems.first() {
        None => Ok(()),
        Some(problem) => Err(problem.to_string().into()),
    }
}

fn to_json_lines(export: &ExportFolder) -> Outcome {
    let mut writer = JsonLinesWriter::new(io::sink());
    export.try_for_each_ref(|item| writer.write(item))?;
    writer.finish()?;
    Ok(())
}

fn to_dynamodb(export: &ExportFolder) -> Outcome {
    let mut writer = DynamoDbWriter::new(io::sink(), "pk")?;
    export.try_for_each_ref(|item| writer.write(item))?;
    writer.finish()?;
    Ok(())
}

fn to_csv(export: &ExportFolder) -> Outcome {
    let mut columns = CsvColumns::new();
    export.try_for_each_ref(|item| columns.add(item))?;
    let mut writer = CsvWriter::new(io::sink(), columns, &CsvOptions::new())?;
    export.try_for_each_ref(|item| writer.write(item))?;
    writer.finish()?;
    Ok(())
}

fn each(files: &[&Path], run: fn(File) -> Outcome) -> Outcome {
    files.iter().try_for_each(|path| run(File::open(path)?))
}

/// Takes the elements of an array one by one and keeps none.
struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u64, A::Error> {
        let mut items = 0;
        while seq.next_element::<Item>()?.is_some() {
            items += 1;
        }
        Ok(items)
    }
}

fn stream(file: File) -> Outcome {
    let reader = BufReader::with_capacity(128 * 1024, file);
    serde_json::Deserializer::from_reader(reader).deserialize_seq(Items)?;
    Ok(())
}

fn in_memory(mut file: File) -> Outcome {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    serde_json::Deserializer::from_slice(&bytes).deserialize_seq(Items)?;
    Ok(())
}

fn checksum(mut file: File) -> Outcome {
    let mut piece = vec![0; 128 * 1024];
    let mut digest = Md5::new();
    loop {
        match file.read(&mut piece)? {
            0 => break,
            read => digest.update(&piece[..read]),
        }
    }
    std::hint::black_box(digest.finalize());
    Ok(())
}

/// The most memory that the process has had, in KiB; only Linux tells.
fn peak_memory() -> Result<String, Box<dyn Error>> {
    if !cfg!(target_os = "linux") {
        return Ok("?".to_owned());
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kibibytes.ok_or("no VmHWM")?.to_owned())
}
