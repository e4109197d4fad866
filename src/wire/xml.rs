//! Reads elements' texts from an XML document, as STS, S3 and SimpleDB's older API send them.
//!
//! A document is not trusted. Only the five entities of XML itself and character references are
//! expanded, so no text is longer than the document; a document type is rejected, as no service
//! sends one.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zeroize::Zeroizing;

/// Far more than any response has.
const MAX_DEPTH: usize = 32;

/// Returns the texts of the elements at these paths, such as `Error/Code`; paths leave out the root
/// element and all namespaces. An element that is missing, is empty, or contains others has no text.
///
/// Returns `None` if the document is malformed, incomplete, or repeats an element in question.
pub(crate) fn texts<const N: usize>(
    xml: &[u8],
    paths: [&str; N],
) -> Option<[Option<Zeroizing<String>>; N]> {
    let mut texts = [const { None::<Zeroizing<String>> }; N];
    leaves(xml, |leaf| {
        let wanted = paths.iter().position(|wanted| *wanted == leaf.path);
        match wanted.and_then(|index| texts.get_mut(index)) {
            Some(found) if !leaf.text.is_empty() => {
                let is_first = found.replace(leaf.text.to_owned().into()).is_none();
                is_first.then_some(())
            }
            _ => Some(()),
        }
    })?;
    Some(texts)
}

/// An element that contains no others.
pub(crate) struct Leaf<'a> {
    /// Its path, as in [`texts`].
    pub(crate) path: &'a str,
    /// Its text, without white space at either end.
    pub(crate) text: &'a str,
    /// Whether the text is base64 of what XML cannot hold: the attribute `encoding="base64"`.
    #[cfg(feature = "domains")]
    pub(crate) is_base64: bool,
}

/// Calls `visit` with every element that contains no others, until that returns `None`.
///
/// Returns `None` if it did, or if the document is malformed or incomplete.
pub(crate) fn leaves(xml: &[u8], mut visit: impl FnMut(&Leaf<'_>) -> Option<()>) -> Option<()> {
    read(xml, &mut |_, leaf| leaf.map_or(Some(()), &mut visit))
}

/// Returns the texts of these children of every `element`, a path below the root, in order. A child
/// that is missing or contains others has no text.
///
/// Returns `None` if the document is malformed or incomplete.
#[cfg(any(feature = "data", feature = "local"))]
pub(crate) fn rows<const N: usize>(
    xml: &[u8],
    element: &str,
    children: [&str; N],
) -> Option<Vec<[Option<String>; N]>> {
    let mut rows = Vec::new();
    let mut row = [const { None }; N];
    read(xml, &mut |path, leaf| {
        if path == element {
            rows.push(std::mem::replace(&mut row, [const { None }; N]));
        } else if let (Some(leaf), Some((parent, child))) = (leaf, path.rsplit_once('/')) {
            let wanted = children.iter().position(|wanted| *wanted == child);
            if let Some(found) = wanted.filter(|_| parent == element) {
                row[found] = Some(leaf.text.to_owned());
            }
        }
        Some(())
    })?;
    Some(rows)
}

/// Receives the path of each element at its end, and what it is if it contains no others. `None`
/// rejects the document.
type OnElement<'a> = dyn FnMut(&str, Option<&Leaf<'_>>) -> Option<()> + 'a;

fn read(xml: &[u8], on_element: &mut OnElement<'_>) -> Option<()> {
    let mut reader = Reader::from_str(std::str::from_utf8(xml).ok()?);
    reader.config_mut().expand_empty_elements = true;
    let mut place = Place::default();
    // Room for all, so that no copy of a secret is left behind as it grows.
    let mut text = Zeroizing::new(String::with_capacity(xml.len()));
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                text.clear();
                place.enter(&start)?;
            }
            Event::End(_) => {
                on_element(&place.path, place.leaf(text.trim()).as_ref())?;
                place.leave()?;
            }
            Event::Text(part) => text.push_str(std::str::from_utf8(&part).ok()?),
            Event::CData(part) => text.push_str(std::str::from_utf8(&part).ok()?),
            Event::GeneralRef(entity) => push_entity(&mut text, &entity)?,
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::DocType(_) => return None,
            Event::Eof => return (place.has_begun && place.before.is_empty()).then_some(()),
        }
    }
}

fn push_entity(text: &mut String, entity: &BytesRef<'_>) -> Option<()> {
    if let Some(character) = entity.resolve_char_ref().ok()? {
        text.push(character);
    } else {
        text.push_str(resolve_xml_entity(std::str::from_utf8(entity).ok()?)?);
    }
    Some(())
}

/// The reader's position in a document.
#[derive(Default)]
struct Place {
    /// The names of the open elements below the root.
    path: String,
    /// The path's length before each open element.
    before: Vec<usize>,
    /// Whether the innermost element contains no other so far.
    is_leaf: bool,
    /// Whether the innermost element is base64.
    #[cfg(feature = "domains")]
    is_base64: bool,
    has_begun: bool,
}

impl Place {
    /// Returns `None` if no element may be here: too deep, or beside the root.
    fn enter(&mut self, start: &BytesStart<'_>) -> Option<()> {
        let depth = self.before.len();
        if depth == MAX_DEPTH || (depth == 0 && self.has_begun) {
            return None;
        }
        self.before.push(self.path.len());
        if depth > 0 {
            if depth > 1 {
                self.path.push('/');
            }
            let name = start.local_name();
            self.path
                .push_str(std::str::from_utf8(name.into_inner()).ok()?);
        }
        #[cfg(feature = "domains")]
        {
            let encoding = start.try_get_attribute("encoding").ok()?;
            self.is_base64 = encoding.is_some_and(|encoding| *encoding.value == *b"base64");
        }
        self.is_leaf = true;
        self.has_begun = true;
        Some(())
    }

