//! Reads an item that has exactly the documented form, without white space: about twice as fast as a
//! parser for any JSON. Everything else is left to [`item`](super::item).

use crate::wire::item::{Attribute, Item};

/// Parses the item that `text` begins with into the memory of the previous one, and returns how many
/// bytes it takes. `None`, with unspecified content of `item`, if the item is not plain or not valid.
pub(super) fn read_item(text: &str, item: &mut Item) -> Option<usize> {
    let mut json = Plain { text, at: 0 };
    json.skip("{\"itemName\":")?;
    json.string(&mut item.item_name)?;
    json.skip(",\"attributes\":")?;
    json.list(&mut item.attributes, Plain::attribute)?;
    json.skip("}")?;
    Some(json.at)
}

struct Plain<'t> {
    text: &'t str,
    at: usize,
}

impl Plain<'_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, expected: &str) -> Option<()> {
        let is_there = self.rest().starts_with(expected.as_bytes());
        self.at += expected.len();
        is_there.then_some(())
    }

    fn attribute(&mut self, attribute: &mut Attribute) -> Option<()> {
        self.skip("{\"name\":")?;
        self.string(&mut attribute.name)?;
        self.skip(",\"values\":")?;
        self.list(&mut attribute.values, Plain::string)?;
        self.skip("}")
    }

    fn list<T: Default>(
        &mut self,
        list: &mut Vec<T>,
        read: fn(&mut Self, &mut T) -> Option<()>,
    ) -> Option<()> {
        self.skip("[")?;
        let mut length = 0;
        while length > 0 || self.rest().first() != Some(&b']') {
            if length == list.len() {
                list.push(T::default());
            }
            read(self, list.get_mut(length)?)?;
            length += 1;
            match self.rest().first() {
                Some(b',') => self.at += 1,
                _ => break,
            }
        }
        list.truncate(length);
        self.skip("]")
    }

    fn string(&mut self, string: &mut String) -> Option<()> {
        self.skip("\"")?;
        string.clear();
        loop {
            let end = self.at + plain_length(self.rest());
            string.push_str(self.text.get(self.at..end)?);
            self.at = end;
            match self.rest() {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(());
                }
                [b'\\', escape, ..] => {
                    string.push(match escape {
                        b'"' | b'\\' | b'/' => char::from(*escape),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        _ => return None,
                    });
                    self.at += 2;
                }
                _ => return None,
            }
        }
    }
}

/// Returns the number of bytes before the first quote, backslash or control character.
fn plain_length(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let words = bytes.chunks_exact(8);
    let mut length = 0;
    for word in words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        // The high bit of each byte that is less than a limit; above the first one, of others too.
        let less = |word: u64, limit: u64| word.wrapping_sub(limit * EACH) & !word & HIGH;
        let quote = less(word ^ (u64::from(b'"') * EACH), 1);
        let backslash = less(word ^ (u64::from(b'\\') * EACH), 1);
        let special = less(word, 0x20) | quote | backslash;
        if special != 0 {
            return length + special.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = bytes.get(length..).unwrap_or_default();
    let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    length + rest.iter().position(special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::items::{any_items, few_cases};

    fn read(json: &str) -> Option<(Item, usize)> {
        // It has content already.
        let mut item = Item::new("old")
            .attribute("old", ["1", "2", "3"])
            .attribute("older", ["4"]);
        let used = read_item(json, &mut item)?;
        Some((item, used))
    }

    fn read_any(json: &str) -> Option<(Item, usize)> {
        let mut values = serde_json::Deserializer::from_str(json).into_iter();
        let item = values.next()?.ok()?;
        Some((item, values.byte_offset()))
    }

    #[test]
    fn reads_what_follows_the_documented_form() {
        let item = Item::new("a/é\"\\\n\r\t\u{8}\u{c} 東京")
            .attribute("x", ["", "a longer value \\ with a backslash"])
            .attribute("y", [""; 0]);
        let json = serde_json::to_string(&item).unwrap();
        assert_eq!(read(&format!("{json},")), Some((item, json.len())));
        let empty = "{\"itemName\":\"\",\"attributes\":[]}";
        assert_eq!(read(empty), Some((Item::new(""), empty.len())));
    }

    #[test]
    fn leaves_the_rest_to_others() {
        for json in [
            "{ \"itemName\":\"a\",\"attributes\":[]}",
            "{\"itemName\":\"a\"}",
            "{\"itemName\":\"\\u00e9\",\"attributes\":[]}",
            "{\"itemName\":\"a\u{1}\",\"attributes\":[]}",
            "{\"itemName\":\"a\",\"attributes\":[",
            "{\"itemName\":\"a\",\"attributes\":[,]}",
            "{\"itemName\":\"a\",\"attributes\":[{\"name\":\"b\",\"values\":[\"c\",]}]}",
            "{\"itemName\":\"a\",\"attributes\":[],\"more\":1}",
            "{\"itemName\":\"a\\",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    proptest! {
        #![proptest_config(few_cases())]

        #[test]
        fn agrees_with_the_parser_for_any_json(
            items in any_items(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), "[\"\\\\{}\\[\\],:a\n]"), 0..3),
        ) {
            for item in items {
                let mut json = serde_json::to_string(&item).unwrap();
                for (at, text) in &damage {
                    let mut at = at.index(json.len());
                    while !json.is_char_boundary(at) {
                        at -= 1;
                    }
                    json.insert_str(at, text);
                }
                if let Some(found) = read(&json) {
                    prop_assert_eq!(Some(found), read_any(&json));
                }
            }
        }

        #[test]
        fn finds_the_first_special_byte(text in "[a-zé\u{7f}\u{20}\u{80}東]{0,20}[\"\\\\\u{0}-\u{1f}x]?.{0,9}") {
            let special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
            let expected = text.bytes().position(special).unwrap_or(text.len());
            prop_assert_eq!(plain_length(text.as_bytes()), expected);
        }
    }
}
