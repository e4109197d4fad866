//! The opaque tokens of ListExports.

use sha2::{Digest, Sha256};

/// Makes and checks tokens under a key that only this service has.
pub(super) struct PageTokens([u8; 32]);

const POSITION: usize = 8;
const CHECK: usize = 16;

impl PageTokens {
    pub(super) fn new(key: [u8; 32]) -> PageTokens {
        PageTokens(key)
    }

    /// A token for the page that begins before a position, of the list for one domain or all.
    pub(super) fn make(&self, position: usize, domain_name: Option<&str>) -> String {
        let position = (position as u64).to_be_bytes();
        let mut token = position.to_vec();
        token.extend_from_slice(&self.check(position, domain_name));
        hex::encode(token)
    }

    /// The position; `None` for a token that was not made here for the same list.
    pub(super) fn position(&self, token: &str, domain_name: Option<&str>) -> Option<usize> {
        let mut bytes = [0; POSITION + CHECK];
        hex::decode_to_slice(token, &mut bytes).ok()?;
        let (position, check) = bytes.split_first_chunk::<POSITION>()?;
        // Hexadecimal digits have two spellings; only one was given out.
        (self.check(*position, domain_name) == *check && hex::encode(bytes) == token)
            .then(|| usize::try_from(u64::from_be_bytes(*position)).ok())?
    }

    /// A hash of which half is cut off cannot be extended, so that the key may simply come first.
    fn check(&self, position: [u8; POSITION], domain_name: Option<&str>) -> [u8; CHECK] {
        let mut hash = Sha256::new().chain_update(self.0).chain_update(position);
        if let Some(name) = domain_name {
            hash.update(b"/");
            hash.update(name);
        }
        let mut check = [0; CHECK];
        check.copy_from_slice(&hash.finalize()[..CHECK]);
        check
    }
}

impl std::fmt::Debug for PageTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageTokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_only_as_it_was_given_and_for_the_same_list() {
        let tokens = PageTokens::new([1; 32]);
        let token = tokens.make(300, Some("Books"));
        assert_eq!(tokens.position(&token, Some("Books")), Some(300));
        assert_eq!(tokens.position(&token, Some("Cars")), None);
        assert_eq!(tokens.position(&token, None), None);
        assert_eq!(
            PageTokens::new([2; 32]).position(&token, Some("Books")),
            None
        );
        for at in 0..token.len() {
            let mut tampered = token.clone().into_bytes();
            tampered[at] = if tampered[at] == b'0' { b'1' } else { b'0' };
            let tampered = String::from_utf8(tampered).unwrap();
            assert_eq!(tokens.position(&tampered, Some("Books")), None, "{at}");
        }
        for other in ["", "x", "é", &token[1..], &token.to_uppercase()] {
            assert_eq!(tokens.position(other, Some("Books")), None, "{other}");
        }
    }
}