    fn leave(&mut self) -> Option<()> {
        self.path.truncate(self.before.pop()?);
        self.is_leaf = false;
        Some(())
    }

    /// Returns the innermost element, given its text, unless it contains others.
    fn leaf<'a>(&'a self, text: &'a str) -> Option<Leaf<'a>> {
        self.is_leaf.then_some(Leaf {
            path: &self.path,
            text,
            #[cfg(feature = "domains")]
            is_base64: self.is_base64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Option<[Option<String>; 2]> {
        let texts = texts(xml.as_bytes(), ["A", "B/C"])?;
        Some(texts.map(|text| text.map(|text| text.to_string())))
    }

    #[track_caller]
    fn assert_reads(xml: &str, a: &str, c: &str) {
        let found = read(xml).expect("a document");
        assert_eq!(found.map(Option::unwrap_or_default), [a, c]);
    }

    #[test]
    fn finds_texts_by_their_paths() {
        let xml = "<?xml version=\"1.0\"?>\n<R xmlns=\"urn:x\">\n <A>a</A>\n <C>no</C>\n \
                   <B b='c'>\n  <A>no</A><x:C xmlns:x=\"urn:y\">c</x:C>\n <D><C>no</C></D></B>\n\
                   </R>\n";
        assert_reads(xml, "a", "c");
        assert_reads("<R/>", "", "");
        assert_reads("<R><A/><B/></R>", "", "");
        assert_reads("<R><A> \n </A><B><C/></B></R>", "", "");
        assert_reads("<A>no</A>", "", "");
    }

    #[test]
    fn a_text_is_put_together_and_trimmed() {
        assert_reads(
            "<R><A>\n a&amp;&lt;&#228;<!-- no --><![CDATA[&b ]]>c&quot;&#x41;\n</A></R>",
            "a&<ä&b c\"A",
            "",
        );
    }

    #[test]
    fn reads_no_text_of_an_element_that_contains_others() {
        assert_reads("<R><A>a<x>b</x>c</A></R>", "", "");
        assert_reads("<R><A>a<x/></A><B>b<C>c</C></B></R>", "", "c");
    }

    #[cfg(feature = "domains")]
    #[test]
    fn visits_every_leaf_with_its_encoding() {
        let xml =
            "<R><L><A>a</A><A encoding=\"base64\">Yg==</A><A/></L><B encoding='none'> </B></R>";
        let mut found = Vec::new();
        leaves(xml.as_bytes(), |leaf| {
            found.push((leaf.path.to_owned(), leaf.text.to_owned(), leaf.is_base64));
            Some(())
        })
        .unwrap();
        let expected = [
            ("L/A", "a", false),
            ("L/A", "Yg==", true),
            ("L/A", "", false),
            ("B", "", false),
        ];
        let expected =
            expected.map(|(path, text, is_base64)| (path.into(), text.into(), is_base64));
        assert_eq!(found, expected);
    }

    #[cfg(any(feature = "data", feature = "local"))]
    #[test]
    fn reads_every_element_of_a_list() {
        let rows = |xml: &str| rows(xml.as_bytes(), "Part", ["Number", "Tag"]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows(
                "<L><Part><Tag>&quot;a&quot;</Tag><Number> 1 </Number><Other/></Part>\
                 <x><Part><Tag>no</Tag></Part></x><Part/>\
                 <Part><Number><x/></Number><Tag/></Part></L>"
            ),
            Some(vec![
                [text("1"), text("\"a\"")],
                [None, None],
                [None, text("")]
            ])
        );
        assert_eq!(rows("<L/>"), Some(vec![]));
        assert_eq!(rows("<L><Part>"), None);
    }

    #[test]
    fn rejects_malformed_and_incomplete_documents() {
        for xml in [
            "",
            " ",
            "{}",
            "<html>",
            "<R><A>a</A>",
            "<R><A>a</B></R>",
            "</R>",
            "<R/></R>",
            "<R/><R/>",
            "<R><A>a",
            "<R><A>a</A><A>b</A></R>",
            "<R><!-- ",
            "<R>&",
        ] {
            assert_eq!(read(xml), None, "{xml}");
        }
        assert!(texts(b"<R><A>\xff</A></R>", ["A"]).is_none());
    }

    #[test]
    fn expands_no_entity_that_a_document_defines() {
        for xml in [
            "<!DOCTYPE R [<!ENTITY x \"a\">]><R><A>&x;</A></R>",
            "<!DOCTYPE R [<!ENTITY x \"aa\"><!ENTITY y \"&x;&x;\">]><R><A>&y;</A></R>",
            "<!DOCTYPE R SYSTEM \"file:///etc/hostname\"><R/>",
            "<R><A>&x;</A></R>",
            "<R><A>&#0;</A></R>",
            "<R><A>&#xD800;</A></R>",
            "<R><A>&#99999999999;</A></R>",
        ] {
            assert_eq!(read(xml), None, "{xml}");
        }
    }

    #[test]
    fn reads_deep_and_long_documents() {
        let deep = |depth| ["<x>".repeat(depth), "</x>".repeat(depth)].concat();
        assert!(read(&deep(MAX_DEPTH)).is_some());
        assert_eq!(read(&deep(MAX_DEPTH + 1)), None);
        assert_eq!(read(&deep(100_000)), None);
        let long = "&amp;".repeat(100_000);
        let found = read(&format!(
            "<R><A>{long}</A><B><C>{}</C></B></R>",
            "c".repeat(100_000)
        ));
        let [a, c] = found.unwrap().map(|text| text.map_or(0, |text| text.len()));
        assert_eq!((a, c), (100_000, 100_000));
    }
}
