//! A tiny seeded random generator (SplitMix64).
//!
//! Kept here rather than taken from a crate because the bytes of every tune
//! and cover depend on it: a crate may change its stream between versions,
//! this one never will.

/// A stream of pseudo-random numbers, the same on every machine.
pub(super) struct Rng(u64);

impl Rng {
    /// A stream of its own for every pair of numbers.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self(seed);
        // Mixing the seed before the stream is added keeps (1, 2) and (2, 1),
        // or neighbouring seeds, from ending up on the same stream.
        let mixed = rng.next();
        Self(mixed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, but not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from `low` up to, but not including, `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// True once in `n` times on average.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n.max(1))
    }

    /// One of `items`. The arrays are constants of this crate; an empty one
    /// does not compile.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, items: [T; N]) -> T {
        const { assert!(N > 0) };
        items[(self.next() % N as u64) as usize]
    }
}
