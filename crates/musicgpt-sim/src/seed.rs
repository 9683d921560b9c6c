//! Numbers and ids drawn from the seed: the same seed and the same requests
//! give the same answers.

/// Mixes two numbers into one that looks random (SplitMix64's finisher).
pub(crate) fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed
        .wrapping_add(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(salt.wrapping_mul(0xD1B5_4A32_D192_ED03));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stable number for a piece of text or a file (FNV-1a); not for security.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// An id in the shape of a version 4 UUID.
pub(crate) fn uuid(seed: u64, counter: u64) -> String {
    let high = mix(seed, counter.wrapping_mul(2));
    let low = mix(high, counter.wrapping_mul(2).wrapping_add(1));
    let low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF,
    )
}

/// One of `choices`; none if there are none.
pub(crate) fn pick<'a, T: ?Sized>(choices: &[&'a T], number: u64) -> Option<&'a T> {
    let count = u64::try_from(choices.len()).ok().filter(|n| *n > 0)?;
    let index = usize::try_from(number % count).ok()?;
    choices.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_uuids_and_differ() {
        let (one, two) = (uuid(7, 1), uuid(7, 2));
        assert_eq!(one.len(), 36);
        assert_eq!(one.as_bytes()[14], b'4');
        assert_ne!(one, two);
        assert_ne!(one, uuid(8, 1));
        assert_eq!(one, uuid(7, 1));
    }
}
