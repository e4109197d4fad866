//! The grammar of one profile file.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{FileSection, Kind, Property};
use crate::settings::error::ConfigError;

const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// Splits the content of a file into sections, whose headers mean what `classify` says.
pub(super) fn parse(
    path: &Path,
    content: &[u8],
    classify: fn(&str) -> Header,
) -> Result<Vec<FileSection>, ConfigError> {
    let error = |line: usize, problem: &str| {
        ConfigError::new(format!("{}, line {line}: {problem}", path.display()))
    };
    let text = match std::str::from_utf8(content) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(invalid) => {
            let before = content.iter().take(invalid.valid_up_to());
            let line = 1 + before.filter(|&&byte| byte == b'\n').count();
            return Err(error(line, "not valid UTF-8 (save the file as UTF-8)"));
        }
    };
    let mut parser = Parser {
        path: path.into(),
        classify,
        sections: Vec::new(),
        indent: 0,
        has_sub_properties: false,
    };
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let added = parser.add_line(line, number);
        added.map_err(|problem| error(number, problem))?;
    }
    Ok(parser.sections)
}

struct Parser {
    path: Arc<Path>,
    classify: fn(&str) -> Header,
    sections: Vec<FileSection>,
    /// The indentation of the last property.
    indent: usize,
    /// Whether further lines of the last property are sub-properties.
    has_sub_properties: bool,
}

impl Parser {
    /// Adds a line; the error says what was expected.
    fn add_line(&mut self, line: &str, number: usize) -> Result<(), &'static str> {
        let content = line.trim_start_matches(BLANK);
        let indent = line.len() - content.len();
        let content = content.trim_end_matches(BLANK);
        if content.is_empty() || content.starts_with(COMMENT) {
            return Ok(());
        }
        let section = self.sections.last_mut();
        let last = section.and_then(|section| section.properties.last_mut());
        if let Some(property) = last.filter(|_| indent > self.indent) {
            if self.has_sub_properties {
                check_sub_property(content)?;
            }
            property.value.push('\n');
            property.value.push_str(content);
        } else if let Some(rest) = content.strip_prefix('[') {
            let text = header(rest)?;
            self.sections.push(FileSection {
                header: (self.classify)(text),
                text: text.to_owned(),
                path: Arc::clone(&self.path),
                line: number,
                properties: Vec::new(),
            });
        } else {
            let section = self.sections.last_mut().ok_or(
                "expected a section such as [default] or [profile NAME] before the first property",
            )?;
            let (key, value) = property(content)?;
            section.properties.push(Property {
                key: key.to_ascii_lowercase(),
                value: Zeroizing::new(value.to_owned()),
                path: Arc::clone(&self.path),
                line: number,
            });
            self.indent = indent;
            self.has_sub_properties = value.is_empty();
        }
        Ok(())
    }
}

fn property(content: &str) -> Result<(&str, &str), &'static str> {
    let (key, value) = without_comment(content)
        .split_once('=')
        .ok_or("expected \"key = value\", but there is no \"=\"")?;
    match (key.trim_matches(BLANK), value.trim_matches(BLANK)) {
        ("", _) => Err("expected \"key = value\", but there is nothing before the \"=\""),
        property => Ok(property),
    }
}

fn check_sub_property(content: &str) -> Result<(), &'static str> {
    let (name, _) = content
        .split_once('=')
        .ok_or("expected a sub-property \"name = value\", but there is no \"=\"")?;
    if name.trim_matches(BLANK).is_empty() {
        return Err(
            "expected a sub-property \"name = value\", but there is nothing before the \"=\"",
        );
    }
    Ok(())
}

