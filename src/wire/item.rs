//! Items, their attributes, and the attributes' values, as data files contain them.

use serde::{Deserialize, Serialize};

/// An item of a domain, as the data files of an export contain it.
///
/// In JSON: `{"itemName":"book1","attributes":[{"name":"author","values":["Ada","Bo"]}]}`. Unknown
/// members are ignored; a missing `attributes` means none.
///
/// ```
/// use simpledb_export::Item;
///
/// let item = Item::new("book1")
///     .attribute("author", ["Ada", "Bo"])
///     .attribute("year", ["1999"]);
/// assert_eq!(item.attributes[0].values, ["Ada", "Bo"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Item {
    /// The name, which is unique within its domain.
    pub item_name: String,
    /// The attributes, in the order of the data file.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// An attribute of an [`Item`]: a name and all of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The values. SimpleDB stores text only.
    pub values: Vec<String>,
}

impl Item {
    /// Creates an item without attributes.
    pub fn new(item_name: impl Into<String>) -> Item {
        Item {
            item_name: item_name.into(),
            attributes: Vec::new(),
        }
    }

    /// Adds an attribute with its values.
    #[must_use]
    pub fn attribute<V: Into<String>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Item {
        self.attributes.push(Attribute::new(name, values));
        self
    }
}

impl Attribute {
    /// Creates an attribute with its values.
    pub fn new<V: Into<String>>(
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Attribute {
        Attribute {
            name: name.into(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_the_form_of_a_data_file() {
        let item = Item::new("employee1")
            .attribute("age", ["30"])
            .attribute("skill", ["sql", "rust"]);
        let json = serde_json::to_string(&item).unwrap();
        assert_eq!(
            json,
            "{\"itemName\":\"employee1\",\"attributes\":[{\"name\":\"age\",\"values\":[\"30\"]},\
             {\"name\":\"skill\",\"values\":[\"sql\",\"rust\"]}]}"
        );
        assert_eq!(serde_json::from_str::<Item>(&json).unwrap(), item);
    }

    #[test]
    fn ignores_unknown_members_and_allows_missing_attributes() {
        let item: Item = serde_json::from_str("{\"itemName\":\"a\",\"color\":1}").unwrap();
        assert_eq!(item, Item::new("a"));
    }
}
