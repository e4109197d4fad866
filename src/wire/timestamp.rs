//! Times on the wire, read exactly: epoch seconds, RFC 3339 (`date-time`) and HTTP dates, as the
//! [Smithy specification][smithy] defines them.
//!
//! A fraction is read digit by digit, never through a floating-point number.
//!
//! [smithy]: https://smithy.io/2.0/spec/protocol-traits.html#timestamp-formats

mod json;

use std::ops::Range;
use std::str::FromStr;

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

pub(crate) use self::json::Timestamp;
#[cfg(feature = "export-all")]
pub(crate) use self::json::text;

/// Reads epoch seconds: `1398796238`, `1398796238.123`, `1.398796238123E9`.
pub(crate) fn parse_epoch_seconds(text: &str) -> Option<OffsetDateTime> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (seconds, fraction) = split_digits(digits);
    let (nanosecond, rest) = parse_fraction(fraction)?;
    if !rest.is_empty() {
        return parse_epoch_seconds(&without_exponent(text)?);
    }
    let seconds: i64 = seconds.parse().ok()?;
    if text.starts_with('-') {
        let time = OffsetDateTime::from_unix_timestamp(-seconds).ok()?;
        time.checked_sub(Duration::nanoseconds(nanosecond.into()))
    } else {
        let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        time.replace_nanosecond(nanosecond).ok()
    }
}

/// Writes a number that has an exponent without it.
fn without_exponent(text: &str) -> Option<String> {
    const MAX_DIGITS: usize = 64;
    /// Moved this far, a number is zero or too large for a time.
    const MAX_SHIFT: isize = 99;
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let digits = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    let exponent: isize = exponent.parse().ok()?;
    let zeros = "0".repeat(100);
    let point = zeros.len() + whole.len();
    let point = point.checked_add_signed(exponent.clamp(-MAX_SHIFT, MAX_SHIFT))?;
    let digits = [&zeros, whole, fraction, &zeros].concat();
    let (whole, fraction) = digits.split_at_checked(point)?;
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    Some(format!("{sign}{whole}.{fraction}"))
}

/// Reads RFC 3339: `2014-04-29T18:30:38.123Z`, `2014-04-29t20:30:38+02:00`.
pub(crate) fn parse_rfc3339(text: &str) -> Option<OffsetDateTime> {
    let (b'-', b'-', b'T' | b't' | b' ') = (byte(text, 4)?, byte(text, 7)?, byte(text, 10)?) else {
        return None;
    };
    let date = date(
        number(text, 0..4)?,
        number(text, 5..7)?,
        number(text, 8..10)?,
    )?;
    let (time, offset) = parse_time(text.get(11..)?)?;
    let offset = parse_offset(offset)?;
    let local = date.with_time(time).assume_utc();
    local.checked_sub(Duration::seconds(offset.whole_seconds().into()))
}

/// Writes RFC 3339 in UTC, to the millisecond: `2026-02-16T16:56:43.659Z`.
#[cfg(any(feature = "local", feature = "export-all"))]
pub(crate) fn rfc3339(time: OffsetDateTime) -> String {
    let seconds = rfc3339_seconds(time);
    let seconds = seconds.trim_end_matches('Z');
    format!("{seconds}.{:03}Z", time.millisecond())
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
    let mut words = text.split([' ', ',', '-']).filter(|word| !word.is_empty());
    let mut word = || words.next();
    let _weekday = word()?;
    let (day, month, year, time, zone) = if text.contains(',') {
        (word()?, word()?, word()?, word()?, word()?)
    } else {
        let (month, day, time, year) = (word()?, word()?, word()?, word()?);
        (day, month, year, time, "GMT")
    };
    if zone != "GMT" || word().is_some() {
        return None;
    }
    let year = match (year.len(), number(year, 0..year.len())?) {
        (4, year) => year,
        // Two digits are taken for the nearer century.
        (2, year) if text.contains('-') => year + if year < 70 { 2000 } else { 1900 },
        _ => return None,
    };
    let month = (1..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let day = Some(day).filter(|day| day.len() <= 2)?;
    let date = date(year, month, number(day, 0..day.len())?)?;
    let (time, "") = parse_time(time)? else {
        return None;
    };
    Some(date.with_time(time).assume_utc())
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// Digits only: no sign, no white space.
fn number<T: FromStr>(text: &str, range: Range<usize>) -> Option<T> {
    let digits = text.get(range)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn date(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

/// Takes `18:30:38.123` off the front: the time, and what follows.
///
/// A leap second is read as the second before it, as UTC clocks without leap seconds show it.
fn parse_time(text: &str) -> Option<(Time, &str)> {
    let (b':', b':') = (byte(text, 2)?, byte(text, 5)?) else {
        return None;
    };
    let second = match number(text, 6..8)? {
        60 => 59,
        second => second,
    };
    let (nanosecond, rest) = parse_fraction(text.get(8..)?)?;
    let time = Time::from_hms_nano(number(text, 0..2)?, number(text, 3..5)?, second, nanosecond);
    Some((time.ok()?, rest))
}

/// Takes `.123` off the front: nanoseconds, and what follows. Digits beyond the ninth are dropped.
fn parse_fraction(text: &str) -> Option<(u32, &str)> {
    let Some(fraction) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let (digits, rest) = split_digits(fraction);
    let kept = &digits[..digits.len().min(9)];
    let exponent = u32::try_from(9 - kept.len()).ok()?;
    Some((kept.parse::<u32>().ok()? * 10_u32.pow(exponent), rest))
}

/// Splits before the first character that is not a digit.
fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn parse_offset(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let sign = match byte(text, 0)? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if text.len() != 6 || byte(text, 3) != Some(b':') {
        return None;
    }
    let (hours, minutes): (i8, i8) = (number(text, 1..3)?, number(text, 4..6)?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
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
}
