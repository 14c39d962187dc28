//! Changes to good bytes, all of them decided by one number.

/// A generator good enough to spread changes (xorshift; Marsaglia 2003), and the changes.
pub struct Mutator(u64);

/// Numbers at which readers of lengths, counts and offsets go wrong.
const EDGES: [u32; 14] = [
    0,
    1,
    2,
    7,
    8,
    0x7f,
    0x80,
    0xff,
    0xffff,
    0x0010_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    u32::MAX,
];

impl Mutator {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds begin far apart (splitmix64; Steele and others 2014), and 0 is no state.
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((z ^ (z >> 31)) | 1)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Up to 8 changes; `words` mean something to the reader.
    pub fn change(&mut self, bytes: &mut Vec<u8>, words: &[&str]) {
        for _ in 0..=self.below(8) {
            self.change_once(bytes, words);
        }
    }

    /// The same of a text; what is no UTF-8 afterwards is replaced.
    pub fn change_text(&mut self, text: &str, words: &[&str]) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.change(&mut bytes, words);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn change_once(&mut self, bytes: &mut Vec<u8>, words: &[&str]) {
        if bytes.is_empty() {
            bytes.extend(b"\0\n ");
        }
        let at = self.below(bytes.len());
        let len = 1 + self.below(64.min(bytes.len() - at));
        match self.below(9) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let copy = bytes[at..at + len].to_vec();
                let to = self.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => {
                let copy = bytes[at..at + len].to_vec();
                let to = self.below(bytes.len() - len + 1);
                bytes[to..to + len].copy_from_slice(&copy);
            }
            5 => {
                let edge = *self.pick(&EDGES);
                let raw = if self.below(2) == 0 {
                    edge.to_be_bytes()
                } else {
                    edge.to_le_bytes()
                };
                let end = bytes.len().min(at + 4);
                bytes[at..end].copy_from_slice(&raw[..end - at]);
            }
            6 if self.below(8) == 0 => bytes.truncate(at),
            6 | 7 if !words.is_empty() => {
                let word = self.pick(words).as_bytes().to_vec();
                let end = if self.below(2) == 0 {
                    at
                } else {
                    bytes.len().min(at + word.len())
                };
                bytes.splice(at..end, word);
            }
            _ => {
                let many = 1 + self.below(300);
                let byte = bytes[at];
                bytes.splice(at..at, std::iter::repeat_n(byte, many));
            }
        }
    }
}
