//! The grammar of one profile file.

use zeroize::Zeroizing;

use super::ProfileFile;
use crate::settings::error::ConfigError;

const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// A section as it stands in the file.
pub(super) struct RawSection<'a> {
    /// What stands between the brackets, trimmed.
    pub(super) header: &'a str,
    pub(super) line: usize,
    pub(super) properties: Vec<RawProperty<'a>>,
}

/// A property as it stands in the file.
pub(super) struct RawProperty<'a> {
    pub(super) key: &'a str,
    /// Wiped when dropped: it may be a secret key.
    pub(super) value: Zeroizing<String>,
    pub(super) line: usize,
    indent: usize,
    has_sub_properties: bool,
}

/// Reads a file into its sections.
pub(super) fn parse(file: ProfileFile<'_>) -> Result<Vec<RawSection<'_>>, ConfigError> {
    let error = |line: usize, problem: &str| {
        let path = file.path.display();
        ConfigError::new(format!("{path}, line {line}: {problem}"))
    };
    let text = match std::str::from_utf8(file.content) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(invalid) => {
            let before = file.content.iter().take(invalid.valid_up_to());
            let line = 1 + before.filter(|&&byte| byte == b'\n').count();
            return Err(error(line, "not valid UTF-8 (save the file as UTF-8)"));
        }
    };
    let mut sections = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        add_line(&mut sections, line, number).map_err(|problem| error(number, problem))?;
    }
    Ok(sections)
}

/// Takes one line in; the error says what was expected.
fn add_line<'a>(
    sections: &mut Vec<RawSection<'a>>,
    line: &'a str,
    number: usize,
) -> Result<(), &'static str> {
    let content = line.trim_start_matches(BLANK);
    let indent = line.len() - content.len();
    let content = content.trim_end_matches(BLANK);
    if content.is_empty() || content.starts_with(COMMENT) {
        return Ok(());
    }
    let last = sections
        .last_mut()
        .and_then(|section| section.properties.last_mut());
    match last {
        Some(property) if indent > property.indent => return property.add_line(content),
        _ => {}
    }
    if let Some(rest) = content.strip_prefix('[') {
        sections.push(RawSection {
            header: header(rest)?,
            line: number,
            properties: Vec::new(),
        });
        return Ok(());
    }
    let section = sections.last_mut().ok_or(
        "expected a section such as [default] or [profile NAME] before the first property",
    )?;
    let (key, value) = without_comment(content)
        .split_once('=')
        .ok_or("expected \"key = value\", but there is no \"=\"")?;
    let (key, value) = (key.trim_matches(BLANK), value.trim_matches(BLANK));
    if key.is_empty() {
        return Err("expected \"key = value\", but there is nothing before the \"=\"");
    }
    section.properties.push(RawProperty {
        key,
        value: Zeroizing::new(value.to_owned()),
        line: number,
        indent,
        has_sub_properties: value.is_empty(),
    });
    Ok(())
}

impl RawProperty<'_> {
    fn add_line(&mut self, content: &str) -> Result<(), &'static str> {
        if self.has_sub_properties {
            let (name, _) = content
                .split_once('=')
                .ok_or("expected a sub-property \"name = value\", but there is no \"=\"")?;
            if name.trim_matches(BLANK).is_empty() {
                return Err(
                    "expected a sub-property \"name = value\", but there is nothing before the \
                     \"=\"",
                );
            }
        }
        self.value.push('\n');
        self.value.push_str(content);
        Ok(())
    }
}

/// The header of a section, of what follows its opening bracket.
fn header(rest: &str) -> Result<&str, &'static str> {
    let (header, after) = rest
        .split_once(']')
        .ok_or("expected a \"]\" at the end of the section's name")?;
    let after = after.trim_start_matches(BLANK);
    if after.is_empty() || after.starts_with(COMMENT) {
        Ok(header.trim_matches(BLANK))
    } else {
        Err("expected nothing but a comment after the \"]\"")
    }
}

/// Cuts a comment off, which begins with white space.
fn without_comment(content: &str) -> &str {
    let is_start = |at: usize| content[..at].ends_with(BLANK);
    let start = content
        .match_indices(COMMENT)
        .map(|(at, _)| at)
        .find(|&at| is_start(at));
    content[..start.unwrap_or(content.len())].trim_end_matches(BLANK)
}

/// Finds a sub-property in a value of several lines; the last of a name counts.
pub(super) fn sub_property<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = value.lines();
    // A value on the line of the key is no list of sub-properties.
    lines.next().filter(|first| first.is_empty())?;
    let (_, value) = lines
        .filter_map(|line| without_comment(line).split_once('='))
        .rfind(|(key, _)| key.trim_matches(BLANK).eq_ignore_ascii_case(name))?;
    Some(value.trim_matches(BLANK))
}

/// Whether this is the name of a profile or a key that AWS's tools agree on.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./%@:+".contains(&byte))
}

/// What a section's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header<'a> {
    /// `[default]` in the config file.
    PlainDefault,
    Profile(&'a str),
    SsoSession(&'a str),
    Services(&'a str),
    Other,
}

impl Header<'_> {
    pub(super) fn of_config_file(header: &str) -> Header<'_> {
        let Some((kind, name)) = header.split_once(BLANK) else {
            return match header {
                "default" => Header::PlainDefault,
                _ => Header::Other,
            };
        };
        let Some(name) = section_name(name.trim_matches(BLANK)) else {
            return Header::Other;
        };
        match kind {
            "profile" => Header::Profile(name),
            "sso-session" => Header::SsoSession(name),
            "services" => Header::Services(name),
            _ => Header::Other,
        }
    }

    pub(super) fn of_credentials_file(header: &str) -> Header<'_> {
        if is_name(header) {
            Header::Profile(header)
        } else {
            Header::Other
        }
    }
}

/// A name as it is, or any name in quotes.
fn section_name(text: &str) -> Option<&str> {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    match quoted('"').or_else(|| quoted('\'')) {
        Some(name) => Some(name).filter(|name| !name.is_empty() && !name.contains(['"', '\''])),
        None => Some(text).filter(|name| is_name(name)),
    }
}
