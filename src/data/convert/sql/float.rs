//! Floats as expressions that every SQLite reads exactly. Its own reading of decimal literals is
//! not always correctly rounded, and differs between versions and machines.

use std::fmt::Write;

/// Up to here, every integer is a float.
const MAX_EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// Up to here, every SQLite reads a power of ten exactly.
const MAX_DECIMALS: usize = 15;

/// The largest power of two that is an integer of SQLite.
const MAX_SHIFT: u32 = 62;

/// Appends a finite float: as the quotient of two exact numbers, `15/10.0`, which is correctly
/// rounded, or else as an integer times powers of two.
pub(super) fn push(out: &mut String, number: f64) {
    if number.is_sign_negative() {
        out.push('-');
    }
    let number = number.abs();
    if let Some((digits, decimals)) = quotient(number) {
        out.push_str(&digits);
        if decimals == 0 {
            out.push_str(".0");
        } else {
            out.push_str("/1");
            out.extend(std::iter::repeat_n('0', decimals));
            out.push_str(".0");
        }
    } else {
        push_binary(out, number);
    }
}

/// Returns the shortest decimal digits of a positive float, and how many are decimals, if both are
/// exact.
fn quotient(number: f64) -> Option<(String, usize)> {
    let text = number.to_string();
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{integer}{fraction}").parse::<u64>().ok()?;
    let is_exact = digits <= MAX_EXACT && fraction.len() <= MAX_DECIMALS;
    is_exact.then(|| (digits.to_string(), fraction.len()))
}

fn push_binary(out: &mut String, number: f64) {
    const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    /// The difference between the stored exponent and that of the last bit.
    const BIAS: i32 = 1075;
    let fraction = number.to_bits() & ((1 << FRACTION_BITS) - 1);
    let exponent = i32::try_from(number.to_bits() >> FRACTION_BITS).unwrap_or(i32::MAX);
    let (integer, exponent) = match exponent {
        0 => (fraction, 1),
        exponent => (fraction | 1 << FRACTION_BITS, exponent),
    };
    let exponent = exponent - BIAS;
    let operator = if exponent < 0 { '/' } else { '*' };
    let mut left = exponent.unsigned_abs();
    let _ = write!(out, "{integer}.0");
    while left > 0 {
        let shift = left.min(MAX_SHIFT);
        let _ = write!(out, "{operator}{}", 1_u64 << shift);
        left -= shift;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: f64) -> String {
        let mut out = String::new();
        push(&mut out, number);
        out
    }

    /// Calculates as SQLite does, from exact numbers only.
    fn read(expression: &str) -> f64 {
        let (sign, expression) = match expression.strip_prefix('-') {
            Some(rest) => (-1.0, rest),
            None => (1.0, expression),
        };
        let exact = |text: &str| text.parse::<f64>().unwrap();
        let mut parts = expression.split_inclusive(['/', '*']);
        let first = parts.next().unwrap();
        let mut result = exact(first.trim_end_matches(['/', '*']));
        let mut operator = first.chars().last();
        for part in parts {
            let operand = exact(part.trim_end_matches(['/', '*']));
            match operator {
                Some('/') => result /= operand,
                _ => result *= operand,
            }
            operator = part.chars().last();
        }
        sign * result
    }

    #[test]
    fn writes_decimals_as_quotients() {
        assert_eq!(written(0.0), "0.0");
        assert_eq!(written(-0.0), "-0.0");
        assert_eq!(written(1.5), "15/10.0");
        assert_eq!(written(-0.001), "-1/1000.0");
        assert_eq!(written(9_007_199_254_740_992.0), "9007199254740992.0");
    }

    #[test]
    fn writes_other_numbers_in_powers_of_two() {
        assert_eq!(
            written(f64::from_bits(1)),
            format!("1.0{}/262144", "/4611686018427387904".repeat(17))
                .replace("/262144", "/1048576")
        );
        assert_eq!(written(2_f64.powi(60)), "4503599627370496.0*256");
    }

    proptest! {
        #[test]
        fn is_exact_for_every_float(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            prop_assert_eq!(read(&written(number)).to_bits(), number.to_bits());
        }

        #[test]
        fn is_exact_for_decimals(digits in -1_000_000_000_000_000_i64..1_000_000_000_000_000, scale in 0..20) {
            let number: f64 = format!("{digits}e-{scale}").parse().unwrap();
            prop_assert_eq!(read(&written(number)).to_bits(), number.to_bits());
        }
    }
}
