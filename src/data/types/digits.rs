//! Whole numbers of up to 38 digits.

/// How many digits always fit.
pub(super) const MAX_DIGITS: u8 = 38;

/// How many digits always fit in 64 bits.
const WORD_DIGITS: u8 = 19;

/// Reads digits and nothing else, at most 38 after leading zeros.
pub(super) fn read(digits: &[u8]) -> Option<u128> {
    let Some((high, low)) = digits
        .len()
        .checked_sub(WORD_DIGITS.into())
        .filter(|high| *high > 0)
        .and_then(|high| digits.split_at_checked(high))
    else {
        return word(digits).map(u128::from);
    };
    let high = read(high)?;
    let low = word(low)?;
    let number = high.checked_mul(power(WORD_DIGITS)?)?;
    let number = number.checked_add(low.into())?;
    (number < power(MAX_DIGITS)?).then_some(number)
}

fn word(digits: &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number)
}

/// Returns 10 to this power, at most 38.
pub(super) fn power(exponent: u8) -> Option<u128> {
    10_u128.checked_pow(exponent.into())
}

/// Returns how many digits a number has; zero has none.
pub(super) fn count(number: u128) -> u8 {
    let log = number.checked_ilog10().map(u8::try_from);
    log.and_then(Result::ok).map_or(0, |log| log + 1)
}
