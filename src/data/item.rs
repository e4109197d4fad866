//! Parses items.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::elements::first;
use super::plain;
use crate::wire::item::{Attribute, Item};

/// Parses the item that `text` begins with, and returns how many bytes it takes. An item of the
/// documented form reuses the memory of the previous one.
///
/// Members that are unknown and lists that are null are accepted. After an error, the content of
/// `item` is unspecified.
pub(super) fn read_item(text: &str, item: &mut Item) -> serde_json::Result<usize> {
    if let Some(length) = plain::read_item(text, item) {
        return Ok(length);
    }
    let (Object(json), length) = first::<Object<ItemJson>>(text)?;
    *item = json.into();
    Ok(length)
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemJson {
    item_name: String,
    attributes: Option<Vec<Object<AttributeJson>>>,
}

#[derive(serde::Deserialize)]
struct AttributeJson {
    name: String,
    /// May be null, but not absent.
    #[serde(deserialize_with = "Option::deserialize")]
    values: Option<Vec<String>>,
}

impl From<ItemJson> for Item {
    fn from(json: ItemJson) -> Item {
        let attributes = json.attributes.unwrap_or_default().into_iter();
        Item {
            item_name: json.item_name,
            attributes: attributes
                .map(|Object(json)| Attribute {
                    name: json.name,
                    values: json.values.unwrap_or_default(),
                })
                .collect(),
        }
    }
}

/// What is read from an object only: serde's derive also accepts an array.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads into an item that has content already.
    fn read(json: &str) -> Option<Item> {
        let mut item = Item::new("old")
            .attribute("old", ["1", "2", "3"])
            .attribute("older", ["4"]);
        let used = read_item(json, &mut item).ok()?;
        assert_eq!(used, json.len());
        Some(item)
    }

    #[test]
    fn overwrites_the_previous_item() {
        for item in [
            Item::new(""),
            Item::new("a\"\u{0}").attribute("é", [""]),
            Item::new("a")
                .attribute("x", [""; 0])
                .attribute("y", ["1", "2", "3", "4"])
                .attribute("z", ["5"]),
        ] {
            let json = serde_json::to_string(&item).unwrap();
            assert_eq!(read(&json), Some(item));
        }
    }

    #[test]
    fn accepts_null_lists_and_unknown_members() {
        let empty = Some(Item::new("a"));
        assert_eq!(read(r#"{"itemName":"a"}"#), empty);
        assert_eq!(read(r#"{"attributes":null,"itemName":"a"}"#), empty);
        assert_eq!(
            read(r#"{"itemName":"a","x":{"y":[1]},"attributes":[]}"#),
            empty
        );
        assert_eq!(
            read(r#"{"itemName":"a","attributes":[{"x":1,"values":null,"name":"n"}]}"#),
            Some(Item::new("a").attribute("n", [""; 0]))
        );
    }

    #[test]
    fn rejects_what_would_lose_data() {
        for json in [
            "{}",
            "1",
            r#"["a",[]]"#,
            r#"{"itemName":"a","attributes":[["n",["v"]]]}"#,
            r#"{"itemName":null}"#,
            r#"{"itemName":1}"#,
            r#"{"itemName":"a","itemName":"b"}"#,
            r#"{"itemName":"a","attributes":[],"attributes":[]}"#,
            r#"{"itemName":"a","attributes":{}}"#,
            r#"{"itemName":"a","attributes":[{"values":[]}]}"#,
            r#"{"itemName":"a","attributes":[{"name":"n"}]}"#,
            r#"{"itemName":"a","attributes":[{"name":"n","values":"v"}]}"#,
            r#"{"itemName":"a","attributes":[{"name":"n","values":[null]}]}"#,
            r#"{"itemName":"a","attributes":[{"name":"n","values":[1]}]}"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
