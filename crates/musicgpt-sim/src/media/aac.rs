//! AAC-LC in ADTS frames, through `syom`.

use syom::{AacError, EncodeOptions, EncodedFrame, Encoder};

use super::{EncodeError, Melody};

/// The sample rates of the service that ADTS headers can say; only 192 kHz
/// is missing.
pub(super) const RATES: [u32; 8] = [
    8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];

/// The tune as a mono stream; `rate` is one of [`RATES`].
pub(super) fn write(melody: &Melody, rate: u32) -> Result<Vec<u8>, EncodeError> {
    let error = EncodeError::from_encoder::<AacError>("aac");
    // AAC allows six bits a sample in one channel; four leave the slow rates
    // well inside that, and 96 kbit/s is plenty for the others.
    let bits_per_second = (4 * rate).min(96_000);
    let options = EncodeOptions::default().with_bitrate_bps(bits_per_second);

    // Frame by frame rather than with `syom::encode`, which puts an ID3 tag in
    // front: programs that look at the first bytes only would see an MP3.
    let mut file = Vec::new();
    let mut keep = |frame: EncodedFrame<'_>| {
        file.extend_from_slice(frame.au);
        Ok(())
    };
    let mut encoder = Encoder::new(rate, 1, &options).map_err(&error)?;
    encoder
        .feed(&[&melody.floats(rate)], &mut keep)
        .map_err(&error)?;
    encoder.finish(&mut keep).map_err(&error)?;
    Ok(file)
}
