//! Times on the wire, read exactly: epoch seconds, RFC 3339 (`date-time`) and HTTP dates, as the
//! [Smithy specification][smithy] defines them.
//!
//! A fraction is read digit by digit, never through a floating-point number.
//!
//! [smithy]: https://smithy.io/2.0/spec/protocol-traits.html#timestamp-formats

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

/// A time in JSON: written as epoch seconds with milliseconds; read also from a string in RFC 3339.
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

/// Reads epoch seconds: `1398796238`, `1398796238.123`, `1.398796238123E9`.
pub(crate) fn parse_epoch_seconds(text: &str) -> Option<OffsetDateTime> {
    parse_plain_seconds(text).or_else(|| parse_any_seconds(text))
}

/// Reads the form that the service sends, fast enough for long lists: no sign, no exponent, at most
/// nine decimals, and all digits together in 64 bits.
fn parse_plain_seconds(text: &str) -> Option<OffsetDateTime> {
    if text.is_empty() {
        return None;
    }
    let mut digits: u64 = 0;
    let mut decimals_from = None;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits.checked_mul(10)?.checked_add((byte - b'0').into())?,
            b'.' if at > 0 && decimals_from.is_none() => decimals_from = Some(at + 1),
            _ => return None,
        }
    }
    let decimals = decimals_from.map_or(0, |from| text.len() - from);
    let scale = 10_u64.pow(9_u32.checked_sub(u32::try_from(decimals).ok()?)?);
    let unit = 1_000_000_000 / scale;
    let nanosecond = u32::try_from(digits % unit * scale).ok()?;
    let seconds = i64::try_from(digits / unit).ok()?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    time.replace_nanosecond(nanosecond).ok()
}

fn parse_any_seconds(text: &str) -> Option<OffsetDateTime> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (is_negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || digits.len() > 64 {
        return None;
    }
    // The first digit's place, counted from the nanoseconds.
    let mut scale = exponent.checked_add(i32::try_from(whole.len()).ok()? + 9)?;
    let mut nanoseconds: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = char::from(byte).to_digit(10)?;
        if scale > 0 {
            nanoseconds = nanoseconds.checked_mul(10)?.checked_add(digit.into())?;
            scale -= 1;
        }
    }
    if nanoseconds != 0 && scale > 0 {
        nanoseconds = nanoseconds.checked_mul(10_i128.checked_pow(u32::try_from(scale).ok()?)?)?;
    }
    let nanoseconds = if is_negative {
        -nanoseconds
    } else {
        nanoseconds
    };
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()
}

/// Reads RFC 3339: `2014-04-29T18:30:38.123Z`, `2014-04-29t20:30:38+02:00`.
pub(crate) fn parse_rfc3339(text: &str) -> Option<OffsetDateTime> {
    let bytes = text.as_bytes();
    let separators = [(4, b"-"), (7, b"-"), (13, b":"), (16, b":")];
    let has_form = separators
        .iter()
        .all(|(at, byte)| bytes.get(*at) == Some(&byte[0]))
        && matches!(bytes.get(10)?, b'T' | b't' | b' ');
    if !has_form {
        return None;
    }
    let date = (
        number(text, 0..4)?,
        number(text, 5..7)?,
        number(text, 8..10)?,
    );
    let time = (
        number(text, 11..13)?,
        number(text, 14..16)?,
        number(text, 17..19)?,
    );
    let (nanosecond, rest) = parse_fraction(text.get(19..)?)?;
    let offset = parse_offset(rest)?;
    let local = build(date, time, nanosecond)?;
    local.checked_sub(Duration::seconds(offset.whole_seconds().into()))
}

/// Writes RFC 3339 in UTC, to the millisecond: `2026-02-16T16:56:43.659Z`.
#[cfg(any(feature = "local", feature = "export-all"))]
pub(crate) fn rfc3339(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}

