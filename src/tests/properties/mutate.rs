//! Inputs that nobody would think of: good ones, changed at random, the same each time.

/// SplitMix64.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end`, without `end`; 0 where there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from(self.next() % end).unwrap()
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// One of the seeds, changed in up to eight places by bytes, by `words`, or by parts of itself.
    pub(super) fn mutated(&mut self, seeds: &[&str], words: &[&str]) -> Vec<u8> {
        let mut input = self.pick(seeds).as_bytes().to_vec();
        for _ in 0..self.below(9) {
            let at = self.below(input.len() + 1);
            match self.below(6) {
                0 => input.truncate(at),
                1 => drop(input.drain(at..(at + self.below(8)).min(input.len()))),
                2 => input.insert(at, self.next().to_le_bytes()[0]),
                3 => insert(&mut input, at, self.pick(words).as_bytes()),
                4 => {
                    let from = self.below(input.len() + 1);
                    let to = (from + self.below(40)).min(input.len());
                    let part = input[from..to].to_vec();
                    insert(&mut input, at, &part);
                }
                _ => {
                    if let Some(byte) = input.get_mut(at) {
                        *byte ^= 1 << (self.next() % 8);
                    }
                }
            }
        }
        input
    }

    /// The same as a text.
    pub(super) fn mutated_text(&mut self, seeds: &[&str], words: &[&str]) -> String {
        String::from_utf8_lossy(&self.mutated(seeds, words)).into_owned()
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    input.splice(at..at, part.iter().copied());
}
