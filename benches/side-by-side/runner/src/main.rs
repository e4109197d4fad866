//! Builds the programs, runs them in turn against a server on loopback, and prints a table of what
//! they cost. See `run` beside this package for usage.

mod least;
mod micro;
mod process;
mod program;
mod server;
mod table;
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use self::least::Limit;
use self::process::Taken;
use self::program::{Kind, PROGRAMS, Program};
use self::server::Servers;
use self::table::{Row, number};
use self::tools::{Count, Counter, Subject};

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

/// Runs of each program; the median is reported.
const RUNS: usize = 25;

struct Options {
    /// Skip clean builds and size-optimized ones.
    skip_builds: bool,
    /// Clean builds of each kind; the median is reported.
    build_rounds: usize,
    /// Programs to skip.
    without: Vec<String>,
}

impl Options {
    fn is_wanted(&self, program: &Program) -> bool {
        !self.without.iter().any(|name| name == program.name)
    }
}

/// A figure for each program, `None` if it was not measured.
type Values = [Option<f64>; PROGRAMS.len()];

fn main() -> Anything<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some((first, command)) = arguments.split_first() {
        if first == process::RUN_ONE {
            return run_one(command);
        }
    }
    let options = options(&arguments)?;
    let root = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let root = std::path::absolute(root)?.join("side-by-side");
    fs::create_dir_all(root.join("home"))?;

    let mut rows = vec![crates()?];
    rows.extend(builds(&root, &options)?);
    rows.push(sizes("binary, stripped, bytes", &root, Kind::Release));
    if !options.skip_builds {
        rows.push(sizes("binary, for size, bytes", &root, Kind::Small));
    }
    // Before other threads exist: they make every allocation slower.
    let pieces = pieces()?;
    let servers = server::start(root.join("ca.pem"))?;
    for is_https in [false, true] {
        rows.extend(runs(&root, &servers, &options, is_https)?);
    }

    let text = format!("{}\n{}\n{}", machine(), table::markdown(&rows), pieces);
    println!("\n{text}");
    let path = root.join("table.md");
    fs::write(&path, text)?;
    eprintln!("written to {}", path.display());
    Ok(())
}

fn options(arguments: &[String]) -> Anything<Options> {
    let mut options = Options {
        skip_builds: false,
        build_rounds: 1,
        without: Vec::new(),
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--skip-builds" => options.skip_builds = true,
            "--build-rounds" => {
                let rounds = arguments.next().ok_or("--build-rounds: expected a number")?;
                options.build_rounds = rounds.parse::<usize>()?.max(1);
            }
            "--without" => {
                let name = arguments.next().ok_or("--without: expected the name of a program")?;
                options.without.push(name.clone());
            }
            other => return Err(format!("unknown option {other}; see the top of ./run").into()),
        }
    }
    Ok(options)
}

fn run_one(command: &[String]) -> Anything<()> {
    let (program, arguments) = command.split_first().ok_or("expected a program to run")?;
    let taken = process::run(Command::new(program).args(arguments))?;
    println!("{}", taken.to_text());
    Ok(())
}

fn row(title: &str, decimals: usize, values: Values) -> Row {
    Row {
        title: title.to_owned(),
        decimals,
        values,
    }
}

fn crates() -> io::Result<Row> {
    let mut values = Values::default();
    for (program, value) in PROGRAMS.iter().zip(&mut values) {
        let crates = u32::try_from(program.crates()?).map_err(io::Error::other)?;
        *value = Some(crates.into());
    }
    Ok(row("crates", 0, values))
}

fn sizes(title: &str, root: &Path, kind: Kind) -> Row {
    let size = |program: &Program| {
        let bytes = fs::metadata(program.binary(root, kind)).ok()?.len();
        Some(bytes as f64)
    };
    row(title, 0, PROGRAMS.each_ref().map(size))
}

/// Builds every program, timing clean builds if requested.
fn builds(root: &Path, options: &Options) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    if !options.skip_builds {
        let kinds = [
            ("cargo check", Kind::Check),
            ("debug build", Kind::Debug),
            ("release build", Kind::Release),
        ];
        for (title, kind) in kinds {
            let taken = medians(options.build_rounds, |program| {
                if !program.is_built_clean || !options.is_wanted(program) {
                    return Ok(None);
                }
                eprintln!("clean {title} of {}", program.name);
                program.build_clean(root, kind).map(Some)
            })?;
            rows.push(row(&format!("clean {title}, s"), 1, taken.map(wall)));
            rows.push(row(&format!("clean {title}, CPU s"), 1, taken.map(cpu)));
        }
        let is_built = |program: &&Program| program.is_built_small && options.is_wanted(program);
        for program in PROGRAMS.iter().filter(is_built) {
            eprintln!("building {} for size", program.name);
            program.build(root, Kind::Small)?;
        }
    }
    for program in PROGRAMS.iter().filter(|program| options.is_wanted(program)) {
        eprintln!("building {}", program.name);
        program.build(root, Kind::Release)?;
    }
    Ok(rows)
}

fn wall(taken: Option<Taken>) -> Option<f64> {
    Some(taken?.wall.as_secs_f64())
}

fn cpu(taken: Option<Taken>) -> Option<f64> {
    Some(taken?.cpu.as_secs_f64())
}

