//! Times in JSON.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::{parse_epoch_seconds, parse_rfc3339};

/// A time as epoch seconds, to the millisecond if it has any; read also from a string in RFC 3339.
pub(crate) struct Timestamp(OffsetDateTime);

impl From<&OffsetDateTime> for Timestamp {
    fn from(time: &OffsetDateTime) -> Timestamp {
        Timestamp(*time)
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(Timestamp(time): Timestamp) -> OffsetDateTime {
        time
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.millisecond() == 0 {
            return serializer.serialize_i64(self.0.unix_timestamp());
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a double holds the milliseconds of any year of four digits"
        )]
        let milliseconds = self.0.unix_timestamp_nanos().div_euclid(1_000_000) as f64;
        serializer.serialize_f64(milliseconds / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        // The text of the number, because a double cannot hold every time to the millisecond;
        // borrowed, because a page has a thousand.
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let time = if raw.starts_with('"') {
            // From bytes, as responses are: the same code reads both.
            let text = serde_json::from_slice(raw.as_bytes());
            let text: String = text.map_err(D::Error::custom)?;
            parse_rfc3339(&text).or_else(|| parse_epoch_seconds(&text))
        } else {
            parse_epoch_seconds(raw)
        };
        time.map(Timestamp)
            .ok_or_else(|| D::Error::custom(format_args!("{raw} is not a time")))
    }
}

/// Times in the crate's own files: RFC 3339.
#[cfg(feature = "export-all")]
pub(crate) mod text {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;
    use time::OffsetDateTime;

    pub(crate) fn serialize<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::wire::timestamp::rfc3339(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::wire::timestamp::parse_rfc3339(&text)
            .ok_or_else(|| D::Error::custom(format_args!("{text:?} is not a time")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(time: Option<OffsetDateTime>) -> Option<i128> {
        time.map(OffsetDateTime::unix_timestamp_nanos)
    }

    #[derive(Debug)]
    struct Response {
        at: OffsetDateTime,
        later: Option<OffsetDateTime>,
    }

    crate::wire::object::members!(Response {
        required at: "at" as Timestamp,
        optional later: "later" as Timestamp,
    });

    #[test]
    fn reads_members_that_are_numbers_strings_or_null() {
        fn read(body: &[u8]) -> serde_json::Result<Response> {
            serde_json::from_slice(body)
        }
        let response = read(br#"{"at":1398796238.123,"later":null}"#).unwrap();
        assert_eq!(nanos(Some(response.at)), Some(1_398_796_238_123_000_000));
        assert_eq!(response.later, None);
        let response = read(br#"{"later":1,"at":"2014-04-29T18:30:38.123Z"}"#).unwrap();
        assert_eq!(nanos(Some(response.at)), Some(1_398_796_238_123_000_000));
        assert_eq!(nanos(response.later), Some(1_000_000_000));

        let error = |body: &[u8]| read(body).err().unwrap().to_string();
        assert!(error(br#"{"at":null}"#).starts_with("null is not a time"));
        assert!(error(br#"{"at":true}"#).starts_with("true is not a time"));
        assert!(error(br#"{"at":"soon"}"#).starts_with("\"soon\" is not a time"));
    }
}
