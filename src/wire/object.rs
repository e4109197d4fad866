//! How the service's structures are read from JSON and written to it.
//!
//! Serde's derive would do the same; it would also bring five crates to compile, among them a
//! parser of Rust, into every build that depends on this crate.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Implements `Serialize` for a structure: its members in order, an optional one only where it is
/// set.
macro_rules! write_members {
    ($type:ident { $($need:ident $field:ident: $name:literal),+ $(,)? }) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct as _;

                let most = [$($name),+].len();
                let mut members = serializer.serialize_struct(stringify!($type), most)?;
                $($crate::wire::object::write_members!(@$need members, self.$field, $name);)+
                members.end()
            }
        }
    };
    (@required $members:ident, $value:expr, $name:literal) => {
        $members.serialize_field($name, &$value)?
    };
    (@optional $members:ident, $value:expr, $name:literal) => {
        if let Some(value) = &$value {
            $members.serialize_field($name, value)?;
        }
    };
}

/// Implements `Deserialize` for a structure. Members that it does not know are skipped, an
/// optional one may be absent or null, and of a member that comes twice the last is taken. `as`
/// names the type that reads a member where it is not the member's own; what follows `and` is not
/// on the wire.
macro_rules! read_members {
    ($type:ident {
        $($need:ident $field:ident: $name:literal $(as $form:ty)?),+ $(,)?
    } $(and { $($apart:ident),+ })?) => {
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
                        while let Some($crate::wire::object::Name(name)) = members.next_key()? {
                            match &*name {
                                $($name => {
                                    $field = $crate::wire::object::read_members!(
                                        @$need members $(, $form)?
                                    );
                                })+
                                _ => {
                                    members.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($type {
                            $($field: $crate::wire::object::read_members!(@$need $field: $name),)+
                            $($($apart: None,)+)?
                        })
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }
    };
    (@required $members:ident) => { Some($members.next_value()?) };
    (@required $members:ident, $form:ty) => { Some($members.next_value::<$form>()?.into()) };
    (@required $field:ident: $name:literal) => {
        $field.ok_or_else(|| serde::de::Error::missing_field($name))?
    };
    (@optional $members:ident) => { $members.next_value()? };
    (@optional $members:ident, $form:ty) => {
        $members.next_value::<Option<$form>>()?.map(Into::into)
    };
    (@optional $field:ident: $name:literal) => { $field };
}

pub(crate) use {read_members, write_members};

/// The name of a member; copied only where it is written with escapes.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name<'de>, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

/// A list without its null elements, as every AWS SDK reads a list that is not sparse.
pub(crate) struct List<T>(Vec<T>);

impl<T> From<List<T>> for Vec<T> {
    fn from(list: List<T>) -> Vec<T> {
        list.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<List<T>, D::Error> {
        struct Elements<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element::<Option<T>>()? {
                    list.extend(element);
                }
                Ok(List(list))
            }
        }

        deserializer.deserialize_seq(Elements(PhantomData))
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

    write_members!(Shelf {
        required name: "shelfName",
        required books: "books",
        optional place: "place",
    });

    read_members!(Shelf {
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
    fn an_optional_member_is_written_only_where_it_is_set() {
        let json = |shelf| serde_json::to_string(&shelf).unwrap();
        assert_eq!(json(shelf(None)), r#"{"shelfName":"A","books":[1,2]}"#);
        assert_eq!(
            json(shelf(Some("hall"))),
            r#"{"shelfName":"A","books":[1,2],"place":"hall"}"#
        );
    }

    #[test]
    fn members_are_read_in_any_order_and_what_is_unknown_is_skipped() {
        let json = r#"{"books":[1,null,2],"weight":{"kg":[7]},"place":null,"shelfName":"A"}"#;
        assert_eq!(read(json), Ok(shelf(None)));
        let json = r#"{"\u0070lace":"h\u0061ll","shelfName":"A","books":[1,2]}"#;
        assert_eq!(read(json), Ok(shelf(Some("hall"))));
    }

    #[test]
    fn of_a_member_that_comes_twice_the_last_is_taken() {
        let json = r#"{"shelfName":"B","books":[],"shelfName":"A","books":[1,2]}"#;
        assert_eq!(read(json), Ok(shelf(None)));
    }

    #[test]
    fn what_is_no_such_object_is_refused() {
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
