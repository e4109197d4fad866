//! Exact decimal numbers.

use std::fmt;

use super::digits;

/// A decimal number, exactly: up to 38 digits before the point and up to 38 after it. `Display`
/// writes all digits of the scale: `-1.50`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Never set for zero.
    pub(super) is_negative: bool,
    pub(super) whole: u128,
    /// Less than 10 to the power of `scale`.
    pub(super) fraction: u128,
    pub(super) scale: u8,
}

impl Decimal {
    /// Returns the number of digits after the point.
    #[must_use]
    pub fn scale(&self) -> u8 {
        self.scale
    }

    /// Returns the number without its point: 150 for 1.50. Returns `None` if that has more than 38
    /// digits.
    #[must_use]
    pub fn unscaled(&self) -> Option<i128> {
        let power = digits::power(self.scale)?;
        let number = self.whole.checked_mul(power)?.checked_add(self.fraction)?;
        let number = i128::try_from(number).ok()?;
        if digits::count(number.unsigned_abs()) > digits::MAX_DIGITS {
            return None;
        }
        Some(if self.is_negative { -number } else { number })
    }

    /// Returns the same number with another scale, unless that would cut digits.
    pub(super) fn rescaled(self, scale: u8) -> Option<Decimal> {
        let fraction = if scale >= self.scale {
            let power = digits::power(scale - self.scale)?;
            self.fraction.checked_mul(power)?
        } else {
            let power = digits::power(self.scale - scale)?;
            if self.fraction % power != 0 {
                return None;
            }
            self.fraction / power
        };
        Some(Decimal {
            fraction,
            scale,
            ..self
        })
    }

    /// Returns the number of digits of the fraction without the zeros at its end.
    pub(super) fn significant_scale(self) -> u8 {
        let (mut fraction, mut scale) = (self.fraction, self.scale);
        while scale > 0 && fraction % 10 == 0 {
            fraction /= 10;
            scale -= 1;
        }
        scale
    }

    /// Returns how many digits are before the point; none for zero.
    pub(super) fn whole_digits(self) -> u8 {
        digits::count(self.whole)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        write!(f, "{sign}{}", self.whole)?;
        if self.scale > 0 {
            write!(f, ".{:0width$}", self.fraction, width = self.scale.into())?;
        }
        Ok(())
    }
}
