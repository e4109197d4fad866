//! Dates and times of day, in the forms of ISO 8601.

use std::fmt;

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// A date and a time of day, to the microsecond, with or without an offset from UTC. `Display` is
/// that of RFC 3339, with as many decimals as were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    local: PrimitiveDateTime,
    offset: Option<UtcOffset>,
    form: Form,
}

/// How a timestamp was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// The number of digits after the second; none without a point.
    decimals: u8,
    zone: Zone,
    /// Whether a space is between date and time, instead of `T`.
    is_spaced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Zone {
    None,
    /// `Z`.
    Utc,
    /// `+01:00`.
    Colon,
    /// `+0100`.
    Compact,
}

/// What a second has at most.
const MAX_DECIMALS: u8 = 6;

impl Timestamp {
    /// Returns the date and the time of day as written.
    #[must_use]
    pub fn local(&self) -> PrimitiveDateTime {
        self.local
    }

    /// Returns the offset from UTC, if the timestamp has one.
    #[must_use]
    pub fn offset(&self) -> Option<UtcOffset> {
        self.offset
    }

    /// Returns the microseconds since 1970-01-01T00:00:00Z; without an offset, as if it were UTC.
    #[must_use]
    pub fn unix_microseconds(&self) -> i64 {
        let local = self.local.assume_utc();
        let offset = self.offset.map_or(0, UtcOffset::whole_seconds);
        let seconds = local.unix_timestamp() - i64::from(offset);
        seconds * 1_000_000 + i64::from(local.microsecond())
    }

    pub(crate) fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn read(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        let date = read_date(bytes.get(..10)?)?;
        let is_spaced = match bytes.get(10)? {
            b'T' => false,
            b' ' => true,
            _ => return None,
        };
        let &[h1, h2, b':', m1, m2, b':', s1, s2] = bytes.get(11..19)? else {
            return None;
        };
        let (decimals, microseconds, rest) = read_fraction(bytes.get(19..)?)?;
        let time = Time::from_hms_micro(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, microseconds);
        let (zone, offset) = read_zone(rest)?;
        Some(Timestamp {
            local: PrimitiveDateTime::new(date, time.ok()?),
            offset,
            form: Form {
                decimals,
                zone,
                is_spaced,
            },
        })
    }

    /// Writes the text that was read.
    pub(super) fn write_as_read(&self, target: &mut impl fmt::Write) -> fmt::Result {
        self.write(target, self.form)
    }

    fn write(&self, target: &mut impl fmt::Write, form: Form) -> fmt::Result {
        let (date, time) = (self.local.date(), self.local.time());
        write!(
            target,
            "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            if form.is_spaced { ' ' } else { 'T' },
            time.hour(),
            time.minute(),
            time.second(),
        )?;
        if form.decimals > 0 {
            let cut = 10_u32.pow(MAX_DECIMALS.saturating_sub(form.decimals).into());
            let width = form.decimals.into();
            write!(target, ".{:0width$}", time.microsecond() / cut)?;
        }
        let offset = self.offset.unwrap_or(UtcOffset::UTC);
        let sign = if offset.is_negative() { '-' } else { '+' };
        let (hours, minutes, _) = offset.as_hms();
        let (hours, minutes) = (hours.unsigned_abs(), minutes.unsigned_abs());
        match form.zone {
            Zone::None => Ok(()),
            Zone::Utc => target.write_char('Z'),
            Zone::Colon => write!(target, "{sign}{hours:02}:{minutes:02}"),
            Zone::Compact => write!(target, "{sign}{hours:02}{minutes:02}"),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut form = self.form;
        form.is_spaced = false;
        if form.zone == Zone::Compact {
            form.zone = Zone::Colon;
        }
        self.write(f, form)
    }
}

impl Form {
    pub(crate) fn has_zone(self) -> bool {
        self.zone != Zone::None
    }
}

/// `yyyy-MM-ddTHH:mm:ss.SSS±hh:mm`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.is_spaced { ' ' } else { 'T' };
        write!(f, "yyyy-MM-dd{separator}HH:mm:ss")?;
        if self.decimals > 0 {
            write!(f, ".{:S<width$}", "", width = self.decimals.into())?;
        }
        f.write_str(match self.zone {
            Zone::None => "",
            Zone::Utc => "Z",
            Zone::Colon => "±hh:mm",
            Zone::Compact => "±hhmm",
        })
    }
}

/// Reads `2026-02-16`, from year 1 on.
pub(crate) fn read_date(text: &[u8]) -> Option<Date> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let year = i32::from(two(y1, y2)?) * 100 + i32::from(two(y3, y4)?);
    let month = Month::try_from(two(m1, m2)?).ok()?;
    let date = Date::from_calendar_date(year, month, two(d1, d2)?).ok()?;
    (year > 0).then_some(date)
}

fn two(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then_some(tens * 10 + ones)
}

/// Reads `.659`: the number of digits, the microseconds, and what follows.
fn read_fraction(text: &[u8]) -> Option<(u8, u32, &[u8])> {
    let Some(fraction) = text.strip_prefix(b".") else {
        return Some((0, 0, text));
    };
    let mut number = 0_u32;
    let mut length = 0_u8;
    for byte in fraction.iter().take_while(|byte| byte.is_ascii_digit()) {
        if length == MAX_DECIMALS {
            return None;
        }
        length += 1;
        number = number * 10 + u32::from(byte - b'0');
    }
    let rest = fraction.get(length.into()..)?;
    (length > 0).then_some((
        length,
        number * 10_u32.pow((MAX_DECIMALS - length).into()),
        rest,
    ))
}

fn read_zone(text: &[u8]) -> Option<(Zone, Option<UtcOffset>)> {
    let (zone, sign, hours, minutes) = match *text {
        [] => return Some((Zone::None, None)),
        [b'Z'] => return Some((Zone::Utc, Some(UtcOffset::UTC))),
        [sign, h1, h2, b':', m1, m2] => (Zone::Colon, sign, two(h1, h2)?, two(m1, m2)?),
        [sign, h1, h2, m1, m2] => (Zone::Compact, sign, two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    let sign = match sign {
        b'+' => 1,
        // Minus zero is RFC 3339's way to say that the offset is unknown.
        b'-' if hours > 0 || minutes > 0 => -1,
        _ => return None,
    };
    let hours = i8::try_from(hours).ok()? * sign;
    let minutes = i8::try_from(minutes).ok()? * sign;
    let offset = UtcOffset::from_hms(hours, minutes, 0).ok()?;
    Some((zone, Some(offset)))
}
