//! Running a process and learning what it took.

use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

/// The argument after which this program only runs another one and prints what that took.
pub const RUN_ONE: &str = "run-one";

/// What a process and those that it started took.
#[derive(Clone, Copy)]
pub struct Taken {
    pub wall: Duration,
    /// User and system time of all threads and processes.
    pub cpu: Duration,
    /// The most memory that was resident at once, in bytes.
    pub memory: u64,
}

impl Taken {
    /// The opposite of [`Taken::to_text`].
    pub fn parse(text: &str) -> Option<Taken> {
        let mut numbers = text.split_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Taken {
            wall: Duration::from_micros(next()?),
            cpu: Duration::from_micros(next()?),
            memory: next()?,
        })
    }

    pub fn to_text(self) -> String {
        let (wall, cpu) = (self.wall.as_micros(), self.cpu.as_micros());
        format!("{wall} {cpu} {}", self.memory)
    }
}

/// Runs a command to its end, which must be a good one.
pub fn run(command: &mut Command) -> io::Result<Taken> {
    let started = Instant::now();
    let child = command.spawn()?;
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: both pointers are to memory of ours that is large enough, and all zeroes is a valid
    // `rusage`. Nobody else waits for the child.
    let (waited, usage) = unsafe {
        let waited = libc::wait4(pid, &mut status, 0, usage.as_mut_ptr());
        (waited, usage.assume_init())
    };
    let wall = started.elapsed();
    if waited != pid {
        return Err(io::Error::last_os_error());
    }
    if status != 0 {
        let message = format!("{command:?} ended with wait status {status:#x}");
        return Err(io::Error::other(message));
    }
    Ok(Taken {
        wall,
        cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
        memory: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
    })
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let micros = u64::try_from(time.tv_usec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}
