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
        Some(folder) => write(&page, folder).map_err(|error| {
            let place = folder.display().to_string();
            Failure::general(&error).about(&place)
        }),
    }
}

/// Writes a page and those of the commands below, one file each.
fn write(page: &Page, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(page.file_name()), page.roff()?)?;
    page.below().try_for_each(|page| write(&page, folder))
}
