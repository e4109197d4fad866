//! Types of columns, and values as each database reads them.

use std::fmt::{self, Write};

use time::UtcOffset;

use super::dialect::Dialect;
use super::{float, text};
use crate::data::convert::losses::LossKind;
use crate::data::types::{DataType, Timestamp, Value};

/// The limits of MySQL's `DECIMAL`.
const MYSQL_MAX_PRECISION: u8 = 65;
const MYSQL_MAX_SCALE: u8 = 30;

/// PostgreSQL rejects times that are further from UTC.
const POSTGRES_MAX_OFFSET_HOURS: u8 = 15;

/// Returns why columns of this type are text although the values are numbers, if they are.
pub(super) fn text_reason(dialect: Dialect, data_type: DataType) -> Option<&'static str> {
    match (dialect, data_type) {
        (Dialect::Sqlite, DataType::Integer { precision: Some(_) }) => {
            Some("integers of SQLite have 64 bits")
        }
        (Dialect::Sqlite, DataType::Decimal { .. }) => Some("SQLite has no exact decimals"),
        (Dialect::MySql, DataType::Decimal { precision, scale })
            if precision > MYSQL_MAX_PRECISION || scale > MYSQL_MAX_SCALE =>
        {
            Some("decimals of MySQL have at most 65 digits, of which at most 30 after the point")
        }
        _ => None,
    }
}

/// Returns the type that represents all values exactly: text, if there is no other.
pub(super) fn column_type(dialect: Dialect, data_type: DataType) -> String {
    use Dialect::{MySql, Postgres, Sqlite};
    let decimal = match dialect {
        Sqlite | Postgres => "NUMERIC",
        MySql => "DECIMAL",
    };
    let name = match (data_type, dialect) {
        _ if text_reason(dialect, data_type).is_some() => dialect.text_type(),
        (DataType::Text, _) | (DataType::Timestamp { .. } | DataType::Date, Sqlite) => {
            dialect.text_type()
        }
        (DataType::Integer { precision: None }, Sqlite) => "INTEGER",
        (DataType::Integer { precision: None }, Postgres | MySql) => "BIGINT",
        (
            DataType::Integer {
                precision: Some(precision),
            },
            _,
        ) => {
            return format!("{decimal}({precision})");
        }
        (DataType::Decimal { precision, scale }, _) => {
            return format!("{decimal}({precision},{scale})");
        }
        (DataType::Float, Sqlite) => "REAL",
        (DataType::Float, Postgres) => "DOUBLE PRECISION",
        (DataType::Float, MySql) => "DOUBLE",
        (DataType::Boolean, _) => "BOOLEAN",
        (DataType::Timestamp { with_zone: true }, Postgres) => "TIMESTAMP WITH TIME ZONE",
        (DataType::Timestamp { with_zone: false }, Postgres) => "TIMESTAMP",
        (DataType::Timestamp { .. }, MySql) => "DATETIME(6)",
        (DataType::Date, Postgres | MySql) => "DATE",
    };
    name.to_string()
}

/// Appends the mark of a missing value.
pub(super) fn push_null(out: &mut String, dialect: Dialect) {
    out.push_str(if dialect == Dialect::Postgres {
        "\\N"
    } else {
        "NULL"
    });
}

/// Appends a text, and returns what the database cannot represent of it.
pub(super) fn push_text(out: &mut String, dialect: Dialect, text: &str) -> Option<LossKind> {
    match dialect {
        Dialect::Sqlite => text::push_sqlite(out, text),
        Dialect::Postgres => text::push_copied(out, text),
        Dialect::MySql => text::push_mysql(out, text),
    }
    let is_lossy = dialect != Dialect::MySql && text.contains('\0');
    is_lossy.then_some(LossKind::NulCharacter)
}

/// Appends a value, and returns what the database cannot represent of it.
pub(super) fn push(
    out: &mut String,
    dialect: Dialect,
    data_type: DataType,
    value: &Value<'_>,
) -> Option<LossKind> {
    match value {
        Value::Text(text) => return push_text(out, dialect, text),
        Value::Timestamp(timestamp) => {
            let Some(text) = representable(dialect, timestamp) else {
                push_null(out, dialect);
                return Some(LossKind::TimeOutOfRange);
            };
            push_plain(out, dialect, true, &text);
        }
        Value::Float(number) => push_float(out, dialect, *number),
        Value::Boolean(value) if dialect == Dialect::Sqlite => {
            out.push(if *value { '1' } else { '0' });
        }
        Value::Date(_) => push_plain(out, dialect, true, value),
        _ => {
            let is_text = text_reason(dialect, data_type).is_some();
            push_plain(out, dialect, is_text, value);
        }
    }
    None
}

/// Appends what needs no escapes, as text or as another literal.
fn push_plain(out: &mut String, dialect: Dialect, is_text: bool, value: &impl fmt::Display) {
    let quote = if is_text && dialect != Dialect::Postgres {
        "'"
    } else {
        ""
    };
    let _ = write!(out, "{quote}{value}{quote}");
}

fn push_float(out: &mut String, dialect: Dialect, number: f64) {
    match dialect {
        Dialect::Sqlite => float::push(out, number),
        // The exponent makes it a float in MySQL, not a decimal.
        Dialect::Postgres | Dialect::MySql => {
            let _ = write!(out, "{number:e}");
        }
    }
}

/// Returns a timestamp as the database reads it, if it can.
fn representable(dialect: Dialect, timestamp: &Timestamp) -> Option<String> {
    let Some(offset) = timestamp.offset() else {
        return Some(timestamp.to_string());
    };
    let is_far = offset.whole_hours().unsigned_abs() > POSTGRES_MAX_OFFSET_HOURS;
    match dialect {
        Dialect::Sqlite => Some(timestamp.to_string()),
        Dialect::Postgres if !is_far => Some(timestamp.to_string()),
        Dialect::Postgres => in_utc(timestamp, offset).map(|utc| format!("{utc}Z")),
        Dialect::MySql => in_utc(timestamp, offset),
    }
}

/// Returns the time in UTC without its zone, unless its year is not from 1 to 9999.
fn in_utc(timestamp: &Timestamp, offset: UtcOffset) -> Option<String> {
    let moment = timestamp.local().assume_offset(offset);
    let moment = moment.checked_to_offset(UtcOffset::UTC)?;
    let (date, time) = (moment.date(), moment.time());
    (date.year() > 0).then(|| {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.microsecond()
        )
    })
}
