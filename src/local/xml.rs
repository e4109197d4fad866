//! Writes S3's XML.

use quick_xml::escape::partial_escape;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A document.
#[derive(Debug)]
pub(super) struct Xml(String);

impl Xml {
    /// Returns a document of S3.
    pub(super) fn response(root: &str, content: impl FnOnce(&mut Xml)) -> Vec<u8> {
        Xml::document(root, &format!(" xmlns=\"{NAMESPACE}\""), content)
    }

    /// Returns the document of an error, whose elements have no namespace.
    pub(super) fn error(content: impl FnOnce(&mut Xml)) -> Vec<u8> {
        Xml::document("Error", "", content)
    }

    fn document(root: &str, attributes: &str, content: impl FnOnce(&mut Xml)) -> Vec<u8> {
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

    /// Writes a text into the current element.
    pub(super) fn content(&mut self, text: &str) {
        // XML cannot express control characters.
        let text = text.replace(char::is_control, "\u{fffd}");
        self.0.push_str(&partial_escape(&text));
    }

    /// Writes an element if it has a text.
    pub(super) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }
}
