//! How the service's structures are read from JSON and written to it.
//!
//! Serde's derive would do the same; it would also bring five crates to compile, among them a
//! parser of Rust, into every build that depends on this crate.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Implements `Serialize` and `Deserialize` for a structure, as
/// `members!(Type { required field: "nameOnTheWire", optional other: "otherName" as Form })`.
///
/// An optional member is written only if it is set, and may be absent or null. Unknown members are
/// skipped; if a member is repeated, the last one counts. `as` names the type whose JSON form the
/// member has. The fields after `and` are not on the wire, and `None` after reading.
macro_rules! members {
    ($type:ident {
        $($need:ident $field:ident: $name:literal $(as $form:ty)?),+ $(,)?
    } $(and { $($apart:ident),+ })?) => {
        impl $type {
            /// Writes the members that are set.
            fn write_members<S: serde::ser::SerializeStruct>(
                &self,
                members: &mut S,
            ) -> Result<(), S::Error> {
                $($crate::wire::object::members!(
                    @$need write members, self.$field, $name $(, $form)?
                );)+
                Ok(())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct as _;

                let length = [$($crate::wire::object::members!(@$need is_set self.$field)),+];
                let length = length.into_iter().filter(|is_set| *is_set).count();
                let mut members = serializer.serialize_struct(stringify!($type), length)?;
                self.write_members(&mut members)?;
                members.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<$type, A::Error> {
                        $(let mut $field = None;)+
                        while let Some($crate::wire::object::Text(name)) = members.next_key()? {
                            match &*name {
                                $($name => {
                                    $field = $crate::wire::object::members!(
                                        @$need read members $(, $form)?
                                    );
                                })+
                                _ => {
                                    members.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($type {
                            $($field: $crate::wire::object::members!(@$need take $field, $name),)+
                            $($($apart: None,)+)?
                        })
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }
    };

    (@required is_set $value:expr) => { true };
    (@optional is_set $value:expr) => { $value.is_some() };

    (@required write $members:ident, $value:expr, $name:literal) => {
        $members.serialize_field($name, &$value)?
    };
    (@required write $members:ident, $value:expr, $name:literal, $form:ty) => {
        $members.serialize_field($name, &<$form>::from(&$value))?
    };
    (@optional write $members:ident, $value:expr, $name:literal $(, $form:ty)?) => {
        if let Some(value) = &$value {
            $crate::wire::object::members!(@required write $members, *value, $name $(, $form)?)
        }
    };

    (@required read $members:ident) => { Some($members.next_value()?) };
    (@required read $members:ident, $form:ty) => { Some($members.next_value::<$form>()?.into()) };
    (@optional read $members:ident) => { $members.next_value()? };
    (@optional read $members:ident, $form:ty) => {
        $members.next_value::<Option<$form>>()?.map(Into::into)
    };

    (@required take $field:ident, $name:literal) => {
        $field.ok_or_else(|| serde::de::Error::missing_field($name))?
    };
    (@optional take $field:ident, $name:literal) => { $field };
}

pub(crate) use members;

/// A string, such as a member's name; copied only if it is written with escapes.
pub(crate) struct Text<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

/// A list without its null elements, as every AWS SDK reads a list that is not sparse.
pub(crate) struct List<'a, T: Clone>(Cow<'a, [T]>);

impl<T: Clone> From<List<'_, T>> for Vec<T> {
    fn from(list: List<'_, T>) -> Vec<T> {
        list.0.into_owned()
    }
}

impl<'a, T: Clone> From<&'a Vec<T>> for List<'a, T> {
    fn from(list: &'a Vec<T>) -> List<'a, T> {
        List(Cow::Borrowed(list))
    }
}

impl<T: Clone + Serialize> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Clone + Deserialize<'de>> Deserialize<'de> for List<'_, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element::<Option<T>>()? {
                    list.extend(element);
                }
                Ok(list)
            }
        }

        let list = deserializer.deserialize_seq(Elements(PhantomData))?;
        Ok(List(Cow::Owned(list)))
    }
}

#[cfg(test)]
mod tests {
    #[derive(Debug, PartialEq)]
    struct Shelf {
        name: String,
        books: Vec<u32>,
        place: Option<String>,
        seen: Option<()>,
    }

    members!(Shelf {
        required name: "shelfName",
        required books: "books" as super::List<u32>,
        optional place: "place",
    } and { seen });

    fn shelf(place: Option<&str>) -> Shelf {
        Shelf {
            name: "A".to_owned(),
            books: vec![1, 2],
            place: place.map(str::to_owned),
            seen: None,
        }
    }

    fn read(json: &str) -> Result<Shelf, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn writes_an_optional_member_only_if_it_is_set() {
        let json = |shelf| serde_json::to_string(&shelf).unwrap();
        assert_eq!(json(shelf(None)), r#"{"shelfName":"A","books":[1,2]}"#);
        assert_eq!(
            json(shelf(Some("hall"))),
            r#"{"shelfName":"A","books":[1,2],"place":"hall"}"#
        );
    }

    #[test]
    fn reads_members_in_any_order_and_skips_unknown_ones() {
        let json = r#"{"books":[1,null,2],"weight":{"kg":[7]},"place":null,"shelfName":"A"}"#;
        assert_eq!(read(json), Ok(shelf(None)));
        let json = r#"{"\u0070lace":"h\u0061ll","shelfName":"A","books":[1,2]}"#;
        assert_eq!(read(json), Ok(shelf(Some("hall"))));
    }

    #[test]
    fn takes_the_last_of_a_repeated_member() {
        let json = r#"{"shelfName":"B","books":[],"shelfName":"A","books":[1,2]}"#;
        assert_eq!(read(json), Ok(shelf(None)));
    }

    #[test]
    fn rejects_what_is_not_such_an_object() {
        let cases = [
            (
                r#"{"books":[]}"#,
                "missing field `shelfName` at line 1 column 12",
            ),
            (
                r#"{"shelfName":null,"books":[]}"#,
                "invalid type: null, expected a string at line 1 column 17",
            ),
            (
                r#"{"shelfName":"A","books":{}}"#,
                "invalid type: map, expected a list at line 1 column 25",
            ),
            (
                r#"["A",[]]"#,
                "invalid type: sequence, expected an object at line 1 column 0",
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(read(json), Err(expected.to_owned()), "{json}");
        }
    }
}
