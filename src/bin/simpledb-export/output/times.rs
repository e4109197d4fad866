//! Times as people read them.

use serde_json::Value;
use time::{Duration, OffsetDateTime, UtcOffset};

/// The service's times, which are seconds since 1970 in its JSON.
const MEMBERS: [&str; 2] = ["requestedAt", "exportDataCutoffTime"];

/// Replaces the service's times in a result by RFC 3339.
pub(super) fn replace(result: &mut Value) {
    match result {
        Value::Object(record) => {
            for (name, value) in record {
                let seconds = value.as_f64().filter(|_| MEMBERS.contains(&name.as_str()));
                match seconds.and_then(from_seconds) {
                    Some(time) => *value = rfc3339(time).into(),
                    None => replace(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(replace),
        _ => {}
    }
}

/// A double holds milliseconds exactly, once it is rounded to them.
fn from_seconds(seconds: f64) -> Option<OffsetDateTime> {
    let rounded = Duration::checked_seconds_f64(seconds)? + Duration::microseconds(500);
    let milliseconds = i64::try_from(rounded.whole_milliseconds()).ok()?;
    OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(milliseconds))
}

/// Formats a time in UTC, as the AWS CLI does; with a fraction if there is one.
pub(crate) fn rfc3339(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let fraction = match time.microsecond() {
        0 => String::new(),
        microseconds => format!(".{microseconds:06}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+00:00")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn replaces_the_times_of_the_service_only() {
        let mut result = json!({
            "exports": [{"requestedAt": 1_771_261_003.659, "itemsCount": 7}],
            "exportDataCutoffTime": 0,
            "nextRun": null,
        });
        replace(&mut result);
        assert_eq!(
            result,
            json!({
                "exports": [{"requestedAt": "2026-02-16T16:56:43.659000+00:00", "itemsCount": 7}],
                "exportDataCutoffTime": "1970-01-01T00:00:00+00:00",
                "nextRun": null,
            })
        );
    }

    #[test]
    fn keeps_numbers_that_are_no_times() {
        let mut result = json!({"requestedAt": 1e300});
        replace(&mut result);
        assert_eq!(result, json!({"requestedAt": 1e300}));
    }
}
