//! Measures the speed and memory use of verifying and converting an export.
//!
//! ```text
//! cargo bench --features data --bench export_data -- [MiB, default 64] [directory to keep it in]
//! cargo bench --features data --bench export_data -- generate MiB DIRECTORY [FILES]
//! ```
//!
//! The second command only generates the export, for `benches/export_data/run` and
//! `benches/downloads/run`, which measure the command line beside other programs.
//!
//! With `--features parquet`, Parquet too.
//!
//! Generates an export of that size, the same each time, and removes it afterwards unless a
//! directory is given. A speed is the size of the data files divided by the CPU time of the
//! measuring thread (by wall time if the system does not report it): the best of three runs, with
//! the files in the system's cache. The floors to compare with: `serde_json` reading the same files
//! into the same items from a stream, the same from memory, and MD5 alone. To compare with a script:
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
//! " DIR/data/*.json > /dev/null
//! time jq -c '.[]' DIR/data/*.json > /dev/null
//! ```

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use md5::{Digest, Md5};
use serde::de::{Deserializer, SeqAccess, Visitor};
use simpledb_export::Item;
#[cfg(feature = "parquet")]
use simpledb_export::data::ParquetWriter;
use simpledb_export::data::{
    CsvWriter, DynamoDbWriter, Export, Format, ItemWriter, JsonLinesWriter,
};

#[path = "export_data/generator.rs"]
mod generator;

type Outcome = Result<(), Box<dyn Error>>;

const RUNS: usize = 3;

fn main() -> Outcome {
    // Cargo adds its own options.
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let mut arguments = arguments.by_ref().peekable();
    if arguments.next_if_eq("generate").is_some() {
        let (size, dir) = (arguments.next(), arguments.next());
        let (Some(size), Some(dir)) = (size, dir) else {
            return Err("usage: generate MiB DIRECTORY [FILES]".into());
        };
        let size = size.parse::<u64>()? << 20;
        let file_size = match arguments.next() {
            Some(files) => size / files.parse::<u64>()?.max(1),
            None => generator::FILE_BYTES,
        };
        generator::write_export(Path::new(&dir), size, file_size)?;
        return Ok(());
    }
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
    let bytes = generator::write_export(dir, size, generator::FILE_BYTES)?;
    let export = Export::open(dir)?;
    let files: Vec<PathBuf> = export.data_files().map(|file| file.path()).collect();
    println!(
        "{} MB in {} files in {}",
        bytes / 1_000_000,
        files.len(),
        dir.display()
    );

    let mut ours = [
        Case::new("verify", || check(&export, 1)),
        Case::new("describe", || describe(&export)),
        Case::new("convert to JSON Lines", || to_json_lines(&export, 1)),
        Case::new("convert to DynamoDB", || to_dynamodb(&export, 1)),
        Case::new("convert to CSV, both passes", || to_csv(&export, 1)),
        #[cfg(feature = "parquet")]
        Case::new("convert to Parquet, both passes", || to_parquet(&export, 1)),
        Case::new("read into one item", || read_in_place(&export)),
        Case::new("read new items", || read(&export)),
    ];
    let mut floors = [
        Case::new("floor: serde_json, streaming", || each(&files, stream)),
        Case::new("floor: serde_json, file in memory", || {
            each(&files, in_memory)
        }),
        Case::new("floor: MD5", || each(&files, checksum)),
    ];
    // Alternate, so that other load affects all of them.
    let mut peak = None;
    for _ in 0..RUNS {
        for case in &mut ours {
            case.run()?;
        }
        if peak.is_none() {
            peak = Some(peak_memory()?);
        }
        for case in &mut floors {
            case.run()?;
        }
    }
    for case in ours.iter().chain(&floors) {
        println!("{:<36}{:>6.0} MB/s", case.name, case.speed(bytes));
    }
    let [verify, json_lines, ..] = ours.map(|case| case.speed(bytes));
    let [stream, in_memory, md5] = floors.map(|case| case.speed(bytes));
    let with_md5 = |speed: f64| 1.0 / (1.0 / speed + 1.0 / md5);
    for (name, speed, floor) in [
        ("verify / streaming", verify, stream),
        ("verify / streaming and MD5", verify, with_md5(stream)),
        ("verify / in memory and MD5", verify, with_md5(in_memory)),
        ("verify / MD5", verify, md5),
        ("convert / streaming", json_lines, stream),
        ("convert / in memory", json_lines, in_memory),
    ] {
        println!("{name:<36}{:>6.2}", speed / floor);
    }
    println!(
        "{:<36}{:>6} KiB",
        "peak memory, before the floors",
        peak.unwrap_or_default()
    );

    let threads = thread::available_parallelism().map_or(1, Into::into);
    for (name, work) in [
        ("verify", check as fn(&Export, usize) -> Outcome),
        ("convert to JSON Lines", to_json_lines),
        ("convert to DynamoDB", to_dynamodb),
        ("convert to CSV, both passes", to_csv),
        #[cfg(feature = "parquet")]
        ("convert to Parquet, both passes", to_parquet),
    ] {
        let alone = wall_seconds(|| work(&export, 1))?;
        let together = wall_seconds(|| work(&export, threads))?;
        println!(
            "{name} with {threads} threads: {:.2} times as fast by the clock on the wall",
            alone / together
        );
    }
    Ok(())
}

