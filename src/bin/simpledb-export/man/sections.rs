//! The text after a help's flags, as a manual page has it.

use crate::app::help;

/// What the help says besides the flags.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Help {
    /// Paragraphs of the description.
    pub(super) text: Vec<String>,
    pub(super) sections: Vec<Section>,
}

/// A section with a title of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) title: String,
    /// What the heading of the help says after its first words.
    pub(super) lead: Option<String>,
    pub(super) entries: Vec<Entry>,
}

/// A term and what it means, or a command line and what it does; empty where that is plain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) term: String,
    pub(super) meaning: String,
}

impl Help {
    pub(super) fn of(help: &str) -> Help {
        let mut read = Help::default();
        for paragraph in help.split("\n\n") {
            match section(paragraph) {
                Some(section) => read.sections.push(section),
                None if paragraph.is_empty() => {}
                None => read.text.push(paragraph.replace('\n', " ")),
            }
        }
        read
    }
}

/// A paragraph that begins with a heading.
fn section(paragraph: &str) -> Option<Section> {
    let (heading, lines) = help::section(paragraph)?;
    let (heading, lead) = match heading.split_once(", ") {
        Some((heading, lead)) => (heading, Some(sentence(lead))),
        None => (heading, None),
    };
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines.lines() {
        let text = line.trim_start();
        match entries.last_mut() {
            Some(entry) if line.starts_with("   ") => {
                if !entry.meaning.is_empty() {
                    entry.meaning.push(' ');
                }
                entry.meaning.push_str(text);
            }
            _ => entries.push(entry(text)),
        }
    }
    Some(Section {
        title: title(heading),
        lead,
        entries,
    })
}

/// A line of a term and its meaning.
fn entry(line: &str) -> Entry {
    let (term, meaning) = line.split_once("  ").unwrap_or((line, ""));
    Entry {
        term: term.to_owned(),
        meaning: meaning.trim_start().to_owned(),
    }
}

/// The name that manual pages have for what the help heads so.
fn title(heading: &str) -> String {
    match heading {
        "Example" => "EXAMPLES".to_owned(),
        "Exit codes" => "EXIT STATUS".to_owned(),
        other => other.to_uppercase(),
    }
}

/// Words from the middle of a line as a line of their own.
fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).chain([':']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(title: &str, lead: Option<&str>, entries: &[(&str, &str)]) -> Section {
        let entry = |(term, meaning): &(&str, &str)| Entry {
            term: (*term).to_owned(),
            meaning: (*meaning).to_owned(),
        };
        Section {
            title: title.to_owned(),
            lead: lead.map(str::to_owned),
            entries: entries.iter().map(entry).collect(),
        }
    }

    #[test]
    fn entries_have_their_meaning_beside_or_below() {
        let help = "Exit codes, as others have them:\n  0    success\n  255  anything else: no\n       \
                    connection\n\nExample:\n  program --flag\n      Does it\n      well\n  program";
        let expected = [
            section(
                "EXIT STATUS",
                Some("As others have them:"),
                &[("0", "success"), ("255", "anything else: no connection")],
            ),
            section(
                "EXAMPLES",
                None,
                &[("program --flag", "Does it well"), ("program", "")],
            ),
        ];
        assert_eq!(Help::of(help).sections, expected);
        assert_eq!(Help::of(help).text, Vec::<String>::new());
    }

    #[test]
    fn the_rest_is_text() {
        let help = Help::of("One line\nand another: on.\n\nFiles:\n  a  b\n\nA list follows:\nno");
        assert_eq!(
            help.text,
            ["One line and another: on.", "A list follows: no"]
        );
        assert_eq!(help.sections, [section("FILES", None, &[("a", "b")])]);
        assert_eq!(Help::of(""), Help::default());
    }
}
