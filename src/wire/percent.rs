//! Percent-encoding as RFC 3986 and AWS's signatures want it.

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, percent_encode,
};

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Encodes everything but unreserved characters: for query parameters and form bodies.
pub(crate) fn encode(text: &(impl AsRef<[u8]> + ?Sized)) -> PercentEncode<'_> {
    percent_encode(text.as_ref(), RESERVED)
}

/// Encodes everything but unreserved characters and slashes.
pub(crate) fn encode_path(text: &(impl AsRef<[u8]> + ?Sized)) -> PercentEncode<'_> {
    percent_encode(text.as_ref(), RESERVED_IN_PATH)
}

/// Decodes what is encoded; a percent sign that starts no pair of hex digits stays as it is.
pub(crate) fn decode(text: &str) -> Cow<'_, [u8]> {
    percent_decode_str(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_all_but_unreserved_characters() {
        assert_eq!(encode("aZ09-._~").to_string(), "aZ09-._~");
        assert_eq!(encode("a/b ä+%").to_string(), "a%2Fb%20%C3%A4%2B%25");
        assert_eq!(encode_path("a/b ä").to_string(), "a/b%20%C3%A4");
    }

    #[test]
    fn decodes_pairs_of_hex_digits_only() {
        assert_eq!(decode("%7e%7E%4"), b"~~%4".as_slice());
        assert_eq!(decode("a+b"), b"a+b".as_slice());
    }
}
