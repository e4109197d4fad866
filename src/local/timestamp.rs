//! Times as the wire, the manifests and HTTP write them.

use time::{Date, Month, OffsetDateTime, Time, UtcOffset, Weekday};

pub(super) use crate::wire::timestamp::rfc3339;

/// The time cut to milliseconds, so that every place that shows it shows the same.
pub(super) fn to_millis(time: OffsetDateTime) -> OffsetDateTime {
    let time = time.to_offset(UtcOffset::UTC);
    time.replace_millisecond(time.millisecond()).unwrap_or(time)
}

/// Seconds since 1970 with a fraction of milliseconds, as restJson1 writes timestamps.
pub(super) fn epoch_seconds(time: OffsetDateTime) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of any year that has four digits fit 53 bits"
    )]
    let millis = (time.unix_timestamp_nanos() / 1_000_000) as f64;
    millis / 1000.0
}

/// `Mon, 16 Feb 2026 16:56:43 GMT`
pub(super) fn http_date(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let weekday = match time.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    };
    let month = match time.month() {
        Month::January => "Jan",
        Month::February => "Feb",
        Month::March => "Mar",
        Month::April => "Apr",
        Month::May => "May",
        Month::June => "Jun",
        Month::July => "Jul",
        Month::August => "Aug",
        Month::September => "Sep",
        Month::October => "Oct",
        Month::November => "Nov",
        Month::December => "Dec",
    };
    format!(
        "{weekday}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
        time.day(),
        time.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Reads the form of `x-amz-date`: `20260216T165643Z`.
pub(super) fn parse_amz_date(text: &str) -> Option<OffsetDateTime> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes.get(from..to)?.iter().try_fold(0_u16, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + u16::from(digit - b'0'))
        })
    };
    let two = |from: usize| u8::try_from(number(from, from + 2)?).ok();
    let month = Month::try_from(two(4)?).ok()?;
    let date = Date::from_calendar_date(number(0, 4)?.into(), month, two(6)?).ok()?;
    let time = Time::from_hms(two(9)?, two(11)?, two(13)?).ok()?;
    Some(OffsetDateTime::new_utc(date, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(1_771_261_003_659_999_999).unwrap()
    }

    #[test]
    fn a_time_is_cut_to_milliseconds_and_written_in_each_form() {
        let time = to_millis(sample());
        assert_eq!(time.nanosecond(), 659_000_000);
        assert_eq!(epoch_seconds(time).to_string(), "1771261003.659");
        assert_eq!(rfc3339(time), "2026-02-16T16:56:43.659Z");
        assert_eq!(http_date(time), "Mon, 16 Feb 2026 16:56:43 GMT");
    }

    #[test]
    fn an_amz_date_is_read_and_anything_else_is_not() {
        let time = parse_amz_date("20260216T165643Z").unwrap();
        assert_eq!(time, sample().replace_nanosecond(0).unwrap());
        for wrong in [
            "",
            "20260216T165643",
            "20260216 165643Z",
            "20261316T165643Z",
            "20260230T165643Z",
            "20260216T245643Z",
            "2026021xT165643Z",
            "2026-02-16T16:56",
        ] {
            assert_eq!(parse_amz_date(wrong), None, "{wrong}");
        }
    }
}
