//! `man`: manual pages, made from the same text as the help.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::args::Cli;
use crate::failure::Failure;
use crate::{Result, help, stdout};

pub(super) fn run(to: Option<&Path>) -> Result<()> {
    let page = Page::new(Cli::command());
    match to {
        None => stdout::print(&page.roff()?),
        Some(directory) => {
            write(&page, directory).map_err(|error| Failure::from(error).at(directory))
        }
    }
}

/// Writes a page and those of the subcommands, one file each.
fn write(page: &Page, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join(page.file_name()), page.roff()?)?;
    page.subcommands()
        .try_for_each(|page| write(&page, directory))
}

/// The manual page of a command.
#[derive(Debug)]
struct Page {
    command: Command,
    /// The main page, unless this is it.
    main: Option<String>,
}

impl Page {
    /// Returns the main page.
    fn new(command: Command) -> Page {
        let mut command = command.disable_help_subcommand(true);
        command.build();
        Page {
            command,
            main: None,
        }
    }

    /// The pages of the subcommands of this command.
    fn subcommands(&self) -> impl Iterator<Item = Page> {
        let main = self.main.as_deref().unwrap_or(self.command.get_name());
        self.command.get_subcommands().map(move |command| Page {
            command: command.clone(),
            main: Some(main.to_owned()),
        })
    }

    fn file_name(&self) -> String {
        self.man().get_filename()
    }

    fn man(&self) -> Man {
        Man::new(self.command.clone())
            // Not empty: the next field would take its place.
            .date(" ")
            .source(concat!("simpledb-export ", env!("CARGO_PKG_VERSION")))
            .manual("User Commands")
    }

    fn roff(&self) -> io::Result<String> {
        let man = self.man();
        let mut page = Vec::new();
        man.render_title(&mut page)?;
        // Words are not hyphenated, so that options and file names can be copied and searched for.
        let mut roff = Roff::new();
        roff.control("nh", []).control("ad", ["l"]);
        roff.to_writer(&mut page)?;
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        if self.command.has_subcommands() {
            man.render_subcommands_section(&mut page)?;
        }
        let after = self.command.get_after_help().map(ToString::to_string);
        let mut roff = sections(after.as_deref().unwrap_or_default());
        if let Some(main) = &self.main {
            roff.control("SH", ["SEE ALSO"]);
            roff.text([bold(main), roman("(1)")]);
        }
        roff.to_writer(&mut page)?;
        Ok(String::from_utf8_lossy(&page).into_owned())
    }
}

/// The text after the options, as it is in the help: a section for each heading, and NOTES for the
/// rest.
fn sections(after_help: &str) -> Roff {
    let mut roff = Roff::new();
    let mut notes: Vec<Inline> = Vec::new();
    for paragraph in after_help.split("\n\n").filter(|text| !text.is_empty()) {
        match help::section(paragraph) {
            Some((heading, entries)) => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
                roff.control("nf", []);
                roff.text([roman(entries)]).control("fi", []);
            }
            None => notes.push(roman(paragraph)),
        }
    }
    if !notes.is_empty() {
        roff.control("SH", ["NOTES"]);
    }
    for (index, note) in notes.into_iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([note]);
    }
    roff
}
