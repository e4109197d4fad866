//! Runs a command and prints its CPU time and wall time in seconds, its peak memory in MiB, and its exit
//! code. A process inherits its parent's peak memory, so the parent has to be as small as this.
//!
//! usage: measure COMMAND…

use std::env;
use std::io;
use std::process::Command;
use std::time::Instant;

use wait4::Wait4;

fn main() -> io::Result<()> {
    let mut words = env::args_os().skip(1);
    let mut command = Command::new(words.next().ok_or(io::ErrorKind::InvalidInput)?);
    let started = Instant::now();
    let used = command.args(words).spawn()?.wait4()?;
    let wall = started.elapsed().as_secs_f64();
    let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    let memory = used.rusage.maxrss >> 20;
    let code = used.status.code().unwrap_or(-1);
    println!("{cpu} {wall} {memory} {code}");
    Ok(())
}
