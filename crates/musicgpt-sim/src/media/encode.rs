//! One call for every format: checks what was asked for, then hands over to
//! the format's writer.

use super::{AudioFormat, EncodeError, Melody, aac, flac, mp3, opus, wav, webm};

/// The sample rates a request may ask for, in hertz.
pub const SAMPLE_RATES: [u32; 9] = [
    8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000,
];

const DEFAULT_RATE: u32 = 44_100;
const DEFAULT_BITS: u16 = 16;

/// The tune as a complete file.
///
/// WAV has exactly the sample rate asked for (44.1 kHz if none is), and so has
/// FLAC up to 96 kHz. The other formats know fewer rates and take the nearest
/// they have. The bit depth (16 if none is asked for) means something only for
/// WAV (16, 24, 32) and FLAC (16, 24, and 32 written as 24); the others ignore
/// it.
///
/// # Errors
///
/// [`EncodeError::SampleRate`] for a rate outside [`SAMPLE_RATES`],
/// [`EncodeError::BitDepth`] for a depth the format cannot hold, and
/// [`EncodeError::Encoder`] if an encoder library refuses.
pub fn encode(
    melody: &Melody,
    format: AudioFormat,
    sample_rate: Option<u32>,
    bit_depth: Option<u16>,
) -> Result<Vec<u8>, EncodeError> {
    if let Some(rate) = sample_rate.filter(|rate| !SAMPLE_RATES.contains(rate)) {
        return Err(EncodeError::SampleRate(rate));
    }
    let rate = sample_rate.unwrap_or(DEFAULT_RATE);
    let bits = bit_depth.unwrap_or(DEFAULT_BITS);
    match format {
        AudioFormat::Wav => match bits {
            16 | 24 | 32 => wav::write(melody, rate, bits),
            _ => Err(EncodeError::BitDepth { format, bits }),
        },
        AudioFormat::Flac => match bits {
            // `flacenc` stops at 24 bits, as most players do.
            16 | 24 | 32 => flac::write(melody, nearest(&flac::RATES, rate), bits.min(24)),
            _ => Err(EncodeError::BitDepth { format, bits }),
        },
        AudioFormat::Mp3 => mp3::write(melody, nearest(&mp3::RATES, rate)),
        AudioFormat::Aac => aac::write(melody, nearest(&aac::RATES, rate)),
        AudioFormat::Ogg => opus::write_ogg(&opus_stream(melody, rate)?),
        AudioFormat::Webm => Ok(webm::write(&opus_stream(melody, rate)?)),
    }
}

fn opus_stream(melody: &Melody, rate: u32) -> Result<opus::Stream, EncodeError> {
    opus::Stream::encode(melody, nearest(&opus::RATES, rate))
}

/// The legal rate closest to the one asked for.
fn nearest(legal: &[u32], asked: u32) -> u32 {
    legal
        .iter()
        .copied()
        .min_by_key(|rate| rate.abs_diff(asked))
        .unwrap_or(asked)
}
