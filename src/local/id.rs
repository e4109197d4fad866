//! Ids that nobody can guess: of exports, tokens and requests.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::system::uuid_v4;

/// Makes UUIDs (version 4) from one random seed, so that only the start of the service can fail
/// for want of randomness.
#[derive(Debug)]
pub(super) struct Ids {
    seed: [u8; 32],
    made: AtomicU64,
}

impl Ids {
    pub(super) fn new(seed: [u8; 32]) -> Ids {
        Ids {
            seed,
            made: AtomicU64::new(0),
        }
    }

    /// `8-4-4-4-12` lower-case hexadecimal digits.
    pub(super) fn next(&self) -> String {
        let count = self.made.fetch_add(1, Ordering::Relaxed);
        let hash = Sha256::new()
            .chain_update(self.seed)
            .chain_update(count.to_be_bytes())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid_v4(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_4_and_never_the_same() {
        let ids = Ids::new([7; 32]);
        let (one, two) = (ids.next(), ids.next());
        assert_ne!(one, two);
        assert_ne!(one, Ids::new([8; 32]).next());
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4', "{one}");
        assert!(b"89ab".contains(&one.as_bytes()[19]), "{one}");
    }
}
