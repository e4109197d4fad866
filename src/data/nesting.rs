//! Follows the nesting of JSON without parsing it, so that the JSON may contain anything.

/// How deeply the next byte is nested. Bytes are passed in chunks.
#[derive(Debug, Clone, Default)]
pub(super) struct Nesting {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
}

/// The elements of an array that end in a chunk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) count: u64,
    /// The length of the chunk up to the last end.
    pub(super) last: usize,
}

/// As many bytes as a mask has bits.
const BLOCK_BYTES: usize = 64;

impl Nesting {
    /// Returns the length of what belongs to the object that the bytes began with, once its end is
    /// reached.
    pub(super) fn object_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = bytes.iter().position(|byte| self.step(*byte) == Some(0));
        end.map(|end| end + 1)
    }

    /// Finds the elements that end in this chunk of an array, if they are objects or arrays.
    pub(super) fn element_ends(&mut self, chunk: &[u8]) -> Ends {
        let mut ends = Ends::default();
        for (index, block) in chunk.chunks(BLOCK_BYTES).enumerate() {
            let mut add = |at| {
                ends.count += 1;
                ends.last = index * BLOCK_BYTES + at + 1;
            };
            if self.take_block(block, &mut add) {
                continue;
            }
            for (at, byte) in block.iter().enumerate() {
                if self.step(*byte) == Some(1) {
                    add(at);
                }
            }
        }
        ends
    }

    /// Returns whether the next byte is not part of an element of the array.
    pub(super) fn is_between_elements(&self) -> bool {
        self.depth <= 1 && !self.in_string
    }

    /// Takes a byte. Returns the depth if the byte closes an object or array.
    fn step(&mut self, byte: u8) -> Option<usize> {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.in_string => self.is_escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return Some(self.depth);
            }
            _ => {}
        }
        None
    }

    /// Takes a block without a loop over its bytes, which is many times as fast. Returns false, and
    /// takes nothing, if the block is too short or has a backslash that is not part of a string.
    fn take_block(&mut self, block: &[u8], add_end: &mut impl FnMut(usize)) -> bool {
        let Ok(block) = <&[u8; BLOCK_BYTES]>::try_from(block) else {
            return false;
        };
        // Most blocks have none, which is found faster than where they are.
        let has_backslash = block.contains(&b'\\');
        let backslashes = if has_backslash {
            mask(block, |byte| byte == b'\\')
        } else {
            0
        };
        let (escaped, is_escaped) = escaped(backslashes, self.is_escaped);
        let quotes = mask(block, |byte| byte == b'"') & !escaped;
        let outside = !in_strings(quotes, self.in_string);
        if backslashes & outside != 0 {
            return false;
        }
        self.in_string = outside >> (BLOCK_BYTES - 1) == 0;
        self.is_escaped = is_escaped;
        // Brackets and braces differ in one bit only.
        let closing = mask(block, |byte| byte | 0x20 == b'}') & outside;
        let opening = mask(block, |byte| byte | 0x20 == b'{') & outside;
        let ends = closing.count_ones() as usize;
        if ends == 0 || self.depth > ends + 1 {
            self.depth = self.depth + opening.count_ones() as usize - ends;
            return true;
        }
        let mut both = closing | opening;
        while both != 0 {
            let bit = both & both.wrapping_neg();
            if opening & bit != 0 {
                self.depth += 1;
            } else {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 1 {
                    add_end(bit.trailing_zeros() as usize);
                }
            }
            both ^= bit;
        }
        true
    }
}

/// Returns a bit for each byte that follows a backslash which is not escaped itself, and whether the
/// byte after the block does.
fn escaped(mut backslashes: u64, is_first_escaped: bool) -> (u64, bool) {
    let mut escaped = u64::from(is_first_escaped);
    let mut is_next_escaped = false;
    backslashes &= !escaped;
    while backslashes != 0 {
        let bit = backslashes & backslashes.wrapping_neg();
        escaped |= bit << 1;
        is_next_escaped = bit << 1 == 0;
        backslashes &= !(bit | bit << 1);
    }
    (escaped, is_next_escaped)
}

/// Returns a bit for each byte, the lowest for the first one: whether it is one of those.
fn mask(block: &[u8; BLOCK_BYTES], is_wanted: impl Fn(u8) -> bool) -> u64 {
    let mut bits = [0; BLOCK_BYTES];
    for (index, (bit, byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = u8::from(is_wanted(*byte)) << (index % 8);
    }
    bits.chunks_exact(8).rev().fold(0, |mask, eight| {
        let eight = eight.try_into().map_or(0, u64::from_le_bytes);
        // Adds up the eight bytes, none of which has a bit of another.
        mask << 8 | eight.wrapping_mul(0x0101_0101_0101_0101) >> 56
    })
}

/// Returns a bit for each byte: whether it belongs to a string, the first quote included and the
/// last one not.
fn in_strings(quotes: u64, starts_in_string: bool) -> u64 {
    // Each bit becomes the parity of itself and all lower ones.
    let parity = [1, 2, 4, 8, 16, 32]
        .into_iter()
        .fold(quotes, |parity, shift| parity ^ parity << shift);
    if starts_in_string { !parity } else { parity }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_an_object_with_any_content() {
        let json = b"{\"a\":[{\"b\":\"}\\\"]\xff\0\"}],\"c\":1},{}";
        let end = json.len() - 3;
        assert_eq!(Nesting::default().object_end(json), Some(end));
        for cut in 0..end {
            let mut nesting = Nesting::default();
            assert_eq!(nesting.object_end(&json[..cut]), None);
            assert_eq!(nesting.object_end(&json[cut..]), Some(end - cut));
        }
    }

    #[test]
    fn finds_the_ends_of_elements() {
        let ends = Nesting::default().element_ends(b" [ {\"a\":[1]}, [[]] ,1] ");
        assert_eq!(ends, Ends { count: 2, last: 18 });
        let mut nesting = Nesting::default();
        assert_eq!(nesting.element_ends(b"[{\"a\":\"b}]"), Ends::default());
        assert!(!nesting.is_between_elements());
        assert_eq!(nesting.element_ends(b"\"}"), Ends { count: 1, last: 2 });
        assert!(nesting.is_between_elements());
    }

    proptest::proptest! {
        #![proptest_config(crate::tests::items::few_cases())]

        #[test]
        fn whole_blocks_are_like_single_bytes(
            json in "\\[?([\\[\\]{}\"x]|\\\\[\"\\\\]|[a-z\"{,:]{40,90}){0,60}",
        ) {
            let (mut at_once, mut one_by_one) = (Nesting::default(), Nesting::default());
            let mut expected = Ends::default();
            for (at, byte) in json.bytes().enumerate() {
                if one_by_one.step(byte) == Some(1) {
                    expected.count += 1;
                    expected.last = at + 1;
                }
            }
            proptest::prop_assert_eq!(at_once.element_ends(json.as_bytes()), expected);
            proptest::prop_assert_eq!(format!("{at_once:?}"), format!("{one_by_one:?}"));
        }
    }
}
