//! Checking several files at once.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::file::{FileCheck, verify_data_file};
use super::options::VerifyOptions;
use crate::data::folder::DataFile;
use crate::data::threads::on_threads;

/// Checks the files side by side; the answers are in their order.
pub(super) fn check_all(
    data_files: &[DataFile],
    options: &VerifyOptions<'_>,
) -> Vec<Option<FileCheck>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut checks = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            match data_files.get(number) {
                Some(file) => checks.push((number, check(file, options))),
                None => return checks,
            }
        }
    };
    let threads = options.get_threads().min(data_files.len());
    let checks = on_threads(threads, work);
    let mut ordered: Vec<Option<FileCheck>> = data_files.iter().map(|_| None).collect();
    for (number, check) in checks {
        if let Some(place) = ordered.get_mut(number) {
            *place = Some(check);
        }
    }
    ordered
}

fn check(file: &DataFile, options: &VerifyOptions<'_>) -> FileCheck {
    match File::open(&file.path) {
        Ok(opened) => {
            let source = Reported {
                source: opened,
                on_progress: options.on_progress,
            };
            verify_data_file(source, &file.path, &file.entry, options.max_item_bytes)
        }
        Err(error) => FileCheck::not_opened(&file.path, error),
    }
}

/// Tells how much is read through it.
struct Reported<'a, R> {
    source: R,
    on_progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl<R: Read> Read for Reported<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if let Some(on_progress) = self.on_progress {
            on_progress(read as u64);
        }
        Ok(read)
    }
}
