//! `man`.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory;

use crate::app::args::Cli;
use crate::app::failure::Failure;
use crate::app::man::Page;
use crate::app::{Result, stdout};

pub(super) fn run(to: Option<&Path>) -> Result<()> {
    let page = Page::new(Cli::command());
    match to {
        None => stdout::print(&page.roff().map_err(|error| Failure::general(&error))?),
        Some(directory) => write(&page, directory).map_err(|error| {
            let place = directory.display().to_string();
            Failure::general(&error).about(&place)
        }),
    }
}

/// Writes a page and those of the subcommands, one file each.
fn write(page: &Page, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join(page.file_name()), page.roff()?)?;
    page.subcommands()
        .try_for_each(|page| write(&page, directory))
}