/// Returns the header of a section from what follows its opening bracket.
fn header(rest: &str) -> Result<&str, &'static str> {
    let mut error = "expected a \"]\" at the end of the section's name";
    // A name may contain brackets itself.
    for (end, _) in rest.match_indices(']') {
        let after = rest[end + 1..].trim_start_matches(BLANK);
        if after.is_empty() || after.starts_with(COMMENT) {
            return Ok(rest[..end].trim_matches(BLANK));
        }
        error = "expected nothing but a comment after the \"]\"";
    }
    Err(error)
}

/// Cuts off a comment, which begins with white space.
fn without_comment(content: &str) -> &str {
    let is_start = |at: usize| content[..at].ends_with(BLANK);
    let start = content
        .match_indices(COMMENT)
        .map(|(at, _)| at)
        .find(|&at| is_start(at));
    content[..start.unwrap_or(content.len())].trim_end_matches(BLANK)
}

/// Finds a sub-property in a value of several lines; the last one of a name counts.
pub(super) fn sub_property<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = value.lines();
    // A value on the line of the key is not a list of sub-properties.
    lines.next().filter(|first| first.is_empty())?;
    let (_, value) = lines
        .filter_map(|line| without_comment(line).split_once('='))
        .rfind(|(key, _)| key.trim_matches(BLANK).eq_ignore_ascii_case(name))?;
    Some(value.trim_matches(BLANK))
}

/// Returns whether all of AWS's tools read this as the name of a profile or a key.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./%@:+".contains(&byte))
}

/// What a section's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Header {
    /// `[default]` in the config file.
    PlainDefault,
    Named(Kind, String),
    /// Not read, but easily mistaken for the section of the profile `name`, whose header would be
    /// `expected`.
    Misnamed {
        name: String,
        expected: String,
    },
    Other,
}

impl Header {
    /// Names are read as the AWS CLI does, by the rules of a shell.
    pub(super) fn of_config_file(header: &str) -> Header {
        let Some((kind, rest)) = header.split_once(BLANK) else {
            return match header {
                "default" => Header::PlainDefault,
                name => Header::misnamed(name, in_config_file(name)),
            };
        };
        let rest = rest.trim_matches(BLANK);
        match (kind, shell_word(rest)) {
            ("profile", Some(name)) => Header::Named(Kind::Profile, name),
            ("sso-session", Some(name)) => Header::Named(Kind::SsoSession, name),
            ("services", Some(name)) => Header::Named(Kind::Services, name),
            ("profile", None) => Header::misnamed(rest, in_config_file(rest)),
            _ => Header::misnamed(header, in_config_file(header)),
        }
    }

    /// Any name is read, as the AWS CLI does.
    pub(super) fn of_credentials_file(header: &str) -> Header {
        match header.split_once(BLANK) {
            Some(("profile", name)) => {
                let name = name.trim_matches(BLANK);
                Header::misnamed(name, name.to_owned())
            }
            _ if header.is_empty() => Header::Other,
            _ => Header::Named(Kind::Profile, header.to_owned()),
        }
    }

    fn misnamed(name: &str, expected: String) -> Header {
        Header::Misnamed {
            name: name.to_owned(),
            expected,
        }
    }
}

/// Returns the header of a profile in the config file.
pub(super) fn in_config_file(name: &str) -> String {
    if name == "default" {
        "default".to_owned()
    } else if is_name(name) {
        format!("profile {name}")
    } else {
        format!("profile '{}'", name.replace('\'', "'\"'\"'"))
    }
}

/// Reads one word by the rules of a shell: parts in quotes, parts without, and backslashes.
fn shell_word(text: &str) -> Option<String> {
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(next) = chars.next() {
        match (next, quote) {
            ('"' | '\'', None) => quote = Some(next),
            (_, Some(open)) if next == open => quote = None,
            ('\\', None) => word.push(chars.next()?),
            ('\\', Some('"')) => match chars.next()? {
                escaped @ ('"' | '\\') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            (next, None) if BLANK.contains(&next) => return None,
            (next, _) => word.push(next),
        }
    }
    (quote.is_none() && !word.is_empty()).then_some(word)
}
