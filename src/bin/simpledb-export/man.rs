//! Manual pages, from the same text as the help.

mod sections;

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use self::sections::{Entry, Help, Section};

/// The manual page of a command.
#[derive(Debug)]
pub(crate) struct Page {
    command: Command,
    /// The page that it refers to, where it is not that page itself.
    main: Option<String>,
}

impl Page {
    /// The page of the whole program.
    pub(crate) fn new(command: Command) -> Page {
        let mut command = command.disable_help_subcommand(true);
        command.build();
        Page {
            command,
            main: None,
        }
    }

    /// The pages of the commands right below this one.
    pub(crate) fn below(&self) -> impl Iterator<Item = Page> {
        let main = self.main.as_deref().unwrap_or(self.name());
        self.command.get_subcommands().map(move |command| Page {
            command: command.clone(),
            main: Some(main.to_owned()),
        })
    }

    /// The name of its file, as `man` looks for it.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.1", self.name())
    }

    fn name(&self) -> &str {
        let command = &self.command;
        command.get_display_name().unwrap_or(command.get_name())
    }

    /// The page as `man` reads it.
    pub(crate) fn roff(&self) -> io::Result<String> {
        let after = self.command.get_after_help().map(ToString::to_string);
        let help = Help::of(after.as_deref().unwrap_or_default());
        let page = Man::new(self.command.clone())
            // Not empty: what follows would take its place.
            .date(" ")
            .source(concat!("simpledb-export ", env!("CARGO_PKG_VERSION")))
            .manual("User Commands");
        let mut text = Vec::new();
        page.render_title(&mut text)?;
        copyable().to_writer(&mut text)?;
        page.render_name_section(&mut text)?;
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        paragraphs(&help.text).to_writer(&mut text)?;
        page.render_options_section(&mut text)?;
        if self.command.has_subcommands() {
            page.render_subcommands_section(&mut text)?;
        }
        for section in &help.sections {
            rendered(section).to_writer(&mut text)?;
        }
        if let Some(main) = &self.main {
            see_also(main).to_writer(&mut text)?;
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// Words stay whole, so that flags and files can be copied and searched for.
fn copyable() -> Roff {
    let mut roff = Roff::new();
    roff.control("nh", []).control("ad", ["l"]);
    roff
}

fn paragraphs(text: &[String]) -> Roff {
    let mut roff = Roff::new();
    for paragraph in text {
        roff.control("PP", []).text([roman(paragraph)]);
    }
    roff
}

fn rendered(section: &Section) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [section.title.as_str()]);
    if let Some(lead) = &section.lead {
        roff.text([roman(lead)]);
    }
    for Entry { term, meaning } in &section.entries {
        if meaning.is_empty() {
            // A line to be copied, which is not to be broken.
            roff.control("PP", []).control("nf", []);
            roff.text([bold(term)]).control("fi", []);
        } else {
            roff.control("TP", []).text([bold(term)]);
            roff.text([roman(meaning)]);
        }
    }
    roff
}

fn see_also(page: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold(page), roman("(1)")]);
    roff
}
