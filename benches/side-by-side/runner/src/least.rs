//! The least that a process with one call needs, found by lowering the system's limits.

use std::io;

use crate::tools::Subject;

pub const TOOL: &str = "prlimit";

/// A limit is enough if a process succeeds this often: memory addresses are random.
const SUCCESSES: usize = 5;

/// What is limited.
#[derive(Clone, Copy)]
pub enum Limit {
    /// The stack of the main thread, on which the program makes its call.
    Stack,
    /// Private memory that can be written to: the heap, and the stacks of other threads.
    Data,
    /// All addresses, the program's own text and libraries included.
    AddressSpace,
}

impl Limit {
    pub const ALL: [Limit; 3] = [Limit::Stack, Limit::Data, Limit::AddressSpace];

    pub fn title(self) -> &'static str {
        match self {
            Limit::Stack => "least stack (ulimit -s), KiB",
            Limit::Data => "least private memory (ulimit -d), KiB",
            Limit::AddressSpace => "least address space (ulimit -v), KiB",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Limit::Stack => "stack",
            Limit::Data => "data",
            Limit::AddressSpace => "as",
        }
    }

    /// What certainly is enough, and the precision, in KiB.
    fn scale(self) -> (u64, u64) {
        match self {
            Limit::Stack => (8 * 1024, 4),
            Limit::Data | Limit::AddressSpace => (4 * 1024 * 1024, 64),
        }
    }
}

impl Subject<'_> {
    /// Returns the least limit, in KiB, with which the program succeeds.
    pub fn least(&self, limit: Limit) -> io::Result<f64> {
        let (most, precision) = limit.scale();
        let (mut too_little, mut enough) = (0, most / precision);
        while enough - too_little > 1 {
            let middle = too_little.midpoint(enough);
            let bytes = middle * precision * 1024;
            let option = format!("--{}={bytes}", limit.option());
            if self.succeeds(&[TOOL, &option], SUCCESSES)? {
                enough = middle;
            } else {
                too_little = middle;
            }
        }
        Ok((enough * precision) as f64)
    }
}
