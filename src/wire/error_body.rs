//! Error responses (restJson1).
//!
//! The places and their order are those of the [AWS restJson1 protocol][protocol], with the
//! variations that services are known to send.
//!
//! [protocol]: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization

use crate::wire::json::{self, Members};

/// How much of a body that is not JSON is shown.
const EXCERPT_CHARS: usize = 200;

/// The code and message of an error response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl ErrorBody {
    /// Reads an error's code and message from the `x-amzn-errortype` header and from any body.
    pub(crate) fn read(error_type: Option<&str>, body: &[u8]) -> ErrorBody {
        let code = error_type.and_then(bare_code);
        let Ok(members) = Members::read(body) else {
            return ErrorBody {
                code,
                message: not_json(body),
            };
        };
        let code = code.or_else(|| {
            ["code", "__type", "Code"]
                .iter()
                .find_map(|name| bare_code(&text(&members, name)?))
        });
        let message = ["message", "Message", "errorMessage"]
            .iter()
            .find_map(|name| text(&members, name));
        ErrorBody { code, message }
    }
}

/// Describes a body that is not a JSON object, as of a proxy, by its beginning; `None` if it is
/// blank.
pub(crate) fn not_json(body: &[u8]) -> Option<String> {
    unexpected(body, "JSON", "a JSON object")
}

/// Describes a body that is not the XML document that was expected; `None` if it is blank.
#[cfg(feature = "domains")]
pub(crate) fn not_xml(body: &[u8], expected: &str) -> Option<String> {
    unexpected(body, "XML", expected)
}

fn unexpected(body: &[u8], format: &str, expected: &str) -> Option<String> {
    let excerpt = excerpt(body)?;
    let beginning = excerpt.to_ascii_lowercase();
    let is_html = ["<html", "<!doctype html", "<head", "<body"];
    Some(if is_html.iter().any(|tag| beginning.starts_with(tag)) {
        format!(
            "the response is HTML, not {format} (is a proxy or login page in the way?): {excerpt}"
        )
    } else {
        format!("the response is not {expected}: {excerpt}")
    })
}

/// Returns the last member of a name, if it is a string.
fn text(members: &Members<'_>, name: &str) -> Option<String> {
    let text = json::text(members.named(name).last()?)?;
    Some(text.as_str().to_owned())
}

/// Returns `FooError` for `aws.protocol#FooError:http://…`.
fn bare_code(code: &str) -> Option<String> {
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// The beginning of a body, tags and all, with runs of white space as one space.
fn excerpt(body: &[u8]) -> Option<String> {
    // No character takes more than four bytes.
    let beginning = &body[..body.len().min(4 * EXCERPT_CHARS)];
    let text = String::from_utf8_lossy(beginning);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.is_empty() {
        return None;
    }
    let mut excerpt: String = text.chars().take(EXCERPT_CHARS).collect();
    if excerpt.len() < text.len() || beginning.len() < body.len() {
        excerpt.push('…');
    }
    Some(excerpt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(error_type: Option<&str>, body: &str) -> (Option<String>, Option<String>) {
        let ErrorBody { code, message } = ErrorBody::read(error_type, body.as_bytes());
        (code, message)
    }

    fn some(code: &str, message: &str) -> (Option<String>, Option<String>) {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (text(code), text(message))
    }

    #[test]
    fn prefers_the_header_to_the_body() {
        let body = r#"{"code":"B","__type":"C","message":"m"}"#;
        assert_eq!(read(Some("A"), body), some("A", "m"));
        assert_eq!(read(None, body), some("B", "m"));
        assert_eq!(
            read(None, r#"{"__type":"x#C:y","Message":"m"}"#),
            some("C", "m")
        );
        assert_eq!(read(None, r#"{"errorMessage":"m"}"#), some("", "m"));
        assert_eq!(read(Some(""), r#"{"code":"","__type":"C"}"#), some("C", ""));
        assert_eq!(read(None, r#"{"Code":"D","Message":"m"}"#), some("D", "m"));
        assert_eq!(read(None, r#"{"Code":"D","code":"B"}"#), some("B", ""));
    }

    #[test]
    fn strips_namespace_and_address_from_a_code() {
        for code in ["E", "E:http://a/b#c", "a.b#E", "a.b#E:http://a/", " E "] {
            assert_eq!(read(Some(code), ""), some("E", ""), "{code}");
        }
        assert_eq!(read(Some(""), ""), some("", ""));
        assert_eq!(read(Some("a#"), ""), some("", ""));
    }

    #[test]
    fn ignores_members_of_another_type() {
        assert_eq!(
            read(None, r#"{"code":7,"__type":"C","message":null}"#),
            some("C", "")
        );
        assert_eq!(
            read(None, r#"{"code":null,"Message":{},"errorMessage":"m"}"#),
            some("", "m")
        );
    }

    #[test]
    fn shows_the_beginning_of_the_page_of_a_proxy() {
        let page = "<html>\n <body>Bad\tGateway</body>\n</html>";
        assert_eq!(
            read(None, page),
            some(
                "",
                "the response is HTML, not JSON (is a proxy or login page in the way?): <html> \
                 <body>Bad Gateway</body> </html>"
            )
        );
        let (_, message) = read(None, &"ä".repeat(5000));
        assert_eq!(
            message.unwrap().chars().filter(|c| *c == 'ä').count(),
            EXCERPT_CHARS
        );
        assert_eq!(
            read(None, "[1]"),
            some("", "the response is not a JSON object: [1]")
        );
        assert_eq!(read(None, " \n"), some("", ""));
    }
}