/// Returns how long the shortest of some runs takes.
fn wall_seconds(work: impl Fn() -> Outcome) -> Result<f64, Box<dyn Error>> {
    let mut shortest = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        work()?;
        shortest = shortest.min(start.elapsed().as_secs_f64());
    }
    Ok(shortest)
}

/// Work on all files, and the shortest time it took.
struct Case<'a> {
    name: &'static str,
    work: Box<dyn FnMut() -> Outcome + 'a>,
    seconds: f64,
}

impl<'a> Case<'a> {
    fn new(name: &'static str, work: impl FnMut() -> Outcome + 'a) -> Case<'a> {
        Case {
            name,
            work: Box::new(work),
            seconds: f64::INFINITY,
        }
    }

    fn run(&mut self) -> Outcome {
        let clock = Clock::start();
        (self.work)()?;
        self.seconds = self.seconds.min(clock.seconds());
        Ok(())
    }

    /// Returns the speed in MB/s.
    #[expect(clippy::cast_precision_loss, reason = "a speed needs no more")]
    fn speed(&self, bytes: u64) -> f64 {
        bytes as f64 / 1e6 / self.seconds
    }
}

/// The CPU time of this thread if the system reports it, or else wall time.
struct Clock {
    wall: Instant,
    core: Option<f64>,
}

impl Clock {
    fn start() -> Clock {
        Clock {
            wall: Instant::now(),
            core: core_seconds(),
        }
    }

    fn seconds(&self) -> f64 {
        match (self.core, core_seconds()) {
            (Some(start), Some(end)) => end - start,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

fn core_seconds() -> Option<f64> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = statistics.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn check(export: &Export, threads: usize) -> Outcome {
    let report = export.verify().threads(threads).run()?;
    match report.problems.first() {
        None => Ok(()),
        Some(problem) => Err(problem.to_string().into()),
    }
}

fn describe(export: &Export) -> Outcome {
    let description = export.describe().threads(1).run()?;
    std::hint::black_box(description);
    Ok(())
}

/// Reads all items into the memory of one.
fn for_each(
    export: &Export,
    mut work: impl FnMut(&Item) -> Result<(), simpledb_export::data::Error>,
) -> Outcome {
    let mut items = export.items();
    let mut item = Item::default();
    while items.read_item(&mut item)? {
        work(&item)?;
    }
    Ok(())
}

fn to_json_lines(export: &Export, threads: usize) -> Outcome {
    convert(export, threads, JsonLinesWriter::new(io::sink()))
}

fn to_dynamodb(export: &Export, threads: usize) -> Outcome {
    convert(
        export,
        threads,
        DynamoDbWriter::new(io::sink()).key_name("pk"),
    )
}

fn to_csv(export: &Export, threads: usize) -> Outcome {
    let types = export.describe().threads(threads).run()?.text_types();
    convert(export, threads, CsvWriter::new(io::sink()).types(types))
}

fn convert(export: &Export, threads: usize, writer: ItemWriter<io::Sink, impl Format>) -> Outcome {
    export.convert().threads(threads).write_to(writer)?;
    Ok(())
}

#[cfg(feature = "parquet")]
fn to_parquet(export: &Export, threads: usize) -> Outcome {
    let types = export.describe().threads(threads).run()?.text_types();
    convert(export, threads, ParquetWriter::new(io::sink()).types(types))
}

fn read_in_place(export: &Export) -> Outcome {
    for_each(export, |item| {
        std::hint::black_box(item);
        Ok(())
    })
}

fn read(export: &Export) -> Outcome {
    for item in export.items() {
        drop(item?);
    }
    Ok(())
}

fn each(files: &[PathBuf], run: fn(File) -> Outcome) -> Outcome {
    files.iter().try_for_each(|path| run(File::open(path)?))
}

/// Reads the elements of an array one by one and drops them.
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

/// Returns the peak memory use of the process in KiB, on Linux.
fn peak_memory() -> Result<String, Box<dyn Error>> {
    if !cfg!(target_os = "linux") {
        return Ok("?".to_owned());
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kibibytes.ok_or("no VmHWM")?.to_owned())
}