/// Writes RFC 3339 in UTC, to the second: `2026-02-16T16:56:43Z`.
///
/// By hand: `time` with `formatting` adds 26 KB of code to a program.
pub(crate) fn rfc3339_seconds(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// A time in JSON as whole epoch seconds; read in any form of a [`Timestamp`].
#[cfg(feature = "domains")]
pub(crate) struct WholeSeconds(OffsetDateTime);

#[cfg(feature = "domains")]
impl From<&OffsetDateTime> for WholeSeconds {
    fn from(time: &OffsetDateTime) -> WholeSeconds {
        WholeSeconds(*time)
    }
}

#[cfg(feature = "domains")]
impl From<WholeSeconds> for OffsetDateTime {
    fn from(WholeSeconds(time): WholeSeconds) -> OffsetDateTime {
        time
    }
}

#[cfg(feature = "domains")]
impl Serialize for WholeSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.unix_timestamp())
    }
}

#[cfg(feature = "domains")]
impl<'de> Deserialize<'de> for WholeSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WholeSeconds, D::Error> {
        Timestamp::deserialize(deserializer).map(|time| WholeSeconds(time.into()))
    }
}

/// The form of times in the crate's own files: RFC 3339.
#[cfg(feature = "export-all")]
pub(crate) mod text {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;
    use time::OffsetDateTime;

