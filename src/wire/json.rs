//! JSON objects of which only some members are known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::wire::object::Text;

/// An object's members in their order, each value as its JSON text. No value is copied.
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(crate) fn read(json: &'a [u8]) -> serde_json::Result<Members<'a>> {
        serde_json::from_slice(json)
    }

    /// Returns the values of a name; more than one if the object repeats it.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &'a RawValue> {
        self.iter()
            .filter_map(move |(found, value)| (found == name).then_some(value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }
}

/// Returns a value that is a string; `None` for every other.
pub(crate) fn text(value: &RawValue) -> Option<Zeroizing<String>> {
    // From bytes, as responses are: the same code reads both.
    let text: Option<String> = serde_json::from_slice(value.get().as_bytes()).ok();
    text.map(Zeroizing::new)
}

/// A member's value to write.
pub(crate) enum Value<'a> {
    Text(&'a str),
    Integer(i64),
    Object(Vec<(&'a str, Value<'a>)>),
    AsItIs(&'a RawValue),
}

/// Writes an object, which is wiped from memory when dropped.
pub(crate) fn object(members: &[(&str, Value<'_>)]) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    // Room for the worst case, so that no copy is left behind as it grows.
    let mut json = Zeroizing::new(Vec::with_capacity(max_length(members)));
    write_object(members, &mut json)?;
    Ok(json)
}

/// Returns the length of an object whose texts consist of nothing but escapes.
fn max_length(members: &[(&str, Value<'_>)]) -> usize {
    /// What an escape makes of one byte.
    const LONGEST: usize = "\\u0000".len();
    const LONGEST_INTEGER: usize = "-9223372036854775808".len();
    let members = members.iter().map(|(name, value)| {
        let value = match value {
            Value::Text(text) => LONGEST * text.len() + "\"\"".len(),
            Value::Integer(_) => LONGEST_INTEGER,
            Value::Object(members) => max_length(members),
            Value::AsItIs(value) => value.get().len(),
        };
        LONGEST * name.len() + "\"\":,".len() + value
    });
    members.sum::<usize>() + "{}".len()
}

fn write_object(members: &[(&str, Value<'_>)], json: &mut Vec<u8>) -> serde_json::Result<()> {
    json.push(b'{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        serde_json::to_writer(&mut *json, name)?;
        json.push(b':');
        match value {
            Value::Text(text) => serde_json::to_writer(&mut *json, text)?,
            Value::Integer(integer) => json.extend_from_slice(integer.to_string().as_bytes()),
            Value::Object(members) => write_object(members, json)?,
            Value::AsItIs(value) => json.extend_from_slice(value.get().as_bytes()),
        }
    }
    json.push(b'}');
    Ok(())
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'de>, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Text(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(members: &Members<'a>, name: &str) -> Vec<&'a str> {
        members.named(name).map(RawValue::get).collect()
    }

    #[test]
    fn keeps_values_as_they_are_written() {
        let json = br#" {"b" : 1.50 ,"\u0061":{"x":[null]},"b":"\u00e4"} "#;
        let members = Members::read(json).unwrap();
        let names: Vec<_> = members.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "b"]);
        assert_eq!(values(&members, "b"), ["1.50", r#""\u00e4""#]);
        assert_eq!(values(&members, "a"), [r#"{"x":[null]}"#]);
        assert!(values(&members, "c").is_empty());
    }

    #[test]
    fn reads_only_strings_as_text() {
        let json = br#"{"a":"\u00e4\n","b":7,"c":null,"d":["x"],"e":"\ud800"}"#;
        let members = Members::read(json).unwrap();
        let texts = members.iter().map(|(_, value)| text(value));
        let texts: Vec<_> = texts
            .map(|text| text.map(|text| text.to_string()))
            .collect();
        assert_eq!(texts, [Some("ä\n".to_owned()), None, None, None, None]);
    }

    #[test]
    fn what_is_no_object_or_no_json_is_refused() {
        for json in ["[]", "7", "null", "\"{}\""] {
            assert!(Members::read(json.as_bytes()).err().unwrap().is_data());
        }
        for json in ["", "{", "{} x", "{\"a\":}", "{\"a\":1,}", "{7:1}", "<html>"] {
            assert!(
                !Members::read(json.as_bytes()).err().unwrap().is_data(),
                "{json}"
            );
        }
        assert!(Members::read(b"{\"a\":\"\xff\"}").is_err());
    }

    #[test]
    fn writes_an_object_without_growing() {
        let text = "\u{1}\"".repeat(100);
        let members = Members::read(br#"{"b":1.50}"#).unwrap();
        let b = members.named("b").next().unwrap();
        let inner = vec![("c", Value::Text("x")), ("b", Value::AsItIs(b))];
        let members = [
            ("a\n", Value::Text(&text)),
            ("b", Value::AsItIs(b)),
            ("o", Value::Object(inner)),
        ];
        let json = object(&members).unwrap();
        let expected = format!(
            r#"{{"a\n":"{}","b":1.50,"o":{{"c":"x","b":1.50}}}}"#,
            r#"\u0001\""#.repeat(100)
        );
        assert_eq!(std::str::from_utf8(&json), Ok(expected.as_str()));
        let all_escaped = "\u{1}".repeat(10);
        let json = object(&[(&all_escaped, Value::Text(&all_escaped))]).unwrap();
        assert_eq!(json.capacity(), json.len() + ",".len());
        assert_eq!(object(&[]).unwrap().as_slice(), b"{}");
    }

    #[test]
    fn reads_deeply_nested_values() {
        let deep = |depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let json = deep(500_000);
        let members = Members::read(json.as_bytes()).unwrap();
        assert_eq!(members.named("a").filter_map(text).count(), 0);
    }
}