/// Returns the medians of several rounds, each of which measures every program in turn.
fn medians(
    rounds: usize,
    mut measure: impl FnMut(&Program) -> io::Result<Option<Taken>>,
) -> io::Result<[Option<Taken>; PROGRAMS.len()]> {
    let mut all = PROGRAMS.each_ref().map(|_| Vec::new());
    for _ in 0..rounds {
        for (program, all) in PROGRAMS.iter().zip(&mut all) {
            all.extend(measure(program)?);
        }
    }
    Ok(all.map(|taken: Vec<Taken>| {
        Some(Taken {
            wall: median(taken.iter().map(|taken| taken.wall))?,
            cpu: median(taken.iter().map(|taken| taken.cpu))?,
            memory: median(taken.iter().map(|taken| taken.memory))?,
        })
    }))
}

fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// Measures calls over http or https.
fn runs(root: &Path, servers: &Servers, options: &Options, is_https: bool) -> io::Result<Vec<Row>> {
    let scheme = if is_https { "https" } else { "http" };
    let home = root.join("home");
    let subject = |program: &Program| {
        let is_able = program.has_tls || !is_https;
        (is_able && options.is_wanted(program)).then(|| Subject {
            binary: program.binary(root, Kind::Release),
            servers,
            is_https,
            home: &home,
        })
    };
    let mut rows = Vec::new();
    for counter in Counter::ALL {
        let what = counter.title();
        if !tools::is_there(counter.tool()) {
            eprintln!(
                "{} is not installed: no {what} over {scheme}",
                counter.tool()
            );
            continue;
        }
        eprintln!("counting {what} over {scheme}");
        let mut counts = [None::<Count>; PROGRAMS.len()];
        for (program, count) in PROGRAMS.iter().zip(&mut counts) {
            *count = subject(program)
                .map(|subject| subject.count(counter))
                .transpose()?;
        }
        let each = counts.map(|count| Some(count?.each));
        let first = counts.map(|count| Some(count?.first));
        let decimals = usize::from(counter != Counter::Instructions);
        rows.push(row(&format!("{scheme}: {what} per call"), decimals, each));
        let title = format!("{scheme}: {what}, whole process, one call");
        rows.push(row(&title, 0, first));
    }
    if tools::is_there("strace") {
        let mut connects = Values::default();
        for (program, connects) in PROGRAMS.iter().zip(&mut connects) {
            *connects = subject(program)
                .map(|subject| subject.connects())
                .transpose()?;
        }
        let title = format!("{scheme}: connects in {} calls", tools::CALLS);
        rows.push(row(&title, 0, connects));
    }
    if tools::is_there(least::TOOL) {
        eprintln!("lowering limits over {scheme}");
        for limit in Limit::ALL {
            let mut least = Values::default();
            for (program, least) in PROGRAMS.iter().zip(&mut least) {
                *least = subject(program)
                    .map(|subject| subject.least(limit))
                    .transpose()?;
            }
            rows.push(row(&format!("{scheme}: {}", limit.title()), 0, least));
        }
    }

    eprintln!("running each program {RUNS} times over {scheme}");
    let taken = medians(RUNS, |program| {
        subject(program).map(|subject| subject.run()).transpose()
    })?;
    let millis = |seconds: Option<f64>| Some(seconds? * 1e3);
    let title = format!("{scheme}: whole process, one call");
    rows.push(row(
        &format!("{title}, ms"),
        1,
        taken.map(|taken| millis(wall(taken))),
    ));
    rows.push(row(
        &format!("{title}, CPU ms"),
        1,
        taken.map(|taken| millis(cpu(taken))),
    ));
    let memory = taken.map(|taken| Some(taken?.memory as f64 / 1024.0));
    rows.push(row(&format!("{title}, peak memory, KiB"), 0, memory));
    Ok(rows)
}

/// Measures a signature and parsing pages in isolation.
fn pieces() -> Anything<String> {
    eprintln!("measuring a signature and pages of ListExports");
    let micros = micro::signing()?.map(|time| time.as_secs_f64() * 1e6);
    let [hashes, ours, official] = micros;
    let [plain, page] = micro::pages()?.map(|time| time.as_secs_f64() * 1e3);
    let ratio = |value: f64, other: f64| number(value / other, 2);
    Ok(format!(
        "| A signature | µs | ÷ hashes | ÷ aws-sigv4 |\n|---|--:|--:|--:|\n\
         | its hashes alone | {} | 1.00 | {} |\n\
         | this crate, key cached | {} | {} | {} |\n\
         | aws-sigv4 | {} | {} | 1.00 |\n\n\
         | 10,000 summaries in pages of 1,000 | ms | speed ÷ plain |\n|---|--:|--:|\n\
         | serde_json, plain structs | {} | 1.00 |\n\
         | this crate | {} | {} |\n",
        number(hashes, 2),
        ratio(hashes, official),
        number(ours, 2),
        ratio(ours, hashes),
        ratio(ours, official),
        number(official, 2),
        ratio(official, hashes),
        number(plain, 2),
        number(page, 2),
        ratio(plain, page),
    ))
}

/// Describes the date, processor and compiler of the measurement.
fn machine() -> String {
    let output = |command: &mut Command| {
        let output = command.output().map(|output| output.stdout);
        String::from_utf8_lossy(&output.unwrap_or_default())
            .trim()
            .to_owned()
    };
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |model| {
        model.trim_start_matches(['\t', ' ', ':'])
    });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rust = output(Command::new("rustc").arg("--version"));
    let date = output(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    format!("{date} · {model}, {cores} cores · {rust}\n")
}
