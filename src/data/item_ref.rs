//! Items as they stand in the buffer that they were read into, without a copy of their text.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::item::{Attribute, Item};

/// An item whose text is borrowed from what was read, wherever no character was escaped.
///
/// ```
/// use simpledb_export::Item;
/// use simpledb_export::data::ItemRef;
///
/// let item = Item::new("book1").attribute("author", ["Ada", "Bo"]);
/// let borrowed = ItemRef::from(&item);
/// assert_eq!(borrowed.attributes[0].values, ["Ada", "Bo"]);
/// assert_eq!(borrowed.into_owned(), item);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemRef<'a> {
    /// The name, which is unique within its domain.
    #[serde(borrow, deserialize_with = "text")]
    pub item_name: Cow<'a, str>,
    /// The attributes, in the order in which the file has them.
    #[serde(borrow, default, deserialize_with = "objects")]
    pub attributes: Vec<AttributeRef<'a>>,
}

/// An attribute of an [`ItemRef`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[non_exhaustive]
pub struct AttributeRef<'a> {
    /// The name.
    #[serde(borrow, deserialize_with = "text")]
    pub name: Cow<'a, str>,
    /// The values.
    #[serde(borrow, deserialize_with = "texts")]
    pub values: Vec<Cow<'a, str>>,
}

impl ItemRef<'_> {
    /// The same item with text of its own.
    #[must_use]
    pub fn into_owned(self) -> Item {
        Item {
            item_name: self.item_name.into_owned(),
            attributes: self
                .attributes
                .into_iter()
                .map(|attribute| Attribute {
                    name: attribute.name.into_owned(),
                    values: attribute.values.into_iter().map(Cow::into_owned).collect(),
                })
                .collect(),
        }
    }
}

impl<'a> From<&'a Item> for ItemRef<'a> {
    fn from(item: &'a Item) -> ItemRef<'a> {
        ItemRef {
            item_name: Cow::Borrowed(&item.item_name),
            attributes: item
                .attributes
                .iter()
                .map(|attribute| AttributeRef {
                    name: Cow::Borrowed(&attribute.name),
                    values: attribute
                        .values
                        .iter()
                        .map(|v| Cow::Borrowed(&**v))
                        .collect(),
                })
                .collect(),
        }
    }
}

/// What an [`ItemRef`] must look like, with nothing of it kept: for checking alone.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemShape {
    #[serde(rename = "itemName")]
    _item_name: AnyText,
    #[serde(rename = "attributes", default, deserialize_with = "null_as_empty")]
    _attributes: Vec<Object<AttributeShape>>,
}

#[derive(serde::Deserialize)]
struct AttributeShape {
    #[serde(rename = "name")]
    _name: AnyText,
    #[serde(rename = "values", deserialize_with = "null_as_empty")]
    _values: Vec<AnyText>,
}

fn null_as_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let objects: Vec<Object<T>> = null_as_empty(deserializer)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

/// A struct written as an object: derived code takes an array of its members as well.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            #[inline]
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    Text::deserialize(deserializer).map(|text| text.0)
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Cow<'de, str>>, D::Error> {
    null_as_empty(deserializer).map(|texts: Texts<'de>| texts.0)
}

/// Serde's own `Cow` always copies.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

#[derive(Default)]
struct Texts<'a>(Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts<'de>, D::Error> {
        struct TextsVisitor;

        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of strings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts<'de>, A::Error> {
                // Most attributes have one value.
                let mut texts = Vec::with_capacity(1);
                while let Some(Text(text)) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_seq(TextsVisitor)
    }
}

struct AnyText;

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AnyText, D::Error> {
        struct AnyTextVisitor;

        impl Visitor<'_> for AnyTextVisitor {
            type Value = AnyText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, _: &str) -> Result<AnyText, E> {
                Ok(AnyText)
            }
        }

        deserializer.deserialize_str(AnyTextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an item, and holds the check that keeps nothing to the same answer.
    fn read(json: &str) -> Option<Item> {
        let item = serde_json::from_str::<Object<ItemRef<'_>>>(json);
        let item = item.map(|item| item.0.into_owned()).ok();
        let checked = serde_json::from_str::<Object<ItemShape>>(json).is_ok();
        assert_eq!(item.is_some(), checked, "{json}");
        item
    }

    #[test]
    fn text_is_borrowed_unless_it_was_escaped() {
        let json = r#"{"itemName":"a","attributes":[{"name":"b\n","values":["c","\u00e9"]}]}"#;
        let item: ItemRef<'_> = serde_json::from_str(json).unwrap();
        let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
        assert!(borrowed(&item.item_name));
        assert!(!borrowed(&item.attributes[0].name));
        assert!(borrowed(&item.attributes[0].values[0]));
        assert_eq!(item.attributes[0].values[1], "é");
    }

    #[test]
    fn null_and_missing_attributes_are_none_and_unknown_members_are_skipped() {
        let empty = Some(Item::new("a"));
        assert_eq!(read(r#"{"itemName":"a"}"#), empty);
        assert_eq!(read(r#"{"attributes":null,"itemName":"a"}"#), empty);
        assert_eq!(
            read(r#"{"itemName":"a","x":{"y":[1]},"attributes":[]}"#),
            empty
        );
        assert_eq!(
            read(r#"{"itemName":"a","attributes":[{"x":1,"values":null,"name":"n"}]}"#),
            Some(Item::new("a").attribute("n", Vec::<String>::new()))
        );
    }

    #[test]
    fn what_would_lose_data_is_refused() {
        for json in [
            "{}",
            "1",
            r#"["a",[]]"#,
            r#"{"itemName":"a","attributes":[["n",["v"]]]}"#,
            r#"{"itemName":null}"#,
            r#"{"itemName":1}"#,
            r#"{"itemName":"a","itemName":"b"}"#,
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
