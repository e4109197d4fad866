//! Writes the XML of S3 and of SimpleDB's older API.

use base64::prelude::{BASE64_STANDARD, Engine};
use quick_xml::escape::partial_escape;

/// A document.
#[derive(Debug)]
pub(super) struct Xml(String);

impl Xml {
    /// Returns a document; `attributes` are those of its root, each after a space.
    pub(super) fn document(
        root: &str,
        attributes: &str,
        content: impl FnOnce(&mut Xml),
    ) -> Vec<u8> {
        let mut xml = Xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
        xml.0.extend(["<", root, attributes, ">"]);
        content(&mut xml);
        xml.0.extend(["</", root, ">"]);
        xml.0.into_bytes()
    }

    /// Writes an element that contains others.
    pub(super) fn parent(&mut self, name: &str, content: impl FnOnce(&mut Xml)) {
        self.0.extend(["<", name, ">"]);
        content(self);
        self.0.extend(["</", name, ">"]);
    }

    /// Writes an element with a text.
    pub(super) fn text(&mut self, name: &str, text: impl AsRef<str>) {
        self.parent(name, |xml| xml.content(text.as_ref()));
    }

    /// Writes an element with a text, in base64 if XML does not keep it as it is.
    pub(super) fn any_text(&mut self, name: &str, text: &str) {
        if is_kept(text) {
            return self.text(name, text);
        }
        let base64 = BASE64_STANDARD.encode(text);
        self.0
            .extend(["<", name, " encoding=\"base64\">", &base64, "</", name, ">"]);
    }

    /// Writes a text into the current element.
    pub(super) fn content(&mut self, text: &str) {
        // XML cannot express control characters.
        let text = text.replace(char::is_control, "\u{fffd}");
        self.0.push_str(&partial_escape(&text));
    }

    /// Writes an element if it has a text.
    pub(super) fn optional(&mut self, name: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }
}

/// Returns whether a text has nothing that XML cannot express, or that readers of XML change.
fn is_kept(text: &str) -> bool {
    let is_changed = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    !text.contains(is_changed) && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_xml_changes_in_base64() {
        let written = |text| {
            let mut xml = Xml(String::new());
            xml.any_text("N", text);
            xml.0
        };
        assert_eq!(written("a<ä"), "<N>a&lt;ä</N>");
        assert_eq!(written("a\u{1}b"), "<N encoding=\"base64\">YQFi</N>");
        for changed in [" a", "a\n", "a\tb", "\u{ffff}"] {
            assert!(written(changed).contains("base64"), "{changed:?}");
        }
    }
}
