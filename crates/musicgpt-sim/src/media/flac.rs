//! FLAC files, through `flacenc`.

use flacenc::bitsink::ByteSink;
use flacenc::component::BitRepr;
use flacenc::error::Verify;
use flacenc::source::MemSource;

use super::{EncodeError, Melody};

/// The sample rates of the service that `flacenc` takes. FLAC itself has room
/// for the missing 192 kHz.
pub(super) const RATES: [u32; 8] = [
    8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];

/// The tune as a mono file of 16 or 24 bits; `rate` is one of [`RATES`].
pub(super) fn write(melody: &Melody, rate: u32, bits: u16) -> Result<Vec<u8>, EncodeError> {
    let config = flacenc::config::Encoder::default()
        .into_verified()
        .map_err(|(_, reason)| EncodeError::from_encoder("flac")(reason))?;
    let samples = melody.integers(rate, bits);
    let source = MemSource::from_samples(&samples, 1, usize::from(bits), rate as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(EncodeError::from_encoder("flac"))?;

    // The header's smallest block size must not count the last block (RFC
    // 9639, section 8.2), but `flacenc` counts it. Strict decoders then take
    // the file for one of varying block size and lose the last block.
    let info = stream.stream_info_mut();
    info.set_block_sizes(info.max_block_size(), info.max_block_size())
        .map_err(EncodeError::from_encoder("flac"))?;

    let mut sink = ByteSink::new();
    stream
        .write(&mut sink)
        .map_err(EncodeError::from_encoder("flac"))?;
    Ok(sink.into_inner())
}
