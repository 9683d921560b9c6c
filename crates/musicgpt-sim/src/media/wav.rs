//! WAV files, through `hound`.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};

use super::{EncodeError, Melody};

/// The tune as a mono PCM file of 16, 24 or 32 bits.
pub(super) fn write(melody: &Melody, rate: u32, bits: u16) -> Result<Vec<u8>, EncodeError> {
    let error = EncodeError::from_encoder::<hound::Error>("wav");
    let spec = WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: bits,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut file, spec).map_err(&error)?;
    for sample in melody.integers(rate, bits) {
        writer.write_sample(sample).map_err(&error)?;
    }
    // Writes the lengths into the header; dropping the writer would do it
    // too, but could not say that it failed.
    writer.finalize().map_err(&error)?;
    Ok(file.into_inner())
}