    pub(crate) fn serialize<S: Serializer>(
        time: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::rfc3339(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::parse_rfc3339(&text)
            .ok_or_else(|| D::Error::custom(format_args!("{text:?} is not a time")))
    }
}

/// Reads an HTTP date in any of its three forms (RFC 9110, section 5.6.7), a fraction of a second
/// included:
///
/// - `Sun, 06 Nov 1994 08:49:37 GMT`
/// - `Sunday, 06-Nov-94 08:49:37 GMT`
/// - `Sun Nov  6 08:49:37 1994`
pub(crate) fn parse_http_date(text: &str) -> Option<OffsetDateTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (day, month, year, time) = if let Some((_weekday, rest)) = text.split_once(", ") {
        let words: Vec<&str> = rest.split([' ', '-']).collect();
        match words[..] {
            [day, month, year, time, "GMT"] => (day, month, year, time),
            _ => return None,
        }
    } else {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words[..] {
            [_weekday, month, day, time, year] => (day, month, year, time),
            _ => return None,
        }
    };
    let year = match (year.len(), number(year, 0..year.len())?) {
        (4, year) => year,
        // Two digits are taken for the nearer century.
        (2, year) if text.contains('-') => year + if year < 70 { 2000 } else { 1900 },
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let day = Some(day).filter(|day| day.len() <= 2)?;
    let date = (year, u32::try_from(month).ok()?, number(day, 0..day.len())?);
    if time.as_bytes().get(2) != Some(&b':') || time.as_bytes().get(5) != Some(&b':') {
        return None;
    }
    let (nanosecond, rest) = parse_fraction(time.get(8..)?)?;
    if !rest.is_empty() {
        return None;
    }
    let time = (
        number(time, 0..2)?,
        number(time, 3..5)?,
        number(time, 6..8)?,
    );
    build(date, time, nanosecond)
}

/// Digits only: no sign, no white space.
fn number(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    let digits = text.get(range)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Takes `.123` off the front: nanoseconds, and what follows. Digits beyond the ninth are dropped.
fn parse_fraction(text: &str) -> Option<(u32, &str)> {
    let Some(fraction) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = fraction
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(fraction.len());
    let kept = end.min(9);
    let exponent = u32::try_from(9 - kept).ok()?;
    Some((
        number(fraction, 0..kept)? * 10_u32.pow(exponent),
        &fraction[end..],
    ))
}

fn parse_offset(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if text.len() != 6 || text.as_bytes()[3] != b':' {
        return None;
    }
    let hours = i8::try_from(number(text, 1..3)?).ok()?;
    let minutes = i8::try_from(number(text, 4..6)?).ok()?;
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

/// A leap second is read as the second before it, as UTC clocks without leap seconds show it.
fn build(
    (year, month, day): (u32, u32, u32),
    (hour, minute, second): (u32, u32, u32),
    nanosecond: u32,
) -> Option<OffsetDateTime> {
    let part = |value: u32| u8::try_from(value).ok();
    let month = Month::try_from(part(month)?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, part(day)?).ok()?;
    let second = if second == 60 { 59 } else { second };
    let time = Time::from_hms_nano(part(hour)?, part(minute)?, part(second)?, nanosecond).ok()?;
    Some(date.with_time(time).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(time: Option<OffsetDateTime>) -> Option<i128> {
        time.map(OffsetDateTime::unix_timestamp_nanos)
    }

    #[test]
    fn reads_epoch_seconds_to_the_last_digit() {
        let cases = [
            ("0", 0),
            ("1398796238", 1_398_796_238_000_000_000),
            ("1398796238.123", 1_398_796_238_123_000_000),
            ("253402300799.999999999", 253_402_300_799_999_999_999),
            ("1.398796238123E9", 1_398_796_238_123_000_000),
            ("1398796238123e-3", 1_398_796_238_123_000_000),
            ("0.0000000019", 1),
            ("1398796238.000000001", 1_398_796_238_000_000_001),
            ("4294967296.5", 4_294_967_296_500_000_000),
            ("-1.5", -1_500_000_000),
            ("0e999999", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(nanos(parse_epoch_seconds(text)), Some(expected), "{text}");
        }
        for text in [
            "",
            "-",
            "x",
            "1.x",
            "1e",
            "1e99",
            "99999999999999",
            ".5",
            "1e2147483647",
        ] {
            assert_eq!(parse_epoch_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn writes_times_in_utc_to_the_second() {
        let time = parse_rfc3339("2030-01-02T13:04:05.9+02:00").unwrap();
        assert_eq!(rfc3339_seconds(time), "2030-01-02T11:04:05Z");
    }

    #[test]
    fn reads_rfc3339_with_any_offset_and_fraction() {
        let cases = [
            ("2014-04-29T18:30:38Z", 1_398_796_238_000_000_000),
            ("2014-04-29t18:30:38.123z", 1_398_796_238_123_000_000),
            ("2014-04-29 20:30:38.5+02:00", 1_398_796_238_500_000_000),
            (
                "2014-04-29T13:00:38.1234567891-05:30",
                1_398_796_238_123_456_789,
            ),
            ("2016-12-31T23:59:60Z", 1_483_228_799_000_000_000),
        ];
        for (text, expected) in cases {
            assert_eq!(nanos(parse_rfc3339(text)), Some(expected), "{text}");
        }
        for text in [
            "",
            "2014-04-29",
            "2014-04-29T18:30:38",
            "2014-13-29T18:30:38Z",
            "2014-02-30T18:30:38Z",
            "2014-04-29T18:30:38.Z",
            "2014-04-29T18:30:38+2:00",
            "2014-04-29T18:30:38+99:00",
            "+014-04-29T18:30:38Z",
            "2014-04-29T24:30:38Z",
            "2014é04-29T18:30:38Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn reads_http_dates_in_all_three_forms() {
        let text = "Tue, 29 Apr 2014 18:30:38 GMT";
        assert_eq!(
            nanos(parse_http_date(text)),
            Some(1_398_796_238_000_000_000)
        );
        let text = "Tue, 29 Apr 2014 18:30:38.25 GMT";
        assert_eq!(
            nanos(parse_http_date(text)),
            Some(1_398_796_238_250_000_000)
        );
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            let time = parse_http_date(text).map(OffsetDateTime::unix_timestamp);
            assert_eq!(time, Some(784_111_777), "{text}");
        }
        let time = parse_http_date("Wednesday, 25-Nov-26 20:30:00 GMT").unwrap();
        assert_eq!(time.year(), 2026);
        for text in [
            "",
            "29 Apr 2014 18:30:38 GMT",
            "Tue, 29 Apr 2014 18:30:38 CET",
            "Tue, 29 Apr 14 18:30:38 GMT",
            "Tue, 29 Xyz 2014 18:30:38 GMT",
            "Tue, 29 Apr 2014 18-30-38 GMT",
            "Tue, 29 Apr 2014 18:30:38 GMT x",
            "Tue, 31 Feb 2014 18:30:38 GMT",
            "Tue Apr 29 18:30:38 14",
            "Tue Apr 29 18:30:38 2014 GMT",
            "Tuesday, 29-Apr-14 18:30:38",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
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
